"""One movement of money, from both sides: what its rail says of it, and what the book made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.campaigns.model import Campaign
from app.escrow.entries import Moved, booked_under
from app.escrow.model import Call, Deposit, SuspenseReturn
from app.escrow.model_outside import BankDispute, RailLine
from app.kit.money import Cents
from app.kit.words import _
from app.payouts.comparison import EPOCH
from app.payouts.model import Explanation, Payout
from app.payouts.model_legs import PayoutLeg
from app.payouts.rules import key_of
from app.people.model import Organization
from app.rails.bank.model import BankFile, BankLine, BankOrder
from app.rails.rail import Rail


@dataclass(frozen=True)
class Told:
    """One line of the outside; `cost_cents` is what the rail kept of it."""

    at: datetime
    happened: str
    amount_cents: Cents
    cost_cents: Cents
    text: str


@dataclass(frozen=True)
class Ours:
    """The rows of ours that speak of it."""

    deposit: Deposit | None = None
    call: Call | None = None
    campaign: Campaign | None = None
    dispute: BankDispute | None = None
    payout: Payout | None = None
    back: SuspenseReturn | None = None
    explanation: Explanation | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything of ours is about it."""
        return any((self.deposit, self.payout, self.back, self.explanation))


def ours(db: Session, rail: str, outside_id: str) -> Ours:
    """What we have of a movement, by the outside's name of it."""
    deposit = db.exec(select(Deposit).where(Deposit.rail == rail, Deposit.outside_id == outside_id)).first()
    call = db.get(Call, deposit.call_id) if deposit and deposit.call_id else None
    payout = db.exec(select(Payout).where(Payout.rail == rail, Payout.outside_id == outside_id)).first()
    leg = db.exec(select(PayoutLeg).where(PayoutLeg.rail == rail, PayoutLeg.outside_id == outside_id)).first()
    if payout is None and leg is not None:
        payout = db.get_one(Payout, leg.payout_id)
    campaign_id = call.campaign_id if call else payout.campaign_id if payout else None
    return Ours(
        deposit=deposit,
        call=call,
        campaign=db.get(Campaign, campaign_id) if campaign_id else None,
        dispute=db.exec(select(BankDispute).where(BankDispute.deposit_id == deposit.id)).first() if deposit else None,
        payout=payout,
        back=db.exec(
            select(SuspenseReturn).where(SuspenseReturn.rail == rail, SuspenseReturn.outside_id == outside_id)
        ).first(),
        explanation=db.exec(
            select(Explanation).where(Explanation.rail == rail, Explanation.outside_id == outside_id)
        ).first(),
    )  # fmt: skip


def told(db: Session, rail: Rail, outside_id: str) -> list[Told]:
    """The outside's own lines about it, oldest first: as they were kept, where a provider is read every hour."""
    name = rail.capabilities.name
    if rail.capabilities.pays_by_deposit:
        about = or_(col(RailLine.outside_id) == outside_id, col(RailLine.line_id) == outside_id)
        query = select(RailLine).where(RailLine.rail == name, about).order_by(col(RailLine.id))
        return [Told(one.at, one.happened, one.amount_cents, one.cost_cents, "") for one in db.exec(query)]
    return [
        Told(one.at, one.happened, one.amount_cents, one.cost_cents, one.text)
        for one in rail.statement(EPOCH)
        if one.outside_id == outside_id
    ]


def entries(db: Session, about: Ours, rail_words: Mapping[str, str]) -> list[Moved]:
    """What the book made of it, entry by entry, oldest first."""
    payee = db.get(Organization, about.payout.payee_id) if about.payout else None
    maintainer = payee.name if payee else _("the maintainer")
    keys, starts = _keys(about)
    return booked_under(db, keys, starts, maintainer=maintainer, rail_words=rail_words)


def _keys(about: Ours) -> tuple[list[str], list[str]]:
    keys: list[str] = []
    starts: list[str] = []
    if about.deposit:
        number = about.deposit.id
        keys += [f"{kind}:{number}" for kind in ("receive", "match", "excess", "charge-back")]
        if about.call:
            keys.append(f"fee:{about.call.id}:{number}")
    if about.payout:
        keys.append(f"pay:{key_of(about.payout)}")
        starts.append(f"bounce:{key_of(about.payout)}")
    if about.explanation:
        keys.append(f"own:{about.explanation.rail}:{about.explanation.outside_id}")
    if about.back:
        keys += [f"return:{about.back.id}", f"return-bounce:{about.back.id}"]
    return keys, starts


def statement_of(db: Session, outside_id: str) -> BankFile | None:
    """The bank's file that told of it."""
    query = (
        select(BankFile)
        .join(BankLine, col(BankLine.file_id) == col(BankFile.id))
        .where((BankLine.public_id == outside_id) | (BankLine.about == outside_id))
        .order_by(col(BankFile.id))
    )
    return db.exec(query).first()


def order_of(db: Session, outside_id: str) -> BankOrder | None:
    """The order it was sent by, where it was sent by bank."""
    return db.exec(select(BankOrder).where(BankOrder.public_id == outside_id)).first()
