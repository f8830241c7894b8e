"""Matching grants: promised when a pledge is signed, never above what is left, ended with the pledge they follow."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from app.audit import matching as matching_checks
from app.audit import pots, promises
from app.audit.run import examine
from app.campaigns import grants, matching, pledges, progress, rules, wording_backing
from app.campaigns.grants import GrantTerms
from app.campaigns.matching import Left, match_cents
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign, Part, Pledge, Publicity
from app.catalogue.model import Software
from app.delivery import rules as deliveries
from app.delivery.standing import weights_of
from app.escrow import calls
from app.escrow.model import Call, Refund, Release
from app.kit.rules import Conflict, Missing, Refused
from app.needs.model import Need
from app.notices import about_backing
from app.people.step import Step
from tests import cast as c

CAPS = st.integers(-(10**6), 10**12)


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


def granted(db: Session, cast: c.Cast, **terms: Any) -> MatchingGrant:
    """A grant of the first bank, active."""
    asked = {
        "title": "Digital commons",
        "reference": "EU-77",
        "total_cents": 1_000_000,
        "factor_basis_points": 5000,
    }
    return c.open_grant(db, cast, GrantTerms(**(asked | terms)))


def giver(cast: c.Cast) -> c.Actor:
    """Who signs for the first bank: here it gives grants, and pledges nothing itself."""
    return cast.approvers[0]


def declared(db: Session, cast: c.Cast, campaign: Campaign, **line: Any) -> None:
    grants.declare(db, campaign, **({"amount_cents": 0} | line), by=cast.maker, at=c.NOW)


@pytest.fixture
def cast(db: Session) -> c.Cast:
    return c.settle(db)


@pytest.fixture
def campaign(db: Session, cast: c.Cast) -> Campaign:
    """An open campaign whose maintainer has declared that no other public money pays it."""
    made = c.campaign_open(db, cast)
    declared(db, cast, made)
    return made


def matches(db: Session) -> list[Pledge]:
    return list(db.exec(select(Pledge).where(col(Pledge.follows_id).is_not(None)).order_by(col(Pledge.id))))


def right(db: Session) -> None:
    checks = (*promises.CHECKS, *matching_checks.CHECKS, *pots.CHECKS)  # links are written with the commit
    lines, is_right = examine(db, checks, at=c.LATER)
    assert is_right, "\n".join(lines)


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


def written(db: Session, by: c.Actor) -> MatchingGrant:
    terms = GrantTerms("Commons", "R-1", 1_000, 10_000)
    return grants.prepare(db, terms, words=wording_backing.grant_text, by=by, at=c.NOW)


def test_a_grant_is_written_by_one_and_signed_by_another_who_may(db: Session, cast: c.Cast) -> None:
    for nobody in (cast.maker, cast.officer):
        with pytest.raises(Refused):
            written(db, nobody)
    grant = written(db, giver(cast))
    assert (grant.state, grant.signed_hash) == ("prepared", rules.text_hash(grant.signed_text))
    assert "at most €10.00 excluding VAT in all" in grant.signed_text
    with pytest.raises(Refused, match="prepared"):
        grants.sign(db, grant, by=giver(cast), at=c.NOW)
    with pytest.raises(Refused, match="role"):
        grants.sign(db, grant, by=cast.buyers[0], at=c.NOW)
    with pytest.raises(Missing):
        grants.sign(db, grant, by=cast.approvers[1], at=c.NOW)
    with pytest.raises(Conflict):
        grants.activate(db, grant, by=cast.officer, at=c.NOW)
    other = written(db, cast.buyers[0])
    assert grants.sign(db, other, by=giver(cast), at=c.NOW).state == "offered"
    assert (other.offered_by_id, other.signed_by_id) == (cast.buyers[0].person.id, giver(cast).person.id)
    right(db)


def test_a_grant_nobody_signs_is_refused_taken_back_or_ends_by_itself(db: Session, cast: c.Cast) -> None:
    with pytest.raises(Refused, match="passed"):
        granted(db, cast, valid_until=c.NOW.date() - timedelta(days=1))
    refused, taken_back, late = (written(db, cast.buyers[0]) for _ in range(3))
    with pytest.raises(Refused, match="say why"):
        grants.refuse(db, refused, reason=" ", by=giver(cast), at=c.NOW)
    grants.refuse(db, refused, reason="No budget.", by=giver(cast), at=c.NOW)
    grants.refuse(db, taken_back, reason="A typing error.", by=cast.buyers[0], at=c.NOW)
    assert (refused.state, taken_back.state, refused.end_reason) == ("refused", "refused", "No budget.")
    assert late.lapses_at is not None
    assert grants.unsigned(db, late.lapses_at - timedelta(seconds=1)) == []
    assert grants.unsigned(db, late.lapses_at) == [late.id]
    with pytest.raises(Conflict, match="does not wait"):
        grants.sign(db, late, by=giver(cast), at=late.lapses_at)
    grants.lapse(db, late, at=late.lapses_at)
    assert late.state == "lapsed"
    with pytest.raises(Conflict):
        grants.close(db, late, reason="It never began.", by=giver(cast), at=c.NOW)


def test_who_may_sign_is_told_of_a_grant_and_who_wrote_it_of_its_end(db: Session, cast: c.Cast) -> None:
    written(db, cast.buyers[0])
    refused, late = written(db, cast.buyers[0]), written(db, cast.buyers[0])
    grants.refuse(db, refused, reason="No.", by=giver(cast), at=c.NOW)
    grants.lapse(db, late, at=late.lapses_at or c.NOW)
    told: dict[str, set[int]] = {}
    for step in db.exec(select(Step).where(Step.thing == "MatchingGrant")).all():
        told[step.act] = {copy.person.id for copy in about_backing.matching_grant(db, step, "http://jalon")}
    assert told == {
        "prepare": {giver(cast).person.id}, "refuse": {cast.buyers[0].person.id}, "lapse": {cast.buyers[0].person.id},
    }  # fmt: skip


def test_what_one_person_opened_before_matches_nothing_more(
    db: Session, cast: c.Cast, campaign: Campaign
) -> None:
    old = granted(db, cast)
    old.opened_by_one, old.signed_by_id = True, None
    c.pledge(db, campaign, cast.buyers[1], 100_000)
    assert not matches(db)


def test_only_who_may_activates_and_closes(db: Session, cast: c.Cast) -> None:
    grant = grants.sign(db, written(db, cast.buyers[0]), by=giver(cast), at=c.NOW)
    with pytest.raises(Refused):
        grants.activate(db, grant, by=giver(cast), at=c.NOW)
    grants.activate(db, grant, by=cast.officer, at=c.NOW)
    with pytest.raises(Conflict):
        grants.activate(db, grant, by=cast.officer, at=c.NOW)
    grants.close(db, grant, reason="Spent elsewhere.", by=giver(cast), at=c.NOW + timedelta(days=1))
    assert grant.state == "closed"
    assert not matching.grants_for(db, c.campaign_open(db, cast), at=c.NOW)
