"""The worker killed with SIGKILL at each step of a call, a payout and a refund on Stripe: nothing lost or doubled."""

import os
import random
import signal
import time
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.kit.db import Database
from app.kit.settings import Settings
from tests import mortal_stripe
from tests.killing import Victim, started
from tests.mortal_stripe import POINTS
from tests.stripe_cast import AtStripe, stripe_stage, there

__all__ = ["there"]

pytestmark = pytest.mark.long_story
CYCLES = int(os.environ.get("JALON_KILLS", "60"))
SEED = int(os.environ.get("JALON_SEED", "0")) or int(time.time())
ASKING = ("before a payer is asked for", "after a payer was asked for", "before that is written down")
HEARING = ("with Stripe's word in hand", "before Stripe's word is kept")
SENDING = tuple(point for point in POINTS if point not in (*ASKING, *HEARING))


def process(there: AtStripe, point: str = "") -> AbstractContextManager[Victim]:
    """A worker in a process group of its own, killed at the latest when the block ends."""
    stage = there.stage
    url = stage.database.url.render_as_string(hide_password=False)
    folder = str(stage.worker.settings.folder)
    return started(mortal_stripe.main, url, folder, stage.at.isoformat(), there.fake.url, point)


def halted_at(there: AtStripe, point: str) -> None:
    """Let a worker come to this point, and kill it there."""
    with process(there, point) as child:
        child.hear("halted")
        assert child.kill() == -signal.SIGKILL
    there.stage.at += timedelta(minutes=3)  # nobody waits any more for what the dead one took


def stop(there: AtStripe) -> None:
    stage = there.stage
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Over.", by=stage.officer, at=stage.at))  # fmt: skip
    there.rest()


def approve(there: AtStripe, kind: str) -> int:
    """Prepare and approve what is due, without anybody to send it; what it comes to, in cents."""
    due = [payout for payout in there.stage.payouts(kind) if payout.state == "due"]
    for payout in due:
        there.stage.prepare(payout)
        there.stage.approve(payout)
    return sum(there.stage.again(payout).amount_cents for payout in due)


def outside(there: AtStripe, kind: str) -> int:
    """What Stripe was made to send, in cents."""
    return sum(thing["amount"] for thing in there.fake.world.all(kind))


def settle_refunds(there: AtStripe) -> None:
    for refund in there.fake.world.all("refund"):
        if refund["status"] == "pending":
            there.fake.world.end_refund(refund["id"])
    there.rest()


# Every step on each database is for the drill; a slice of it runs each time.
def some(points: tuple[str, ...], fewer: int) -> list[object]:
    return [pytest.param(p, marks=() if n % fewer == 0 else pytest.mark.drill) for n, p in enumerate(points)]


@pytest.mark.slow
@pytest.mark.parametrize("point", some(ASKING, 3))
def test_a_call_cut_off_on_its_way_to_stripe_is_asked_for_once(there: AtStripe, point: str) -> None:
    calls = there.stage.call()
    halted_at(there, point)
    there.rest()
    asked = there.fake.world.all("payment_intent")
    assert sorted(intent["amount"] for intent in asked) == sorted(call.total_cents for call in calls)
    for collection in there.collections():
        there.transfer(collection)
    there.rest()
    assert {call.state for call in there.calls()} == {"paid"}


@pytest.mark.slow
@pytest.mark.parametrize("point", some(HEARING, 2))
def test_a_payment_cut_off_on_its_way_into_the_book_is_counted_once(there: AtStripe, point: str) -> None:
    there.ask()
    for collection in there.collections():
        there.transfer(collection)
    there.tell()
    halted_at(there, point)
    there.rest()
    paid = sum(call.total_cents for call in there.calls())
    assert {call.state for call in there.calls()} == {"paid"}
    assert there.stage.balance("held") + there.stage.balance("fee") + there.stage.balance("vat") == paid


@pytest.mark.slow
@pytest.mark.parametrize("point", some(SENDING, 4))
def test_a_payout_cut_off_on_its_way_leaves_once_in_all_its_legs(there: AtStripe, point: str) -> None:
    there.fund()
    there.onboard()
    there.stage.accepted()
    cents = approve(there, "maintainer")
    halted_at(there, point)
    there.rest()
    assert [payout.state for payout in there.stage.payouts()] == ["paid"]
    assert outside(there, "transfer") == cents
    assert there.stage.balance("owed:") == 0


@pytest.mark.slow
@pytest.mark.parametrize("point", some(SENDING, 4))
def test_a_refund_cut_off_on_its_way_goes_back_once(there: AtStripe, point: str) -> None:
    there.fund()
    stop(there)
    cents = approve(there, "refund")
    halted_at(there, point)
    there.rest()
    settle_refunds(there)
    assert {payout.state for payout in there.stage.payouts("refund")} == {"paid"}
    assert outside(there, "refund") == cents
    assert there.stage.balance("back:") == 0


@pytest.mark.drill
def test_kills_at_random_moments_lose_and_double_nothing_on_stripe(
    database: Database, settings: Settings
) -> None:
    print(f"JALON_SEED={SEED}")
    draw = random.Random(SEED)
    with stripe_stage(database, settings) as there:
        there.stage.call()
        for step in range(CYCLES):
            with process(there) as child:
                child.hear(".", draw.randint(1, 12))
                child.kill()
            there.stage.at += timedelta(minutes=draw.choice([0, 3]))
            if step == CYCLES // 3:
                there.rest()
                for collection in there.collections():
                    if collection.state == "asked":
                        there.transfer(collection)
                there.tell()
            if step == 2 * CYCLES // 3:
                there.rest()
                stop(there)
                approve(there, "refund")
        there.stage.at += timedelta(minutes=5)
        there.rest()
        settle_refunds(there)
        charged = sum(charge["amount"] for charge in there.fake.world.all("charge"))
        kept = there.stage.balance("fees") + there.stage.balance("vat")
        assert outside(there, "refund") == charged - kept
        assert there.stage.balance("back:") == 0
