"""Who stands aside: what touches an organization a person belongs to waits for somebody else."""

from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import and_, col, select

from app.campaigns.model import Campaign, Pledge, PledgeState
from app.estimates.model import Estimate
from app.people.access import Actor
from app.people.model import RoleGrant

BACKS = (PledgeState.SIGNED, PledgeState.DEFAULTED, PledgeState.AWAITING_APPROVAL)


def own_organizations(actor: Actor) -> Any:
    """The numbers of the organizations in which the person holds a role now, as a part of a query."""
    grant = aliased(RoleGrant)
    return select(grant.organization_id).where(
        grant.person_id == actor.person.id, col(grant.ended_at).is_(None)
    )


def is_free_of_ties(actor: Actor) -> Any:
    """The condition that a campaign has neither its maintainer nor a backer among the person's organizations."""
    # Under names of their own, so that a query around them that reads the same tables is not mixed up with them.
    estimate, pledge = aliased(Estimate), aliased(Pledge)
    maintained = select(estimate.id).where(col(estimate.organization_id).in_(own_organizations(actor)))
    backed = select(pledge.campaign_id).where(
        col(pledge.organization_id).in_(own_organizations(actor)), col(pledge.state).in_(BACKS)
    )
    return and_(col(Campaign.estimate_id).not_in(maintained), col(Campaign.id).not_in(backed))
