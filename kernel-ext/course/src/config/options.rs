//! How a layer says once which options it has, for both ways: into a config and out of it.

use super::Config;
use crate::Result;

/// Options that several kinds of layers have in common.
pub trait OptionGroup {
    /// Adds them to a config.
    fn describe(&self, config: Config) -> Config {
        config
    }
    /// Takes from a config what is there.
    fn read(&mut self, _config: &Config) -> Result<()> {
        Ok(())
    }
}

/// The methods `describe` and `with_options` of a layer: how it begins, the options that this takes, those that are
/// set afterwards and keep their defaults where they are missing, sizes of at least 1 among them, weights by their
/// names, those of which there is only one value, those that mean nothing here, and groups of options.
///
/// `options!(|config| Self::new(config.size("units")?), given { "units": units }, groups { kernel });`
macro_rules! options {
    (
        |$config:ident| $new:expr
        $(, given { $($given:literal: $given_field:ident),* $(,)? })?
        $(, then { $($option:literal: $($field:ident).+),* $(,)? })?
        $(, sizes { $($size:literal: $($size_field:ident).+),* $(,)? })?
        $(, weights { $($of:literal: $weight:ident),* $(,)? })?
        $(, fixed { $($fixed:literal: $only:expr),* $(,)? })?
        $(, ignored { $($ignored:literal),* $(,)? })?
        $(, groups { $($group:ident),* $(,)? })?
        $(,)?
    ) => {
        fn describe(&self, config: $crate::config::Config) -> $crate::config::Config {
            $($(let config = config.with($given, $crate::config::ConfigValue::to_json(&self.$given_field));)*)?
            $($(let config = config.with($option, $crate::config::ConfigValue::to_json(&self.$($field).+));)*)?
            $($(let config = config.with($size, $crate::config::ConfigValue::to_json(&self.$($size_field).+));)*)?
            $($(let config = self.$weight.describe(config, $of);)*)?
            $($(let config = config.with($fixed, $crate::config::ConfigValue::to_json(&$only));)*)?
            $($(let config = $crate::config::OptionGroup::describe(&self.$group, config);)*)?
            config
        }

        fn with_options($config: &$crate::config::Config) -> $crate::Result<Self> {
            #[allow(unused_mut, reason = "some layers have nothing that is set afterwards")]
            let mut layer = $new;
            $($($config.set($option, &mut layer.$($field).+)?;)*)?
            $($($config.set_size($size, &mut layer.$($size_field).+)?;)*)?
            $($(layer.$weight.read($config, $of)?;)*)?
            $($($config.fixed($fixed, &$only)?;)*)?
            $($($config.ignore($ignored);)*)?
            $($($crate::config::OptionGroup::read(&mut layer.$group, $config)?;)*)?
            Ok(layer)
        }
    };
}
pub(crate) use options;

/// The methods of an [`OptionGroup`] whose fields are set one by one.
macro_rules! group {
    (
        $group:ty $(, for [$($parameters:tt)*])?;
        $($option:literal: $field:ident),*
        $(; sizes $($size:literal: $size_field:ident),*)?
    ) => {
        impl $(<$($parameters)*>)? $crate::config::OptionGroup for $group {
            fn describe(&self, config: $crate::config::Config) -> $crate::config::Config {
                config$(.with($option, $crate::config::ConfigValue::to_json(&self.$field)))*
                    $($(.with($size, $crate::config::ConfigValue::to_json(&self.$size_field)))*)?
            }

            fn read(&mut self, config: &$crate::config::Config) -> $crate::Result<()> {
                $(config.set($option, &mut self.$field)?;)*
                $($(config.set_size($size, &mut self.$size_field)?;)*)?
                Ok(())
            }
        }
    };
}
pub(crate) use group;
