"""Writes the book where others can read it: CSV for a spreadsheet, beancount text for `bean-check`.

Rows are read some thousands at a time, so that a million entries need no more memory than ten.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, column, select, table
from sqlmodel import Session, col

from app.kit.db import Database
from app.kit.links import ChainLink
from app.ledger.beancount import write_book
from app.ledger.model import Account, Entry, Transfer

ROWS = 5000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

# The record of acts belongs to a room above; here it is only a table to copy.
STEP_COLUMNS = (
    "id", "at", "pseudonym", "organization_id", "act", "thing", "thing_id", "campaign_id", "before", "after", "facts",
)  # fmt: skip


def write(database: Database, folder: Path) -> Iterator[Path]:
    """Write accounts, entries, transfers, steps, chain and the beancount book, all of one moment, into a folder.

    Each path is given once its file is whole; a file of before is replaced only then.
    """
    with database.snapshot() as db:
        for name, query in _queries().items():
            path = folder / f"{name}.csv"
            with _whole(path) as file:
                _write_rows(file, query, _rows(db, query))
            yield path
        path = folder / "book.beancount"
        with _whole(path) as file:
            write_book(file, lambda query: _rows(db, query))
        yield path


def _queries() -> dict[str, Select[Any]]:
    debit, credit = _accounts("debit"), _accounts("credit")
    at_type = Entry.__table__.c.at.type  # type: ignore[attr-defined]
    steps = table("step", *(column(name, at_type if name == "at" else None) for name in STEP_COLUMNS))
    return {
        "accounts": select(
            col(Account.id), col(Account.code), col(Account.grows_by), col(Account.currency), col(Account.balance_cents)
        ).order_by(col(Account.code)),
        "entries": select(
            col(Entry.id), col(Entry.key), col(Entry.memo), col(Entry.chain), col(Entry.at), col(Entry.content_hash)
        ).order_by(col(Entry.id)),
        "transfers": select(
            col(Transfer.id), col(Transfer.entry_id), debit.c.code.label("debit"), credit.c.code.label("credit"),
            col(Transfer.amount_cents), col(Transfer.currency),
        )
        .join(debit, debit.c.id == col(Transfer.debit_id))
        .join(credit, credit.c.id == col(Transfer.credit_id))
        .order_by(col(Transfer.id)),
        "steps": select(steps).order_by(steps.c.id),
        "chain": select(
            col(ChainLink.chain), col(ChainLink.number), col(ChainLink.kind), col(ChainLink.line_id),
            col(ChainLink.salt), col(ChainLink.digest), col(ChainLink.head),
        ).order_by(col(ChainLink.chain), col(ChainLink.number)),
    }  # fmt: skip


def _accounts(name: str) -> Any:
    return Account.__table__.alias(name)  # type: ignore[attr-defined]


def _rows(db: Session, query: Any) -> Iterator[Any]:
    return iter(db.execute(query.execution_options(yield_per=ROWS)))


@contextmanager
def _whole(path: Path) -> Iterator[Any]:
    """A file that takes its place when it is finished, not before."""
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        yield file
    unfinished.replace(path)


def _write_rows(file: Any, query: Select[Any], rows: Iterable[Any]) -> None:
    lines = csv.writer(file, lineterminator="\r\n")
    lines.writerow(query.selected_columns.keys())
    cell: Callable[[Any], Any] = safe_cell
    lines.writerows([cell(value) for value in row] for row in rows)


def safe_cell(value: Any) -> Any:
    """A value a spreadsheet shows and never runs: text that looks like a formula gets an apostrophe before it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value
