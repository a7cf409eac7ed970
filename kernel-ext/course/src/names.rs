//! Names as Keras gives them: `dense`, `dense_1`, ..., counted in the process.

use std::collections::BTreeMap;
use std::sync::Mutex;

static USED: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// Begins the counting of layer and model names anew, so that the next dense layer is `dense`
/// again, and lets the random numbers begin anew from the seed.
///
/// Source: `keras.utils.clear_session`.
///
/// ```
/// use course::prelude::*;
/// clear_session();
/// assert_eq!(Dense::new(3).name(), "dense");
/// assert_eq!(Dense::new(3).name(), "dense_1");
/// clear_session();
/// assert_eq!(Dense::new(3).name(), "dense");
/// ```
pub fn clear_session() {
    used().clear();
    crate::seed::restart();
}

/// The next free name of a class such as `MaxPooling2D`: `max_pooling2d`, `max_pooling2d_1`.
pub(crate) fn next_name(class_name: &str) -> String {
    let base = snake_case(class_name);
    numbered(base.clone(), &base)
}

/// The next free name of a node of a graph: `add`, `add_1`.
pub(crate) fn next_node(kind: &str) -> String {
    numbered(format!("node {kind}"), kind)
}

/// The name itself at first, then with numbers behind it.
fn numbered(counter: String, name: &str) -> String {
    let mut used = used();
    let count = used.entry(counter).or_insert(0);
    *count += 1;
    if *count == 1 { name.into() } else { format!("{name}_{}", *count - 1) }
}

fn used() -> std::sync::MutexGuard<'static, BTreeMap<String, usize>> {
    USED.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// As `keras.src.utils.naming.to_snake_case`.
pub(crate) fn snake_case(class_name: &str) -> String {
    let letters: Vec<char> = class_name.chars().collect();
    let mut name = String::new();
    for (place, &letter) in letters.iter().enumerate() {
        if place > 0 && letter.is_uppercase() {
            let begins_word = letters.get(place + 1).is_some_and(|next| next.is_lowercase() || next.is_ascii_digit());
            if begins_word || letters[place - 1].is_lowercase() {
                name.push('_');
            }
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn class_names_become_layer_names_as_in_keras() {
        for (class_name, name) in [
            ("Dense", "dense"),
            ("Conv2D", "conv2d"),
            ("MaxPooling2D", "max_pooling2d"),
            ("BatchNormalization", "batch_normalization"),
            ("SimpleRNN", "simple_rnn"),
            ("LSTM", "lstm"),
            ("InputLayer", "input_layer"),
            ("PReLU", "p_re_lu"),
        ] {
            assert_eq!(snake_case(class_name), name);
        }
    }
}
