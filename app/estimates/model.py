"""Estimates and their milestones. Submitted means frozen."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.kit.rows import BIG, NamedRow
from app.kit.states import graph


class EstimateState(StrEnum):
    """How far an estimate has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


graph("Estimate", EstimateState, {
    EstimateState.DRAFT: (EstimateState.SUBMITTED, EstimateState.WITHDRAWN),
    EstimateState.SUBMITTED: (
        EstimateState.APPROVED, EstimateState.REJECTED, EstimateState.EXPIRED, EstimateState.SUPERSEDED,
    ),
})  # fmt: skip


class Estimate(NamedRow, table=True):
    """A maintainer's price and plan for one roadmap item. Prices exclude VAT."""

    __table_args__ = (CheckConstraint("vat_rate_basis_points BETWEEN 0 AND 10000", name="vat_rate"),)

    item_id: int = Field(sa_type=BIG, foreign_key="roadmap_item.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    number: str = Field(max_length=30, unique=True)
    state: str = Field(default=EstimateState.DRAFT, max_length=12)
    currency: str = Field(max_length=3)
    vat_regime: str = Field(max_length=16)
    vat_rate_basis_points: int = 0
    license: str = Field(default="", max_length=60)
    assumptions: str = Field(default="", max_length=4000)
    valid_until: date | None = None
    prepared_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    drafted_at: datetime
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    decision_reason: str = Field(default="", max_length=2000)


class Milestone(NamedRow, table=True):
    """A part of an estimate with a price and acceptance criteria (one a line): the unit of payment."""

    __table_args__ = (
        UniqueConstraint("estimate_id", "number"),
        CheckConstraint("price_cents > 0", name="price"),
    )

    estimate_id: int = Field(sa_type=BIG, foreign_key="estimate.id")
    number: int
    title: str = Field(max_length=200)
    criteria: str = Field(default="", max_length=4000)
    due_on: date
    is_required: bool = True
    price_cents: int = Field(sa_type=BIG)
