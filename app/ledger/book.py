"""Posting to the book and reading from it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Table, bindparam, func, insert, or_, select, update
from sqlmodel import Session, SQLModel, col

from app.kit.chain import canonical
from app.kit.links import remember
from app.kit.money import Cents
from app.kit.rows import insert_missing
from app.ledger.model import Account, Entry, Transfer

LONGEST_MEMO = 300


class KeyReused(Exception):
    """The same key with another content: a mistake in the program, nothing is posted."""


class BelowZero(Exception):
    """An account would owe what it does not have: nothing is posted."""


@dataclass(frozen=True)
class AccountName:
    """An account by its code, with what it takes to open it."""

    code: str
    grows_by: Literal["debit", "credit"]
    currency: str
    may_go_below: bool = False


@dataclass(frozen=True)
class Leg:
    """So many cents out of `credit`'s side into `debit`'s: one transfer of an entry."""

    debit: AccountName
    credit: AccountName
    cents: Cents


def _rows_of(kind: type[SQLModel]) -> Table:
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table


# With every entry, so they are built once; past the mapper, as nobody holds these rows.
_ACCOUNTS, _ENTRIES, _TRANSFERS = (_rows_of(kind) for kind in (Account, Entry, Transfer))
_LOCKED = (
    select(_ACCOUNTS)
    .where(_ACCOUNTS.c.code.in_(bindparam("codes", expanding=True)))
    .order_by(_ACCOUNTS.c.code)
    .with_for_update()
)
_OF_KEY = select(_ENTRIES.c.id, _ENTRIES.c.content_hash).where(_ENTRIES.c.key == bindparam("reason"))
_ENTER = insert(_ENTRIES).returning(_ENTRIES.c.id)
_TRANSFER = insert(_TRANSFERS)
_CHANGE = (
    update(_ACCOUNTS)
    .where(_ACCOUNTS.c.id == bindparam("account"))
    .values(balance_cents=_ACCOUNTS.c.balance_cents + bindparam("by", type_=_ACCOUNTS.c.balance_cents.type))
)


def post(db: Session, *, key: str, memo: str, at: datetime, legs: Iterable[Leg], chain: str) -> int | None:
    """Book one reason once, and give back the entry's number; legs of zero cents are left out.

    The same key and content gives the entry that is there. Raises `KeyReused` for the same key with another content,
    `BelowZero` where an account that may not would go below zero. None where no leg moves anything.
    """
    moving = [leg for leg in legs if leg.cents]
    if not moving:
        return None
    for leg in moving:
        _check(leg)
    memo, at = memo[:LONGEST_MEMO], at.astimezone(UTC)
    accounts = _locked_accounts(db, moving)
    content = content_of(key, memo, chain, [
        [leg.debit.code, leg.credit.code, leg.cents, leg.debit.currency] for leg in moving
    ])  # fmt: skip
    content_hash = hash_of(content)
    found = db.execute(_OF_KEY, {"reason": key}).one_or_none()
    if found:
        if found.content_hash != content_hash:
            raise KeyReused(key)
        return int(found.id)
    return _write(db, key, memo, at, moving, chain, accounts, content, content_hash)


def _check(leg: Leg) -> None:
    if leg.cents < 0:
        raise ValueError("a transfer moves a positive amount; turn it round instead")
    if leg.debit.currency != leg.credit.currency:
        raise ValueError("a transfer stays in one currency")
    if leg.debit.code == leg.credit.code:
        raise ValueError("a transfer needs two accounts")


def content_of(key: str, memo: str, chain: str, transfers: list[list[Any]]) -> dict[str, Any]:
    """What an entry says; its transfers as debited code, credited code, cents and currency, in order."""
    return {"key": key, "memo": memo, "chain": chain, "transfers": transfers}


def hash_of(content: dict[str, Any]) -> str:
    """What binds an entry's key to its content."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def sealed(content: dict[str, Any], at: datetime) -> dict[str, Any]:
    """What of an entry stands in its chain: what it says, and when."""
    return {**content, "at": at.isoformat()}


