"""What a public body certifies after acceptance, and which call that issues."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Part, Pledge
from app.campaigns.reading import is_live
from app.delivery.dues import dues_of
from app.delivery.model import Delivery
from app.delivery.standing import GRANTED, parts_of, service_certificate_of
from app.documents import vat
from app.escrow.calls import call_of_part, fee_treatment
from app.escrow.model import Call
from app.kit.money import Cents, portion
from app.people.access import Actor
from app.people.model import Role


@dataclass(frozen=True)
class Service:
    """One pledge of a public body: what its call asks for, and the call once it is issued."""

    pledge: Pledge
    price_cents: Cents
    vat_cents: Cents
    fee_cents: Cents
    fee_vat_cents: Cents
    call: Call | None
    is_certified: bool
    may_certify: bool

    @property
    def total_cents(self) -> Cents:
        """What the call asks for in all."""
        return self.price_cents + self.vat_cents + self.fee_cents + self.fee_vat_cents


def to_certify(db: Session, campaign: Campaign, delivery: Delivery, by: Actor, at: datetime) -> list[Service]:
    """The services of the reader's own public body in an accepted delivery, certified or not."""
    if delivery.state not in GRANTED:
        return []
    query = (
        select(Pledge, Part)
        .join(Part, col(Part.pledge_id) == col(Pledge.id))
        .where(
            Pledge.organization_id == by.organization.id,
            col(Pledge.is_after_acceptance),
            Part.milestone_id == delivery.milestone_id,
            Part.price_cents > 0,
            is_live(),
        )
        .order_by(col(Pledge.id))
    )
    may = by.is_verified and by.has(Role.BUYER, Role.APPROVER, Role.FINANCE)
    return [_service(db, campaign, delivery, pledge, part, may=may, at=at) for pledge, part in db.exec(query)]


def _service(
    db: Session,
    campaign: Campaign,
    delivery: Delivery,
    pledge: Pledge,
    part: Part,
    *,
    may: bool,
    at: datetime,
) -> Service:
    price, tax = dues_of(delivery, parts_of(db, delivery))[part.id]
    fee = portion(price, campaign.fee_basis_points)
    rate = fee_treatment(db, pledge, at=at, zone=campaign.zone).rate_basis_points
    return Service(
        pledge=pledge,
        price_cents=price,
        vat_cents=tax,
        fee_cents=fee,
        fee_vat_cents=vat.vat_on(fee, rate),
        call=call_of_part(db, part),
        is_certified=service_certificate_of(db, delivery, pledge) is not None,
        may_certify=may,
    )
