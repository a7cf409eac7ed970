//! Values of options, as JSON and back.

use crate::layers::{FillMode, FlipMode, Interpolation, Margins, MergeMode, Padding, Sizes};
use crate::named::name_of;
use crate::{Activation, Distribution, Fan, Initializer, Regularizer};
use engine_api::Json;

/// What can be the value of an option.
pub trait ConfigValue: Sized {
    /// What is expected where one of these should stand, for messages.
    const EXPECTED: &'static str;
    /// The value in the form in which Keras writes it.
    fn to_json(&self) -> Json;
    /// The value of this form; `None` when it is something else.
    fn from_json(json: &Json) -> Option<Self>;
}

macro_rules! plain_values {
    ($($type:ty: $expected:literal, |$value:ident| $to:expr, |$json:ident| $from:expr;)*) => {$(
        impl ConfigValue for $type {
            const EXPECTED: &'static str = $expected;
            fn to_json(&self) -> Json {
                let $value = self;
                $to.into()
            }
            fn from_json($json: &Json) -> Option<Self> {
                $from
            }
        }
    )*};
}

plain_values! {
    bool: "true or false", |value| *value, |json| json.as_bool();
    usize: "a whole number from 0 on", |value| *value, |json| json.as_i64()?.try_into().ok();
    i64: "a whole number", |value| *value, |json| json.as_i64();
    f64: "a number", |value| *value, |json| json.as_f64();
    // In the digits of its own precision: 0.05, and not 0.0500000007.
    f32: "a number", |value| value.to_string().parse::<f64>().unwrap_or(f64::NAN), |json| Some(json.as_f64()? as f32);
    String: "a text", |value| value.clone(), |json| Some(json.as_str()?.into());
}

impl ConfigValue for Json {
    const EXPECTED: &'static str = "anything";
    fn to_json(&self) -> Json {
        self.clone()
    }
    fn from_json(json: &Json) -> Option<Self> {
        Some(json.clone())
    }
}

impl<T: ConfigValue> ConfigValue for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    fn to_json(&self) -> Json {
        self.as_ref().map_or(Json::Null, T::to_json)
    }
    fn from_json(json: &Json) -> Option<Self> {
        if json.is_null() { Some(None) } else { T::from_json(json).map(Some) }
    }
}

/// A list; a single value stands for a list of one.
impl<T: ConfigValue> ConfigValue for Vec<T> {
    const EXPECTED: &'static str = "a list";
    fn to_json(&self) -> Json {
        Json::List(self.iter().map(T::to_json).collect())
    }
    fn from_json(json: &Json) -> Option<Self> {
        match json {
            Json::List(values) => values.iter().map(T::from_json).collect(),
            Json::Null => None,
            value => T::from_json(value).map(|value| vec![value]),
        }
    }
}

/// One value for all places, or one for each.
impl<T: ConfigValue + Copy, const N: usize> ConfigValue for [T; N] {
    const EXPECTED: &'static str = "a number, or one for each axis";
    fn to_json(&self) -> Json {
        Json::List(self.iter().map(T::to_json).collect())
    }
    fn from_json(json: &Json) -> Option<Self> {
        match json {
            Json::List(values) => values.iter().map(T::from_json).collect::<Option<Vec<T>>>()?.try_into().ok(),
            value => T::from_json(value).map(|value| [value; N]),
        }
    }
}

impl<const RANK: usize> ConfigValue for Sizes<RANK> {
    const EXPECTED: &'static str = <[usize; RANK]>::EXPECTED;
    fn to_json(&self) -> Json {
        self.0.to_json()
    }
    fn from_json(json: &Json) -> Option<Self> {
        ConfigValue::from_json(json).map(Self)
    }
}

impl ConfigValue for Margins {
    const EXPECTED: &'static str = "a number, two, or [[top, bottom], [left, right]]";
    fn to_json(&self) -> Json {
        self.0.to_json()
    }
    fn from_json(json: &Json) -> Option<Self> {
        <[[usize; 2]; 2]>::from_json(json).map(Self)
    }
}

macro_rules! named_values {
    ($($type:ty: $expected:literal;)*) => {$(
        impl ConfigValue for $type {
            const EXPECTED: &'static str = $expected;
            fn to_json(&self) -> Json {
                name_of(self, Self::NAMES).into()
            }
            fn from_json(json: &Json) -> Option<Self> {
                json.as_str()?.parse().ok()
            }
        }
    )*};
}

named_values! {
    Activation: "the name of an activation function";
    Padding: "\"valid\", \"same\" or \"causal\"";
    MergeMode: "\"concat\", \"sum\", \"mul\" or \"ave\"";
    FillMode: "\"reflect\", \"constant\", \"nearest\" or \"wrap\"";
    FlipMode: "\"horizontal\", \"vertical\" or \"horizontal_and_vertical\"";
    Interpolation: "\"nearest\" or \"bilinear\"";
    Fan: "\"fan_in\", \"fan_out\" or \"fan_avg\"";
    Distribution: "\"truncated_normal\", \"untruncated_normal\" or \"uniform\"";
}

