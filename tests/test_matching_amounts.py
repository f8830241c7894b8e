"""A pledge is matched when it is signed, only for what the grant is for, and never above any cap."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from app.campaigns.matching import Left, match_cents
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign, Part
from app.catalogue.model import Software
from app.needs.model import Need
from tests import cast as c
from tests.matching_cast import declared, granted, matches, open_and_declared, right

pytestmark = pytest.mark.long_story

CAPS = st.integers(-(10**6), 10**12)


@pytest.fixture
def cast(db: Session) -> c.Cast:
    return c.settle(db)


@pytest.fixture
def campaign(db: Session, cast: c.Cast) -> Campaign:
    return open_and_declared(db, cast)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10**11), st.integers(1, 100_000), CAPS, CAPS, CAPS, st.none() | CAPS, st.none() | CAPS)
def test_a_match_is_never_above_its_factor_or_any_cap(
    cents: int,
    factor: int,
    grant: int,
    estimate: int,
    public: int,
    pledge: int | None,
    organization: int | None,
) -> None:
    found = match_cents(cents, factor, Left(grant, estimate, public, pledge, organization))
    assert found >= 0
    assert found * 10_000 <= cents * factor
    for cap in (grant, estimate, public, pledge, organization):
        assert cap is None or found <= max(cap, 0)


def test_a_pledge_is_matched_when_it_is_signed_and_the_match_never_grows(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    grant = granted(db, cast, total_cents=700_000)
    c.pledge(db, campaign, cast.buyers[1], 1_000_000)
    c.pledge(db, campaign, cast.buyers[2], 1_000_000)
    assert [match.amount_cents for match in matches(db)] == [500_000, 200_000]
    assert (grant.state, grant.reserved_cents) == ("exhausted", 700_000)
    assert campaign.signed_cents == 2_700_000
    granted(db, cast, reference="EU-78")
    assert len(matches(db)) == 2, "what is signed is matched no more"
    right(db)


def test_caps_hold_per_pledge_and_per_organization(db: Session, cast: c.Cast, campaign: Campaign) -> None:
    granted(db, cast, most_per_pledge_cents=300_000, most_per_organization_cents=400_000)
    for _ in range(3):
        c.pledge(db, campaign, cast.buyers[1], 800_000)
    assert [match.amount_cents for match in matches(db)] == [300_000, 100_000]
    right(db)


@pytest.mark.on_both
@pytest.mark.parametrize(
    "terms",
    [
        {"after_backers": 2}, {"countries": ("BE",)}, {"valid_until": c.NOW.date()},
        {"most_public_basis_points": 1, "factor_basis_points": 1}, {"software_ids": (-1,)},
    ],
)  # fmt: skip
def test_a_grant_matches_only_what_it_is_for(
    db: Session, cast: c.Cast, campaign: Campaign, terms: dict[str, Any]
) -> None:
    if "software_ids" in terms:
        other = Software(
            name="Other", name_key="other", repository_url="https://example.org/other",
            maintainer_id=cast.maker.organization.id, registered_at=c.NOW,
        )  # fmt: skip
        db.add(other)
        db.flush()
        terms = {"software_ids": (other.id,)}
    grant = granted(db, cast, **terms)
    if grant.valid_until:
        grant.valid_until -= timedelta(days=1)
    c.pledge(db, campaign, cast.buyers[1], 1_000_000)
    found = [match.amount_cents for match in matches(db)]
    assert found == ([100] if "most_public_basis_points" in terms else [])
    if "after_backers" in terms:
        c.pledge(db, campaign, cast.buyers[2], 1_000_000)
        assert [match.followed_id for match in matches(db)] == [cast.buyers[2].organization.id]


@pytest.mark.on_both
def test_a_grant_for_one_need_matches_the_campaigns_that_answer_it_alone(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    need = db.exec(select(Need)).one()
    granted(db, cast, need_ids=(need.id,))
    other = c.campaign_open(db, cast, name="Other")
    declared(db, cast, other)
    for of in (other, campaign):
        c.pledge(db, of, cast.buyers[1], 1_000_000)
    assert [match.campaign_id for match in matches(db)] == [campaign.id]
    grant = db.exec(select(MatchingGrant)).one()
    assert "Only for the need “Offline mode”." in grant.signed_text


def test_nothing_is_matched_before_other_public_money_is_declared_or_twice(db: Session, cast: c.Cast) -> None:
    campaign = c.campaign_open(db, cast)
    granted(db, cast)
    c.pledge(db, campaign, cast.buyers[1], 100_000)
    assert not matches(db), "nobody has declared yet"
    declared(db, cast, campaign, amount_cents=500_000, source="Region", reference="REG 12")
    c.pledge(db, campaign, cast.buyers[1], 100_000)
    assert len(matches(db)) == 1
    declared(db, cast, campaign, amount_cents=1, source="The same programme", reference="eu 77")
    c.pledge(db, campaign, cast.buyers[1], 100_000)
    assert len(matches(db)) == 1, "the same grant is declared under another name"


def test_public_money_pays_no_more_than_its_share_of_the_price(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    half = campaign.total_cents // 2
    granted(db, cast, total_cents=10_000_000, factor_basis_points=10_000, most_public_basis_points=5000)
    declared(db, cast, campaign, amount_cents=half - 1_000, source="Region")
    c.pledge(db, campaign, cast.buyers[1], 2_000_000)
    assert [match.amount_cents for match in matches(db)] == [1_000]


def test_pledges_and_matches_never_exceed_the_estimate_and_secure_it_together(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    granted(db, cast, total_cents=10_000_000, factor_basis_points=10_000)
    c.pledge(db, campaign, cast.buyers[1], 4_000_000)
    assert campaign.signed_cents == campaign.total_cents
    assert campaign.state == "secured"
    assert db.exec(select(Part)).all()
    right(db)


@pytest.mark.on_both
def test_what_one_person_opened_before_matches_nothing_more(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    old = granted(db, cast)
    old.opened_by_one, old.signed_by_id = True, None
    c.pledge(db, campaign, cast.buyers[1], 100_000)
    assert not matches(db)
