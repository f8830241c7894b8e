"""Money out of the house: due, prepared by one, approved by another, sent once, paid or bounced."""

import hashlib
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Part, Pledge
from app.campaigns.rules import lock, parties
from app.escrow import accounts, moves
from app.escrow import rules as escrow
from app.escrow.model import Call, Deposit, DepositState, Refund, Release
from app.kit import outbox
from app.kit.chain import canonical
from app.kit.clock import add_business_days, day_of
from app.kit.money import Cents, Money
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.ledger.book import AccountName, balance
from app.payouts.model import PayeeAccount, Payout, PayoutKind, PayoutLine, PayoutState
from app.people import alarms
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Organization, Role
from app.people.step import record
from app.rails.rail import Happened, Movement, PaymentOrder

TOPIC = "payout"
OVERDUE_DAYS = 10


def name_account(
    db: Session, *, rail: str, holder: str, account: str, by: Actor, at: datetime
) -> PayeeAccount:
    """Say where one's organization is paid. Payouts already prepared keep the account they were approved for."""
    require_role(by, Role.FINANCE)
    plain = account.replace(" ", "").upper()
    require(holder.strip(), "Please name the holder of the account.", field="holder")
    require(5 <= len(plain) <= 34 and plain.isalnum(), "This is not an account number.", field="account")
    named = PayeeAccount(
        organization_id=by.organization.id, rail=rail, holder=holder.strip(), account=plain,
        named_by_id=by.person.id, named_at=at,
    )  # fmt: skip
    db.add(named)
    record(db, "name account", named, by=by, at=at, rail=rail, ends=plain[-4:])
    return named


def account_of(db: Session, organization_id: int, rail: str) -> PayeeAccount | None:
    """Where an organization is paid on a rail: what it named last."""
    query = select(PayeeAccount).where(PayeeAccount.organization_id == organization_id, PayeeAccount.rail == rail)
    return db.exec(query.order_by(col(PayeeAccount.id).desc())).first()


def gather(db: Session, at: datetime) -> int:
    """Make a payout due for every release and refund that none covers yet. Done again, nothing new."""
    covered_releases = select(col(PayoutLine.release_id)).where(col(PayoutLine.release_id).is_not(None))
    covered_refunds = select(col(PayoutLine.refund_id)).where(col(PayoutLine.refund_id).is_not(None))
    count = 0
    for release in list(db.exec(select(Release).where(col(Release.id).not_in(covered_releases)).order_by(col(Release.id)))):
        part = db.get_one(Part, release.part_id)
        campaign = db.get_one(Campaign, release.campaign_id)
        source = accounts.owed(part, release.payee_id, release.rail, campaign.currency)
        count += _add_line(
            db, source, PayoutKind.MAINTAINER, campaign, release.payee_id, None, release.rail, at, release=release
        )
    for refund in list(db.exec(select(Refund).where(col(Refund.id).not_in(covered_refunds)).order_by(col(Refund.id)))):
        pledge = db.get_one(Pledge, refund.pledge_id)
        campaign = db.get_one(Campaign, refund.campaign_id)
        count += _add_line(
            db, accounts.back(pledge), PayoutKind.REFUND, campaign, pledge.organization_id, pledge.id, refund.rail,
            at, refund=refund,
        )  # fmt: skip
    return count


def _add_line(
    db: Session, source: AccountName, kind: PayoutKind, campaign: Campaign, payee_id: int, pledge_id: int | None,
    rail: str, at: datetime, *, release: Release | None = None, refund: Refund | None = None,
) -> int:  # fmt: skip
    query = select(Payout).where(
        Payout.account_code == source.code,
        col(Payout.state).not_in([PayoutState.PAID, PayoutState.SETTLED]),
    )
    payout = db.exec(query.with_for_update()).first()
    if payout is not None and payout.state != PayoutState.DUE:
        return 0  # one on its way: what is new waits for the next
    if payout is None:
        payout = Payout(
            kind=kind, campaign_id=campaign.id, payee_id=payee_id, pledge_id=pledge_id, rail=rail,
            account_code=source.code, currency=campaign.currency, due_at=at,
        )  # fmt: skip
        db.add(payout)
        record(db, "due", payout, by=None, at=at, campaign_id=campaign.id)
    db.add(PayoutLine(
        payout_id=payout.id, release_id=release.id if release else None, refund_id=refund.id if refund else None
    ))  # fmt: skip
    db.flush()
    return 1