/// An object of Keras: `{"module": ..., "class_name": ..., "config": ..., "registered_name": ...}`.
pub(crate) fn object(module: &str, class_name: &str, config: Json) -> Json {
    Json::object([
        ("module", module.into()),
        ("class_name", class_name.into()),
        ("config", config),
        ("registered_name", Json::Null),
    ])
}

impl ConfigValue for Initializer {
    const EXPECTED: &'static str = "an initialiser";

    fn to_json(&self) -> Json {
        let named = |class_name: &str, options: &[(&str, f32)]| {
            let options = options.iter().map(|&(name, value)| (name, value.to_json()));
            object("keras.initializers", class_name, Json::object(options.chain([("seed", Json::Null)])))
        };
        let plain = |class_name: &str| object("keras.initializers", class_name, Json::Object(Vec::new()));
        match *self {
            Self::GlorotUniform => named("GlorotUniform", &[]),
            Self::GlorotNormal => named("GlorotNormal", &[]),
            Self::HeUniform => named("HeUniform", &[]),
            Self::HeNormal => named("HeNormal", &[]),
            Self::LecunUniform => named("LecunUniform", &[]),
            Self::LecunNormal => named("LecunNormal", &[]),
            Self::RandomUniform { minval, maxval } => named("RandomUniform", &[("minval", minval), ("maxval", maxval)]),
            Self::RandomNormal { mean, stddev } => named("RandomNormal", &[("mean", mean), ("stddev", stddev)]),
            Self::TruncatedNormal { mean, stddev } => named("TruncatedNormal", &[("mean", mean), ("stddev", stddev)]),
            Self::VarianceScaling { scale, mode, distribution } => {
                let options =
                    [("mode", mode.to_json()), ("distribution", distribution.to_json()), ("seed", Json::Null)];
                let options = std::iter::once(("scale", scale.to_json())).chain(options);
                object("keras.initializers", "VarianceScaling", Json::object(options))
            }
            Self::Orthogonal { gain } => named("Orthogonal", &[("gain", gain)]),
            Self::Identity { gain } => {
                object("keras.initializers", "Identity", Json::object([("gain", gain.to_json())]))
            }
            Self::Zeros => plain("Zeros"),
            Self::Ones => plain("Ones"),
            Self::Constant(value) => {
                object("keras.initializers", "Constant", Json::object([("value", value.to_json())]))
            }
        }
    }

    fn from_json(json: &Json) -> Option<Self> {
        if let Some(name) = json.as_str() {
            return name.parse().ok();
        }
        let config = &json["config"];
        let number = |option: &str, usual: f32| config[option].as_f64().map_or(usual, |value| value as f32);
        Some(match json["class_name"].as_str()? {
            "GlorotUniform" => Self::GlorotUniform,
            "GlorotNormal" => Self::GlorotNormal,
            "HeUniform" => Self::HeUniform,
            "HeNormal" => Self::HeNormal,
            "LecunUniform" => Self::LecunUniform,
            "LecunNormal" => Self::LecunNormal,
            "RandomUniform" => Self::RandomUniform { minval: number("minval", -0.05), maxval: number("maxval", 0.05) },
            "RandomNormal" => Self::RandomNormal { mean: number("mean", 0.0), stddev: number("stddev", 0.05) },
            "TruncatedNormal" => Self::TruncatedNormal { mean: number("mean", 0.0), stddev: number("stddev", 0.05) },
            "VarianceScaling" => Self::VarianceScaling {
                scale: number("scale", 1.0),
                mode: Fan::from_json(&config["mode"]).unwrap_or(Fan::In),
                distribution: Distribution::from_json(&config["distribution"]).unwrap_or(Distribution::TruncatedNormal),
            },
            "Identity" | "IdentityInitializer" => Self::Identity { gain: number("gain", 1.0) },
            "Orthogonal" | "OrthogonalInitializer" => Self::Orthogonal { gain: number("gain", 1.0) },
            "Zeros" => Self::Zeros,
            "Ones" => Self::Ones,
            "Constant" => Self::Constant(number("value", 0.0)),
            _ => return None,
        })
    }
}

impl ConfigValue for Regularizer {
    const EXPECTED: &'static str = "a regularizer: L1, L2 or L1L2";

    fn to_json(&self) -> Json {
        let [l1, l2] = self.factors();
        let options: Vec<(&str, Json)> =
            [("l1", l1), ("l2", l2)].into_iter().map(|(name, factor)| (name, factor.into())).collect();
        match (l1 != 0.0, l2 != 0.0) {
            (true, true) => object("keras.regularizers", "L1L2", Json::object(options)),
            (true, false) => object("keras.regularizers", "L1", Json::object(options.into_iter().take(1))),
            (false, _) => object("keras.regularizers", "L2", Json::object(options.into_iter().skip(1))),
        }
    }

    fn from_json(json: &Json) -> Option<Self> {
        if let Some(name) = json.as_str() {
            return name.parse().ok();
        }
        let factor = |name: &str| json["config"][name].as_f64().unwrap_or(0.0);
        match json["class_name"].as_str()? {
            "L1" | "L2" | "L1L2" => Some(Self::l1_l2(factor("l1"), factor("l2"))),
            _ => None,
        }
    }
}
