"""Where mails are written: the log is read on, chain by chain, and each act becomes a mail for everybody concerned.

Steps are read by their place in their chain, not by their number: on PostgreSQL a step can be kept after one with a
higher number, and would be passed over. A chain's places are given under a lock, without gaps, in the order of keeping.
"""

import logging
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from app.kit import outbox
from app.kit.links import ChainHead, ChainLink
from app.notices.about import ABOUT
from app.notices.letters import letter_for, program_url
from app.notices.model import MailCursor
from app.notices.readers import Copy
from app.people.devices import who_has_one
from app.people.model import Operator
from app.people.step import Step

MOST_CHAINS = 100
MOST_LINES = 500
log = logging.getLogger("jalon.notices")


def write_news(db: Session, base_url: str, at: datetime) -> int:
    """Write the mails about everything since the last time; how many, and one more where there is more to read."""
    operator = db.exec(select(Operator)).first()
    if operator is None:
        return 0
    written, lines = 0, 0
    for chain in _with_news(db):
        if lines >= MOST_LINES:
            return written + 1
        steps, read = _read_on(db, chain, MOST_LINES)
        lines += read
        written += sum(_write(db, step, base_url, operator.zone, at) for step in steps)
    return written


def start_here(db: Session) -> None:
    """Write no mail about anything up to now: the people of a story have no mailbox."""
    for chain, number in list(db.exec(select(ChainHead.chain, ChainHead.number))):
        _cursor(db, chain).number = number


def _with_news(db: Session) -> list[str]:
    query = (
        select(ChainHead.chain)
        .outerjoin(MailCursor, col(MailCursor.chain) == col(ChainHead.chain))
        .where(col(ChainHead.number) > func.coalesce(col(MailCursor.number), 0))
        .order_by(col(ChainHead.chain))
        .limit(MOST_CHAINS)
    )
    return list(db.exec(query))


def _read_on(db: Session, chain: str, most: int) -> tuple[list[Step], int]:
    """The next acts of a chain, and how many of its lines were read; its cursor is moved behind them."""
    cursor = _cursor(db, chain)
    head = db.exec(select(ChainHead.number).where(ChainHead.chain == chain)).one()
    until = min(head, cursor.number + most)
    query = (
        select(Step)
        .join(ChainLink, col(ChainLink.line_id) == col(Step.id))
        .where(
            ChainLink.chain == chain, ChainLink.kind == "step",
            col(ChainLink.number) > cursor.number, col(ChainLink.number) <= until,
        )
        .order_by(col(ChainLink.number))
    )  # fmt: skip
    steps = list(db.exec(query))
    read = until - cursor.number
    cursor.number = until
    db.add(cursor)
    return steps, read


def _cursor(db: Session, chain: str) -> MailCursor:
    query = select(MailCursor).where(MailCursor.chain == chain).with_for_update()
    query = query.execution_options(populate_existing=True)
    found = db.exec(query).first()
    if found is None:
        if db.get_bind().dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as upsert
        else:
            from sqlalchemy.dialects.sqlite import insert as upsert  # type: ignore[assignment]
        # Two workers at once: the second one waits here, and reads on where the first one stopped.
        db.execute(upsert(MailCursor).values(chain=chain, number=0).on_conflict_do_nothing())
        found = db.exec(query).one()
    return found


def _write(db: Session, step: Step, base_url: str, zone: str, at: datetime) -> int:
    template = letter_for(step)
    tell = ABOUT.get(step.thing)
    if template is None or tell is None:
        return 0
    copies: dict[str, Copy] = {}
    try:
        for copy in tell(db, step, base_url):
            copies.setdefault(copy.person.pseudonym, copy)
    except DBAPIError:
        raise  # the whole round is done again
    except Exception:
        # One act nobody can tell of must not keep every later mail from being written.
        log.exception("no mail could be written about step %s", step.id)
        return 0
    with_program = who_has_one(db, {copy.person.id for copy in copies.values()}, at=at)
    for pseudonym, copy in copies.items():
        url = program_url(copy.facts.get("url")) if copy.person.id in with_program else {}
        outbox.put(
            db, "mail", f"mail:{step.id}:{pseudonym}", at,
            to=copy.person.email, template=template, language=copy.person.language, zone=zone,
            facts={**copy.facts, **url, "name": copy.person.name, "organization": copy.organization.name},
        )  # fmt: skip
    return len(copies)
