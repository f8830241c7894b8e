"""The book: one reason once, two sides alike, nothing below zero."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from app.audit import chains
from app.kit.db import Database
from app.ledger import book
from app.ledger.book import (
    AccountName,
    BelowZero,
    KeyReused,
    Leg,
    balance,
    balances,
    post,
    total,
)
from app.ledger.model import Entry, Transfer

AT = datetime(2026, 12, 2, 8, 0, tzinfo=UTC)
BANK = AccountName("outside:bank", "debit", "EUR", may_go_below=True)
HELD = AccountName("held:1:1:bank", "credit", "EUR")
OTHER = AccountName("held:1:2:bank", "credit", "EUR")


def put(db: Session, key: str, *legs: Leg, memo: str = "Because") -> int | None:
    """One entry."""
    return post(db, key=key, memo=memo, at=AT, legs=legs, chain="house")


def receive(db: Session, key: str, cents: int, into: AccountName = HELD) -> int | None:
    """Money from the bank."""
    return put(db, key, Leg(BANK, into, cents))


def count(db: Session, kind: type[Any] = Entry) -> int:
    """How many rows there are."""
    return len(db.exec(select(kind)).all())


def test_both_sides_of_a_transfer_grow_as_their_account_does(db: Session) -> None:
    receive(db, "one", 500)
    assert (balance(db, BANK.code), balance(db, HELD.code)) == (500, 500)
    put(db, "two", Leg(HELD, BANK, 200))
    assert (balance(db, BANK.code), balance(db, HELD.code)) == (300, 300)
    put(db, "three", Leg(HELD, OTHER, 50))
    assert balances(db, "held:") == {HELD.code: 250, OTHER.code: 50}
    assert total(db, "held:1:") == 300
    assert balance(db, "never opened") == 0


def test_the_same_reason_twice_is_one_entry(db: Session) -> None:
    first = receive(db, "one", 500)
    assert receive(db, "one", 500) == first
    assert count(db) == count(db, Transfer) == 1
    assert balance(db, HELD.code) == 500
    found = book.entry_of(db, "one")
    assert found is not None
    assert found.id == first
    assert book.entry_of(db, "none") is None


@pytest.mark.parametrize(
    "again",
    [
        lambda db: receive(db, "one", 501),
        lambda db: receive(db, "one", 500, OTHER),
        lambda db: put(db, "one", Leg(BANK, HELD, 500), memo="Another"),
        lambda db: put(db, "one", Leg(BANK, HELD, 250), Leg(BANK, HELD, 250)),
        lambda db: post(
            db, key="one", memo="Because", at=AT, legs=[Leg(BANK, HELD, 500)], chain="campaign:1"
        ),
    ],
)
def test_the_same_key_for_another_content_is_refused(db: Session, again: Callable[[Session], Any]) -> None:
    receive(db, "one", 500)
    with pytest.raises(KeyReused, match="one"):
        again(db)
    assert count(db) == 1
    assert balance(db, HELD.code) == 500


def test_an_account_that_may_not_go_below_zero_does_not(db: Session) -> None:
    receive(db, "one", 500)
    with pytest.raises(BelowZero, match="held:1:1:bank"):
        put(db, "two", Leg(HELD, BANK, 501))
    with pytest.raises(BelowZero):
        put(db, "three", Leg(HELD, OTHER, 300), Leg(HELD, BANK, 201))
    assert count(db) == 1
    put(db, "four", Leg(HELD, BANK, 500))
    assert balance(db, HELD.code) == 0


def test_what_passes_through_in_one_entry_may_leave_in_the_same(db: Session) -> None:
    put(db, "one", Leg(BANK, HELD, 100), Leg(HELD, OTHER, 100))
    assert balances(db, "held:") == {HELD.code: 0, OTHER.code: 100}


def test_the_bank_may_stand_below_zero(db: Session) -> None:
    receive(db, "one", 100)
    put(db, "two", Leg(AccountName("claim:1:bank", "debit", "EUR"), BANK, 300))
    assert balance(db, BANK.code) == -200


def test_the_database_itself_refuses_a_balance_below_zero(database: Database) -> None:
    with database.writing() as db:
        receive(db, "one", 100)
    with pytest.raises(Exception, match="not_below_zero"), database.writing() as db:
        db.execute(text("UPDATE ledger_account SET balance_cents = -1 WHERE code = 'held:1:1:bank'"))


def test_legs_of_nothing_are_left_out_and_an_entry_of_nothing_is_none(db: Session) -> None:
    assert put(db, "one", Leg(BANK, HELD, 0)) is None
    put(db, "two", Leg(BANK, HELD, 0), Leg(BANK, OTHER, 5))
    assert count(db, Transfer) == 1
    assert balances(db, "held:") == {OTHER.code: 5}


@pytest.mark.parametrize(
    ("leg", "sentence"),
    [
        (Leg(BANK, HELD, -5), "positive amount"),
        (Leg(BANK, AccountName("held:9:9:bank", "credit", "USD"), 5), "one currency"),
        (Leg(HELD, HELD, 5), "two accounts"),
    ],
)
def test_a_transfer_without_sense_is_a_mistake(db: Session, leg: Leg, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        put(db, "one", leg)
    assert count(db) == 0


def test_an_account_keeps_its_side_and_its_currency(db: Session) -> None:
    receive(db, "one", 5)
    for wrong in (AccountName(HELD.code, "debit", "EUR"), AccountName(HELD.code, "credit", "USD")):
        bank = AccountName("outside:other", "debit", wrong.currency, may_go_below=True)
        with pytest.raises(ValueError, match="opened differently"):
            put(db, "two", Leg(bank, wrong, 5))


def test_a_long_memo_is_cut_and_still_the_same_reason(db: Session) -> None:
    first = put(db, "one", Leg(BANK, HELD, 5), memo="x" * 400)
    assert put(db, "one", Leg(BANK, HELD, 5), memo="x" * 400) == first


def test_accounts_are_locked_in_the_order_of_their_codes(database: Database) -> None:
    """Whatever the order of the legs: two entries that need the same accounts never wait for each other in a ring."""
    asked: list[str] = []
    from sqlalchemy import event

    def listen(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _many: bool) -> None:
        if "FROM ledger_account" in statement and "ORDER BY" in statement:
            asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    with database.writing() as db:
        put(db, "one", Leg(BANK, OTHER, 5), Leg(BANK, HELD, 5))
    assert asked
    assert all("ORDER BY ledger_account.code" in statement for statement in asked)
    assert database.is_sqlite or all("FOR UPDATE" in statement for statement in asked)


@pytest.mark.parametrize("memo", ["é ü 漢字 🙂", 'a "quote" \\ and\na line', "x" * 400, " ", "{}:%(a)s:'"])
@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Europe/Paris"), timezone(timedelta(hours=-9, minutes=-30))])
def test_an_entry_is_sealed_as_the_database_gives_it_back(
    database: Database, memo: str, zone: tzinfo
) -> None:
    at = datetime(2026, 12, 2, 8, 0, 0, 123_456, tzinfo=zone)
    with database.writing() as db:
        post(db, key="one", memo=memo, at=at, legs=[Leg(BANK, HELD, 5), Leg(HELD, OTHER, 2)], chain="house")
    with database.reading() as db:
        assert list(chains.changed_entries(db, AT)) == []
        assert list(chains.broken_links(db, AT)) == []
