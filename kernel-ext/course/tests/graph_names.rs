//! Graphs without layers: names and texts. Names are counted in the process, so that this test is alone in its own.

use course::prelude::*;

const TWO_BY_TWO: &str = "    value {
      shape {
        dim {
          size: 2
        }
        dim {
          size: 2
        }
      }
    }
";

/// What TensorFlow 1 prints for two placeholders and their sum.
fn golden() -> String {
    let placeholder = |name: &str| {
        format!(
            "node {{\n  name: \"{name}\"\n  op: \"Placeholder\"\n  attr {{\n    key: \"dtype\"\n    value {{\n      \
             type: DT_FLOAT\n    }}\n  }}\n  attr {{\n    key: \"shape\"\n{TWO_BY_TWO}  }}\n}}\n"
        )
    };
    let sum = "node {\n  name: \"add\"\n  op: \"Add\"\n  input: \"Placeholder\"\n  input: \"Placeholder_1\"\n  attr {\n    \
               key: \"T\"\n    value {\n      type: DT_FLOAT\n    }\n  }\n}\nversions {\n  producer: 21\n}";
    placeholder("Placeholder") + &placeholder("Placeholder_1") + sum
}

#[test]
fn names_and_texts_are_those_of_tensorflow() {
    clear_session();
    let (x, y) = (placeholder([2, 2]), placeholder([2, 2]));
    let z = &x + &y;
    assert_eq!(z.to_string(), "Tensor(\"add:0\", shape=(2, 2), dtype=float32)");
    assert_eq!(z.graph_def().to_string(), golden());
    let (a, b) = (variable(&array![[1.0, 2.0], [3.0, 4.0]]), variable(&array![[0.0, 1.0], [1.0, 0.0]]));
    assert_eq!(a.to_string(), "Tensor(\"Variable:0\", shape=(2, 2), dtype=float32)");
    assert_eq!(a.dot(&b).to_string(), "Tensor(\"MatMul:0\", shape=(2, 2), dtype=float32)");
    assert_eq!(a.dot(&b).to_string(), "Tensor(\"MatMul_1:0\", shape=(2, 2), dtype=float32)");
    let scaled = 2.0 * &x + 1.0;
    assert_eq!(scaled.name(), "add_1");
    assert_eq!(scaled.graph_def().names(), ["Placeholder", "mul/x", "mul", "add_1/y", "add_1"]);
    let text = scaled.graph_def().to_string();
    assert!(text.contains("op: \"Const\"") && text.contains("float_val: 2\n"), "{text}");
    // What is used twice is one node.
    let square = x.sin() * x.sin();
    assert_eq!(square.graph_def().names(), ["Placeholder", "Sin", "Sin_1", "mul_1"]);
    let sine = x.sin();
    assert_eq!((&sine * &sine).graph_def().names(), ["Placeholder", "Sin_2", "mul_2"]);
    clear_session();
    assert_eq!(placeholder(()).to_string(), "Tensor(\"Placeholder:0\", shape=(None,), dtype=float32)");
}
