"""What somebody chose once: language, where papers go, when it is quiet. And where the window stood."""

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import time
from pathlib import Path
from typing import Any, TypeVar

from client.folders import write_whole
from client.words import language_of_system

Kept = TypeVar("Kept", "Preferences", "Place")

LANGUAGES = {"fr": "Français", "en": "English"}


@dataclass(frozen=True)
class Preferences:
    """Choices for all profiles. Times are of this computer's clock; the same twice means never quiet."""

    language: str = ""
    papers: str = ""
    asks_where: bool = False
    notices: bool = True
    quiet_from: str = "19:00"
    quiet_until: str = "08:00"
    last_profile: str = ""

    def spoken(self) -> str:
        """The language chosen, or the computer's."""
        return self.language if self.language in LANGUAGES else language_of_system()

    def is_quiet(self, now: time) -> bool:
        """Whether nothing may ring at this hour."""
        begin, end = clock(self.quiet_from), clock(self.quiet_until)
        if begin is None or end is None or begin == end:
            return False
        return begin <= now < end if begin < end else now >= begin or now < end


@dataclass(frozen=True)
class Place:
    """Where a profile's window stood, and how large it was drawn."""

    x: int | None = None
    y: int | None = None
    width: int = 1180
    height: int = 820
    maximized: bool = False
    zoom: float = 1.0


def clock(text: str) -> time | None:
    """An hour as `19:00`; None for anything else."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


class Choices:
    """The preferences in their file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "preferences.json"

    def read(self) -> Preferences:
        """The choices; the first ones where nothing (readable) was chosen."""
        return _read(self._path, Preferences())

    def change(self, **chosen: Any) -> Preferences:
        """Keep these choices, and every other one as it was."""
        changed = replace(self.read(), **chosen)
        write_whole(self._path, json.dumps(asdict(changed), indent=1).encode())
        return changed


class WindowPlace:
    """A profile's window, from one time to the next."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "window.json"

    def read(self) -> Place:
        """Where it stood."""
        return _read(self._path, Place())

    def keep(self, place: Place) -> None:
        """Remember it."""
        write_whole(self._path, json.dumps(asdict(place)).encode())


def _read(path: Path, first: Kept) -> Kept:
    """What the file says of each field; a field of another type than it should be stays as it is at first."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return first
    if not isinstance(said, dict):
        return first
    known: dict[str, Any] = {}
    for field in fields(first):
        value, now = said.get(field.name), getattr(first, field.name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = (
            is_number if now is None or (isinstance(now, int | float) and not isinstance(now, bool)) else None
        )
        if fits or (fits is None and type(value) is type(now)):
            known[field.name] = value
    return replace(first, **known)
