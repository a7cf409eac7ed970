//! Things that can be given by name: activations, initialisers, losses, metrics, optimizers.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A function of the user's own, with a name. It is equal to its clones alone.
pub(crate) struct NamedFunction<F: ?Sized> {
    pub name: String,
    pub function: Arc<F>,
}

impl<F: ?Sized> Clone for NamedFunction<F> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), function: Arc::clone(&self.function) }
    }
}

impl<F: ?Sized> fmt::Debug for NamedFunction<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl<F: ?Sized> PartialEq for NamedFunction<F> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.function, &other.function)
    }
}

/// Lets a type be given by a name, as in Keras: `From<&str>` panics at the caller's line and lists
/// the right names, `FromStr` returns the error. The first name of a line is the usual one.
macro_rules! names_of {
    ($type:ty, $kind:literal { $($name:literal $(| $alias:literal)* => $value:expr,)* }) => {
        impl $type {
            /// The names that stand for one of these; other names of the same stand behind the first.
            pub const NAMES: &'static [&'static str] = &[$($name $(, $alias)*),*];
        }

        impl std::str::FromStr for $type {
            type Err = $crate::Error;

            fn from_str(name: &str) -> Result<Self, $crate::Error> {
                match name.to_lowercase().as_str() {
                    $($name $(| $alias)* => Ok($value),)*
                    _ => Err($crate::Error::Name {
                        kind: $kind,
                        given: name.into(),
                        known: Self::NAMES.iter().map(|&name| name.into()).collect(),
                    }),
                }
            }
        }

        impl From<&str> for $type {
            #[track_caller]
            fn from(name: &str) -> Self {
                $crate::error::expect_good(name.parse())
            }
        }
    };
}
pub(crate) use names_of;

/// The usual one of the names that stand for a value.
pub(crate) fn name_of<T: FromStr + PartialEq>(value: &T, names: &[&'static str]) -> &'static str {
    let is_name = |name: &&&str| name.parse().is_ok_and(|named: T| named == *value);
    names.iter().find(is_name).copied().unwrap_or_default()
}

/// Lets a list be given by one of its things, by a name, or by an array of names; wrong names panic at the
/// caller's line.
macro_rules! lists_of {
    ($list:ty, $type:ty) => {
        impl From<$type> for $list {
            fn from(one: $type) -> Self {
                vec![one].into()
            }
        }

        impl From<&str> for $list {
            #[track_caller]
            fn from(name: &str) -> Self {
                [name].into()
            }
        }

        impl<const N: usize> From<[&str; N]> for $list {
            #[track_caller]
            fn from(names: [&str; N]) -> Self {
                let mut list = Vec::with_capacity(N);
                for name in names {
                    list.push(<$type>::from(name));
                }
                list.into()
            }
        }
    };
}
pub(crate) use lists_of;
