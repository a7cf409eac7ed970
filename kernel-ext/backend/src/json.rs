//! What JSON texts say.

use engine_api::{Error, Json, ParseJson};
use serde_json::Value;

pub fn parse(request: ParseJson) -> Result<Json, Error> {
    let value = serde_json::from_str(&request.text).map_err(|error| Error::Outside {
        place: "the JSON text".into(),
        message: format!("{error}\n  hint: it must be what `to_json()` writes, here or in Keras"),
    })?;
    Ok(json(value))
}

fn json(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Json::Int(number),
            None => Json::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Json::Text(text),
        Value::Array(values) => Json::List(values.into_iter().map(json).collect()),
        Value::Object(entries) => Json::Object(entries.into_iter().map(|(name, value)| (name, json(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use engine_api::{Json, ParseJson};

    fn read(text: &str) -> Result<Json, String> {
        parse(ParseJson { text: text.into() }).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let entries = [
            ("z", Json::from(1_i64)),
            ("a", vec![0.5, 1e-7].into()),
            ("text", "a \"quote\" and a \\, lines\nand 数 🦀\u{1}".into()),
            ("none", Json::Null),
        ];
        let json = Json::object(entries);
        assert_eq!(read(&json.to_string()).unwrap(), json);
        assert_eq!(read(&format!("{json:#}")).unwrap(), json);
    }

    #[test]
    fn a_broken_text_is_refused_with_its_place() {
        let error = read("{\"a\": 1,}").unwrap_err();
        assert!(error.contains("line 1 column 9"), "{error}");
    }
}
