//! Options as data: what layers, models and optimizers are made with, in the words and the JSON of Keras.
//!
//! What may not be in this folder: what any option means.

mod layers;
mod models;
mod options;
mod training;
mod value;

pub(crate) use layers::float32;
pub use layers::{CustomObjects, deserialize, serialize};
pub(crate) use models::{describe_functional, describe_sequential};
#[doc(hidden)]
pub use options::OptionGroup;
pub(crate) use options::{group, options};
pub use value::ConfigValue;
pub(crate) use value::object;

use crate::error::{Error, Report, Result};
use crate::layers::Sizes;
pub use engine_api::Json;
use engine_api::ParseJson;
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::ops::Index;

/// The options of a layer, a model or an optimizer, by the names that Keras gives them.
///
/// ```
/// use course::prelude::*;
/// let config = Dense::new(10).activation("relu").named("hidden").get_config();
/// assert_eq!(config["units"], 10.into());
/// let copy = Dense::from_config(&config)?;
/// assert_eq!(copy.get_config(), config);
/// # Ok::<(), course::Error>(())
/// ```
#[derive(Clone)]
pub struct Config {
    class_name: String,
    options: Vec<(String, Json)>,
    /// Which options somebody has read.
    read: RefCell<HashSet<String>>,
    custom: CustomObjects,
}

/// What a JSON text says.
///
/// # Errors
/// [`Error::Backend`] when it is no JSON.
pub fn parse(text: &str) -> Result<Json> {
    crate::waist::call(&ParseJson { text: text.into() })
}

impl Config {
    /// The options of an object.
    pub fn from_json(class_name: &str, options: &Json) -> Self {
        Self::of(class_name, options, &CustomObjects::default())
    }

    /// A config without options, of a class such as `Dense`.
    pub fn new(class_name: &str) -> Self {
        Self::from_json(class_name, &Json::Null)
    }

    /// The options of an object; layers inside are made with the help of these custom objects.
    pub(crate) fn of(class_name: &str, options: &Json, custom: &CustomObjects) -> Self {
        let read = RefCell::default();
        Self { class_name: class_name.into(), options: options.as_object().to_vec(), read, custom: custom.clone() }
    }

    /// The class whose options these are.
    pub fn class_name(&self) -> &str {
        &self.class_name
    }

    /// The config with one more option.
    #[must_use]
    pub fn with(mut self, option: &str, value: impl Into<Json>) -> Self {
        self.options.push((option.into(), value.into()));
        self
    }

    /// The value of an option.
    ///
    /// # Errors
    /// [`Error::Value`] when the option is missing, or when its value is of another kind.
    pub fn get<T: ConfigValue>(&self, option: &str) -> Result<T> {
        self.find(option)?.ok_or_else(|| {
            let names: Vec<&str> = self.options.iter().map(|(name, _)| name.as_str()).collect();
            let report = Report::new(self.place(), format!("the option `{option}` is missing"));
            Error::value(report.expected(format!("`{option}`, {}", T::EXPECTED), names.join(", ")))
        })
    }

    /// The value of an option, if there is one of this name that is not nothing.
    ///
    /// # Errors
    /// [`Error::Value`] when its value is of another kind.
    pub fn find<T: ConfigValue>(&self, option: &str) -> Result<Option<T>> {
        self.read.borrow_mut().insert(option.into());
        let Some((_, json)) = self.options.iter().find(|(name, _)| name == option) else { return Ok(None) };
        match T::from_json(json) {
            Some(value) => Ok(Some(value)),
            None if json.is_null() => Ok(None),
            None => Err(self.cannot_be(option, T::EXPECTED, json)),
        }
    }

    /// Sets what an option stands for, if it is there.
    pub(crate) fn set<T: ConfigValue>(&self, option: &str, to: &mut T) -> Result<()> {
        if let Some(value) = self.find(option)? {
            *to = value;
        }
        Ok(())
    }

    /// Checks that an option has the only value that there is, if it is there.
    pub(crate) fn fixed<T: ConfigValue + PartialEq>(&self, option: &str, only: &T) -> Result<()> {
        match self.find::<T>(option) {
            Ok(None) => Ok(()),
            Ok(Some(value)) if value == *only => Ok(()),
            _ => Err(self.cannot_be(option, &only.to_json().to_string(), &self[option])),
        }
    }

    /// Passes over an option that means nothing, whatever its value.
    pub(crate) fn ignore(&self, option: &str) {
        self.read.borrow_mut().insert(option.into());
    }

