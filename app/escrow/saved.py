"""Means of payment an organization leaves with a rail: asked for, left there, revoked. Nothing of them is kept here."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from app.escrow.model_outside import MeansStanding, PaymentMeans
from app.kit.rules import Missing, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.model import Kind, Role
from app.people.step import record
from app.rails.errands import outside_id_of
from app.rails.rail import MeansState, SavedMeans
from app.rails.switched_on import capabilities_of

ASK_AGAIN = timedelta(days=30)


def ask_for(db: Session, *, rail: str, means: str, by: Actor, at: datetime) -> PaymentMeans:
    """Begin to leave a card or a mandate; the rail's own page does the rest."""
    require_role(by, Role.BUYER, Role.FINANCE)
    require(by.organization.kind == Kind.CORPORATE, "Only an organization that buys can pledge.", status=403)
    told = capabilities_of(rail).by(means)
    require(told.pulls and told.name == means, "Please choose one of the answers.", field="means")
    asked = PaymentMeans(
        organization_id=by.organization.id, rail=rail, means=means, asked_by_id=by.person.id, asked_at=at
    )
    db.add(asked)
    db.flush()
    record(db, "ask for", asked, by=by, at=at, rail=rail, means=means)
    return asked


def key_of(asked: PaymentMeans) -> str:
    """The key it travels with."""
    return f"means:{asked.public_id}:1"


def on_their_way(db: Session, rail: str) -> set[str]:
    """The outside's names of pages nobody has filled in yet."""
    query = select(PaymentMeans).where(PaymentMeans.rail == rail, PaymentMeans.state == MeansStanding.ASKED)
    return {outside_id_of(db, rail, key_of(asked)) for asked in db.exec(query)}


def hear(db: Session, told: SavedMeans, *, at: datetime) -> bool:
    """What the rail says of a means somebody left, or did not. True if it is one of ours."""
    name = told.key.split(":")[1] if told.key.startswith("means:") else ""
    found = db.exec(select(PaymentMeans).where(PaymentMeans.public_id == name).with_for_update()).first()
    if found is None:
        return False
    state = MeansStanding(told.state.value)
    if found.state == state or (found.state != MeansStanding.ASKED and told.state != MeansState.REVOKED):
        return True
    before = found.state
    move(found, state)
    found.reason = told.reason[:300]
    if state == MeansStanding.ACTIVE:
        found.token, found.shown, found.expires_on, found.active_at = (
            told.token,
            told.shown,
            told.expires_on,
            at,
        )
    record(db, state.value, found, by=None, at=at, before=before, means=found.means)
    return True


def revoke(db: Session, left: PaymentMeans, *, by: Actor, at: datetime) -> PaymentMeans:
    """Use this card or mandate no more."""
    require_role(by, Role.BUYER, Role.FINANCE)
    if left.organization_id != by.organization.id:
        raise Missing
    before = left.state
    move(left, MeansStanding.REVOKED)
    record(db, "revoke", left, by=by, at=at, before=before, means=left.means)
    return left


def left_by(db: Session, organization_id: int) -> list[PaymentMeans]:
    """What an organization left, newest first."""
    query = select(PaymentMeans).where(PaymentMeans.organization_id == organization_id)
    return list(db.exec(query.order_by(col(PaymentMeans.id).desc())))


def ends_soon(left: PaymentMeans, today: date) -> bool:
    """Whether a card ends within thirty days: its owner is asked for another."""
    return left.expires_on is not None and left.expires_on <= today + ASK_AGAIN
