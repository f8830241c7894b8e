"""A match follows its pledge: it is called and released with it, ends with it and does not tell it."""

import pytest
from sqlmodel import Session, col, select

from app.campaigns import pledges, progress, rules
from app.campaigns.model import Campaign, Part, Pledge, Publicity
from app.delivery import rules as deliveries
from app.delivery.standing import weights_of
from app.escrow import calls
from app.escrow.model import Call, Refund, Release
from app.kit.rules import Refused
from tests import cast as c
from tests.matching_cast import giver, granted, matches, open_and_declared, right

pytestmark = pytest.mark.long_story


@pytest.fixture
def cast(db: Session) -> c.Cast:
    return c.settle(db)


@pytest.fixture
def campaign(db: Session, cast: c.Cast) -> Campaign:
    return open_and_declared(db, cast)


def test_a_match_ends_with_its_pledge_and_frees_what_it_had_reserved(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    grant = granted(db, cast, total_cents=500_000)
    followed = c.pledge(db, campaign, cast.buyers[1], 1_000_000)
    assert grant.state == "exhausted"
    with pytest.raises(Refused, match="not withdrawn by itself"):
        pledges.withdraw(db, matches(db)[0], reason="No.", by=cast.buyers[0], at=c.NOW)
    pledges.withdraw(db, followed, reason="No budget.", by=cast.buyers[1], at=c.NOW)
    assert (matches(db)[0].state, grant.state, grant.reserved_cents) == ("withdrawn", "active", 0)
    assert campaign.signed_cents == 0
    c.pledge(db, campaign, cast.buyers[2], 400_000)
    rules.decide(db, campaign, at=c.DECIDED)
    assert campaign.state == "failed"
    assert grant.reserved_cents == 0
    right(db)


def secured_with_match(db: Session, cast: c.Cast, campaign: Campaign) -> tuple[Pledge, Pledge]:
    granted(db, cast)
    followed = c.pledge(db, campaign, cast.buyers[1], 2_000_000)
    c.pledge(db, campaign, cast.buyers[2], 2_500_000)
    rules.decide(db, campaign, at=c.DECIDED)
    assert campaign.state == "secured"
    return followed, matches(db)[0]


@pytest.mark.on_both
def test_a_match_is_called_and_released_but_has_no_vote(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    _followed, match = secured_with_match(db, cast, campaign)
    for call in calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED):
        c.pay(db, call)
    assert db.exec(select(Call).where(Call.pledge_id == match.id)).one().state == "paid"
    delivery = c.handed_in(db, cast, campaign)
    assert match.organization_id not in weights_of(db, delivery)
    for buyer in cast.buyers[1:]:
        if delivery.state == "handed in":
            deliveries.answer(db, delivery, accepts=True, by=buyer, at=c.DECIDED)
    parts = set(db.exec(select(Part.id).where(Part.pledge_id == match.id)))
    assert parts & set(db.exec(select(Release.part_id)))
    right(db)


@pytest.mark.on_both
def test_the_match_of_a_pledge_charged_back_is_not_spent_and_goes_back(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    followed, match = secured_with_match(db, cast, campaign)
    lines = {
        call.pledge_id: c.pay(db, call)
        for call in calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)
    }
    delivery = c.handed_in(db, cast, campaign)
    c.charge_back(db, lines[followed.id])
    deliveries.answer(db, delivery, accepts=True, by=cast.buyers[2], at=c.DECIDED)
    released = set(db.exec(select(Part.pledge_id).join(Release, col(Release.part_id) == col(Part.id))))
    assert match.id not in released
    rules.stop(db, campaign, reason="Enough.", by=cast.officer, at=c.DECIDED)
    deliveries.wind_up(db, campaign, at=c.DECIDED)
    assert match.id in set(db.exec(select(Refund.pledge_id)))


def test_a_hidden_pledge_is_not_told_by_its_match(db: Session, cast: c.Cast, campaign: Campaign) -> None:
    granted(db, cast)
    c.pledge(db, campaign, cast.buyers[1], 1_000_000, publicity=Publicity.ANONYMOUS)
    c.pledge(db, campaign, cast.buyers[2], 300_000, publicity=Publicity.NAME_ONLY)
    maintainer_id = progress.maintainer_of(db, campaign).id
    told = progress.sums_of(db, [(campaign, maintainer_id)], None)[campaign.id]
    assert (told.promised_cents, told.matching_cents) == (None, None), (
        "two backers hide, their matches do not add any"
    )
    shown = progress.backers(progress.backings_of(db, campaign), None)
    assert all(backer.cents is None for backer in shown)
    assert {backer.name for backer in shown if backer.is_match} == {giver(cast).organization.name}
