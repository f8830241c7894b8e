"""What leaves on the Stripe rail, is taken back or does not agree: rows of the failure table, each by its name."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.escrow import bank_disputes
from app.escrow.model import Deposit
from app.escrow.model_outside import BankDispute
from app.kit.rules import Conflict, Refused
from app.payouts.leaving import MISUSED
from app.people import alarms
from app.reconciler import STILL, alarm_of
from tests.fake_stripe import ERROR, LOST, Fault
from tests.stripe_cast import AtStripe, there

__all__ = ["there"]


# One kind is enough here: the story plays on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("fault", [LOST, ERROR])
def test_release_a_leg_whose_answer_is_lost_is_sent_once_and_the_payout_when_all_are(
    there: AtStripe, fault: Fault
) -> None:
    there.owed()
    [payout] = there.stage.payouts()
    there.stage.prepare(payout)
    there.stage.approve(payout)
    there.fake.faults.extend([Fault(on="transfers", status=0, is_done=True), fault])
    there.rest()
    assert there.stage.again(payout).state == "approved"
    assert sorted(leg.state for leg in there.legs()) == ["planned", "sent"]
    there.stage.at += timedelta(minutes=5)
    there.rest()
    assert there.stage.again(payout).state == "paid"
    assert len(there.fake.world.all("transfer")) == 2


def test_release_payee_not_onboarded_or_restricted_later_keeps_it_owed(there: AtStripe) -> None:
    there.fund()
    there.stage.accepted()
    [payout] = there.stage.payouts()
    with pytest.raises(Refused, match="has not named an account"):
        there.stage.prepare(payout)
    account = there.onboard()
    there.stage.prepare(payout)
    there.stage.approve(payout)
    there.fake.world.objects[account]["capabilities"]["transfers"] = "inactive"
    there.rest()
    payout = there.stage.again(payout)
    assert (payout.state, payout.reason) == (
        "due",
        "Refused by Stripe: insufficient_capabilities_for_transfer.",
    )
    assert there.stage.balance("owed:") > 0
    there.fake.world.restrict(account)
    there.rest()
    assert there.send()[0].state == "paid"


def test_refund_fails_and_only_its_leg_is_owed_again(there: AtStripe) -> None:
    there.fund()
    stage = there.stage
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Over.", by=stage.officer, at=stage.at))  # fmt: skip
    there.rest()
    there.send("refund")
    first, second = there.fake.world.all("refund")
    there.fake.world.end_refund(first["id"])
    there.fake.world.end_refund(second["id"], "failed", "account_closed")
    there.rest()
    states = {payout.state: payout.reason for payout in stage.payouts("refund")}
    assert states == {"paid": "", "due": "The account is closed."}
    assert stage.balance("back:") == second["amount"]
    there.send("refund")
    for refund in there.fake.world.all("refund"):
        if refund["status"] == "pending":
            there.fake.world.end_refund(refund["id"])
    there.rest()
    assert stage.balance("back:") == 0


def test_dispute_after_release_stops_payouts_and_won_later_lets_them_go_on(there: AtStripe) -> None:
    there.owed()
    charge = there.fake.world.all("charge")[0]["id"]
    dispute = there.fake.world.dispute(charge)
    there.rest()
    assert there.stage.balance("claim:") > 0
    [payout] = there.stage.payouts()
    with pytest.raises(Conflict, match="missing on this rail"):
        there.stage.prepare(payout)
    [kept] = there.stage.look(lambda db: list(db.exec(select(BankDispute))))
    assert kept.answer_by is not None
    there.stage.act(lambda db: bank_disputes.answer(
        db, db.get_one(BankDispute, kept.id), by=there.stage.treasurer, at=there.stage.at))  # fmt: skip
    there.rest()
    told = there.fake.world.objects[dispute]["evidence"]
    assert told["uncategorized_text"]
    assert {"customer_signature", "receipt"} <= set(told), "the promise and the call go with it"
    there.fake.world.end_dispute(dispute, "won")
    there.rest()
    assert there.stage.balance("claim:") == 0
    names = there.stage.look(lambda db: {deposit.outside_id for deposit in db.exec(select(Deposit))})
    assert f"{charge}:won" in names
    assert {call.state for call in there.calls()} == {"paid"}


def test_books_provider_says_one_thing_ledger_another_blocks_payouts_and_not_refunds(there: AtStripe) -> None:
    there.owed()
    payout = there.fake.world.new("po", "payout", amount=5_000)
    there.fake.world.line("payout", payout["id"], -5_000)
    there.stage.at += timedelta(hours=3)
    there.rest()
    assert there.stage.look(lambda db: bool(alarms.ringing(db, alarm_of("stripe"))))
    with pytest.raises(Conflict, match="do not say the same"):
        there.stage.prepare(there.stage.payouts()[0])


def test_held_platform_payout_drains_the_balance_rings_once_and_is_set_right(there: AtStripe) -> None:
    there.rest()
    assert there.fake.world.settings["interval"] == "manual"
    assert there.stage.look(lambda db: bool(alarms.ringing(db, STILL)))
    there.stage.at += timedelta(days=1)
    there.rest()
    assert not there.stage.look(lambda db: alarms.ringing(db, STILL))


def test_call_idempotency_key_used_with_other_parameters_stops_what_leaves(there: AtStripe) -> None:
    there.owed()
    [payout] = there.stage.payouts()
    there.stage.prepare(payout)
    there.stage.approve(payout)
    key = f"payout:{there.stage.again(payout).public_id}:1:1:1"
    there.fake.answer_differs(key)
    there.rest()
    assert there.stage.look(lambda db: bool(alarms.ringing(db, MISUSED)))
    there.stage.at += timedelta(hours=2)
    there.rest()
    assert there.stage.again(payout).state == "approved"
    assert not there.fake.world.all("transfer")
