//! How plain data becomes bytes and back. Both sides are built from the same sources (checked by
//! the build id), so the form needs neither versions nor names.

use crate::{Attr, Error, Graph, Node, Op, Shape};

/// Collects the bytes of a message.
#[derive(Default)]
pub struct Writer(pub Vec<u8>);

/// Takes a message apart, from front to back.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (head, tail) =
            self.0.split_at_checked(len).ok_or_else(|| Error::Internal("a message was cut short".into()))?;
        self.0 = tail;
        Ok(head)
    }
}

/// Data that crosses the waist.
pub trait Wire: Sized {
    /// Appends the value's bytes.
    fn write(&self, to: &mut Writer);
    /// Reads a value written by [`Wire::write`].
    ///
    /// # Errors
    /// [`Error::Internal`] when the bytes are not such a value.
    fn read(from: &mut Reader) -> Result<Self, Error>;
}

macro_rules! wire_numbers {
    ($($number:ty),*) => {$(
        impl Wire for $number {
            fn write(&self, to: &mut Writer) {
                to.0.extend_from_slice(&self.to_le_bytes());
            }
            fn read(from: &mut Reader) -> Result<Self, Error> {
                let mut bytes = [0; size_of::<$number>()];
                bytes.copy_from_slice(from.take(size_of::<$number>())?);
                Ok(<$number>::from_le_bytes(bytes))
            }
        }
    )*};
}
wire_numbers!(u8, u32, u64, i64, f32, f64);

impl Wire for usize {
    fn write(&self, to: &mut Writer) {
        (*self as u64).write(to);
    }
    fn read(from: &mut Reader) -> Result<Self, Error> {
        usize::try_from(u64::read(from)?).map_err(|error| Error::Internal(error.to_string()))
    }
}

impl Wire for bool {
    fn write(&self, to: &mut Writer) {
        u8::from(*self).write(to);
    }
    fn read(from: &mut Reader) -> Result<Self, Error> {
        Ok(u8::read(from)? != 0)
    }
}

impl Wire for () {
    fn write(&self, _: &mut Writer) {}
    fn read(_: &mut Reader) -> Result<Self, Error> {
        Ok(())
    }
}

impl Wire for String {
    fn write(&self, to: &mut Writer) {
        self.len().write(to);
        to.0.extend_from_slice(self.as_bytes());
    }
    fn read(from: &mut Reader) -> Result<Self, Error> {
        let len = usize::read(from)?;
        String::from_utf8(from.take(len)?.to_vec()).map_err(|error| Error::Internal(error.to_string()))
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self, to: &mut Writer) {
        self.len().write(to);
        for item in self {
            item.write(to);
        }
    }
    fn read(from: &mut Reader) -> Result<Self, Error> {
        let len = usize::read(from)?;
        let mut items = Vec::with_capacity(len.min(from.0.len()));
        for _ in 0..len {
            items.push(T::read(from)?);
        }
        Ok(items)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self, to: &mut Writer) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }
    fn read(from: &mut Reader) -> Result<Self, Error> {
        Ok(if bool::read(from)? { Some(T::read(from)?) } else { None })
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
    }
    fn read(from: &mut Reader) -> Result<Self, Error> {
        Ok((A::read(from)?, B::read(from)?))
    }
}

/// Implements [`Wire`] field by field for a struct.
macro_rules! wire_struct {
    ($name:path { $($field:ident),* }) => {
        impl $crate::Wire for $name {
            fn write(&self, to: &mut $crate::Writer) {
                let Self { $($field),* } = self;
                $($crate::Wire::write($field, to);)*
                let _ = to;
            }
            fn read(from: &mut $crate::Reader) -> Result<Self, $crate::Error> {
                let _ = &from;
                Ok(Self { $($field: $crate::Wire::read(from)?),* })
            }
        }
    };
}

/// Implements [`Wire`] for an enum: a number for the variant, then its fields.
macro_rules! wire_enum {
    ($name:path { $($tag:literal => $variant:ident { $($field:tt : $bind:ident),* }),* $(,)? }) => {
        impl $crate::Wire for $name {
            fn write(&self, to: &mut $crate::Writer) {
                match self {
                    $(Self::$variant { $($field: $bind),* } => {
                        $crate::Wire::write(&($tag as u8), to);
                        $($crate::Wire::write($bind, to);)*
                    })*
                }
            }
            fn read(from: &mut $crate::Reader) -> Result<Self, $crate::Error> {
                match <u8 as $crate::Wire>::read(from)? {
                    $($tag => Ok(Self::$variant { $($field: $crate::Wire::read(from)?),* }),)*
                    tag => Err($crate::Error::Internal(format!("variant {tag} of {} is unknown", stringify!($name)))),
                }
            }
        }
    };
}
pub(crate) use {wire_enum, wire_struct};

impl Wire for Shape {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
    }
    fn read(from: &mut Reader) -> Result<Self, Error> {
        Ok(Shape(Wire::read(from)?))
    }
}

wire_enum!(Attr {
    0 => Bool { 0: value },
    1 => Int { 0: value },
    2 => Float { 0: value },
    3 => Text { 0: value },
    4 => Ints { 0: value },
    5 => Floats { 0: value },
});
wire_struct!(Op { name, attrs });
wire_struct!(Node { op, inputs, label });
wire_struct!(Graph { nodes });
wire_enum!(Error {
    0 => Shape { place: place, message: message, hint: hint },
    1 => Unknown { name: name, known: known },
    2 => Outside { place: place, message: message },
    3 => BuildMismatch { here: here, there: there },
    4 => Internal { 0: message },
    5 => NotFinite { place: place, message: message },
    6 => Memory { place: place, needed: needed, available: available },
});

#[cfg(test)]
mod tests {
    use super::{Reader, Wire, Writer};
    use crate::{Attr, Error, Graph, Op, Shape};

    #[test]
    fn a_graph_survives_the_journey_and_a_cut_message_is_refused() {
        let mut graph = Graph::default();
        let x = graph.add(Op::input(&Shape::batch_of(&[3])), &[], "input");
        graph.add(Op::new("softmax").with("axis", Attr::Int(-1)), &[x], "sm");
        let mut writer = Writer::default();
        graph.write(&mut writer);
        assert_eq!(Graph::read(&mut Reader(&writer.0)), Ok(graph));
        for len in 0..writer.0.len() {
            assert!(matches!(Graph::read(&mut Reader(&writer.0[..len])), Err(Error::Internal(_))), "cut at {len}");
        }
    }
}
