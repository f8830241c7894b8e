"""What Stripe holds and gives back for some days only: the failure table's rows about limits, on both databases."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.escrow import hold_limits
from app.escrow.model import Call
from app.escrow.model_outside import Collection
from app.kit import outbox
from app.kit.rules import Conflict
from app.notices import desk
from app.payouts import elsewhere, refund_limits
from app.payouts.elsewhere import Said
from app.payouts.model import Payout
from app.payouts.model_elsewhere import PaidElsewhere
from app.people.step import Step
from tests.stripe_cast import AtStripe, there

__all__ = ["there"]


def test_refund_too_late_180_days_waits_for_another_means_and_of_a_debit_for_eight_weeks(
    there: AtStripe,
) -> None:
    there.fund()
    stage = there.stage
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Over.", by=stage.officer, at=stage.at))  # fmt: skip
    there.rest()
    [payout, second] = stage.payouts("refund")

    def came_by(db: Session, means: str) -> None:
        for collection in db.exec(select(Collection)):
            collection.means = means

    stage.act(lambda db: came_by(db, "direct debit"))
    with pytest.raises(Conflict, match="can still take this payment back"):
        stage.prepare(payout)
    with stage.database.reading() as db:
        waits = refund_limits.waiting(db, at=stage.at)
    assert [(one.payout.id, one.cents > 0, one.why.until is not None) for one in waits] == [
        (payout.id, True, True), (second.id, True, True),
    ]  # fmt: skip
    stage.at += timedelta(days=57)
    stage.prepare(payout)
    stage.approve(payout)
    stage.at += timedelta(days=130)
    stage.act(lambda db: came_by(db, "bank transfer"))
    there.rest()
    [taken_back, other] = stage.payouts("refund")
    assert taken_back.state == "due", "approved in time, and not sent any more"
    assert not there.fake.world.all("refund")
    with pytest.raises(Conflict, match="by another means"):
        stage.prepare(other)
    assert {one.why.until for one in stage.look(lambda db: refund_limits.waiting(db, at=stage.at))} == {None}
    said = Said("Transfer from the operator's account", "R-1", stage.at.date(), "Too late for Stripe.")
    row = stage.act(lambda db: elsewhere.write_down(
        db, db.get_one(Payout, other.id), said, by=stage.treasurer, at=stage.at))  # fmt: skip
    stage.act(lambda db: elsewhere.confirm(
        db, db.get_one(PaidElsewhere, row.id), by=stage.colleague, at=stage.at))  # fmt: skip
    there.rest()
    assert stage.again(other).state == "settled"
    assert not there.fake.world.all("refund")


def test_held_day_60_of_90_is_told_and_the_fund_gives_back_and_calls_again(there: AtStripe) -> None:
    there.fund()
    stage = there.stage

    def near() -> list[hold_limits.HeldLong]:
        return stage.look(lambda db: hold_limits.held_long(db, ("stripe", "bank"), at=stage.at))  # type: ignore[no-any-return]

    def again(call_id: int) -> Call:
        return stage.act(lambda db: hold_limits.call_again(
            db, db.get_one(Call, call_id), reason="The provider's limit.", by=stage.officer, at=stage.at))  # fmt: skip

    assert near() == []
    first = there.calls()[0]
    with pytest.raises(Conflict, match="nothing to decide yet"):
        again(first.id)
    stage.at += timedelta(days=61)
    for _ in range(2):
        there.rest()
    told = stage.look(lambda db: list(db.exec(select(Step).where(Step.act == "hold ends"))))
    stage.act(lambda db: desk.write_news(db, "http://localhost", stage.at))
    mails = stage.look(
        lambda db: list(db.exec(select(outbox.Outgoing.key).where(outbox.Outgoing.topic == "mail")))
    )
    assert sorted(step.thing_id for step in told) == [1, 2], "each call once"
    assert sum(f":{step.id}:" in key for step in told for key in mails) >= 4, "to treasurers and officers"
    urgent = near()
    assert first.id in {one.call.id for one in urgent}
    held = next(one.cents for one in urgent if one.call.id == first.id)
    assert held == first.price_cents + first.vat_cents
    made = again(first.id)
    assert (made.price_cents, made.vat_cents, made.fee_cents) == (first.price_cents, first.vat_cents, 0)
    assert first.id not in {one.call.id for one in near()}
    assert stage.balance("back:") == held
    with pytest.raises(Conflict, match="held whole"):
        again(first.id)
    there.rest()
    [refund] = there.send("refund")
    for one in there.fake.world.all("refund"):
        there.fake.world.end_refund(one["id"])
    [asked] = [one for one in there.collections() if one.call_id == made.id]
    there.transfer(asked)
    there.rest()
    assert {call.state for call in there.calls()} == {"paid"}
    assert stage.balance("back:") == 0
    assert refund.amount_cents == held
