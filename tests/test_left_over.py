"""What lies with Stripe above every call, and what it has to forget: decided once, told until it answers."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, select

from app.escrow import left_over, saved
from app.escrow.model import Call
from app.escrow.model_left import LeftOver
from app.escrow.model_outside import PaymentMeans
from app.kit.rules import Conflict, Refused
from app.people.access import Actor
from app.rails.capabilities import MeansName
from tests.crowd import all_at_once
from tests.fake_stripe import ERROR, LOST, Fault
from tests.stripe_cast import AtStripe, there

__all__ = ["there"]

pytestmark = pytest.mark.long_story
ON_BOTH = pytest.mark.on_both


def lying(there: AtStripe) -> list[LeftOver]:
    """What lies there, oldest first."""
    return there.stage.look(lambda db: list(db.exec(select(LeftOver).order_by(LeftOver.id))))  # type: ignore[arg-type]


def overpaid(there: AtStripe, cents: int = 1_500) -> LeftOver:
    """The first backer sends so much above its call."""
    there.ask()

    def overpay() -> None:
        first = there.collections()[0]
        there.transfer(first, first.amount_cents + cents)
        there.rest()

    there.begin(f"overpaid by {cents}", overpay)
    return lying(there)[0]


def at_once(there: AtStripe, *acts: Callable[[Session], object]) -> list[object]:
    """Several persons click at the same moment; what each got, or why it was refused."""
    return all_at_once([lambda act=act: there.stage.act(act) for act in acts])


def prepare(there: AtStripe, left: LeftOver, by: Actor) -> LeftOver:
    """It shall go back."""
    stage = there.stage
    return stage.act(lambda db: left_over.prepare(
        db, db.get_one(LeftOver, left.id), reason="Too much", by=by, at=stage.at))  # fmt: skip


def approve(there: AtStripe, left: LeftOver, by: Actor, cents: int) -> LeftOver:
    """So much goes back."""
    stage = there.stage
    return stage.act(lambda db: left_over.approve(
        db, db.get_one(LeftOver, left.id), cents=cents, by=by, at=stage.at))  # fmt: skip


@pytest.mark.parametrize("fault", [*(pytest.param(one, marks=ON_BOTH) for one in (LOST, ERROR)), None])
def test_collection_over_what_stays_with_the_provider_is_given_back_once_by_two_persons(
    there: AtStripe, fault: Fault | None
) -> None:
    left = overpaid(there)
    assert (left.state, left.amount_cents) == ("open", 1_500)
    assert there.stage.balance("suspense:") == 0, "it is on no account of ours"
    there.stage.at += timedelta(hours=1)
    there.rest()
    assert len(lying(there)) == 1, "told again every hour, it is there once"
    prepare(there, left, there.stage.treasurer)
    with pytest.raises(Conflict):
        prepare(there, left, there.stage.colleague)
    with pytest.raises(Refused, match="Nobody approves what they prepared"):
        approve(there, left, there.stage.treasurer, 1_500)
    with pytest.raises(Conflict, match="another amount"):
        approve(there, left, there.stage.colleague, 1_400)
    if fault:
        there.fake.faults.append(fault)
    approve(there, left, there.stage.colleague, 1_500)
    there.rest()
    there.stage.at += timedelta(minutes=5)
    there.rest()
    [refund] = there.fake.world.all("refund")
    assert (refund["amount"], lying(there)[0].state) == (1_500, "sent")
    there.fake.world.end_refund(refund["id"], "failed", "account_closed")
    there.rest()
    left = lying(there)[0]
    assert (left.state, left.trouble, left.amount_cents) == ("open", "The account is closed.", 1_500)
    prepare(there, left, there.stage.colleague)
    approve(there, left, there.stage.treasurer, 1_500)
    there.rest()
    again = there.fake.world.all("refund")[0]
    assert again["id"] != refund["id"]
    there.fake.world.end_refund(again["id"])
    there.rest()
    assert [one.state for one in lying(there)] == ["returned"]
    assert there.stage.look(left_over.standing) == []


@pytest.mark.on_both
def test_two_treasurers_clicking_at_the_same_moment_prepare_approve_and_send_it_once(there: AtStripe) -> None:
    left, stage = overpaid(there), there.stage
    two = (stage.treasurer, stage.colleague)
    answers = at_once(there, *(
        lambda db, who=who: left_over.prepare(
            db, db.get_one(LeftOver, left.id), reason="Too much", by=who, at=stage.at
        )
        for who in two * 2
    ))  # fmt: skip
    assert sum(isinstance(one, Conflict) for one in answers) == 3, answers
    [first] = [one for one in answers if isinstance(one, LeftOver)]
    other = next(who for who in two if who.person.id != first.prepared_by_id)
    approve_it = partial(left_over.approve, cents=1_500, by=other, at=stage.at)
    answers = at_once(
        there,
        *[lambda db: approve_it(db, db.get_one(LeftOver, left.id))] * 3,
        lambda db: left_over.drop(db, db.get_one(LeftOver, left.id), by=first_of(two, other), at=stage.at),
    )
    assert sum(isinstance(one, Conflict) for one in answers) == 3, "approved or dropped, and one of them once"
    there.rest()
    now = lying(there)[0]
    if now.state == "open":  # dropped a moment before
        prepare(there, now, stage.treasurer)
        approve(there, now, stage.colleague, 1_500)
        there.rest()
    assert len(there.fake.world.all("refund")) == 1
    assert lying(there)[0].state == "sent"


def first_of(two: tuple[Actor, Actor], other: Actor) -> Actor:
    """The one of two who is not this one."""
    return next(who for who in two if who.person.id != other.person.id)


@pytest.mark.on_both
def test_put_to_a_call_and_given_back_at_the_same_moment_only_one_of_them_happens(there: AtStripe) -> None:
    left, stage = overpaid(there), there.stage
    there.transfer(there.collections()[1])
    there.rest()
    stage.accepted()
    stage.call()
    there.rest()
    third = next(call for call in there.calls() if call.state == "issued")
    answers = at_once(
        there,
        lambda db: left_over.prepare(
            db, db.get_one(LeftOver, left.id), reason="Too much", by=stage.colleague, at=stage.at
        ),
        *[lambda db: left_over.match(
            db, db.get_one(LeftOver, left.id), db.get_one(Call, third.id), by=stage.treasurer, at=stage.at
        )] * 2,
    )  # fmt: skip
    assert sum(isinstance(one, Conflict) for one in answers) == 2, answers
    there.rest()
    paid_in = there.collections()[2].part_cents
    assert (lying(there)[0].state, paid_in) in {("gone", 1_500), ("prepared", 0)}


def test_what_stays_with_the_provider_pays_the_next_call_of_the_same_payer_and_no_other(
    there: AtStripe,
) -> None:
    left = overpaid(there)
    stage, second = there.stage, there.calls()[1]

    def match(db: Session, call: Call) -> LeftOver:
        return left_over.match(
            db, db.get_one(LeftOver, left.id), db.get_one(Call, call.id), by=stage.treasurer, at=stage.at
        )

    with pytest.raises(Refused, match="the same payer"):
        stage.act(lambda db: match(db, second))
    there.transfer(there.collections()[1])
    there.rest()
    with pytest.raises(Refused, match="not asked for by transfer"):
        stage.act(lambda db: match(db, there.calls()[0]))
    stage.accepted()
    stage.call()
    there.rest()
    [third, _fourth] = [call for call in there.calls() if call.state == "issued"]
    stage.act(lambda db: match(db, third))
    with pytest.raises(Conflict, match="on its way already"):
        stage.act(lambda db: match(db, third))
    there.rest()
    assert [one.state for one in lying(there)] == ["gone"]
    asked = next(one for one in there.collections() if one.call_id == third.id)
    assert asked.part_cents == 1_500
    there.transfer(asked, asked.amount_cents - 1_500)
    there.rest()
    assert stage.again(third).state == "paid"


@pytest.mark.on_both
def test_what_is_prepared_is_prepared_anew_where_the_provider_says_another_amount(there: AtStripe) -> None:
    left = overpaid(there)
    prepare(there, left, there.stage.treasurer)
    there.fake.world.transfer_in(left.outside_id, 500)
    there.rest()
    left = lying(there)[0]
    assert (left.state, left.amount_cents) == ("open", 2_000)
    there.fake.world.objects[left.outside_id]["cash"] = 0
    there.stage.at += timedelta(hours=1)
    there.rest(tells=False)
    assert lying(there)[0].state == "gone", "looked at every hour, told or not"


def leave_card(there: AtStripe) -> PaymentMeans:
    """A backer leaves a card with Stripe, whose name there is known."""
    stage, token = there.stage, there.fake.world.new("pm", "payment_method", type="card")["id"]

    def leave(db: Session) -> PaymentMeans:
        left = PaymentMeans(
            organization_id=stage.backers[0].organization.id, rail="stripe", means=MeansName.CARD, state="active",
            token=token, shown="visa ·4242", asked_by_id=stage.backers[0].person.id, asked_at=stage.at,
            active_at=stage.at,
        )  # fmt: skip
        db.add(left)
        db.flush()
        return left

    return stage.act(leave)


def test_pledge_mandate_revoked_is_told_to_the_provider_until_it_has_forgotten_it(there: AtStripe) -> None:
    stage, left = there.stage, leave_card(there)
    there.fake.faults.append(Fault(on="payment_methods", is_done=True, is_lost=True))
    stage.act(lambda db: saved.revoke(
        db, db.get_one(PaymentMeans, left.id), by=stage.backers[0], at=stage.at))  # fmt: skip
    there.rest()
    assert stage.again(left).let_go_at is None, "the provider has not answered"
    stage.at += timedelta(minutes=5)
    there.rest()
    assert stage.again(left).let_go_at == stage.at
    assert there.fake.world.objects[left.token]["detached"]


@pytest.mark.on_both
def test_pledge_setup_abandoned_and_filled_in_all_the_same_leaves_nothing_there(there: AtStripe) -> None:
    stage = there.stage
    left = stage.act(lambda db: saved.ask_for(
        db, rail="stripe", means=MeansName.CARD, by=stage.backers[0], at=stage.at))  # fmt: skip
    from app.escrow.collecting import payer_of

    there.rail.save_means(
        saved.key_of(left), payer_of(stage.backers[0].organization), MeansName.CARD, "http://x"
    )
    page = there.fake.world.all("checkout.session")[0]
    there.fake.world.complete(page["id"])  # in the other window, at this very moment
    stage.act(lambda db: saved.revoke(
        db, db.get_one(PaymentMeans, left.id), by=stage.backers[0], at=stage.at))  # fmt: skip
    there.rest()
    left = stage.again(left)
    assert (left.state, bool(left.let_go_at)) == ("revoked", True)
    assert there.fake.world.objects[left.token]["detached"]
