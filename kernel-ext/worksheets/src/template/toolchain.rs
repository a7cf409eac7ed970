//! The Rust toolchain that compiles cells.

use super::{Error, tree};
use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The toolchain that `rust-toolchain.toml` of the project selects.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// The name by which rustup knows it.
    pub channel: String,
    /// What `rustc --version --verbose` prints.
    pub version: String,
    /// The platform that it compiles for, `x86_64-unknown-linux-gnu` for example.
    pub host: String,
    /// The folder that it is installed in.
    pub sysroot: PathBuf,
}

impl Toolchain {
    /// Asks the compiler that is used in the project's folder.
    ///
    /// # Errors
    /// When there is no compiler, or it cannot say what it is.
    pub fn find(root: &Path) -> Result<Self, Error> {
        let version = rustc(root, &["--version", "--verbose"])?;
        let host = version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .ok_or_else(|| Error::Toolchain(format!("rustc does not name its host: {version}")))?
            .to_owned();
        let sysroot = PathBuf::from(rustc(root, &["--print", "sysroot"])?.trim());
        Ok(Self { channel: channel(root)?, version, host, sysroot })
    }

    /// The programs of this toolchain, which start faster than rustup's stand-ins for them.
    pub fn programs(&self) -> PathBuf {
        self.sysroot.join("bin")
    }

    /// The folder of the shared libstd that cells are linked with.
    pub fn libraries(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(&self.host).join("lib")
    }

    /// The sources of the standard library, where rustup's component rust-src is installed.
    pub fn library(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib/src/rust/library")
    }

    /// A name for folders that hold what belongs to this compiler alone.
    pub fn name(&self) -> String {
        let version: String = self.version.split_whitespace().take(4).collect::<Vec<_>>().join("-");
        version.chars().filter(|character| character.is_ascii_alphanumeric() || ".-".contains(*character)).collect()
    }

    /// Adds the sources of the standard library, from which rust-analyzer knows types and docs.
    ///
    /// # Errors
    /// When they are missing and rustup cannot add them.
    pub fn require_sources(&self, progress: &mut dyn FnMut(&str)) -> Result<(), Error> {
        let sources = self.library().join("Cargo.toml");
        if sources.is_file() {
            return Ok(());
        }
        progress("adding the sources of Rust's standard library (rustup component add rust-src)");
        let output = Command::new("rustup")
            .args(["component", "add", "rust-src", "--toolchain", &self.channel])
            .output()
            .map_err(|reason| Error::Program { program: "rustup".to_owned(), reason })?;
        if output.status.success() && sources.is_file() {
            return Ok(());
        }
        Err(Error::Toolchain(format!(
            "the toolchain component rust-src is missing and could not be added: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )))
    }
}

/// Makes a folder that rustup takes for a toolchain: everything is the other toolchain's, except cargo. evcxr asks rustup
/// for its programs.
///
/// # Errors
/// When something cannot be read or written.
pub fn with_cargo(sysroot: &Path, cargo: &Path, folder: &Path) -> Result<(), Error> {
    let programs = folder.join("bin");
    fs::create_dir_all(&programs).map_err(|reason| Error::file(&programs, reason))?;
    let link = |original: &Path, name: &Path| symlink(original, name).map_err(|reason| Error::file(name, reason));
    link(&sysroot.join("lib"), &folder.join("lib"))?;
    let originals = sysroot.join("bin");
    for entry in fs::read_dir(&originals).map_err(|reason| Error::file(&originals, reason))?.flatten() {
        if entry.file_name() != "cargo" {
            link(&entry.path(), &programs.join(entry.file_name()))?;
        }
    }
    tree::link(cargo, &programs.join("cargo"))
}

/// Makes such a folder anew from another one.
///
/// # Errors
/// As [`with_cargo`].
pub fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let sysroot = original(from).ok_or_else(|| Error::file(from, io::ErrorKind::NotFound.into()))?;
    with_cargo(&sysroot, &from.join("bin/cargo"), to)
}

/// The toolchain that such a folder was made of.
pub fn original(folder: &Path) -> Option<PathBuf> {
    fs::read_link(folder.join("lib")).ok()?.parent().map(Path::to_owned)
}

fn rustc(root: &Path, arguments: &[&str]) -> Result<String, Error> {
    let output = Command::new("rustc")
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|reason| Error::Program { program: "rustc".to_owned(), reason })?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Toolchain(format!("rustc does not run: {}", complaint.trim())));
    }
    String::from_utf8(output.stdout).map_err(|_| Error::Toolchain("rustc does not answer in UTF-8".to_owned()))
}

/// The `channel` of `rust-toolchain.toml`.
fn channel(root: &Path) -> Result<String, Error> {
    let path = root.join("rust-toolchain.toml");
    let text = fs::read_to_string(&path).map_err(|reason| Error::file(&path, reason))?;
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == "channel")
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
        .ok_or_else(|| Error::Toolchain(format!("{} names no channel", path.display())))
}

/// The flag by which evcxr makes cargo use another linker, where one is installed. Crates that were
/// built without it would be built again for the first cell.
pub fn linker_flag() -> Option<&'static str> {
    let installed = |program: &str| {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).any(|folder| folder.join(program).is_file())
    };
    (installed("lld") && !installed("mold")).then_some("-Clink-arg=-fuse-ld=lld")
}
