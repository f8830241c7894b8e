"""Who stands behind rows written in bulk: two hundred companies with a buyer each, a fund, a maintainer, software."""

from datetime import UTC, datetime

from sqlmodel import Session

from app.catalogue.model import Software
from app.demo.acts import pseudonym, step, tell
from app.people.access import Actor, actor_for
from app.people.model import (
    Kind,
    Operator,
    Organization,
    OrganizationState,
    Person,
    PersonState,
    Role,
    RoleGrant,
)

START = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)
COMPANIES, SOFTWARE = 200, 50
FUND, MAINTAINER = COMPANIES + 1, COMPANIES + 2
# What one buyer may sign in a year: more than is ever written.
LIMIT_CENTS = 10**14


def gather(db: Session) -> None:
    """Write them into an empty database. Company n has the number n, and so has its buyer."""
    kinds = {
        FUND: ("Fund", Kind.FUND, Role.OFFICER),
        MAINTAINER: ("Maintainer", Kind.MAINTAINER, Role.MEMBER),
    }
    organizations, people, grants = [], [], []
    for number in range(1, MAINTAINER + 1):
        name, kind, role = kinds.get(number, (f"Company {number - 1}", Kind.CORPORATE, Role.BUYER))
        organizations.append(
            Organization(name=name, kind=kind, state=OrganizationState.VERIFIED, applied_at=START)
        )
        people.append(
            Person(
                name=f"Person {number}", email=f"person{number}@bulk.example", pseudonym=pseudonym(number),
                state=PersonState.ACTIVE, created_at=START,
            )
        )  # fmt: skip
        grants.append(
            RoleGrant(
                person_id=number, organization_id=number, role=role, limit_cents=LIMIT_CENTS, granted_at=START
            )
        )
    for rows in (organizations, people):
        db.add_all(rows)
        db.flush()
    db.add_all([*grants, *_software(), Operator(id=1, organization_id=FUND)])
    tell(db, [
        step(person, "confirm_address", person.id, at=START, before=PersonState.INVITED) for person in people
    ])  # fmt: skip
    tell(db, [
        step(organization, "verify", FUND, at=START, before=OrganizationState.APPLIED)
        for organization in organizations
    ])  # fmt: skip


def acting_for(db: Session, organization_id: int) -> Actor:
    """The one person of an organization, acting for it."""
    return actor_for(db, db.get_one(Person, organization_id), db.get_one(Organization, organization_id))


def _software() -> list[Software]:
    return [
        Software(
            name=f"Software {n}", name_key=f"software {n}", repository_url=f"https://forge.example/{n}",
            registered_at=START,
        )
        for n in range(SOFTWARE)
    ]  # fmt: skip
