//! The virtual environment `.worksheets/venv`, with the pinned JupyterLab of `requirements.txt`.

use super::python::{self, last_lines};
use super::{Error, Places};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const REQUIREMENTS: &str = include_str!("../../requirements.txt");

/// Turns off what JupyterLab asks and fetches from the network at its start; students can turn it on.
const OVERRIDES: &str = r#"{
  "@jupyterlab/apputils-extension:notification": {"checkForUpdates": false, "fetchNews": "false"}
}
"#;

/// The environment of the project.
#[derive(Debug, Clone)]
pub struct Environment {
    places: Places,
}

impl Environment {
    /// Makes the environment, or brings it up to date; does nothing when it is.
    ///
    /// # Errors
    /// When Python is missing, or a package cannot be installed.
    pub fn prepare(places: &Places, say: &mut dyn FnMut(&str)) -> Result<Self, Error> {
        let environment = Self { places: places.clone() };
        if environment.is_up_to_date() {
            say("JupyterLab is up to date");
            return Ok(environment);
        }
        if !environment.runs() {
            let python = python::find()?;
            say(&format!("making a virtual environment with {python}"));
            let mut command = Command::new(python);
            command.args(["-m", "venv", "--clear"]).arg(&places.venv);
            run(command, "making the virtual environment", python::packages())?;
        }
        say("installing JupyterLab (once; about 200 MB)");
        environment.install()?;
        environment.write_overrides()?;
        let stamp = environment.stamp();
        fs::write(&stamp, REQUIREMENTS).map_err(|reason| Error::file(&stamp, reason))?;
        Ok(environment)
    }

    /// Python of the environment. Programs are started as its modules, since scripts of a virtual
    /// environment break when the folder is moved.
    pub fn python(&self) -> PathBuf {
        self.places.venv.join("bin/python")
    }

    /// A command of a Python module that sees only the project's own Jupyter settings.
    pub fn module(&self, name: &str) -> Command {
        let jupyter = &self.places.jupyter;
        let mut command = Command::new(self.python());
        command
            .args(["-m", name])
            .env("JUPYTER_CONFIG_DIR", jupyter.join("config"))
            .env("JUPYTER_DATA_DIR", jupyter.join("data"))
            .env("JUPYTER_RUNTIME_DIR", jupyter.join("runtime"))
            .env("IPYTHONDIR", jupyter.join("ipython"))
            .env("JUPYTER_PREFER_ENV_PATH", "1")
            .env_remove("JUPYTER_PATH")
            .env_remove("JUPYTER_CONFIG_PATH")
            .env_remove("PYTHONHOME")
            .env_remove("PYTHONPATH")
            .stdin(Stdio::null());
        command
    }

    fn stamp(&self) -> PathBuf {
        self.places.venv.join("requirements.txt")
    }

    fn is_up_to_date(&self) -> bool {
        fs::read_to_string(self.stamp()).is_ok_and(|text| text == REQUIREMENTS) && self.runs()
    }

    fn runs(&self) -> bool {
        let mut command = Command::new(self.python());
        command.args(["-c", "import pip"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn install(&self) -> Result<(), Error> {
        let wanted = self.places.venv.join("wanted.txt");
        fs::write(&wanted, REQUIREMENTS).map_err(|reason| Error::file(&wanted, reason))?;
        let mut command = self.module("pip");
        command.args(["install", "--quiet", "--disable-pip-version-check", "--no-input", "--requirement"]).arg(&wanted);
        run(command, "installing JupyterLab", "Is the network there? The second try goes on where this one ended.")
    }

    fn write_overrides(&self) -> Result<(), Error> {
        let folder = self.places.venv.join("share/jupyter/lab/settings");
        fs::create_dir_all(&folder).map_err(|reason| Error::file(&folder, reason))?;
        let path = folder.join("overrides.json");
        fs::write(&path, OVERRIDES).map_err(|reason| Error::file(&path, reason))
    }
}

fn run(mut command: Command, what: &str, remedy: &'static str) -> Result<(), Error> {
    let failed = |output: String| Error::Step { what: what.to_owned(), output, remedy };
    let output = command.stdin(Stdio::null()).output().map_err(|reason| failed(reason.to_string()))?;
    if output.status.success() { Ok(()) } else { Err(failed(last_lines(&output, 12))) }
}
