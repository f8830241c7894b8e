"""What became of a decided milestone's money: released, still awaited, owed back. As the book says it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Part, Pledge, Publicity
from app.delivery.dues import dues_of
from app.delivery.model import Delivery
from app.delivery.seen import FEWEST_HIDDEN
from app.delivery.standing import maintainer_id, parts_of
from app.documents.sums import Sum
from app.escrow import rules as escrow
from app.escrow.calls import call_of_part
from app.escrow.model import Refund, Release
from app.kit.money import Cents
from app.people.access import Actor
from app.people.model import Organization


@dataclass(frozen=True)
class Awaited:
    """A part of accepted work that its payer still owes: a public body's, or one that was charged back."""

    organization_id: int
    name: str
    cents: Cents
    vat_cents: Cents
    is_hidden: bool
    is_public_body: bool
    is_called: bool


@dataclass(frozen=True)
class Amounts:
    """The sums of one decided delivery, and the day of the last of its facts."""

    released: Sum
    returned: Sum
    awaited: tuple[Awaited, ...]
    last_at: datetime | None

    @property
    def awaited_sum(self) -> Sum:
        """What public bodies still owe."""
        owing = [one for one in self.awaited if one.is_public_body]
        return Sum(sum(one.cents for one in owing), sum(one.vat_cents for one in owing))

    @property
    def betrays(self) -> bool:
        """Whether these sums beside the milestone's price would tell a hidden amount."""
        return 0 < len({one.organization_id for one in self.awaited if one.is_hidden}) < FEWEST_HIDDEN


def amounts_of(db: Session, campaign: Campaign, delivery: Delivery, reader: Actor | None) -> Amounts:
    """The sums of a delivery; names of those who still owe as this reader may see them."""
    parts = parts_of(db, delivery)
    numbers = [part.id for part in parts]
    releases = list(db.exec(select(Release).where(col(Release.part_id).in_(numbers))))
    refunds = list(db.exec(select(Refund).where(col(Refund.part_id).in_(numbers))))
    return Amounts(
        released=_sum(releases),
        returned=_sum(refunds),
        awaited=tuple(
            _awaited(db, campaign, delivery, part, reader) for part in _unpaid(db, delivery, parts)
        ),
        last_at=max((fact.at for fact in (*releases, *refunds)), default=delivery.decided_at),
    )


def _sum(facts: list[Release] | list[Refund]) -> Sum:
    return Sum(sum(fact.price_cents for fact in facts), sum(fact.vat_cents for fact in facts))


def _unpaid(db: Session, delivery: Delivery, parts: list[Part]) -> list[Part]:
    if not delivery.share_basis_points:
        return []
    return [part for part in parts if part.price_cents and not escrow.is_paid(db, part)]


def _awaited(
    db: Session, campaign: Campaign, delivery: Delivery, part: Part, reader: Actor | None
) -> Awaited:
    pledge = db.get_one(Pledge, part.pledge_id)
    organization = db.get_one(Organization, pledge.organization_id)
    cents, vat_cents = dues_of(delivery, parts_of(db, delivery))[part.id]
    is_ours = reader is not None and (reader.sees_everything or reader.organization.id == organization.id)
    # Who is owed the money knows how much is missing, but not whom a pledge hides.
    knows_sums = is_ours or (reader is not None and reader.organization.id == maintainer_id(db, campaign))
    is_named = is_ours or pledge.publicity != Publicity.ANONYMOUS
    return Awaited(
        organization_id=organization.id,
        name=organization.name if is_named else "",
        cents=cents,
        vat_cents=vat_cents,
        is_hidden=not knows_sums and pledge.publicity != Publicity.FULL,
        is_public_body=pledge.is_after_acceptance,
        is_called=call_of_part(db, part) is not None,
    )


def may_read_certificate(db: Session, campaign: Campaign, amounts: Amounts, reader: Actor | None) -> bool:
    """Whether the sums on the paper tell this reader nothing a backer hides."""
    return not amounts.betrays or bool(reader and reader.sees_everything)
