"""What waits in the inbox: whose turn it is, in which order; a round costs the same however many wait."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import event, insert

from app.kit.db import Database
from app.rails import inbox
from app.rails.inbox import MOST_TRIES, PATIENCE, EventState, InboxEvent

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def put(database: Database, *events: tuple[str, str, int, datetime]) -> None:
    """Keep events as they stand: name, state, tries, when they came."""
    rows = [
        {
            "rail": "bank", "event_id": name, "outside_id": name, "state": state, "tries": tries, "received_at": at,
            "trouble": "",
        }
        for name, state, tries, at in events
    ]  # fmt: skip
    database.run(lambda db: db.execute(insert(InboxEvent), rows))


def test_what_failed_waits_longer_each_time_and_not_for_ever(database: Database) -> None:
    put(
        database,
        ("fresh", EventState.RECEIVED, 0, NOW),
        ("its turn", EventState.FAILED, 3, NOW - 4 * PATIENCE),
        ("not yet", EventState.FAILED, 3, NOW - 4 * PATIENCE + timedelta(seconds=1)),
        ("given up", EventState.FAILED, MOST_TRIES, NOW - timedelta(days=30)),
        ("done", EventState.HANDLED, 1, NOW),
    )
    with database.reading() as db:
        assert [one.event_id for one in inbox.waiting(db, NOW)] == ["fresh", "its turn"]
        assert [one.event_id for one in inbox.waiting(db)] == ["fresh", "its turn", "not yet"]
        assert inbox.names_waiting(db, "bank") == {"fresh", "its turn", "not yet"}
        assert inbox.is_waiting(db, "bank")
        assert not inbox.is_waiting(db, "stripe")


def test_a_round_reads_no_more_rows_however_many_wait(database: Database) -> None:
    failed = [(f"late {n}", EventState.FAILED, 9, NOW) for n in range(1_000)]
    put(database, *failed, *((f"line {n}", EventState.RECEIVED, 0, NOW) for n in range(1_000)))
    read: list[InboxEvent] = []
    event.listen(InboxEvent, "load", lambda row, _context: read.append(row))
    with database.reading() as db:
        found = inbox.waiting(db, NOW, most=200)
    assert [one.event_id for one in found] == [f"line {n}" for n in range(200)]
    assert len(read) == 200
