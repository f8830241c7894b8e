"""Estimates as lists show them: which ones a reader may see, and what they add up to."""

from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from app.catalogue.model import Software
from app.estimates.model import Estimate, EstimateState, Milestone
from app.estimates.rules import PRIVATE
from app.kit.money import Cents
from app.people.access import Actor
from app.people.model import Organization
from app.roadmap.model import RoadmapItem


def listed(reader: Actor | None) -> Any:
    """A query for the estimates this reader may see, each with its item, software and maintainer."""
    is_public = col(Estimate.state).not_in(PRIVATE)
    query = (
        select(Estimate, RoadmapItem, Software, Organization)
        .join(RoadmapItem, col(RoadmapItem.id) == col(Estimate.item_id))
        .join(Software, col(Software.id) == col(RoadmapItem.software_id))
        .join(Organization, col(Organization.id) == col(Estimate.organization_id))
    )
    if reader is None:
        return query.where(is_public)
    return query.where(or_(is_public, col(Estimate.organization_id) == reader.organization.id))


def totals_of(db: Session, estimate_ids: list[int]) -> dict[int, tuple[Cents, Cents]]:
    """The minimum and the total of each, excluding VAT; one query for all of them."""
    required = func.sum(Milestone.price_cents).filter(col(Milestone.is_required))
    query = (
        select(Milestone.estimate_id, func.coalesce(required, 0), func.sum(Milestone.price_cents))
        .where(col(Milestone.estimate_id).in_(estimate_ids))
        .group_by(col(Milestone.estimate_id))
    )
    return {estimate_id: (int(least), int(most)) for estimate_id, least, most in db.exec(query)}


def approved_beside(db: Session, estimate: Estimate) -> Estimate | None:
    """The latest other estimate of the same item that the fund approved, if any."""
    query = select(Estimate).where(
        Estimate.item_id == estimate.item_id,
        Estimate.state == EstimateState.APPROVED,
        Estimate.id != estimate.id,
    )
    return db.exec(query.order_by(col(Estimate.id).desc())).first()
