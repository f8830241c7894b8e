"""Where the money of a campaign is, read from the book: for each backer and in sum, by what happened to it.

    received + claims = held + released + refunded + fees

holds for every backer and for the campaign, because each transfer changes both sides alike.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.kit.links import campaign_chain
from app.kit.money import Cents
from app.ledger.model import Account, Entry, Transfer

HELD = ("held", "held-vat", "held-fee")
EARNED = ("fees", "vat")


@dataclass(frozen=True)
class Flow:
    """So many cents from one account to another, over all entries of a campaign."""

    debit: str
    credit: str
    cents: Cents


@dataclass
class Money:
    """What happened to somebody's money, in cents."""

    received: Cents = 0
    claims: Cents = 0
    held: Cents = 0
    released: Cents = 0
    refunded: Cents = 0
    fees: Cents = 0
    paid_out: Cents = 0
    paid_back: Cents = 0

    def add(self, other: "Money") -> None:
        """Put another's money on top."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


FIGURES = tuple(field.name for field in fields(Money))


def effects(debit: str, credit: str) -> dict[str, int]:
    """Which figures a transfer from one account to another changes, and in which direction."""
    source, target = debit.split(":")[0], credit.split(":")[0]
    pair = (_kind(source), _kind(target))
    return EFFECTS.get(pair, {})


def _kind(name: str) -> str:
    if name in HELD:
        return "held"
    return "fees" if name in EARNED else name


# A transfer debits its first account and credits its second: money that comes in goes from `outside` to `held`.
EFFECTS: dict[tuple[str, str], dict[str, int]] = {
    ("outside", "held"): {"received": 1, "held": 1},
    ("suspense", "held"): {"received": 1, "held": 1},
    ("outside", "claim"): {"received": 1, "claims": -1},
    ("suspense", "claim"): {"received": 1, "claims": -1},
    ("suspense", "back"): {"received": 1, "refunded": 1},
    ("held", "outside"): {"received": -1, "held": -1},
    ("claim", "outside"): {"received": -1, "claims": 1},
    ("held", "owed"): {"held": -1, "released": 1},
    ("held", "back"): {"held": -1, "refunded": 1},
    ("held", "fees"): {"held": -1, "fees": 1},
    ("fees", "held"): {"held": 1, "fees": -1},
    ("back", "claim"): {"refunded": -1, "claims": -1},
    ("owed", "outside"): {"paid_out": 1},
    ("outside", "owed"): {"paid_out": -1},
    ("back", "outside"): {"paid_back": 1},
    ("outside", "back"): {"paid_back": -1},
}


def pledge_of(code: str) -> int | None:
    """The pledge an account belongs to, by its number; None for the maintainer's and the house's accounts."""
    name, *rest = code.split(":")
    if name in HELD:
        return int(rest[1])
    return int(rest[0]) if name in ("back", "claim") else None


def both_sides() -> tuple[Any, Any]:
    """The table of accounts twice, to join a transfer's two sides."""
    return aliased(Account), aliased(Account)


def flows(db: Session, campaign_id: int) -> list[Flow]:
    """Everything that moved for a campaign, summed by pair of accounts."""
    debit, credit = both_sides()
    query = (
        select(debit.code, credit.code, func.sum(Transfer.amount_cents))
        .select_from(Entry)
        .join(Transfer, col(Transfer.entry_id) == col(Entry.id))
        .join(debit, col(Transfer.debit_id) == debit.id)
        .join(credit, col(Transfer.credit_id) == credit.id)
        .where(Entry.chain == campaign_chain(campaign_id))
        .group_by(debit.code, credit.code)
    )
    return [Flow(source, target, int(cents)) for source, target, cents in db.exec(query)]


def vat_owed(db: Session, rail: str) -> Cents:
    """The VAT on fees that came in on this rail and is owed to the state: no other rail has to hold it."""
    debit, credit = both_sides()
    query = (
        select(credit.code, func.sum(Transfer.amount_cents))
        .select_from(Transfer)
        .join(debit, col(Transfer.debit_id) == debit.id)
        .join(credit, col(Transfer.credit_id) == credit.id)
        .where(
            (credit.code == "vat") & debit.code.endswith(f":{rail}")
            | (debit.code == "vat") & credit.code.endswith(f":{rail}")
        )
        .group_by(credit.code)
    )
    return sum(int(cents) if code == "vat" else -int(cents) for code, cents in db.exec(query))


def by_pledge(moved: Iterable[Flow]) -> dict[int | None, Money]:
    """The money of each pledge; under None what was paid out to the maintainer, which is of no single one."""
    found: dict[int | None, Money] = defaultdict(Money)
    for flow in moved:
        debit_pledge = pledge_of(flow.debit)
        pledge = pledge_of(flow.credit) if debit_pledge is None else debit_pledge
        change = effects(flow.debit, flow.credit)
        found[pledge].add(Money(**{figure: sign * flow.cents for figure, sign in change.items()}))
    return dict(found)


def summed(moneys: Iterable[Money]) -> Money:
    """All of it together."""
    total = Money()
    for money in moneys:
        total.add(money)
    return total
