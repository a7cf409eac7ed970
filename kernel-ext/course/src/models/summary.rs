//! The table of a model's layers, as Keras 3 prints it.

use super::model::Model;
use super::sequential::Sequential;
use crate::display::{Bundle, Show, shows_itself};
use crate::text::{escape, thousands};
use crate::weight::Weight;
use std::fmt;

/// The titles of the columns, and whether numbers stand in them, at the right.
const COLUMNS: [(&str, bool); 4] =
    [("Layer (type)", false), ("Output Shape", false), ("Param #", true), ("Connected to", false)];

/// The widths of the columns between their rules, as Keras has them at 80 columns: for layers in a row, and for
/// others.
const WIDTHS: [&[usize]; 2] = [&[31, 22, 13], &[19, 17, 10, 17]];

/// A model's layers with shapes and parameter counts; shows itself as text and as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    name: String,
    /// A row a layer: kind, shape, parameters and, where layers do not stand in a row, what it was called on.
    rows: Vec<Vec<String>>,
    trainable: usize,
    frozen: usize,
    optimizer: Option<usize>,
}

impl Model {
    /// The table of the model's layers: kind, output shape, number of parameters.
    ///
    /// After training, `Total params` includes what the optimizer keeps, as in Keras.
    ///
    /// Source: `keras/src/utils/summary_utils.py`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([28, 28, 1]));
    /// model.add(Flatten::new());
    /// model.add(Dense::new(10).activation("softmax"));
    /// assert!(model.summary().to_string().contains(" Total params: 7,850 (30.66 KB)"));
    /// ```
    pub fn summary(&self) -> Summary {
        let count = |trainable| {
            self.weights().iter().filter(|weight| weight.trainable() == trainable).map(Weight::count).sum::<usize>()
        };
        let (trainable, frozen) = (count(true), count(false));
        let trained = self.program.as_ref().is_some_and(super::program::Program::trained);
        let optimizer = self.compiled.as_ref().filter(|_| trained).map(|c| c.optimizer.count_params(trainable));
        Summary { name: self.name.clone(), rows: super::rows::of(self), trainable, frozen, optimizer }
    }
}

impl Summary {
    /// All parameters, those of the optimizer included once it has any.
    pub fn total_params(&self) -> usize {
        self.trainable + self.frozen + self.optimizer.unwrap_or(0)
    }

    /// A row a layer, as the table shows them.
    pub(super) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// How many parameters training changes, and how many not.
    pub(super) fn counts(&self) -> [usize; 2] {
        [self.trainable, self.frozen]
    }

    fn totals(&self) -> Vec<(&'static str, usize)> {
        let mut totals = vec![
            ("Total params", self.total_params()),
            ("Trainable params", self.trainable),
            ("Non-trainable params", self.frozen),
        ];
        totals.extend(self.optimizer.map(|count| ("Optimizer params", count)));
        totals
    }

    pub(crate) fn html(&self) -> String {
        let cell = "padding:3px 14px;border-bottom:1px solid #d0d7de;color:#24292f;";
        let head = format!("{cell}font-weight:600;background:#f6f8fa;");
        let mut html = String::from(
            "<div style=\"display:inline-block;background:#fff;color:#24292f;padding:10px 12px;border-radius:6px\">",
        );
        html += &format!("<div style=\"font-weight:600;padding:0 0 6px 2px\">Model: \"{}\"</div>", escape(&self.name));
        html += "<table style=\"border-collapse:collapse;border:1px solid #d0d7de;margin:0\"><tr>";
        let columns = &COLUMNS[..self.widths().len()];
        let align = |is_number: bool| if is_number { "right" } else { "left" };
        for (title, is_number) in columns {
            html += &format!("<th style=\"{head}text-align:{}\">{title}</th>", align(*is_number));
        }
        html += "</tr>";
        for row in &self.rows {
            html += "<tr style=\"background:#fff\">";
            for ((title, is_number), text) in columns.iter().zip(row) {
                let font = if *title == "Output Shape" { ";font-family:monospace" } else { "" };
                html += &format!("<td style=\"{cell}text-align:{}{font}\">{}</td>", align(*is_number), escape(text));
            }
            html += "</tr>";
        }
        html += "</table><div style=\"padding:6px 0 0 2px;font-size:90%\">";
        for (name, count) in self.totals() {
            html += &format!("{name}: <b>{}</b> ({})<br>", thousands(count), bytes(4 * count));
        }
        html + "</div></div>"
    }
}

