"""Money in doubt leaves once: to a call, to whom it came from, or back to the payer's bank, never twice."""

import threading
from datetime import date

import pytest
from sqlmodel import Session, select

from app import audit
from app.audit import outside, pots, reasons
from app.escrow import receipts, returns, rules
from app.escrow.model import Call, Deposit, SuspenseReturn
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.ledger.book import balance
from app.people import declaring
from app.people.model import TieKind
from app.rails import sandbox
from app.rails.rail import Happened, Movement
from app.rails.sandbox import SandboxLine
from tests import cast as c

pytestmark = pytest.mark.long_story

CHECKS = (*pots.CHECKS, *reasons.CHECKS, *outside.CHECKS)


def in_doubt(db: Session) -> tuple[Deposit, SandboxLine]:
    """Money nobody can tell the purpose of."""
    line = sandbox.pay_in(
        db, amount_cents=100_000, currency="EUR", reference="For the wiki", name="Somebody",
        account="FR7630006000011234567890189", at=c.DECIDED,
    )  # fmt: skip
    c.hear(db)
    return db.exec(select(Deposit).where(Deposit.excess_cents > 0)).one(), line


@pytest.mark.parametrize("is_approved", [True, False], ids=["approved", "prepared"])
def test_what_the_payers_bank_took_back_is_not_sent_back_as_well(
    database: Database, is_approved: bool
) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        deposit, line = in_doubt(db)
        back = returns.prepare(db, deposit, reason="Not ours", by=cast.treasurer, at=c.DECIDED)
        if is_approved:
            returns.approve(db, back, by=cast.second_treasurer, at=c.DECIDED)
        c.charge_back(db, line)
        if not is_approved:
            with pytest.raises(Conflict):
                returns.approve(db, back, by=cast.second_treasurer, at=c.DECIDED)
        assert returns.order_for(db, back.id, at=c.DECIDED) is None
        assert back.state == ("dropped" if is_approved else "prepared")
    c.check_book(database)


