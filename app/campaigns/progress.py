"""How far campaigns have come in money: what is promised, what is missing, by whom, as far as the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import case
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, or_, select

from app.campaigns.disclosure import Backing, Crowd, may_tell, tell
from app.campaigns.model import Campaign, Pledge, PledgeState, Publicity
from app.estimates.model import Estimate, Milestone
from app.kit.money import Cents
from app.people.access import Actor
from app.people.model import Organization


@dataclass(frozen=True)
class Sums:
    """What is signed of a campaign; None where the reader may not know it."""

    minimum_cents: Cents
    total_cents: Cents
    promised_cents: Cents | None
    committed_cents: Cents | None
    organizations: int
    matching_cents: Cents | None = 0
    # Work agreed instead of money: all of it, and what of it helps to reach the minimum. It is never hidden.
    in_kind_cents: Cents = 0
    in_kind_required_cents: Cents = 0

    @property
    def missing_cents(self) -> Cents | None:
        """What the minimum still lacks."""
        if self.promised_cents is None:
            return None
        return max(0, self.minimum_cents - self.in_kind_required_cents - self.promised_cents)

    @property
    def counted_cents(self) -> Cents | None:
        """Money and work together."""
        return None if self.promised_cents is None else self.promised_cents + self.in_kind_cents

    @property
    def pledged_cents(self) -> Cents | None:
        """What is payable in advance, matches apart."""
        if self.promised_cents is None or self.committed_cents is None or self.matching_cents is None:
            return None
        return self.promised_cents - self.committed_cents - self.matching_cents


@dataclass(frozen=True)
class Backer:
    """One signed pledge as the reader sees it: `name` and `cents` are None where they are kept hidden.

    In a list by organization, all of its pledges the reader sees alike; `has_more` where some amounts are not shown.
    """

    pledge_id: int
    organization_id: int
    name: str | None
    cents: Cents | None
    is_own: bool
    is_committed: bool
    publicity: str
    is_added_up: bool = False
    is_match: bool = False
    has_more: bool = False


def counts() -> Any:
    """The pledges that count, and those that counted when their campaign failed or was cancelled."""
    signed = col(Pledge.state).in_([PledgeState.SIGNED, PledgeState.DEFAULTED])
    return or_(signed, (col(Pledge.state) == PledgeState.LAPSED) & col(Pledge.signed_at).is_not(None))


def is_maintainer(actor: Actor | None, maintainer_id: int) -> bool:
    """Whether the reader is who does the work: it has to know what is held and what is only committed."""
    return actor is not None and actor.organization.id == maintainer_id


def sees_exactly(actor: Actor | None, maintainer_id: int) -> bool:
    """Whether the reader may see every sum as it is."""
    return bool(actor and actor.sees_everything) or is_maintainer(actor, maintainer_id)


def sums_of(
    db: Session, campaigns: Sequence[tuple[Campaign, int]], actor: Actor | None, *, exactly: bool = False
) -> dict[int, Sums]:
    """The sums of many campaigns (each with its maintainer), in four queries; `exactly` whoever reads."""
    whose = func.coalesce(Pledge.followed_id, Pledge.organization_id)  # a match tells of whom it follows
    is_match = col(Pledge.follows_id).is_not(None)
    veiled = col(Pledge.publicity) == Publicity.ANONYMOUS
    query = (
        select_columns(
            col(Pledge.campaign_id), func.sum(col(Pledge.amount_cents)), _heads(whose),
            _heads(case((col(Pledge.publicity) != Publicity.FULL, whose))),
            # Who signed once by name and once without counts as two, or the count would tell.
            _heads(case((veiled, whose))) + _heads(case((~veiled, whose))),
        )
        .where(col(Pledge.campaign_id).in_([campaign.id for campaign, _ in campaigns]), counts())
        .group_by(col(Pledge.campaign_id))
    )  # fmt: skip
    kinds = [
        {row[0]: _Kind(int(row[1]), Crowd(row[2], row[3]), row[4]) for row in db.execute(of_kind)}
        for of_kind in (
            query,
            query.where(~col(Pledge.is_after_acceptance), ~is_match),
            query.where(col(Pledge.is_after_acceptance), ~is_match),
            query.where(is_match),
        )
    ]
    nobody = _Kind(0, Crowd(0, 0), 0)
    return {
        campaign.id: _summed(
            campaign, *(kind.get(campaign.id, nobody) for kind in kinds),
            exactly=exactly or sees_exactly(actor, maintainer_id),
        )
        for campaign, maintainer_id in campaigns
    }  # fmt: skip


@dataclass(frozen=True)
class _Kind:
    cents: Cents
    crowd: Crowd
    organizations: int


def _heads(expression: Any) -> Any:
    return func.count(func.distinct(expression))


def _summed(
    campaign: Campaign, everyone: _Kind, pledged: _Kind, committed: _Kind, matching: _Kind, *, exactly: bool
) -> Sums:
    total, by_kind = may_tell(everyone.crowd, pledged.crowd, committed.crowd, matching.crowd)
    return Sums(
        minimum_cents=campaign.minimum_cents,
        total_cents=campaign.total_cents,
        promised_cents=everyone.cents if total or exactly else None,
        committed_cents=committed.cents if by_kind or exactly else None,
        organizations=everyone.organizations,
        matching_cents=matching.cents if by_kind or exactly else None,
        in_kind_cents=campaign.in_kind_cents,
        in_kind_required_cents=campaign.in_kind_required_cents,
    )


def backings_of(db: Session, campaign: Campaign) -> list[tuple[Pledge, Organization]]:
    """The pledges that count with who gets the credit for them, in order of signature."""
    query = (
        select(Pledge, Organization)
        .join(Organization, col(Organization.id) == func.coalesce(Pledge.credit_id, Pledge.organization_id))
        .where(Pledge.campaign_id == campaign.id, counts())
        .order_by(col(Pledge.id))
    )
    return list(db.exec(query))


def alone(rows: Sequence[tuple[Pledge, Organization]]) -> set[int]:
    """The pledges whose amount everyone may read by itself."""
    told = tell([backing(pledge) for pledge, _ in rows])
    return {rows[position][0].id for position in told.alone}


def backing(pledge: Pledge) -> Backing:
    """A pledge as its disclosure needs it."""
    return Backing(
        pledge.discloses_id, pledge.amount_cents, is_hidden=pledge.publicity != Publicity.FULL,
        kind="matching" if pledge.follows_id else "committed" if pledge.is_after_acceptance else "pledged",
    )  # fmt: skip


def backers(rows: Sequence[tuple[Pledge, Organization]], actor: Actor | None) -> list[Backer]:
    """Who promised what, the largest amounts first, as far as this reader may see."""
    told = alone(rows)
    sees_all = bool(actor and actor.sees_everything)
    seen = []
    for pledge, organization in rows:
        own = actor is not None and actor.organization.id in (pledge.organization_id, pledge.payer_id)
        named = sees_all or own or pledge.publicity != Publicity.ANONYMOUS
        stands_alone = sees_all or own or pledge.id in told
        seen.append(Backer(
            pledge_id=pledge.id,
            organization_id=organization.id,
            name=organization.name if named else None,
            cents=pledge.amount_cents if stands_alone else None,
            is_own=own,
            is_committed=named and pledge.is_after_acceptance,
            publicity=pledge.publicity,
            is_match=pledge.follows_id is not None,
            is_added_up=not stands_alone and pledge.publicity == Publicity.FULL,
        ))  # fmt: skip
    return sorted(seen, key=_largest_first)


def by_organization(seen: Sequence[Backer]) -> list[Backer]:
    """One line for each organization, with the sum of what may be read of its pledges; grants apart from pledges.

    What is signed without a name stays apart from what is signed by name, and only amounts that stand alone are added:
    a line tells nothing that its pledges, one by one, would not tell.
    """
    lines: dict[tuple[object, ...], list[Backer]] = {}
    for backer in seen:
        key = (backer.organization_id, backer.name, backer.is_own, backer.is_match, backer.is_committed)
        lines.setdefault(key, []).append(backer)
    return sorted((_added(pledges) for pledges in lines.values()), key=_largest_first)


def _added(pledges: Sequence[Backer]) -> Backer:
    shown = [backer.cents for backer in pledges if backer.cents is not None]
    return replace(
        pledges[0],
        cents=sum(shown) if shown else None,
        is_added_up=any(backer.is_added_up for backer in pledges),
        has_more=bool(shown) and len(shown) < len(pledges),
    )


def _largest_first(backer: Backer) -> tuple[int, bool, str]:
    return (-(backer.cents or 0), backer.name is None, backer.name or "")


def poles(campaign: Campaign, milestones: Sequence[Milestone]) -> list[tuple[Milestone | None, Cents]]:
    """The thresholds, ascending: the minimum (None), then each optional milestone with what it takes to reach it."""
    reached = campaign.minimum_cents  # poles stand where money and work together reach them
    found: list[tuple[Milestone | None, Cents]] = [(None, reached)]
    for milestone in milestones:
        if not milestone.is_required:
            reached += milestone.price_cents
            found.append((milestone, reached))
    return found


def maintainer_of(db: Session, campaign: Campaign) -> Organization:
    """Who does the work."""
    return db.get_one(Organization, db.get_one(Estimate, campaign.estimate_id).organization_id)
