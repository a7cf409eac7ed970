//! Finds the line of a cell again in the source that evcxr makes of it, and the other way round.
//!
//! evcxr moves statements and items about, so line numbers of its source mean nothing to a reader. A line
//! of code, though, is copied whole or from its first statement on, and that is how it is found.

/// A place in a cell. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The execution count of another cell; `None` for the one that is being run.
    pub cell: Option<usize>,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The cells of a session.
#[derive(Debug, Default)]
pub struct Cells {
    earlier: Vec<(usize, String)>,
    current: (usize, String),
}

impl Cells {
    /// Another cell is being run.
    pub fn push(&mut self, count: usize, code: &str) {
        let before = std::mem::replace(&mut self.current, (count, code.to_owned()));
        self.earlier.push(before);
    }

    /// The lines of the cell that is being run.
    pub fn line(&self, number: usize) -> Option<&str> {
        self.current.1.lines().nth(number.checked_sub(1)?)
    }

    /// The line at a place.
    pub fn line_at(&self, place: Place) -> Option<&str> {
        let Some(count) = place.cell else { return self.line(place.line) };
        let (_, code) = self.earlier.iter().find(|(earlier, _)| *earlier == count)?;
        code.lines().nth(place.line.checked_sub(1)?)
    }

    /// The place of `column` in a line of evcxr's source that reads `text`: in this cell, at the line
    /// nearest to `near` when there are several.
    pub fn find(&self, text: &str, column: usize, near: Option<usize>) -> Option<Place> {
        find_in(&self.current.1, text, column, near).map(|(line, column)| Place { cell: None, line, column })
    }

    /// As [`Cells::find`], but looks into earlier cells too, latest first.
    pub fn find_anywhere(&self, text: &str, column: usize) -> Option<Place> {
        self.find(text, column, None).or_else(|| {
            self.earlier.iter().rev().find_map(|(count, code)| {
                let (line, column) = find_in(code, text, column, None)?;
                Some(Place { cell: Some(*count), line, column })
            })
        })
    }
}

fn find_in(code: &str, text: &str, column: usize, near: Option<usize>) -> Option<(usize, usize)> {
    let wanted = text.trim();
    if wanted.is_empty() {
        return None;
    }
    let indent = text.chars().take_while(|character| character.is_whitespace()).count();
    let candidates = code.lines().enumerate().filter_map(|(index, line)| {
        let start = line[..line.find(wanted)?].chars().count();
        Some((index + 1, (start + column).saturating_sub(indent).max(1)))
    });
    candidates.min_by_key(|(line, _)| near.map_or(*line, |near| near.abs_diff(*line)))
}

#[cfg(test)]
mod tests {
    use super::{Cells, Place};

    #[test]
    fn lines_are_found_in_this_cell_and_in_earlier_ones() {
        let mut cells = Cells::default();
        cells.push(1, "fn half(x: i32) -> i32 {\n    x / zero()\n}");
        cells.push(2, "let a = 1; let b = half(a);\n    b;\nlet a = 2;\n    b;");
        let here = |line, column| Some(Place { cell: None, line, column });
        let cases = [
            ("let a = 1;", 5, None, here(1, 5)),
            ("let b = half(a);", 5, None, here(1, 16)),
            ("    b;", 5, Some(4), here(4, 5)),
            ("b;", 1, Some(2), here(2, 5)),
            ("    x / zero()", 9, None, Some(Place { cell: Some(1), line: 2, column: 9 })),
            ("generated();", 1, None, None),
            ("", 1, None, None),
        ];
        for (text, column, near, expected) in cases {
            let found = match near {
                Some(_) => cells.find(text, column, near),
                None => cells.find_anywhere(text, column),
            };
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
