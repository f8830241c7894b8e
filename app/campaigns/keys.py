"""Cost-share keys: what each backer's part would be, anew as others join, and what remains to be promised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from app.campaigns.model import Campaign, CampaignState, Joining, Pledge, PledgeState, ShareKey
from app.campaigns.reading import lock
from app.campaigns.round_rules import rules_of
from app.estimates.model import Estimate
from app.kit.money import Cents, split
from app.kit.rules import Conflict, require
from app.needs.model import Endorsement, Need
from app.people.access import Actor, require_role
from app.people.model import Kind, Role
from app.people.step import record
from app.roadmap.model import Answer


@dataclass(frozen=True)
class Standing:
    """A backer as the key sees it: what it weighs, and what it has signed."""

    weight: int
    signed_cents: Cents = 0


@dataclass(frozen=True)
class Proposal:
    """What the key proposes to one organization now, with how many have joined and what nobody has promised yet."""

    key: str
    cents: Cents
    joined: int
    remains_cents: Cents
    weight: int
    has_joined: bool


def propose(key: str, target: Cents, backers: Sequence[Standing]) -> list[Cents]:
    """What each backer would still promise so that `target` is reached: exactly what remains, to the cent.

    Those who have signed nothing share it by the key; once everybody has signed, all share it.
    """
    remains = max(0, target - sum(backer.signed_cents for backer in backers))
    open_ones = [backer.signed_cents == 0 for backer in backers]
    asked = open_ones if any(open_ones) else [True] * len(backers)
    weights = [
        _weight(key, backer) if is_asked else 0 for backer, is_asked in zip(backers, asked, strict=True)
    ]
    if not any(weights):  # nobody said how large it is: all alike
        weights = [int(is_asked) for is_asked in asked]
    return split(remains, weights) if any(weights) else [0] * len(backers)


def _weight(key: str, backer: Standing) -> int:
    return backer.weight if key in (ShareKey.BY_SIZE, ShareKey.BY_USERS) else 1


def proposal_for(
    db: Session, campaign: Campaign, organization_id: int, *, size: int = 0, users: int = 0
) -> Proposal | None:
    """What the key proposes to this organization, as if it had joined; None where each chooses freely."""
    key = rules_of(db, campaign).share_key
    if key == ShareKey.FREE:
        return None
    joined = joined_of(db, campaign)
    signed = _signed(db, campaign)
    own = joined.get(organization_id)
    ids = sorted({*joined, *signed, organization_id})
    weights = {
        one: _weight_of(key, joined.get(one))
        if one != organization_id or own
        else _weight_typed(key, size, users)
        for one in ids
    }
    standings = [Standing(weights[one], signed.get(one, 0)) for one in ids]
    others = (
        campaign.signed_cents - sum(signed.values()) + campaign.in_kind_required_cents
    )  # matches and work
    cents = propose(key, campaign.minimum_cents - others, standings)[ids.index(organization_id)]
    remains = max(0, campaign.minimum_cents - others - sum(signed.values()))
    return Proposal(
        key, cents, len({*joined, *signed}), remains, weights[organization_id], has_joined=own is not None
    )


def _weight_of(key: str, joining: Joining | None) -> int:
    return _weight_typed(key, joining.size, joining.users) if joining else 0


def _weight_typed(key: str, size: int, users: int) -> int:
    return {ShareKey.BY_SIZE: size, ShareKey.BY_USERS: users}.get(ShareKey(key), 1)


def joined_of(db: Session, campaign: Campaign) -> dict[int, Joining]:
    """Who means to pledge, by organization."""
    query = select(Joining).where(Joining.campaign_id == campaign.id, col(Joining.left_at).is_(None))
    return {joining.organization_id: joining for joining in db.exec(query)}


def _signed(db: Session, campaign: Campaign) -> dict[int, Cents]:
    query = (
        select(Pledge.organization_id, func.sum(Pledge.amount_cents))
        .where(
            Pledge.campaign_id == campaign.id,
            Pledge.state == PledgeState.SIGNED,
            col(Pledge.follows_id).is_(None),
        )
        .group_by(col(Pledge.organization_id))
    )
    return {organization_id: int(cents) for organization_id, cents in db.exec(query)}


def users_of(db: Session, campaign: Campaign, organization_id: int) -> int:
    """The users an organization named when it said that it misses this."""
    item_id = db.get_one(Estimate, campaign.estimate_id).item_id
    needs = select(col(Answer.need_id)).where(Answer.item_id == item_id)
    own = select(func.max(Need.users)).where(Need.organization_id == organization_id, col(Need.id).in_(needs))
    endorsed = select(func.max(Endorsement.users)).where(
        Endorsement.organization_id == organization_id, col(Endorsement.need_id).in_(needs)
    )
    return max(db.exec(own).one() or 0, db.exec(endorsed).one() or 0)


def join(db: Session, campaign: Campaign, *, size: int, users: int, by: Actor, at: datetime) -> Joining:
    """Say that one's organization means to pledge, so that the key counts it. Said again, it corrects the figures."""
    require_role(by, Role.BUYER)
    require(by.organization.kind == Kind.CORPORATE, "Only an organization that buys can pledge.")
    campaign = lock(db, campaign.id)
    if campaign.state != CampaignState.OPEN:
        raise Conflict("This campaign is not open for pledges.")
    key = rules_of(db, campaign).share_key
    require(key != ShareKey.BY_SIZE or size, "How many people does your organization employ?", field="size")
    require(key != ShareKey.BY_USERS or users, "How many of your users would use it?", field="users")
    joining = db.exec(select(Joining).where(
        Joining.campaign_id == campaign.id, Joining.organization_id == by.organization.id
    )).first() or Joining(campaign_id=campaign.id, organization_id=by.organization.id, joined_at=at)  # fmt: skip
    joining.size, joining.users, joining.left_at = size, users, None
    db.add(joining)
    record(db, "join", joining, by=by, at=at, campaign_id=campaign.id, size=size, users=users)
    return joining


def leave(db: Session, campaign: Campaign, *, by: Actor, at: datetime) -> None:
    """Take it back: the key counts with the others alone. What was signed stays signed."""
    require_role(by, Role.BUYER)
    joining = joined_of(db, lock(db, campaign.id)).get(by.organization.id)
    if joining is None:
        raise Conflict("Your organization has not joined.")
    joining.left_at = at
    record(db, "leave", joining, by=by, at=at, campaign_id=campaign.id)
