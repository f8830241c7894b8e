"""The blueprint of this room, and how its doors find a milestone, its campaign and who asks."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g
from sqlmodel import select

from app.campaigns.model import Campaign
from app.delivery.model import Delivery
from app.delivery.standing import maintainer_id
from app.estimates.model import Estimate, EstimateState, Milestone
from app.kit.rules import Missing
from app.kit.web import find
from app.people.access import Actor
from app.people.model import Organization, Role
from app.roadmap.model import RoadmapItem

bp = Blueprint("delivery", __name__)


@dataclass(frozen=True)
class Around:
    """A milestone with everything upstream of it."""

    milestone: Milestone
    campaign: Campaign
    estimate: Estimate
    item: RoadmapItem
    maintainer: Organization


def reader() -> Actor | None:
    """Who reads this page, if anybody is signed in."""
    found: Actor | None = g.get("actor")
    return found


def milestone_around(name: str) -> Around:
    """The milestone of this public name; raises `Missing` while its estimate is not approved or has no campaign."""
    return around(find(Milestone, name))


def around(milestone: Milestone) -> Around:
    """A milestone with its campaign, estimate, item and maintainer; raises `Missing` without a campaign."""
    estimate = g.db.get_one(Estimate, milestone.estimate_id)
    campaign = g.db.exec(select(Campaign).where(Campaign.estimate_id == estimate.id)).first()
    if campaign is None or estimate.state != EstimateState.APPROVED or not campaign.opened_at:
        raise Missing
    item = g.db.get_one(RoadmapItem, estimate.item_id)
    return Around(milestone, campaign, estimate, item, g.db.get_one(Organization, estimate.organization_id))


def delivery_around(name: str) -> tuple[Delivery, Around]:
    """The delivery of this public name with its milestone; raises `Missing`."""
    delivery = find(Delivery, name)
    return delivery, around(g.db.get_one(Milestone, delivery.milestone_id))


def delivers(campaign: Campaign) -> bool:
    """Whether the reader may act for the campaign's maintainer."""
    actor = reader()
    return bool(
        actor
        and actor.is_verified
        and actor.has(Role.MEMBER)
        and actor.organization.id == maintainer_id(g.db, campaign)
    )


def context(of: Around) -> dict[str, Any]:
    """What every page of a milestone needs."""
    return {
        "milestone": of.milestone,
        "campaign": of.campaign,
        "estimate": of.estimate,
        "item": of.item,
        "maintainer": of.maintainer,
        "criteria": [line for line in of.milestone.criteria.splitlines() if line.strip()],
    }
