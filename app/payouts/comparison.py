"""The outside against the book, line by line: a difference stops payouts to maintainers on that rail, never refunds."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from app.escrow import accounts, moves
from app.escrow.model import Deposit, DepositState, ReturnState, SuspenseReturn
from app.escrow.rules import coverage
from app.kit.db import Database
from app.kit.money import Cents
from app.kit.rules import Conflict, require
from app.kit.words import N_
from app.payouts.model import Comparison, Explanation, Payout, PayoutState
from app.people.access import Actor, require_role
from app.people.model import Role
from app.people.operator import operator_of
from app.people.step import record
from app.rails import inbox
from app.rails.bank.model import NAME as BANK
from app.rails.bank.model import BankFile
from app.rails.rail import Rail, RailSilent

DAILY = timedelta(hours=24)
AGAIN = timedelta(minutes=10)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MOST_SHOWN = 50
# What the outside says of its own sum and its lines do not make.
LINES_MISSING = "lines missing"
# What a provider told and the book does not know, and the other way round.
NOT_BOOKED = N_("Told outside, not in the book")
NOT_TOLD = N_("In the book, not told outside")


@dataclass(frozen=True)
class Difference:
    """One thing on which the outside and the book do not agree: what each says it changed, in cents."""

    outside_id: str
    outside_cents: Cents
    book_cents: Cents
    text: str


def compare(db: Session, rail: Rail, *, at: datetime) -> Comparison:
    """Hold every line of the outside against what the book made of it, and keep what came of it."""
    name = rail.capabilities.name
    if rail.capabilities.pays_by_deposit:
        # Its payouts have legs: they are held against its lines where those are kept.
        raise Conflict("This rail is compared with the book by itself, every hour.")
    told, texts = Counter[str](), dict[str, str]()
    for line in rail.statement(EPOCH):
        told[line.outside_id] += line.amount_cents - line.cost_cents
        texts[line.outside_id] = line.text
    missing = rail.balance() - sum(told.values())
    ours = _ours(db, name)
    on_their_way = inbox.names_waiting(db, name)
    set_aside = explained(db, name)
    found = [
        Difference(one, told[one], ours[one], texts.get(one, "")[:120])
        for one in sorted({*told, *ours})
        if told[one] != ours[one] and one not in on_their_way and one not in set_aside
    ]
    if missing:
        found.append(Difference(LINES_MISSING, missing, 0, ""))
    return keep(db, name, sum(told.values()) + missing, found, at=at)


def keep(
    db: Session, rail: str, outside_cents: Cents, found: Sequence[Difference], *, at: datetime
) -> Comparison:
    """Write down what a comparison found: from now on it says whether payouts to maintainers may leave.

    What is more than a page shows stands there as one sum that nobody can explain away.
    """
    shown, more = list(found[:MOST_SHOWN]), found[MOST_SHOWN:]
    if more:
        outside, book = (sum(one.outside_cents for one in more), sum(one.book_cents for one in more))
        shown.append(Difference(LINES_MISSING, outside, book, ""))
    kept = Comparison(
        rail=rail, outside_cents=outside_cents, at=at, is_equal=not found,
        book_cents=accounts.standing(db, f"outside:{rail}"),
        lines=json.dumps([asdict(one) for one in shown]),
    )  # fmt: skip
    db.add(kept)
    db.flush()
    return kept


def _ours(db: Session, rail: str) -> Counter[str]:
    """What the book made of each movement of the outside, by its name there."""
    ours = Counter[str]()
    received = select(Deposit.outside_id, Deposit.amount_cents).where(
        Deposit.rail == rail, Deposit.state == DepositState.RECEIVED
    )
    for name, cents in db.exec(received):
        ours[name] += cents
    left = (
        select(Payout.outside_id, Payout.amount_cents).where(
            Payout.rail == rail, col(Payout.state).in_([PayoutState.SENT, PayoutState.PAID])
        ),
        select(SuspenseReturn.outside_id, SuspenseReturn.amount_cents).where(
            SuspenseReturn.rail == rail, col(SuspenseReturn.state).in_([ReturnState.SENT, ReturnState.PAID])
        ),
    )
    for query in left:
        for name, cents in db.exec(query):
            ours[name] -= cents
    return ours


def latest(db: Session, rail: str) -> Comparison | None:
    """The newest comparison of a rail."""
    query = select(Comparison).where(Comparison.rail == rail).order_by(col(Comparison.id).desc())
    return db.exec(query).first()


def differences(comparison: Comparison) -> list[Difference]:
    """The lines on which it found no agreement."""
    return [Difference(**line) for line in json.loads(comparison.lines)]


def agrees(db: Session, rail: str) -> bool:
    """Whether the newest comparison found the outside and the book to say the same; yes where there is none yet."""
    found = latest(db, rail)
    return found is None or found.is_equal


def explained(db: Session, rail: str) -> dict[str, Cents]:
    """The lines that are nobody's payment, in cents by their name outside."""
    query = select(Explanation.outside_id, Explanation.amount_cents).where(Explanation.rail == rail)
    return dict(db.exec(query).all())


