//! The steps that use Jupyter's own programs: what students and instructors use must work with the
//! kernel too, not only our own checker.

use crate::{Outcome, succeeds};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The sheet that every tool must be able to run.
const SMALL_SHEET: &str = "notebooks/00-ready/00-ready.ipynb";
/// A notebook whose second cell panics.
const FAILING: &str = "ci/data/panic.ipynb";
/// The sheet that is run in the browser, and how many of its cells fail on purpose.
const TRAINING_SHEET: (&str, &str) = ("06-perceptron", "3");

/// `nbconvert --execute` runs a sheet, and fails when a cell fails.
pub fn nbconvert(root: &Path) -> Outcome {
    let good = succeeds(root, execute(root).arg(SMALL_SHEET));
    if !good {
        println!("nbconvert does not run {SMALL_SHEET}");
    }
    let output = match execute(root).arg(FAILING).current_dir(root).output() {
        Ok(output) => output,
        Err(reason) => {
            println!("nbconvert cannot be started: {reason}");
            return Outcome::Failed;
        }
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let noticed = !output.status.success() && said.contains("CellExecutionError") && said.contains("Panic");
    if !noticed {
        println!("nbconvert does not notice that a cell of {FAILING} panics:\n{said}");
    }
    (good && noticed).into()
}

/// Nothing is stored: what is written goes to a folder that is ignored.
fn execute(root: &Path) -> Command {
    let warm = root.join(".worksheets");
    let mut command = Command::new(warm.join("venv/bin/python"));
    command
        .args(["-m", "nbconvert", "--to", "notebook", "--execute", "--log-level", "ERROR"])
        .args(["--ExecutePreprocessor.timeout=300", "--ExecutePreprocessor.startup_timeout=120"])
        .arg("--output-dir")
        .arg(warm.join("nbconvert"))
        .env("JUPYTER_PREFER_ENV_PATH", "1")
        .stdin(Stdio::null());
    command
}

/// The programs of others that use kernels: Jupyter's own test of them, nbclient, papermill and nbmake.
pub fn tools(root: &Path) -> Outcome {
    let warm = root.join(".worksheets");
    let (python, packages) = (warm.join("venv/bin/python"), warm.join("tools"));
    if let Err(reason) = install_tools(root, &python, &packages) {
        println!("the programs cannot be installed: {reason}");
        return Outcome::Failed;
    }
    let mut command = Command::new(&python);
    command.args(["-B", "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "ci/tools"]);
    command.env("PYTHONPATH", &packages).env("JUPYTER_PREFER_ENV_PATH", "1");
    succeeds(root, &mut command).into()
}

/// Brings the pinned packages into a folder of their own, unless they are there.
fn install_tools(root: &Path, python: &Path, packages: &Path) -> std::io::Result<()> {
    let requirements = root.join("ci/tools/requirements.txt");
    let (wanted, stamp) = (fs::read_to_string(&requirements)?, packages.join("requirements.txt"));
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    let _ = fs::remove_dir_all(packages);
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"]);
    if !succeeds(root, pip.arg(packages).arg("--requirement").arg(&requirements)) {
        return Err(std::io::Error::other("pip has failed"));
    }
    fs::write(stamp, wanted)
}

/// JupyterLab in a real browser, where there is one: a sheet from beginning to end, and the work in a notebook.
pub fn browser(root: &Path) -> Outcome {
    let Some(chromium) = chromium() else {
        return Outcome::Skipped("no chromium is installed, so no sheet was run in a browser".to_owned());
    };
    let warm = root.join(".worksheets");
    let program = std::env::current_exe().ok().and_then(|ci| Some(ci.parent()?.join("worksheets")));
    let Some(program) = program.filter(|program| program.exists()) else {
        println!("the program `worksheets` is not where `cargo ci` was built; run the step `setup` too");
        return Outcome::Failed;
    };
    let (sheet, errors) = TRAINING_SHEET;
    let run = |script: &str, arguments: &[&str]| {
        let mut command = Command::new(warm.join("venv/bin/python"));
        command.arg("-B").arg(root.join("ci/browser").join(script)).args(arguments);
        command.arg("--worksheets").arg(&program).arg("--chromium").arg(&chromium);
        succeeds(root, command.arg("--screenshots").arg(warm.join("screenshots")))
    };
    let ran = run("sheet.py", &["--sheet", sheet, "--expected-errors", errors]);
    (run("interaction.py", &[]) && ran).into()
}

fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let mut programs = names.iter().flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)));
    programs.find(|program| program.is_file())
}
