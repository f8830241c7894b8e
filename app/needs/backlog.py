"""Reads a backlog as people keep it: a workbook, CSV in UTF-8, or as a French Excel writes it. Knows no database.

Whatever the file holds, the answer is rows or one `Refused` with a sentence: never anything half read.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Annotated

from pydantic import BeforeValidator

from app.catalogue.addresses import repository_of_ticket
from app.catalogue.forms import Name, RepositoryAddress, WebAddressIfAny, refusable
from app.catalogue.spelling import key
from app.kit.forms import CountIfAny, DayIfAny, Form, Line, TextIfAny, parse
from app.kit.rules import Mistakes, Refused, refuse, require
from app.needs.model import NeedKind
from app.needs.workbook import BY_ROWS, text_of_workbook

LARGEST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 5_000
DELIMITERS = (",", ";", "\t")
# What no table of text holds; the tab and the ends of lines apart.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
WORKBOOK = b"PK"

# Each field with the headings it is known by, compared without capitals, accents and punctuation.
HEADINGS = {
    "software": ("software", "logiciel", "application", "produit", "product"),
    "repository_url": (
        "repository url",
        "repository",
        "repo",
        "repo url",
        "depot",
        "adresse du depot",
        "url du depot",
    ),
    "source_url": ("issue url", "issue", "source url", "link", "lien", "url", "ticket", "adresse"),
    "title": ("title", "need", "titre", "intitule", "intitule du besoin", "besoin"),
    "summary": ("one line summary", "summary", "description", "resume"),
    "kind": ("kind", "category", "type", "categorie", "nature"),
    "open_since": (
        "created",
        "created on",
        "created at",
        "open since",
        "cree le",
        "date de creation",
        "ouvert le",
    ),
    "wanted_on": ("wanted", "wanted on", "wanted by", "souhaite le", "souhaite pour le", "echeance"),
    "users": ("users", "number of users", "utilisateurs", "nombre d utilisateurs", "nb utilisateurs"),
    "workaround": ("workaround", "contournement", "contournement actuel"),
    "criteria": ("acceptance criteria", "criteria", "criteres d acceptation", "criteres"),
}
REQUIRED = {"software": "software / logiciel", "title": "title / intitulé"}
FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}

KINDS = {
    NeedKind.FEATURE: ("feature", "enhancement", "fonctionnalite", "evolution"),
    NeedKind.MAINTENANCE: ("maintenance", "upkeep", "entretien"),
    NeedKind.SECURITY: ("security", "securite"),
    NeedKind.ACCESSIBILITY: ("accessibility", "accessibilite"),
    NeedKind.DOCUMENTATION: ("documentation", "docs"),
}
KIND_OF = {word: kind for kind, words in KINDS.items() for word in words}


def _kind(text: str) -> NeedKind:
    found = KIND_OF.get(key(text)) if text.strip() else NeedKind.FEATURE
    if found is None:
        refuse(
            "“%(typed)s” is none of feature, maintenance, security, accessibility, documentation.",
            typed=text[:40],
        )
    return found


class BacklogLine(Form):
    """One need of a backlog, as its cells read."""

    software: Name
    title: Line
    repository_url: RepositoryAddress | None = None
    source_url: WebAddressIfAny = ""
    summary: TextIfAny = ""
    kind: Annotated[NeedKind, BeforeValidator(refusable(_kind))] = NeedKind.FEATURE
    open_since: DayIfAny = None
    wanted_on: DayIfAny = None
    users: CountIfAny = None
    workaround: TextIfAny = ""
    criteria: TextIfAny = ""

    @property
    def repository(self) -> str | None:
        """The repository named, or the one its ticket belongs to."""
        return self.repository_url or repository_of_ticket(self.source_url)


@dataclass(frozen=True)
class Row:
    """A row of the file: where it begins, and what it says or what is wrong with it (under which heading)."""

    line: int
    title: str
    software: str
    need: BacklogLine | None = None
    mistake: Refused | None = None
    heading: str = ""


@dataclass(frozen=True)
class Table:
    """A backlog read: its rows, and the headings nothing was read from."""

    rows: list[Row]
    unused: list[str]


def decode(content: bytes) -> str:
    """The text of a workbook, or of a file in UTF-8 or Windows-1252; raises `Refused` for anything else."""
    require(content, "This file is empty.", field="file")
    require(len(content) <= LARGEST_BYTES, "This file is larger than 5 MB: please split it.", field="file")
    if content.startswith(WORKBOOK):
        return text_of_workbook(content, _are_ours, MOST_ROWS)
    text = _decoded(content)
    require(
        text is not None and not CONTROL.search(text),
        "This file is not a table of text in UTF-8 or Windows-1252. In Excel, save it as “CSV UTF-8”.",
        field="file",
    )
    require(text and text.strip(), "This file is empty.", field="file")
    return text or ""


def _are_ours(headings: list[str]) -> bool:
    """Whether these are the headings of a backlog."""
    return REQUIRED.keys() <= {FIELD_OF.get(key(heading)) for heading in headings}


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def read_table(text: str) -> Table:
    """The rows of a backlog; raises `Refused` where the file as a whole cannot be read."""
    by_rows = text.startswith(f"{BY_ROWS}\n")
    text, delimiters = _announced(text)
    lines = max((_Lines(text, each, by_rows=by_rows) for each in delimiters), key=lambda lines: lines.known)
    if lines.mistake:
        raise lines.mistake
    fields = _fields(lines.headings)
    rows: list[Row] = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        require(
            len(rows) < MOST_ROWS,
            "This file has more than %(most)s rows: please split it.", field="file", most=MOST_ROWS,
        )  # fmt: skip
        rows.append(_row(line, cells, lines.headings, fields))
    require(rows, "This file has headings, but no rows below them.", field="file")
    unused = [
        heading for place, heading in enumerate(lines.headings) if heading and place not in fields.values()
    ]
    return Table(rows, unused)


def _announced(text: str) -> tuple[str, tuple[str, ...]]:
    """Excel may say the separator in a first line of its own; so do we, of what we read from a sheet."""
    if text.startswith(f"{BY_ROWS}\n"):
        return text.removeprefix(f"{BY_ROWS}\n"), (",",)
    first, _, rest = text.partition("\n")
    said = first.strip().strip('"').lower()
    if said.startswith("sep=") and said[4:5] in (",", ";"):
        return "\n" + rest, (said[4],)
    return text, DELIMITERS


class _Lines:
    """The rows of a text with one separator, each with the line it begins on (or, of a sheet, its row)."""

    def __init__(self, text: str, delimiter: str, *, by_rows: bool) -> None:
        self._by_rows = by_rows
        self._read = 0
        self._reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        self.headings: list[str] = []
        self.mistake: Refused | None = None
        try:
            while not any(self.headings):
                self.headings = [" ".join(cell.split()) for cell in self._next()[1]]
        except StopIteration:
            self.headings = []
        except Refused as mistake:
            self.mistake, self.headings = mistake, []

    @property
    def known(self) -> int:
        """How many headings are known: the right separator knows most."""
        return sum(key(heading) in FIELD_OF for heading in self.headings)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            try:
                yield self._next()
            except StopIteration:
                return

    def _next(self) -> tuple[int, list[str]]:
        line = self._read + 1 if self._by_rows else self._reader.line_num + 1
        try:
            cells = next(self._reader)
            self._read += 1
            return line, cells
        except csv.Error:
            refuse("From line %(line)s on, this file cannot be read: a quotation mark is not closed, or"
                   " a cell is longer than 131,072 characters.", field="file", line=line)  # fmt: skip


def _fields(headings: list[str]) -> dict[str, int]:
    """Which column each field is read from; where two headings mean the same, the first one counts."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        if field := FIELD_OF.get(key(heading)):
            found.setdefault(field, place)
    missing = [shown for field, shown in REQUIRED.items() if field not in found]
    require(
        not missing,
        "The first line has to name the columns, and does not name: %(missing)s. It reads: %(headings)s.",
        field="file",
        missing=", ".join(missing),
        headings=(", ".join(heading for heading in headings if heading) or "—")[:200],
    )
    return found


def _row(line: int, cells: list[str], headings: list[str], fields: dict[str, int]) -> Row:
    def cell(field: str) -> str:
        place = fields.get(field, len(cells))
        return cells[place] if place < len(cells) else ""

    shown: Callable[[str], str] = lambda field: " ".join(cell(field).split())[:200]  # noqa: E731
    title, software = shown("title"), shown("software")
    if len(cells) < len(headings) or any(extra.strip() for extra in cells[len(headings) :]):
        mistake = Refused(
            "This line has %(found)s cells, the headings are %(wanted)s: is a quotation mark missing?",
            found=len(cells), wanted=len(headings),
        )  # fmt: skip
        return Row(line, title, software, mistake=mistake)
    typed = {field: text for field in fields if (text := cell(field)).strip()}
    try:
        need = parse(BacklogLine, {"software": "", "title": "", **typed})
    except Mistakes as mistakes:
        field, mistake = next(iter(mistakes.by_field.items()))
        return Row(line, title, software, mistake=mistake, heading=headings[fields[field]])
    return Row(line, need.title, need.software, need=need)