impl Summary {
    fn widths(&self) -> &'static [usize] {
        WIDTHS[usize::from(self.rows.first().is_some_and(|row| row.len() == WIDTHS[1].len()))]
    }

    fn line(&self, rule: &str, cells: &[&str]) -> String {
        let cells = cells.iter().zip(self.widths()).zip(COLUMNS).map(|((cell, &width), (_, is_number))| {
            if is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        format!("{rule} {} {rule}", cells.collect::<Vec<_>>().join(&format!(" {rule} ")))
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let rule = |left: &str, line: &str, cross: &str, right: &str| {
            let lines: Vec<String> = widths.iter().map(|width| line.repeat(width + 2)).collect();
            format!("{left}{}{right}", lines.join(cross))
        };
        writeln!(f, "Model: \"{}\"", self.name)?;
        writeln!(f, "{}", rule("┏", "━", "┳", "┓"))?;
        writeln!(f, "{}", self.line("┃", &COLUMNS.map(|(title, _)| title)))?;
        writeln!(f, "{}", rule("┡", "━", "╇", "┩"))?;
        for (place, row) in self.rows.iter().enumerate() {
            if place > 0 {
                writeln!(f, "{}", rule("├", "─", "┼", "┤"))?;
            }
            let cells: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, &width)| wrap(cell, width)).collect();
            for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
                let texts = cells.iter().map(|lines| lines.get(line).map_or("", String::as_str));
                writeln!(f, "{}", self.line("│", &texts.collect::<Vec<_>>()))?;
            }
        }
        writeln!(f, "{}", rule("└", "─", "┴", "┘"))?;
        let totals = self.totals().into_iter();
        let totals = totals.map(|(name, count)| format!(" {name}: {} ({})", thousands(count), bytes(4 * count)));
        f.write_str(&totals.collect::<Vec<_>>().join("\n"))
    }
}

impl Show for Summary {
    fn bundle(&self) -> Bundle {
        Bundle::text(self.to_string()).with("text/html", self.html())
    }
}

impl Show for Model {
    fn bundle(&self) -> Bundle {
        self.summary().bundle()
    }
}

impl Show for Sequential {
    fn bundle(&self) -> Bundle {
        self.summary().bundle()
    }
}

shows_itself!(Summary, Model, Sequential);

/// Breaks a text at spaces into lines of at most `width` letters.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

/// As `keras.src.utils.summary_utils.readable_memory_size`.
fn bytes(count: usize) -> String {
    let mut size = count as f64;
    for unit in ["B", "KB", "MB", "GB", "TB"] {
        if size < 1024.0 {
            return format!("{size:.2} {unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.2} PB")
}

#[cfg(test)]
mod tests {
    use super::{bytes, wrap};
    use crate::text::thousands;

    #[test]
    fn counts_and_sizes_read_as_in_keras() {
        for (count, text) in [(0, "0"), (850, "850"), (7850, "7,850"), (1_222_566, "1,222,566")] {
            assert_eq!(thousands(count), text);
        }
        for (count, text) in [(0, "0.00 B"), (236, "236.00 B"), (813_736, "794.66 KB"), (36_392, "35.54 KB")] {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn long_names_go_on_in_a_second_line() {
        assert_eq!(
            wrap("batch_normalization (BatchNormalization)", 31),
            ["batch_normalization", "(BatchNormalization)"]
        );
    }
}
