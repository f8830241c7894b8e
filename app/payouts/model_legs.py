"""A payout's legs, on rails that pay out of the payment money came in by; and payees becoming known there."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false
from sqlmodel import Field

from app.kit.rows import BIG, NamedRow, Row
from app.kit.states import graph


class LegState(StrEnum):
    """How far one leg of a payout has come."""

    PLANNED = "planned"
    SENT = "sent"
    PAID = "paid"
    BOUNCED = "bounced"
    DROPPED = "dropped"


graph("PayoutLeg", LegState, {
    LegState.PLANNED: (LegState.SENT, LegState.DROPPED),
    LegState.SENT: (LegState.PAID, LegState.BOUNCED),
    LegState.PAID: (LegState.BOUNCED,),
})  # fmt: skip


class PayoutLeg(Row, table=True):
    """The part of a payout that goes out of one deposit, with a key of its own. The payout is sent when all are."""

    __tablename__ = "payout_leg"
    __table_args__ = (
        UniqueConstraint("payout_id", "attempt", "place"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("ix_payout_leg_outside", "rail", "outside_id"),
    )

    payout_id: int = Field(sa_type=BIG, foreign_key="payout.id", index=True)
    attempt: int
    place: int
    deposit_id: int = Field(sa_type=BIG, foreign_key="deposit.id", index=True)
    rail: str = Field(max_length=20)
    key: str = Field(max_length=160, unique=True)
    amount_cents: int = Field(sa_type=BIG)
    state: str = Field(default=LegState.PLANNED, max_length=10)
    outside_id: str = Field(default="", max_length=80)
    reason: str = Field(default="", max_length=300)
    # Whether it gives back what was paid above a call: that goes out of the very payment it came in by.
    is_excess: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class OnboardingState(StrEnum):
    """Whether a rail knows a payee well enough to pay it."""

    ASKED = "asked"
    READY = "ready"
    RESTRICTED = "restricted"


graph("Onboarding", OnboardingState, {
    OnboardingState.ASKED: (OnboardingState.READY, OnboardingState.RESTRICTED),
    OnboardingState.READY: (OnboardingState.RESTRICTED,),
    OnboardingState.RESTRICTED: (OnboardingState.READY,),
})  # fmt: skip


class Onboarding(NamedRow, table=True):
    """A payee that makes itself known to a rail, on the rail's own pages."""

    __table_args__ = (UniqueConstraint("organization_id", "rail"),)

    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    rail: str = Field(max_length=20)
    state: str = Field(default=OnboardingState.ASKED, max_length=12)
    outside_id: str = Field(default="", max_length=80)
    missing: str = Field(default="", max_length=1000)
    started_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    started_at: datetime
    ready_at: datetime | None = None
