"""What is asked for and paid on the Stripe rail, from the screen's rules to the book: rows of the failure table."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.escrow import pulling
from app.escrow.model_outside import PaymentMeans
from app.kit import outbox
from app.kit.db import Database
from app.kit.rules import Refused
from app.kit.settings import Settings
from app.rails.capabilities import MeansName
from tests.money_cast import Backing
from tests.money_stage import NOW
from tests.stripe_cast import AtStripe, stripe_stage, there

__all__ = ["there"]


# One kind is enough here: the story plays on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


CARDS = (
    Backing("Banque Lumen", 500_000, rail="stripe", means=MeansName.CARD),
    Backing("Assurances du Port", 500_000, rail="stripe", means=MeansName.CARD),
)


@contextmanager
def declined(database: Database, settings: Settings, token: str, why: str) -> Iterator[AtStripe]:
    """Every backer left a card that its bank declines, and the first tranche is called."""
    with stripe_stage(database, settings, CARDS) as there:
        by_card(there, "visa ·4242", token)
        there.fake.world.declines[token] = why
        there.ask()
        yield there


def by_card(there: AtStripe, name: str, token: str) -> None:
    """Every backer has left a card."""

    def leave(db):  # type: ignore[no-untyped-def]
        for backer in there.stage.backers:
            db.add(PaymentMeans(
                organization_id=backer.organization.id, rail="stripe", means=MeansName.CARD, state="active",
                token=token, shown=name, asked_by_id=backer.person.id, asked_at=NOW, active_at=NOW,
            ))  # fmt: skip

    there.stage.act(leave)


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
    with declined(database, settings, "pm_poor", "card_declined") as there:
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
    with declined(database, settings, "pm_shy", "authentication_required") as there:
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


def test_pledge_mandate_revoked_is_not_pulled_from_any_more(there: AtStripe) -> None:
    by_card(there, "visa ·4242", "pm_1")
    backer = there.stage.backers[0].organization.id
    from app.escrow import saved

    def revoke(db):  # type: ignore[no-untyped-def]
        found = pulling.saved_means(db, backer, "stripe", MeansName.CARD)
        saved.revoke(db, found, by=there.stage.backers[0], at=NOW)
        return pulling.saved_means(db, backer, "stripe", MeansName.CARD)

    assert there.stage.act(revoke) is None