@pytest.mark.on_both
def test_money_in_doubt_is_not_matched_to_a_call_while_it_is_being_sent_back(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        call_id = c.called(db, cast)[1][0].id
        deposit_id = in_doubt(db)[0].id
    said: list[Exception] = []

    def match() -> None:
        try:
            with database.writing() as db:
                deposit, call = db.get_one(Deposit, deposit_id), db.get_one(Call, call_id)
                receipts.match(db, deposit, call, by=cast.treasurer, at=c.DECIDED)
        except Exception as refusal:
            said.append(refusal)

    other = threading.Thread(target=match)
    with database.writing() as db:
        returns.prepare(
            db, db.get_one(Deposit, deposit_id), reason="Not ours", by=cast.second_treasurer, at=c.DECIDED
        )
        other.start()
        other.join(0.5)
    other.join(10)
    with database.reading() as db:
        assert db.exec(select(SuspenseReturn)).one().state == "prepared"
        assert db.get_one(Deposit, deposit_id).call_id is None
    assert [type(one) for one in said] == [Conflict]


def test_a_treasurer_tied_to_a_backer_matches_no_strangers_money_to_its_call(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        _campaign, asked = c.called(db, cast)
        declaring.declare(
            db, cast.buyers[0].organization, kind=TieKind.SHARES, starts_on=date(2026, 1, 1), by=cast.treasurer,
            at=c.NOW,
        )  # fmt: skip
        deposit, _line = in_doubt(db)
        with pytest.raises(Refused, match="tie"):
            receipts.match(db, deposit, asked[0], by=cast.treasurer, at=c.DECIDED)
        assert (
            receipts.match(db, deposit, asked[0], by=cast.second_treasurer, at=c.DECIDED).call_id
            == asked[0].id
        )


def approved(db: Session, cast: c.Cast, deposit: Deposit) -> SuspenseReturn:
    """Money on its way back to who paid it, by two persons."""
    back = returns.prepare(db, deposit, reason="Not ours", by=cast.treasurer, at=c.DECIDED)
    return returns.approve(db, back, by=cast.second_treasurer, at=c.DECIDED)


@pytest.mark.parametrize(
    "is_first",
    [True, pytest.param(False, marks=pytest.mark.on_both)],
    ids=["written down, then taken back", "in flight"],
)
def test_what_was_sent_back_and_taken_back_as_well_is_the_operators_loss_and_nobody_elses(
    database: Database, is_first: bool
) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        deposit, line = in_doubt(db)
        other = sandbox.pay_in(
            db, amount_cents=100_000, currency="EUR", reference="?", name="Else", account="FR76", at=c.DECIDED
        )
        c.hear(db)
        back = approved(db, cast, deposit)
        asked = returns.order_for(db, back.id, at=c.DECIDED)
        assert asked
        if not is_first:
            c.charge_back(db, line)
            assert returns.order_for(db, back.id, at=c.DECIDED), "nobody knows whether it left: asked again"
        returns.mark_sent(db, back.id, "out", at=c.DECIDED)
        if is_first:
            c.charge_back(db, line)
        assert [one.id for one in returns.lost(db)] == [back.id]
        assert balance(db, "losses:sandbox") == 100_000
        assert balance(db, "suspense:sandbox") == other.amount_cents, "somebody else's money is untouched"
        assert rules.coverage(db, "sandbox").margin_cents == -100_000
        assert audit.examine(db, CHECKS, at=c.LATER)[1]
        came_back = Movement("out", Happened.BOUNCED, 100_000, "EUR", "", "", "", c.DECIDED)
        assert returns.hear(db, "sandbox", came_back, at=c.DECIDED)
        assert audit.examine(db, CHECKS, at=c.LATER)[1]
        assert (balance(db, "losses:sandbox"), rules.coverage(db, "sandbox").margin_cents) == (0, 0)


def test_a_return_its_rail_refuses_is_over_and_says_why_and_the_money_can_be_matched(
    database: Database,
) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        _campaign, asked = c.called(db, cast)
        deposit, _line = in_doubt(db)
        back = approved(db, cast, deposit)
        assert returns.order_for(db, back.id, at=c.DECIDED)
        returns.refuse(db, back.id, "The account is closed.", at=c.DECIDED)
        returns.refuse(db, back.id, "Told twice.", at=c.DECIDED)
        assert (back.state, returns.in_vain(db, [deposit])[deposit.id].trouble) == (
            "dropped", "The account is closed.",
        )  # fmt: skip
        receipts.match(db, deposit, asked[0], by=cast.treasurer, at=c.DECIDED)
    c.check_book(database)


@pytest.mark.on_both
def test_what_a_stranger_paid_above_a_call_never_travels_with_its_backers_refund(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        _campaign, asked = c.called(db, cast)
        for call in asked:
            c.pay(db, call)
        line = sandbox.pay_in(
            db, amount_cents=5_000, currency="EUR", reference=asked[0].reference, name="Stranger",
            account="FR1420041010050500013M02606", at=c.DECIDED,
        )  # fmt: skip
        c.hear(db)
        deposit = db.exec(select(Deposit).where(Deposit.outside_id == line.public_id)).one()
        with pytest.raises(Conflict, match="another account"):
            receipts.give_back_excess(db, deposit, by=cast.treasurer, at=c.DECIDED)
        back = approved(db, cast, deposit)
        with pytest.raises(Conflict):
            returns.prepare(db, deposit, reason="Twice", by=cast.treasurer, at=c.DECIDED)
        assert (back.to_account, back.amount_cents) == ("FR1420041010050500013M02606", 5_000)
        asked_of = returns.order_for(db, back.id, at=c.DECIDED)
        assert asked_of
        assert asked_of[1].to_account == back.to_account
        own = db.exec(select(Deposit).where(Deposit.call_id == asked[0].id, Deposit.excess_cents == 0)).one()
        with pytest.raises(Conflict):
            returns.prepare(db, own, reason="Nothing is above", by=cast.treasurer, at=c.DECIDED)
