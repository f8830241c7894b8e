"""Where money goes: the account an organization names for itself, or the one its money came from."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.escrow import accounts
from app.escrow.model import Deposit, Refund
from app.escrow.received import account_behind, source_of
from app.kit.rules import Conflict, require
from app.kit.states import move
from app.payouts import onboarding
from app.payouts.model import AccountState, PayeeAccount, Payout, PayoutKind, PayoutLine, PayoutState
from app.payouts.model_legs import OnboardingState
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Kind, Organization, Role
from app.people.step import record
from app.rails.bank.accounts import iban_of
from app.rails.bank.model import NAME as BANK
from app.rails.switched_on import CAPABILITIES

COOLING_OFF = timedelta(days=3)
PENDING = (AccountState.WAITING, AccountState.CHECKED)


def name_account(
    db: Session, *, rail: str, holder: str, account: str, by: Actor, at: datetime
) -> PayeeAccount:
    """Say where one's organization is paid. The first account counts at once; a change waits, and payouts with it.

    Its old contacts are told by mail and have three days to object; then two persons of the fund confirm it.
    """
    require_role(by, Role.FINANCE)
    require(by.organization.kind == Kind.MAINTAINER, "Only a maintainer is paid for work.", status=403)
    told = CAPABILITIES.get(rail)
    require(
        told is None or not told.onboards_payees,
        "On this rail the provider itself asks who you are: please begin there.",
        field="rail",
    )
    require(holder.strip(), "Please name the holder of the account.", field="holder")
    plain = _account_number(account, rail)
    before = account_of(db, by.organization.id, rail)
    if pending := change_of(db, by.organization.id, rail):
        _refuse(db, pending, reason="another one was named", by=by, at=at)
    named = PayeeAccount(
        organization_id=by.organization.id, rail=rail, holder=holder.strip(), account=plain,
        named_by_id=by.person.id, named_at=at, is_change=before is not None,
        waits_until=at + COOLING_OFF if before else None,
    )  # fmt: skip
    db.add(named)
    if before is None:
        move(named, AccountState.IN_USE)
        named.decided_at = at
    record(
        db,
        "name account" if before is None else "change account",
        named,
        by=by,
        at=at,
        rail=rail,
        ends=plain[-4:],
    )
    return named


def _account_number(typed: str, rail: str) -> str:
    if rail == BANK:
        return iban_of(typed)
    plain = typed.replace(" ", "").upper()
    require(5 <= len(plain) <= 34 and plain.isalnum(), "This is not an account number.", field="account")
    return plain


def confirm_account(db: Session, account: PayeeAccount, *, by: Actor, at: datetime) -> PayeeAccount:
    """Confirm a change, once its old contacts had their days to object: the second person puts it into use."""
    _require_fund(by)
    account = _locked(db, account)
    stand_aside(db, by, {account.organization_id}, at=at)
    if account.state not in PENDING:
        raise Conflict("This account does not wait for a confirmation any more.")
    if account.waits_until and at < account.waits_until:
        raise Conflict(
            "Its old contacts can still object: nobody confirms a changed account before three days."
        )
    require(account.named_by_id != by.person.id, "Nobody confirms an account they named.", status=403)
    before = account.state
    if account.state == AccountState.WAITING:
        move(account, AccountState.CHECKED)
        account.checked_by_id = by.person.id
        record(db, "check account", account, by=by, at=at, before=before, ends=account.account[-4:])
        return account
    require(account.checked_by_id != by.person.id, "Another person has to confirm it as well.", status=403)
    move(account, AccountState.IN_USE)
    account.confirmed_by_id, account.decided_at = by.person.id, at
    record(db, "use account", account, by=by, at=at, before=before, ends=account.account[-4:])
    return account


def refuse_account(db: Session, account: PayeeAccount, *, reason: str, by: Actor, at: datetime) -> None:
    """Object to a change: the payee itself because it did not ask for it, or the fund. The old account stays."""
    account = _locked(db, account)
    is_own = by.organization.id == account.organization_id and by.has(Role.FINANCE, Role.ADMIN)
    if not is_own:
        _require_fund(by)
    require(reason.strip(), "Please give the reason.", field="reason")
    if account.state not in PENDING:
        raise Conflict("This account does not wait for a confirmation any more.")
    _refuse(db, account, reason=reason.strip(), by=by, at=at)


def _refuse(db: Session, account: PayeeAccount, *, reason: str, by: Actor, at: datetime) -> None:
    before = account.state
    move(account, AccountState.REFUSED)
    account.decided_at = at
    record(db, "refuse account", account, by=by, at=at, before=before, reason=reason)


def _require_fund(by: Actor) -> None:
    require_role(by, Role.TREASURER, Role.OFFICER)
    require(by.is_fund, "Your role does not allow this.", status=403)


def _locked(db: Session, account: PayeeAccount) -> PayeeAccount:
    query = select(PayeeAccount).where(PayeeAccount.id == account.id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def account_of(db: Session, organization_id: int, rail: str) -> PayeeAccount | None:
    """Where an organization is paid on a rail: the newest account in use."""
    query = select(PayeeAccount).where(
        PayeeAccount.organization_id == organization_id, PayeeAccount.rail == rail,
        PayeeAccount.state == AccountState.IN_USE,
    )  # fmt: skip
    return db.exec(query.order_by(col(PayeeAccount.id).desc())).first()


def change_of(db: Session, organization_id: int, rail: str) -> PayeeAccount | None:
    """The account that waits to take its place, if one does."""
    query = select(PayeeAccount).where(
        PayeeAccount.organization_id == organization_id, PayeeAccount.rail == rail,
        col(PayeeAccount.state).in_(PENDING),
    )  # fmt: skip
    return db.exec(query.order_by(col(PayeeAccount.id).desc())).first()


def changes(db: Session) -> list[PayeeAccount]:
    """Every change that waits, oldest first."""
    query = select(PayeeAccount).where(col(PayeeAccount.state).in_(PENDING))
    return list(db.exec(query.order_by(col(PayeeAccount.id))))


def is_changed(db: Session, payout: Payout) -> bool:
    """Whether this payout is the first one to an account that took another's place."""
    if payout.kind != PayoutKind.MAINTAINER:
        return False
    named = account_of(db, payout.payee_id, payout.rail)
    if named is None or not named.is_change:
        return False
    query = select(Payout.id).where(
        Payout.payee_id == payout.payee_id, Payout.to_account == named.account, Payout.state == PayoutState.PAID,
        Payout.id != payout.id,
    )  # fmt: skip
    return db.exec(query).first() is None


