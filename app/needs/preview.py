"""A backlog before it is posted: row by row what is new, double or wrong."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlmodel import Session, and_, col, or_, select

from app.catalogue.model import Software
from app.catalogue.spelling import key
from app.kit.rules import Missing, Refused, require
from app.needs.backlog import BacklogLine, Row, read_table
from app.needs.model import Backlog, Need, NeedState
from app.needs.rules import title_key
from app.people.access import Actor

AT_ONCE = 400  # values in one question: both databases have a limit


class Verdict(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    DOUBLE = "double"
    WRONG = "wrong"


@dataclass(frozen=True)
class Judged:
    """A row with its verdict: what is wrong with it, or what it doubles (a need, or an earlier line).

    A new one is about `software`, or about one yet to be registered with `repository`.
    """

    row: Row
    verdict: Verdict
    software: Software | None = None
    repository: str = ""
    mistake: Refused | None = None
    doubles: Need | None = None
    doubles_line: int | None = None


@dataclass(frozen=True)
class Preview:
    """A backlog before it is posted."""

    rows: list[Judged]
    unused: list[str]

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many rows are new, double and wrong."""
        found = Counter(judged.verdict for judged in self.rows)
        return {verdict: found[verdict] for verdict in Verdict}


def require_own(backlog: Backlog, reader: Actor) -> None:
    """Raise `Missing` for another organization's backlog."""
    if backlog.organization_id != reader.organization.id:
        raise Missing


def preview(db: Session, backlog: Backlog, *, reader: Actor) -> Preview:
    """What posting would do, row by row."""
    require_own(backlog, reader)
    table = read_table(backlog.text)
    lines = [row.need for row in table.rows if row.need]
    known = Known(db, lines)
    by_source = _needs_by_source(db, {line.source_url for line in lines if line.source_url}, reader)
    by_title = _needs_by_title(db, known, lines, reader)
    first_lines: dict[Any, int] = {}
    rows = []
    for row in table.rows:
        judged = _judged(row, known, by_source, by_title)
        if judged.verdict == Verdict.NEW and row.need:
            names = _names(row.need, judged)
            earlier = [first_lines[name] for name in names if name in first_lines]
            if earlier:
                judged = replace(judged, verdict=Verdict.DOUBLE, doubles_line=min(earlier))
            first_lines |= {name: row.line for name in names if name not in first_lines}
        rows.append(judged)
    return Preview(rows, table.unused)


def _judged(row: Row, known: "Known", by_source: dict[str, Need], by_title: dict[Any, Need]) -> Judged:
    if row.need is None:
        return Judged(row, Verdict.WRONG, mistake=row.mistake)
    try:
        software, repository = known.meant_by(row.need)
    except Refused as unclear:
        return Judged(row, Verdict.WRONG, mistake=unclear)
    doubles = by_source.get(row.need.source_url)
    if doubles is None and software is not None:
        doubles = by_title.get((software.id, title_key(row.need.title)))
    if doubles is not None:
        return Judged(row, Verdict.DOUBLE, doubles=doubles)
    return Judged(row, Verdict.NEW, software, repository)


def _names(line: BacklogLine, judged: Judged) -> list[Any]:
    """What makes another line of the file the same need."""
    about = judged.software.id if judged.software else judged.repository
    source = [("source", line.source_url)] if line.source_url else []
    return [*source, ("title", about, title_key(line.title))]


class Known:
    """The registered software that some lines may mean, read at once."""

    def __init__(self, db: Session, lines: Sequence[BacklogLine]) -> None:
        self._by_repository: dict[str, Software] = {}
        self._by_name: dict[str, list[Software]] = {}
        # The repositories the file itself gives for a name: the other lines of that name mean them, too.
        self._said: dict[str, set[str]] = {}
        for line in lines:
            if line.repository:
                self._said.setdefault(key(line.software), set()).add(line.repository)
        for some in _some({line.repository for line in lines if line.repository}):
            self._keep(db.exec(select(Software).where(col(Software.repository_url).in_(some))))
        for some in _some({key(line.software) for line in lines}):
            self._keep(db.exec(select(Software).where(col(Software.name_key).in_(some))))

    def _keep(self, found: Iterable[Software]) -> None:
        for software in found:
            if software.repository_url not in self._by_repository:
                self._by_repository[software.repository_url] = software
                self._by_name.setdefault(software.name_key, []).append(software)

    def all(self) -> list[Software]:
        """Every one of them."""
        return list(self._by_repository.values())

    def meant_by(self, line: BacklogLine) -> tuple[Software | None, str]:
        """The software a line means, or the repository to register it with; raises `Refused` where neither is clear.

        The repository named counts first, then the name, then the repository of the ticket.
        """
        if line.repository_url:
            return self._by_repository.get(line.repository_url), line.repository_url
        if line.repository and line.repository in self._by_repository:
            return self._by_repository[line.repository], line.repository
        same_name = self._by_name.get(key(line.software), [])
        require(
            len(same_name) < 2,
            "Several software are called “%(name)s”: give the address of the repository in a column of its own.",
            name=line.software,
        )
        if same_name:
            return same_name[0], same_name[0].repository_url
        return self._new(line)

    def _new(self, line: BacklogLine) -> tuple[Software | None, str]:
        said = {line.repository} if line.repository else self._said.get(key(line.software), set())
        require(
            len(said) == 1,
            "“%(name)s” is not registered yet, and this line does not give the address of its repository.",
            name=line.software,
        )
        repository = next(iter(said))
        return self._by_repository.get(repository), repository


def _needs_by_source(db: Session, sources: set[str], reader: Actor) -> dict[str, Need]:
    found: dict[str, Need] = {}
    for some in _some(sources):
        query = select(Need).where(col(Need.source_url).in_(some), _visible(reader))
        found |= {need.source_url: need for need in db.exec(query)}
    return found


def _needs_by_title(db: Session, known: Known, lines: list[BacklogLine], reader: Actor) -> dict[Any, Need]:
    found: dict[Any, Need] = {}
    software_ids = [software.id for software in known.all()]
    for ids in _some(software_ids):
        for keys in _some({title_key(line.title) for line in lines}):
            query = select(Need).where(
                col(Need.software_id).in_(ids), col(Need.title_key).in_(keys), _visible(reader)
            )
            found |= {(need.software_id, need.title_key): need for need in db.exec(query)}
    return found


def _visible(reader: Actor) -> Any:
    """What doubles a line: what is published, and one's own drafts; nobody learns of another's draft."""
    own_draft = and_(Need.state == NeedState.DRAFT, Need.organization_id == reader.organization.id)
    return or_(Need.state == NeedState.PUBLISHED, own_draft)


def _some(values: Collection[Any]) -> Iterator[list[Any]]:
    listed = list(values)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]
