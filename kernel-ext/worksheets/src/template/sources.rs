//! What rust-analyzer reads of the standard library.
//!
//! evcxr asks it for the type of every `let`, and it reads the whole library for that before the first
//! cell: a third of the time goes into processor intrinsics, and much of the rest into crates that std
//! uses for backtraces and tests. So it is shown a workspace of links with `core` (its intrinsics missing),
//! `alloc`, `std` and `hashbrown`, from which the types of the collections come. rustc knows nothing of
//! this: cells may use everything, only the type of a variable that holds an intrinsic must be written.

use super::{Error, Toolchain};
use crate::project;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates whose sources are links.
const CRATES: [(&str, &str); 5] = [
    ("core", "src"),
    ("alloc", "src"),
    ("std", "src"),
    ("rustc-std-workspace-core", "lib.rs"),
    ("rustc-std-workspace-alloc", "lib.rs"),
];

const WORKSPACE: &str = r#"[workspace]
resolver = "2"
members = ["std"]

[patch.crates-io]
rustc-std-workspace-core = { path = "rustc-std-workspace-core" }
rustc-std-workspace-alloc = { path = "rustc-std-workspace-alloc" }
"#;

/// The folder for rust-analyzer. Where the workspace cannot be made, which is said to `progress`, it is
/// the whole library: slower, otherwise the same.
///
/// # Errors
/// When a file cannot be written.
pub fn prepare(root: &Path, toolchain: &Toolchain, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, Error> {
    let library = toolchain.library();
    let folder = project::warm(root).join("rust-src").join(toolchain.name());
    if folder.is_dir() {
        return Ok(folder);
    }
    let draft = folder.with_extension("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(|reason| Error::file(&draft, reason))?;
    }
    write(&library, &draft)?;
    // Writes the lock file and fetches hashbrown, so that rust-analyzer need not; keeps what rustc says of itself, for
    // which there must be a folder.
    let target = draft.join("target");
    fs::create_dir(&target).map_err(|reason| Error::file(&target, reason))?;
    let metadata = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--filter-platform", &toolchain.host])
        .env("RUSTC", toolchain.programs().join("rustc"))
        .current_dir(&draft)
        .output();
    if !metadata.is_ok_and(|output| output.status.success()) {
        progress(
            "rust-analyzer will read the whole standard library (hashbrown could not be fetched); cells start slower",
        );
        return Ok(library);
    }
    fs::rename(&draft, &folder).map_err(|reason| Error::file(&folder, reason))?;
    Ok(folder)
}

fn write(library: &Path, draft: &Path) -> Result<(), Error> {
    let write = |path: PathBuf, text: &str| fs::write(&path, text).map_err(|reason| Error::file(&path, reason));
    let hashbrown = locked_version(library, "hashbrown")?;
    for (name, source) in CRATES {
        let folder = draft.join(name);
        fs::create_dir_all(&folder).map_err(|reason| Error::file(&folder, reason))?;
        write(folder.join("Cargo.toml"), &manifest(name, &hashbrown))?;
        symlink(library.join(name).join(source), folder.join(source)).map_err(|reason| Error::file(&folder, reason))?;
    }
    write(draft.join("Cargo.toml"), WORKSPACE)
}

fn manifest(name: &str, hashbrown: &str) -> String {
    let path = |dependency: &str| format!("{dependency} = {{ path = \"../{dependency}\" }}\n");
    let (version, library, dependencies) = match name {
        "core" => ("0.0.0", "", String::new()),
        "alloc" => ("0.0.0", "", path("core")),
        "std" => {
            let hashbrown = format!(
                "hashbrown = {{ version = \"={hashbrown}\", default-features = false, features = [\"rustc-dep-of-std\"] }}\n"
            );
            ("0.0.0", "", path("core") + &path("alloc") + &hashbrown)
        }
        stand_in => {
            let meant = stand_in.trim_start_matches("rustc-std-workspace-");
            ("1.99.0", "\n[lib]\npath = \"lib.rs\"\n", path(meant))
        }
    };
    format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n{library}\n[dependencies]\n{dependencies}"
    )
}

/// The version that the standard library is built with.
fn locked_version(library: &Path, name: &str) -> Result<String, Error> {
    let path = library.join("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(|reason| Error::file(&path, reason))?;
    text.split_once(&format!("name = \"{name}\"\nversion = \""))
        .and_then(|(_, rest)| rest.split('"').next())
        .map(str::to_owned)
        .ok_or_else(|| Error::Toolchain(format!("{} does not lock {name}", path.display())))
}
