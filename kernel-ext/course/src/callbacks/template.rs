//! Names of files with numbers in them, as Python formats them.

use super::Logs;
use crate::error::{Error, Report, Result};

/// Puts numbers into a name such as `weights.{epoch:02d}-{val_loss:.2f}.safetensors`: the epoch from 1 on, the batch,
/// and the keys of the logs.
///
/// # Errors
/// When a key is not there, or a form is not known.
pub fn fill(template: &str, epoch: usize, batch: usize, logs: &Logs) -> Result<String> {
    let mut name = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (field, after) = after.split_once('}').ok_or_else(|| unclear(template, "a bracket is not closed"))?;
        let (key, form) = field.split_once(':').unwrap_or((field, ""));
        name += before;
        name += &match key {
            "epoch" => whole(epoch, form),
            "batch" => whole(batch, form),
            _ => real(logs.try_get(key)?, form),
        }
        .ok_or_else(|| unclear(template, &format!("`{form}` is no form of a number")))?;
        rest = after;
    }
    Ok(name + rest)
}

fn unclear(template: &str, problem: &str) -> Error {
    let report = Report::new(format!("the file name `{template}`"), problem);
    Error::value(report.hint("for example `weights.{epoch:02d}-{val_loss:.2f}.safetensors`"))
}

fn whole(number: usize, form: &str) -> Option<String> {
    let width = form.strip_suffix('d').unwrap_or(form);
    if width.is_empty() {
        return Some(number.to_string());
    }
    let size: usize = width.parse().ok()?;
    Some(if width.starts_with('0') { format!("{number:0size$}") } else { format!("{number:size$}") })
}

fn real(number: f64, form: &str) -> Option<String> {
    if form.is_empty() {
        return Some(number.to_string());
    }
    let digits = form.strip_prefix('.')?;
    let (digits, is_exponent) = match digits.strip_suffix('f') {
        Some(digits) => (digits, false),
        None => (digits.strip_suffix('e')?, true),
    };
    let digits: usize = digits.parse().ok()?;
    if !is_exponent {
        return Some(format!("{number:.digits$}"));
    }
    // Python writes the exponent with a sign and two digits.
    let text = format!("{number:.digits$e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    Some(format!("{mantissa}e{exponent:+03}"))
}

#[cfg(test)]
mod tests {
    use super::{Logs, fill};

    #[test]
    fn numbers_are_formatted_as_in_python() {
        let mut logs = Logs::default();
        logs.insert("val_loss", 0.0625);
        for (template, name) in [
            ("w", "w"),
            ("w.{epoch:02d}-{val_loss:.2f}", "w.03-0.06"),
            ("{epoch}/{batch:5d}", "3/   40"),
            ("{val_loss}-{val_loss:.3e}", "0.0625-6.250e-02"),
        ] {
            assert_eq!(fill(template, 3, 40, &logs).as_deref(), Ok(name), "{template}");
        }
        for template in ["{loss}", "{epoch", "{epoch:x}", "{val_loss:2}"] {
            assert!(fill(template, 3, 40, &logs).is_err(), "{template}");
        }
    }
}
