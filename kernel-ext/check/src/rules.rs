//! What a cell's metadata says about its check: `metadata.check` and tags.
//!
//! | metadata | meaning |
//! | --- | --- |
//! | `"check": {"tolerance": {"relative": 0.05, "absolute": 0.01, "reason": "..."}}` | another tolerance for all numbers, whole ones too |
//! | `"check": {"ignore": {"reason": "..."}}` | outputs are not compared; the cell must still run |
//! | `"check": {"raises": "Panic"}` | the error that a cell with the tag `raises-exception` must raise |
//! | `"check": {"timeout": 120}` | another time-out, in seconds |
//! | tag `raises-exception` | the cell must fail |
//! | tag `skip-execution` | the cell is not run |

use crate::notebook::Cell;
use serde_json::Value;
use std::time::Duration;

/// When two numbers count as equal: |a - b| <= `absolute` + `relative` * |b|, b being the stored one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// The part that holds for small numbers too.
    pub absolute: f64,
    /// The part that grows with the stored number.
    pub relative: f64,
    /// Whether a number without point and exponent must be the same. A count is right or wrong.
    pub whole_numbers_exact: bool,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { absolute: 1e-6, relative: 1e-3, whole_numbers_exact: true }
    }
}

/// How one cell is checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    /// When numbers count as equal.
    pub tolerance: Tolerance,
    /// Whether outputs are left uncompared.
    pub ignore: bool,
    /// Whether the cell must fail, and with which error if that is said.
    pub raises: Option<Option<String>>,
    /// Whether the cell is not run.
    pub skip: bool,
    /// How long the cell may run, where it is not the notebook's usual time.
    pub timeout: Option<Duration>,
}

impl Rules {
    /// Reads the rules of a cell.
    ///
    /// # Errors
    /// A text that says what is wrong with the metadata: an unknown key, a wrong type, a missing reason.
    pub fn of(cell: &Cell) -> Result<Self, String> {
        let mut rules = Self { skip: cell.has_tag("skip-execution"), ..Self::default() };
        if cell.has_tag("raises-exception") {
            rules.raises = Some(None);
        }
        let check = match &cell.metadata()["check"] {
            Value::Null => return Ok(rules),
            Value::Object(check) => check,
            other => return Err(format!("`check` is {other}; expected an object")),
        };
        for (key, value) in check {
            match key.as_str() {
                "tolerance" => rules.tolerance = tolerance(value)?,
                "ignore" => {
                    reason("ignore", value)?;
                    rules.ignore = true;
                }
                "raises" if rules.raises.is_none() => {
                    return Err(
                        "`check.raises` needs the tag `raises-exception`, or other tools stop at the cell".to_owned()
                    );
                }
                "raises" => {
                    let name = value
                        .as_str()
                        .ok_or_else(|| format!("`check.raises` is {value}; expected the name of an error"))?;
                    rules.raises = Some(Some(name.to_owned()));
                }
                "timeout" => {
                    let seconds =
                        value.as_u64().ok_or_else(|| format!("`check.timeout` is {value}; expected whole seconds"))?;
                    rules.timeout = Some(Duration::from_secs(seconds));
                }
                _ => return Err(format!("`check.{key}` is unknown; known: tolerance, ignore, raises, timeout")),
            }
        }
        Ok(rules)
    }
}

fn tolerance(value: &Value) -> Result<Tolerance, String> {
    reason("tolerance", value)?;
    let part = |key: &str| match &value[key] {
        Value::Null => Ok(0.0),
        Value::Number(number) => number.as_f64().filter(|number| *number >= 0.0).ok_or(()),
        _ => Err(()),
    };
    match (part("absolute"), part("relative")) {
        (Ok(absolute), Ok(relative)) if absolute + relative > 0.0 => {
            Ok(Tolerance { absolute, relative, whole_numbers_exact: false })
        }
        _ => Err(format!("`check.tolerance` is {value}; expected `relative`, `absolute` or both as positive numbers")),
    }
}

/// A rule that is looser than the usual one says why.
fn reason(rule: &str, value: &Value) -> Result<(), String> {
    match value["reason"].as_str() {
        Some(reason) if !reason.trim().is_empty() => Ok(()),
        _ => Err(format!("`check.{rule}` has no `reason`: say why the outputs may differ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Notebook;
    use serde_json::json;
    use std::path::Path;

    fn rules(metadata: Value) -> Result<Rules, String> {
        let cell = json!({"cell_type": "code", "source": "", "outputs": [], "metadata": metadata});
        let text = json!({"nbformat": 4, "metadata": {}, "cells": [cell]}).to_string();
        let notebook = Notebook::parse(Path::new("a.ipynb"), &text).unwrap();
        Rules::of(&notebook.cells()[0])
    }

    #[test]
    fn good_metadata() {
        let usual = Rules::default();
        let loose = Tolerance { absolute: 0.0, relative: 0.05, whole_numbers_exact: false };
        let table = [
            (json!({}), usual.clone()),
            (json!({"tags": ["skip-execution"]}), Rules { skip: true, ..usual.clone() }),
            (json!({"tags": ["raises-exception"]}), Rules { raises: Some(None), ..usual.clone() }),
            (
                json!({"tags": ["raises-exception"], "check": {"raises": "Panic"}}),
                Rules { raises: Some(Some("Panic".to_owned())), ..usual.clone() },
            ),
            (
                json!({"check": {"tolerance": {"relative": 0.05, "reason": "threads"}}}),
                Rules { tolerance: loose, ..usual.clone() },
            ),
            (json!({"check": {"ignore": {"reason": "the machine's name"}}}), Rules { ignore: true, ..usual.clone() }),
            (json!({"check": {"timeout": 9}}), Rules { timeout: Some(Duration::from_secs(9)), ..usual.clone() }),
        ];
        for (metadata, expected) in table {
            assert_eq!(rules(metadata.clone()), Ok(expected), "{metadata}");
        }
    }

    #[test]
    fn bad_metadata_says_what_is_wrong() {
        let table = [
            (json!(3), "`check` is 3; expected an object"),
            (json!({"tolerence": 1}), "`check.tolerence` is unknown; known: tolerance, ignore, raises, timeout"),
            (
                json!({"tolerance": {"relative": 0.1}}),
                "`check.tolerance` has no `reason`: say why the outputs may differ",
            ),
            (json!({"ignore": {"reason": " "}}), "`check.ignore` has no `reason`: say why the outputs may differ"),
            (
                json!({"tolerance": {"reason": "x"}}),
                r#"`check.tolerance` is {"reason":"x"}; expected `relative`, `absolute` or both as positive numbers"#,
            ),
            (json!({"timeout": "9"}), r#"`check.timeout` is "9"; expected whole seconds"#),
            (
                json!({"raises": "Panic"}),
                "`check.raises` needs the tag `raises-exception`, or other tools stop at the cell",
            ),
        ];
        for (check, expected) in table {
            assert_eq!(rules(json!({"check": check})), Err(expected.to_owned()));
        }
    }
}
