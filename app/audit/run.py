"""Runs every check, in one moment of the database."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from app.audit import acts, book, chains, outgoing, pots, promises, reasons
from app.audit.check import Check
from app.kit.clock import now
from app.kit.db import Database
from app.people import alarms

# What has to hold before money leaves the house.
OF_MONEY: tuple[Check, ...] = (
    *book.CHECKS, *chains.CHECKS, *pots.CHECKS, *reasons.CHECKS, *promises.CHECKS, *outgoing.CHECKS,
)  # fmt: skip
CHECKS: tuple[Check, ...] = (*OF_MONEY, *acts.CHECKS)


def run(
    database: Database, heads_file: Path | None = None, *, at: datetime | None = None
) -> tuple[list[str], bool]:
    """One line for each check, faults below it; whether everything holds. Changes nothing."""
    checks = (*CHECKS, chains.against_file(heads_file)) if heads_file else CHECKS
    with database.snapshot() as db:
        return examine(db, checks, at=at or now())


def examine(db: Session, checks: Iterable[Check] = CHECKS, *, at: datetime) -> tuple[list[str], bool]:
    """The same in a session that is open already. A check that cannot be made does not hold."""
    lines: list[str] = []
    is_right = True
    for check in checks:
        said, holds = check.lines(db, at)
        lines += said
        is_right = is_right and holds
    return lines, is_right


def money_is_right(database: Database, *, at: datetime) -> bool:
    """Whether every check of money holds now: asked before each batch of payouts, which waits where one does not."""
    with database.snapshot() as db:
        return examine(db, OF_MONEY, at=at)[1]


def guard(database: Database, heads_file: Path | None = None, *, at: datetime | None = None) -> bool:
    """Run every check; ring the alarm “book” while one does not hold, which stops pledges and payouts."""
    at = at or now()
    lines, is_right = run(database, heads_file, at=at)
    broken = [line.split(maxsplit=1)[1] for line in lines if line.startswith("  WRONG")]

    def tell(db: Session) -> None:
        if is_right:
            alarms.clear(db, alarms.BOOK, at=at)
        else:
            alarms.ring(
                db, alarms.BOOK, f"the book does not pass its audit ({'; '.join(broken)})"[:500], at=at
            )

    with database.reading() as db:
        is_ringing = bool(alarms.ringing(db, alarms.BOOK))
    if is_ringing == is_right:
        database.run(tell)
    return is_right
