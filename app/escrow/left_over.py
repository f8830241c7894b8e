"""What lies with a provider above every call: put to a call of its payer, or given back by two persons.

The provider says how much it is; the book knows nothing of it until it pays a call.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from app.campaigns.model import Pledge
from app.escrow.calls import TAKES_MONEY
from app.escrow.model import Call
from app.escrow.model_left import LeftOver, LeftState
from app.escrow.model_outside import ALIVE, Collection, CollectionState
from app.kit import outbox
from app.kit.money import Cents
from app.kit.rules import Conflict, require
from app.kit.states import move
from app.people import alarms
from app.people.access import Actor, require_role
from app.people.interests import stand_aside, stand_aside_from_own
from app.people.model import Organization, Role
from app.people.step import record
from app.rails import inbox
from app.rails.capabilities import MeansName
from app.rails.errands import key_behind, outside_id_of
from app.rails.rail import Happened, Movement

GIVE, APPLY = "give left over", "apply left over"
ENDED = (LeftState.RETURNED, LeftState.GONE)
# A payer's account with its provider is looked at for so long after its last call there.
LOOKED_AT = timedelta(days=3)


def hear(db: Session, rail: str, news: Movement, *, at: datetime) -> bool:
    """How much lies with a provider for one payer now. False where the payer is none of ours."""
    kind, _colon, name = key_behind(db, rail, news.outside_id).partition(":")
    payer = db.exec(select(Organization).where(Organization.public_id == name)).first() if name else None
    if kind != "payer" or payer is None:
        return False
    left, cents = _live(db, rail, news.outside_id), news.amount_cents
    if left is None:
        if cents:
            left = LeftOver(
                rail=rail, outside_id=news.outside_id, organization_id=payer.id, currency=news.currency,
                amount_cents=cents, seen_at=at,
            )  # fmt: skip
            _name_sender(left, news)
            db.add(left)
            record(db, "leave over", left, by=None, at=at, amount=cents)
        return True
    if left.state in (LeftState.APPROVED, LeftState.SENT) or cents == left.amount_cents:
        return True
    left.call_id = None
    _name_sender(left, news)
    if left.state == LeftState.PREPARED:
        _open_again(db, left, "changed", at=at)
    if cents:
        left.amount_cents = cents
        return True
    before = left.state
    move(left, LeftState.GONE)
    left.ended_at = at
    record(db, "gone", left, by=None, at=at, before=before)
    return True


def _name_sender(left: LeftOver, news: Movement) -> None:
    left.sender_name, left.sender_account = news.other_name[:160], news.other_account[:40]
    left.strange_cents = news.strange_cents


def prepare(db: Session, left: LeftOver, *, reason: str, by: Actor, at: datetime) -> LeftOver:
    """Write down that it goes back to its payer. Another person has to approve it."""
    left = _decided_by(db, left, by, at)
    if left.state != LeftState.OPEN or left.call_id is not None:
        raise Conflict("This money is on its way already.")
    require(reason.strip(), "Please give the reason.", field="reason")
    before = left.state
    move(left, LeftState.PREPARED)
    left.reason, left.trouble = reason.strip()[:300], ""
    left.prepared_by_id, left.prepared_at = by.person.id, at
    left.back_cents = left.strange_cents or left.amount_cents  # a stranger's money goes back alone
    record(db, "prepare", left, by=by, at=at, before=before, amount=left.back_cents, reason=left.reason)
    return left


def approve(db: Session, left: LeftOver, *, cents: Cents, by: Actor, at: datetime) -> LeftOver:
    """Approve what another person prepared, exactly the amount that was shown. The worker sends it."""
    left = _decided_by(db, left, by, at)
    if left.state != LeftState.PREPARED or left.back_cents != cents:
        raise Conflict("This does not wait for an approval any more, or is another amount now.")
    stand_aside_from_own(by, left.prepared_by_id)
    alarms.require_no(db, alarms.BOOK)
    before = left.state
    move(left, LeftState.APPROVED)
    left.approved_by_id, left.approved_at, left.attempt = by.person.id, at, left.attempt + 1
    record(db, "approve", left, by=by, at=at, before=before, amount=left.back_cents)
    outbox.put(db, GIVE, f"left:{left.public_id}:{left.attempt}", at, left=left.id)
    return left


def drop(db: Session, left: LeftOver, *, by: Actor, at: datetime) -> None:
    """It does not go back after all."""
    left = _decided_by(db, left, by, at)
    if left.state != LeftState.PREPARED:
        raise Conflict("This does not wait for an approval any more, or is another amount now.")
    _open_again(db, left, "drop", by=by, at=at)


def match(db: Session, left: LeftOver, call: Call, *, by: Actor, at: datetime) -> LeftOver:
    """Put it to a call its own payer is asked for on this rail; the provider then tells what was paid."""
    require_role(by, Role.TREASURER)
    left = _decided_by(db, left, by, at)
    if left.state != LeftState.OPEN or left.call_id is not None:
        raise Conflict("This money is on its way already.")
    if left.strange_cents == left.amount_cents:
        raise Conflict("It came from another account than the payer's: give it back there.")
    pledge = db.get_one(Pledge, call.pledge_id)
    require(
        (pledge.payer_id or pledge.organization_id, call.rail) == (left.organization_id, left.rail),
        "This is not a call of the same payer on this rail.", field="number",
    )  # fmt: skip
    asked = db.exec(select(Collection).where(
        Collection.call_id == call.id, Collection.state == CollectionState.ASKED, Collection.outside_id != ""
    )).first()  # fmt: skip
    require(
        asked is not None and call.state in TAKES_MONEY,
        "This call is not asked for by transfer now.",
        field="number",
    )
    assert asked is not None
    cents = min(left.amount_cents - left.strange_cents, asked.amount_cents - asked.part_cents)
    left.call_id, left.attempt, left.trouble = call.id, left.attempt + 1, ""
    record(db, "match", left, by=by, at=at, amount=cents, number=call.number)
    key = f"apply:{left.public_id}:{left.attempt}"
    outbox.put(db, APPLY, key, at, left=left.id, asked=asked.outside_id, cents=cents)
    return left


def mark_sent(db: Session, left_id: int, refund_id: str, *, at: datetime) -> None:
    """The provider took the order to give it back. Once."""
    left = _locked(db, left_id)
    if left.state != LeftState.APPROVED:
        return
    before = left.state
    move(left, LeftState.SENT)
    left.refund_id, left.sent_at = refund_id, at
    record(db, "send", left, by=None, at=at, before=before, amount=left.back_cents)
    look(db, left, at=at)


def refuse(db: Session, left_id: int, reason: str, *, at: datetime) -> None:
    """The provider said no: it lies there as before, with the reason."""
    left = _locked(db, left_id)
    left.call_id, left.trouble = None, reason[:300]
    if left.state == LeftState.APPROVED:
        _open_again(db, left, "refuse", reason=reason, at=at)


def hear_sent(db: Session, rail: str, news: Movement, *, at: datetime) -> bool:
    """What became of money given back. True if it was this."""
    query = select(LeftOver.id).where(LeftOver.rail == rail, LeftOver.refund_id == news.outside_id)
    number = db.exec(query).first()
    if number is None:
        return False
    left = _locked(db, number)
    if left.state != LeftState.SENT:
        return True
    if news.happened == Happened.BOUNCED:
        left.trouble = news.reason[:300]
        _open_again(db, left, "bounce", reason=news.reason, at=at)
    elif news.happened == Happened.PAID_OUT:
        move(left, LeftState.RETURNED)
        left.ended_at = at
        record(db, "paid", left, by=None, at=at, before=LeftState.SENT, amount=left.back_cents)
    look(db, left, at=at)
    return True


def look(db: Session, left: LeftOver, *, at: datetime) -> None:
    """Ask the provider how much lies there now."""
    inbox.receive(db, left.rail, f"left:{left.id}:{left.state}:{at:%Y%m%d%H%M%S}", left.outside_id, at=at)


def standing(db: Session) -> list[tuple[LeftOver, Organization, Call | None]]:
    """What lies with providers, oldest first, with its payer and the call it is being put to."""
    query = (
        select(LeftOver, Organization, Call)
        .join(Organization, col(Organization.id) == col(LeftOver.organization_id))
        .outerjoin(Call, col(Call.id) == col(LeftOver.call_id))
        .where(col(LeftOver.state).not_in(ENDED))
    )
    return [(left, payer, call) for left, payer, call in db.exec(query.order_by(col(LeftOver.id)))]


def names_open(db: Session, rail: str, *, at: datetime) -> set[str]:
    """The provider's names of what has to be looked at: payers it keeps or may keep money for, refunds under way."""
    live = select(LeftOver).where(LeftOver.rail == rail, col(LeftOver.state).not_in(ENDED))
    found = {name for left in db.exec(live) for name in (left.outside_id, left.refund_id)}
    payers = (
        select(Organization.public_id)
        .join(Pledge, func.coalesce(Pledge.payer_id, Pledge.organization_id) == Organization.id)
        .join(Call, col(Call.pledge_id) == col(Pledge.id))
        .join(Collection, col(Collection.call_id) == col(Call.id))
        .where(
            Collection.rail == rail, Collection.means == MeansName.TRANSFER,
            col(Collection.state).in_(ALIVE) | (col(Collection.ended_at) > at - LOOKED_AT),
        )
    )  # fmt: skip
    found |= {outside_id_of(db, rail, f"payer:{name}") for name in set(db.exec(payers))}
    return found - {""}


def _decided_by(db: Session, left: LeftOver, by: Actor, at: datetime) -> LeftOver:
    require_role(by, Role.TREASURER, Role.OFFICER)
    require(by.is_fund, "Your role does not allow this.", status=403)
    stand_aside(db, by, {left.organization_id}, at=at)
    return _locked(db, left.id)


def _open_again(
    db: Session, left: LeftOver, act: str, *, at: datetime, by: Actor | None = None, reason: str = ""
) -> None:
    before = left.state
    move(left, LeftState.OPEN)
    left.prepared_by_id, left.approved_by_id = None, None
    record(db, act, left, by=by, at=at, before=before, reason=reason)


def _live(db: Session, rail: str, outside_id: str) -> LeftOver | None:
    query = select(LeftOver).where(
        LeftOver.rail == rail, LeftOver.outside_id == outside_id, col(LeftOver.state).not_in(ENDED)
    )
    return db.exec(query.with_for_update().execution_options(populate_existing=True)).first()


def _locked(db: Session, left_id: int) -> LeftOver:
    query = select(LeftOver).where(LeftOver.id == left_id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()
