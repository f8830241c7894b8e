"""What a buyer promises, before it is a pledge: the amount, its papers, and the answers that make it a purchase."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.campaigns.model import Publicity
from app.kit.money import Cents
from app.kit.rules import require
from app.people.access import Actor
from app.people.model import Kind, Organization, OrganizationState, RoleGrant


@dataclass(frozen=True)
class Purchase:
    """Four plain answers that tell a purchase from a gift."""

    needs_the_work: bool = True
    wants_an_invoice: bool = True
    will_check_it: bool = True
    expects_a_tax_receipt: bool = False

    @property
    def is_one(self) -> bool:
        """Whether this is a purchase. A gift goes to the fund, never to a campaign."""
        return (
            self.needs_the_work
            and self.wants_an_invoice
            and self.will_check_it
            and not self.expects_a_tax_receipt
        )


A_PURCHASE = Purchase()


@dataclass(frozen=True)
class Promise:
    """What a buyer types: the amount excluding VAT, their papers, what others may see.

    `payer_id` and `credit_id` name another of the buyer's organizations that pays, or that gets the credit.
    """

    amount_cents: Cents
    po_number: str = ""
    cost_center: str = ""
    publicity: str = Publicity.FULL
    rail: str = "sandbox"
    means: str = ""
    payer_id: int | None = None
    credit_id: int | None = None
    purchase: Purchase = A_PURCHASE


def own_organizations(db: Session, by: Actor) -> list[Organization]:
    """The other verified organizations of a buyer: one may pay for this one, or be named in its place."""
    query = (
        select(Organization)
        .join(RoleGrant, col(RoleGrant.organization_id) == col(Organization.id))
        .where(
            RoleGrant.person_id == by.person.id, col(RoleGrant.ended_at).is_(None),
            Organization.kind == Kind.CORPORATE, Organization.state == OrganizationState.VERIFIED,
            Organization.id != by.organization.id,
        )
        .distinct()
        .order_by(col(Organization.name))
    )  # fmt: skip
    return list(db.exec(query))


def require_own(db: Session, by: Actor, organization_id: int | None, field: str) -> None:
    """Go on only if this is one of the buyer's own organizations, or none."""
    if organization_id is not None:
        known = {organization.id for organization in own_organizations(db, by)}
        require(organization_id in known, "Please choose one of your own organizations.", field=field)
