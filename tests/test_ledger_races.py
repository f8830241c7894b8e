"""Thirty-two who post at once lose nothing; without the locks they do."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from app.audit import book as checks
from app.kit.db import Database
from app.ledger.book import BelowZero, Leg, balance, summed_balance, total
from app.ledger.model import Account
from tests.test_ledger import AT, BANK, HELD, OTHER, count, put, receive

THREADS, TIMES = 32, 4


def together(work: Callable[[int], None]) -> list[BaseException]:
    """Do the work in many threads that begin at once; what went wrong."""
    wrong: list[BaseException] = []
    gate = threading.Barrier(THREADS)

    def run(number: int) -> None:
        gate.wait()
        try:
            work(number)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def right(db: Session) -> None:
    """Every balance is its sum, nothing is below zero."""
    for check in checks.CHECKS:
        assert list(check.find(db, AT)) == [], check.says


@pytest.mark.slow
def test_many_who_post_at_once_lose_nothing(database: Database) -> None:
    """Half of them from one account to the other, half back: in a ring, were the locks not ordered."""
    with database.writing() as db:
        receive(db, "start", 1_000_000)
        receive(db, "start too", 1_000_000, OTHER)

    def work(number: int) -> None:
        for turn in range(TIMES):
            there, back = (HELD, OTHER) if number % 2 else (OTHER, HELD)
            legs = (Leg(there, back, 7), Leg(BANK, there, 1))
            database.run(lambda db, legs=legs, turn=turn: put(db, f"{number}:{turn}", *legs))

    assert together(work) == []
    with database.reading() as db:
        right(db)
        assert count(db) == THREADS * TIMES + 2
        assert balance(db, BANK.code) == 2_000_000 + THREADS * TIMES
        assert total(db, "held:") == 2_000_000 + THREADS * TIMES


@pytest.mark.slow
def test_one_reason_posted_by_many_at_once_is_one_entry(database: Database) -> None:
    def work(_number: int) -> None:
        database.run(lambda db: receive(db, "the one", 500))

    assert together(work) == []
    with database.reading() as db:
        assert count(db) == 1
        assert balance(db, HELD.code) == 500
        right(db)


@pytest.mark.slow
def test_the_last_money_of_an_account_leaves_once(database: Database) -> None:
    with database.writing() as db:
        receive(db, "start", 10)
    wrong = together(
        lambda number: database.run(lambda db: put(db, f"take:{number}", Leg(HELD, BANK, 3))) and None
    )
    assert [type(error) for error in wrong] == [BelowZero] * (THREADS - 3)
    with database.reading() as db:
        assert balance(db, HELD.code) == 1
        right(db)


@pytest.mark.slow
def test_without_the_locks_the_same_threads_lose_money(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: reading a balance, then writing what it should become, is what the locks are there for."""
    with database.writing() as db:
        receive(db, "start", 1)
    pause = threading.Barrier(THREADS, timeout=30)

    def work(_number: int) -> None:
        with database.reading() as db:
            stood = balance(db, HELD.code)
        pause.wait()
        statement = text("UPDATE ledger_account SET balance_cents = :cents WHERE code = :code")
        database.run(lambda db: db.execute(statement, {"cents": stood + 7, "code": HELD.code}))

    assert together(work) == []
    with database.reading() as db:
        account = db.exec(select(Account).where(Account.code == HELD.code)).one()
        assert account.balance_cents == 8  # of 1 + 32 times 7
        assert summed_balance(db, account) == 1
        assert list(checks.CHECKS[0].find(db, AT)) == [f"account {HELD.code} keeps 8, its transfers say 1"]
