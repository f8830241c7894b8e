"""Payees that a rail wants to know itself: sent to its pages, ready when it says so, restricted when it says so."""

from datetime import datetime

from sqlmodel import Session, select

from app.kit.rules import require
from app.kit.states import move
from app.payouts.model import AccountState, PayeeAccount
from app.payouts.model_legs import Onboarding, OnboardingState
from app.people.access import Actor, require_role
from app.people.model import Kind, Organization, Role
from app.people.step import record
from app.rails.errands import outside_id_of
from app.rails.rail import Payee, PayeeStanding
from app.rails.switched_on import capabilities_of


def start(db: Session, *, rail: str, by: Actor, at: datetime) -> Onboarding:
    """Begin to make one's organization known to a rail; begun already, it goes on."""
    require_role(by, Role.FINANCE)
    require(by.organization.kind == Kind.MAINTAINER, "Only a maintainer is paid for work.", status=403)
    told = capabilities_of(rail)
    require(told.onboards_payees, "Please choose one of the answers.", field="rail")
    country = by.organization.country
    require(
        not told.payee_countries or country in told.payee_countries,
        "This rail pays to nobody in your country: please choose another one.",
    )
    if found := of(db, by.organization.id, rail):
        return found
    begun = Onboarding(
        organization_id=by.organization.id, rail=rail, started_by_id=by.person.id, started_at=at
    )
    db.add(begun)
    db.flush()
    record(db, "start", begun, by=by, at=at, rail=rail)
    return begun


def of(db: Session, organization_id: int, rail: str) -> Onboarding | None:
    """How far an organization is known to a rail."""
    query = select(Onboarding).where(Onboarding.organization_id == organization_id, Onboarding.rail == rail)
    return db.exec(query).first()


def key_of(begun: Onboarding) -> str:
    """The key it travels with."""
    return f"payee:{begun.public_id}"


def payee_of(organization: Organization) -> Payee:
    """An organization as a rail is told of it."""
    return Payee(organization.public_id, organization.name, organization.email, organization.country)


def on_their_way(db: Session, rail: str) -> set[str]:
    """The outside's names of payees that are not ready yet."""
    begun = db.exec(
        select(Onboarding).where(Onboarding.rail == rail, Onboarding.state != OnboardingState.READY)
    )
    return {outside_id_of(db, rail, key_of(one)) for one in begun}


def hear(db: Session, told: PayeeStanding, *, at: datetime) -> bool:
    """What the rail says of a payee. Ready the first time, it is the account payouts on this rail go to."""
    name = told.key.removeprefix("payee:")
    found = db.exec(select(Onboarding).where(Onboarding.public_id == name).with_for_update()).first()
    if found is None:
        return False
    found.outside_id, found.missing = told.outside_id, ", ".join(told.missing)[:1000]
    state = OnboardingState.READY if told.is_ready else OnboardingState.RESTRICTED
    if state == found.state or (state == OnboardingState.RESTRICTED and found.state == OnboardingState.ASKED):
        return True
    before = found.state
    move(found, state)
    record(db, state.value, found, by=None, at=at, before=before, rail=found.rail)
    if state == OnboardingState.READY and found.ready_at is None:
        found.ready_at = at
        named = PayeeAccount(
            organization_id=found.organization_id, rail=found.rail, account=told.outside_id,
            holder=db.get_one(Organization, found.organization_id).name, named_by_id=found.started_by_id, named_at=at,
            decided_at=at,
        )  # fmt: skip
        db.add(named)
        # The provider asked who they are, and there is one such account: it takes no other one's place.
        move(named, AccountState.IN_USE)
        record(db, "name account", named, by=None, at=at, rail=found.rail, ends=told.outside_id[-4:])
    return True
