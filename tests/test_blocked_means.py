"""A payer's bank takes back what was pulled: its means is not used again, and for debits none is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from app.escrow import pulling, saved
from app.escrow.model_outside import Collection, PaymentMeans
from app.kit.db import Database
from app.kit.rules import Conflict
from app.kit.settings import Settings
from app.rails.capabilities import MeansName
from tests.money_cast import Backing
from tests.money_stage import NOW
from tests.stripe_cast import AtStripe, stripe_stage

BOTH = ("Banque Lumen", "Assurances du Port")


# One kind is enough here: the story plays on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(params=[MeansName.CARD, MeansName.DEBIT])
def there(database: Database, settings: Settings, request: pytest.FixtureRequest) -> Iterator[AtStripe]:
    """Two backers who chose this means, and left it."""
    backings = [Backing(name, 500_000, rail="stripe", means=request.param) for name in BOTH]
    with stripe_stage(database, settings, backings) as there:
        for backer in there.stage.backers:
            token = there.fake.world.new("pm", "payment_method", type=request.param)["id"]
            there.stage.act(lambda db, who=backer, name=token: db.add(PaymentMeans(  # type: ignore[misc]
                organization_id=who.organization.id, rail="stripe", means=request.param, state="active",
                token=name, shown="·4242", asked_by_id=who.person.id, asked_at=NOW, active_at=NOW,
            )))  # fmt: skip
        yield there


def left_by_first(there: AtStripe) -> PaymentMeans:
    """What the first backer left."""
    owner = there.stage.backers[0].organization.id
    query = select(PaymentMeans).where(PaymentMeans.organization_id == owner).order_by(col(PaymentMeans.id))
    return there.stage.look(lambda db: db.exec(query.limit(1)).one())


def taken_back(there: AtStripe) -> tuple[Collection, str]:
    """The first backer's call is pulled, paid, and its bank takes the payment back; the dispute's name."""
    there.ask()
    world = there.fake.world
    for wanted in there.collections():
        if wanted.state == "processing":
            world.settle(wanted.outside_id)
    there.rest()
    assert [one.state for one in there.collections()] == ["paid", "paid"]
    name = world.dispute(world.objects[there.collections()[0].outside_id]["latest_charge"])
    there.rest()
    return there.collections()[0], name


def test_dispute_blocks_the_means_it_was_paid_with_and_every_later_call_is_paid_by_transfer(
    there: AtStripe,
) -> None:
    first, dispute = taken_back(there)
    stage, left = there.stage, left_by_first(there)
    assert (first.state, left.state, bool(left.let_go_at)) == ("taken back", "blocked", True)
    assert there.fake.world.objects[left.token]["detached"], "the provider has forgotten it too"
    again = there.collections()[-1]
    assert (again.call_id, again.means, again.state) == (first.call_id, MeansName.TRANSFER, "asked"), (
        "at once"
    )
    there.transfer(again)
    there.rest()
    stage.accepted()
    stage.call()
    there.rest()
    means = {one.call_id: one.means for one in there.collections()}
    assert list(means.values()) == [MeansName.TRANSFER, first.means, MeansName.TRANSFER, first.means]

    def leave_another(db: Session) -> PaymentMeans:
        return saved.ask_for(db, rail="stripe", means=first.means, by=stage.backers[0], at=stage.at)

    if first.means == MeansName.CARD:
        assert stage.act(leave_another).state == "asked"
    else:
        with pytest.raises(Conflict, match="took a debit back"):
            stage.act(leave_another)
    there.fake.world.end_dispute(dispute, "won")
    there.rest()
    assert (left_by_first(there).state, there.collections()[0].state) == ("blocked", "paid")
    who = stage.backers[0].organization.id
    assert not stage.look(lambda db: pulling.is_blocked(db, who, "stripe", MeansName.DEBIT))


def test_dispute_told_before_its_payment_is_asked_for_by_transfer_all_the_same(there: AtStripe) -> None:
    there.stage.call()
    there.rest(tells=False)
    world = there.fake.world
    for wanted in there.collections():
        if wanted.state == "asked" and world.objects[wanted.outside_id]["status"] == "processing":
            world.settle(wanted.outside_id)
        world.dispute(world.objects[wanted.outside_id]["latest_charge"], is_final=True)
    there.rest()
    there.stage.at += timedelta(hours=1)
    there.rest()
    assert [one.state for one in there.collections()] == ["taken back"] * 2 + ["asked"] * 2
    assert {one.means for one in there.collections()[2:]} == {MeansName.TRANSFER}
