"""Statements of the bank, kept as it told them: each file once, each line once; the worker hears of what is new."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO, TypeVar

from sqlalchemy import insert
from sqlmodel import Session, col, select

from app.kit.public_id import public_id
from app.kit.rules import Conflict, Refused, require
from app.rails import inbox
from app.rails.bank import camt
from app.rails.bank.knowing import Known
from app.rails.bank.model import NAME, AccountState, BankAccount, BankFile, BankLine, BankStatement
from app.rails.inbox import InboxEvent

AT_ONCE = 500
Thing = TypeVar("Thing")


def keep(db: Session, file: BinaryIO, name: str, *, by_id: int | None, at: datetime) -> BankFile:
    """Read a file of the bank and keep what is new in it, all of it or nothing. Raises `Refused` or `Conflict`."""
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    size = file.tell()
    if db.exec(select(BankFile.id).where(BankFile.sha256 == sha256)).first():
        raise Conflict("This file was read already: nothing was changed.")
    statements = [
        (_account_of(db, statement), _checked(statement))
        for statement in camt.read(file)
    ]  # fmt: skip
    require(statements, "There is no statement in this file.")
    known = _known_entries(db, (line.entry_key for _account, one in statements for line in one.lines))
    kept = BankFile(
        public_id=public_id(), sha256=sha256, name=name[:160] or "camt.xml", size=size, read_by_id=by_id, at=at,
        lines=sum(len(one.lines) for _account, one in statements),
        new_lines=sum(line.entry_key not in known for _account, one in statements for line in one.lines),
    )  # fmt: skip
    db.add(kept)
    db.flush()
    knowing = Known(db)
    for account, statement in statements:
        db.add(BankStatement(
            file_id=kept.id, account_id=account.id, kind=statement.kind, name=statement.name, at=at,
            opening_cents=statement.opening_cents, closing_cents=statement.closing_cents,
            held_cents=statement.held_cents, closing_on=statement.closing_on,
        ))  # fmt: skip
        fresh = [line for line in statement.lines if line.entry_key not in known]
        known |= {line.entry_key for line in fresh}
        _write(db, kept, account, fresh, knowing, at=at)
    return kept


def _account_of(db: Session, statement: camt.Statement) -> BankAccount:
    iban = statement.account.replace(" ", "").upper()
    query = select(BankAccount).where(BankAccount.iban == iban, BankAccount.state != AccountState.NAMED)
    account = db.exec(query.order_by(col(BankAccount.id).desc())).first()
    if account is None:
        raise Refused(
            "This statement is of the account ending in %(ends)s, which is none of ours.", ends=iban[-4:]
        )
    return account


def _checked(statement: camt.Statement) -> camt.Statement:
    """The statement, if it adds up and is in one currency."""
    currencies = {line.currency for line in statement.lines} | {statement.currency or "EUR"}
    require(len(currencies) == 1, "This statement holds more than one currency.")
    require(
        statement.difference_cents == 0,
        "Statement %(name)s does not add up: opening balance and lines do not make the closing balance.",
        name=statement.name,
    )
    return statement


def _known_entries(db: Session, keys: Iterable[str]) -> set[str]:
    """Those entries that were kept before, split or whole, from whichever file."""
    found: set[str] = set()
    for some in _some(dict.fromkeys(keys)):
        found |= set(db.exec(select(BankLine.entry_key).where(col(BankLine.entry_key).in_(some))))
    return found


def _write(
    db: Session, kept: BankFile, account: BankAccount, lines: list[camt.Line], knowing: Known, *, at: datetime
) -> None:
    for some in _some(lines):
        rows, events = [], []
        for line in some:
            row, about = _row(kept, account, line, knowing, at)
            rows.append(row)
            events += [_event(line, name, at) for name in about]
        db.execute(insert(BankLine), rows)
        if events:
            db.execute(insert(InboxEvent), events)


def _row(
    kept: BankFile, account: BankAccount, line: camt.Line, knowing: Known, at: datetime
) -> tuple[dict[str, Any], list[str]]:
    """The line as it is kept, and the names of the rows of ours it is news about."""
    name = public_id()
    happened, about, news = knowing.read(line, name, at=at)
    row = {
        "public_id": name, "at": at, "file_id": kept.id, "account_id": account.id, "line_key": line.key,
        "entry_key": line.entry_key, "is_credit": line.is_credit, "happened": happened, "about": about,
        "amount_cents": line.amount_cents, "currency": line.currency, "booked_on": line.booked_on,
        "reference": line.reference, "text": line.text, "end_to_end_id": line.end_to_end_id,
        "other_name": line.other_name, "other_account": line.other_account, "reason_code": line.reason_code,
        "reason": line.reason, "code": line.code,
    }  # fmt: skip
    return row, news


def _event(line: camt.Line, about: str, at: datetime) -> dict[str, Any]:
    return {
        "rail": NAME, "event_id": f"{line.key}:{about}"[:120], "outside_id": about, "received_at": at,
        "state": inbox.EventState.RECEIVED, "tries": 0, "trouble": "",
    }  # fmt: skip


def _some(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    """These things, so many at once as one statement of the database takes well."""
    left = iter(things)
    while some := list(islice(left, AT_ONCE)):
        yield some
