"""The treasurer's desk: each rail with what it holds and owes, and all that waits for somebody's hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from app.campaigns.model import Campaign, Pledge
from app.escrow import accounts
from app.escrow import rules as escrow
from app.escrow.bank_disputes import open_disputes
from app.escrow.calls import UNPAID
from app.escrow.left_over import ENDED
from app.escrow.model import Call, CallState, Deposit, ReturnState, SuspenseReturn
from app.escrow.model_left import LeftOver
from app.kit.money import Cents
from app.kit.words import N_
from app.payouts import comparison, payees
from app.payouts.exposure import Exposure, exposure
from app.payouts.model import Comparison, Explanation, Payout, PayoutState
from app.people.model import Organization, Person
from app.rails.bank.model import BankBatch, BankOrder, BatchState, OrderState
from app.rails.switched_on import capabilities_of

MOST = 10


@dataclass(frozen=True)
class RailStands:
    """One rail: what it holds against what is owed there, and the last comparison with the outside."""

    name: str
    coverage: escrow.Coverage
    compared: Comparison | None
    differences: list[comparison.Difference]
    by_itself: bool
    exposed: Exposure
    # Where something is missing: what it went into, in cents.
    causes: list[tuple[str, Cents]]


@dataclass(frozen=True)
class Pile:
    """So many things of one kind, and how much money they are about."""

    count: int
    cents: Cents


def rails(db: Session, names: Sequence[str], *, at: datetime) -> list[RailStands]:
    """Each rail that is switched on."""
    found = []
    for name in names:
        last = comparison.latest(db, name)
        found.append(
            RailStands(
                name, escrow.coverage(db, name), last, comparison.differences(last) if last else [],
                by_itself=capabilities_of(name).pays_by_deposit, exposed=exposure(db, name, at=at),
                causes=causes(db, name),
            )
        )  # fmt: skip
    return found


def causes(db: Session, rail: str) -> list[tuple[str, Cents]]:
    """What left a rail and no backer or maintainer is owed less for it, in cents: the fees on top have to cover it."""
    found = [
        (N_("Kept by the rail"), accounts.standing(db, f"costs:{rail}")),
        (N_("Taken back by payers' banks after its release"), accounts.claimed_on(db, rail)),
        (N_("Left twice"), accounts.standing(db, f"losses:{rail}")),
        (N_("Taken out by the operator"), accounts.standing(db, f"taken:{rail}")),
    ]
    return [(words, cents) for words, cents in found if cents > 0]


def piles(db: Session) -> dict[str, Pile]:
    """Everything that waits, counted and added up."""
    suspense = escrow.in_suspense(db)
    return {
        "open": _pile(db, Call, Call.total_cents - Call.paid_cents, col(Call.state).in_(UNPAID)),
        "late": _pile(db, Call, Call.total_cents - Call.paid_cents, Call.state == CallState.DEFAULTED),
        "suspense": Pile(len(suspense), sum(one.excess_cents for one in suspense)),
        "left": _pile(db, LeftOver, LeftOver.amount_cents, col(LeftOver.state).not_in(ENDED)),
        "returns": _pile(
            db, SuspenseReturn, SuspenseReturn.amount_cents, SuspenseReturn.state == ReturnState.PREPARED
        ),
        "due": _pile(db, Payout, Payout.amount_cents, Payout.state == PayoutState.DUE),
        "prepared": _pile(db, Payout, Payout.amount_cents, Payout.state == PayoutState.PREPARED),
        "contests": Pile(
            len(contested := open_disputes(db)), sum(deposit.amount_cents for _dispute, deposit in contested)
        ),
        "changes": Pile(len(payees.changes(db)), 0),
        "orders": _pile(db, BankOrder, BankOrder.amount_cents, BankOrder.state == OrderState.WAITING),
        "files": _pile(db, BankBatch, BankBatch.total_cents, BankBatch.state == BatchState.MADE),
    }


def _pile(db: Session, kind: type, cents: Any, condition: Any) -> Pile:
    query = select(func.count(), func.coalesce(func.sum(cents), 0)).select_from(kind).where(condition)
    count, total = db.exec(query).one()
    return Pile(int(count), int(total))


def explanations(db: Session, rail: str) -> list[tuple[Explanation, Person]]:
    """Lines of a rail that are nobody's payment, newest first, with who said so."""
    query = (
        select(Explanation, Person)
        .join(Person, col(Person.id) == col(Explanation.by_id))
        .where(Explanation.rail == rail)
        .order_by(col(Explanation.id).desc())
        .limit(MOST)
    )
    return list(db.exec(query))


def newest_deposits(db: Session) -> list[tuple[Deposit, Call | None, Campaign | None, Organization | None]]:
    """What came in last, with what it paid."""
    query = (
        select(Deposit, Call, Campaign, Organization)
        .outerjoin(Call, col(Call.id) == col(Deposit.call_id))
        .outerjoin(Campaign, col(Campaign.id) == col(Call.campaign_id))
        .outerjoin(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .outerjoin(Organization, col(Organization.id) == col(Pledge.organization_id))
        .order_by(col(Deposit.id).desc())
        .limit(MOST)
    )
    return [(deposit, call, campaign, backer) for deposit, call, campaign, backer in db.exec(query)]
