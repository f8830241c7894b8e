"""A refund its rail does not give back: paid by another means, by the word of two persons, booked once."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.escrow.rules import coverage
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.kit.settings import Settings
from app.payouts import elsewhere
from app.payouts.elsewhere import Said
from app.payouts.model import Payout
from app.payouts.model_elsewhere import PaidElsewhere
from app.people.access import Actor
from app.people.step import Step
from app.rails.rail import Happened
from tests.money_cast import set_up
from tests.money_stage import Stage

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """A stopped campaign whose refunds are due."""
    stage = set_up(database, settings)
    stage.fund()
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Over.", by=stage.officer, at=stage.at))  # fmt: skip
    stage.rest()
    return stage


def write_down(stage: Stage, payout: Payout, by: Actor, **changes: object) -> PaidElsewhere:
    """Somebody of the fund paid it from the operator's own account."""
    facts = {
        "means": "Transfer from … 0189",
        "reference": "R-1",
        "paid_on": stage.at.date(),
        "reason": "Closed.",
    }
    said = Said(**{**facts, **changes})  # type: ignore[arg-type]
    return stage.act(
        lambda db: elsewhere.write_down(db, db.get_one(Payout, payout.id), said, by=by, at=stage.at)
    )


def confirm(stage: Stage, row: PaidElsewhere, by: Actor) -> Payout:
    """Somebody saw the payment."""
    return stage.act(lambda db: elsewhere.confirm(db, db.get_one(PaidElsewhere, row.id), by=by, at=stage.at))


def test_refund_fails_and_is_paid_by_another_means_by_two_persons_and_booked_once(stage: Stage) -> None:
    first, second = stage.payouts("refund")
    with pytest.raises(Conflict, match="can go back by its own rail"):
        write_down(stage, first, stage.treasurer)
    stage.turn(stage.sent(first), Happened.BOUNCED, "The account is closed.")
    owed, outside = stage.balance(first.account_code), stage.balance("outside:")
    with pytest.raises(Refused, match="today at the latest"):
        write_down(stage, first, stage.treasurer, paid_on=stage.at.date() + timedelta(days=1))
    row = write_down(stage, first, stage.treasurer)
    assert row.amount_cents == owed
    with pytest.raises(Conflict, match="already"):
        write_down(stage, first, stage.colleague)
    with pytest.raises(Conflict, match="confirm or drop"):
        stage.prepare(first)
    with pytest.raises(Refused, match="Nobody approves what they prepared"):
        confirm(stage, row, stage.treasurer)
    with pytest.raises(Refused):
        confirm(stage, row, stage.auditor)
    done = confirm(stage, row, stage.colleague)
    assert (done.state, done.amount_cents, done.reason) == ("settled", owed, elsewhere.ELSEWHERE)
    with pytest.raises(Conflict):
        confirm(stage, row, stage.colleague)
    assert stage.balance(first.account_code) == 0
    assert (stage.balance("own:sandbox"), stage.balance("outside:")) == (owed, outside)
    assert stage.look(lambda db: coverage(db, "sandbox").margin_cents) >= owed
    acts = stage.look(
        lambda db: [one.act for one in db.exec(select(Step).where(Step.thing == "PaidElsewhere"))]
    )
    assert acts == ["write down", "confirm"]
    stage.sent(second)
    stage.rest()


def test_what_was_not_paid_by_another_means_is_dropped_and_goes_by_its_rail(stage: Stage) -> None:
    first = stage.payouts("refund")[0]
    stage.turn(stage.sent(first), Happened.BOUNCED, "The account is closed.")
    row = write_down(stage, first, stage.treasurer)

    def drop(db: Session) -> None:
        elsewhere.drop(db, db.get_one(PaidElsewhere, row.id), by=stage.treasurer, at=stage.at)

    stage.act(drop)
    with pytest.raises(Conflict):
        stage.act(drop)
    with pytest.raises(Conflict):
        confirm(stage, row, stage.colleague)
    stage.turn(stage.sent(first), Happened.PAID_OUT)
    assert stage.again(first).state == "paid"
