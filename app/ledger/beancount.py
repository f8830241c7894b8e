"""The book as beancount text: its own account names under beancount's five roots, checked balances at the end.

Beancount itself is another program, outside this one: nothing of it is imported here.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, TextIO

from sqlalchemy import select
from sqlmodel import col

from app.kit.money import Cents
from app.ledger.model import Account, Entry, Transfer

# The beginning of a code, the root and name it gets, and the letter before each of its numbers.
ROOTS: dict[str, tuple[str, str]] = {
    "outside": ("Assets:Outside", ""),
    "claim": ("Assets:Claims", "P"),
    "held": ("Liabilities:Held", "CP"),
    "held-vat": ("Liabilities:HeldVat", "CP"),
    "held-fee": ("Liabilities:HeldFee", "CP"),
    "owed": ("Liabilities:Owed", "OC"),
    "back": ("Liabilities:Back", "P"),
    "suspense": ("Liabilities:Suspense", ""),
    "vat": ("Liabilities:VatOnFees", ""),
    "fees": ("Income:Fees", ""),
    "costs": ("Expenses:Costs", ""),
    "losses": ("Expenses:Losses", ""),
    "own": ("Equity:Own", ""),
    "taken": ("Equity:Taken", ""),
}
SOME_DAY = date(2000, 1, 1)

Rows = Callable[[Any], Iterator[Any]]


def write_book(file: TextIO, rows: Rows) -> None:
    """Write accounts, entries in order, and what every account stands at on the day after the last entry."""
    file.write('option "title" "Jalon"\n')
    accounts = select(
        col(Account.code), col(Account.grows_by), col(Account.currency), col(Account.balance_cents)
    ).order_by(col(Account.code))
    for account in rows(accounts):
        file.write(f"{SOME_DAY} open {name_of(account.code, account.grows_by)} {account.currency}\n")
    last_day = SOME_DAY
    for entry_id, legs in groupby(rows(_transfers()), key=lambda row: row.id):
        day = _write_entry(file, entry_id, list(legs))
        last_day = max(last_day, day)
    file.write("\n")
    for account in rows(accounts):
        cents = account.balance_cents if account.grows_by == "debit" else -account.balance_cents
        name = name_of(account.code, account.grows_by)
        # Without a tolerance of its own beancount would let a cent pass.
        file.write(
            f"{last_day + timedelta(days=1)} balance {name} {amount(cents)} ~ 0.00 {account.currency}\n"
        )


def _transfers() -> Any:
    debit, credit = (Account.__table__.alias(name) for name in ("debit", "credit"))  # type: ignore[attr-defined]
    return (
        select(
            col(Entry.id), col(Entry.key), col(Entry.memo), col(Entry.chain), col(Entry.at),
            debit.c.code.label("debit"), debit.c.grows_by.label("debit_grows_by"),
            credit.c.code.label("credit"), credit.c.grows_by.label("credit_grows_by"),
            col(Transfer.amount_cents), col(Transfer.currency),
        )
        .join(Transfer, col(Transfer.entry_id) == col(Entry.id))
        .join(debit, debit.c.id == col(Transfer.debit_id))
        .join(credit, credit.c.id == col(Transfer.credit_id))
        .order_by(col(Entry.id), col(Transfer.id))
    )  # fmt: skip


def _write_entry(file: TextIO, entry_id: int, legs: list[Any]) -> date:
    first = legs[0]
    at: datetime = first.at.astimezone(UTC)
    file.write(f"\n{at.date()} * {quoted(first.memo)}\n")
    file.write(f"  entry: {entry_id}\n  key: {quoted(first.key)}\n  chain: {quoted(first.chain)}\n")
    for leg in legs:
        debit, credit = name_of(leg.debit, leg.debit_grows_by), name_of(leg.credit, leg.credit_grows_by)
        file.write(f"  {debit}  {amount(leg.amount_cents)} {leg.currency}\n")
        file.write(f"  {credit}  {amount(-leg.amount_cents)} {leg.currency}\n")
    return at.date()


def name_of(code: str, grows_by: str) -> str:
    """An account as beancount names it: `held:1:2:sandbox` is `Liabilities:Held:C1:P2:Sandbox`."""
    first, *rest = code.split(":")
    root, letters = ROOTS.get(first, ("", ""))
    if not root:
        root = f"{'Assets' if grows_by == 'debit' else 'Equity'}:{_word(first)}"
    return ":".join([root, *(_word(part, letters[i : i + 1]) for i, part in enumerate(rest))])


def _word(part: str, letter: str = "") -> str:
    """Letters, digits and dashes, beginning with a capital or a digit."""
    if letter and part.isdigit():
        return letter + part
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in part)
    return plain[:1].upper() + plain[1:] if plain[:1].isalnum() else f"X{plain}"


def amount(cents: Cents) -> str:
    """Cents as beancount reads them: -1234.50."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def quoted(text: str) -> str:
    """A text on one line between quotation marks."""
    plain = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'
