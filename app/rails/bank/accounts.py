"""The account money is held on: named with the right to hold it by one person of the fund, put into use by another."""

from datetime import datetime

from sqlmodel import Session, col, select
from stdnum import bic as bics
from stdnum import iban as ibans
from stdnum.eu import at_02

from app.kit.rules import Conflict, require
from app.kit.states import move
from app.rails.bank.model import AccountState, BankAccount, Basis


def in_use(db: Session) -> BankAccount | None:
    """The account backers pay to; None while the bank rail is off."""
    return db.exec(select(BankAccount).where(BankAccount.state == AccountState.IN_USE)).first()


def all_of(db: Session) -> list[BankAccount]:
    """Every account there was, newest first."""
    return list(db.exec(select(BankAccount).order_by(col(BankAccount.id).desc())))


def iban_of(typed: str, *, field: str = "account") -> str:
    """The account number without spaces; raises `Refused` unless its check digits and length are right."""
    plain = "".join(sign for sign in typed.upper() if sign.isalnum())
    require(
        ibans.is_valid(plain), "This is not an IBAN: please check each character. Its check digits are wrong.",
        field=field,
    )  # fmt: skip
    return plain


def bic_of(typed: str, *, field: str = "bic") -> str:
    """The bank's code, or "" where none was typed; raises `Refused` for what is none."""
    plain = "".join(typed.upper().split())
    require(not plain or bics.is_valid(plain), "This is not a BIC: it has 8 or 11 characters.", field=field)
    return plain


def name(
    db: Session, *, iban: str, bic: str, holder: str, bank_name: str, currency: str, creditor_id: str,
    basis: Basis, basis_reason: str, by_id: int, at: datetime,
) -> BankAccount:  # fmt: skip
    """Write down an account and by what right it holds other people's money. Nobody pays to it yet."""
    require(
        basis_reason.strip(),
        "Please say on what this right rests: who, since when, which paper.",
        field="basis_reason",
    )
    creditor = "".join(creditor_id.upper().split())
    require(
        not creditor or at_02.is_valid(creditor),
        "This is not a SEPA creditor identifier.",
        field="creditor_id",
    )
    named = BankAccount(
        iban=iban_of(iban, field="iban"), bic=bic_of(bic), holder=holder.strip(), bank_name=bank_name.strip(),
        currency=currency, creditor_id=creditor, basis=basis, basis_reason=basis_reason.strip(),
        named_by_id=by_id, named_at=at,
    )  # fmt: skip
    db.add(named)
    db.flush()
    return named


def put_in_use(db: Session, account: BankAccount, *, by_id: int, at: datetime) -> BankAccount | None:
    """Let backers pay to it from now on, in place of the one before, which is given back. Nobody confirms alone."""
    account = locked(db, account)
    if account.state != AccountState.NAMED:
        raise Conflict("This account does not wait for a confirmation any more.")
    require(account.named_by_id != by_id, "Nobody confirms an account they named.", status=403)
    before = in_use(db)
    if before is not None:
        move(locked(db, before), AccountState.ENDED)
        before.ended_at = at
        db.flush()
    move(account, AccountState.IN_USE)
    account.confirmed_by_id, account.confirmed_at = by_id, at
    db.flush()
    return before


def end(db: Session, account: BankAccount, *, at: datetime) -> None:
    """Nobody pays to this account any more. Statements of it are read still."""
    account = locked(db, account)
    move(account, AccountState.ENDED)
    account.ended_at = at


def locked(db: Session, account: BankAccount) -> BankAccount:
    """The account as it is now, held until the transaction ends."""
    query = select(BankAccount).where(BankAccount.id == account.id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()
