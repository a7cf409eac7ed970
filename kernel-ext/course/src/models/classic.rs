//! A model's table as Keras 2 printed it.

use super::summary::Summary;
use crate::text::thousands;

const TITLES: [&str; 4] = ["Layer (type)", "Output Shape", "Param #", "Connected to"];

/// Where the columns end: for layers in a row, and for others.
const ENDS: [&[usize]; 2] = [&[29, 55, 65], &[32, 53, 65, 98]];

impl Summary {
    /// The table as Keras 2.2.4 printed it, which older course documents show.
    ///
    /// Source: `keras/utils/layer_utils.py` of Keras 2.2.4.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([60]));
    /// model.add(Dense::new(128).named("dense_1"));
    /// let text = model.summary().classic();
    /// let row = "dense_1 (Dense)              (None, 128)               7808      ";
    /// assert_eq!(text.lines().nth(3), Some(row));
    /// assert!(text.contains("Total params: 7,808\n"));
    /// ```
    pub fn classic(&self) -> String {
        let ends = ENDS[usize::from(self.rows().first().is_some_and(|row| row.len() == TITLES.len()))];
        let width = ends[ends.len() - 1];
        let (thin, thick) = ("_".repeat(width), "=".repeat(width));
        let mut lines = vec![thin.clone(), line(&TITLES.map(String::from), ends), thick.clone()];
        for (place, row) in self.rows().iter().enumerate() {
            let mut row = row.clone();
            row[2] = row[2].replace(',', "");
            // Each connection has a line of its own.
            let connections: Vec<String> =
                row.get(3).iter().flat_map(|text| text.split(", ")).map(String::from).collect();
            row.truncate(3);
            lines.push(line(&[&row[..], &connections[..connections.len().min(1)]].concat(), ends));
            let more = connections.iter().skip(1);
            lines.extend(more.map(|text| line(&[String::new(), String::new(), String::new(), text.clone()], ends)));
            lines.push(if place + 1 == self.rows().len() { thick.clone() } else { thin.clone() });
        }
        let [trainable, frozen] = self.counts();
        for (name, count) in [("Total", trainable + frozen), ("Trainable", trainable), ("Non-trainable", frozen)] {
            lines.push(format!("{name} params: {}", thousands(count)));
        }
        lines.push(thin);
        lines.join("\n")
    }
}

/// Texts that end where the columns do; longer ones are cut.
fn line(cells: &[String], ends: &[usize]) -> String {
    let mut line: Vec<char> = Vec::new();
    for (place, (cell, &end)) in cells.iter().zip(ends).enumerate() {
        if place > 0 {
            line.pop();
            line.push(' ');
        }
        line.extend(cell.chars());
        line.resize(end, ' ');
    }
    line.into_iter().collect()
}
