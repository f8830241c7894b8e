"""Calls, deposits, and what becomes of held money."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow, Row
from app.kit.states import graph


class CallState(StrEnum):
    """How far a demand to pay has come."""

    WAITING = "waiting"
    ISSUED = "issued"
    PART_PAID = "part paid"
    OVERDUE = "overdue"
    PAID = "paid"
    CHARGED_BACK = "charged back"
    DEFAULTED = "defaulted"
    VOID = "void"


graph("Call", CallState, {
    CallState.WAITING: (CallState.ISSUED, CallState.VOID),
    CallState.ISSUED: (CallState.PART_PAID, CallState.PAID, CallState.OVERDUE, CallState.DEFAULTED, CallState.VOID),
    CallState.PART_PAID: (
        CallState.ISSUED, CallState.PAID, CallState.OVERDUE, CallState.DEFAULTED, CallState.VOID,
    ),
    CallState.OVERDUE: (CallState.PAID, CallState.DEFAULTED, CallState.VOID),
    CallState.DEFAULTED: (CallState.OVERDUE, CallState.PAID, CallState.VOID),
    CallState.PAID: (CallState.CHARGED_BACK,),
    CallState.CHARGED_BACK: (CallState.PAID, CallState.VOID),
})  # fmt: skip


class DepositState(StrEnum):
    """How far a receipt of money has come."""

    PENDING = "pending"
    RECEIVED = "received"
    FAILED = "failed"
    CHARGED_BACK = "charged back"
    LOST = "lost"


graph("Deposit", DepositState, {
    DepositState.PENDING: (DepositState.RECEIVED, DepositState.FAILED),
    DepositState.RECEIVED: (DepositState.CHARGED_BACK,),
    DepositState.CHARGED_BACK: (DepositState.RECEIVED, DepositState.LOST),
})  # fmt: skip


class CallCause(StrEnum):
    """Why money is asked for now."""

    TRANCHE = "tranche"
    ACCEPTANCE = "acceptance"


class Tranche(Row, table=True):
    """The milestones called together, once the fund has called them."""

    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id")
    number: int
    called_at: datetime
    called_by_id: int = Field(sa_type=BIG, foreign_key="person.id")


class Call(NamedRow, table=True):
    """One pledge's demand to pay for one tranche (or, for a public body, for one accepted milestone)."""

    __table_args__ = (
        CheckConstraint("total_cents = price_cents + vat_cents + fee_cents + fee_vat_cents", name="total"),
        CheckConstraint("paid_cents >= 0 AND paid_cents <= total_cents", name="never_above_the_call"),
        Index("ix_call_campaign", "campaign_id", "state"),
        Index("ix_call_due", "state", "window_ends_at"),
    )

    key: str = Field(max_length=60, unique=True)
    number: str = Field(max_length=30, unique=True)
    reference: str = Field(max_length=30, unique=True)
    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id")
    pledge_id: int = Field(sa_type=BIG, foreign_key="pledge.id", index=True)
    tranche_number: int
    cause: str = Field(max_length=12)
    state: str = Field(default=CallState.WAITING, max_length=14)
    currency: str = Field(max_length=3)
    rail: str = Field(max_length=20)
    price_cents: int = Field(sa_type=BIG)
    vat_cents: int = Field(sa_type=BIG)
    fee_cents: int = Field(sa_type=BIG)
    fee_vat_cents: int = Field(sa_type=BIG)
    total_cents: int = Field(sa_type=BIG)
    paid_cents: int = Field(default=0, sa_type=BIG)
    issued_at: datetime
    due_on: date
    window_ends_at: datetime
    paid_at: datetime | None = None
    wait_reason: str = Field(default="", max_length=1000)
    # How many of its reminders were sent: before its last day, on it, and after.
    reminded: int = 0
    # When the fund was told that its rail will not hold this money much longer: once.
    hold_told_at: datetime | None = None


class CallLine(Row, table=True):
    """What a call asks for one part. A part is called once."""

    __tablename__ = "call_line"

    call_id: int = Field(sa_type=BIG, foreign_key="call.id", index=True)
    part_id: int = Field(sa_type=BIG, foreign_key="part.id", unique=True)
    price_cents: int = Field(sa_type=BIG)
    vat_cents: int = Field(sa_type=BIG)


