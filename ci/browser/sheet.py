"""Opens a sheet in JupyterLab as a student does, in a real browser, runs all cells, and looks at what is shown.

    python sheet.py --worksheets PROGRAM --chromium PROGRAM --sheet 06-perceptron --screenshots FOLDER

While the sheet runs, a progress bar must move; in the end every cell must have run, curves and confusion
matrix must be pictures with a size, and no cell may show an error except those that are meant to.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chromium import Chromium, wait_for

WIDTH, HEIGHT = 1400, 1000

# What a reader sees of each code cell. JupyterLab shows errors as it shows the stream stderr.
CELLS = """
[...document.querySelectorAll('.jp-Notebook .jp-CodeCell')].map(cell => ({
  prompt: cell.querySelector('.jp-InputPrompt')?.textContent.trim() ?? '',
  source: cell.querySelector('.cm-content')?.textContent ?? '',
  text: cell.querySelector('.jp-OutputArea')?.textContent ?? '',
  bars: [...cell.querySelectorAll('.jp-OutputArea progress')].map(bar => bar.value),
  pictures: [...cell.querySelectorAll('.jp-OutputArea img, .jp-OutputArea svg')]
    .filter(picture => picture.getBoundingClientRect().width > 50 && picture.complete !== false)
    .map(picture => (picture.src ?? picture.outerHTML).length),
  errors: [...cell.querySelectorAll('[data-mime-type="application/vnd.jupyter.stderr"]')].map(e => e.textContent),
}))
"""


class Lab:
    """`worksheets lab` on a fresh copy of the sheets; a context manager that ends it with Ctrl-C."""

    def __init__(self, worksheets, folder):
        command = [worksheets, "lab", "--no-browser", "--copy", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = None
        for line in self.process.stdout:
            print("   ", line.rstrip())
            if line.startswith("JupyterLab: "):
                self.url = line.split(" ", 1)[1].strip()
                break
        if self.url is None:
            raise RuntimeError("`worksheets lab` ended without an address")

    def sheet(self, name):
        """The address of a sheet, without whatever was open before."""
        base, _, token = self.url.partition("lab?")
        return f"{base}lab/tree/{name}/{name}.ipynb?{token}&reset"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        if code != 0:
            raise RuntimeError(f"`worksheets lab` ended with {code} after Ctrl-C")


def open_sheet(page, url, code_cells):
    page.open(url)
    count = "document.querySelectorAll('.jp-Notebook .jp-CodeCell').length"
    wait_for("all cells to be on the page", lambda: page.value(count) == code_cells, 120)
    # The status bar tells of the kernel once the notebook has the focus.
    page.click("document.querySelector('.jp-Notebook .jp-CodeCell .jp-InputPrompt')")
    idle = "/\\| Idle/.test(document.querySelector('#jp-main-statusbar')?.textContent ?? '')"
    wait_for("the kernel to be ready", lambda: page.value(idle), 120)


def clear_outputs(page):
    """What is seen afterwards was made in this run."""
    menu(page, "Edit", "editmenu:clear-all")
    wait_for("outputs to be cleared", lambda: not any(cell["text"].strip() for cell in page.value(CELLS)), 20)


def count_code_cells(folder, name):
    notebook = json.loads((Path(folder) / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    return sum(cell["cell_type"] == "code" for cell in notebook["cells"])


def menu(page, name, command):
    page.click(f"[...document.querySelectorAll('.lm-MenuBar-item')].find(item => item.textContent.trim() === '{name}')")
    page.click(f"document.querySelector('.lm-Menu-item[data-command=\"{command}\"]')")


def run_all(page, seconds, screenshots):
    """Runs all cells, and returns the steps that were seen of each cell while it ran."""
    menu(page, "Run", "runmenu:run-all")
    seen = {}
    end = time.monotonic() + seconds
    running_picture = False
    while time.monotonic() < end:
        cells = page.value(CELLS)
        for index, cell in enumerate(cells):
            if cell["prompt"] == "[*]:":
                look = (cell["text"], tuple(cell["bars"]), tuple(cell["pictures"]))
                seen.setdefault(index, []).append(look)
                if len(set(seen[index])) == 8 and not running_picture:
                    show(page, index)
                    page.screenshot(screenshots / "running.png")
                    running_picture = True
        if all(cell["prompt"] not in ("[*]:", "[ ]:") for cell in cells if cell["source"].strip()):
            return cells, {index: len(set(looks)) for index, looks in seen.items()}
        time.sleep(0.15)
    waiting = [cell["source"][:80] for cell in page.value(CELLS) if cell["prompt"] in ("[*]:", "[ ]:")]
    raise TimeoutError(f"after {seconds} s these cells have not run: {waiting}")


def show(page, index):
    page.value(f"document.querySelectorAll('.jp-Notebook .jp-CodeCell')[{index}].scrollIntoView({{block: 'start'}})")
    time.sleep(0.5)


def check(cells, steps, expected_errors):
    """The complaints about what was shown."""
    complaints = []
    errors = sum(bool(cell["errors"]) for cell in cells)
    if errors != expected_errors:
        texts = [text[:200] for cell in cells for text in cell["errors"]]
        complaints.append(f"{errors} cells show an error, {expected_errors} are meant to: {texts}")
    fit = max(steps, key=steps.get, default=None)
    if fit is None or steps[fit] < 4 or ".fit(" not in cells[fit]["source"]:
        complaints.append(f"no training was seen to move: {steps}")
    for call in (".plot()", "confusion_matrix("):
        if not any(call in cell["source"] and cell["pictures"] for cell in cells):
            complaints.append(f"no picture is shown below `{call}`")
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worksheets", required=True)
    parser.add_argument("--chromium", required=True)
    parser.add_argument("--sheet", required=True)
    parser.add_argument("--expected-errors", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=420)
    parser.add_argument("--screenshots", type=Path, required=True)
    options = parser.parse_args()
    options.screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Lab(options.worksheets, folder) as lab:
        with Chromium(options.chromium, WIDTH, HEIGHT) as page:
            try:
                open_sheet(page, lab.sheet(options.sheet), count_code_cells(folder, options.sheet))
                clear_outputs(page)
                page.screenshot(options.screenshots / "opened.png")
                cells, steps = run_all(page, options.seconds, options.screenshots)
                for index, cell in enumerate(cells):
                    for call, name in ((".plot()", "curves"), ("confusion_matrix(", "confusion")):
                        if call in cell["source"]:
                            show(page, index)
                            page.screenshot(options.screenshots / f"{name}-{index}.png")
            except Exception:
                page.screenshot(options.screenshots / "failed.png")
                raise
    complaints = check(cells, steps, options.expected_errors)
    for complaint in complaints:
        print("   ", complaint)
    moved = max(steps.values(), default=0)
    print(f"    {len(cells)} cells ran; the training was seen in {moved} different states")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
