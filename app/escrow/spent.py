"""What became of the money of a paid call: released to the maintainer, gone back to its backer, or held still."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from app.escrow.calls import lines_of
from app.escrow.model import Call, Refund, Release
from app.kit.money import Cents


@dataclass(frozen=True)
class Spent:
    """Parts with their VAT, in cents; the fee is earned apart."""

    paid: Cents
    released: Cents
    returned: Cents

    @property
    def left(self) -> Cents:
        """What was neither released nor given back part by part."""
        return max(0, self.paid - self.released - self.returned)


def spent_of(db: Session, call: Call) -> Spent:
    """Where the parts of this call are now."""
    names = [line.part_id for line in lines_of(db, call)]

    def summed(fact: Any) -> Cents:
        query = select(func.coalesce(func.sum(fact.price_cents + fact.vat_cents), 0))
        return int(db.exec(query.where(col(fact.part_id).in_(names))).one())

    return Spent(call.price_cents + call.vat_cents, summed(Release), summed(Refund))
