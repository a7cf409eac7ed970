"""Programs that run notebooks by themselves run a sheet, and say so when a cell fails, however it fails."""

import os
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import papermill
import pytest

SHEET = Path(__file__).parents[2] / "notebooks/00-ready/00-ready.ipynb"

# A cell that fails, and the name of its error.
FAILING = {
    "does_not_compile": ('let n: usize = "ten";', "CompileError[E0308]"),
    "panics": ('panic!("on purpose");', "Panic"),
    "meets_an_error": ('let n: i32 = "ten".parse()?;', "UserError"),
    "is_not_done": ("fn mean() -> f64 { todo!() }\nmean();", "NotYetDone"),
}


@pytest.fixture(params=FAILING)
def failing(request, tmp_path):
    """A notebook whose second cell fails, and the name of the error."""
    return write(tmp_path, request.param), FAILING[request.param][1]


def write(folder, name):
    cells = [nbformat.v4.new_code_cell(code) for code in ("let good = 1;", FAILING[name][0])]
    kernelspec = {"name": "rust-course", "display_name": "Rust (course)", "language": "rust"}
    path = folder / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec}), path)
    return path


def test_nbclient_runs_a_sheet():
    notebook = nbformat.read(SHEET, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, startup_timeout=120).execute()


def test_nbclient_reports_a_failure(failing):
    path, error = failing
    with pytest.raises(nbclient.exceptions.CellExecutionError) as raised:
        nbclient.NotebookClient(nbformat.read(path, as_version=4), timeout=300, startup_timeout=120).execute()
    assert raised.value.ename == error


def test_papermill_runs_a_sheet(tmp_path):
    # It knows nothing of tags: what fails on purpose is left out.
    notebook = nbformat.read(SHEET, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "raises-exception" not in cell.metadata.get("tags", [])]
    nbformat.write(notebook, tmp_path / "sheet.ipynb")
    papermill.execute_notebook(tmp_path / "sheet.ipynb", tmp_path / "run.ipynb", progress_bar=False)


def test_papermill_reports_a_failure(failing, tmp_path):
    path, error = failing
    with pytest.raises(papermill.PapermillExecutionError) as raised:
        papermill.execute_notebook(path, tmp_path / "run.ipynb", progress_bar=False)
    assert raised.value.ename == error


def nbmake(*paths):
    command = [sys.executable, "-m", "pytest", "--nbmake", "--nbmake-timeout=300", "-p", "no:cacheprovider", *paths]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)


def test_nbmake_runs_a_sheet():
    done = nbmake(SHEET)
    assert done.returncode == 0, done.stdout


def test_nbmake_reports_every_failure(tmp_path):
    paths = [write(tmp_path, name) for name in FAILING]
    done = nbmake(*paths)
    assert done.returncode == 1 and f"{len(FAILING)} failed" in done.stdout, done.stdout
    for _, error in FAILING.values():
        # It shows the traceback, where the code of a compile error stands by itself.
        assert error.removeprefix("CompileError[").removesuffix("]") in done.stdout, done.stdout
