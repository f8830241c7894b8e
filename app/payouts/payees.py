"""Where money goes: the account an organization names for itself, or the one its money came from."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.escrow.model import Call, Deposit, DepositState
from app.kit.rules import require
from app.payouts import onboarding
from app.payouts.model import PayeeAccount, Payout, PayoutKind
from app.payouts.model_legs import OnboardingState
from app.people.access import Actor, require_role
from app.people.model import Kind, Organization, Role
from app.people.step import record
from app.rails.switched_on import CAPABILITIES


def name_account(
    db: Session, *, rail: str, holder: str, account: str, by: Actor, at: datetime
) -> PayeeAccount:
    """Say where one's organization is paid. What was prepared for another account is void and prepared again."""
    require_role(by, Role.FINANCE)
    require(by.organization.kind == Kind.MAINTAINER, "Only a maintainer is paid for work.", status=403)
    told = CAPABILITIES.get(rail)
    require(
        told is None or not told.onboards_payees,
        "On this rail the provider itself asks who you are: please begin there.",
        field="rail",
    )
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
    query = select(PayeeAccount).where(
        PayeeAccount.organization_id == organization_id, PayeeAccount.rail == rail
    )
    return db.exec(query.order_by(col(PayeeAccount.id).desc())).first()


def where_to(db: Session, payout: Payout) -> tuple[str, str]:
    """A maintainer's named account; a refund goes to the account the money came by."""
    payee = db.get_one(Organization, payout.payee_id)
    if payout.kind == PayoutKind.MAINTAINER:
        named = account_of(db, payout.payee_id, payout.rail)
        known = onboarding.of(db, payout.payee_id, payout.rail)
        if known and known.state != OnboardingState.READY:
            return payee.name, ""
        return (named.holder, named.account) if named else (payee.name, "")
    query = (
        select(Deposit)
        .join(Call, col(Call.id) == col(Deposit.call_id))
        .where(
            Call.pledge_id == payout.pledge_id,
            Deposit.rail == payout.rail,
            Deposit.state == DepositState.RECEIVED,
        )
        .order_by(col(Deposit.id).desc())
    )
    deposit = db.exec(query).first()
    if deposit is None:
        return payee.name, ""
    # A rail that sends money back to the payment it came by needs no account: the payment is named instead.
    return deposit.payer_name or payee.name, deposit.payer_account or deposit.outside_id[:40]
