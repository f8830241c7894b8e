"""Means of payment an organization leaves with a rail: asked for, left there, revoked. Nothing of them is kept here."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from app.escrow import collecting, pulling
from app.escrow.model_outside import MeansStanding, PaymentMeans
from app.kit import outbox
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.model import Kind, Role
from app.people.step import record
from app.rails.bank.model import NAME as BANK
from app.rails.errands import outside_id_of
from app.rails.rail import Happened, MeansState, Movement, SavedMeans
from app.rails.switched_on import capabilities_of

LET_GO = "let go"
ASK_AGAIN = timedelta(days=30)
EXPIRED = "expired"
LIVE = (MeansStanding.ASKED, MeansStanding.ACTIVE)


def ask_for(db: Session, *, rail: str, means: str, by: Actor, at: datetime) -> PaymentMeans:
    """Begin to leave a card or a mandate; the rail's own page does the rest."""
    require_payer(by)
    told = capabilities_of(rail).by(means)
    require(
        told.pulls and told.name == means and rail != BANK, "Please choose one of the answers.", field="means"
    )
    if pulling.is_blocked(db, by.organization.id, rail, means):
        raise Conflict("Your bank took a debit back: your calls are paid by transfer or by card from now on.")
    asked = PaymentMeans(
        organization_id=by.organization.id, rail=rail, means=means, asked_by_id=by.person.id, asked_at=at
    )
    db.add(asked)
    db.flush()
    record(db, "ask for", asked, by=by, at=at, rail=rail, means=means)
    return asked


def require_payer(by: Actor) -> None:
    """Go on only for who pays the calls of an organization that buys. Raises `Refused`."""
    require_role(by, Role.BUYER, Role.FINANCE)
    require(by.organization.kind == Kind.CORPORATE, "Only an organization that buys can pledge.", status=403)


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
    if found.state not in LIVE and state == MeansStanding.ACTIVE and not found.token:
        # Left on the provider's page after it was dropped here: it must not stay there.
        found.token, found.shown, found.let_go_at = told.token, told.shown, None
        outbox.put(db, LET_GO, f"let go:{found.public_id}:late", at, means=found.id)
    if found.state not in LIVE or found.state == state:
        return True
    if found.state == MeansStanding.ACTIVE and told.state != MeansState.REVOKED:
        return True
    if state == MeansStanding.ACTIVE:
        found.token, found.shown, found.expires_on, found.active_at = (
            told.token,
            told.shown,
            told.expires_on,
            at,
        )
    go(db, found, state, by=None, at=at, act=state.value, reason=told.reason)
    return True


def go(
    db: Session, left: PaymentMeans, state: MeansStanding, *, by: Actor | None, at: datetime, act: str,
    reason: str = "",
) -> None:  # fmt: skip
    """Move a means on; where it can be used no more, what is still asked with it is asked another way."""
    before = left.state
    move(left, state)
    left.reason = reason[:300]
    if state != MeansStanding.ACTIVE:
        left.ended_at = at
    record(db, act, left, by=by, at=at, before=before, means=left.means, reason=left.reason)
    if state != MeansStanding.ACTIVE:
        collecting.drop_all_with(db, left, at=at)
        if left.rail != BANK:
            outbox.put(db, LET_GO, f"let go:{left.public_id}", at, means=left.id)


def heed(db: Session, rail: str, movement: Movement, *, at: datetime) -> None:
    """A payer's bank took back what was pulled from a means: nothing is pulled from that one again.

    It stays so if the charge-back is won: its payer leaves it anew, if it wants to.
    """
    if rail == BANK or movement.happened not in (Happened.CHARGED_BACK, Happened.LOST):
        return  # a bank's reasons decide about its mandates
    pulled = collecting.about(db, rail, movement)
    if pulled is None or pulled.payment_means_id is None:
        return
    left = locked(db, db.get_one(PaymentMeans, pulled.payment_means_id))
    if left.state == MeansStanding.ACTIVE:
        go(db, left, MeansStanding.BLOCKED, by=None, at=at, act="block")


def let_go(db: Session, means_id: int, *, at: datetime) -> None:
    """The provider has forgotten it."""
    left = locked(db, db.get_one(PaymentMeans, means_id))
    if left.let_go_at is None:
        left.let_go_at = at
        record(db, "let go", left, by=None, at=at, before=left.state)


def revoke(db: Session, left: PaymentMeans, *, by: Actor, at: datetime) -> PaymentMeans:
    """Use this card or mandate no more, not even for what is asked already; a file the bank has is not called back."""
    require_payer(by)
    if left.organization_id != by.organization.id:
        raise Missing
    left = locked(db, left)
    if left.state not in LIVE:
        raise Conflict("This means of payment is not used any more.")
    go(db, left, MeansStanding.REVOKED, by=by, at=at, act="revoke")
    return left


def locked(db: Session, left: PaymentMeans) -> PaymentMeans:
    """The means as it is now, held until the transaction ends."""
    query = select(PaymentMeans).where(PaymentMeans.id == left.id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def left_by(db: Session, organization_id: int) -> list[PaymentMeans]:
    """What an organization left: what can be used or is on its way first, each newest first."""
    query = select(PaymentMeans).where(PaymentMeans.organization_id == organization_id)
    found = db.exec(query.order_by(col(PaymentMeans.id).desc()))
    return sorted(found, key=lambda left: left.state not in LIVE)


# ---- Cards that end --------------------------------------------------------------------------------------------------


def ends_soon(left: PaymentMeans, today: date) -> bool:
    """Whether a card ends within thirty days: its owner is asked for another."""
    return left.expires_on is not None and left.expires_on <= today + ASK_AGAIN


def ending_by(db: Session, last_day: date) -> list[PaymentMeans]:
    """What can be used now and ends by this day."""
    query = select(PaymentMeans).where(
        PaymentMeans.state == MeansStanding.ACTIVE, col(PaymentMeans.expires_on) <= last_day
    )
    return list(db.exec(query.order_by(col(PaymentMeans.id))))


def to_warn(db: Session, at: datetime) -> list[int]:
    """Cards that end within thirty days and whose owners were not asked for another."""
    return [one.id for one in ending_by(db, (at + ASK_AGAIN).date()) if one.warned_at is None]


def warn(db: Session, left: PaymentMeans, *, at: datetime) -> None:
    """Ask the owner of a card that ends for another one, once."""
    left = locked(db, left)
    if left.state == MeansStanding.ACTIVE and left.warned_at is None:
        left.warned_at = at
        record(db, "end soon", left, by=None, at=at, before=left.state, means=left.means)


def to_end(db: Session, at: datetime) -> list[int]:
    """Cards whose last day is over."""
    return [one.id for one in ending_by(db, at.date() - timedelta(days=1))]


def end(db: Session, left: PaymentMeans, *, at: datetime) -> None:
    """The card's last day is over: what is asked with it is asked by transfer."""
    left = locked(db, left)
    if left.state == MeansStanding.ACTIVE:
        go(db, left, MeansStanding.ENDED, by=None, at=at, act="end", reason=EXPIRED)
