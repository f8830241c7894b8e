"""How a profile's Jalon is reached: started here or found on its server, lost, looked for again, found again."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from client.addresses import Origin
from client.outside import Outside
from client.profiles import Kind, Profile, Profiles
from client.troubles import Reach, why_not, why_not_here
from client.words import Sentence

PAUSES = (1, 2, 5, 10, 20, 30)
GOODBYE = 3.0  # seconds a server that is being asked may still take when the program ends

Tell = Callable[[], None]
Go = Callable[[str], None]


class Opening:
    """One profile's Jalon. `begin` starts a thread that ends once it is found; `lost` begins another."""

    def __init__(
        self, profile: Profile, profiles: Profiles, folder: Path, cookies: Callable[[], str]
    ) -> None:
        self._profile = profile
        self._profiles = profiles
        self._folder = folder
        self._cookies = cookies
        self._local: Any = None
        self._stop = threading.Event()
        self._now = threading.Event()
        self._thread: threading.Thread | None = None
        self._losses = 0
        self.stage = ""
        self.trouble = ""
        self.reason: Sentence | None = None
        self.reach = Reach.THERE
        self.origin: Origin | None = None
        self.outside: Outside | None = None
        self.tell: Tell = lambda: None
        self.go: Go = lambda _address: None

    def begin(self, path: str) -> None:
        """Look for it, and go to this page once it is there."""
        self._start(self._find, path)

    def lost(self, address: str) -> None:
        """The page did not come: look again, sooner at first, and go back to it."""
        if self._thread is None or not self._thread.is_alive():
            self._losses += 1
            self._start(self._find_again, address)

    def found(self) -> None:
        """A page came."""
        self._losses = 0

    def now(self) -> None:
        """Do not wait any longer before the next try."""
        self._now.set()

    def stop(self) -> None:
        """Look no more; a local Jalon finishes what it does, and stops.

        A story that is being played is not waited for: it counts only when it is whole, and is played anew next time.
        """
        self._stop.set()
        self._now.set()
        if self._thread is not None and self.stage != "story":
            self._thread.join(GOODBYE if self._profile.kind == Kind.REMOTE else None)
        if self._local is not None:
            self._local.stop()

    @property
    def start_code(self) -> str:
        """The code that names the operator of a local Jalon."""
        return self._local.start_code if self._local is not None else ""

    def _start(self, work: Callable[[str], None], argument: str) -> None:
        self._thread = threading.Thread(target=work, args=(argument,), name="opening", daemon=True)
        self._thread.start()

    def _find(self, path: str) -> None:
        if self._profile.kind == Kind.REMOTE:
            self.origin = self._profile.origin
            assert self.origin is not None
            entrance = f"{self.origin}{path}"
        else:
            begun = self._start_here()
            if begun is None:
                return
            entrance = f"{begun}&then={quote(path)}"
        self.outside = Outside(self.origin, self._profile.fingerprint, self._cookies)  # type: ignore[arg-type]
        if self._profile.kind == Kind.REMOTE and not self._is_there(self.outside):
            self._find_again(entrance)
            return
        self.stage = "there"
        self.go(entrance)

    def _start_here(self) -> str | None:
        """Start the Jalon of this computer; the one time client and server meet in a process."""
        from app.local import CannotStart, Local

        local = Local(self._folder, demo=self._profile.kind == Kind.DEMO, port=self._profile.port)
        try:
            entrance = local.start(self._tell_stage)
        except CannotStart as refused:
            self.reason = why_not_here(refused.kind, str(self._folder))
            self.trouble = str(refused)
            self.tell()
            return None
        self._local = local
        self.origin = Origin("http", "127.0.0.1", local.port)
        if local.port != self._profile.port:
            with contextlib.suppress(OSError):  # another one next time: only what a page remembered is lost
                self._profiles.keep_port(self._profile.id, local.port)
        return entrance

    def _is_there(self, outside: Outside) -> bool:
        """Look, and say at once what else is found than before."""
        before, self.reach = self.reach, outside.look()
        self.reason = None if self.reach == Reach.THERE else why_not(self.reach, str(outside.origin))
        if self.stage == "lost" and self.reach not in (before, Reach.THERE):
            self.tell()
        return self.reach == Reach.THERE

    def _tell_stage(self, stage: str) -> None:
        self.stage = stage
        self.tell()

    def _find_again(self, address: str) -> None:
        self.stage = "lost"
        self.tell()
        tries = self._losses
        while not self._stop.is_set():
            self._now.wait(PAUSES[min(tries, len(PAUSES) - 1)])
            self._now.clear()
            tries += 1
            if self._stop.is_set() or self.outside is None:
                return
            if self._is_there(self.outside):
                self.stage = "there"
                self.go(address)
                return
