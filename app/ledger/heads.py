"""The heads of the chains, noted in a file outside the database: whoever rewrites the one has to find the other.

A line is: when, chain, number, head. Lines are only ever added.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from app.kit.clock import now
from app.kit.db import Database
from app.kit.links import ChainHead, ChainLink


@dataclass(frozen=True)
class Head:
    """How far a chain had come when it was noted."""

    chain: str
    number: int
    head: str


_noted: dict[Path, dict[str, int]] = {}


def write(database: Database, path: Path, *, at: datetime | None = None) -> int:
    """Add a line for every chain that went on since its last line; returns how many. Call it after each round."""
    with database.reading() as db:
        heads = [Head(row.chain, row.number, row.head) for row in db.exec(select(ChainHead))]
    known = _noted.get(path)
    if known is None or not path.exists():
        known = _noted[path] = _last_numbers(path)
    fresh = sorted(
        (head for head in heads if head.number > known.get(head.chain, 0)), key=lambda head: head.chain
    )
    if not fresh:
        return 0
    stamp = (at or now()).isoformat(timespec="seconds")
    _append(path, "".join(f"{stamp} {head.chain} {head.number} {head.head}\n" for head in fresh))
    known.update({head.chain: head.number for head in fresh})
    return len(fresh)


def read(path: Path) -> Iterator[tuple[int, Head | None]]:
    """The lines of the file by number; None for a line that is no head. A last line torn by a crash is left out."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            words = line.split()
            if len(words) == 4 and words[2].isdigit():
                yield number, Head(words[1], int(words[2]), words[3])
            elif line.endswith("\n"):
                yield number, None


def heads_at(db: Session, chain: str, numbers: list[int]) -> dict[int, str]:
    """The heads a chain had after these links; those that are not there are left out."""
    query = select(ChainLink.number, ChainLink.head).where(
        col(ChainLink.chain) == chain, col(ChainLink.number).in_(numbers)
    )
    return dict(iter(db.exec(query)))


def _last_numbers(path: Path) -> dict[str, int]:
    return {head.chain: head.number for _, head in read(path) if head}


def _append(path: Path, text: str) -> None:
    """Write all lines at once and wait until they are on the disk; a torn line of before is ended first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                _drop_torn_line(path)
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def _drop_torn_line(path: Path) -> None:
    with path.open("rb+") as file:
        whole = file.read()
        file.truncate(whole.rfind(b"\n") + 1)
