"""Estimates and their milestones. Submitted means frozen."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow, Row
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

    __table_args__ = (
        CheckConstraint("vat_rate_basis_points BETWEEN 0 AND 10000", name="vat_rate"),
        CheckConstraint("upkeep_months BETWEEN 0 AND 120", name="upkeep"),
        CheckConstraint("warranty_months BETWEEN 0 AND 120", name="warranty"),
    )

    item_id: int = Field(sa_type=BIG, foreign_key="roadmap_item.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    number: str = Field(max_length=30, unique=True)
    state: str = Field(default=EstimateState.DRAFT, max_length=12)
    currency: str = Field(max_length=3)
    vat_regime: str = Field(max_length=16)
    vat_rate_basis_points: int = 0
    license: str = Field(default="", max_length=60)
    assumptions: str = Field(default="", max_length=4000)
    exclusions: str = Field(default="", max_length=4000)
    # For how long the result is kept working: nothing said yet (a draft), none (0), or so many months.
    upkeep_months: int | None = None
    warranty_months: int = 0
    # Whether the price holds what it takes until the change is merged upstream.
    includes_review: bool = False
    # The estimate of the same maintainer this one revises.
    succeeds_id: int | None = Field(default=None, sa_type=BIG, foreign_key="estimate.id", index=True)
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


class Amendment(Fact, table=True):
    """What a milestone said before its backers agreed to another wording, for each milestone that took its place."""

    __table_args__ = (UniqueConstraint("cause", "number"),)

    # The milestone that came out of it, and the one that was amended: the same for the first one.
    milestone_id: int = Field(sa_type=BIG, foreign_key="milestone.id", index=True)
    from_id: int = Field(sa_type=BIG, foreign_key="milestone.id")
    # Which decision, as the parts it retired name it.
    cause: str = Field(max_length=40)
    number: int
    title: str = Field(max_length=200)
    criteria: str = Field(default="", max_length=4000)
    due_on: date
    price_cents: int = Field(sa_type=BIG)
    # What the price was made of, a line each, where a split set other prices.
    lines: str = Field(default="", max_length=8000)


class LineKind(StrEnum):
    """What a line of an estimate pays for."""

    WORK = "work"
    REVIEW = "review"
    UPKEEP = "upkeep"


class EstimateLine(Row, table=True):
    """What a milestone's price is made of: days at a rate, or a fixed amount, excluding VAT."""

    __tablename__ = "estimate_line"
    __table_args__ = (
        UniqueConstraint("milestone_id", "number"),
        CheckConstraint("price_cents > 0", name="price"),
        CheckConstraint("(day_hundredths IS NULL) = (day_rate_cents IS NULL)", name="days_at_a_rate"),
        CheckConstraint("day_hundredths > 0 AND day_rate_cents > 0", name="more_than_nothing"),
    )

    milestone_id: int = Field(sa_type=BIG, foreign_key="milestone.id")
    number: int
    kind: str = Field(default=LineKind.WORK, max_length=10)
    label: str = Field(max_length=200)
    # Who of the team does it, by the name the team gives; empty where nobody is named.
    who: str = Field(default="", max_length=120)
    # Two and a half days are 250.
    day_hundredths: int | None = None
    day_rate_cents: int | None = Field(default=None, sa_type=BIG)
    price_cents: int = Field(sa_type=BIG)


class TeamMember(Row, table=True):
    """Somebody who does the work, and what of the price is meant for them."""

    __tablename__ = "team_member"
    __table_args__ = (
        UniqueConstraint("estimate_id", "number"),
        CheckConstraint("share_basis_points BETWEEN 0 AND 10000", name="share"),
    )

    estimate_id: int = Field(sa_type=BIG, foreign_key="estimate.id")
    number: int
    name: str = Field(max_length=120)
    task: str = Field(default="", max_length=120)
    share_basis_points: int


class Question(NamedRow, table=True):
    """Asked before the award about a roadmap item or one estimate of it; everybody who quotes reads it."""

    at: datetime
    item_id: int = Field(sa_type=BIG, foreign_key="roadmap_item.id", index=True)
    estimate_id: int | None = Field(default=None, sa_type=BIG, foreign_key="estimate.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    pseudonym: str = Field(max_length=40)
    text: str = Field(max_length=2000)


class Reply(Fact, table=True):
    """What was answered to a question, for everybody who quotes."""

    question_id: int = Field(sa_type=BIG, foreign_key="question.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    pseudonym: str = Field(max_length=40)
    text: str = Field(max_length=2000)


class Score(Fact, table=True):
    """What an asking organization thinks of an estimate, from 1 to 5; its last word counts."""

    __table_args__ = (CheckConstraint("points BETWEEN 1 AND 5", name="points"),)

    estimate_id: int = Field(sa_type=BIG, foreign_key="estimate.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    pseudonym: str = Field(max_length=40)
    points: int
    comment: str = Field(default="", max_length=1000)


class WorkAward(Fact, table=True):
    """Which of several estimates of an item the fund chose, and the reasons everybody reads."""

    __tablename__ = "work_award"

    item_id: int = Field(sa_type=BIG, foreign_key="roadmap_item.id", index=True)
    estimate_id: int = Field(sa_type=BIG, foreign_key="estimate.id", unique=True)
    pseudonym: str = Field(max_length=40)
    reasons: str = Field(max_length=4000)
    # The numbers of all estimates compared, the chosen one first, with commas between them.
    compared: str = Field(max_length=1000)
    # How many of the fund's people stood aside because of a tie to one of those who quoted.
    stood_aside: int = 0
