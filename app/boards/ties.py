"""Who stands aside: what touches an organization a person belongs to waits for somebody else."""

from datetime import datetime
from typing import Any

from sqlalchemy import union
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, or_, select

from app.campaigns.model import Campaign, Pledge, PledgeState
from app.estimates.model import Estimate
from app.kit.words import local_day
from app.people.access import Actor
from app.people.model import Interest, RoleGrant

BACKS = (PledgeState.SIGNED, PledgeState.DEFAULTED, PledgeState.AWAITING_APPROVAL)


def own_organizations(actor: Actor, at: datetime) -> Any:
    """The numbers of the organizations the person is tied to now (by a role or a tie they declared), for a query."""
    grant, interest = aliased(RoleGrant), aliased(Interest)
    roles = select(grant.organization_id).where(
        grant.person_id == actor.person.id, col(grant.ended_at).is_(None)
    )
    today = local_day(at)
    declared = select(interest.organization_id).where(
        interest.person_id == actor.person.id, interest.starts_on <= today,
        or_(col(interest.ends_on).is_(None), col(interest.ends_on) >= today),
    )  # fmt: skip
    return union(roles, declared)


def is_free_of_ties(actor: Actor, at: datetime) -> Any:
    """The condition that the person is tied neither to a campaign's maintainer nor to one of its backers."""
    # Under names of their own, so that a query around them that reads the same tables is not mixed up with them.
    estimate, pledge = aliased(Estimate), aliased(Pledge)
    maintained = select(estimate.id).where(col(estimate.organization_id).in_(own_organizations(actor, at)))
    backed = select(pledge.campaign_id).where(
        col(pledge.organization_id).in_(own_organizations(actor, at)), col(pledge.state).in_(BACKS)
    )
    return and_(col(Campaign.estimate_id).not_in(maintained), col(Campaign.id).not_in(backed))
