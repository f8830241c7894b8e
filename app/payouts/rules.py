"""Money out of the house: due, prepared by one, approved by another. What is approved cannot change unseen."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Pledge
from app.campaigns.rules import lock, parties
from app.escrow import accounts, moves
from app.escrow import rules as escrow
from app.kit import outbox
from app.kit.chain import canonical
from app.kit.money import Cents, Money
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.payouts import legs
from app.payouts.comparison import agrees
from app.payouts.model import Payout, PayoutKind, PayoutLine, PayoutState
from app.payouts.payees import change_of, where_to
from app.payouts.refund_limits import require_may_leave
from app.people import alarms
from app.people.access import Actor, require_role
from app.people.interests import stand_aside, stand_aside_from_own
from app.people.model import Role
from app.people.step import record

TOPIC = "payout"


def prepare(db: Session, payout: Payout, *, by: Actor, at: datetime) -> Payout:
    """Write down what will be sent where; another person has to approve exactly this."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    campaign, payout = locked(db, payout)
    _stand_aside(db, by, campaign, at)
    if payout.state != PayoutState.DUE:
        raise Conflict("This payout is not due any more.")
    if payout.kind == PayoutKind.REFUND and payout.pledge_id:
        moves.set_off(
            db, db.get_one(Pledge, payout.pledge_id), cause=f"payout-{payout.id}-{payout.attempt}", at=at
        )
    cents = amount_due(db, payout)
    before = payout.state
    if cents == 0:
        move(payout, PayoutState.SETTLED)
        payout.reason = "set off"
        record(db, "settle", payout, by=by, at=at, before=before, campaign_id=payout.campaign_id)
        return payout
    _require_coverage(db, payout)
    require_may_leave(db, payout, at=at)
    name, account = where_to(db, payout)
    if payout.kind == PayoutKind.MAINTAINER and change_of(db, payout.payee_id, payout.rail):
        raise Conflict(
            "%(name)s is changing its account: payouts to it wait until the change is confirmed or refused.",
            name=name,
        )
    require(account, "%(name)s has not named an account yet: it has to, before it can be paid.", name=name)
    payout.amount_cents, payout.to_name, payout.to_account = cents, name, account
    payout.attempt += 1
    if legs.has_legs(payout):
        legs.cut(db, payout, key_of(payout))
    payout.prepared_by_id, payout.prepared_at = by.person.id, at
    payout.pinned = fingerprint(db, payout)
    move(payout, PayoutState.PREPARED)
    record(
        db, "prepare", payout, by=by, at=at, before=before, campaign_id=payout.campaign_id,
        amount=cents, pinned=payout.pinned,
    )  # fmt: skip
    return payout


def approve(db: Session, payout: Payout, *, pinned: str, by: Actor, at: datetime) -> Payout:
    """Approve what another person prepared, exactly as shown (`pinned`). The worker sends it."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    campaign, payout = locked(db, payout)
    aside = _stand_aside(db, by, campaign, at)
    if payout.state != PayoutState.PREPARED:
        raise Conflict("This payout does not wait for an approval any more.")
    stand_aside_from_own(by, payout.prepared_by_id)
    if pinned != payout.pinned or fingerprint(db, payout) != payout.pinned:
        raise Conflict("This payout changed since it was prepared: take it back and prepare it again.")
    alarms.require_no(db, alarms.BOOK)
    _require_coverage(db, payout)
    require_may_leave(db, payout, at=at)
    before = payout.state
    move(payout, PayoutState.APPROVED)
    payout.approved_by_id, payout.approved_at = by.person.id, at
    record(
        db,
        "approve",
        payout,
        by=by,
        at=at,
        before=before,
        campaign_id=payout.campaign_id,
        pinned=payout.pinned,
        aside=aside,
    )
    outbox.put(db, TOPIC, key_of(payout), at, payout=payout.id)
    return payout


def take_back(db: Session, payout: Payout, *, reason: str, by: Actor | None, at: datetime) -> Payout:
    """Make a prepared or approved payout due again, before it is sent."""
    campaign, payout = locked(db, payout)
    if by:
        require_role(by, Role.TREASURER, Role.OFFICER)
        _stand_aside(db, by, campaign, at)
    require(reason.strip(), "Please give the reason.", field="reason")
    before = payout.state
    if payout.state not in (PayoutState.PREPARED, PayoutState.APPROVED) or payout.sent_at:
        raise Conflict("This payout was sent already, or is not prepared.")
    make_due(payout)
    payout.reason = reason.strip()[:300]
    record(
        db,
        "take back",
        payout,
        by=by,
        at=at,
        before=before,
        campaign_id=payout.campaign_id,
        reason=reason.strip(),
    )
    return payout


def hold(db: Session, payout: Payout, *, reason: str, by: Actor, at: datetime) -> Payout:
    """Keep a due payout from being prepared, with a reason its payee can read."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    campaign, payout = locked(db, payout)
    _stand_aside(db, by, campaign, at)
    require(reason.strip(), "Please give the reason.", field="reason")
    if payout.state != PayoutState.DUE:
        raise Conflict("Only a due payout can be put on hold.")
    before = payout.state
    move(payout, PayoutState.ON_HOLD)
    payout.reason = reason.strip()[:300]
    record(
        db, "hold", payout, by=by, at=at, before=before, campaign_id=payout.campaign_id, reason=reason.strip()
    )
    return payout


