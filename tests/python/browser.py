"""A headless Chromium for tests of pages: opens a file, clicks, looks.

It is driven by the DevTools protocol over two pipes (--remote-debugging-pipe: JSON texts ended by a zero byte on descriptors 3 and
4), which needs no further package. What the page logs, the exceptions it throws and the requests it sends are kept.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
         "--force-color-profile=srgb", "--remote-debugging-pipe"]


def found():
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """with Browser() as b: b.open(path); b.do("document.title")"""

    def __init__(self, width=1280, height=900, limit=120):
        self.width, self.height, self.limit = width, height, limit
        self.number, self.session, self.rest, self.events = 0, None, b"", []

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self.write_to = os.pipe()
        self.read_from, to_write = os.pipe()

        def descriptors():                       # 3 and 4 may be ends of these very pipes: copy out of the way first
            a, b = os.dup(to_read), os.dup(to_write)
            high = [os.dup2(a, 60), os.dup2(b, 61)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen([found(), *FLAGS, f"--user-data-dir={self.profile.name}", "about:blank"], close_fds=False,
                                        preexec_fn=descriptors, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=self.width, height=self.height, deviceScaleFactor=1, mobile=False)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.write_to)
        os.close(self.read_from)
        self.profile.cleanup()

    def message(self, until):
        while b"\0" not in self.rest:
            if not select.select([self.read_from], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser did not answer")
            data = os.read(self.read_from, 1 << 20)
            if not data:
                raise RuntimeError("the browser ended")
            self.rest += data
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_to, data):]
        until = time.monotonic() + self.limit
        while True:
            answer = self.message(until)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, path):
        # Nothing is asked of the page before it has loaded: a question that meets the change of pages may stay without an answer.
        before = len(self.events)
        self.call("Page.navigate", url=path.resolve().as_uri())
        until = time.monotonic() + self.limit
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events[before:]):
            self.events.append(self.message(until))

    def do(self, script):
        """Value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", "exception"))
        return answer["result"].get("value")

    def picture(self, whole=False, of=None):
        """PNG of the window, of the whole page, or of one element."""
        options = {}
        if of:
            b = self.do(f"(() => {{ const r = document.querySelector({json.dumps(of)}).getBoundingClientRect();"
                        " return [r.x + scrollX, r.y + scrollY, r.width, r.height]; })()")
            options = {"clip": dict(zip(("x", "y", "width", "height"), b), scale=1), "captureBeyondViewport": True}
        elif whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            options = {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}, "captureBeyondViewport": True}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", **options)["data"])

    def mouse(self, kind, x, y):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left" if kind != "mouseMoved" else "none",
                  clickCount=0 if kind == "mouseMoved" else 1)

    def printed(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])

    def complaints(self):
        """What the page logged as error or warning, and exceptions."""
        out = []
        for e in self.events:
            p = e.get("params", {})
            if e.get("method") == "Runtime.exceptionThrown":
                out.append(p["exceptionDetails"].get("exception", {}).get("description", p["exceptionDetails"]["text"]))
            elif e.get("method") == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning", "assert"):
                out.append(" ".join(str(a.get("value", a.get("description"))) for a in p["args"]))
            elif e.get("method") == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning"):
                out.append(p["entry"]["text"])
        return out

    def requests(self):
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
