"""What stands in the book, all campaigns together: for those who look at the whole house."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case, func, literal
from sqlmodel import Session, col, select

from app.kit.money import Cents
from app.ledger.model import Account

KINDS = ("held", "held-vat", "held-fee", "owed", "back", "suspense", "outside", "claim", "fees", "vat")
OWED_ON_A_RAIL = ("held", "held-vat", "held-fee", "owed", "back", "suspense")


@dataclass(frozen=True)
class Book:
    """Cents by kind of account and rail (the operator's own accounts have none)."""

    by_kind_and_rail: dict[tuple[str, str], Cents]

    def of(self, *kinds: str) -> Cents:
        """What stands on all accounts of these kinds."""
        return sum(cents for (kind, _rail), cents in self.by_kind_and_rail.items() if kind in kinds)

    def margin(self, rail: str) -> Cents:
        """What the outside holds on a rail above what is owed there; below zero payouts to maintainers stop."""
        owed = sum(self.by_kind_and_rail.get((kind, rail), 0) for kind in OWED_ON_A_RAIL)
        return self.by_kind_and_rail.get(("outside", rail), 0) - owed - self.of("vat")


def book(db: Session, rails: Iterable[str]) -> Book:
    """The sums of every kind of account, in one query."""
    code = col(Account.code)
    kind = case(
        *((code.startswith(f"{name}:"), literal(name)) for name in KINDS if name not in ("fees", "vat")),
        else_=code,
    )
    rail = case(*((code.endswith(f":{name}"), literal(name)) for name in rails), else_=literal(""))
    query = select(kind, rail, func.sum(Account.balance_cents)).group_by(kind, rail)
    return Book({(name, of_rail): int(cents) for name, of_rail, cents in db.exec(query)})


def balances_of(db: Session, codes: Iterable[str]) -> dict[str, Cents]:
    """What stands on these accounts, by code; one query."""
    wanted = set(codes)
    query = select(Account.code, Account.balance_cents).where(col(Account.code).in_(wanted))
    return dict(db.exec(query).all()) if wanted else {}