def resume(db: Session, payout: Payout, *, by: Actor, at: datetime) -> Payout:
    """Let a payout on hold go on."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    campaign, payout = locked(db, payout)
    _stand_aside(db, by, campaign, at)
    if payout.state != PayoutState.ON_HOLD:
        raise Conflict("This payout is not on hold.")
    before = payout.state
    move(payout, PayoutState.DUE)
    payout.reason = ""
    record(db, "resume", payout, by=by, at=at, before=before, campaign_id=payout.campaign_id)
    return payout


def make_due(payout: Payout) -> None:
    """Due again, with nothing left of what was prepared."""
    move(payout, PayoutState.DUE)
    payout.pinned, payout.prepared_by_id, payout.approved_by_id = "", None, None
    payout.amount_cents, payout.sent_at = 0, None


def key_of(payout: Payout) -> str:
    """The key an order travels with: one for each time a payout was prepared."""
    return f"payout:{payout.public_id}:{payout.attempt}"


def amount_due(db: Session, payout: Payout) -> Cents:
    """What would be sent if it were prepared now."""
    return accounts.standing(db, payout.account_code)


def fingerprint(db: Session, payout: Payout) -> str:
    """The hash of what is approved: what it pays, how much, to whom, where. Any change voids the approval."""
    lines = db.exec(select(PayoutLine).where(PayoutLine.payout_id == payout.id).order_by(col(PayoutLine.id)))
    name, account = where_to(db, payout)
    is_refund = payout.kind == PayoutKind.REFUND
    change = None if is_refund else change_of(db, payout.payee_id, payout.rail)
    facts = {
        "lines": [[line.release_id, line.refund_id] for line in lines],
        "payee": payout.payee_id,
        "account": payout.account_code,
        "amount": amount_due(db, payout),
        "prepared": payout.amount_cents,
        "currency": payout.currency,
        "to": [name, account],
        "changing": change.id if change else None,
        "attempt": payout.attempt,
    }
    if claimed := claimed_against(db, payout):
        facts["claimed"] = claimed
    if legs.has_legs(payout):
        facts["legs"] = legs.facts(db, payout)
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def claimed_against(db: Session, payout: Payout) -> Cents:
    """What a refund's payee took back and has not paid since, in cents: prepared anew, it is set off first."""
    if payout.kind != PayoutKind.REFUND or payout.pledge_id is None:
        return 0
    return accounts.standing(db, accounts.claim(db.get_one(Pledge, payout.pledge_id)).code)


def missing_on_rail(db: Session, payout: Payout) -> Cents:
    """What the rail lacks before a payout to a maintainer may leave, in cents; refunds are never stopped."""
    if payout.kind != PayoutKind.MAINTAINER:
        return 0
    return max(0, -escrow.coverage(db, payout.rail).margin_cents)


def differs(db: Session, payout: Payout) -> bool:
    """Whether a payout to a maintainer has to wait because its rail and the book do not say the same."""
    return payout.kind == PayoutKind.MAINTAINER and not agrees(db, payout.rail)


def _require_coverage(db: Session, payout: Payout) -> None:
    if differs(db, payout):
        raise Conflict(
            "The book and this rail do not say the same: payouts to maintainers wait until the difference is found."
            " Refunds go on."
        )
    missing = missing_on_rail(db, payout)
    if missing:
        raise Conflict(
            "%(missing)s is missing on this rail after a charge-back: payouts to maintainers wait until it is there."
            " Refunds go on.",
            missing=Money(missing, payout.currency),
        )


def _stand_aside(db: Session, by: Actor, campaign: Campaign, at: datetime) -> list[str]:
    return stand_aside(db, by, parties(db, campaign), at=at)


def locked(db: Session, payout: Payout) -> tuple[Campaign, Payout]:
    """The campaign, then the payout as it is now: both held until the transaction ends."""
    campaign = lock(db, payout.campaign_id)
    query = select(Payout).where(Payout.id == payout.id).with_for_update()
    return campaign, db.exec(query.execution_options(populate_existing=True)).one()


def require_visible(payout: Payout, by: Actor) -> None:
    """The fund sees every payout, an organization its own; others get the answer for what is not there."""
    if not by.sees_everything and payout.payee_id != by.organization.id:
        raise Missing


def prepare_all(db: Session, payouts: Sequence[Payout], *, by: Actor, at: datetime) -> None:
    """Prepare several payouts, all of them or none: what is refused of one is refused of all."""
    require(payouts, "Please choose at least one payout.")
    for payout in sorted(payouts, key=lambda one: (one.campaign_id, one.id)):
        prepare(db, payout, by=by, at=at)


def approve_all(db: Session, payouts: Sequence[tuple[Payout, str]], *, by: Actor, at: datetime) -> None:
    """Approve several payouts as they were shown, all of them or none: what is refused of one is refused of all."""
    require(payouts, "Please choose at least one payout.")
    for payout, pinned in sorted(payouts, key=lambda pair: (pair[0].campaign_id, pair[0].id)):
        approve(db, payout, pinned=pinned, by=by, at=at)
