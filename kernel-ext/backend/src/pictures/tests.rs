//! Whole pictures.

use engine_api::{Colormap, Draw, Error, Figure, Mark, Panel};

fn line(label: &str, y: &[f64]) -> Mark {
    Mark::Line { label: label.into(), x: (1..=y.len()).map(|x| x as f64).collect(), y: y.to_vec() }
}

fn history() -> Figure {
    let loss = [0.39, 0.19, 0.14, 0.11, 0.09, 0.077, 0.066, 0.058, 0.05, 0.045];
    let val_loss = [0.21, 0.16, 0.13, 0.12, 0.105, 0.101, 0.098, 0.096, 0.0955, 0.097];
    let panel = |name: &str, f: fn(f64) -> f64| Panel {
        title: format!("model {name}"),
        x_label: "epoch".into(),
        y_label: name.into(),
        marks: vec![line("train", &loss.map(f)), line("validation", &val_loss.map(f))],
        axes: true,
    };
    let panels = vec![panel("loss", |loss| loss), panel("accuracy", |loss| 1.0 - 0.3 * loss)];
    Figure { panels, columns: 2, width: 900, height: 340 }
}

#[test]
fn look() {
    let svg = super::draw(Draw { figure: history() }).unwrap().svg;
    std::fs::write("/tmp/pic/history.svg", svg).unwrap();
}
