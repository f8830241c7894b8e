"""What may happen to a matching grant: offered by who gives it, activated by the fund, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from app.campaigns.matching_model import GrantScope, GrantState, MatchingGrant, PublicMoney
from app.campaigns.model import Campaign, CampaignState
from app.campaigns.reading import lock
from app.estimates.model import Estimate
from app.kit.money import BasisPoints, Cents
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.countries import CODES
from app.people.interests import stand_aside
from app.people.model import Kind, Operator, Role
from app.people.step import record


@dataclass(frozen=True)
class GrantTerms:
    """The rule of a grant, as who gives it writes it down."""

    title: str
    reference: str
    total_cents: Cents
    factor_basis_points: BasisPoints
    most_per_pledge_cents: Cents | None = None
    most_per_organization_cents: Cents | None = None
    after_backers: int = 1
    countries: tuple[str, ...] = ()
    software_ids: Sequence[int] = ()
    need_ids: Sequence[int] = ()
    most_public_basis_points: BasisPoints = 10_000
    rail: str = "sandbox"
    is_after_acceptance: bool = False
    valid_until: date | None = None


def offer(db: Session, terms: GrantTerms, *, by: Actor, at: datetime) -> MatchingGrant:
    """Offer to match what companies pledge, by a rule and up to a total. It promises nothing until it is active."""
    require_role(by, Role.APPROVER)
    require(
        by.organization.kind == Kind.CORPORATE, "Only an organization that pays can offer a matching grant."
    )
    _check(terms)
    grant = MatchingGrant(
        organization_id=by.organization.id, title=terms.title.strip(), reference=terms.reference.strip(),
        currency=db.exec(select(Operator)).one().currency, total_cents=terms.total_cents,
        factor_basis_points=terms.factor_basis_points, most_per_pledge_cents=terms.most_per_pledge_cents,
        most_per_organization_cents=terms.most_per_organization_cents, after_backers=terms.after_backers,
        countries=" ".join(terms.countries), most_public_basis_points=terms.most_public_basis_points, rail=terms.rail,
        is_after_acceptance=terms.is_after_acceptance, valid_until=terms.valid_until,
        offered_by_id=by.person.id, offered_at=at,
    )  # fmt: skip
    db.add(grant)
    db.flush()
    for software_id in terms.software_ids:
        db.add(GrantScope(grant_id=grant.id, software_id=software_id))
    for need_id in terms.need_ids:
        db.add(GrantScope(grant_id=grant.id, need_id=need_id))
    record(db, "offer", grant, by=by, at=at, total=grant.total_cents, factor=grant.factor_basis_points)
    return grant


def _check(terms: GrantTerms) -> None:
    require(terms.title.strip(), "Please fill this in.", field="title")
    require(
        terms.reference.strip(), "Please give the grant's own number: it is how a double payment is found.",
        field="reference",
    )  # fmt: skip
    require(terms.total_cents > 0, "The amount must be more than zero.", field="total")
    require(
        1 <= terms.factor_basis_points <= 100_000, "Between 0.01 and 1,000 percent, please.", field="factor"
    )
    require(
        1 <= terms.after_backers <= 100, "Between 1 and 100 organizations, please.", field="after_backers"
    )
    require(
        1 <= terms.most_public_basis_points <= 10_000, "Please enter a percentage between 0 and 100.",
        field="most_public",
    )  # fmt: skip
    require(
        all(code in CODES for code in terms.countries),
        "Write countries as two letters: FR BE.",
        field="countries",
    )


def activate(db: Session, grant: MatchingGrant, *, by: Actor, at: datetime) -> MatchingGrant:
    """The fund has read the rule and lets the grant match pledges from now on."""
    require_role(by, Role.OFFICER)
    db.refresh(grant, with_for_update=True)
    aside = stand_aside(db, by, {grant.organization_id}, at=at)
    before = grant.state
    if before != GrantState.OFFERED:
        raise Conflict("This grant was decided already.")
    move(grant, GrantState.ACTIVE)
    grant.activated_at = at
    record(db, "activate", grant, by=by, at=at, before=before, aside=aside)
    return grant


def close(db: Session, grant: MatchingGrant, *, reason: str, by: Actor, at: datetime) -> MatchingGrant:
    """Match nothing more from now on. What was matched stands."""
    require_role(by, Role.OFFICER, Role.APPROVER)
    if not by.is_fund and grant.organization_id != by.organization.id:
        raise Missing
    require(reason.strip(), "Please give the reason: everyone can read it.", field="reason")
    db.refresh(grant, with_for_update=True)
    before = grant.state
    move(grant, GrantState.CLOSED)
    grant.ended_at, grant.end_reason = at, reason.strip()
    record(db, "close", grant, by=by, at=at, before=before, reason=reason.strip())
    return grant


def declare(
    db: Session, campaign: Campaign, *, amount_cents: Cents, source: str = "", reference: str = "",
    grantor_id: int | None = None, by: Actor, at: datetime,
) -> PublicMoney:  # fmt: skip
    """The maintainer declares other public money it receives for this work, or that there is none (zero)."""
    require_role(by, Role.MEMBER, Role.ADMIN)
    if db.get_one(Estimate, campaign.estimate_id).organization_id != by.organization.id:
        raise Missing
    campaign = lock(db, campaign.id)
    if campaign.state not in (CampaignState.DRAFT, CampaignState.OPEN, CampaignState.SECURED):
        raise Conflict("This campaign has ended.")
    require(not amount_cents or source.strip(), "Please say who pays it.", field="source")
    line = PublicMoney(
        campaign_id=campaign.id, source=source.strip(), reference=reference.strip(), amount_cents=amount_cents,
        grantor_id=grantor_id, pseudonym=by.person.pseudonym, at=at,
    )  # fmt: skip
    db.add(line)
    record(
        db, "declare", line, by=by, at=at, campaign_id=campaign.id, amount=amount_cents, source=line.source,
        reference=line.reference,
    )  # fmt: skip
    return line
