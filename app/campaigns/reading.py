"""What is asked about a campaign by every room that acts on it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, or_, select

from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.model import (
    Campaign,
    CampaignState,
    Part,
    PlannedTranche,
    Pledge,
    PledgeState,
)
from app.campaigns.retired import DroppedPart
from app.estimates.model import Estimate, Milestone

# Work somebody is bound to do, or has done.
BINDING = (InKindState.AGREED, InKindState.HANDED_OVER, InKindState.RENDERED, InKindState.DEFAULTED)


def is_live() -> ColumnElement[bool]:
    """The condition that a part still counts: it was not dropped."""
    return col(Part.id).not_in(select(col(DroppedPart.part_id)))


_LOCKED = (
    select(Campaign)
    .where(Campaign.id == bindparam("campaign"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def lock(db: Session, campaign_id: int) -> Campaign:
    """The campaign's row, read again and held until the transaction ends: first of all locks."""
    return db.exec(_LOCKED, params={"campaign": campaign_id}).one()


def milestones_of(db: Session, estimate_id: int) -> list[Milestone]:
    """An estimate's milestones, in order."""
    return list(
        db.exec(select(Milestone).where(Milestone.estimate_id == estimate_id).order_by(col(Milestone.number)))
    )


_PLANNED = select(PlannedTranche).where(PlannedTranche.campaign_id == bindparam("campaign"))


def planned_tranches(db: Session, campaign: Campaign) -> dict[int, int]:
    """The tranche number of each milestone."""
    rows = db.exec(_PLANNED, params={"campaign": campaign.id})
    return {row.milestone_id: row.number for row in rows}


def signed_pledges(db: Session, campaign: Campaign) -> list[Pledge]:
    """The pledges that count, in the order they were made."""
    query = select(Pledge).where(Pledge.campaign_id == campaign.id, Pledge.state == PledgeState.SIGNED)
    return list(db.exec(query.order_by(col(Pledge.id))))


def parts_of(db: Session, campaign: Campaign) -> list[Part]:
    """Every part of a secured campaign."""
    return list(
        db.exec(select(Part).where(Part.campaign_id == campaign.id, is_live()).order_by(col(Part.id)))
    )


def scoped_milestones(db: Session, campaign: Campaign) -> list[Milestone]:
    """The milestones a secured campaign finances, in order."""
    query = (
        select(Milestone)
        .where(
            col(Milestone.id).in_(
                select(col(Part.milestone_id)).where(Part.campaign_id == campaign.id, is_live())
            )
        )
        .order_by(col(Milestone.number))
    )
    return list(db.exec(query))


def parties(db: Session, campaign: Campaign) -> set[int]:
    """The organizations a decision about this campaign touches: its maintainer, who backs it, pays for it or works."""
    estimate = db.get_one(Estimate, campaign.estimate_id)
    backers = db.exec(
        select(Pledge.organization_id, Pledge.payer_id, Pledge.credit_id).where(
            Pledge.campaign_id == campaign.id,
            col(Pledge.state).in_([PledgeState.SIGNED, PledgeState.DEFAULTED, PledgeState.AWAITING_APPROVAL]),
        )
    )
    working = db.exec(
        select(InKindContribution.organization_id).where(
            InKindContribution.campaign_id == campaign.id, col(InKindContribution.state).in_(BINDING)
        )
    )
    return {estimate.organization_id, *working, *(name for names in backers for name in names if name)}


def is_for(organization_id: int) -> Any:
    """The pledges an organization made, and those it pays for another."""
    return or_(col(Pledge.organization_id) == organization_id, col(Pledge.payer_id) == organization_id)


def decide_overdue(db: Session, at: datetime) -> list[int]:
    """The open campaigns whose deadline has passed: the worker decides each in a transaction of its own."""
    query = select(Campaign.id).where(Campaign.state == CampaignState.OPEN, Campaign.deadline_at <= at)
    return list(db.exec(query.order_by(col(Campaign.id))))
