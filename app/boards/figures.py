"""Where an organization's money is: what it promised, was called for, paid, and what was released of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import literal, union_all
from sqlmodel import Session, col, func, select

from app.campaigns.model import Campaign, Part, Pledge, PledgeState
from app.catalogue.model import Software
from app.delivery.model import Delivery, DeliveryState
from app.escrow.model import Call, CallState, Deposit, DepositState, Refund, Release
from app.estimates.model import Estimate
from app.kit.money import Cents
from app.people.access import Actor
from app.people.model import Role, RoleGrant
from app.roadmap.model import RoadmapItem

MOST_PLEDGES = 200
STANDS = (PledgeState.SIGNED, PledgeState.DEFAULTED)
ASKS = (CallState.ISSUED, CallState.PART_PAID, CallState.OVERDUE, CallState.DEFAULTED, CallState.CHARGED_BACK)


@dataclass(frozen=True)
class Amounts:
    """Cents without VAT and fee, of one pledge or of many. `pledged` is None where the promise has ended."""

    pledged: Cents | None = None
    called: Cents = 0
    paid: Cents = 0
    released: Cents = 0
    refunded: Cents = 0

    @property
    def held(self) -> Cents:
        """What was paid and neither released nor given back."""
        return max(0, self.paid - self.released - self.refunded)

    def __add__(self, other: "Amounts") -> "Amounts":
        promises = [cents for cents in (self.pledged, other.pledged) if cents is not None]
        return Amounts(
            sum(promises) if promises else None, self.called + other.called, self.paid + other.paid,
            self.released + other.released, self.refunded + other.refunded,
        )  # fmt: skip


@dataclass(frozen=True)
class OurCampaign:
    """A campaign as one of its backers sees it."""

    campaign: Campaign
    software: str
    amounts: Amounts
    has_open_call: bool = False
    is_in_review: bool = False


@dataclass(frozen=True)
class OurYear:
    """What an organization promised in a calendar year, and what its buyers may still sign alone."""

    year: int
    amounts: Amounts
    limit: Cents
    own_limit: Cents | None
    own_signed: Cents


@dataclass(frozen=True)
class Backing:
    """All of an organization's pledges that were signed, by campaign and for this year."""

    campaigns: list[OurCampaign]
    year: OurYear


def backing(db: Session, actor: Actor, at: datetime, zone: str) -> Backing:
    """The newest pledges of the organization acted for (two hundred), in five queries however many."""
    rows = _signed_pledges(db, actor.organization.id)
    amounts = _amounts(db, [pledge for pledge, _campaign, _software in rows])
    by_campaign: dict[int, OurCampaign] = {}
    for pledge, campaign, software in rows:
        seen = by_campaign.get(campaign.id, OurCampaign(campaign, software, Amounts()))
        by_campaign[campaign.id] = replace(seen, amounts=seen.amounts + amounts[pledge.id])
    calling = _with_open_calls(db, actor.organization.id)
    reviewed = in_review(db, by_campaign)
    return Backing(
        [
            replace(ours, has_open_call=number in calling, is_in_review=number in reviewed)
            for number, ours in by_campaign.items()
        ],
        _year(db, actor, [row[0] for row in rows], amounts, at.astimezone(ZoneInfo(zone)).year, zone),
    )


def total(rows: Iterable[OurCampaign]) -> Amounts:
    """The foot of the table."""
    return sum((row.amounts for row in rows), Amounts(0))


def _signed_pledges(db: Session, organization_id: int) -> list[tuple[Pledge, Campaign, str]]:
    query = (
        select(Pledge, Campaign, Software.name)
        .join(Campaign, col(Campaign.id) == col(Pledge.campaign_id))
        .join(Estimate, col(Estimate.id) == col(Campaign.estimate_id))
        .join(RoadmapItem, col(RoadmapItem.id) == col(Estimate.item_id))
        .join(Software, col(Software.id) == col(RoadmapItem.software_id))
        .where(Pledge.organization_id == organization_id, col(Pledge.signed_at).is_not(None))
        .order_by(col(Pledge.id).desc())
        .limit(MOST_PLEDGES)
    )
    return list(db.exec(query))


def _amounts(db: Session, pledges: list[Pledge]) -> dict[int, Amounts]:
    ids = [pledge.id for pledge in pledges]
    of_call, of_part, of_refund = col(Call.pledge_id), col(Part.pledge_id), col(Refund.pledge_id)
    sums = sums_by_kind(
        db,
        called=select(of_call, func.sum(Call.price_cents)).where(
            of_call.in_(ids), Call.state != CallState.VOID
        ),
        paid=select(of_call, func.sum(Deposit.price_cents))
        .join(Deposit, col(Deposit.call_id) == col(Call.id))
        .where(of_call.in_(ids), Deposit.state == DepositState.RECEIVED),
        released=select(of_part, func.sum(Release.price_cents))
        .join(Release, col(Release.part_id) == col(Part.id))
        .where(of_part.in_(ids)),
        refunded=select(of_refund, func.sum(Refund.price_cents)).where(of_refund.in_(ids)),
    )
    return {
        pledge.id: Amounts(pledge.amount_cents if pledge.state in STANDS else None, **sums.get(pledge.id, {}))
        for pledge in pledges
    }


def sums_by_kind(db: Session, **queries: Any) -> dict[int, dict[str, Cents]]:
    """What several queries of numbers and sums find, as cents by kind for each number; asked all at once."""
    labeled = [
        query.add_columns(literal(kind)).group_by(next(iter(query.selected_columns)))
        for kind, query in queries.items()
    ]
    found: dict[int, dict[str, Cents]] = {}
    for number, cents, kind in db.execute(union_all(*labeled)):
        found.setdefault(number, {})[kind] = int(cents)
    return found


def _with_open_calls(db: Session, organization_id: int) -> set[int]:
    query = (
        select(Call.campaign_id)
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .where(Pledge.organization_id == organization_id, col(Call.state).in_(ASKS))
    )
    return set(db.exec(query))


def in_review(db: Session, campaign_ids: Iterable[int]) -> set[int]:
    """Those of these campaigns with a delivery its backers are answering."""
    query = select(Delivery.campaign_id).where(
        col(Delivery.campaign_id).in_(list(campaign_ids)), Delivery.state == DeliveryState.HANDED_IN
    )
    return set(db.exec(query))


def _year(
    db: Session, actor: Actor, pledges: list[Pledge], amounts: dict[int, Amounts], year: int, zone: str
) -> OurYear:
    ours = [
        pledge for pledge in pledges
        if pledge.state in STANDS and pledge.signed_at and pledge.signed_at.astimezone(ZoneInfo(zone)).year == year
    ]  # fmt: skip
    limits = select(func.coalesce(func.sum(RoleGrant.limit_cents), 0)).where(
        RoleGrant.organization_id == actor.organization.id, RoleGrant.role == Role.BUYER,
        col(RoleGrant.ended_at).is_(None),
    )  # fmt: skip
    return OurYear(
        year,
        sum((amounts[pledge.id] for pledge in ours), Amounts(0)),
        int(db.exec(limits).one() or 0),
        actor.limit_cents if actor.has(Role.BUYER) else None,
        sum(pledge.amount_cents for pledge in ours if pledge.signed_by_id == actor.person.id),
    )
