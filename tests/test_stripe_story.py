"""The story on the Stripe rail: called, transferred, accepted, paid out, given back; every line is in the book."""

from sqlmodel import select

from app.escrow.model_outside import RailLine
from app.reconciler import compare
from tests.stripe_cast import AtStripe, there

__all__ = ["there"]


def agree(there: AtStripe) -> None:
    """Stripe's lines and the book say the same, line by line and in sum."""
    stage = there.stage
    stage.at = stage.at.replace(hour=(stage.at.hour + 2) % 24)
    there.rest()
    found = stage.act(lambda db: compare(db, "stripe", there.rail.balance(), at=stage.at))
    assert not found, found
    told = {line["id"] for line in there.fake.world.lines}
    kept = stage.look(lambda db: {row.line_id for row in db.exec(select(RailLine))})
    assert kept == told
    assert stage.balance("outside:stripe") == there.rail.balance()


def test_the_story_on_stripe_and_every_line_of_the_provider_agrees_with_the_book(there: AtStripe) -> None:
    there.fund()
    assert [call.state for call in there.calls()] == ["paid", "paid"]
    assert {collection.state for collection in there.collections()} == {"paid"}
    agree(there)
    there.onboard()
    there.stage.accepted()
    [payout] = there.send()
    assert payout.state == "paid"
    sent = there.legs()
    assert len(sent) == 2, "one leg for each deposit"
    assert len({leg.key for leg in sent}) == 2
    transfers = there.fake.world.all("transfer")
    charges = {charge["id"] for charge in there.fake.world.all("charge")}
    assert {one["source_transaction"] for one in transfers} == charges
    assert sum(one["amount"] for one in transfers) == payout.amount_cents
    assert len({one["transfer_group"] for one in transfers}) == 1
    agree(there)
    costs = there.stage.balance("costs:")
    assert costs == sum(line["fee"] for line in there.fake.world.lines) > 0
    assert costs < there.stage.balance("fees"), "covered by the fee on top, never by held money"
