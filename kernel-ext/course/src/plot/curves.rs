//! The curves of a training run.

use super::Figure;
use crate::History;
use crate::display::{Bundle, Show, shows_itself};

impl History {
    /// Loss on the left, metrics on the right, each for training and validation.
    pub fn plot(&self) -> Figure {
        self.figure()
    }

    pub(crate) fn figure(&self) -> Figure {
        let mut panels = vec!["loss"];
        panels.extend(self.keys().into_iter().filter(|key| *key != "loss" && !key.starts_with("val_")));
        let mut figure = Figure::columns(panels.len().min(2));
        for (place, name) in panels.iter().enumerate() {
            figure = if place > 0 { figure.next() } else { figure };
            figure = figure.title(*name).xlabel("epoch");
            for (key, label) in [((*name).to_string(), "train"), (format!("val_{name}"), "validation")] {
                if let Some(values) = self.get(&key) {
                    let epochs: Vec<f64> = self.epoch().iter().map(|&epoch| epoch as f64 + 1.0).collect();
                    figure = figure.plot(&epochs, values).label(label);
                }
            }
        }
        figure
    }
}

impl Show for History {
    /// The curves, and as text the dictionary.
    fn bundle(&self) -> Bundle {
        let text = Bundle::text(self.to_string());
        match self.figure().svg() {
            Ok(svg) => text.with("image/svg+xml", svg),
            Err(error) => Bundle::text(format!("{self}\nthe curves could not be drawn: {error}")),
        }
    }
}

shows_itself!(History);
