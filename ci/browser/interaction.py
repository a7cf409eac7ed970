"""Works in a notebook of JupyterLab as a student does, in a real browser: completes a name, looks a method up, stops a
training and goes on with the model.

    python interaction.py --worksheets PROGRAM --chromium PROGRAM --screenshots FOLDER
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from chromium import Chromium, wait_for
from sheet import CELLS, HEIGHT, WIDTH, Lab, open_sheet

# How long the stop button may take.
PATIENCE = 2.0

SOURCES = [
    """let x = ndarray::Array2::<f32>::ones((64, 10));
let y = ndarray::Array2::<f32>::zeros((64, 1));
let mut model = Sequential::new();
model.add(Input::new([10]));
model.add(Dense::new(1));
model.compile(Sgd::new(1e-6), "mse", ());
model.predict(&x)[[0, 0]]""",
    "model.fit(&x, &y, Fit::new().epochs(1_000_000))",
    """println!("{} epochs are in the history", model.history().unwrap()["loss"].len());
model.predict(&x)[[0, 0]]""",
    "",
]


def write_notebook(path):
    path.parent.mkdir(parents=True)
    cells = [
        {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for number, source in enumerate(SOURCES)
    ]
    kernel = {"name": "rust-course", "display_name": "Rust (course)", "language": "rust"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


def editor(index):
    return f"document.querySelectorAll('.jp-Notebook .jp-CodeCell')[{index}].querySelector('.cm-content')"


def focus(page, index):
    page.value(f"{editor(index)}.scrollIntoView({{block: 'center'}})")
    page.click(editor(index))


def press(page, key, code, modifiers=0):
    for kind in ("keyDown", "keyUp"):
        page.command("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, modifiers=modifiers)


def outputs(page, index):
    """What a cell shows, without its numbers."""
    cell = f"document.querySelectorAll('.jp-Notebook .jp-CodeCell')[{index}]"
    return page.value(f"[...{cell}.querySelectorAll('.jp-OutputArea-output')].map(output => output.textContent).join('')")


def run_cell(page, index):
    focus(page, index)
    press(page, "Enter", 13, modifiers=2)


def finish(page, index, seconds):
    return wait_for(
        f"cell {index} to end",
        lambda: next((cell for cell in [page.value(CELLS)[index]] if cell["prompt"].strip("[]:").isdigit()), None),
        seconds,
        pause=0.05,
    )


def write(page, index, text):
    """Replaces what stands in a cell, as the keyboard does."""
    focus(page, index)
    press(page, "a", 65, modifiers=2)
    page.command("Input.insertText", text=text)


def stop_and_go_on(page, screenshots):
    run_cell(page, 0)
    finish(page, 0, 60)
    before = float(outputs(page, 0))
    run_cell(page, 1)
    looks = set()
    wait_for("the training to move", lambda: looks.add(outputs(page, 1)) or len(looks) > 4, 60)
    page.screenshot(screenshots / "training.png")
    page.click("document.querySelector('.jp-NotebookPanel-toolbar [data-command=\"notebook:interrupt-kernel\"]')")
    start = time.monotonic()
    stopped = finish(page, 1, 10)
    took = time.monotonic() - start
    if took > PATIENCE:
        yield f"the stop button took {took:.1f} s"
    if not any("Interrupted" in text for text in stopped["errors"]):
        yield f"the stopped cell shows no `Interrupted`: {stopped['errors']}"
    run_cell(page, 2)
    finish(page, 2, 20)
    after = outputs(page, 2)
    page.screenshot(screenshots / "stopped.png")
    epochs, _, value = after.partition(" epochs are in the history")
    if not (epochs.strip().isdigit() and int(epochs) > 0 and float(value) != before):
        yield f"the model is not half trained: it was {before}, and is {after}"
    print(f"    stopped within {took:.2f} s after {epochs.strip()} epochs")


def complete(page, screenshots):
    write(page, 3, "model.")
    press(page, "Tab", 9)
    names = "[...document.querySelectorAll('.jp-Completer-match')].map(item => item.textContent)"
    items = wait_for("completions", lambda: page.value(names), 30)
    page.screenshot(screenshots / "completions.png")
    for method in ("fit", "predict", "summary"):
        if not any(item == method for item in items):
            yield f"`{method}` is not among the completions of `model.`: {items}"
    if any(item == "network" for item in items):
        yield f"private fields are among the completions of `model.`: {items}"
    press(page, "Escape", 27)


def look_up(page, screenshots):
    write(page, 3, "model.fit")
    press(page, "Tab", 9, modifiers=8)
    text = wait_for("the tooltip", lambda: page.value("document.querySelector('.jp-Tooltip')?.textContent"), 30)
    page.screenshot(screenshots / "tooltip.png")
    for part in ("pub fn fit", "Trains"):
        if part not in text:
            yield f"the tooltip of `model.fit` does not show {part!r}: {text[:300]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worksheets", required=True)
    parser.add_argument("--chromium", required=True)
    parser.add_argument("--screenshots", type=Path, required=True)
    options = parser.parse_args()
    options.screenshots.mkdir(parents=True, exist_ok=True)
    complaints = []
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder) / "scratch" / "scratch.ipynb")
        with Lab(options.worksheets, folder) as lab, Chromium(options.chromium, WIDTH, HEIGHT) as page:
            try:
                open_sheet(page, lab.sheet("scratch"), len(SOURCES))
                for step in (stop_and_go_on, complete, look_up):
                    complaints += step(page, options.screenshots)
            except Exception:
                page.screenshot(options.screenshots / "failed.png")
                raise
    for complaint in complaints:
        print("   ", complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
