//! The manifest that cells are compiled with.
//!
//! evcxr writes this file itself, and evaluates a first cell before it can be told of a dependency. It
//! would so load rust-analyzer twice, once without `course`, and forget which versions the template was
//! locked to. The one thing that can be set beforehand is the optimisation level, which evcxr copies as
//! text into the profile. So that text here goes on: it completes the profile, adds the dependency, and
//! opens a table that cargo ignores, for the rest of evcxr's profile to fall into.

use std::path::Path;

/// What evcxr is given as the optimisation level of cells.
pub fn opt_level(level: &str, root: &Path) -> String {
    let course = root.join("kernel-ext/cells");
    format!(
        r#"{level}
debug = false
strip = "debuginfo"
rpath = true
lto = "off"
debug-assertions = true
overflow-checks = true
codegen-units = 16
panic = "unwind"
incremental = true

[profile.dev.package."*"]
opt-level = 3
debug-assertions = false
overflow-checks = false

[dependencies.course]
path = {course:?}

[package.metadata.evcxr]"#
    )
}

/// The whole manifest, letter by letter as evcxr 0.22 writes it: the template is built with the same text, and what it
/// remembers holds for that text alone.
pub fn whole(root: &Path) -> String {
    format!(
        r#"
[package]
name = "ctx"
version = "1.0.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]
path = "src/lib.rs"

[profile.dev]
opt-level = {}
debug = false
strip = "debuginfo"
rpath = true
lto = false
debug-assertions = true
codegen-units = 16
panic = 'unwind'
incremental = true
overflow-checks = true

[dependencies]

"#,
        opt_level("2", root)
    )
}

/// evcxr's own configuration file, which carries the optimisation level to it.
pub fn configuration(root: &Path) -> String {
    format!("[evcxr]\nopt_level = '''\n{}'''\n", opt_level("2", root))
}
