//! Tables of numbers and texts.

use super::file;
use crate::display::{Bundle, Show, shows_itself};
use crate::error::{Error, Report, Result, expect_good};
use crate::{text, waist};
use engine_api::{Column, ColumnValues, LoadFile, ReadCsv};
use ndarray::{Array1, Array2};
use std::fmt;
use std::path::{Path, PathBuf};

/// How many rows a table shows of itself.
const HEAD: usize = 5;

/// How a file of comma-separated values is to be read.
///
/// ```
/// use course::datasets::Csv;
/// let path = std::env::temp_dir().join("course-example-table.csv");
/// std::fs::write(&path, "5,1;good\n-2;bad\n").unwrap();
/// let table = Csv::new(&path).separator(';').header(false).read()?;
/// assert_eq!(table.columns(), ["0", "1"]);
/// # Ok::<(), course::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Csv {
    path: PathBuf,
    sha256: String,
    separator: char,
    header: bool,
    names: Vec<String>,
}

impl Csv {
    /// A file with commas between values, whose first line names the columns; `.gz` files are unpacked.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().into(), sha256: String::new(), separator: ',', header: true, names: Vec::new() }
    }

    /// What stands between values.
    #[must_use]
    pub fn separator(mut self, separator: char) -> Self {
        self.separator = separator;
        self
    }

    /// Whether the first line names the columns; otherwise their names are `0`, `1`, ...
    #[must_use]
    pub fn header(mut self, header: bool) -> Self {
        self.header = header;
        self
    }

    /// The names of the columns of a file whose first line does not name them.
    ///
    /// ```
    /// use course::datasets::Csv;
    /// let path = std::env::temp_dir().join("course-example-names.csv");
    /// std::fs::write(&path, "1,2\n3,4\n").unwrap();
    /// let table = Csv::new(&path).names(&["x", "y"]).read()?;
    /// assert_eq!((table.columns(), table.column("y").sum()), (vec!["x", "y"], 6.0));
    /// # Ok::<(), course::Error>(())
    /// ```
    #[must_use]
    pub fn names(mut self, names: &[&str]) -> Self {
        self.names = names.iter().map(|&name| name.into()).collect();
        self.header(false)
    }

    /// The hash that the unpacked file must have, in hexadecimal.
    #[must_use]
    pub fn sha256(mut self, sha256: &str) -> Self {
        self.sha256 = sha256.into();
        self
    }

    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, is not the expected one, or when a line has more or fewer values than others or than
    /// there are names.
    pub fn read(&self) -> Result<DataFrame> {
        let Ok(separator @ 1..=127) = u8::try_from(self.separator) else {
            let report = Report::new("Csv", "`separator` must be an ASCII character");
            return Err(Error::value(report.expected("such as ',' or ';' or '\\t'", self.separator)));
        };
        let file: LoadFile = file(&self.path, &self.sha256)?;
        let mut columns = waist::call(&ReadCsv { file, separator, header: self.header })?;
        if !self.names.is_empty() {
            if self.names.len() != columns.len() {
                let report = Report::new(self.path.display().to_string(), "there is not one name for each column");
                return Err(Error::value(report.expected(columns.len(), self.names.len())));
            }
            columns.iter_mut().zip(&self.names).for_each(|(column, name)| column.name.clone_from(name));
        }
        Ok(DataFrame(columns))
    }
}

/// Reads a table of comma-separated values whose first line names the columns.
///
/// # Errors
/// As [`Csv::read`].
///
/// Source: `pandas.read_csv`.
///
/// ```
/// use course::prelude::*;
/// let path = std::env::temp_dir().join("course-example-read.csv");
/// std::fs::write(&path, "kind,height,width\ncat,3,4\ndog,6,8\ncat,2,5\n").unwrap();
/// let table = read_csv(&path)?;
/// assert_eq!(table.column("height"), array![3.0, 6.0, 2.0]);
/// assert_eq!(table.select(&["width", "height"]), array![[4.0, 3.0], [8.0, 6.0], [5.0, 2.0]]);
/// let (y, names) = table.classes("kind");
/// assert_eq!((y, names), (array![0, 1, 0], vec!["cat".to_string(), "dog".to_string()]));
/// # Ok::<(), course::Error>(())
/// ```
pub fn read_csv(path: impl AsRef<Path>) -> Result<DataFrame> {
    Csv::new(path).read()
}

/// A table: columns with names, each of numbers or of texts.
///
/// As the value of a cell it shows its first rows.
#[derive(Clone, Debug, PartialEq)]
pub struct DataFrame(Vec<Column>);

impl DataFrame {
    /// The names of the columns.
    pub fn columns(&self) -> Vec<&str> {
        self.0.iter().map(|column| column.name.as_str()).collect()
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.0.first().map_or(0, |column| match &column.values {
            ColumnValues::Numbers(numbers) => numbers.len(),
            ColumnValues::Texts(texts) => texts.len(),
        })
    }

    /// A column of numbers; NaN where the table has none.
    ///
    /// # Shapes
    /// (rows,)
    ///
    /// # Panics
    /// When there is no such column, or when it holds texts; [`DataFrame::try_column`] returns the error instead.
    #[track_caller]
    pub fn column(&self, name: &str) -> Array1<f64> {
        expect_good(self.try_column(name))
    }

