"""Backlogs on their way in: kept as they came, looked at row by row, posted once."""

from datetime import datetime

from sqlmodel import Session, select

from app.catalogue import rules as catalogue
from app.catalogue.forms import SoftwareForm
from app.catalogue.model import Software
from app.kit.rules import Conflict, require
from app.kit.states import move
from app.needs.backlog import BacklogLine, decode, read_table
from app.needs.model import Backlog, Need, NeedState
from app.needs.preview import Judged, Verdict, preview, require_own
from app.needs.rules import next_position, require_writer, title_key
from app.needs.search import search_text
from app.people.access import Actor
from app.people.step import record


def bring_in(db: Session, content: bytes, *, file_name: str, by: Actor, at: datetime) -> Backlog:
    """Keep a file of needs to be looked at; nothing is posted yet. Raises `Refused` where it cannot be read."""
    require_writer(by)
    text = decode(content)
    table = read_table(text)
    backlog = Backlog(
        organization_id=by.organization.id,
        pseudonym=by.person.pseudonym,
        file_name="".join(letter for letter in file_name if letter.isprintable())[-200:] or "backlog.csv",
        text=text,
        came_in_at=at,
    )
    db.add(backlog)
    record(db, "bring_in", backlog, by=by, at=at, rows=len(table.rows))
    return backlog


def post_backlog(db: Session, backlog: Backlog, *, by: Actor, at: datetime) -> list[Need]:
    """Publish the new needs of a backlog, once, and register the software they are about."""
    require_own(backlog, by)
    require_writer(by)
    query = select(Backlog).where(Backlog.id == backlog.id).with_for_update()
    backlog = db.exec(query.execution_options(populate_existing=True)).one()
    if backlog.posted_at is not None:
        raise Conflict(
            "This backlog was already posted. Needs posted: %(count)s.", count=backlog.posted_count
        )
    seen = preview(db, backlog, reader=by)
    fresh = [judged for judged in seen.rows if judged.verdict == Verdict.NEW]
    require(fresh, "There is nothing new to post in this backlog.")
    posted = _post(db, fresh, by=by, at=at)
    backlog.posted_at, backlog.posted_count = at, len(posted)
    backlog.text = ""  # what it said stands in the needs now
    counts = seen.counts
    record(
        db, "post", backlog, by=by, at=at,
        new=counts[Verdict.NEW], double=counts[Verdict.DOUBLE], wrong=counts[Verdict.WRONG],
    )  # fmt: skip
    return posted


def _post(db: Session, fresh: list[Judged], *, by: Actor, at: datetime) -> list[Need]:
    registered: dict[str, Software] = {}
    for judged in fresh:
        if judged.software is None and judged.repository not in registered:
            form = SoftwareForm(name=judged.row.software, repository_url=judged.repository)
            registered[judged.repository] = catalogue.register(db, form, by=by, at=at)
    # The first row of the file stands at the head of the list.
    first = next_position(db, at)
    posted = [
        _need(judged.row.need, judged.software or registered[judged.repository], first + place, by=by, at=at)
        for place, judged in enumerate(reversed(fresh))
        if judged.row.need
    ]
    db.add_all(posted)
    db.flush()
    for need in posted:
        record(db, "publish", need, by=by, at=at, before=NeedState.DRAFT)
    return posted[::-1]


def _need(line: BacklogLine, software: Software, position: int, *, by: Actor, at: datetime) -> Need:
    need = Need(
        organization_id=by.organization.id,
        software_id=software.id,
        title=line.title,
        title_key=title_key(line.title),
        summary=line.summary,
        workaround=line.workaround,
        criteria=line.criteria,
        kind=line.kind.value,
        users=line.users or 0,
        wanted_on=line.wanted_on,
        open_since=line.open_since,
        source_url=line.source_url,
        written_at=at,
        published_at=at,
        position=position,
    )
    move(need, NeedState.PUBLISHED)
    need.search_text = search_text(need, software.name)
    return need
