"""Who acts, for whom, and what they may do: read from the database at each request, so a change applies at once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import abort, g, redirect, request, url_for
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.kit.clock import now
from app.kit.money import Cents
from app.kit.rules import Refused
from app.people.model import Kind, Organization, OrganizationState, Person, Role, RoleGrant

View = TypeVar("View", bound=Callable[..., Any])

ANYONE = "anyone"
SIGNED_IN = "signed in"


@dataclass(frozen=True)
class Actor:
    """A person acting for one of their organizations, with what they may do there now."""

    person: Person
    organization: Organization
    roles: frozenset[Role]
    limit_cents: Cents | None = None

    def has(self, *roles: Role) -> bool:
        """Whether the person holds one of these roles here."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_fund(self) -> bool:
        """Whether the person acts for the fund."""
        return self.organization.kind == Kind.FUND

    @property
    def sees_everything(self) -> bool:
        """Fund staff and the auditor may see every line of the book."""
        return self.is_fund and bool(self.roles)

    @property
    def only_reads(self) -> bool:
        """Whether the person is here to look: an auditor without any other role changes nothing at all."""
        return self.roles == {Role.AUDITOR}

    @property
    def is_verified(self) -> bool:
        """Whether the fund has verified the organization acted for."""
        return self.organization.state == OrganizationState.VERIFIED


_LIVE = (
    select(RoleGrant)
    .where(RoleGrant.person_id == bindparam("person"), col(RoleGrant.ended_at).is_(None))
    .order_by(col(RoleGrant.id))
)
_LIVE_HERE = _LIVE.where(RoleGrant.organization_id == bindparam("organization"))


def live_grants(db: Session, person_id: int, organization_id: int | None = None) -> list[RoleGrant]:
    """The roles a person holds now, in one organization or in all."""
    asked = {"person": person_id}
    if organization_id is None:
        return list(db.exec(_LIVE, params=asked))
    return list(db.exec(_LIVE_HERE, params={**asked, "organization": organization_id}))


def organizations_of(db: Session, person: Person) -> list[Organization]:
    """The organizations in which a person holds a role now, the earliest first."""
    query = (
        select(Organization)
        .join(RoleGrant, col(RoleGrant.organization_id) == col(Organization.id))
        .where(RoleGrant.person_id == person.id, col(RoleGrant.ended_at).is_(None))
        .distinct()
        .order_by(col(Organization.id))
    )
    return list(db.exec(query))


def actor_for(db: Session, person: Person, organization: Organization) -> Actor:
    """The person acting for this organization, with the roles of this moment."""
    return acting_with(person, organization, live_grants(db, person.id, organization.id))


def acting_with(person: Person, organization: Organization, grants: list[RoleGrant]) -> Actor:
    """The person acting for this organization with these roles."""
    limits = [grant.limit_cents for grant in grants if grant.role == Role.BUYER]
    return Actor(
        person, organization, frozenset(Role(grant.role) for grant in grants), limits[0] if limits else None
    )


def require_role(by: Actor, *roles: Role) -> None:
    """Go on only if the actor holds one of these roles in a verified organization; raises `Refused` (403)."""
    if not by.has(*roles):
        raise Refused("Your role does not allow this.", status=403)
    if by.organization.state == OrganizationState.SUSPENDED:
        raise Refused("The fund has suspended your organization: it takes on nothing new.", status=403)
    if not by.is_verified:
        raise Refused("Your organization has to be verified by the fund first.", status=403)


def only(*roles: Role | str) -> Callable[[View], View]:
    """Open a route to these roles alone (or to ANYONE, or to whoever is SIGNED_IN)."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            actor: Actor | None = g.get("actor")
            if ANYONE in roles:
                return view(*args, **kwargs)
            if actor is None:
                return _ask_to_sign_in()
            if SIGNED_IN not in roles and not actor.has(*(Role(role) for role in roles)):
                abort(403)
            return view(*args, **kwargs)

        guarded.allowed = roles  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guard


def _ask_to_sign_in() -> Any:
    if request.method == "GET":
        return redirect(url_for("people.sign_in_page", next=request.full_path.rstrip("?")), 303)
    return abort(401)


def acting() -> Actor:
    """The signed-in actor of this request; for views behind `only`."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        abort(401)
    return actor


def at() -> Any:
    """The instant this request counts as its own."""
    return g.setdefault("at", now())
