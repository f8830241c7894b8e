"""Work instead of money: offered, valued, agreed and done; it lowers what its milestone costs in money, never more."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from app.audit import matching as checks
from app.audit import promises
from app.audit.run import examine
from app.campaigns import in_kind, rules, work
from app.campaigns.in_kind import Offer
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.model import Campaign, Part
from app.campaigns.round_rules import Chosen
from app.campaigns.sharing import cut
from app.escrow import calls
from app.kit.rules import Conflict, Missing, Refused
from app.ledger.model import Entry
from app.people.model import Kind, Role
from tests import cast as c

pytestmark = pytest.mark.long_story

DUE = date(2027, 2, 20)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(2, 10**9), min_size=1, max_size=6), st.lists(st.integers(1, 10**9), min_size=1, max_size=9),
    st.data(),
)  # fmt: skip
def test_money_and_work_pay_each_milestone_to_the_cent(
    prices: list[int], amounts: list[int], data: st.DataObject
) -> None:
    given_work = [data.draw(st.integers(0, price - 1)) for price in prices]
    money = [price - work for price, work in zip(prices, given_work, strict=True)]
    pledges = [*amounts, max(1, sum(money) - sum(amounts))]
    parts = cut(pledges, money)
    for place, price in enumerate(prices):
        assert sum(row[place] for row in parts) + given_work[place] == price
    assert all(sum(row) <= pledge for row, pledge in zip(parts, pledges, strict=True))


@given(st.integers(1, 4000), st.integers(1, 10**7))
def test_days_are_worth_no_more_than_their_rate(quarters: int, rate: int) -> None:
    assert in_kind.worth(quarters, rate) * 4 <= quarters * rate < (in_kind.worth(quarters, rate) + 1) * 4


@pytest.fixture
def cast(db: Session) -> c.Cast:
    return c.settle(db)


@pytest.fixture
def campaign(db: Session, cast: c.Cast) -> Campaign:
    """An open campaign where work may count for a fifth of the minimum."""
    estimate = c.estimate_approved(db, cast)
    chosen = Chosen(in_kind_most_basis_points=2000)
    made = rules.prepare(db, estimate, deadline_on=c.DEADLINE, chosen=chosen, by=cast.officer, at=c.NOW)
    return rules.open_round(db, made, by=cast.officer, at=c.NOW)


def offered(
    db: Session, cast: c.Cast, campaign: Campaign, number: int = 1, **terms: Any
) -> InKindContribution:
    milestone = rules.milestones_of(db, campaign.estimate_id)[number - 1]
    asked = {"quarter_days": 40, "day_rate_cents": 60_000, "ceiling_cents": 500_000, "due_on": DUE} | terms
    offer = Offer(milestone_id=milestone.id, what="Two developers of ours write the importer.", **asked)
    return in_kind.offer(db, campaign, offer, by=cast.buyers[0], at=c.NOW)


def agreed(
    db: Session, cast: c.Cast, campaign: Campaign, number: int = 1, cents: int = 450_000
) -> InKindContribution:
    made = offered(db, cast, campaign, number)
    in_kind.value(db, made, cents=cents, by=cast.maker, at=c.NOW)
    in_kind.agree(db, made, text="We work.", text_hash="x" * 64, by=cast.buyers[0], at=c.NOW)
    return made


def right(db: Session) -> None:
    lines, is_right = examine(db, (*promises.CHECKS, *checks.CHECKS), at=c.LATER)
    assert is_right, "\n".join(lines)


@pytest.mark.on_both
def test_agreed_work_helps_to_reach_the_minimum_and_lowers_its_milestone_only(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    made = agreed(db, cast, campaign)
    missing = campaign.minimum_cents - 450_000
    assert (campaign.in_kind_cents, campaign.room_cents) == (450_000, campaign.total_cents - 450_000)
    c.pledge(db, campaign, cast.buyers[1], missing - 1)
    assert not campaign.is_reached
    c.pledge(db, campaign, cast.buyers[2], 1)
    rules.decide(db, campaign, at=c.DECIDED)
    assert campaign.state == "secured"
    milestones = rules.scoped_milestones(db, campaign)
    paid = {
        m.id: sum(p.price_cents for p in db.exec(select(Part).where(Part.milestone_id == m.id)))
        for m in milestones
    }
    assert [paid[m.id] for m in milestones] == [
        milestones[0].price_cents - 450_000,
        milestones[1].price_cents,
    ]
    called = calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)
    assert sum(call.price_cents for call in called) == milestones[0].price_cents - 450_000
    assert made.state == "agreed"
    assert not db.exec(select(Entry)).all(), "work is never money in the book"
    right(db)


def test_work_counts_for_no_more_than_the_rules_its_ceiling_its_days_and_its_milestone(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    with pytest.raises(Refused, match="at most") as refusal:
        in_kind.value(db, offered(db, cast, campaign), cents=500_001, by=cast.maker, at=c.NOW)
    assert refusal.value.field == "value"
    few = offered(db, cast, campaign, quarter_days=1)
    with pytest.raises(Refused, match="at most"):
        in_kind.value(db, few, cents=15_001, by=cast.maker, at=c.NOW)
    agreed(db, cast, campaign)
    agreed(db, cast, campaign, 2)
    with pytest.raises(Refused, match="may still count"):
        agreed(db, cast, campaign, 2)
    assert campaign.in_kind_cents == 900_000
    right(db)


def test_work_for_an_option_that_is_not_financed_lapses_and_never_helped_the_minimum(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    made = agreed(db, cast, campaign, 3)
    c.pledge(db, campaign, cast.buyers[1], campaign.minimum_cents - 1)
    assert not campaign.is_reached
    c.pledge(db, campaign, cast.buyers[2], 1)
    rules.decide(db, campaign, at=c.DECIDED)
    assert (made.state, campaign.in_kind_cents) == ("lapsed", 0)
    right(db)


def test_work_for_what_is_required_lapses_with_a_failed_campaign_even_where_nothing_was_read_before(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    made = agreed(db, cast, campaign)
    db.flush()
    db.expunge_all()  # as the worker comes to it: with the campaign alone
    failed = rules.decide(db, db.get_one(Campaign, campaign.id), at=c.DECIDED)
    assert (failed.state, failed.in_kind_cents, failed.in_kind_required_cents) == ("failed", 0, 0)
    assert db.get_one(InKindContribution, made.id).state == "lapsed"


def test_work_lowers_what_an_option_needs(db: Session, cast: c.Cast, campaign: Campaign) -> None:
    agreed(db, cast, campaign, 3)
    c.pledge(db, campaign, cast.buyers[1], 3_000_000)
    c.pledge(db, campaign, cast.buyers[2], campaign.room_cents)
    assert campaign.state == "secured"
    assert len(rules.scoped_milestones(db, campaign)) == 3
    right(db)


def secured(db: Session, cast: c.Cast, campaign: Campaign) -> InKindContribution:
    made = agreed(db, cast, campaign)
    c.pledge(db, campaign, cast.buyers[1], campaign.minimum_cents - 450_000)
    rules.decide(db, campaign, at=c.DECIDED)
    return made


def noted(db: Session, cast: c.Cast, made: InKindContribution, quarters: int) -> None:
    day = c.DECIDED.date()
    work.note(
        db, made, worked_on=day, quarter_days=quarters, what="Importer", by=cast.buyers[0], at=c.DECIDED
    )


def test_a_time_sheet_is_handed_over_sent_back_and_accepted(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    made = secured(db, cast, campaign)
    noted(db, cast, made, 39)
    with pytest.raises(Refused, match="does not hold them yet"):
        work.hand_over(db, made, by=cast.buyers[0], at=c.DECIDED)
    noted(db, cast, made, 3)
    noted(db, cast, made, -2)
    work.hand_over(db, made, by=cast.buyers[0], at=c.DECIDED)
    other = c.person(db, "Mia Maker", c.organization(db, "Other Makers", Kind.MAINTAINER), Role.MEMBER)
    with pytest.raises(Missing):
        work.accept(db, made, by=other, at=c.DECIDED)
    work.send_back(db, made, reason="No tests.", by=cast.maker, at=c.DECIDED)
    work.hand_over(db, made, by=cast.buyers[0], at=c.DECIDED)
    work.accept(db, made, by=cast.maker, at=c.DECIDED)
    assert made.state == "rendered"
    with pytest.raises(Conflict):
        work.accept(db, made, by=cast.maker, at=c.DECIDED)
    right(db)


def test_work_not_done_in_time_is_in_default_and_its_milestone_waits(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    made = secured(db, cast, campaign)
    for call in calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED):
        c.pay(db, call)
    assert calls.may_start(db, campaign, made.milestone_id)
    assert not work.overdue(db, made.due_at - timedelta(seconds=1))
    [late] = work.overdue(db, made.due_at)
    work.count_time(db, late, made.due_at)
    assert made.state == "defaulted"
    assert not calls.may_start(db, campaign, made.milestone_id)
    work.wait_for(db, made, days=10, reason="They hire.", by=cast.officer, at=made.due_at)
    assert made.state == "agreed"
    assert calls.may_start(db, campaign, made.milestone_id)
    right(db)


def test_a_time_sheet_nobody_answers_is_accepted_by_silence(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    made = secured(db, cast, campaign)
    noted(db, cast, made, 40)
    work.hand_over(db, made, by=cast.buyers[0], at=c.DECIDED)
    ends = made.review_ends_at
    assert ends is not None
    assert not work.overdue(db, ends - timedelta(seconds=1))
    work.count_time(db, made.id, ends)
    assert made.state == "rendered"


def test_when_the_campaign_is_stopped_unfinished_work_ends_and_the_parts_stay(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    made = secured(db, cast, campaign)
    rules.stop(db, campaign, reason="Enough.", by=cast.officer, at=c.DECIDED)
    assert (made.state, made.does_count) == ("lapsed", True)
    right(db)


def test_above_a_limit_an_approver_signs_the_work_order_and_nobody_else_s(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    made = offered(db, cast, campaign)
    in_kind.value(db, made, cents=450_000, by=cast.maker, at=c.NOW)
    with pytest.raises(Missing):
        in_kind.agree(db, made, text="x", text_hash="x" * 64, by=cast.approvers[1], at=c.NOW)
    c.pledge(db, campaign, cast.buyers[0], 4_700_000)
    with pytest.raises(Refused, match="above what you may sign"):
        in_kind.agree(db, made, text="x", text_hash="x" * 64, by=cast.buyers[0], at=c.NOW)
    in_kind.agree(db, made, text="x", text_hash="x" * 64, by=cast.approvers[0], at=c.NOW)
    assert made.state == "agreed"


def test_where_only_money_counts_no_work_is_offered_and_either_side_may_decline(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    made = offered(db, cast, campaign)
    in_kind.decline(db, made, reason="We know nobody there.", by=cast.maker, at=c.NOW)
    assert made.state == "declined"
    other = c.campaign_open(db, cast, name="Second")
    with pytest.raises(Refused, match="only money counts"):
        offered(db, cast, other)
