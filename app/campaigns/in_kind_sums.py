"""Work that counts instead of money, asked about: how much of each milestone it pays, who does it, what is late."""

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, func, select

from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.model import Campaign
from app.kit.money import Cents

ORDERED = (InKindState.AGREED, InKindState.HANDED_OVER, InKindState.RENDERED, InKindState.DEFAULTED)


def agreed_by_milestone(db: Session, campaign: Campaign) -> dict[int, Cents]:
    """How much of each milestone is paid by work."""
    query = (
        select(InKindContribution.milestone_id, func.sum(InKindContribution.value_cents))
        .where(InKindContribution.campaign_id == campaign.id, col(InKindContribution.does_count))
        .group_by(col(InKindContribution.milestone_id))
    )
    return {milestone_id: int(cents) for milestone_id, cents in db.exec(query)}


def defaulted_on(db: Session, milestone_id: int) -> bool:
    """Whether work agreed for this milestone was not done in time, and nobody has decided what follows."""
    query = select(InKindContribution.id).where(
        InKindContribution.milestone_id == milestone_id, InKindContribution.state == InKindState.DEFAULTED
    )
    return db.exec(query).first() is not None


def workers_on(db: Session, milestone_id: int) -> set[int]:
    """The organizations whose work is part of a milestone, done or still to be done: its delivery is theirs too."""
    query = select(InKindContribution.organization_id).where(
        InKindContribution.milestone_id == milestone_id, col(InKindContribution.state).in_(ORDERED)
    )
    return set(db.exec(query))


def without(weights: Mapping[int, Cents], workers: Collection[int]) -> dict[int, Cents]:
    """Whose word weighs what, without those it is about; where nobody else pays, there is nobody else to ask."""
    return {name: cents for name, cents in weights.items() if name not in workers} or dict(weights)


def defaulted(db: Session, campaign: Campaign) -> list[InKindContribution]:
    """The work of a campaign that was not done in time."""
    query = select(InKindContribution).where(
        InKindContribution.campaign_id == campaign.id, InKindContribution.state == InKindState.DEFAULTED
    )
    return list(db.exec(query.order_by(col(InKindContribution.id))))
