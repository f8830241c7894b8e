"""The sentences papers print, kept as dated tables that a lawyer can edit without reading code.

A file of texts/ holds `[labels]` (single words, in both languages) and `[[sentences.key]]` entries. Each
entry says from when (perhaps until when, or in which country) it is right, where it comes from and when that was
checked.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("fr", "en")


class MissingTextError(LookupError):
    """No table holds the text a paper needs on that day: the table must be completed, never guessed."""


@dataclass(frozen=True)
class Texts:
    """One table read in one language on one day: call it with a key and the words to fill in."""

    table: str
    language: str
    on: date

    def __call__(self, key: str, *, country: str = "", **words: str) -> str:
        """The text of a key; an entry for `country` goes before the general one.

        Raises MissingTextError when there is none in force.
        """
        tables = (read(self.table), read("house"))
        for table in tables:
            if key in table.get("labels", {}):
                return str(table["labels"][key][self.language]).format_map(words)
        for table in tables:
            entry = _in_force(table.get("sentences", {}).get(key, []), self.on, country)
            if entry:
                return str(entry[self.language]).format_map(words)
        raise MissingTextError(f"texts/{self.table}.toml says nothing for {key!r} on {self.on}.")


@cache
def read(table: str) -> dict[str, Any]:
    """The whole file of one table, read once per process."""
    return tomllib.loads((FOLDER / f"{table}.toml").read_text(encoding="utf-8"))


def to_review(on: date) -> list[str]:
    """The sentences in force on that day whose source nobody checked in the year before it."""
    stale = []
    for path in sorted(FOLDER.glob("*.toml")):
        for key, entries in read(path.stem).get("sentences", {}).items():
            for entry in entries:
                if _valid(entry, on) and (on - entry["checked_on"]).days > 366:
                    stale.append(f"{path.stem}.{key}")
    return stale


def _in_force(entries: list[dict[str, Any]], on: date, country: str) -> dict[str, Any] | None:
    valid = [entry for entry in entries if _valid(entry, on) and entry.get("country", "") in ("", country)]
    if not valid:
        return None
    return max(valid, key=lambda entry: ("country" in entry, entry["valid_from"]))


def _valid(entry: dict[str, Any], on: date) -> bool:
    return bool(entry["valid_from"] <= on <= entry.get("valid_to", date.max))