    /// A size, which is at least 1.
    ///
    /// # Errors
    /// [`Error::Value`] when it is missing, or something else.
    pub fn size(&self, option: &str) -> Result<usize> {
        self.at_least_1(option, self.get(option)?, "a whole number from 1 on")
    }

    /// A size along each axis, at least 1.
    ///
    /// # Errors
    /// [`Error::Value`] when it is missing, or something else.
    pub fn sizes<const RANK: usize>(&self, option: &str) -> Result<Sizes<RANK>> {
        self.at_least_1(option, self.get(option)?, "whole numbers from 1 on")
    }

    /// As `set`, for sizes of at least 1.
    pub(crate) fn set_size<T: ConfigValue>(&self, option: &str, to: &mut T) -> Result<()> {
        match self.find(option)? {
            Some(value) => self.at_least_1(option, value, "whole numbers from 1 on").map(|value| *to = value),
            None => Ok(()),
        }
    }

    fn at_least_1<T: ConfigValue>(&self, option: &str, value: T, expected: &str) -> Result<T> {
        fn holds_zero(json: &Json) -> bool {
            json.as_i64() == Some(0) || json.as_list().iter().any(holds_zero)
        }
        if holds_zero(&value.to_json()) {
            return Err(self.cannot_be(option, expected, &self[option]));
        }
        Ok(value)
    }

    /// The value of an option if it passes a check.
    pub(crate) fn checked<T: ConfigValue>(
        &self,
        option: &str,
        expected: &str,
        check: impl Fn(&T) -> bool,
    ) -> Result<T> {
        let value = self.get(option)?;
        if check(&value) { Ok(value) } else { Err(self.cannot_be(option, expected, &self[option])) }
    }

    /// Checks a number, if it is there.
    pub(crate) fn checked_if_any(&self, option: &str, expected: &str, check: impl Fn(&f64) -> bool) -> Result<()> {
        match self.find(option)? {
            Some(value) if !check(&value) => Err(self.cannot_be(option, expected, &self[option])),
            _ => Ok(()),
        }
    }

    pub(crate) fn cannot_be(&self, option: &str, expected: &str, received: &Json) -> Error {
        let report = Report::new(self.place(), format!("the option `{option}` cannot be used"));
        Error::value(report.expected(expected, received))
    }

    /// Whom messages name.
    pub(crate) fn place(&self) -> String {
        format!("the config of `{}`", self.class_name)
    }

    /// Checks that all options have been read, but those that are off.
    pub(crate) fn expect_all_read(&self) -> Result<()> {
        let is_off = |value: &Json| match value {
            Json::Null | Json::Bool(false) => true,
            number => number.as_f64() == Some(0.0),
        };
        let read = self.read.borrow();
        let unknown = self.options.iter().find(|(name, value)| !read.contains(name) && !is_off(value));
        unknown.map_or(Ok(()), |(name, value)| {
            let mut known: Vec<&str> = read.iter().map(String::as_str).collect();
            known.sort_unstable();
            let report = Report::new(self.place(), format!("the option `{name}` is not known here"));
            let report = report.expected(format!("one of {}", known.join(", ")), format!("`{name}`: {value}"));
            Err(Error::value(report.hint("leave it out if the model can do without; nothing is ignored silently")))
        })
    }

    /// The options as an object.
    pub fn to_json(&self) -> Json {
        Json::Object(self.options.clone())
    }

    /// The layers and models of the user's own that may stand inside.
    pub(crate) fn custom(&self) -> &CustomObjects {
        &self.custom
    }

    /// The config of an object that stands inside this one.
    pub(crate) fn inner(&self, described: &Json) -> Self {
        Self::of(described["class_name"].as_str().unwrap_or_default(), &described["config"], &self.custom)
    }
}

/// The value of an option; `Null` when there is none.
impl Index<&str> for Config {
    type Output = Json;

    fn index(&self, option: &str) -> &Json {
        self.read.borrow_mut().insert(option.into());
        self.options.iter().find(|(name, _)| name == option).map_or(const { &Json::Null }, |(_, value)| value)
    }
}

impl PartialEq for Config {
    fn eq(&self, other: &Self) -> bool {
        self.class_name == other.class_name && self.options == other.options
    }
}

impl fmt::Display for Config {
    /// As JSON; with `{:#}` one line an option.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_json().fmt(f)
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {self}", self.class_name)
    }
}
