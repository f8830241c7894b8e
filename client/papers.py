"""Where papers go: a folder for each campaign, in it one for each kind, and none is ever overwritten."""

import json
import re
import secrets
import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from client.folders import write_whole

MOST_COPIES = 30
LONGEST = 90
# What Windows, macOS or a shell would take for something else, and names Windows keeps for devices.
UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u2028\u2029\u202a-\u202e\u2066-\u2069]+')
DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


@dataclass(frozen=True)
class Filing:
    """Under what a paper is filed, in the reader's words; any of it may be unknown."""

    campaign: str = ""
    kind: str = ""
    number: str = ""
    file: str = ""


@dataclass(frozen=True)
class Copy:
    """A paper opened lately, kept to be read without the server."""

    id: str
    name: str
    campaign: str
    opened: str
    path: Path

    @property
    def opened_at(self) -> datetime:
        """When, by this computer's clock."""
        return datetime.fromisoformat(self.opened)


def clean(text: str, otherwise: str = "paper") -> str:
    """A name fit for a file or folder on any system, whatever a server sent."""
    name = " ".join(UNFIT.sub(" ", text).split()).strip(". ")
    if len(name) > LONGEST:
        stem, dot, suffix = name.rpartition(".")
        ending = f".{suffix}" if dot and 0 < len(suffix) <= 8 else ""
        name = (stem if ending else name)[: LONGEST - len(ending)].rstrip(". ") + ending
    return f"_{name}" if DEVICES.match(name) else name or otherwise


def folder_for(papers: Path, filing: Filing) -> Path:
    """The folder of a paper; made when something is saved in it."""
    parts = [clean(part) for part in (filing.campaign, filing.kind) if part.strip()]
    return papers.joinpath(*parts)


def file_name(filing: Filing) -> str:
    """The number, if it has one and does not say it already, then the name the server gives it."""
    name = clean(filing.file)
    number = clean(filing.number, otherwise="")
    return name if not number or number.casefold() in name.casefold() else clean(f"{number} {name}")


def take_free(folder: Path, name: str) -> Path:
    """A file of this name that was not there before, or the name with (2), (3) …; it is made empty, and so taken."""
    folder.mkdir(parents=True, exist_ok=True)
    stem, suffix = Path(name).stem, Path(name).suffix
    count = 1
    while True:
        path = folder / (name if count == 1 else f"{stem} ({count}){suffix}")
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            count += 1
        else:
            return path


def is_saved(folder: Path, name: str, content: bytes) -> bool:
    """Whether this very paper lies there already, under this name or a numbered one."""
    pattern = re.compile(rf"{re.escape(Path(name).stem)}( \(\d+\))?{re.escape(Path(name).suffix)}")
    if not folder.is_dir():
        return False
    alike = (path for path in folder.iterdir() if pattern.fullmatch(path.name))
    return any(path.stat().st_size == len(content) and path.read_bytes() == content for path in alike)


def save(papers: Path, filing: Filing, content: bytes) -> Path:
    """Keep a paper where it belongs; returns where. Raises `OSError` where there is no room for the whole of it."""
    path = take_free(folder_for(papers, filing), file_name(filing))
    try:
        path.write_bytes(content)
    except OSError:
        path.unlink()  # half a paper is none
        raise
    return path


class Copies:
    """The last papers opened in one profile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = folder / "copies.json"
        self._one_at_a_time = threading.Lock()

    def all(self) -> list[Copy]:
        """The last one first; those whose file is gone are left out."""
        try:
            rows = json.loads(self._index.read_text(encoding="utf-8"))
            copies = [Copy(**{**row, "path": self._folder / Path(row["path"]).name}) for row in rows]
            copies.sort(key=lambda copy: copy.opened_at, reverse=True)
        except (OSError, ValueError, TypeError, KeyError):
            return []
        return [copy for copy in copies if copy.path.exists()]

    def keep(self, filing: Filing, content: bytes, *, at: datetime) -> Copy:
        """Keep a copy; the same paper opened again replaces its older one."""
        with self._one_at_a_time:
            name = file_name(filing)
            copy_id = secrets.token_hex(8)
            copy = Copy(
                copy_id, name, filing.campaign, f"{at:%Y-%m-%d %H:%M}", self._folder / f"{copy_id}.pdf"
            )
            copy.path.touch(mode=0o600)
            copy.path.write_bytes(content)
            known = self.all()
            kept = [copy, *(each for each in known if (each.name, each.campaign) != (name, filing.campaign))][
                :MOST_COPIES
            ]
            rows = [{**asdict(each), "path": each.path.name} for each in kept]
            write_whole(self._index, json.dumps(rows).encode())
            for old in known:
                if old.id not in {each.id for each in kept}:
                    old.path.unlink(missing_ok=True)
            return copy
