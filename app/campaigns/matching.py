"""Matching: what a grant promises to a pledge when it is signed, never more than is left, and never later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from app.campaigns.matching_model import GrantScope, GrantState, MatchingGrant, PublicMoney
from app.campaigns.model import Campaign, CampaignState, Pledge, PledgeState, Publicity
from app.estimates.model import Estimate
from app.kit.clock import day_of
from app.kit.money import WHOLE, BasisPoints, Cents, portion
from app.kit.states import move
from app.people.model import Organization, OrganizationState
from app.people.step import record
from app.roadmap.model import Answer, RoadmapItem

STANDS = (PledgeState.SIGNED,)


@dataclass(frozen=True)
class Left:
    """What each cap still allows, in cents; None is no cap."""

    of_grant: Cents
    of_estimate: Cents
    of_public_money: Cents
    per_pledge: Cents | None = None
    of_organization: Cents | None = None


def match_cents(pledge_cents: Cents, factor: BasisPoints, left: Left) -> Cents:
    """What a pledge is matched with: the factor's share, rounded down, and never above any cap."""
    caps = [left.of_grant, left.of_estimate, left.of_public_money, left.per_pledge, left.of_organization]
    return max(0, min(pledge_cents * factor // WHOLE, *(cap for cap in caps if cap is not None)))


def follow(db: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> list[Pledge]:
    """Promise a newly signed pledge what active grants match it with. Call it under the campaign's lock."""
    if campaign.state != CampaignState.OPEN or pledge.follows_id or pledge.is_after_acceptance:
        return []
    made = []
    for grant in fitting(db, campaign, pledge, at=at):
        db.refresh(grant, with_for_update=True)
        cents = offered(db, campaign, grant, pledge)
        if grant.state == GrantState.ACTIVE and cents:
            made.append(_promise(db, campaign, grant, pledge, cents, at=at))
    return made


def offered(db: Session, campaign: Campaign, grant: MatchingGrant, pledge: Pledge) -> Cents:
    """What this grant has left for this pledge now."""
    own = _standing(db, MatchingGrant.id == grant.id, Pledge.followed_id == pledge.organization_id)
    left = Left(
        of_grant=grant.total_cents - grant.reserved_cents,
        of_estimate=campaign.room_cents,
        of_public_money=public_room(db, campaign, grant),
        per_pledge=grant.most_per_pledge_cents,
        of_organization=None if grant.most_per_organization_cents is None else grant.most_per_organization_cents - own,
    )  # fmt: skip
    return match_cents(pledge.amount_cents, grant.factor_basis_points, left)


def public_room(db: Session, campaign: Campaign, grant: MatchingGrant) -> Cents:
    """What public money may still pay of this estimate: this grant's share of it, less what is declared and matched."""
    declared = db.exec(
        select(func.coalesce(func.sum(PublicMoney.amount_cents), 0)).where(
            PublicMoney.campaign_id == campaign.id
        )
    ).one()
    matched = _standing(db, Pledge.campaign_id == campaign.id)
    return portion(campaign.total_cents, grant.most_public_basis_points) - int(declared) - matched


def _standing(db: Session, *conditions: object) -> Cents:
    query = (
        select(func.coalesce(func.sum(Pledge.amount_cents), 0))
        .join(MatchingGrant, col(MatchingGrant.id) == col(Pledge.grant_id))
        .where(col(Pledge.state).in_(STANDS), *conditions)  # type: ignore[arg-type]
    )
    return int(db.exec(query).one())


def fitting(db: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> list[MatchingGrant]:
    """The active grants whose conditions this pledge meets, the oldest first."""
    grants = grants_for(db, campaign, at=at)
    if not grants:
        return []
    country = db.get_one(Organization, pledge.organization_id).country
    backers = _backers(db, campaign, pledge)
    return [
        grant for grant in grants
        if grant.organization_id != pledge.organization_id
        and backers >= grant.after_backers
        and (not grant.countries or country in grant.countries.split())
    ]  # fmt: skip


def grants_for(db: Session, campaign: Campaign, *, at: datetime) -> list[MatchingGrant]:
    """The active grants that may match pledges of this campaign: its software and needs, and no double funding."""
    return [grant for grant in grants_open_to(db, campaign, at=at) if not pays_twice(db, campaign, grant)]


# Asked with every signature, so it is built once.
_ACTIVE = (
    select(MatchingGrant)
    .join(Organization, col(Organization.id) == col(MatchingGrant.organization_id))
    .where(
        MatchingGrant.state == GrantState.ACTIVE, col(MatchingGrant.signed_by_id).is_not(None),
        MatchingGrant.currency == bindparam("currency"), Organization.state == OrganizationState.VERIFIED,
    )
    .order_by(col(MatchingGrant.id))
)  # fmt: skip


def grants_open_to(db: Session, campaign: Campaign, *, at: datetime) -> list[MatchingGrant]:
    """The active grants meant for this campaign, whatever other public money there is; none of a suspended giver."""
    today = day_of(at, campaign.zone)
    return [
        grant for grant in db.exec(_ACTIVE, params={"currency": campaign.currency})
        if (grant.valid_until is None or grant.valid_until >= today) and is_for(db, campaign, grant)
    ]  # fmt: skip


def is_for(db: Session, campaign: Campaign, grant: MatchingGrant) -> bool:
    """Whether the grant is for this campaign's software or one of its needs; without any it is for all."""
    scopes = list(db.exec(select(GrantScope).where(GrantScope.grant_id == grant.id)))
    if not scopes:
        return True
    item = db.get_one(RoadmapItem, db.get_one(Estimate, campaign.estimate_id).item_id)
    needs = set(db.exec(select(Answer.need_id).where(Answer.item_id == item.id)))
    return any(scope.software_id == item.software_id or scope.need_id in needs for scope in scopes if scope)


def declarations_of(db: Session, campaign: Campaign) -> Sequence[PublicMoney]:
    """Other public money the maintainer declared for this work; nothing until it has declared, even nothing."""
    query = select(PublicMoney).where(PublicMoney.campaign_id == campaign.id)
    return list(db.exec(query.order_by(col(PublicMoney.id))))


def pays_twice(db: Session, campaign: Campaign, grant: MatchingGrant) -> bool:
    """Whether this grant would pay what its giver pays already, or nobody has declared yet that it does not."""
    declared = declarations_of(db, campaign)
    own = _plain(grant.reference)
    same = [
        line for line in declared
        if line.grantor_id == grant.organization_id or (line.reference and _plain(line.reference) == own)
    ]  # fmt: skip
    return not declared or bool(same)


def _plain(reference: str) -> str:
    return "".join(sign for sign in reference.casefold() if sign.isalnum())


def _backers(db: Session, campaign: Campaign, pledge: Pledge) -> int:
    signed = select(col(Pledge.organization_id)).where(
        Pledge.campaign_id == campaign.id,
        Pledge.state == PledgeState.SIGNED,
        col(Pledge.follows_id).is_(None),
    )
    return len({*db.exec(signed), pledge.organization_id})


def _promise(
    db: Session, campaign: Campaign, grant: MatchingGrant, pledge: Pledge, cents: Cents, *, at: datetime
) -> Pledge:
    # The giver is named; its amount is hidden where it would tell what the pledge it follows hides.
    publicity = Publicity.FULL if pledge.publicity == Publicity.FULL else Publicity.NAME_ONLY
    match = Pledge(
        campaign_id=campaign.id, organization_id=grant.organization_id, amount_cents=cents, currency=campaign.currency,
        po_number=grant.reference, publicity=publicity, rail=grant.rail, is_after_acceptance=grant.is_after_acceptance,
        prepared_by_id=grant.offered_by_id, prepared_at=at, follows_id=pledge.id, followed_id=pledge.organization_id,
        grant_id=grant.id,
    )  # fmt: skip
    db.add(match)
    db.flush()
    move(match, PledgeState.SIGNED)
    match.signed_at = at
    campaign.signed_cents += cents
    record(
        db, "match", match, by=None, at=at, before=PledgeState.DRAFTED, campaign_id=campaign.id, amount=cents,
        follows=pledge.id, grant=grant.id,
    )  # fmt: skip
    _reserve(db, grant, cents, at=at)
    return match


def _reserve(db: Session, grant: MatchingGrant, cents: Cents, *, at: datetime) -> None:
    before = grant.state
    grant.reserved_cents += cents
    if grant.state == GrantState.ACTIVE and grant.reserved_cents == grant.total_cents:
        move(grant, GrantState.EXHAUSTED)
        record(db, "exhaust", grant, by=None, at=at, before=before)
    elif grant.state == GrantState.EXHAUSTED and grant.reserved_cents < grant.total_cents:
        move(grant, GrantState.ACTIVE)
        record(db, "refill", grant, by=None, at=at, before=before)


def followers(db: Session, pledge: Pledge) -> list[Pledge]:
    """The standing matches of a pledge."""
    query = select(Pledge).where(Pledge.follows_id == pledge.id, Pledge.state == PledgeState.SIGNED)
    return list(db.exec(query.order_by(col(Pledge.id))))


def set_free(db: Session, match: Pledge, *, cents: Cents | None = None, at: datetime) -> None:
    """What a match that ended had reserved, or so much of it, is there for others again."""
    if match.grant_id is not None and cents != 0:
        grant = db.get_one(MatchingGrant, match.grant_id)
        db.refresh(grant, with_for_update=True)
        _reserve(db, grant, -(match.amount_cents if cents is None else cents), at=at)
