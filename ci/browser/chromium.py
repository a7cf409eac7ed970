"""A headless chromium, driven over its own debugging protocol (CDP): the few commands that a test needs."""

import base64
import json
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket  # websocket-client, which Jupyter Server brings

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--remote-debugging-port=0", "--remote-allow-origins=*",
]


def wait_for(what, probe, seconds, pause=0.2):
    """Polls `probe` until it gives something, and returns that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = probe()
        if value:
            return value
        time.sleep(pause)
    raise TimeoutError(f"waited {seconds} s for {what}")


class Chromium:
    """One browser with one page; a context manager that ends it."""

    def __init__(self, program, width, height):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        folder = Path(self.profile.name)
        self.log = open(folder / "log", "wb")
        command = [program, *FLAGS, f"--user-data-dir={folder}", f"--window-size={width},{height}", "about:blank"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        port_file = folder / "DevToolsActivePort"
        lines = wait_for("chromium to listen", lambda: port_file.exists() and port_file.read_text().split(), 60)
        with urllib.request.urlopen(f"http://127.0.0.1:{lines[0]}/json/list", timeout=10) as answer:
            pages = [target for target in json.load(answer) if target["type"] == "page"]
        self.socket = websocket.create_connection(pages[0]["webSocketDebuggerUrl"], timeout=60)
        self.number = 0
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.command("Emulation.setDeviceMetricsOverride", **size)

    def command(self, method, **parameters):
        """Sends a command and returns its result; events that come meanwhile are dropped."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") != self.number:
                continue
            if "error" in message:
                raise RuntimeError(f"{method}: {message['error']['message']}")
            return message["result"]

    def open(self, url):
        self.command("Page.navigate", url=url)

    def value(self, script):
        """The value of a JavaScript expression in the page."""
        result = self.command("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def click(self, script):
        """Clicks with the mouse on the middle of the element that the expression gives."""
        where = wait_for(f"something to click on: {script}", lambda: self.value(f"""(() => {{
            const element = {script};
            if (!element) return null;
            const box = element.getBoundingClientRect();
            return box.width ? [box.x + box.width / 2, box.y + box.height / 2] : null;
        }})()"""), 30)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = "none" if kind == "mouseMoved" else "left"
            self.command("Input.dispatchMouseEvent", type=kind, x=where[0], y=where[1], button=button, clickCount=1)

    def screenshot(self, path):
        data = self.command("Page.captureScreenshot", format="png")["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.command("Browser.close")
            self.process.wait(10)
        except Exception:  # it may have gone already; what counts is that it goes
            self.process.kill()
            self.process.wait()
        self.socket.close()
        self.log.close()
        self.profile.cleanup()
