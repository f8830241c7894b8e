"""What the outside tells us, kept before it is believed: each event once, worked off by the worker."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, UniqueConstraint, and_, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, col, select

from app.kit.rows import Row
from app.kit.states import graph, move

MOST_TRIES = 16
# Doubled after every try: a rail that says nothing for a weekend loses nothing, the last try is after some four days.
PATIENCE = timedelta(seconds=10)


class EventState(StrEnum):
    """What became of an event."""

    RECEIVED = "received"
    HANDLED = "handled"
    IGNORED = "ignored"
    FAILED = "failed"


graph("InboxEvent", EventState, {
    EventState.RECEIVED: (EventState.HANDLED, EventState.IGNORED, EventState.FAILED),
    EventState.FAILED: (EventState.HANDLED, EventState.IGNORED),
})  # fmt: skip


class InboxEvent(Row, table=True):
    """One notification of a rail. Only the name of the object counts: its state is fetched."""

    __tablename__ = "inbox_event"
    __table_args__ = (UniqueConstraint("rail", "event_id"), Index("ix_inbox_event_state", "state", "id"))

    rail: str = Field(max_length=20)
    event_id: str = Field(max_length=120)
    outside_id: str = Field(max_length=80)
    state: str = Field(default=EventState.RECEIVED, max_length=10)
    received_at: datetime
    handled_at: datetime | None = None
    tries: int = 0
    trouble: str = Field(default="", max_length=500)


def receive(db: Session, rail: str, event_id: str, outside_id: str, *, at: datetime) -> bool:
    """Keep an event; False if it is known already. Nothing else happens at the door."""
    known = select(InboxEvent.id).where(InboxEvent.rail == rail, InboxEvent.event_id == event_id)
    if db.exec(known).first():
        return False
    try:
        with db.begin_nested():  # the same notice may arrive twice at one moment
            db.add(InboxEvent(rail=rail, event_id=event_id, outside_id=outside_id, received_at=at))
    except IntegrityError:
        return False
    return True


def waiting(db: Session, at: datetime | None = None, most: int = 200) -> list[InboxEvent]:
    """The events nobody has worked off, oldest first; one that failed waits longer each time, and not for ever.

    Without `at`, those that wait for their next try are among them. Only these rows are read: a file of ten thousand
    lines costs each round no more than one of a hundred.
    """
    query = select(InboxEvent).where(is_open() if at is None else _is_due(at))
    return list(db.exec(query.order_by(col(InboxEvent.id)).limit(most)))


def is_waiting(db: Session, rail: str) -> bool:
    """Whether something a rail said is not worked off yet."""
    query = select(InboxEvent.id).where(InboxEvent.rail == rail, is_open())
    return db.exec(query.limit(1)).first() is not None


def names_waiting(db: Session, rail: str) -> set[str]:
    """What a rail has told of that is not worked off yet, by its name there."""
    return set(db.exec(select(InboxEvent.outside_id).where(InboxEvent.rail == rail, is_open())))


def is_open() -> ColumnElement[bool]:
    """The condition that an event is not worked off, whenever its next try is."""
    is_failed = and_(col(InboxEvent.state) == EventState.FAILED, col(InboxEvent.tries) < MOST_TRIES)
    return or_(col(InboxEvent.state) == EventState.RECEIVED, is_failed)


def _is_due(at: datetime) -> ColumnElement[bool]:
    """Never tried, or tried so often and so long ago that its turn has come."""
    received, tries = col(InboxEvent.received_at), col(InboxEvent.tries)
    turns = [
        and_(tries == count, received <= at - PATIENCE * 2 ** (count - 1)) for count in range(1, MOST_TRIES)
    ]
    is_failed = and_(col(InboxEvent.state) == EventState.FAILED, or_(tries == 0, *turns))
    return or_(col(InboxEvent.state) == EventState.RECEIVED, is_failed)


def take(db: Session, event_id: int) -> InboxEvent | None:
    """The event, locked, if it still has to be worked off."""
    query = select(InboxEvent).where(InboxEvent.id == event_id).with_for_update()
    event = db.exec(query.execution_options(populate_existing=True)).one()
    return event if event.state in (EventState.RECEIVED, EventState.FAILED) else None


def take_together(db: Session, event_ids: Collection[int]) -> list[InboxEvent]:
    """Those of these events that still have to be worked off, locked, oldest first."""
    query = select(InboxEvent).where(col(InboxEvent.id).in_(event_ids)).order_by(col(InboxEvent.id))
    found = db.exec(query.with_for_update().execution_options(populate_existing=True))
    return [event for event in found if event.state in (EventState.RECEIVED, EventState.FAILED)]


def settle(event: InboxEvent, *, at: datetime, ignored: bool = False) -> None:
    """The event's effects are kept in this same transaction."""
    move(event, EventState.IGNORED if ignored else EventState.HANDLED)
    event.handled_at, event.trouble = at, ""


def fail(event: InboxEvent, trouble: str) -> None:
    """The event could not be worked off: it stays, with what went wrong."""
    event.state = EventState.FAILED.value
    event.tries += 1
    event.trouble = trouble[:500]