def _locked_accounts(db: Session, legs: list[Leg]) -> dict[str, Any]:
    """The accounts' rows, opened where missing and locked in order of code, whatever the order of the legs."""
    names = {name.code: name for leg in legs for name in (leg.debit, leg.credit)}
    codes = sorted(names)
    found = {row.code: row for row in db.execute(_LOCKED, {"codes": codes})}
    missing = [names[code] for code in codes if code not in found]
    if missing:
        _open(db, missing)
        found = {row.code: row for row in db.execute(_LOCKED, {"codes": codes})}
    for code, row in found.items():
        if (row.grows_by, row.currency) != (names[code].grows_by, names[code].currency):
            raise ValueError(f"account {code} was opened differently")
    return found


def _open(db: Session, names: list[AccountName]) -> None:
    rows = [
        {"code": n.code, "grows_by": n.grows_by, "currency": n.currency, "may_go_below": n.may_go_below,
         "balance_cents": 0}
        for n in names
    ]  # fmt: skip
    insert_missing(db, Account, rows)


def _write(
    db: Session, key: str, memo: str, at: datetime, legs: list[Leg], chain: str,
    accounts: dict[str, Any], content: dict[str, Any], content_hash: str,
) -> int:  # fmt: skip
    change: dict[str, Cents] = {}
    for leg in legs:
        for name, side in ((leg.debit, "debit"), (leg.credit, "credit")):
            change[name.code] = change.get(name.code, 0) + (
                leg.cents if name.grows_by == side else -leg.cents
            )
    for code, cents in change.items():
        if accounts[code].balance_cents + cents < 0 and not accounts[code].may_go_below:
            raise BelowZero(f"{code} would go below zero by {key}")
    row = {"key": key, "content_hash": content_hash, "memo": memo, "chain": chain, "at": at}
    entry_id = db.execute(_ENTER, row).scalar_one()
    db.execute(_TRANSFER, [
        {"entry_id": entry_id, "debit_id": accounts[leg.debit.code].id, "credit_id": accounts[leg.credit.code].id,
         "amount_cents": leg.cents, "currency": leg.debit.currency}
        for leg in legs
    ])  # fmt: skip
    db.execute(_CHANGE, [{"account": accounts[code].id, "by": change[code]} for code in sorted(change)])
    remember(db, chain, "entry", int(entry_id), sealed(content, at))
    return int(entry_id)


def lock(db: Session, code: str) -> None:
    """Hold an account until the transaction ends, before deciding something by what stands on it."""
    db.execute(select(col(Account.id)).where(col(Account.code) == code).with_for_update()).all()


def balance(db: Session, code: str) -> Cents:
    """What stands on an account now, in its growing direction; zero where it was never opened."""
    return int(db.execute(select(col(Account.balance_cents)).where(col(Account.code) == code)).scalar() or 0)


def balances(db: Session, prefix: str) -> dict[str, Cents]:
    """The balances of all accounts whose code begins like this."""
    query = select(col(Account.code), col(Account.balance_cents)).where(_begins_with(prefix))
    return {row.code: row.balance_cents for row in db.execute(query)}


def standing(db: Session, *prefixes: str) -> list[str]:
    """The codes of those that are not at zero: of a long life's accounts, the few that matter now."""
    begin = or_(*map(_begins_with, prefixes))
    return list(db.execute(select(col(Account.code)).where(begin, col(Account.balance_cents) != 0)).scalars())


def total(db: Session, *prefixes: str, last: str = "") -> Cents:
    """The sum over all accounts whose code begins like one of these, and ends with that last word."""
    query = select(func.coalesce(func.sum(col(Account.balance_cents)), 0)).where(
        or_(*map(_begins_with, prefixes)), col(Account.balance_cents) != 0
    )
    if last:
        query = query.where(col(Account.code).endswith(f":{last}", autoescape=True))
    return int(db.execute(query).scalar_one())


def _begins_with(prefix: str) -> ColumnElement[bool]:
    return (col(Account.code) >= prefix) & (col(Account.code) < prefix + "\uffff")


def summed_balance(db: Session, account: Account) -> Cents:
    """The balance as its transfers say, for comparison with the kept one."""

    def side(column: Any) -> Cents:
        return int(db.execute(select(func.coalesce(func.sum(col(Transfer.amount_cents)), 0)).where(
            column == account.id)).scalar_one())  # fmt: skip

    debit, credit = side(col(Transfer.debit_id)), side(col(Transfer.credit_id))
    return debit - credit if account.grows_by == "debit" else credit - debit


def entry_of(db: Session, key: str) -> Entry | None:
    """The entry a reason was booked by."""
    return db.execute(select(Entry).where(col(Entry.key) == key)).scalar_one_or_none()
