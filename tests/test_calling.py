"""Calls go out by the cascade and never beyond a rail's limit, and are reminded of before, on and after their day."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.campaigns.round_rules import Chosen
from app.delivery import rules as deliveries
from app.escrow import calls, guards, reminders
from app.escrow.model import Call
from app.kit.rules import Conflict
from app.people.step import Step
from tests import cast as c

pytestmark = pytest.mark.long_story


def days_of_reminders(db: Session, call: Call, days: range) -> list[int]:
    """On which days from its last one this call was reminded of, where the worker comes by on these days."""
    last = call.window_ends_at - timedelta(hours=12)
    for day in days:
        at = last + timedelta(days=day)
        calls.default_on(db, call, at=at)
        for name in reminders.to_remind(db, at):
            reminders.remind(db, db.get_one(Call, name), at=at)
    steps = db.exec(select(Step).where(Step.act == "remind", Step.thing_id == call.id).order_by(col(Step.id)))
    return [(step.at - last).days for step in steps]


def test_a_call_is_reminded_of_before_on_and_after_its_last_day_and_no_more_once_it_is_paid(
    db: Session,
) -> None:
    cast = c.settle(db)
    _campaign, (unpaid, paid, *_others) = c.called(db, cast)
    c.pay(db, paid)
    assert days_of_reminders(db, unpaid, range(-9, 6)) == [-7, 0, 3]
    assert unpaid.state == "defaulted"
    assert days_of_reminders(db, paid, range(-9, 6)) == []


@pytest.mark.on_both
def test_after_a_week_away_what_was_missed_is_reminded_of_once(db: Session) -> None:
    cast = c.settle(db)
    _campaign, (unpaid, *_others) = c.called(db, cast)
    assert days_of_reminders(db, unpaid, range(-8, 5, 8)) == [0]
    assert days_of_reminders(db, unpaid, range(4, 5)) == [0, 4]


def opened(db: Session, cast: c.Cast) -> Campaign:
    """A secured campaign that goes by the cascade, its first tranche paid."""
    estimate = c.estimate_approved(db, cast, name="Cascade")
    made = campaigns.prepare(
        db, estimate, deadline_on=c.DEADLINE, chosen=Chosen(is_cascade=True), by=cast.officer, at=c.NOW
    )
    campaigns.open_round(db, made, by=cast.officer, at=c.NOW)
    for buyer, cents in zip(cast.buyers, c.PLEDGES, strict=True):
        c.pledge(db, made, buyer, cents)
    c.pledge(db, made, cast.ministry, c.MINISTRY_PLEDGES)
    secured = campaigns.decide(db, made, at=c.DECIDED)
    for call in calls.call_funds(db, secured, by=cast.officer, at=c.DECIDED):
        c.pay(db, call)
    return secured


@pytest.mark.on_both
def test_by_the_cascade_the_next_tranche_is_called_only_after_acceptance(db: Session) -> None:
    cast = c.settle(db)
    campaign = opened(db, cast)
    with pytest.raises(Conflict, match="By the cascade"):
        calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)
    delivery = c.handed_in(db, cast, campaign)
    with pytest.raises(Conflict, match="By the cascade"):
        calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)
    for buyer in cast.buyers[:2]:
        deliveries.answer(db, delivery, accepts=True, by=buyer, at=c.DECIDED)
    assert calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)


def test_no_rail_is_called_that_may_not_hold_the_money_until_the_work_is_due_and_thirty_days_more(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = c.settle(db)
    campaign = c.secured(db, cast)
    due = campaigns.milestones_of(db, campaign.estimate_id)[0].due_on
    needed = (due - c.DECIDED.date()).days + guards.SPARE_DAYS
    monkeypatch.setattr(guards, "hold_days", lambda _rail: needed - 1)
    with pytest.raises(Conflict, match="split the milestone"):
        calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)
    monkeypatch.setattr(guards, "hold_days", lambda _rail: needed)
    assert calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)
