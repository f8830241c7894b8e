"""Who must stand aside: nobody decides for an organization they belong to."""

from sqlmodel import Session, col, select

from app.kit.rules import Refused
from app.people.access import Actor
from app.people.model import Kind, Organization, RoleGrant


def belongs_to(db: Session, by: Actor, organization_ids: set[int]) -> list[Organization]:
    """Those of these organizations (the fund apart) in which the person holds a role now."""
    query = (
        select(Organization)
        .join(RoleGrant, col(RoleGrant.organization_id) == col(Organization.id))
        .where(
            RoleGrant.person_id == by.person.id,
            col(RoleGrant.ended_at).is_(None),
            col(Organization.id).in_(organization_ids),
            Organization.kind != Kind.FUND,
        )
        .distinct()
    )
    return list(db.exec(query))


def stand_aside(db: Session, by: Actor, organization_ids: set[int]) -> None:
    """Raise `Refused` if the person belongs to an organization this decision is about."""
    tied = belongs_to(db, by, organization_ids)
    if tied:
        raise Refused(
            "You belong to %(organization)s: somebody without a tie has to decide this.",
            status=403,
            organization=tied[0].name,
        )