    /// As [`DataFrame::column`].
    ///
    /// # Errors
    /// [`Error::Name`] when there is no such column, [`Error::Data`] when it holds texts.
    pub fn try_column(&self, name: &str) -> Result<Array1<f64>> {
        match &self.find(name)?.values {
            ColumnValues::Numbers(numbers) => Ok(numbers.clone().into()),
            ColumnValues::Texts(texts) => {
                let number = |text: &String| text.parse::<f64>().is_err();
                let (row, text) = texts.iter().enumerate().find(|(_, text)| number(text)).unwrap_or((0, &texts[0]));
                let report = Report::new("DataFrame", format!("column `{name}` does not hold numbers (row {row})"));
                let hint = format!("`classes({name:?})` numbers the texts, `texts({name:?})` gives them as they are");
                Err(Error::data(report.expected("a number", format!("{text:?}")).hint(hint)))
            }
        }
    }

    /// Several columns of numbers side by side.
    ///
    /// # Shapes
    /// (rows, names)
    ///
    /// # Panics
    /// As [`DataFrame::column`].
    #[track_caller]
    pub fn select(&self, names: &[&str]) -> Array2<f64> {
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            columns.push(self.column(name));
        }
        Array2::from_shape_fn((self.rows(), names.len()), |(row, column)| columns[column][row])
    }

    /// A column as texts.
    ///
    /// # Panics
    /// When there is no such column.
    #[track_caller]
    pub fn texts(&self, name: &str) -> Vec<String> {
        match &expect_good(self.find(name)).values {
            ColumnValues::Numbers(numbers) => numbers.iter().map(f64::to_string).collect(),
            ColumnValues::Texts(texts) => texts.clone(),
        }
    }

    /// A column as class numbers, with the texts that they stand for in alphabetical order.
    ///
    /// # Shapes
    /// (rows,)
    ///
    /// # Panics
    /// When there is no such column.
    ///
    /// Source: `sklearn.preprocessing.LabelEncoder`.
    #[track_caller]
    pub fn classes(&self, name: &str) -> (Array1<usize>, Vec<String>) {
        let texts = self.texts(name);
        let mut names = texts.clone();
        names.sort();
        names.dedup();
        (texts.iter().map(|text| names.partition_point(|name| name < text)).collect(), names)
    }

    fn find(&self, name: &str) -> Result<&Column> {
        self.0.iter().find(|column| column.name == name).ok_or_else(|| Error::Name {
            kind: "column",
            given: name.into(),
            known: self.columns().into_iter().map(String::from).collect(),
        })
    }

    /// The first rows as texts, the names first.
    fn head(&self) -> Vec<Vec<String>> {
        let rows = self.rows().min(HEAD);
        let mut lines = vec![[vec![String::new()], self.columns().into_iter().map(String::from).collect()].concat()];
        lines.extend((0..rows).map(|row| vec![row.to_string()]));
        for column in &self.0 {
            for (row, line) in lines[1..].iter_mut().enumerate() {
                line.push(match &column.values {
                    ColumnValues::Numbers(numbers) => numbers[row].to_string(),
                    ColumnValues::Texts(texts) => texts[row].clone(),
                });
            }
        }
        lines
    }

    fn size(&self) -> String {
        format!("[{} rows x {} columns]", self.rows(), self.0.len())
    }
}

impl fmt::Display for DataFrame {
    /// The first rows, each column as wide as its widest text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.head();
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        for line in &lines {
            let cells: Vec<String> = line
                .iter()
                .enumerate()
                .map(|(column, text)| format!("{text:>width$}", width = width(column)))
                .collect();
            writeln!(f, "{}", cells.join("  "))?;
        }
        write!(f, "{}", self.size())
    }
}

impl Show for DataFrame {
    fn bundle(&self) -> Bundle {
        let row = |tag: &str, line: &[String]| {
            let cells: String = line.iter().map(|cell| format!("<{tag}>{}</{tag}>", text::escape(cell))).collect();
            format!("<tr>{cells}</tr>")
        };
        let lines = self.head();
        let body: String = lines[1..].iter().map(|line| row("td", line)).collect();
        let head = row("th", &lines[0]);
        let html = format!("<table><thead>{head}</thead><tbody>{body}</tbody></table><p>{}</p>", self.size());
        Bundle::text(self.to_string()).with("text/html", html)
    }
}

shows_itself!(DataFrame);

#[cfg(test)]
mod tests {
    use super::{Column, ColumnValues, Csv, DataFrame};

    fn table() -> DataFrame {
        let kinds = ["b", "a", "<b>"].map(String::from).to_vec();
        DataFrame(vec![
            Column { name: "size".into(), values: ColumnValues::Numbers(vec![1.5, -2.0, f64::NAN]) },
            Column { name: "kind".into(), values: ColumnValues::Texts(kinds) },
        ])
    }

    #[test]
    fn a_table_shows_its_first_rows() {
        let expected = "   size  kind\n0   1.5     b\n1    -2     a\n2   NaN   <b>\n[3 rows x 2 columns]";
        assert_eq!(table().to_string(), expected);
        let html = crate::display::Show::bundle(&table()).get("text/html").expect("HTML").to_string();
        assert!(html.contains("<td>1</td><td>-2</td><td>a</td>") && html.contains("&lt;b&gt;"), "{html}");
    }

    #[test]
    fn wrong_columns_are_named() {
        let error = table().try_column("sise").unwrap_err().to_string();
        assert!(error.contains("sise") && error.contains("size"), "{error}");
        let error = table().try_column("kind").unwrap_err().to_string();
        assert!(error.starts_with("DataFrame: column `kind` does not hold numbers (row 0)"), "{error}");
        let error = Csv::new("x.csv").separator('€').read().unwrap_err().to_string();
        assert!(error.starts_with("Csv: `separator` must be an ASCII character"), "{error}");
    }
}
