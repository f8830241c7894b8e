"""The database: first come, first served; nothing half kept; no start where a power cut could lose money."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, select

from app.kit import db as kit
from app.kit.db import Database, FairLock, UnsafeDatabase, is_passing
from app.kit.series import Series, next_number


def test_the_lock_serves_in_the_order_of_coming() -> None:
    lock, served = FairLock(), []
    lock.acquire()

    def wait(number: int) -> None:
        lock.acquire()
        served.append(number)
        lock.release()

    threads = []
    for number in range(12):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        while len(lock._waiting) < number + 1:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join(5)
    assert served == list(range(12))
    lock.acquire()  # free again
    lock.release()


def test_nobody_comes_in_between_who_releases_and_who_waits() -> None:
    lock, served = FairLock(), []
    lock.acquire()
    waiting = threading.Thread(target=lambda: (lock.acquire(), served.append("first"), lock.release()))
    waiting.start()
    while not lock._waiting:
        time.sleep(0.001)
    lock.release()
    lock.acquire()
    served.append("second")
    lock.release()
    waiting.join(5)
    assert served == ["first", "second"]


def test_a_block_is_kept_whole_or_not_at_all(database: Database) -> None:
    with database.writing() as db:
        db.add(Series(name="kept", last=1))

    def fail(db: Session) -> None:
        db.add(Series(name="lost", last=1))
        db.flush()
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="middle"):
        database.run(fail)
    with database.reading() as db:
        assert list(db.exec(select(Series.name))) == ["kept"]
    with database.writing() as db:  # the turn was given back
        db.add(Series(name="later", last=1))


def test_who_reads_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)read-?only"), database.reading() as db:
        db.execute(text("INSERT INTO number_series (name, last) VALUES ('x', 1)"))
    with pytest.raises(DBAPIError, match=r"(?i)read-?only"), database.snapshot() as db:
        db.execute(text("INSERT INTO number_series (name, last) VALUES ('x', 1)"))


def test_a_snapshot_does_not_see_what_came_after_it(database: Database) -> None:
    with database.snapshot() as db:
        assert db.exec(select(Series)).all() == []
        with database.writing() as other:
            other.add(Series(name="new", last=1))
        assert db.exec(select(Series)).all() == []
    with database.reading() as db:
        assert len(db.exec(select(Series)).all()) == 1


def passing_error(database: Database) -> DBAPIError:
    """What the driver raises when another transaction was in the way."""
    if database.is_sqlite:
        return OperationalError("", {}, Exception("database is locked"))
    deadlock = type("Deadlock", (Exception,), {"sqlstate": "40P01"})
    return OperationalError("", {}, deadlock("deadlock detected"))


def test_work_that_was_in_the_way_of_another_is_done_again(database: Database) -> None:
    tried = []

    def work(db: Session) -> str:
        tried.append(1)
        db.add(Series(name=f"try {len(tried)}", last=1))
        db.flush()
        if len(tried) < 3:
            raise passing_error(database)
        return "done"

    assert database.run(work) == "done"
    assert len(tried) == 3
    with database.reading() as db:
        assert list(db.exec(select(Series.name))) == ["try 3"]


def test_work_is_not_tried_for_ever_and_a_mistake_not_twice(database: Database) -> None:
    tried: list[str] = []

    def work(error: DBAPIError) -> None:
        def act(_db: Session) -> None:
            tried.append("once")
            raise error

        with pytest.raises(DBAPIError):
            database.run(act)

    work(passing_error(database))
    assert len(tried) == kit.ATTEMPTS
    tried.clear()
    work(OperationalError("", {}, Exception("no such table")))
    assert len(tried) == 1


def test_only_what_passes_by_itself_counts_as_passing() -> None:
    for code, passes in (
        ("40001", True),
        ("40P01", True),
        ("55P03", True),
        ("23505", False),
        ("42P01", False),
    ):
        error = OperationalError("", {}, type("E", (Exception,), {"sqlstate": code})())
        assert is_passing(error) is passes


def test_a_safe_database_may_be_used(database: Database) -> None:
    database.check()


@pytest.mark.parametrize(
    ("pragma", "sentence"),
    [
        ("synchronous=NORMAL", "a power cut could lose money"),
        ("synchronous=OFF", "a power cut could lose money"),
        ("foreign_keys=OFF", "does not check its foreign keys"),
    ],
)
def test_an_unsafe_sqlite_is_refused(tmp_path: Path, pragma: str, sentence: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'unsafe.db'}")

    @event.listens_for(database.engine, "connect")
    def _spoil(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA {pragma}")

    with pytest.raises(UnsafeDatabase, match=sentence):
        database.check()
    database.close()


def test_wal_is_refused_on_a_sqlite_that_can_damage_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with database.engine.connect() as connection:
        if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
            pytest.skip("this SQLite is too old for WAL: Jalon does not use it")
    monkeypatch.setattr(kit, "WAL_MENDED", (99, 0, 0))
    with pytest.raises(UnsafeDatabase, match="can damage a database"):
        database.check()
    database.close()


def test_an_old_sqlite_keeps_its_journal_the_slow_and_safe_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit, "WAL_MENDED", (99, 0, 0))
    database = Database(f"sqlite:///{tmp_path / 'slow.db'}")
    database.check()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 3
    database.close()


@pytest.mark.parametrize("level", ["off", "local"])
def test_an_unsafe_postgresql_is_refused(postgres_url: str, level: str) -> None:
    from tests.conftest import driven

    database = Database(f"{driven(postgres_url)}&options=-csynchronous_commit%3D{level}")
    with pytest.raises(UnsafeDatabase, match="synchronous_commit"):
        database.check()
    database.close()


def test_numbers_follow_each_other_without_a_gap(database: Database) -> None:
    def fail(db: Session) -> None:
        assert next_number(db, "call", 2026) == "2026-0003"
        raise RuntimeError("never issued")

    for expected in ("2026-0001", "2026-0002"):
        with database.writing() as db:
            assert next_number(db, "call", 2026) == expected
    with pytest.raises(RuntimeError, match="never issued"):
        database.run(fail)
    with database.writing() as db:
        assert next_number(db, "call", 2026) == "2026-0003"
        assert next_number(db, "call", 2027) == "2027-0001"
        assert next_number(db, "estimate", 2026) == "2026-0001"


@pytest.mark.slow
def test_many_who_take_a_number_at_once_take_each_once(database: Database) -> None:
    taken: list[str] = []
    threads = [
        threading.Thread(target=lambda: taken.append(database.run(lambda db: next_number(db, "call", 2026))))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"2026-{number:04d}" for number in range(1, 17)]


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), database.writing() as db:
        db.execute(text(
            "INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_cents, currency)"
            " VALUES (99, 98, 97, 1, 'EUR')"
        ))  # fmt: skip