def source_of(payout: Payout) -> AccountName:
    """The account of the book a payout empties."""
    return AccountName(payout.account_code, "credit", payout.currency)


def amount_due(db: Session, payout: Payout) -> Cents:
    """What would be sent if it were prepared now."""
    return balance(db, payout.account_code)


def prepare(db: Session, payout: Payout, *, by: Actor, at: datetime) -> Payout:
    """Write down what will be sent where; another person has to approve exactly this."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    campaign, payout = _locked(db, payout)
    _stand_aside(db, by, campaign)
    if payout.state != PayoutState.DUE:
        raise Conflict("This payout is not due any more.")
    if payout.kind == PayoutKind.REFUND and payout.pledge_id:
        moves.set_off(db, db.get_one(Pledge, payout.pledge_id), cause=f"payout-{payout.id}-{payout.attempt}", at=at)
    cents = amount_due(db, payout)
    before = payout.state
    if cents == 0:
        move(payout, PayoutState.SETTLED)
        payout.reason = "set off"
        record(db, "settle", payout, by=by, at=at, before=before, campaign_id=payout.campaign_id)
        return payout
    _require_coverage(db, payout)
    name, account = _where_to(db, payout)
    require(account, "%(name)s has not named an account yet: it has to, before it can be paid.", name=name)
    payout.amount_cents, payout.to_name, payout.to_account = cents, name, account
    payout.attempt += 1
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
    campaign, payout = _locked(db, payout)
    _stand_aside(db, by, campaign)
    if payout.state != PayoutState.PREPARED:
        raise Conflict("This payout does not wait for an approval any more.")
    require(payout.prepared_by_id != by.person.id, "Nobody approves what they prepared.", status=403)
    if pinned != payout.pinned or fingerprint(db, payout) != payout.pinned:
        raise Conflict("This payout changed since it was prepared: take it back and prepare it again.")
    _require_coverage(db, payout)
    before = payout.state
    move(payout, PayoutState.APPROVED)
    payout.approved_by_id, payout.approved_at = by.person.id, at
    record(
        db, "approve", payout, by=by, at=at, before=before, campaign_id=payout.campaign_id, pinned=payout.pinned
    )
    outbox.put(db, TOPIC, key_of(payout), at, payout=payout.id)
    return payout


def take_back(db: Session, payout: Payout, *, reason: str, by: Actor | None, at: datetime) -> Payout:
    """Make a prepared or approved payout due again, before it is sent."""
    if by:
        require_role(by, Role.TREASURER, Role.OFFICER)
    _campaign, payout = _locked(db, payout)
    require(reason.strip(), "Please give the reason.", field="reason")
    before = payout.state
    if payout.state not in (PayoutState.PREPARED, PayoutState.APPROVED):
        raise Conflict("This payout was sent already, or is not prepared.")
    move(payout, PayoutState.DUE)
    payout.pinned, payout.prepared_by_id, payout.approved_by_id = "", None, None
    payout.amount_cents, payout.reason = 0, reason.strip()[:300]
    record(
        db, "take back", payout, by=by, at=at, before=before, campaign_id=payout.campaign_id, reason=reason.strip()
    )
    return payout


def hold(db: Session, payout: Payout, *, reason: str, by: Actor, at: datetime) -> Payout:
    """Keep a due payout from being prepared, with a reason its payee can read."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    _campaign, payout = _locked(db, payout)
    require(reason.strip(), "Please give the reason.", field="reason")
    before = payout.state
    move(payout, PayoutState.ON_HOLD)
    payout.reason = reason.strip()[:300]
    record(db, "hold", payout, by=by, at=at, before=before, campaign_id=payout.campaign_id, reason=reason.strip())
    return payout


