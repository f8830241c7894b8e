"""Somebody wants a refund that is not theirs: money goes back to the account it came by, whatever came later."""

import pytest
from sqlmodel import Session, select

from app.campaigns import rules as campaigns
from app.delivery import rules as deliveries
from app.escrow import receipts
from app.escrow.model import Call, Deposit
from app.kit.db import Database
from app.kit.rules import Conflict
from app.payouts import clocks, payees
from app.payouts.model import Payout
from app.rails import sandbox
from tests import cast as c

OWN, STRANGER = "FR7630006000011234567890189", "FR7630001007941234567890185"


def pay_as(db: Session, call: Call, cents: int, account: str, name: str = "Somebody") -> None:
    """Money with the call's reference from any account, as anybody who knows the reference may send it."""
    sandbox.pay_in(
        db, amount_cents=cents, currency=call.currency, reference=call.reference, name=name, account=account,
        at=c.DECIDED,
    )  # fmt: skip
    c.hear(db)


def test_a_cent_from_a_stranger_with_the_calls_reference_does_not_turn_its_refund_to_the_stranger(
    database: Database,
) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign, asked = c.called(db, cast)
        for call in asked:
            c.pay(db, call)
        pay_as(db, asked[0], 1, STRANGER)
        campaigns.stop(db, campaign, reason="Over.", by=cast.officer, at=c.DECIDED)
        deliveries.wind_up(db, campaign, at=c.DECIDED)
        clocks.gather(db, c.DECIDED)
        payout = db.exec(select(Payout).where(Payout.pledge_id == asked[0].pledge_id)).one()
        assert payees.where_to(db, payout) == ("Banque", OWN)


def test_what_a_stranger_paid_above_a_call_is_no_refund_of_its_backer(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign, asked = c.called(db, cast)
        for call in asked:
            c.pay(db, call)
        pay_as(db, asked[0], 700, STRANGER)
        deposit = db.exec(select(Deposit).where(Deposit.excess_cents > 0)).one()
        with pytest.raises(Conflict, match="another account"):
            receipts.give_back_excess(db, deposit, by=cast.treasurer, at=c.DECIDED)
        clocks.gather(db, c.DECIDED)
        assert db.exec(select(Payout).where(Payout.pledge_id == asked[0].pledge_id)).all() == []
        # From here on what the backer is owed travels alone, to its own account.
        campaigns.stop(db, campaign, reason="Over.", by=cast.officer, at=c.DECIDED)
        deliveries.wind_up(db, campaign, at=c.DECIDED)
        clocks.gather(db, c.DECIDED)
        payout = db.exec(select(Payout).where(Payout.pledge_id == asked[0].pledge_id)).one()
        assert payees.where_to(db, payout) == ("Banque", OWN)
    c.check_book(database)
