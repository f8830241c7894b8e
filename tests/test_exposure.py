"""What can still be taken back, as the treasurer reads it: by its window, its share, and its last day."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from app.kit.db import Database
from app.kit.settings import Settings
from app.payouts.exposure import Exposure, exposure
from app.rails.bank.model_mandates import BankMandate
from tests.debit_cast import Debited, debit_stage


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough: nothing here writes."""
    return sqlite_url


@pytest.fixture
def stage(database: Database, settings: Settings) -> Debited:
    """A backer who is debited, another who transfers; both have paid."""
    stage = debit_stage(database, settings)
    stage.agreed_and_debited()
    return stage


def stands(stage: Debited, days: int = 0) -> Exposure:
    """What stands open so many days from now."""
    return stage.look(lambda db: exposure(db, "bank", at=stage.at + timedelta(days=days)))


def test_a_debit_can_be_taken_back_for_eight_weeks_then_for_thirteen_months_as_not_permitted(
    stage: Debited,
) -> None:
    cents, today = stage.collections()[0].amount_cents, stage.at.date()
    now = stands(stage)
    assert (now.free_cents, now.free_until, now.disputed_cents) == (cents, today + timedelta(days=56), 0)
    assert (now.share(2 * cents), now.share(0), now.share(1)) == (5_000, 0, 10_000)
    later = stands(stage, 57)
    month = today.month % 12 + 1
    assert (later.free_cents, later.disputed_cents) == (0, cents)
    assert later.disputed_until == date(today.year + (1 if today.month < 12 else 2), month, today.day)
    assert stands(stage, 400) == Exposure()


def test_between_businesses_nothing_is_taken_back_without_a_question(stage: Debited) -> None:
    def be_between_businesses(db: Session) -> None:
        db.exec(select(BankMandate)).one().scheme = "B2B"

    stage.act(be_between_businesses)
    now = stands(stage)
    assert (now.free_cents, now.free_until) == (0, None)
    assert now.disputed_cents == stage.collections()[0].amount_cents


def test_what_was_taken_back_stands_open_no_more(stage: Debited) -> None:
    order = stage.look(lambda db: stage.desk.order(stage.collections()[0].outside_id))
    stage.send_back(order, "MD06")
    assert stands(stage) == Exposure()
