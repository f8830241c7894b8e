"""Posting to the book among a thousand entries and among a million: it should cost the same.

The book is filled in bulk, then entries are posted one by one the way escrow does (accounts locked and opened, key
looked up, balances kept, the line linked in its chain), on both sizes in turn within one run.
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, text

from app.kit import migrate
from app.kit.db import Database
from app.ledger.book import AccountName, Leg, post
from app.ledger.model import Account, Entry, Transfer
from bench.ground import durable_server
from tests import postgres

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
BATCH = 20_000
PLEDGES = 500


def fill(database: Database, entries: int) -> None:
    """So many entries over five hundred pledges' accounts, balances kept."""
    with database.writing() as db:
        accounts = [
            {"code": f"held:1:{n}:sandbox", "grows_by": "credit", "currency": "EUR", "may_go_below": False,
             "balance_cents": 100 * (entries // PLEDGES)}
            for n in range(PLEDGES)
        ]  # fmt: skip
        accounts.append({
            "code": "outside:sandbox", "grows_by": "debit", "currency": "EUR", "may_go_below": True,
            "balance_cents": 100 * entries,
        })  # fmt: skip
        db.execute(insert(Account), accounts)
        ids = {row.code: row.id for row in db.execute(text("SELECT id, code FROM ledger_account"))}
    for first in range(0, entries, BATCH):
        numbers = range(first + 1, min(first + BATCH, entries) + 1)
        with database.writing() as db:
            db.execute(insert(Entry), [
                {"id": n, "key": f"bulk:{n}", "content_hash": "0" * 64, "memo": "bulk", "chain": "house", "at": AT}
                for n in numbers
            ])  # fmt: skip
            db.execute(insert(Transfer), [
                {"entry_id": n, "debit_id": ids["outside:sandbox"], "credit_id": ids[f"held:1:{n % PLEDGES}:sandbox"],
                 "amount_cents": 100, "currency": "EUR"}
                for n in numbers
            ])  # fmt: skip
    if not database.is_sqlite:
        with database.writing() as db:
            db.execute(
                text("SELECT setval(pg_get_serial_sequence('ledger_entry', 'id'), :n)"), {"n": entries + 1}
            )


def post_some(database: Database, mark: str, count: int) -> float:
    """Seconds for so many postings, one commit each."""
    outside = AccountName("outside:sandbox", "debit", "EUR", may_go_below=True)
    started = time.perf_counter()
    for n in range(count):
        held = AccountName(f"held:1:{n % PLEDGES}:sandbox", "credit", "EUR")
        with database.writing() as db:
            post(db, key=f"{mark}:{n}", memo="bench", at=AT, legs=[Leg(outside, held, 1)], chain="house")
    return time.perf_counter() - started


def compare(name: str, small: Database, large: Database, rounds: int, each: int) -> None:
    """Print what posting costs among many over what it costs among few, round by round."""
    for database in (small, large):
        post_some(database, "warm", 20)
    ratios, rates = [], []
    for number in range(rounds):
        few = post_some(small, f"s{number}", each)
        many = post_some(large, f"l{number}", each)
        ratios.append(many / few)
        rates.append((each / few, each / many))
    few_rate, many_rate = (statistics.median(column) for column in zip(*rates, strict=True))
    print(
        f"{name:12} {few_rate:12.0f} {many_rate:12.0f} {statistics.median(ratios):10.2f}   "
        + " ".join(f"{ratio:.2f}" for ratio in ratios),
        flush=True,
    )


def main() -> None:
    """Fill four books and print a line for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--each", type=int, default=100)
    asked = parser.parse_args()
    print(f"{'database':12} {f'{asked.few} entries/s':>12} {f'{asked.many}/s':>12} {'many/few':>10}   rounds")
    with tempfile.TemporaryDirectory() as folder, durable_server() as server:
        for name, addresses in (
            ("SQLite", [f"sqlite:///{Path(folder) / size}.db" for size in ("few", "many")]),
            ("PostgreSQL", [postgres.make(server, size) for size in ("few", "many")]),
        ):
            books = []
            for address, entries in zip(addresses, (asked.few, asked.many), strict=True):
                migrate.upgrade(address)
                books.append(Database(address))
                fill(books[-1], entries)
            compare(name, books[0], books[1], asked.rounds, asked.each)


if __name__ == "__main__":
    main()
