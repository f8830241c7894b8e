"""Effects on the outside, written down in the transaction that wants them and carried out afterwards.

A row has a unique key; the key travels with the effect, so that doing it twice does it once outside as well.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index
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


def claim(db: Session, at: datetime, most: int = 20) -> list[Outgoing]:
    """Take some due rows for two minutes; who dies with them loses them to the next."""
    query = (
        select(Outgoing)
        .where(
            col(Outgoing.done_at).is_(None),
            col(Outgoing.due_at) <= at,
            (col(Outgoing.leased_until).is_(None)) | (col(Outgoing.leased_until) < at),
        )
        .order_by(col(Outgoing.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = list(db.exec(query))
    for row in rows:
        row.leased_until = at + LEASE
        row.attempts += 1
    return rows


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