def where_to(db: Session, payout: Payout) -> tuple[str, str]:
    """A maintainer's named account; a refund goes to the account most of the money came by."""
    payee = db.get_one(Organization, payout.payee_id)
    if payout.kind == PayoutKind.MAINTAINER:
        named = account_of(db, payout.payee_id, payout.rail)
        known = onboarding.of(db, payout.payee_id, payout.rail)
        if known and known.state != OnboardingState.READY:
            return payee.name, ""
        return (named.holder, named.account) if named else (payee.name, "")
    deposit = _paid_too_much(db, payout) or source_of(db, payout.pledge_id, payout.rail)
    if deposit is None:
        return payee.name, ""
    return deposit.payer_name or payee.name, account_behind(deposit)


def _paid_too_much(db: Session, payout: Payout) -> Deposit | None:
    """The receipt above its call that is all this payout gives back; None where anything else goes with it."""
    query = (
        select(Refund)
        .join(PayoutLine, col(PayoutLine.refund_id) == col(Refund.id))
        .where(PayoutLine.payout_id == payout.id)
    )
    refunds = list(db.exec(query))
    excess = sum(refund.excess_cents for refund in refunds)
    stands = payout.amount_cents or accounts.standing(db, payout.account_code)
    if len(refunds) != 1 or not excess or excess != stands:
        return None
    return db.get_one(Deposit, int(refunds[0].cause.partition(":")[2]))
