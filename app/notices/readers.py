"""Who is told: the people of an organization by what they may do there, and what they may know of the others."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Pledge, Publicity
from app.estimates.model import Estimate
from app.kit.money import Cents
from app.people.model import Kind, Organization, Person, PersonState, Role, RoleGrant

PAYERS = (Role.BUYER, Role.FINANCE)
JUDGES = (Role.BUYER, Role.APPROVER, Role.MEMBER)
MAKERS = (Role.MEMBER,)
STRICTEST = (Publicity.ANONYMOUS, Publicity.NAME_ONLY, Publicity.FULL)


@dataclass(frozen=True)
class Copy:
    """One person's copy of a mail: the facts they may know."""

    person: Person
    organization: Organization
    facts: Mapping[str, Any] = field(default_factory=dict)


def people_of(
    db: Session, organization_ids: Iterable[int], roles: Iterable[Role]
) -> list[tuple[Person, Organization]]:
    """The active people who hold one of these roles in one of these organizations now, each once in each."""
    query = (
        select(Person, Organization)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .join(Organization, col(Organization.id) == col(RoleGrant.organization_id))
        .where(
            col(Organization.id).in_(set(organization_ids)), col(RoleGrant.role).in_(list(roles)),
            col(RoleGrant.ended_at).is_(None), Person.state == PersonState.ACTIVE,
        )
        .distinct()
        .order_by(col(Person.id), col(Organization.id))
    )  # fmt: skip
    return list(db.exec(query))


def the_fund(db: Session) -> list[int]:
    """The organizations that run this house."""
    return list(db.exec(select(Organization.id).where(Organization.kind == Kind.FUND)))


def to(
    db: Session, organization_ids: Iterable[int], roles: Iterable[Role], facts: Mapping[str, Any], *,
    but: str | None = None,
) -> Iterator[Copy]:  # fmt: skip
    """The same facts for all these people, except the one with the pseudonym `but`."""
    for person, organization in people_of(db, organization_ids, roles):
        if person.pseudonym != but:
            yield Copy(person, organization, facts)


def person_named(db: Session, person_id: int, organization_id: int) -> tuple[Person, Organization]:
    """Somebody who is told as themselves."""
    return db.get_one(Person, person_id), db.get_one(Organization, organization_id)


def signed_amounts(db: Session, campaign: Campaign) -> dict[int, Cents]:
    """What each backer signed for a campaign, by organization; what was taken back before the deadline apart."""
    query = select(Pledge).where(
        Pledge.campaign_id == campaign.id, col(Pledge.signed_at).is_not(None), Pledge.state != "withdrawn"
    )
    amounts: dict[int, Cents] = {}
    for pledge in db.exec(query.order_by(col(Pledge.id))):
        amounts[pledge.organization_id] = amounts.get(pledge.organization_id, 0) + pledge.amount_cents
    return amounts


def names_for_others(db: Session, campaign_id: int) -> dict[int, str]:
    """How each backer is called before others; the anonymous ones are left out. The stricter of two wishes holds."""
    query = (
        select(Pledge.publicity, Organization)
        .join(Organization, col(Organization.id) == col(Pledge.organization_id))
        .where(Pledge.campaign_id == campaign_id, col(Pledge.signed_at).is_not(None))
    )
    wishes: dict[int, tuple[str, str]] = {}
    for publicity, organization in db.exec(query):
        before = wishes.get(organization.id, (Publicity.FULL, ""))[0]
        wishes[organization.id] = (min(before, publicity, key=STRICTEST.index), organization.name)
    return {number: name for number, (publicity, name) in wishes.items() if publicity != Publicity.ANONYMOUS}


def maintainer_of(db: Session, campaign: Campaign) -> Organization:
    """Who builds what a campaign pays for."""
    return db.get_one(Organization, db.get_one(Estimate, campaign.estimate_id).organization_id)
