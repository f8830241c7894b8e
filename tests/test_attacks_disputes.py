"""Attacks on the Stripe rail: taken back in part, after a refund, in another currency; the lines agree to the cent."""

from datetime import timedelta

import pytest

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.escrow import bank_disputes, left_over, receipts
from app.escrow.model import Deposit
from app.escrow.model_left import LeftOver
from app.payouts import comparison
from app.rails import inbox
from tests.stripe_cast import AtStripe, there
from tests.test_attacks_stripe import charged_again, deposits

__all__ = ["there"]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def taken_back_in_part(there: AtStripe, cents: int) -> str:
    """The first backer's bank takes so much of its payment back; the dispute's name."""
    name = there.fake.world.dispute(deposits(there)[0].outside_id, cents=cents)
    there.rest()
    return name


def every_line_agrees(there: AtStripe) -> None:
    """Hours later, the provider and the book say the same, line by line and in sum."""
    there.rest()
    there.stage.at += timedelta(hours=4)
    there.rest()
    there.check()
    found = there.stage.look(lambda db: comparison.latest(db, "stripe"))
    assert found is not None
    assert found.is_equal, comparison.differences(found)


@pytest.mark.parametrize("ends", ["won", "lost"])
def test_dispute_of_a_part_takes_that_part_and_no_more(there: AtStripe, ends: str) -> None:
    there.fund()
    stage, call = there.stage, there.calls()[0]
    held = stage.balance("held:")
    dispute = taken_back_in_part(there, 100_000)
    taken = stage.look(lambda db: bank_disputes.taken_back(db, db.get_one(Deposit, deposits(there)[0].id)))
    assert taken == 100_000
    assert stage.again(call).paid_cents == call.total_cents - 100_000
    every_line_agrees(there)
    there.fake.world.end_dispute(dispute, ends)
    every_line_agrees(there)
    missing = 0 if ends == "won" else 100_000
    assert stage.again(call).paid_cents == call.total_cents - missing
    assert stage.balance("held:") == (held if ends == "won" else held - missing + _not_price(there))
    assert stage.balance("claim:") == 0


def _not_price(there: AtStripe) -> int:
    """What of the first call's open amount is VAT and fee: price is covered first."""
    call = there.calls()[0]
    return min(call.total_cents - call.paid_cents, call.total_cents - call.price_cents)


def test_refund_of_a_part_then_the_rest_is_taken_back_costs_nobody_a_cent_more(there: AtStripe) -> None:
    there.fund()
    stage, call = there.stage, there.calls()[0]
    twice = charged_again(there, call, {"reference": call.reference})
    stage.act(lambda db: receipts.give_back_excess(
        db, db.get_one(Deposit, twice.id), by=stage.treasurer, at=stage.at))  # fmt: skip
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Over.", by=stage.officer, at=stage.at))  # fmt: skip
    there.rest()
    there.send("refund")
    world = there.fake.world
    for one in world.all("refund"):
        if one["status"] == "pending":
            world.end_refund(one["id"])
    there.rest()
    first = world.objects[deposits(there)[0].outside_id]
    kept = first["amount"] - first["amount_refunded"]
    assert kept == call.fee_cents + call.fee_vat_cents, "the earned fee is all that is left of it"
    taken_back_in_part(there, kept)
    every_line_agrees(there)
    assert stage.balance("claim:") in (0, kept), "never what was given back before"


def test_collection_wrong_currency_is_another_balance_at_stripe_and_never_booked_as_ours(
    there: AtStripe,
) -> None:
    there.fund()
    stage, world, call = there.stage, there.fake.world, there.calls()[0]
    before = stage.balance("")
    line = world.line("payment", "", 5_000_000)
    line["currency"] = "usd"
    charge = world.new(
        "ch", "charge", amount=5_000_000, currency="usd", status="succeeded", payment_intent=None, disputed=False,
        metadata={"reference": call.reference}, failure_code=None, payment_method_details=None, billing_details=None,
    )  # fmt: skip
    line["source"] = charge["id"]
    world.tell("charge.succeeded", charge)
    there.rest()
    assert stage.balance("") == before
    every_line_agrees(there)
    assert stage.look(lambda db: list(inbox.waiting(db))) == [], "heard, and none of ours"


def test_refund_iban_unknown_45_days_lies_with_stripe_for_its_payer_and_is_given_back_from_there(
    there: AtStripe,
) -> None:
    there.fund()
    stage, world = there.stage, there.fake.world
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Over.", by=stage.officer, at=stage.at))  # fmt: skip
    there.rest()
    there.send("refund")
    first, second = world.all("refund")
    world.end_refund(first["id"])
    world.end_refund(second["id"], "canceled")
    world.events.clear()  # nobody tells: the hourly walk finds it
    every_line_agrees(there)
    assert {payout.state for payout in stage.payouts("refund")} == {"paid"}
    [(left, _payer, _call)] = stage.look(left_over.standing)
    assert (left.amount_cents, left.strange_cents) == (second["amount"], 0)
    stage.act(lambda db: left_over.prepare(
        db, db.get_one(LeftOver, left.id), reason="Its refund", by=stage.treasurer, at=stage.at))  # fmt: skip
    stage.act(lambda db: left_over.approve(
        db, db.get_one(LeftOver, left.id), cents=left.amount_cents, by=stage.colleague, at=stage.at))  # fmt: skip
    there.rest()
    again = world.all("refund")[0]
    world.end_refund(again["id"])
    every_line_agrees(there)
    assert stage.again(left).state == "returned"


def test_release_balance_not_yet_available_waits_and_leaves_later_once(there: AtStripe) -> None:
    there.owed()
    stage, world = there.stage, there.fake.world
    world.is_available = False
    [payout] = there.send()
    assert payout.state == "approved"
    assert not world.all("transfer")
    world.is_available = True
    stage.at += timedelta(hours=1)
    there.rest()
    assert stage.payouts()[0].state == "paid"
    assert sum(one["amount"] for one in world.all("transfer")) == payout.amount_cents


def test_collection_late_is_taken_while_the_campaign_goes_on(there: AtStripe) -> None:
    there.ask()
    there.transfer(there.collections()[1])
    there.rest()
    there.stage.at += timedelta(days=60)
    there.rest()
    assert there.calls()[0].state == "defaulted"
    there.transfer(there.collections()[0])
    there.rest()
    assert there.calls()[0].state == "paid"
    every_line_agrees(there)