class Deposit(NamedRow, table=True):
    """One receipt of money. A call may have several; what is above the call stands in suspense."""

    __table_args__ = (
        UniqueConstraint("rail", "outside_id"),
        CheckConstraint(
            "state IN ('pending', 'failed') OR amount_cents = price_cents + vat_cents + fee_cents + excess_cents",
            name="split",
        ),
    )

    rail: str = Field(max_length=20)
    outside_id: str = Field(max_length=80)
    call_id: int | None = Field(default=None, sa_type=BIG, foreign_key="call.id", index=True)
    state: str = Field(default=DepositState.PENDING, max_length=14)
    currency: str = Field(max_length=3)
    amount_cents: int = Field(sa_type=BIG)
    price_cents: int = Field(default=0, sa_type=BIG)
    vat_cents: int = Field(default=0, sa_type=BIG)
    fee_cents: int = Field(default=0, sa_type=BIG)
    excess_cents: int = Field(default=0, sa_type=BIG)
    # What of it paid back an earlier charge-back of the same call instead of being held again.
    claimed_cents: int = Field(default=0, sa_type=BIG)
    payer_name: str = Field(default="", max_length=160)
    payer_account: str = Field(default="", max_length=40)
    # What the payer wrote on the payment, right or wrong.
    typed: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})
    reason: str = Field(default="", max_length=300)
    received_at: datetime
    # When the fund was told that its rail will not hold what is above its call much longer: once.
    hold_told_at: datetime | None = None


class Release(Fact, table=True):
    """A part of an accepted milestone stops being held and is owed to the maintainer."""

    __table_args__ = (UniqueConstraint("part_id", "cause"),)

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    part_id: int = Field(sa_type=BIG, foreign_key="part.id")
    payee_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    rail: str = Field(max_length=20)
    cause: str = Field(max_length=60)
    price_cents: int = Field(sa_type=BIG)
    vat_cents: int = Field(sa_type=BIG)


class Refund(Fact, table=True):
    """What is still held for a pledge is owed back to it."""

    __table_args__ = (UniqueConstraint("pledge_id", "cause"),)

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    pledge_id: int = Field(sa_type=BIG, foreign_key="pledge.id")
    # Only where one part goes back (an award, a long stop); nothing where all that is held does.
    part_id: int | None = Field(default=None, sa_type=BIG, foreign_key="part.id")
    rail: str = Field(max_length=20)
    cause: str = Field(max_length=60)
    price_cents: int = Field(sa_type=BIG)
    vat_cents: int = Field(sa_type=BIG)
    fee_cents: int = Field(sa_type=BIG)
    excess_cents: int = Field(default=0, sa_type=BIG)


class ReturnState(StrEnum):
    """How far money nobody here expected has come on its way back."""

    PREPARED = "prepared"
    APPROVED = "approved"
    SENT = "sent"
    PAID = "paid"
    BOUNCED = "bounced"
    DROPPED = "dropped"


graph("SuspenseReturn", ReturnState, {
    ReturnState.PREPARED: (ReturnState.APPROVED, ReturnState.DROPPED),
    ReturnState.APPROVED: (ReturnState.SENT, ReturnState.DROPPED),
    ReturnState.SENT: (ReturnState.PAID, ReturnState.BOUNCED),
    ReturnState.PAID: (ReturnState.BOUNCED,),
})  # fmt: skip

STANDS = text("state NOT IN ('bounced', 'dropped')")


class SuspenseReturn(NamedRow, table=True):
    """Money from suspense that is for no call goes back where it came from: prepared by one, approved by another."""

    __tablename__ = "suspense_return"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        Index(
            "uq_suspense_return_stands",
            "deposit_id",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
    )

    deposit_id: int = Field(sa_type=BIG, foreign_key="deposit.id", index=True)
    rail: str = Field(max_length=20)
    state: str = Field(default=ReturnState.PREPARED, max_length=12)
    currency: str = Field(max_length=3)
    amount_cents: int = Field(sa_type=BIG)
    to_name: str = Field(max_length=160)
    to_account: str = Field(max_length=40)
    reason: str = Field(max_length=300)
    prepared_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    prepared_at: datetime
    approved_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    approved_at: datetime | None = None
    outside_id: str = Field(default="", max_length=80, index=True)
    sent_at: datetime | None = None
    # It left, and its payer's bank took the payment back as well: the operator has to make it good.
    is_lost: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    trouble: str = Field(default="", max_length=300)


class ChargeBack(Fact, table=True):
    """A backer's bank took a deposit back: what was still held left, what was released became a claim."""

    __tablename__ = "charge_back"

    campaign_id: int | None = Field(default=None, sa_type=BIG, foreign_key="campaign.id", index=True)
    deposit_id: int = Field(sa_type=BIG, foreign_key="deposit.id", unique=True)
    held_cents: int = Field(sa_type=BIG)
    fee_cents: int = Field(sa_type=BIG)
    excess_cents: int = Field(sa_type=BIG)
    claim_cents: int = Field(sa_type=BIG)
    # What had been sent back to its payer already: nobody owes it, the operator lost it.
    lost_cents: int = Field(default=0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