def explain(db: Session, rail: str, outside_id: str, *, reason: str, by: Actor, at: datetime) -> Explanation:
    """Say of a line that is nobody's payment why it is there, and book it as the operator's own.

    What left, a charge or what the operator took out, is covered by what stands above all that is owed there.
    """
    require_role(by, Role.TREASURER)
    require(by.is_fund, "Your role does not allow this.", status=403)
    require(reason.strip(), "Please give the reason.", field="reason")
    accounts.hold(db, f"outside:{rail}")  # another line may be explained at this very moment
    found = latest(db, rail)
    lines = {one.outside_id: one for one in differences(found)} if found else {}
    line = lines.get(outside_id)
    if line is None or outside_id == LINES_MISSING:
        raise Conflict("This difference is not there any more.")
    if line.book_cents:
        raise Conflict("The book says something else of this payment: it cannot be explained away.")
    require(
        line.outside_cents > 0 or coverage(db, rail).margin_cents + line.outside_cents >= 0,
        "The operator has no money of its own on this account: it has to pay this in first, not the backers.",
        field="reason",
    )
    said = Explanation(
        rail=rail, outside_id=outside_id, amount_cents=line.outside_cents, reason=reason.strip()[:300],
        by_id=by.person.id, at=at,
    )  # fmt: skip
    db.add(said)
    moves.own_line(db, rail, outside_id, said.amount_cents, operator_of(db).currency, at=at)
    record(db, "explain", said, by=by, at=at, amount=said.amount_cents, reason=said.reason)
    assert found is not None
    others = [one for one in differences(found) if one.outside_id != outside_id]
    keep(db, rail, found.outside_cents, others, at=at)
    return said


def compare_due(database: Database, rails: Mapping[str, Rail], at: datetime) -> int:
    """Compare each rail once a day, and a bank when a statement was read since; how many were."""
    done = 0
    for name, rail in rails.items():
        if rail.capabilities.pays_by_deposit:
            continue  # its payouts have legs, which are compared where they are kept
        with database.reading() as db:
            if not _is_due(db, name, at):
                continue
        try:
            database.run(lambda db, rail=rail: compare(db, rail, at=at))  # type: ignore[misc]
        except RailSilent:
            continue
        done += 1
    return done


def _is_due(db: Session, rail: str, at: datetime) -> bool:
    last = latest(db, rail)
    if last is not None and last.at > at - (DAILY if last.is_equal else AGAIN):
        newest = db.exec(select(BankFile.at).order_by(col(BankFile.id).desc())).first()
        return rail == BANK and newest is not None and newest > last.at and not _waits(db, rail)
    return not _waits(db, rail)


def _waits(db: Session, rail: str) -> bool:
    """Whether something is on its way into the book: then there is nothing to compare yet."""
    in_flight = select(Payout.id).where(
        Payout.rail == rail, Payout.state == PayoutState.APPROVED, col(Payout.sent_at).is_not(None)
    )
    return db.exec(in_flight).first() is not None or inbox.is_waiting(db, rail)
