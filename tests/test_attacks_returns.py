"""Money in doubt leaves once: to a call, to whom it came from, or back to the payer's bank, never twice."""

import threading
from datetime import date

import pytest
from sqlmodel import Session, select

from app.escrow import receipts, returns
from app.escrow.model import Call, Deposit, SuspenseReturn
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.people import declaring
from app.people.model import TieKind
from app.rails import sandbox
from app.rails.sandbox import SandboxLine
from tests import cast as c


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
