"""The practice bank's side of the money tests: a backer pays or takes back, a payout travels, and we hear of it."""

from datetime import UTC, datetime

from sqlmodel import Session, select

from app.escrow import receipts
from app.escrow.model import Call
from app.kit import outbox
from app.kit.db import Database
from app.kit.money import Cents
from app.payouts import sending
from app.rails import inbox, sandbox
from app.rails.rail import Happened, Movement
from app.rails.sandbox import SandboxLine

DECIDED = datetime(2026, 12, 2, 8, 0, tzinfo=UTC)


def pay(db: Session, call: Call, cents: Cents | None = None, at: datetime = DECIDED) -> SandboxLine:
    """The backer pays its call by the practice bank (all of it, or so many cents), and we hear of it."""
    line = sandbox.pay_in(
        db, amount_cents=call.total_cents if cents is None else cents, currency=call.currency,
        reference=call.reference, name="Banque", account="FR7630006000011234567890189", at=at,
    )  # fmt: skip
    hear(db, at)
    return line


def charge_back(db: Session, line: SandboxLine, at: datetime = DECIDED) -> None:
    """The backer's bank takes a payment back, and we hear of it."""
    sandbox.turn(db, line, Happened.CHARGED_BACK, reason="Not agreed", at=at)
    hear(db, at)


def hear(db: Session, at: datetime = DECIDED) -> None:
    """Work off what the practice bank told, as the worker does, in this transaction."""
    for event in inbox.waiting(db):
        line = db.exec(select(SandboxLine).where(SandboxLine.public_id == event.outside_id)).one()
        movement = Movement(
            outside_id=line.public_id, happened=Happened(line.happened), amount_cents=line.amount_cents,
            currency=line.currency, reference=line.reference, other_name=line.other_name,
            other_account=line.other_account, at=line.at, reason=line.reason,
        )  # fmt: skip
        if movement.happened in (Happened.PAID_OUT, Happened.BOUNCED):
            sending.hear(db, sandbox.NAME, movement, at=at)
        else:
            receipts.take_in(db, sandbox.NAME, movement, at=at)
        inbox.settle(event, at=at)


def send(database: Database, payout_id: int, key: str, happened: Happened | None = Happened.PAID_OUT) -> None:
    """Carry an approved payout to the practice bank and hear what became of it, in the worker's transactions."""
    with database.writing() as db:
        asked = sending.order_for(db, payout_id, key, at=DECIDED)
    assert asked is not None
    outside_id = sandbox.Sandbox(database).send(asked[1], DECIDED)
    with database.writing() as db:
        sending.mark_sent(db, payout_id, key, outside_id, at=DECIDED)
        outbox.done(db, db.exec(select(outbox.Outgoing.id).where(outbox.Outgoing.key == key)).one(), DECIDED)
        if happened:
            line = db.exec(select(SandboxLine).where(SandboxLine.public_id == outside_id)).one()
            sandbox.turn(db, line, happened, at=DECIDED)
            hear(db)
