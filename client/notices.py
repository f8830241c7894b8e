"""Tells when something new waits: asks the server now and then, keeps quiet at quiet hours, tells each thing once."""

import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from client.folders import write_whole
from client.outside import NoAnswer, Outside
from client.preferences import Preferences

EVERY_SECONDS = 60
MOST_KNOWN = 500


@dataclass(frozen=True)
class Thing:
    """One thing that waits."""

    key: str
    what: str
    consequence: str
    path: str


Ring = Callable[[list[Thing]], None]


class Known:
    """What was told already, from one run to the next: keys only, no word of what they say."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._now: list[str] | None = None  # what could not be written

    def read(self) -> list[str] | None:
        """The keys; None before the first time."""
        if self._now is not None:
            return self._now
        try:
            keys = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return [str(key) for key in keys] if isinstance(keys, list) else None

    def keep(self, keys: list[str]) -> None:
        """These are known now; where they cannot be kept, as long as this run lasts."""
        last = keys[-MOST_KNOWN:]
        try:
            write_whole(self._path, json.dumps(last).encode())
            self._now = None
        except OSError:
            self._now = last


class Notices:
    """A thread that asks every minute, and does nothing in between."""

    def __init__(self, known: Known, choices: Callable[[], Preferences], ring: Ring, every: float) -> None:
        self._known = known
        self._choices = choices
        self._ring = ring
        self._every = every
        self._stop = threading.Event()

    def start(self, outside: Outside) -> None:
        """Ask this server from now on."""
        threading.Thread(target=self._run, args=(outside,), name="notices", daemon=True).start()

    def stop(self) -> None:
        """Ask no more."""
        self._stop.set()

    def _run(self, outside: Outside) -> None:
        while not self._stop.wait(self._every):
            self.look(outside, datetime.now().astimezone())

    def look(self, outside: Outside, now: datetime) -> None:
        """Ask once, and ring for what is new. During quiet hours nothing is asked, so that it is told after them."""
        chosen = self._choices()
        if not chosen.notices or chosen.is_quiet(now.time()):
            return
        things = waiting_at(outside)
        if things is None:
            return
        known = self._known.read()
        self._known.keep([thing.key for thing in things])
        # The first time, everything is new and on the page one is looking at.
        fresh = [thing for thing in things if known is not None and thing.key not in known]
        if fresh:
            self._ring(fresh)


def every_seconds() -> float:
    """How often to ask: each minute, or as JALON_ASK_SECONDS says."""
    given = os.environ.get("JALON_ASK_SECONDS", "")
    return float(given) if given.isdecimal() and int(given) > 0 else float(EVERY_SECONDS)


def waiting_at(outside: Outside) -> list[Thing] | None:
    """What waits for whoever is signed in to the window; None where nobody is, or no answer came."""
    try:
        answer = outside.get("/waiting.json", patience=10.0)
        if answer.status != 200:
            return None
        rows: list[dict[str, Any]] = answer.read()["waiting"]
        return [Thing(row["key"], row["what"], row["consequence"], own_path(row["url"])) for row in rows]
    except (NoAnswer, KeyError, TypeError):
        return None


def own_path(path: str) -> str:
    """The path, if it is one of the server's own."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