def resume(db: Session, payout: Payout, *, by: Actor, at: datetime) -> Payout:
    """Let a payout on hold go on."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    _campaign, payout = _locked(db, payout)
    if payout.state != PayoutState.ON_HOLD:
        raise Conflict("This payout is not on hold.")
    before = payout.state
    move(payout, PayoutState.DUE)
    record(db, "resume", payout, by=by, at=at, before=before, campaign_id=payout.campaign_id)
    return payout


def key_of(payout: Payout) -> str:
    """The key an order travels with: one for each time a payout was prepared."""
    return f"payout:{payout.public_id}:{payout.attempt}"


def order_for(db: Session, payout_id: int, key: str, *, at: datetime) -> tuple[str, PaymentOrder] | None:
    """The rail and the order an approved payout travels with; None if it must not be sent (any more)."""
    payout = db.get_one(Payout, payout_id)
    _campaign, payout = _locked(db, payout)
    if payout.state != PayoutState.APPROVED or key_of(payout) != key:
        return None
    if fingerprint(db, payout) != payout.pinned:
        take_back(db, payout, reason="It changed after it was approved.", by=None, at=at)
        return None
    if payout.kind == PayoutKind.MAINTAINER and escrow.coverage(db, payout.rail).margin_cents < 0:
        take_back(db, payout, reason="The rail does not hold enough: payouts to maintainers are stopped.", by=None, at=at)
        return None
    return payout.rail, PaymentOrder(
        key=key, amount_cents=payout.amount_cents, currency=payout.currency, to_name=payout.to_name,
        to_account=payout.to_account, reference=f"JALON {payout.public_id[-8:].upper()}",
    )  # fmt: skip


def mark_sent(db: Session, payout_id: int, key: str, outside_id: str, *, at: datetime) -> None:
    """The rail took the order: the money left. Once per key."""
    _campaign, payout = _locked(db, db.get_one(Payout, payout_id))
    if payout.state != PayoutState.APPROVED or key_of(payout) != key:
        return
    before = payout.state
    move(payout, PayoutState.SENT)
    payout.outside_id, payout.sent_at = outside_id, at
    record(
        db, "send", payout, by=None, at=at, before=before, campaign_id=payout.campaign_id, amount=payout.amount_cents
    )
    moves.pay_out(
        db, key=f"pay:{key}", source=source_of(payout), rail=payout.rail, cents=payout.amount_cents,
        campaign_id=payout.campaign_id, at=at,
    )  # fmt: skip


def hear(db: Session, rail: str, movement: Movement, *, at: datetime) -> bool:
    """What the rail says of a payment sent: paid or bounced. True if it was one of ours."""
    found = db.exec(select(Payout).where(Payout.rail == rail, Payout.outside_id == movement.outside_id)).first()
    if found is None:
        return False
    _campaign, payout = _locked(db, found)
    if payout.state != PayoutState.SENT or payout.outside_id != movement.outside_id:
        return True
    before = payout.state
    if movement.happened == Happened.PAID_OUT:
        move(payout, PayoutState.PAID)
        payout.paid_at = at
        record(
            db, "paid", payout, by=None, at=at, before=before, campaign_id=payout.campaign_id,
            amount=payout.amount_cents,
        )  # fmt: skip
    elif movement.happened == Happened.BOUNCED:
        _bounce(db, payout, movement.reason, at=at)
    return True


def _bounce(db: Session, payout: Payout, reason: str, *, at: datetime) -> None:
    moves.bounce(
        db, key=f"bounce:{key_of(payout)}", source=source_of(payout), rail=payout.rail, cents=payout.amount_cents,
        campaign_id=payout.campaign_id, at=at,
    )  # fmt: skip
    before = payout.state
    move(payout, PayoutState.BOUNCED)
    payout.reason = reason[:300]
    record(
        db, "bounce", payout, by=None, at=at, before=before, campaign_id=payout.campaign_id,
        amount=payout.amount_cents, reason=reason,
    )  # fmt: skip
    before = payout.state
    move(payout, PayoutState.DUE)
    payout.pinned, payout.prepared_by_id, payout.approved_by_id, payout.amount_cents = "", None, None, 0
    record(db, "due again", payout, by=None, at=at, before=before, campaign_id=payout.campaign_id)


def watch_overdue(db: Session, at: datetime, zone: str) -> None:
    """Ring while a payout waits longer than ten business days without a hold and its reason; new pledges stop."""
    live = [PayoutState.DUE, PayoutState.PREPARED, PayoutState.APPROVED]
    query = select(Payout).where(col(Payout.state).in_(live))
    today = day_of(at, zone)
    overdue = [
        payout for payout in db.exec(query) if add_business_days(day_of(payout.due_at, zone), OVERDUE_DAYS) < today
    ]
    if overdue:
        alarms.ring(db, "payout overdue", "a payout is more than ten business days late", at=at)
    else:
        alarms.clear(db, "payout overdue", at=at)


def fingerprint(db: Session, payout: Payout) -> str:
    """The hash of what is approved: what it pays, how much, to whom, where. Any change voids the approval."""
    lines = db.exec(select(PayoutLine).where(PayoutLine.payout_id == payout.id).order_by(col(PayoutLine.id)))
    name, account = _where_to(db, payout)
    facts = {
        "lines": [[line.release_id, line.refund_id] for line in lines],
        "payee": payout.payee_id,
        "account": payout.account_code,
        "amount": amount_due(db, payout),
        "prepared": payout.amount_cents,
        "currency": payout.currency,
        "to": [name, account],
        "attempt": payout.attempt,
    }
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def _where_to(db: Session, payout: Payout) -> tuple[str, str]:
    """A maintainer's named account; a refund goes to the account the money came by."""
    payee = db.get_one(Organization, payout.payee_id)
    if payout.kind == PayoutKind.MAINTAINER:
        named = account_of(db, payout.payee_id, payout.rail)
        return (named.holder, named.account) if named else (payee.name, "")
    query = (
        select(Deposit)
        .join(Call, col(Call.id) == col(Deposit.call_id))
        .where(
            Call.pledge_id == payout.pledge_id, Deposit.rail == payout.rail, Deposit.state == DepositState.RECEIVED
        )
        .order_by(col(Deposit.id).desc())
    )
    deposit = db.exec(query).first()
    return (deposit.payer_name, deposit.payer_account) if deposit else (payee.name, "")


def _require_coverage(db: Session, payout: Payout) -> None:
    if payout.kind != PayoutKind.MAINTAINER:
        return
    missing = -escrow.coverage(db, payout.rail).margin_cents
    if missing > 0:
        raise Conflict(
            "%(missing)s is missing on this rail after a charge-back: payouts to maintainers wait until it is there."
            " Refunds go on.",
            missing=Money(missing, payout.currency),
        )


def _stand_aside(db: Session, by: Actor, campaign: Campaign) -> None:
    stand_aside(db, by, parties(db, campaign))


def _locked(db: Session, payout: Payout) -> tuple[Campaign, Payout]:
    campaign = lock(db, payout.campaign_id)
    query = select(Payout).where(Payout.id == payout.id).with_for_update()
    return campaign, db.exec(query.execution_options(populate_existing=True)).one()


def require_visible(payout: Payout, by: Actor) -> None:
    """The fund sees every payout, an organization its own; others get the answer for what is not there."""
    if not by.sees_everything and payout.payee_id != by.organization.id:
        raise Missing
