"""A statement of ten thousand lines against one of a hundred: what each line costs to read, to book, and to watch.

    python -m bench.bank_lines                     a hundred against ten thousand, on SQLite (two to four minutes)
    python -m bench.bank_lines --lines 2000        against two thousand

Each line is a transfer whose reference nobody knows: read from the file, heard by the worker in its rounds, and booked
in suspense by a transaction of its own. A ratio near 1 says that a long file costs each of its lines no more than a
short one. `watched` is one look at the page's progress bar while the file is worked off.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from app.escrow import bank_rail
from app.kit import migrate
from app.kit.db import Database
from app.kit.settings import read_settings
from app.worker import Worker
from tests.bank_desk import NOW, BankDesk
from tests.statements import Entry, Part

FEW, MANY = 100, 10_000


@dataclass(frozen=True)
class Costs:
    """Milliseconds for each line, and for one look at the progress."""

    read: float
    booked: float
    watched: float


def costs_of(lines: int) -> Costs:
    """Bring in one file of so many lines into a new database and let the worker finish it."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'jalon.db'}"
        migrate.upgrade(url)
        database = Database(url)
        desk = BankDesk(database)
        worker = Worker(
            database, replace(read_settings(), rails=("bank",), database_url=url), sends_mails=False
        )
        file = desk.statement(
            *(
                Entry([Part(1_000 + n % 500, text=f"Invoice {n}", end_to_end_id=f"E{n}")])
                for n in range(lines)
            )
        )
        started = time.perf_counter()
        kept = desk.read(file)
        read = time.perf_counter() - started
        started = time.perf_counter()
        looks: list[float] = []
        while worker.listener.take_in(NOW):
            began = time.perf_counter()
            with database.reading() as db:
                progress = bank_rail.progress_of(db, kept)
            looks.append(time.perf_counter() - began)
        booked = time.perf_counter() - started - sum(looks)
        assert (progress.done, progress.failed) == (lines, 0), progress
        database.close()
    return Costs(1_000 * read / lines, 1_000 * booked / lines, 1_000 * sum(looks) / len(looks))


def main() -> None:
    """Measure both, and print what a line costs in each and the ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=MANY)
    asked = parser.parse_args()
    costs_of(FEW)  # what is loaded and compiled once counts for neither
    few, many = costs_of(FEW), costs_of(asked.lines)
    print(f"{'ms a line':12} {FEW:>10,} {asked.lines:>10,} {'ratio':>8}")
    for name in ("read", "booked"):
        small, large = getattr(few, name), getattr(many, name)
        print(f"{name:12} {small:>10.3f} {large:>10.3f} {large / small:>8.2f}")
    print(f"watched      {few.watched:>10.3f} {many.watched:>10.3f}  ms a look")


if __name__ == "__main__":
    main()
