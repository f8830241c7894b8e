"""Effects on the outside, written down in the transaction that wants them and carried out afterwards.

A row has a unique key; the key travels with the effect, so that doing it twice does it once outside as well.
"""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Index
from sqlmodel import Field, Session, col, select

from app.kit.rows import Row

MAIL = "mail"
LEASE = timedelta(minutes=2)
PATIENCE = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))


class Outgoing(Row, table=True):
    """One effect that is due. Done rows stay as the record of what left."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "done_at", "due_at"),)

    topic: str = Field(max_length=40)
    key: str = Field(max_length=160, unique=True)
    body: str = Field(default="{}", max_length=20000)
    due_at: datetime
    attempts: int = 0
    leased_until: datetime | None = None
    done_at: datetime | None = None
    trouble: str = Field(default="", max_length=500)


def put(db: Session, topic: str, key: str, at: datetime, **body: Any) -> Outgoing:
    """Ask for this effect once; asking again with the same key changes nothing."""
    found = db.exec(select(Outgoing).where(Outgoing.key == key)).first()
    if found:
        return found
    row = Outgoing(topic=topic, key=key, body=json.dumps(body, ensure_ascii=False), due_at=at)
    db.add(row)
    db.flush()
    return row


def is_any_due(
    db: Session, at: datetime, *, only: Collection[str] | None = None, without: Collection[str] | None = None
) -> bool:
    """Whether anything of these topics (or of all but these) is to be carried out: a look that locks nothing."""
    return db.exec(select(Outgoing.id).where(*_due(at, only, without)).limit(1)).first() is not None


def claim(
    db: Session, at: datetime, most: int = 20, *, only: Collection[str] | None = None,
    without: Collection[str] | None = None,
) -> list[Outgoing]:  # fmt: skip
    """Take some due rows for two minutes, of these topics or of all but these; who dies with them loses them."""
    query = (
        select(Outgoing)
        .where(*_due(at, only, without))
        .order_by(col(Outgoing.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = list(db.exec(query))
    for row in rows:
        row.leased_until = at + LEASE
        row.attempts += 1
    return rows


def _due(
    at: datetime, only: Collection[str] | None, without: Collection[str] | None
) -> list[ColumnElement[bool]]:
    found = [
        col(Outgoing.done_at).is_(None),
        col(Outgoing.due_at) <= at,
        (col(Outgoing.leased_until).is_(None)) | (col(Outgoing.leased_until) < at),
    ]
    if only is not None:
        found.append(col(Outgoing.topic).in_(only))
    if without is not None:
        found.append(col(Outgoing.topic).not_in(without))
    return found


def done(db: Session, row_id: int, at: datetime) -> None:
    """The effect is out. What a mail said is forgotten with it: it may hold a link that lets somebody in."""
    row = db.get_one(Outgoing, row_id)
    row.done_at, row.leased_until, row.trouble = at, None, ""
    if row.topic == MAIL:
        row.body = "{}"


def later(db: Session, row_id: int, at: datetime, trouble: str) -> None:
    """It did not work now: try again after a while, longer each time."""
    row = db.get_one(Outgoing, row_id)
    row.due_at = at + PATIENCE[min(row.attempts, len(PATIENCE)) - 1]
    row.leased_until, row.trouble = None, trouble[:500]
