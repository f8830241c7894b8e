"""What may happen to a matching grant: written by one person of who gives it, signed by another, activated, closed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from app.campaigns.matching_model import GrantScope, GrantState, MatchingGrant, PublicMoney
from app.campaigns.model import Campaign, CampaignState
from app.campaigns.reading import lock
from app.campaigns.rules import text_hash
from app.catalogue.model import Software
from app.estimates.model import Estimate
from app.kit.clock import day_of, end_of_day
from app.kit.money import BasisPoints, Cents
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.alarms import require_silence
from app.people.countries import CODES
from app.people.interests import stand_aside, stand_aside_from_own
from app.people.model import Kind, Operator, Role
from app.people.step import record

DAYS_TO_SIGN = 30


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


def prepare(
    db: Session, terms: GrantTerms, *, words: Callable[[Session, MatchingGrant], str], by: Actor, at: datetime
) -> MatchingGrant:
    """Write down what would be added to pledges, by a rule and up to a total. It binds nobody until another signs it.

    `words` makes the text to be signed of it; it is kept word for word with its SHA-256.
    """
    require_role(by, Role.BUYER, Role.APPROVER)
    require(
        by.organization.kind == Kind.CORPORATE, "Only an organization that pays can offer a matching grant."
    )
    _check(terms)
    operator = db.exec(select(Operator)).one()
    today = day_of(at, operator.zone)
    require(not terms.valid_until or terms.valid_until >= today, "This day has passed.", field="valid_until")
    last_day = today + timedelta(days=DAYS_TO_SIGN)
    grant = MatchingGrant(
        organization_id=by.organization.id, title=terms.title.strip(), reference=terms.reference.strip(),
        currency=operator.currency, total_cents=terms.total_cents,
        factor_basis_points=terms.factor_basis_points, most_per_pledge_cents=terms.most_per_pledge_cents,
        most_per_organization_cents=terms.most_per_organization_cents, after_backers=terms.after_backers,
        countries=" ".join(terms.countries), most_public_basis_points=terms.most_public_basis_points, rail=terms.rail,
        is_after_acceptance=terms.is_after_acceptance, valid_until=terms.valid_until,
        offered_by_id=by.person.id, offered_at=at,
        lapses_at=end_of_day(min(last_day, terms.valid_until or last_day), operator.zone),
    )  # fmt: skip
    db.add(grant)
    db.flush()
    for software_id in terms.software_ids:
        db.add(GrantScope(grant_id=grant.id, software_id=software_id))
    for need_id in terms.need_ids:
        db.add(GrantScope(grant_id=grant.id, need_id=need_id))
    db.flush()
    _stand_aside(db, grant, by, at)
    grant.signed_text = words(db, grant)
    grant.signed_hash = text_hash(grant.signed_text)
    record(
        db, "prepare", grant, by=by, at=at, total=grant.total_cents, factor=grant.factor_basis_points,
        text=grant.signed_hash,
    )  # fmt: skip
    return grant


def sign(db: Session, grant: MatchingGrant, *, by: Actor, at: datetime) -> MatchingGrant:
    """Sign a colleague's grant: it is offered to the fund. Nobody signs what they prepared themselves."""
    require_role(by, Role.APPROVER)
    _own(db, grant, by)
    stand_aside_from_own(by, grant.offered_by_id)
    _stand_aside(db, grant, by, at)
    before = grant.state
    if before != GrantState.PREPARED or not grant.lapses_at or at >= grant.lapses_at:
        raise Conflict("This grant does not wait for a signature any more.")
    require_silence(db)
    grant.signed_by_id, grant.signed_at = by.person.id, at
    move(grant, GrantState.OFFERED)
    record(
        db, "offer", grant, by=by, at=at, before=before, total=grant.total_cents,
        factor=grant.factor_basis_points, text=grant.signed_hash,
    )  # fmt: skip
    return grant


def refuse(db: Session, grant: MatchingGrant, *, reason: str, by: Actor, at: datetime) -> MatchingGrant:
    """Decline to sign a colleague's grant, or take one's own back before it is signed, with a reason."""
    require_role(by, Role.BUYER, Role.APPROVER)
    _own(db, grant, by)
    if by.person.id != grant.offered_by_id:
        require_role(by, Role.APPROVER)
    if grant.state != GrantState.PREPARED:
        raise Conflict("This grant does not wait for a signature any more.")
    require(reason.strip(), "Please say why you do not sign.", field="reason")
    _end(db, grant, GrantState.REFUSED, "refuse", reason.strip(), by=by, at=at)
    return grant


def unsigned(db: Session, at: datetime) -> list[int]:
    """The prepared grants nobody signed in time: the worker ends each by itself."""
    query = select(MatchingGrant.id).where(
        MatchingGrant.state == GrantState.PREPARED, col(MatchingGrant.lapses_at) <= at
    )
    return list(db.exec(query.order_by(col(MatchingGrant.id))))


def lapse(db: Session, grant: MatchingGrant, *, at: datetime) -> None:
    """Nobody signed it in time: it ends and binds nobody."""
    db.refresh(grant, with_for_update=True)
    if grant.state == GrantState.PREPARED and grant.lapses_at and at >= grant.lapses_at:
        _end(db, grant, GrantState.LAPSED, "lapse", "", by=None, at=at)


def _own(db: Session, grant: MatchingGrant, by: Actor) -> None:
    """Only one's own organization's grants, as they are now."""
    db.refresh(grant, with_for_update=True)
    if grant.organization_id != by.organization.id:
        raise Missing


def _stand_aside(db: Session, grant: MatchingGrant, by: Actor, at: datetime) -> None:
    """Nobody binds their organization's money to the software of a maintainer they are tied to."""
    query = select(Software.maintainer_id).join(GrantScope, col(GrantScope.software_id) == col(Software.id))
    makers = {maker for maker in db.exec(query.where(GrantScope.grant_id == grant.id)) if maker is not None}
    stand_aside(db, by, makers, at=at)


def _end(
    db: Session,
    grant: MatchingGrant,
    state: GrantState,
    act: str,
    reason: str,
    *,
    by: Actor | None,
    at: datetime,
) -> None:
    before = grant.state
    move(grant, state)
    grant.ended_at, grant.end_reason = at, reason
    record(db, act, grant, by=by, at=at, before=before, reason=reason)


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
    if grant.state not in (GrantState.OFFERED, GrantState.ACTIVE, GrantState.EXHAUSTED):
        raise Conflict("This grant has ended, or nobody has signed it yet.")
    _end(db, grant, GrantState.CLOSED, "close", reason.strip(), by=by, at=at)
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
