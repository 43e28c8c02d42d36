"""Chromium with a page in it, asked by the protocol of its developer tools, over a pipe."""

import itertools
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
    ),
)
_LONGEST = 30.0  # seconds
_WRONG = {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}


class Browser:
    """A browser of its own; `with Browser(folder) as browser` ends it.

    `wrong` is what the console was told, `requests` what was asked for since the page was opened.
    """

    def __init__(self, folder: Path) -> None:
        # The browser reads from its descriptor 3 and writes to its 4.
        ours, theirs = os.pipe(), os.pipe()
        command = [
            str(BROWSER),
            *FLAGS,
            f"--user-data-dir={folder}",
            "--remote-debugging-pipe",
            "about:blank",
        ]
        given = f'exec 3<&{ours[0]} 4>&{theirs[1]}; exec "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", given, "bash", *command],
            pass_fds=(ours[0], theirs[1]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self._writing, self._reading = ours[1], theirs[0]
        self._numbers = itertools.count(1)
        self._rest = b""
        self._session: dict[str, str] = {}
        self.wrong: list[str] = []
        self.requests: list[str] = []

    def __enter__(self) -> "Browser":
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(one["targetId"] for one in targets if one["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=page, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._writing)  # which ends it
        os.close(self._reading)
        self._process.wait(_LONGEST)

    def ask(self, method: str, **params: Any) -> Any:
        """What the browser answers; what it tells besides is kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params, **self._session}
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        while True:
            told = self._told()
            if told.get("id") == number:
                assert "error" not in told, told
                return told["result"]
            if told["method"] in _WRONG:
                self.wrong.append(json.dumps(told["params"]))
            if told["method"] == "Network.requestWillBeSent":
                self.requests.append(told["params"]["request"]["url"])

    def _told(self) -> Any:
        while b"\0" not in self._rest:
            assert select.select([self._reading], [], [], _LONGEST)[0], "the browser is silent"
            data = os.read(self._reading, 1 << 20)
            assert data, "the browser has ended"
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def open(self, path: Path) -> None:
        """Opens a page, and waits for it."""
        self.wrong, self.requests = [], []
        self.ask("Page.navigate", url=path.as_uri())
        self.until(f"location.href + document.readyState === {path.as_uri() + 'complete'!r}")

    def until(self, condition: str) -> None:
        """Waits for a condition in JavaScript."""
        end = time.monotonic() + _LONGEST
        while not self.value(condition):
            assert time.monotonic() < end, condition

    def value(self, expression: str) -> Any:
        """The value of an expression in JavaScript."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def resize(self, width: int, height: int) -> None:
        """Gives the window another size."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
