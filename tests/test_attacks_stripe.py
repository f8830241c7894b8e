"""Attacks on the Stripe rail: paid twice, by a stranger, taken back in part; nothing is stuck and nothing is lost."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.escrow import doubt_limits, left_over, receipts, returns
from app.escrow.model import Call, Deposit, SuspenseReturn
from app.escrow.model_left import LeftOver
from app.escrow.proposals import proposal_for_left
from app.kit.rules import Conflict
from app.notices import desk
from app.people.step import Step
from tests.stripe_cast import AtStripe, there

__all__ = ["there"]


# One kind is enough here: the story plays on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def deposits(there: AtStripe) -> list[Deposit]:
    """What came in, oldest first."""
    return there.stage.look(lambda db: list(db.exec(select(Deposit).order_by(col(Deposit.id)))))


def charged_again(there: AtStripe, call: Call, metadata: dict[str, str]) -> Deposit:
    """Money comes in by another charge of Stripe's with this on it, as when a page was paid that was closed here."""
    world = there.fake.world
    asked = next(one for one in there.collections() if one.call_id == call.id)
    intent = world.new(
        "pi", "payment_intent", amount=call.total_cents, currency="eur", customer=there.payer_of(asked),
        status="processing", next_action=None, metadata=metadata, transfer_group="campaign",
    )  # fmt: skip
    world.charge(intent, "card")
    there.rest()
    return deposits(there)[-1]


def test_collection_double_what_is_above_goes_back_out_of_its_own_payment_and_the_maintainer_is_paid(
    there: AtStripe,
) -> None:
    there.fund()
    stage, call = there.stage, there.calls()[0]
    twice = charged_again(there, call, {"reference": call.reference})
    assert (twice.call_id, twice.excess_cents) == (call.id, call.total_cents)
    stage.act(lambda db: receipts.give_back_excess(
        db, db.get_one(Deposit, twice.id), by=stage.treasurer, at=stage.at))  # fmt: skip
    there.rest()
    [refund] = there.send("refund")
    [sent] = there.fake.world.all("refund")
    assert (sent["charge"], sent["amount"]) == (twice.outside_id, call.total_cents)
    there.rest()
    there.onboard()
    stage.accepted()
    there.rest()
    [paid] = there.send()
    assert (stage.again(refund).state, paid.state) == ("paid", "paid"), (
        "the first payment still holds its work"
    )
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Over.", by=stage.officer, at=stage.at))  # fmt: skip
    there.rest()
    there.send("refund")
    assert stage.balance("back:") == stage.balance("suspense:") == 0


def test_what_no_call_asked_for_goes_back_by_the_payment_itself_although_it_names_no_account(
    there: AtStripe,
) -> None:
    there.fund()
    stage = there.stage
    strange = charged_again(there, there.calls()[0], {"reference": "nobody's"})
    assert (strange.call_id, stage.balance("suspense:")) == (None, strange.amount_cents)
    stage.act(lambda db: db.get_one(Deposit, strange.id).__setattr__("payer_account", ""))
    back = stage.act(lambda db: returns.prepare(
        db, db.get_one(Deposit, strange.id), reason="Whose is it", by=stage.treasurer, at=stage.at))  # fmt: skip
    stage.act(lambda db: returns.approve(
        db, db.get_one(SuspenseReturn, back.id), by=stage.colleague, at=stage.at))  # fmt: skip
    there.rest()
    assert stage.again(back).state == "paid"
    assert there.fake.world.objects[strange.outside_id]["amount_refunded"] == strange.amount_cents


