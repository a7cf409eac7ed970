//! Finding a kernel by its name, in the folders and order of Jupyter.

use crate::Error;
use jupyter_protocol::JupyterKernelspec;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// A kernel that is installed.
#[derive(Debug, Clone)]
pub struct Kernelspec {
    /// The name by which notebooks ask for it.
    pub name: String,
    /// The folder of its `kernel.json`, which its arguments may name as `{resource_dir}`.
    pub folder: PathBuf,
    /// How it is started.
    pub content: JupyterKernelspec,
}

impl Kernelspec {
    /// The program that is started. Jupyter's rule: `python` means the Python that Jupyter itself runs on;
    /// so it is that of the virtual environment in which the kernelspec lies, where it lies in one.
    pub fn program(&self) -> PathBuf {
        let program = Path::new(&self.content.argv[0]);
        let is_python = ["python", "python3"].iter().any(|name| program == Path::new(name));
        // PREFIX/share/jupyter/kernels/NAME
        let own = self.folder.ancestors().nth(4).map(|prefix| prefix.join("bin/python"));
        own.filter(|own| is_python && own.exists()).unwrap_or_else(|| program.to_owned())
    }
}

/// The folders of Jupyter's data: those below `prefixes`, then `JUPYTER_PATH`, then the user's own, then
/// that of an active virtual environment, then the system's.
pub fn data_folders(prefixes: &[PathBuf]) -> Vec<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let mut folders: Vec<_> = prefixes.iter().map(|prefix| prefix.join("share/jupyter")).collect();
    folders.extend(env::var_os("JUPYTER_PATH").iter().flat_map(env::split_paths));
    let user = variable("JUPYTER_DATA_DIR").or_else(|| {
        let home = variable("HOME")?;
        if cfg!(target_os = "macos") {
            return Some(home.join("Library/Jupyter"));
        }
        Some(variable("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")).join("jupyter"))
    });
    folders.extend(user);
    folders.extend(variable("VIRTUAL_ENV").map(|folder| folder.join("share/jupyter")));
    folders.extend(["/usr/local/share/jupyter", "/usr/share/jupyter"].map(PathBuf::from));
    folders
}

/// Finds the kernel `name`: the first of that name in `folders` counts.
///
/// # Errors
/// When there is none, or its `kernel.json` cannot be understood.
pub fn find(name: &str, folders: &[PathBuf]) -> Result<Kernelspec, Error> {
    for data in folders {
        let folder = data.join("kernels").join(name);
        let path = folder.join("kernel.json");
        if path.is_file() {
            let content = read(&path)?;
            return Ok(Kernelspec { name: name.to_owned(), folder, content });
        }
    }
    Err(Error::NoKernel { name: name.to_owned(), known: names(folders), searched: folders.to_vec() })
}

fn read(path: &Path) -> Result<JupyterKernelspec, Error> {
    let text = fs::read_to_string(path).map_err(|reason| Error::file(path, reason))?;
    let content: JupyterKernelspec =
        serde_json::from_str(&text).map_err(|reason| Error::Kernel(format!("{}: {reason}", path.display())))?;
    if content.argv.is_empty() {
        return Err(Error::Kernel(format!("{}: `argv` is empty, so nothing can be started", path.display())));
    }
    Ok(content)
}

fn names(folders: &[PathBuf]) -> Vec<String> {
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder.join("kernels")).ok()).flatten().flatten();
    let mut names: Vec<_> = entries
        .filter(|entry| entry.path().join("kernel.json").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(name: &str, kernel_json: &str) -> tempfile::TempDir {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("kernels").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("kernel.json"), kernel_json).unwrap();
        data
    }

    const GOOD: &str = r#"{"argv": ["k", "{connection_file}"], "display_name": "K", "language": "rust"}"#;

    #[test]
    fn the_first_folder_counts() {
        let first = folder_with("k", GOOD);
        let second = folder_with("k", &GOOD.replace("rust", "python"));
        let folders = [first.path().to_owned(), second.path().to_owned()];
        assert_eq!(find("k", &folders).unwrap().content.language, "rust");
    }

    #[test]
    fn a_missing_kernel_is_named_with_those_that_exist() {
        let data = folder_with("other", GOOD);
        let error = find("k", &[data.path().to_owned()]).unwrap_err().to_string();
        assert_eq!(error, format!("there is no kernel `k`; known: other; searched: {}", data.path().display()));
    }

    #[test]
    fn a_kernel_without_a_program_is_refused() {
        let data = folder_with("k", &GOOD.replace(r#""k", "{connection_file}""#, ""));
        let error = find("k", &[data.path().to_owned()]).unwrap_err().to_string();
        assert!(error.ends_with("kernel.json: `argv` is empty, so nothing can be started"), "{error}");
    }

    #[test]
    fn python_is_that_of_the_environment() {
        let prefix = tempfile::tempdir().unwrap();
        let folder = prefix.path().join("share/jupyter/kernels/k");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("kernel.json"), GOOD.replace(r#""k","#, r#""python","#)).unwrap();
        let spec = find("k", &[prefix.path().join("share/jupyter")]).unwrap();
        assert_eq!(spec.program(), Path::new("python"));
        fs::create_dir(prefix.path().join("bin")).unwrap();
        fs::write(prefix.path().join("bin/python"), "").unwrap();
        assert_eq!(spec.program(), prefix.path().join("bin/python"));
    }

    #[test]
    fn prefixes_come_first() {
        assert_eq!(data_folders(&["/a".into()])[0], Path::new("/a/share/jupyter"));
    }
}
