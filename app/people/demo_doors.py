"""The people a demo offers on its sign-in page. Nobody comes in this way outside of a demo."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.kit.rules import Missing
from app.kit.words import _
from app.people.model import Kind, Organization, Person, PersonState, Role, RoleGrant

MOST = 400


@dataclass(frozen=True)
class DemoDoor:
    """One person to become: who, in which roles, for whom."""

    person: Person
    organization: Organization
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Group:
    """Doors under one heading."""

    title: str
    doors: tuple[DemoDoor, ...]


def groups(db: Session) -> list[Group]:
    """Those to start with, then everybody, by what their organization comes for."""
    doors = _doors(db)
    first = (
        _first(doors, Kind.CORPORATE, Role.BUYER),
        _first(doors, Kind.MAINTAINER, Role.MEMBER),
        _first(doors, Kind.FUND, Role.OFFICER),
        _first(doors, Kind.FUND, Role.TREASURER),
    )
    titles = {
        Kind.CORPORATE: _("IT departments"),
        Kind.MAINTAINER: _("Maintainers"),
        Kind.FUND: _("The fund"),
    }
    found = [Group(_("Start here"), tuple(door for door in first if door))]
    found += [
        Group(title, tuple(door for door in doors if door.organization.kind == kind))
        for kind, title in titles.items()
    ]
    return [group for group in found if group.doors]


def _doors(db: Session) -> list[DemoDoor]:
    query = (
        select(Person, Organization, RoleGrant.role)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .join(Organization, col(Organization.id) == col(RoleGrant.organization_id))
        .where(col(RoleGrant.ended_at).is_(None), Person.state == PersonState.ACTIVE)
        .order_by(col(Organization.id), col(Person.id), col(RoleGrant.id))
        .limit(MOST)
    )
    held: dict[tuple[int, int], tuple[Person, Organization, set[str]]] = {}
    for person, organization, role in db.exec(query):
        held.setdefault((organization.id, person.id), (person, organization, set()))[2].add(role)
    return [
        DemoDoor(person, organization, tuple(role for role in Role if role in roles))
        for person, organization, roles in held.values()
    ]


def _first(doors: list[DemoDoor], kind: Kind, role: Role) -> DemoDoor | None:
    return next((door for door in doors if door.organization.kind == kind and role in door.roles), None)


def person_named(db: Session, name: str) -> Person:
    """The active person of this public name who holds a role; raises `Missing`."""
    query = (
        select(Person)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            Person.public_id == name, Person.state == PersonState.ACTIVE, col(RoleGrant.ended_at).is_(None)
        )
    )
    found = db.exec(query).first()
    if found is None:
        raise Missing
    return found
