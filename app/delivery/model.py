"""Deliveries, what backers answer, disputes and awards."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow
from app.kit.states import graph


class DeliveryState(StrEnum):
    """How far one attempt has come."""

    HANDED_IN = "handed in"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_RESERVES = "accepted with reserves"
    REFUSED = "refused"
    RETURNED = "returned"
    DISPUTED = "disputed"
    PART_ACCEPTED = "part accepted"
    REJECTED = "rejected"


graph("Delivery", DeliveryState, {
    DeliveryState.HANDED_IN: (
        DeliveryState.ACCEPTED, DeliveryState.ACCEPTED_WITH_RESERVES, DeliveryState.REFUSED,
    ),
    DeliveryState.ACCEPTED_WITH_RESERVES: (DeliveryState.ACCEPTED, DeliveryState.PART_ACCEPTED),
    DeliveryState.REFUSED: (DeliveryState.RETURNED, DeliveryState.DISPUTED),
    DeliveryState.DISPUTED: (
        DeliveryState.ACCEPTED, DeliveryState.PART_ACCEPTED, DeliveryState.REJECTED, DeliveryState.RETURNED,
    ),
})  # fmt: skip


class ReserveState(StrEnum):
    """How far a defect listed with an acceptance has come."""

    FILED = "filed"
    MENDED = "mended"
    LIFTED = "lifted"
    KEPT = "kept"
    OVERTAKEN = "overtaken"


graph("Reserve", ReserveState, {
    ReserveState.FILED: (
        ReserveState.MENDED, ReserveState.LIFTED, ReserveState.KEPT, ReserveState.OVERTAKEN,
    ),
    ReserveState.MENDED: (
        ReserveState.FILED, ReserveState.LIFTED, ReserveState.KEPT, ReserveState.OVERTAKEN,
    ),
})  # fmt: skip


class DisputeState(StrEnum):
    """How far a dispute has come."""

    STATING = "stating"
    DECIDING = "deciding"
    TIED = "tied"
    AWARDED = "awarded"
    SETTLED = "settled"
    DROPPED = "dropped"


graph("Dispute", DisputeState, {
    DisputeState.STATING: (DisputeState.DECIDING, DisputeState.SETTLED, DisputeState.DROPPED),
    DisputeState.DECIDING: (
        DisputeState.TIED, DisputeState.AWARDED, DisputeState.SETTLED, DisputeState.DROPPED,
    ),
    DisputeState.TIED: (DisputeState.AWARDED, DisputeState.SETTLED, DisputeState.DROPPED),
})  # fmt: skip


class Delivery(NamedRow, table=True):
    """One attempt to hand in a milestone, with its evidence."""

    __table_args__ = (
        UniqueConstraint("milestone_id", "attempt"),
        CheckConstraint("share_basis_points BETWEEN 0 AND 10000", name="share"),
    )

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    milestone_id: int = Field(sa_type=BIG, foreign_key="milestone.id")
    attempt: int
    state: str = Field(default=DeliveryState.HANDED_IN, max_length=24)
    version: str = Field(max_length=120)
    evidence: str = Field(max_length=2000)
    message: str = Field(default="", max_length=4000)
    handed_in_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    handed_in_at: datetime
    review_ends_at: datetime
    decided_at: datetime | None = None
    # What is released of every part: all of it when accepted, the award's percentage after a dispute.
    share_basis_points: int | None = None
    # The same to the cent, of the milestone's price, where an award or a settlement named an amount.
    award_cents: int | None = Field(default=None, sa_type=BIG)
    # What of every part waits until the result is in a release of the software, and what became of that.
    retention_basis_points: int = 0
    upstream_version: str = Field(default="", max_length=120)
    upstream_address: str = Field(default="", max_length=500)
    upstream_named_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    upstream_seen_at: datetime | None = None
    retention_released_at: datetime | None = None
    retention_returned_at: datetime | None = None


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


class Shortcoming(Fact, table=True):
    """A criterion a backer finds not met, in the words of the milestone, and why."""

    acceptance_id: int = Field(sa_type=BIG, foreign_key="acceptance.id", index=True)
    number: int
    criterion: str = Field(max_length=1000)
    reason: str = Field(max_length=1000)


class Reserve(NamedRow, table=True):
    """A defect a backer lists when it accepts, with the day by which it is to be mended."""

    delivery_id: int = Field(sa_type=BIG, foreign_key="delivery.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    state: str = Field(default=ReserveState.FILED, max_length=12)
    text: str = Field(max_length=1000)
    due_on: date
    filed_at: datetime
    mended_words: str = Field(default="", max_length=2000)
    # Once it is said to be mended: until when whoever filed it answers. Its silence lifts nothing.
    answer_until: datetime | None = None
    ended_at: datetime | None = None


class Extension(Fact, table=True):
    """The backers gave a milestone more time."""

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id")
    milestone_id: int = Field(sa_type=BIG, foreign_key="milestone.id", index=True)
    motion_id: int = Field(sa_type=BIG, foreign_key="motion.id", unique=True)
    until_on: date


class ServiceCertificate(Fact, table=True):
    """A public body certifies the service (service fait): only then is its part called."""

    __tablename__ = "service_certificate"
    __table_args__ = (UniqueConstraint("delivery_id", "pledge_id"),)

    delivery_id: int = Field(sa_type=BIG, foreign_key="delivery.id")
    pledge_id: int = Field(sa_type=BIG, foreign_key="pledge.id")
    pseudonym: str = Field(max_length=40)


class Dispute(NamedRow, table=True):
    """A refused delivery the maintainer does not take back: both sides state, then two arbitrators decide."""

    delivery_id: int = Field(sa_type=BIG, foreign_key="delivery.id", unique=True)
    state: str = Field(default=DisputeState.STATING, max_length=12)
    reasons: str = Field(max_length=4000)
    opened_at: datetime
    statements_end_at: datetime
    decide_by: datetime | None = None
    # Said once that the arbitrators' day has passed: it decides nothing by itself.
    is_late: bool = False
    ended_at: datetime | None = None
    share_basis_points: int | None = None
    award_cents: int | None = Field(default=None, sa_type=BIG)
    # What everyone will read; both sides read it first, in this version, until this day.
    public_text: str = Field(default="", max_length=9000)
    text_version: int = 0
    publish_at: datetime | None = None
    published_at: datetime | None = None


class Statement(Fact, table=True):
    """What one side says in a dispute, with its evidence (addresses, one a line)."""

    dispute_id: int = Field(sa_type=BIG, foreign_key="dispute.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    text: str = Field(max_length=4000)
    evidence: str = Field(default="", max_length=2000)
    # Nothing is to come from this organization: the arbitrators need not wait for it.
    is_last: bool = False
    pseudonym: str = Field(max_length=40)


class Opinion(Fact, table=True):
    """What one arbitrator would grant, with the reason both sides can read."""

    dispute_id: int = Field(sa_type=BIG, foreign_key="dispute.id", index=True)
    person_id: int = Field(sa_type=BIG, foreign_key="person.id")
    share_basis_points: int
    # Where an amount of the milestone's price was named rather than a percentage of it.
    cents: int | None = Field(default=None, sa_type=BIG)
    reason: str = Field(max_length=4000)


class Reading(Fact, table=True):
    """One side has read what will be published, and may name words that should be left out."""

    __table_args__ = (UniqueConstraint("dispute_id", "organization_id", "text_version"),)

    dispute_id: int = Field(sa_type=BIG, foreign_key="dispute.id")
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    text_version: int
    wish: str = Field(default="", max_length=2000)
    pseudonym: str = Field(max_length=40)
