//! Layers without weights: options, and a computation.

/// Defines such a layer: its fields, how a config has them, and its output for an input; `label` is its name.
macro_rules! stateless {
    (
        $(#[$about:meta])*
        $layer:ident { $($(#[$option_about:meta])* $option:ident: $type:ty),* $(,)? }
        options($($options:tt)*)
        |$self:ident, $input:ident, $label:ident| $output:expr
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $layer {
            base: $crate::layers::LayerBase,
            $($(#[$option_about])* $option: $type,)*
        }

        impl $crate::layers::Layer for $layer {
            fn base(&self) -> &$crate::layers::LayerBase {
                &self.base
            }

            $crate::config::options!($($options)*);

            fn forward(&self, $input: &$crate::Tensor, _: &[$crate::Weight]) -> $crate::Result<$crate::Tensor> {
                let ($self, $label) = (self, self.base.name());
                let _ = ($self, &$label);
                $output
            }
        }
    };
}
pub(super) use stateless;
