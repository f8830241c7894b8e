"""A bank to practice with: it keeps its own journal, apart from the book, and tells of it through the inbox.

It is the only rail of a demonstration and is refused beside a real one.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Field, Session, col, func, select

from app.kit.db import Database
from app.kit.money import Cents
from app.kit.public_id import public_id
from app.kit.rows import BIG, NamedRow
from app.rails import inbox
from app.rails.capabilities import Capabilities, Custody, Means, MeansName
from app.rails.rail import Happened, Movement, PaymentOrder, RailSilent, StatementLine

NAME = "sandbox"
OUR_ACCOUNT = "XX00 JALON SANDBOX"

IN, OUT = "in", "out"

CAPABILITIES = Capabilities(
    name=NAME,
    is_real=False,
    currencies=(),
    means=(Means(MeansName.PRACTICE, pulls=False, settle_business_days=0),),
    custody=Custody.NOBODY,
)


class SandboxLine(NamedRow, table=True):
    """One line of the practice bank's journal. It knows nothing of campaigns or calls."""

    __tablename__ = "sandbox_line"

    direction: str = Field(max_length=3)
    order_key: str | None = Field(default=None, max_length=160, unique=True)
    happened: str = Field(max_length=20)
    amount_cents: int = Field(sa_type=BIG)
    currency: str = Field(max_length=3)
    reference: str = Field(default="", max_length=60, index=True)
    other_name: str = Field(default="", max_length=160)
    other_account: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=300)
    changes: int = 0
    at: datetime


class Sandbox:
    """The practice bank as a rail."""

    capabilities = CAPABILITIES

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, order: PaymentOrder, at: datetime) -> str:
        """Write the order into the bank's journal, in a transaction of the bank's own; once per key."""

        def write(db: Session) -> str:
            found = db.exec(select(SandboxLine).where(SandboxLine.order_key == order.key)).first()
            if found is None:
                found = SandboxLine(
                    direction=OUT, order_key=order.key, happened="on its way", amount_cents=order.amount_cents,
                    currency=order.currency, reference=order.reference, other_name=order.to_name,
                    other_account=order.to_account, at=at,
                )  # fmt: skip
                db.add(found)
                db.flush()
            return found.public_id

        return self._database.run(write)

    def fetch(self, outside_id: str) -> Movement:
        """The line as the bank's journal has it now."""
        with self._database.reading() as db:
            line = db.exec(select(SandboxLine).where(SandboxLine.public_id == outside_id)).first()
        if line is None or line.happened not in list(Happened):
            raise RailSilent(f"the bank has nothing final to say about {outside_id}")
        return Movement(
            outside_id=line.public_id,
            happened=Happened(line.happened),
            amount_cents=line.amount_cents,
            currency=line.currency,
            reference=line.reference,
            other_name=line.other_name,
            other_account=line.other_account,
            at=line.at,
            reason=line.reason,
        )

    def statement(self, since: datetime) -> Iterable[StatementLine]:
        """What came in and what went out since then; what was taken back or bounced is a line of its own."""
        with self._database.reading() as db:
            query = select(SandboxLine).where(SandboxLine.at >= since).order_by(col(SandboxLine.id))
            lines = list(db.exec(query))
        return [told for line in lines for told in _told(line)]

    def balance(self) -> Cents:
        """What came in and did not leave again, by the bank's journal."""
        with self._database.reading() as db:
            received = _sum(db, IN, (Happened.MONEY_IN,))
            sent = _sum(db, OUT, ("on its way", Happened.PAID_OUT))
        return received - sent

    def how_to_pay(self, reference: str) -> dict[str, str]:
        """The account and the reference; nobody is paid for real."""
        return {"account": OUR_ACCOUNT, "reference": reference}


def _told(line: SandboxLine) -> list[StatementLine]:
    """A journal line as a statement tells it: first what it was, then that it was undone."""
    if line.happened == Happened.MONEY_IN_FAILED:
        return []
    sign = 1 if line.direction == IN else -1
    first = Happened.MONEY_IN if line.direction == IN else Happened.PAID_OUT
    stands = StatementLine(
        line_id=line.public_id, outside_id=line.public_id, happened=first, amount_cents=sign * line.amount_cents,
        cost_cents=0, currency=line.currency, at=line.at, text=line.reference,
    )  # fmt: skip
    if line.happened not in (Happened.CHARGED_BACK, Happened.BOUNCED):
        return [stands]
    undone = replace(
        stands, line_id=f"{line.public_id}-back", happened=Happened(line.happened), text=line.reason,
        amount_cents=-sign * line.amount_cents,
    )  # fmt: skip
    return [stands, undone]


def _sum(db: Session, direction: str, states: tuple[str, ...]) -> Cents:
    query = select(func.coalesce(func.sum(SandboxLine.amount_cents), 0)).where(
        SandboxLine.direction == direction, col(SandboxLine.happened).in_(states)
    )
    return int(db.exec(query).one())


def pay_in(
    db: Session, *, amount_cents: Cents, currency: str, reference: str, name: str, account: str, at: datetime,
    fails: str = "",
) -> SandboxLine:  # fmt: skip
    """Play a payer: money arrives (or fails, for this reason) and the bank tells."""
    line = SandboxLine(
        direction=IN, happened=Happened.MONEY_IN_FAILED if fails else Happened.MONEY_IN, amount_cents=amount_cents,
        currency=currency, reference=reference, other_name=name, other_account=account, reason=fails, at=at,
    )  # fmt: skip
    db.add(line)
    _tell(db, line, at)
    return line


def turn(
    db: Session, line: SandboxLine, happened: Happened, *, reason: str = "", at: datetime
) -> SandboxLine:
    """Play the bank: take a payment back, settle or bounce one on its way; then tell."""
    query = select(SandboxLine).where(SandboxLine.id == line.id).with_for_update()
    line = db.exec(query.execution_options(populate_existing=True)).one()
    if not can_turn(line, happened):
        return line
    line.happened, line.reason, line.changes = happened, reason, line.changes + 1
    _tell(db, line, at)
    return line


def can_turn(line: SandboxLine, happened: Happened) -> bool:
    """Whether the bank may still say this of a payment."""
    if line.direction == IN:
        return line.happened == Happened.MONEY_IN and happened == Happened.CHARGED_BACK
    return line.happened == "on its way" and happened in (Happened.PAID_OUT, Happened.BOUNCED)


def on_its_way(db: Session) -> list[SandboxLine]:
    """What was sent and has not arrived."""
    query = select(SandboxLine).where(SandboxLine.direction == OUT, SandboxLine.happened == "on its way")
    return list(db.exec(query.order_by(col(SandboxLine.id))))


def _tell(db: Session, line: SandboxLine, at: datetime) -> None:
    db.flush()
    inbox.receive(db, NAME, f"{line.public_id}-{line.changes}-{public_id()[-6:]}", line.public_id, at=at)
