//! JSON as plain data: what configurations of models are written in.

use crate::wire::wire_enum;
use std::fmt;
use std::ops::Index;

/// A JSON value. Objects keep the order of their entries.
///
/// ```
/// use engine_api::Json;
/// let dense = Json::object([("units", 10.into()), ("activation", "relu".into()), ("bias", Json::Null)]);
/// assert_eq!(dense.to_string(), r#"{"units": 10, "activation": "relu", "bias": null}"#);
/// assert_eq!(dense["units"].as_i64(), Some(10));
/// assert!(dense["kernel"].is_null());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Json {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number; one that is not finite is written as `null`, since JSON has no word for it.
    Float(f64),
    /// A text.
    Text(String),
    /// Values in a row.
    List(Vec<Json>),
    /// Values by their names.
    Object(Vec<(String, Json)>),
}

/// Asks for what a JSON text says.
#[derive(Clone, Debug)]
pub struct ParseJson {
    /// The text.
    pub text: String,
}

wire_enum!(Json {
    0 => Null {},
    1 => Bool { 0: value },
    2 => Int { 0: value },
    3 => Float { 0: value },
    4 => Text { 0: value },
    5 => List { 0: values },
    6 => Object { 0: entries },
});

static NULL: Json = Json::Null;

impl Json {
    /// An object of these entries.
    pub fn object<K: Into<String>>(entries: impl IntoIterator<Item = (K, Json)>) -> Self {
        Self::Object(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// The value of an object's entry.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries.iter().find(|(entry, _)| entry == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// True or false, if it is one of them.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The values in a row; of anything else none.
    pub fn as_list(&self) -> &[Self] {
        match self {
            Self::List(values) => values,
            _ => &[],
        }
    }

    /// The entries of an object; of anything else none.
    pub fn as_object(&self) -> &[(String, Self)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }
}

/// The value of an entry; `Null` when there is none.
impl Index<&str> for Json {
    type Output = Json;

    fn index(&self, name: &str) -> &Json {
        self.get(name).unwrap_or(&NULL)
    }
}

/// The value at a place of a list; `Null` when there is none.
impl Index<usize> for Json {
    type Output = Json;

    fn index(&self, place: usize) -> &Json {
        self.as_list().get(place).unwrap_or(&NULL)
    }
}

macro_rules! json_from {
    ($($type:ty: |$value:ident| $json:expr;)*) => {$(
        impl From<$type> for Json {
            fn from($value: $type) -> Self {
                $json
            }
        }
    )*};
}

json_from! {
    bool: |value| Self::Bool(value);
    i64: |value| Self::Int(value);
    i32: |value| Self::Int(value.into());
    usize: |value| i64::try_from(value).map_or(Self::Float(value as f64), Self::Int);
    f64: |value| Self::Float(value);
    &str: |value| Self::Text(value.into());
    String: |value| Self::Text(value);
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl fmt::Display for Json {
    /// The text, in one line; with `{:#}` one line an entry.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lay_out(f, 0)
    }
}

impl Json {
    fn lay_out(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) if number.is_finite() => write!(f, "{number:?}"),
            Self::Float(_) => f.write_str("null"),
            Self::Text(text) => write_text(f, text),
            // Numbers in a row stay in their line.
            Self::List(values) if values.iter().all(|value| value.as_list().len() + value.as_object().len() == 0) => {
                write_all(f, None, ['[', ']'], values, |f, value| value.lay_out(f, depth))
            }
            Self::List(values) => write_all(f, Some(depth), ['[', ']'], values, |f, value| value.lay_out(f, depth + 1)),
            Self::Object(entries) => write_all(f, Some(depth), ['{', '}'], entries, |f, (name, value)| {
                write_text(f, name)?;
                f.write_str(": ")?;
                value.lay_out(f, depth + 1)
            }),
        }
    }
}

/// Writes things between brackets, each in a line of its own when the format asks for it and there is a depth.
fn write_all<T>(
    f: &mut fmt::Formatter<'_>,
    depth: Option<usize>,
    [open, close]: [char; 2],
    things: &[T],
    mut write: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    let depth = depth.filter(|_| f.alternate() && !things.is_empty());
    let begin_line = |f: &mut fmt::Formatter<'_>, depth: usize| write!(f, "\n{:width$}", "", width = 2 * depth);
    write!(f, "{open}")?;
    for (place, thing) in things.iter().enumerate() {
        if place > 0 {
            f.write_str(if depth.is_some() { "," } else { ", " })?;
        }
        depth.map_or(Ok(()), |depth| begin_line(f, depth + 1))?;
        write(f, thing)?;
    }
    depth.map_or(Ok(()), |depth| begin_line(f, depth))?;
    write!(f, "{close}")
}

/// A text between quotes.
fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for letter in text.chars() {
        match letter {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            letter if (letter as u32) < 0x20 => write!(f, "\\u{:04x}", letter as u32)?,
            letter => write!(f, "{letter}")?,
        }
    }
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::Json;
    use crate::{Reader, Wire, Writer};

    fn example() -> Json {
        let numbers = Json::from(vec![1.0, 1e-7, -2.5]);
        let inner = Json::object([("text", Json::from("a \"quote\", a \\ and\n数 🦀\u{1}")), ("none", Json::Null)]);
        Json::object([("numbers", numbers), ("inner", inner), ("list", Json::List(vec![Json::Object(Vec::new())]))])
    }

    #[test]
    fn texts_in_one_line_and_in_many() {
        let line = r#"{"numbers": [1.0, 1e-7, -2.5], "inner": {"text": "a \"quote\", a \\ and\n数 🦀\u0001", "none": null}, "list": [{}]}"#;
        assert_eq!(example().to_string(), line);
        let lines =
            "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": [\n      {\n        \"d\": true\n      }\n    ]\n  }\n}";
        let inner = Json::object([("c", vec![Json::object([("d", true.into())])].into())]);
        let json = Json::object([("a", vec![1_i64, 2].into()), ("b", inner)]);
        assert_eq!(format!("{json:#}"), lines);
    }

    #[test]
    fn a_value_survives_the_journey() {
        let mut writer = Writer::default();
        Wire::write(&example(), &mut writer);
        assert_eq!(<Json as Wire>::read(&mut Reader(&writer.0)), Ok(example()));
    }
}
