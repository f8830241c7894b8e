"""Deliveries, what backers answer, disputes and awards."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow
from app.kit.states import graph


class DeliveryState(StrEnum):
    """How far one attempt has come."""

    HANDED_IN = "handed in"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETURNED = "returned"
    DISPUTED = "disputed"
    PART_ACCEPTED = "part accepted"
    REJECTED = "rejected"


graph("Delivery", DeliveryState, {
    DeliveryState.HANDED_IN: (DeliveryState.ACCEPTED, DeliveryState.REFUSED),
    DeliveryState.REFUSED: (DeliveryState.RETURNED, DeliveryState.DISPUTED),
    DeliveryState.DISPUTED: (
        DeliveryState.ACCEPTED, DeliveryState.PART_ACCEPTED, DeliveryState.REJECTED, DeliveryState.RETURNED,
    ),
})  # fmt: skip


class DisputeState(StrEnum):
    """How far a dispute has come."""

    OPEN = "open"
    AWARDED = "awarded"
    DROPPED = "dropped"


graph("Dispute", DisputeState, {DisputeState.OPEN: (DisputeState.AWARDED, DisputeState.DROPPED)})


class Delivery(NamedRow, table=True):
    """One attempt to hand in a milestone, with its evidence."""

    __table_args__ = (
        UniqueConstraint("milestone_id", "attempt"),
        CheckConstraint("share_basis_points BETWEEN 0 AND 10000", name="share"),
    )

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    milestone_id: int = Field(sa_type=BIG, foreign_key="milestone.id")
    attempt: int
    state: str = Field(default=DeliveryState.HANDED_IN, max_length=14)
    version: str = Field(max_length=120)
    evidence: str = Field(max_length=2000)
    message: str = Field(default="", max_length=4000)
    handed_in_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    handed_in_at: datetime
    review_ends_at: datetime
    decided_at: datetime | None = None
    # What is released of every part: all of it when accepted, the award's percentage after a dispute.
    share_basis_points: int | None = None


class Acceptance(Fact, table=True):
    """One backer's answer. Silence after the clock is written down as an answer of its own."""

    __table_args__ = (UniqueConstraint("delivery_id", "organization_id"),)

    delivery_id: int = Field(sa_type=BIG, foreign_key="delivery.id")
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    accepts: bool
    by_silence: bool = False
    reasons: str = Field(default="", max_length=4000)
    weight_cents: int = Field(sa_type=BIG)
    pseudonym: str = Field(max_length=40)


class EvidenceCheck(Fact, table=True):
    """What a forge answered about one address of a delivery: merged, published, absent… with the answer's hash."""

    __tablename__ = "evidence_check"
    __table_args__ = (UniqueConstraint("delivery_id", "address"),)

    delivery_id: int = Field(sa_type=BIG, foreign_key="delivery.id")
    address: str = Field(max_length=2000)
    about: str = Field(max_length=10)
    found: str = Field(max_length=12)
    # The commit or the name the forge gave.
    detail: str = Field(default="", max_length=80)
    status: int = 0
    body_hash: str = Field(default="", max_length=64)


class ServiceCertificate(Fact, table=True):
    """A public body certifies the service (service fait): only then is its part called."""

    __tablename__ = "service_certificate"
    __table_args__ = (UniqueConstraint("delivery_id", "pledge_id"),)

    delivery_id: int = Field(sa_type=BIG, foreign_key="delivery.id")
    pledge_id: int = Field(sa_type=BIG, foreign_key="pledge.id")
    pseudonym: str = Field(max_length=40)


class Dispute(NamedRow, table=True):
    """A refused delivery the maintainer does not take back."""

    delivery_id: int = Field(sa_type=BIG, foreign_key="delivery.id", unique=True)
    state: str = Field(default=DisputeState.OPEN, max_length=12)
    reasons: str = Field(max_length=4000)
    opened_at: datetime
    ended_at: datetime | None = None
    share_basis_points: int | None = None


class Opinion(Fact, table=True):
    """What one arbitrator would grant, with the reason both sides and the public can read."""

    dispute_id: int = Field(sa_type=BIG, foreign_key="dispute.id", index=True)
    person_id: int = Field(sa_type=BIG, foreign_key="person.id")
    share_basis_points: int
    reason: str = Field(max_length=4000)
