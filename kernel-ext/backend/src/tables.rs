//! Tables of comma-separated values.
//!
//! What may not be in this file: what the columns mean.

use crate::files;
use csv::{ReaderBuilder, StringRecord, Trim};
use engine_api::{Column, ColumnValues, Error, ReadCsv};

pub fn read_csv(request: ReadCsv) -> Result<Vec<Column>, Error> {
    let ReadCsv { file, separator, header } = request;
    let path = file.path.clone();
    let outside = |message| Error::Outside { place: path.clone(), message };
    let bytes = files::load(file)?.0;
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(header)
        .trim(Trim::All)
        .from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    let names = reader.headers().map_err(|error| outside(explain(&error))).cloned()?;
    let rows: Vec<StringRecord> =
        reader.records().collect::<Result<_, _>>().map_err(|error| outside(explain(&error)))?;
    if rows.is_empty() {
        return Err(outside("the table has no rows".into()));
    }
    let name = |place: usize| if header { names[place].into() } else { place.to_string() };
    Ok((0..names.len()).map(|place| Column { name: name(place), values: values(&rows, place) }).collect())
}

fn explain(error: &csv::Error) -> String {
    let line = error.position().map_or(0, |position| position.line());
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!(
            "line {line} has {len} values, the lines before it {expected_len}\n  hint: another separator is chosen by \
             `.separator(';')`; a separator inside a text stands between quotes"
        ),
        csv::ErrorKind::Utf8 { .. } => format!("line {line} is not UTF-8"),
        _ => error.to_string(),
    }
}

/// The values of a column: numbers when each is one, or is missing.
fn values(rows: &[StringRecord], place: usize) -> ColumnValues {
    let mut numbers = Vec::with_capacity(rows.len());
    for row in rows {
        let text = &row[place];
        match text.parse() {
            Ok(number) => numbers.push(number),
            Err(_) if matches!(text, "" | "NA" | "N/A" | "null" | "?") => numbers.push(f64::NAN),
            Err(_) => return ColumnValues::Texts(rows.iter().map(|row| row[place].into()).collect()),
        }
    }
    ColumnValues::Numbers(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine_api::LoadFile;

    fn read(content: &[u8], separator: u8, header: bool) -> Result<Vec<Column>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv").to_str().unwrap().to_string();
        std::fs::write(&path, content).unwrap();
        let file = LoadFile { path, gzip: false, sha256: String::new() };
        let place = folder.path().to_str().unwrap();
        read_csv(ReadCsv { file, separator, header }).map_err(|error| error.to_string().replace(place, ""))
    }

    fn numbers(name: &str, numbers: &[f64]) -> Column {
        Column { name: name.into(), values: ColumnValues::Numbers(numbers.to_vec()) }
    }

    #[test]
    fn columns_of_numbers_and_of_texts_are_told_apart() {
        let columns = read(b"\xef\xbb\xbfsize, kind\n1.5,\"a, b\"\n-2e3, c\n", b',', true).unwrap();
        let kinds = ColumnValues::Texts(vec!["a, b".into(), "c".into()]);
        assert_eq!(columns, [numbers("size", &[1.5, -2000.0]), Column { name: "kind".into(), values: kinds }]);
        let columns = read(b"1;2\r\n3;4\r\n", b';', false).unwrap();
        assert_eq!(columns, [numbers("0", &[1.0, 3.0]), numbers("1", &[2.0, 4.0])]);
    }

    #[test]
    fn missing_numbers_are_nan() {
        let columns = read(b"a,b\n1,x\nNA,y\n,z\n", b',', true).unwrap();
        let ColumnValues::Numbers(numbers) = &columns[0].values else { panic!("{columns:?}") };
        assert!(numbers[0] == 1.0 && numbers[1].is_nan() && numbers[2].is_nan());
    }

    #[test]
    fn broken_tables_name_the_line() {
        for (content, message) in [
            (&b"a,b\n1,2\n1,2,3\n"[..], "/table.csv: line 3 has 3 values, the lines before it 2\n  hint: another"),
            (b"a,b\n", "/table.csv: the table has no rows"),
            (b"", "/table.csv: the table has no rows"),
            (b"a,b\n1,\xff\n", "/table.csv: line 2 is not UTF-8"),
        ] {
            let error = read(content, b',', true).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
