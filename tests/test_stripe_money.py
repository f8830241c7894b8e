"""The failure table on the Stripe rail, from the screen's rules to the book: each row by its name."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.escrow import bank_disputes, pulling
from app.escrow.model import Deposit
from app.escrow.model_outside import BankDispute, PaymentMeans
from app.kit import outbox
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.kit.settings import Settings
from app.payouts.leaving import MISUSED
from app.people import alarms
from app.rails.capabilities import MeansName
from app.reconciler import STILL, alarm_of
from tests.fake_stripe import ERROR, LOST, Fault
from tests.money_cast import Backing
from tests.money_stage import NOW
from tests.stripe_cast import AtStripe, stripe_stage, there

__all__ = ["there"]


# One kind is enough here: the story plays on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def by_card(there: AtStripe, name: str, token: str) -> None:
    """Every backer has left a card."""

    def leave(db):  # type: ignore[no-untyped-def]
        for backer in there.stage.backers:
            db.add(PaymentMeans(
                organization_id=backer.organization.id, rail="stripe", means=MeansName.CARD, state="active",
                token=token, shown=name, asked_by_id=backer.person.id, asked_at=NOW, active_at=NOW,
            ))  # fmt: skip

    there.stage.act(leave)


CARDS = (
    Backing("Banque Lumen", 500_000, rail="stripe", means=MeansName.CARD),
    Backing("Assurances du Port", 500_000, rail="stripe", means=MeansName.CARD),
)


def test_webhook_missing_for_days_the_hourly_walk_finds_the_same_books(there: AtStripe) -> None:
    there.stage.call()
    there.rest(tells=False)
    for collection in there.collections():
        there.transfer(collection)
    there.rest(tells=False)
    assert {call.state for call in there.calls()} == {"issued"}, (
        "nobody has told us, and the hour is not over"
    )
    there.stage.at += timedelta(hours=1)
    there.rest(tells=False)
    assert {call.state for call in there.calls()} == {"paid"}
    booked = there.stage.balance("")
    there.fake.world.events.sort(key=lambda event: event["id"], reverse=True)
    there.fake.world.events.extend(list(there.fake.world.events))
    there.rest()
    assert there.stage.balance("") == booked, "told late, doubled and backwards, it changes nothing"


def test_collection_part_over_and_a_call_that_is_void_in_between(there: AtStripe) -> None:
    there.ask()
    first, second = there.collections()
    there.transfer(first, 1_000)
    there.rest()
    first = there.collections()[0]
    assert (first.state, first.part_cents) == ("asked", 1_000)
    assert there.calls()[0].paid_cents == 0, "what came in part is not on our balance, and not in the book"
    there.transfer(first, first.amount_cents)
    there.rest()
    assert there.calls()[0].state == "paid"
    assert there.fake.world.objects[there.payer_of(first)]["cash"] == 1_000, (
        "what is above waits with its payer"
    )
    stage = there.stage
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Over.", by=stage.officer, at=stage.at))  # fmt: skip
    there.rest()
    assert there.collections()[1].state == "dropped"
    assert there.fake.world.objects[second.outside_id]["status"] == "canceled"


def test_call_process_dies_between_commit_and_api_call_and_the_row_is_taken_up_again(there: AtStripe) -> None:
    there.stage.call()
    there.stage.worker.reconciler.round(there.stage.at)
    taken = there.stage.act(lambda db: len(outbox.claim(db, there.stage.at)))
    assert taken >= 2, "a worker took the rows, and died with them"
    there.rest()
    assert {collection.state for collection in there.collections()} == {"wanted"}
    there.stage.at += timedelta(minutes=3)
    there.rest()
    assert {collection.state for collection in there.collections()} == {"asked"}
    assert len(there.fake.world.all("payment_intent")) == 2


def test_collection_declined_is_tried_again_then_asked_by_transfer(
    database: Database, settings: Settings
) -> None:
    with stripe_stage(database, settings, CARDS) as there:
        by_card(there, "visa ·4242", "pm_poor")
        there.fake.world.declines["pm_poor"] = "card_declined"
        there.stage.call()
        there.rest()
        assert {collection.state for collection in there.collections()} == {"failed"}
        for days in (3, 7):
            there.stage.at += timedelta(days=days)
            there.rest()
        tried = [(one.means, one.attempt, one.state) for one in there.collections() if one.call_id == 1]
        assert tried[:3] == [("card", number, "failed") for number in (1, 2, 3)]
        there.stage.at += timedelta(minutes=1)
        there.rest()
        assert there.collections()[-1].means == MeansName.TRANSFER
        assert there.collections()[-1].state == "asked"


def test_collection_sca_needed_off_session_gives_the_payer_a_page(
    database: Database, settings: Settings
) -> None:
    with stripe_stage(database, settings, CARDS) as there:
        by_card(there, "visa ·4242", "pm_shy")
        there.fake.world.declines["pm_shy"] = "authentication_required"
        there.stage.call()
        there.rest()
        asked = there.collections()[-1]
        assert (asked.state, asked.attempt) == ("action needed", 2)
        assert asked.action_url.startswith("https://checkout")
        for collection in there.collections():
            if collection.state == "action needed":
                there.fake.world.complete(collection.outside_id)
        there.rest()
        assert {call.state for call in there.calls()} == {"paid"}


def test_collection_debit_over_10000_is_refused_at_pledge_time(
    database: Database, settings: Settings
) -> None:
    much = (Backing("Banque Lumen", 1_000_000, rail="stripe", means=MeansName.DEBIT),)
    with pytest.raises(Refused, match="at most"), stripe_stage(database, settings, much, (1_000_000,)):
        raise AssertionError("it should not be pledged")


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


def test_pledge_mandate_revoked_is_not_pulled_from_any_more(there: AtStripe) -> None:
    by_card(there, "visa ·4242", "pm_1")
    backer = there.stage.backers[0].organization.id
    from app.escrow import saved

    def revoke(db):  # type: ignore[no-untyped-def]
        found = pulling.saved_means(db, backer, "stripe", MeansName.CARD)
        saved.revoke(db, found, by=there.stage.backers[0], at=NOW)
        return pulling.saved_means(db, backer, "stripe", MeansName.CARD)

    assert there.stage.act(revoke) is None
