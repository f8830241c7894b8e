"""What a reader may see of the backers' answers: names as each chose, weights only where they betray nobody."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns import in_kind_sums
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Part, Pledge, Publicity
from app.delivery.model import Acceptance, Delivery
from app.delivery.standing import answers_of
from app.kit.money import WHOLE, BasisPoints, Cents
from app.kit.words import _
from app.people.access import Actor
from app.people.model import Organization

# A sum over fewer hidden amounts than this would tell one of them to whoever knows the others.
FEWEST_HIDDEN = 3
STRICTEST = (Publicity.ANONYMOUS, Publicity.NAME_ONLY, Publicity.FULL)


@dataclass(frozen=True)
class Backer:
    """One backer's word, as this reader may see it; `weight_basis_points` is None where its weight is hidden."""

    organization_id: int
    name: str
    is_ours: bool
    is_public_body: bool
    weight_basis_points: BasisPoints | None
    is_hidden: bool
    answer: Acceptance | None


@dataclass(frozen=True)
class Tally:
    """How the answers add up: heads always, shares of the money only where no hidden amount shows through."""

    backers: int
    accepting: int
    refusing: int
    accepting_basis_points: BasisPoints | None
    refusing_basis_points: BasisPoints | None

    @property
    def shows_money(self) -> bool:
        """Whether this reader gets shares of the money."""
        return self.accepting_basis_points is not None

    @property
    def missing(self) -> int:
        """How many have not answered."""
        return self.backers - self.accepting - self.refusing


def is_party(db: Session, campaign: Campaign, reader: Actor | None) -> bool:
    """Whether the reader is the maintainer, a backer, or the fund."""
    if reader is None:
        return False
    return reader.sees_everything or reader.organization.id in campaigns.parties(db, campaign)


def backers_of(db: Session, delivery: Delivery, reader: Actor | None) -> list[Backer]:
    """Every backer of the delivery's milestone with its answer: one's own first, then by name."""
    weights, publicities, organizations = _by_organization(db, delivery.milestone_id)
    given = {answer.organization_id: answer for answer in answers_of(db, delivery)}
    whole = sum(weights.values())
    sees_all = reader is not None and reader.sees_everything
    ours = reader.organization.id if reader else None
    hidden = {
        number for number in weights
        if publicities[number] != Publicity.FULL and not sees_all and number != ours
    }  # fmt: skip
    betrays = 0 < len(hidden) < FEWEST_HIDDEN
    backers = []
    for number, cents in weights.items():
        shows = sees_all or number == ours or (number not in hidden and not betrays)
        is_named = publicities[number] != Publicity.ANONYMOUS or sees_all or number == ours
        backers.append(Backer(
            organization_id=number,
            name=organizations[number].name if is_named else _("An organization"),
            is_ours=number == ours,
            is_public_body=organizations[number].is_public_body,
            weight_basis_points=cents * WHOLE // whole if shows else None,
            is_hidden=number in hidden,
            answer=given.get(number),
        ))  # fmt: skip
    return sorted(backers, key=_order)


def _order(backer: Backer) -> tuple[bool, bool, str, datetime | None]:
    # Nothing but name and answer decides: the order of pledging would tell who is anonymous.
    return (
        not backer.is_ours,
        backer.answer is None,
        backer.name,
        backer.answer.at if backer.answer else None,
    )


def tally_of(db: Session, delivery: Delivery, backers: list[Backer]) -> Tally:
    """The answers added up for the reader these backers were read for."""
    weights, *_others = _by_organization(db, delivery.milestone_id)
    whole = sum(weights.values())
    groups = [
        [b for b in backers if b.answer and b.answer.accepts],
        [b for b in backers if b.answer and not b.answer.accepts],
        [b for b in backers if not b.answer],
    ]
    betrays = any(0 < sum(b.is_hidden for b in group) < FEWEST_HIDDEN for group in groups)
    shares = [
        None if betrays else sum(weights[b.organization_id] for b in group) * WHOLE // whole
        for group in groups[:2]
    ]  # fmt: skip
    return Tally(len(backers), len(groups[0]), len(groups[1]), *shares)


def own_part(db: Session, milestone_id: int, reader: Actor) -> tuple[Cents, Cents]:
    """Price and VAT of the reader's own parts of a milestone, in cents."""
    query = (
        select(Part)
        .join(Pledge, col(Pledge.id) == col(Part.pledge_id))
        .where(Part.milestone_id == milestone_id, Pledge.organization_id == reader.organization.id)
        .where(campaigns.is_live())
    )
    parts = list(db.exec(query))
    return sum(part.price_cents for part in parts), sum(part.vat_cents for part in parts)


def _by_organization(
    db: Session, milestone_id: int
) -> tuple[dict[int, Cents], dict[int, str], dict[int, Organization]]:
    query = (
        select(Part.price_cents, Pledge.publicity, Organization)
        .join(Pledge, col(Pledge.id) == col(Part.pledge_id))
        .join(Organization, col(Organization.id) == col(Pledge.organization_id))
        .where(Part.milestone_id == milestone_id, Part.price_cents > 0, campaigns.is_live())
        .where(col(Pledge.follows_id).is_(None))
        .order_by(col(Organization.id))
    )
    weights: dict[int, Cents] = {}
    publicities: dict[int, str] = {}
    organizations: dict[int, Organization] = {}
    for cents, publicity, organization in db.exec(query):
        number = organization.id
        weights[number] = weights.get(number, 0) + cents
        # Who chose two ways for two pledges is shown the stricter way.
        publicities[number] = min(publicities.get(number, Publicity.FULL), publicity, key=STRICTEST.index)
        organizations[number] = organization
    asked = in_kind_sums.without(weights, in_kind_sums.workers_on(db, milestone_id))
    return asked, publicities, organizations
