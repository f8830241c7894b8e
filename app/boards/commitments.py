"""A year of each organization: what it meant to put in, and what was really paid, given, matched and worked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.boards.figures import sums_by_kind
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.model import Pledge
from app.escrow.model import Call, Deposit, DepositState, Refund
from app.kit.money import Cents
from app.people.commitments import commitments_of
from app.people.model import Organization, YearlyCommitment


@dataclass(frozen=True)
class OneYear:
    """One organization and one year; amounts in cents, excluding VAT and the operator's fee.

    `matched` is what co-funders paid because of it: it is no money of its own, and counts for nothing it meant to do.
    """

    organization: Organization
    commitment: YearlyCommitment | None
    paid_cents: Cents = 0
    returned_cents: Cents = 0
    given_cents: Cents = 0
    worked_cents: Cents = 0
    matched_cents: Cents = 0

    @property
    def meant_cents(self) -> Cents:
        """Developers times the amount for each; nothing where nothing was said."""
        return self.commitment.developers * self.commitment.per_developer_cents if self.commitment else 0

    @property
    def done_cents(self) -> Cents:
        """What really left the organization: paid without what came back, given and worked."""
        return self.paid_cents - self.returned_cents + self.given_cents + self.worked_cents

    @property
    def missing_cents(self) -> Cents:
        """What is missing to what it meant to do; nothing once it is done."""
        return max(0, self.meant_cents - self.done_cents)


def years_of(db: Session, year: int, zone: str, organization_id: int | None = None) -> list[OneYear]:
    """Each organization that said or did something in this year (or this one alone, whatever it did), by name."""
    said = commitments_of(db, year)
    sums = sums_by_kind(db, **_queries(year, zone))
    wanted = {organization_id} if organization_id is not None else {*said, *sums}
    query = select(Organization).where(col(Organization.id).in_(wanted))
    return [
        OneYear(found, said.get(found.id), **_cents(sums.get(found.id, {})))
        for found in db.exec(query.order_by(col(Organization.name), col(Organization.id)))
    ]


def total(rows: Iterable[OneYear]) -> dict[str, Cents]:
    """The foot of the table."""
    rows = list(rows)
    names = ("meant", "paid", "returned", "given", "worked", "done", "missing", "matched")
    return {name: sum(getattr(row, f"{name}_cents") for row in rows) for name in names}


def _cents(sums: dict[str, Cents]) -> dict[str, Cents]:
    net = dict(sums)
    if back := net.pop("matched_back", 0):
        net["matched"] = net.get("matched", 0) - back
    return {f"{kind}_cents": cents for kind, cents in net.items()}


def _queries(year: int, zone: str) -> dict[str, Any]:
    """What was paid, given, worked and matched, and what is owed back, in a year of the operator's calendar."""
    begins, ends = (datetime(y, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC) for y in (year, year + 1))
    own, followed = col(Pledge.organization_id), col(Pledge.followed_id)
    is_match = col(Pledge.grant_id).is_not(None)

    def received(of: Any) -> Any:
        return (
            select(of, func.sum(Deposit.price_cents))
            .join(Call, col(Call.pledge_id) == col(Pledge.id))
            .join(Deposit, col(Deposit.call_id) == col(Call.id))
            .where(
                Deposit.state == DepositState.RECEIVED,
                col(Deposit.received_at) >= begins,
                col(Deposit.received_at) < ends,
            )
        )

    def back(of: Any) -> Any:
        return (
            select(of, func.sum(Refund.price_cents))
            .join(Refund, col(Refund.pledge_id) == col(Pledge.id))
            .where(col(Refund.at) >= begins, col(Refund.at) < ends)
        )

    return {
        "paid": received(own).where(~is_match),
        "given": received(own).where(is_match),
        "returned": back(own),
        "matched": received(followed).where(is_match),
        "matched_back": back(followed).where(is_match),
        "worked": select(
            col(InKindContribution.organization_id), func.sum(InKindContribution.value_cents)
        ).where(
            InKindContribution.state == InKindState.RENDERED,
            col(InKindContribution.ended_at) >= begins,
            col(InKindContribution.ended_at) < ends,
        ),
    }
