"""Parts of other rooms' pages: the co-financing of a roadmap item, of an estimate."""

from typing import Any

from flask import g
from sqlmodel import col, or_, select

from app.campaigns import progress
from app.campaigns.doors import bp
from app.campaigns.model import Campaign
from app.catalogue.model import Software
from app.estimates.model import Estimate, EstimateState
from app.estimates.rules import require_visible
from app.kit.htmx import page
from app.kit.web import find
from app.kit.words import local_day
from app.people.access import ANYONE, Actor, at, only
from app.people.model import Organization, Role
from app.roadmap.model import RoadmapItem


def listed() -> Any:
    """Campaigns with their item, software and maintainer."""
    return (
        select(Campaign, RoadmapItem, Software, Organization)
        .join(Estimate, col(Estimate.id) == col(Campaign.estimate_id))
        .join(RoadmapItem, col(RoadmapItem.id) == col(Estimate.item_id))
        .join(Software, col(Software.id) == col(RoadmapItem.software_id))
        .join(Organization, col(Organization.id) == col(Estimate.organization_id))
    )


@bp.get("/campaigns/of-item/<name>")
@only(ANYONE)
def of_item(name: str) -> Any:
    """The co-financing of one roadmap item."""
    item = find(RoadmapItem, name)
    return _piece(item, Estimate.item_id == item.id)


@bp.get("/campaigns/of-estimate/<name>")
@only(ANYONE)
def of_estimate(name: str) -> Any:
    """The co-financing of one estimate; for the fund's officers the way to prepare it."""
    estimate = find(Estimate, name)
    require_visible(estimate, g.get("actor"))
    return _piece(g.db.get_one(RoadmapItem, estimate.item_id), Estimate.id == estimate.id)


def _piece(item: RoadmapItem, condition: Any) -> Any:
    actor: Actor | None = g.get("actor")
    query = listed().where(condition).order_by(col(Campaign.id).desc())
    if not (actor and actor.sees_everything):
        own = Organization.id == (actor.organization.id if actor else None)
        query = query.where(or_(col(Campaign.opened_at).is_not(None), own))
    rows = list(g.db.exec(query))
    return page(
        "campaigns/of_item.html", block="piece",
        item=item, rows=rows, today=local_day(at()),
        sums=progress.sums_of(g.db, [(row[0], row[3].id) for row in rows], actor),
        to_prepare=_to_prepare(actor, condition),
    )  # fmt: skip


def _to_prepare(actor: Actor | None, condition: Any) -> list[Estimate]:
    """The approved estimates an officer may prepare a campaign for."""
    if not (actor and actor.is_fund and actor.has(Role.OFFICER)):
        return []
    query = select(Estimate).where(
        condition,
        Estimate.state == EstimateState.APPROVED,
        col(Estimate.id).not_in(select(Campaign.estimate_id)),
    )
    return list(g.db.exec(query.order_by(col(Estimate.id))))
