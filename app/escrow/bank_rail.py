"""The fund's side of the bank rail: the account and the right to hold money on it, and statements brought in."""

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlmodel import Session, col, func, select

from app.escrow.model import Call, Deposit
from app.kit.rules import Refused, require
from app.people.access import Actor, require_role
from app.people.model import Role
from app.people.operator import operator_of
from app.people.step import record
from app.rails.bank import accounts, statements
from app.rails.bank.model import NAME, BankAccount, BankFile, BankLine, Basis
from app.rails.inbox import EventState, InboxEvent

STAFF = (Role.TREASURER, Role.OFFICER)


@dataclass(frozen=True)
class Naming:
    """An account as somebody of the fund writes it down, with the right to hold other people's money on it."""

    iban: str
    bic: str
    holder: str
    bank_name: str
    creditor_id: str
    basis: Basis
    basis_reason: str


def name_account(db: Session, naming: Naming, *, by: Actor, at: datetime) -> BankAccount:
    """Write down the account and its legal basis. Another person puts it into use."""
    _require_staff(by)
    account = accounts.name(
        db, iban=naming.iban, bic=naming.bic, holder=naming.holder, bank_name=naming.bank_name,
        currency=operator_of(db).currency, creditor_id=naming.creditor_id, basis=naming.basis,
        basis_reason=naming.basis_reason, by_id=by.person.id, at=at,
    )  # fmt: skip
    record(
        db, "name bank account", account, by=by, at=at, basis=account.basis, reason=account.basis_reason,
        ends=account.iban[-4:],
    )  # fmt: skip
    return account


def confirm_account(db: Session, account: BankAccount, *, by: Actor, at: datetime) -> BankAccount:
    """Let backers pay to an account another person named: from now on the bank rail is open."""
    _require_staff(by)
    before = account.state
    ended = accounts.put_in_use(db, account, by_id=by.person.id, at=at)
    if ended is not None:
        record(db, "end bank account", ended, by=by, at=at, before="in use")
    record(db, "confirm bank account", account, by=by, at=at, before=before, basis=account.basis)
    return account


def end_account(db: Session, account: BankAccount, *, by: Actor, at: datetime) -> None:
    """Close the rail, or take back an account nobody confirmed: nobody is told to pay to it any more."""
    _require_staff(by)
    before = account.state
    accounts.end(db, account, at=at)
    record(db, "end bank account", account, by=by, at=at, before=before)


def _require_staff(by: Actor) -> None:
    require_role(by, *STAFF)
    require(by.is_fund, "Your role does not allow this.", status=403)


def bring_in(db: Session, file: BinaryIO, name: str, *, by: Actor, at: datetime) -> BankFile:
    """Read a statement of the bank; the worker books what is new in it. The same file or line twice changes nothing."""
    require_role(by, Role.TREASURER)
    require(by.is_fund, "Your role does not allow this.", status=403)
    try:
        kept = statements.keep(db, file, name, by_id=by.person.id, at=at)
    except Refused as refusal:
        refusal.field = refusal.field or "file"
        raise
    record(db, "bring in", kept, by=by, at=at, lines=kept.lines, new_lines=kept.new_lines, sha256=kept.sha256)
    return kept


@dataclass(frozen=True)
class Progress:
    """How far the worker has come with a file's new lines."""

    done: int
    total: int
    failed: int

    @property
    def is_over(self) -> bool:
        """Whether nothing of it waits any more."""
        return self.done >= self.total


def progress_of(db: Session, file: BankFile) -> Progress:
    """What of a file's news is booked."""
    query = (
        select(InboxEvent.state, func.count())
        .where(InboxEvent.rail == NAME, InboxEvent.received_at == file.at)
        .group_by(col(InboxEvent.state))
    )
    counts: dict[str, int] = {state: int(count) for state, count in db.exec(query)}
    waiting = counts.get(EventState.RECEIVED, 0) + counts.get(EventState.FAILED, 0)
    total = sum(counts.values())
    return Progress(total - waiting, total, counts.get(EventState.FAILED, 0))


def files(db: Session, *, after: str, most: int) -> list[BankFile]:
    """The files read, newest first; at most one more than `most`."""
    query = select(BankFile).order_by(col(BankFile.public_id).desc()).limit(most + 1)
    return list(db.exec(query.where(BankFile.public_id < after) if after else query))


def lines_of(
    db: Session, file: BankFile, *, after: int, most: int
) -> list[tuple[BankLine, Deposit | None, Call | None]]:
    """A file's lines in the order of the bank, with what became of what came in; at most one more than `most`."""
    query = (
        select(BankLine, Deposit, Call)
        .outerjoin(
            Deposit, (col(Deposit.rail) == NAME) & (col(Deposit.outside_id) == col(BankLine.public_id))
        )
        .outerjoin(Call, col(Call.id) == col(Deposit.call_id))
        .where(BankLine.file_id == file.id, BankLine.id > after)
        .order_by(col(BankLine.id))
        .limit(most + 1)
    )
    return [(line, deposit, call) for line, deposit, call in db.exec(query)]