def test_held_day_60_of_90_money_in_doubt_and_what_lies_with_a_payer_is_told_of_once(there: AtStripe) -> None:
    stage, world = there.stage, there.fake.world
    world.now = int(stage.at.timestamp())
    there.fund()
    strange = charged_again(there, there.calls()[0], {"reference": "nobody's"})
    world.transfer_in(there.payer_of(there.collections()[1]), 700)
    there.rest()

    def near() -> list[int]:
        return [one.cents for one in stage.look(lambda db: doubt_limits.near(db, ("stripe",), at=stage.at))]

    stage.at += timedelta(days=59)
    there.rest()
    assert near() == []
    stage.at += timedelta(days=2)
    for _again in range(2):
        there.rest()
    assert sorted(near()) == [700, strange.amount_cents]
    about = ("Deposit", "LeftOver")
    steps = stage.look(lambda db: list(db.exec(select(Step).where(
        Step.act == "hold ends", col(Step.thing).in_(about)).order_by(Step.thing))))  # fmt: skip
    assert [step.thing for step in steps] == list(about), "each once"
    assert stage.act(lambda db: desk.write_news(db, "http://localhost", stage.at)) >= 4


def test_collection_wrong_payer_what_a_stranger_sent_pays_no_call_of_the_payer_and_goes_back_alone(
    there: AtStripe,
) -> None:
    there.fund()
    stage, world = there.stage, there.fake.world
    payer = there.payer_of(there.collections()[0])
    world.transfer_in(payer, 900, account="6666")
    there.rest()

    def left() -> LeftOver:
        return stage.look(
            lambda db: db.exec(select(LeftOver).order_by(col(LeftOver.id).desc()).limit(1)).one()
        )

    first = left()
    assert (first.sender_account, first.sender_name) == ("IBAN ·6666", "Owner of 6666")
    assert first.strange_cents == first.amount_cents == 900
    stage.accepted()
    stage.call()
    there.rest()
    call = next(one for one in there.calls() if one.state == "issued")

    def match(db: Session) -> LeftOver:
        return left_over.match(
            db, db.get_one(LeftOver, first.id), db.get_one(Call, call.id), by=stage.treasurer, at=stage.at
        )

    with pytest.raises(Conflict, match="another account than the payer's"):
        stage.act(match)
    world.transfer_in(payer, 5_000, reference="no call")
    there.rest()
    assert (left().amount_cents, left().strange_cents) == (5_900, 900), "a cent of a stranger holds up nobody"
    stage.act(match)
    there.rest()
    assert (left().amount_cents, left().strange_cents) == (900, 900)
    world.transfer_in(payer, 70, reference="no call")
    there.rest()
    stage.act(lambda db: left_over.prepare(
        db, db.get_one(LeftOver, first.id), reason="Not theirs", by=stage.treasurer, at=stage.at))  # fmt: skip
    stage.act(lambda db: left_over.approve(
        db, db.get_one(LeftOver, first.id), cents=900, by=stage.colleague, at=stage.at))  # fmt: skip
    there.rest()
    [refund] = world.all("refund")
    world.end_refund(refund["id"])
    there.rest()
    assert refund["amount"] == 900
    assert stage.again(first).state == "returned"
    assert (left().amount_cents, left().strange_cents, left().state) == (70, 0, "open"), (
        "the rest is there as before"
    )


def test_collection_wrong_reference_waits_with_stripe_and_is_put_to_its_call_by_a_person(
    there: AtStripe,
) -> None:
    stage = there.stage
    there.ask()
    first, second = there.collections()
    there.fake.world.transfer_in(there.payer_of(first), first.amount_cents, reference="INVOICE 7")
    there.rest()
    assert there.calls()[0].state == "issued", "Stripe guesses no call"
    [(left, _payer, _call)] = stage.look(left_over.standing)
    proposed = stage.look(lambda db: proposal_for_left(db, left))
    assert proposed is not None
    assert proposed.id == first.call_id
    stage.act(lambda db: left_over.match(
        db, db.get_one(LeftOver, left.id), db.get_one(Call, proposed.id), by=stage.treasurer, at=stage.at))  # fmt: skip
    there.rest()
    assert there.calls()[0].state == "paid"
    assert stage.look(left_over.standing) == []
    there.fake.world.transfer_in(there.payer_of(second), 100, reference="?")
    there.rest()
    [(left, _payer, _call)] = stage.look(left_over.standing)
    assert stage.look(lambda db: proposal_for_left(db, left)) is None, "another amount than is missing"
