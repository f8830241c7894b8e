"""Runs every check, in one moment of the database."""

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from app.audit import acts, book, chains, matching, outgoing, outside, pots, promises, reasons, unhappy
from app.audit.check import Check
from app.boards.checks import read_lines
from app.kit.clock import now
from app.kit.db import Database
from app.kit.words import N_, _
from app.people import alarms

SEALS = N_("Seals and chains")
# What the checks are about, in the order people ask: is the book right, is it untouched, is each euro where it belongs.
SUBJECTS: dict[str, tuple[Check, ...]] = {
    N_("The book by itself"): book.CHECKS,
    SEALS: chains.CHECKS,
    N_("What is held and what is owed"): pots.CHECKS,
    N_("Why money moved"): reasons.CHECKS,
    N_("Pledges, calls and receipts"): promises.CHECKS,
    N_("Matching grants and work that counts"): matching.CHECKS,
    N_("Reserves, gaps and amendments"): unhappy.CHECKS,
    N_("Payouts, and what the bank holds"): outgoing.CHECKS,
    N_("Statements, mandates and payments of the outside"): outside.CHECKS,
    N_("The record of what people did"): acts.CHECKS,
}
CHECKS: tuple[Check, ...] = tuple(check for checks in SUBJECTS.values() for check in checks)
# What has to hold before money leaves the house.
OF_MONEY: tuple[Check, ...] = tuple(check for check in CHECKS if check not in acts.CHECKS)

WRONG = N_("the book does not pass its audit")
UNSEEN = N_("the book cannot be audited")
log = logging.getLogger("jalon.audit")


def run(
    database: Database, heads_file: Path | None = None, *, at: datetime | None = None
) -> tuple[list[str], bool]:
    """One line for each check, faults below it; whether everything holds. Changes nothing."""
    checks = (*CHECKS, chains.against_file(heads_file)) if heads_file else CHECKS
    with database.snapshot() as db:
        return examine(db, checks, at=at or now())


def in_short(lines: list[str]) -> str:
    """What these lines come to, in one sentence for who reads only the last."""
    checks = read_lines(lines)
    wrong = sum(not check.holds for check in checks)
    if not wrong:
        return f"Everything is right: all {len(checks)} checks hold."
    return f"{wrong} of {len(checks)} checks {'fails' if wrong == 1 else 'fail'}: look for WRONG above."


def by_subject(
    database: Database, heads_file: Path | None = None, *, at: datetime | None = None
) -> dict[str, list[str]]:
    """The same lines under what they are about, in the reader's language."""
    at = at or now()
    with database.snapshot() as db:
        return {
            _(subject): examine(db, (*checks, *of_file(subject, heads_file)), at=at)[0]
            for subject, checks in SUBJECTS.items()
        }


def of_file(subject: str, heads_file: Path | None) -> tuple[Check, ...]:
    """What stands outside the database is asked with the seals, where there is such a file."""
    return (chains.against_file(heads_file),) if heads_file and subject == SEALS else ()


def examine(db: Session, checks: Iterable[Check] = CHECKS, *, at: datetime) -> tuple[list[str], bool]:
    """The same in a session that is open already. A check that cannot be made does not hold."""
    lines: list[str] = []
    is_right = True
    for check in checks:
        said, holds = check.lines(db, at)
        lines += said
        is_right = is_right and holds
    return lines, is_right


def money_may_leave(database: Database, *, at: datetime) -> bool:
    """Whether a batch of payouts may go: no alarm “book” rings, and every check of money holds now.

    Checks that cannot be made ring that alarm themselves: money does not leave unseen.
    """
    with database.reading() as db:
        if alarms.ringing(db, alarms.BOOK):
            return False
    try:
        with database.snapshot() as db:
            return examine(db, OF_MONEY, at=at)[1]
    except Exception:
        log.exception("the book could not be audited: no payout leaves")
        database.run(lambda db: alarms.ring(db, alarms.BOOK, UNSEEN, at=at))
        return False


def guard(database: Database, heads_file: Path | None = None, *, at: datetime | None = None) -> bool:
    """Run every check; ring the alarm “book”, which stops pledges and payouts, while one fails or cannot be made."""
    at = at or now()
    reason = WRONG
    try:
        is_right = run(database, heads_file, at=at)[1]
    except Exception:
        log.exception("the book could not be audited: no pledge is taken, no payout leaves")
        is_right, reason = False, UNSEEN

    def tell(db: Session) -> None:
        if is_right:
            alarms.clear(db, alarms.BOOK, at=at)
        else:
            alarms.ring(db, alarms.BOOK, reason, at=at)

    with database.reading() as db:
        is_ringing = bool(alarms.ringing(db, alarms.BOOK))
    if is_ringing == is_right:
        database.run(tell)
    return is_right
