//! How cargo has rustc compile a cell, in a file.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Stands for the folder of the cells: a template's record serves the kernels that copy it.
const FOLDER: &str = "{folder of the cells}";
/// Between the parts of a file.
const SEPARATOR: char = '\0';
/// What cargo tells crates of themselves in the environment, by which `env!` finds it.
const TOLD: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
/// In what form cargo wants messages. Without this, rustc writes them as evcxr reads them.
const FORM: &str = "--json=";

/// How cargo has rustc compile a cell of one manifest.
#[derive(Debug, PartialEq)]
pub struct Record {
    /// What it holds for: the manifest and the flags of the environment.
    conditions: [String; 2],
    rustc: String,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Record {
    /// What cargo asks of rustc right now, in this folder. Nothing where a text is not Unicode.
    pub fn of(rustc: &OsString, arguments: &[OsString], folder: &Path) -> Option<Self> {
        let texts = arguments.iter().map(|argument| argument.to_str().map(str::to_owned));
        let is_told = |name: &str| name == "CARGO" || TOLD.iter().any(|prefix| name.starts_with(prefix));
        Some(Self {
            conditions: conditions(folder)?,
            rustc: rustc.to_str()?.to_owned(),
            arguments: texts
                .filter(|text| !text.as_ref().is_some_and(|text| text.starts_with(FORM)))
                .collect::<Option<_>>()?,
            environment: env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .filter(|(name, _)| is_told(name))
                .collect(),
        })
    }

    /// Writes the record into a file, whole or not at all.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn write(&self, file: &Path, folder: &Path) -> io::Result<()> {
        let draft = file.with_extension("draft");
        fs::write(&draft, self.text(folder))?;
        fs::rename(draft, file)
    }

    /// The record of a file, where there is one that holds for the manifest in this folder.
    pub fn read(file: &Path, folder: &Path) -> Option<Self> {
        let record = Self::parse(&fs::read_to_string(file).ok()?, folder)?;
        (record.conditions == conditions(folder)?).then_some(record)
    }

    /// Rustc with these arguments.
    pub fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.rustc);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(folder);
        command
    }

    /// The shared library that rustc writes.
    pub fn product(&self) -> Option<PathBuf> {
        let folder = self.arguments.iter().skip_while(|argument| *argument != "--out-dir").nth(1)?;
        Some(Path::new(folder).join(format!("{}ctx{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX)))
    }

    fn text(&self, folder: &Path) -> String {
        let environment = self.environment.iter().map(|(name, value)| format!("{name}={value}"));
        let count = self.environment.len().to_string();
        let parts = self.conditions.iter().chain([&self.rustc, &count]).cloned();
        let parts: Vec<String> = parts.chain(environment).chain(self.arguments.iter().cloned()).collect();
        let text = parts.join(&SEPARATOR.to_string());
        folder.to_str().map_or(text.clone(), |folder| text.replace(folder, FOLDER))
    }

    fn parse(text: &str, folder: &Path) -> Option<Self> {
        let text = text.replace(FOLDER, folder.to_str()?);
        let mut parts = text.split(SEPARATOR).map(str::to_owned);
        let (conditions, rustc) = ([parts.next()?, parts.next()?], parts.next()?);
        let count = parts.next()?.parse().ok()?;
        let environment: Vec<(String, String)> = (0..count)
            .map(|_| parts.next()?.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
            .collect::<Option<_>>()?;
        Some(Self { conditions, rustc, environment, arguments: parts.collect() })
    }
}

fn conditions(folder: &Path) -> Option<[String; 2]> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let flags = env::var_os("RUSTFLAGS").unwrap_or_default().into_string().ok()?;
    Some([manifest, flags])
}

#[cfg(test)]
mod tests {
    use super::Record;
    use std::path::{Path, PathBuf};

    fn record(folder: &str) -> Record {
        let arguments = ["--crate-name", "ctx", "--out-dir", &format!("{folder}/target/deps")].map(str::to_owned);
        Record {
            conditions: ["[package]\n".to_owned(), "-Cprefer-dynamic".to_owned()],
            rustc: "/rust/bin/rustc".to_owned(),
            arguments: arguments.to_vec(),
            environment: vec![("CARGO_MANIFEST_DIR".to_owned(), folder.to_owned())],
        }
    }

    #[test]
    fn what_is_read_elsewhere_speaks_of_that_folder() {
        let text = record("/template").text(Path::new("/template"));
        let read = Record::parse(&text, Path::new("/kernels/a b")).expect("the file is whole");
        assert_eq!(read, record("/kernels/a b"));
        assert_eq!(read.product(), Some(PathBuf::from("/kernels/a b/target/deps/libctx.so")));
    }

    #[test]
    fn a_file_that_is_cut_short_says_nothing() {
        let text = record("/template").text(Path::new("/template"));
        let end = text.find("CARGO_MANIFEST_DIR").expect("the environment is there");
        assert_eq!(Record::parse(&text[..end], Path::new("/kernels")), None);
        assert_eq!(Record::parse("", Path::new("/kernels")), None);
    }
}
