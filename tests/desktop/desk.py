"""The program as people start it, on a screen of its own: started, driven through the engine's own door, stopped."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).resolve().parents[2]
SOON = 60.0  # on a machine that does much else
ENDS_IN = 60.0  # what has not ended by then hangs; how long it takes on a quiet machine, the drill says


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until(happened: Callable[[], Any], seconds: float = SOON, what: str = "") -> Any:
    """Wait for something to be so, and return it; fails with `what` after a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := happened():
            return found
        time.sleep(0.05)
    raise AssertionError(f"did not happen in {seconds:.0f} s: {what or happened}")


def become(page: Page, name: str) -> None:
    """Sign in as one of the people of the story, with one click."""
    page.locator("a[href^='/sign-in']").first.click()
    page.get_by_role("button", name=re.compile(f"— {name}$")).first.click()
    page.locator(".who-name", has_text=name).wait_for()


@dataclass
class Desk:
    """One person's computer: its folders, its screen, the programs running on it."""

    home: Path
    display: str
    playwright: Playwright
    language: str = "en"
    bus: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = (sys.executable, "-P", "-m", "client")
    process: subprocess.Popen[bytes] | None = None
    browser: Browser | None = None
    port: int = 0

    @property
    def own(self) -> Path:
        """Where the program keeps its profiles."""
        return self.home / "data" / "jalon" / "desktop"

    @property
    def log(self) -> str:
        """What the program wrote to its terminal."""
        return (self.home / "log").read_text(errors="replace")

    def settings(self) -> dict[str, str]:
        """The environment of the program."""
        self.port = free_port()
        return {
            **{
                name: value
                for name, value in os.environ.items()
                if name not in ("WAYLAND_DISPLAY", "DATABASE_URL")
            },
            "DISPLAY": self.display,
            "QT_QPA_PLATFORM": "xcb",
            "QTWEBENGINE_REMOTE_DEBUGGING": f"127.0.0.1:{self.port}",
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            "XDG_DOCUMENTS_DIR": str(self.home / "documents"),
            "DBUS_SESSION_BUS_ADDRESS": self.bus or "disabled:",
            "LANG": {"fr": "fr_FR.UTF-8"}.get(self.language, "en_GB.UTF-8"),
            "LC_ALL": "",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            **self.environment,
        }

    def start(self, *words: str) -> Page:
        """Start the program; the page its window shows."""
        self.begin(*words)
        return self.attach()

    def begin(self, *words: str) -> None:
        """Start the program, and do not wait for anything."""
        (self.home / "run").mkdir(mode=0o700, exist_ok=True)
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.program, *words],
                cwd=ROOT,
                env=self.settings(),
                stdout=log,
                stderr=log,
            )

    def attach(self) -> Page:
        """The page of the window, once the engine listens."""
        until(self.listens, what=f"the engine listens; it wrote:\n{self.log}")
        # Without `no_defaults` the engine answers that it manages no contexts.
        self.browser = self.playwright.chromium.connect_over_cdp(
            f"http://127.0.0.1:{self.port}", no_defaults=True
        )
        page: Page = self.browser.contexts[0].pages[0]
        page.set_default_timeout(SOON * 1000)
        return page

    def listens(self) -> bool:
        """Whether the engine is there, and has a window."""
        assert self.process is not None
        assert self.process.poll() is None, self.log
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/json/list", timeout=2) as answer:
                return bool(json.load(answer))
        except (OSError, ValueError):
            return False

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ask the program to end; its status. Fails when it does not end by itself."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """The status of the program, which is to end by itself now."""
        assert self.process is not None
        try:
            return self.process.wait(ENDS_IN)
        finally:
            self.clear_away()

    def clear_away(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(ENDS_IN)
        if self.browser is not None:
            self.browser.close()
            self.browser = None

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Start the program a second time, as the system does for a link, and wait until that start has ended."""
        port = self.port
        try:
            return subprocess.run(
                [*self.program, *words], cwd=ROOT, env={**self.settings(), **environment},
                capture_output=True, text=True, timeout=SOON, check=False,
            )  # fmt: skip
        finally:
            self.port = port

    def type(self, *words: str) -> None:
        """What somebody does on the keyboard and with the mouse, beside the page."""
        subprocess.run(
            ["xdotool", *words], env={**os.environ, "DISPLAY": self.display}, check=True, timeout=SOON
        )

    def keys(self, *keys: str) -> None:
        """Keys pressed in our window. No window manager gives it the focus here."""
        assert self.process is not None
        found = until(lambda: self.windows("Jalon"), what="the window")
        self.type("windowfocus", "--sync", found[-1])
        for key in keys:
            self.type("key", "--clearmodifiers", key)

    def windows(self, title: str) -> list[str]:
        """The windows on the screen with this in their title."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", title], env={**os.environ, "DISPLAY": self.display},
            capture_output=True, text=True, check=False, timeout=SOON,
        )  # fmt: skip
        return found.stdout.split()

    def picture(self, path: Path) -> Path:
        """The whole screen as it is now."""
        subprocess.run(["scrot", "-o", str(path)], env={**os.environ, "DISPLAY": self.display}, check=True)
        return path
