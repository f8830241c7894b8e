"""Who stands aside: what touches an organization a person belongs to waits for somebody else."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import union
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, or_, select

from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.model import Campaign, Pledge, PledgeState
from app.campaigns.reading import BINDING
from app.estimates.model import Estimate
from app.kit.words import local_day
from app.people.access import Actor
from app.people.model import Interest, RoleGrant

BACKS = (PledgeState.SIGNED, PledgeState.DEFAULTED, PledgeState.AWAITING_APPROVAL)


# The same condition stands in most of what waits for the fund, and to put it together costs more than to ask it: it is
# put together once for a person and a day. Who is tied to whom is read anew by every query that carries it.
MOST_KEPT = 128


def own_organizations(actor: Actor, at: datetime) -> Any:
    """The numbers of the organizations the person is tied to now (by a role or a tie they declared), for a query."""
    return _own(actor.person.id, local_day(at))


def is_free_of_ties(actor: Actor, at: datetime) -> Any:
    """The condition that the person is tied to nobody a decision about a campaign touches (see `parties`)."""
    return _free(actor.person.id, local_day(at))


@lru_cache(maxsize=MOST_KEPT)
def _own(person_id: int, today: date) -> Any:
    grant, interest = aliased(RoleGrant), aliased(Interest)
    roles = select(grant.organization_id).where(grant.person_id == person_id, col(grant.ended_at).is_(None))
    declared = select(interest.organization_id).where(
        interest.person_id == person_id, interest.starts_on <= today,
        or_(col(interest.ends_on).is_(None), col(interest.ends_on) >= today),
    )  # fmt: skip
    return union(roles, declared)


@lru_cache(maxsize=MOST_KEPT)
def _free(person_id: int, today: date) -> Any:
    # Under names of their own, so that a query around them that reads the same tables is not mixed up with them.
    estimate, pledge, work = aliased(Estimate), aliased(Pledge), aliased(InKindContribution)
    own = _own(person_id, today)
    maintained = select(estimate.id).where(col(estimate.organization_id).in_(own))
    backed = select(pledge.campaign_id).where(
        or_(*(col(name).in_(own) for name in (pledge.organization_id, pledge.payer_id, pledge.credit_id))),
        col(pledge.state).in_(BACKS),
    )
    worked = select(work.campaign_id).where(col(work.organization_id).in_(own), col(work.state).in_(BINDING))
    return and_(
        col(Campaign.estimate_id).not_in(maintained),
        col(Campaign.id).not_in(backed),
        col(Campaign.id).not_in(worked),
    )
