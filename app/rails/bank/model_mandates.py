"""A payer's permission to debit its bank account: asked for, in force once its signed paper is here, and its end."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field

from app.kit.rows import BIG, NamedRow
from app.kit.states import graph

# The least number of days between telling a payer of a debit and the debit, unless both agreed to fewer.
NOTICE_DAYS = 14


class Scheme(StrEnum):
    """By which rules of SEPA a debit is made: the ordinary ones, or those between businesses, without refunds."""

    CORE = "CORE"
    B2B = "B2B"


class MandateState(StrEnum):
    """Whether a payer's account may be debited."""

    ASKED = "asked"
    ACTIVE = "active"
    REFUSED = "refused"
    REVOKED = "revoked"
    BLOCKED = "blocked"
    LAPSED = "lapsed"


graph("BankMandate", MandateState, {
    MandateState.ASKED: (MandateState.ACTIVE, MandateState.REFUSED, MandateState.REVOKED),
    MandateState.ACTIVE: (MandateState.REVOKED, MandateState.BLOCKED, MandateState.LAPSED),
})  # fmt: skip


class BankMandate(NamedRow, table=True):
    """A payer's permission to debit its account. `payer` is the name the rail was given for it."""

    __tablename__ = "bank_mandate"

    payer: str = Field(max_length=60, index=True)
    reference: str = Field(max_length=35, unique=True)
    scheme: str = Field(max_length=4)
    holder: str = Field(max_length=70)
    iban: str = Field(max_length=34)
    # Whom it permits to debit, as the paper names it.
    creditor: str = Field(default="", max_length=70, sa_column_kwargs={"server_default": ""})
    creditor_id: str = Field(default="", max_length=35, sa_column_kwargs={"server_default": ""})
    notice_days: int = Field(default=NOTICE_DAYS, sa_column_kwargs={"server_default": str(NOTICE_DAYS)})
    state: str = Field(default=MandateState.ASKED, max_length=12)
    # The day of the signature; until the paper is here, the day it was asked for.
    signed_on: date
    asked_at: datetime
    # A person of the fund saw the signed paper (for B2B: and that the payer's bank confirmed it).
    confirmed_by_id: int | None = Field(default=None, sa_type=BIG)
    confirmed_at: datetime | None = None
    bank_confirmed_on: date | None = None
    used_at: datetime | None = None
    last_used_on: date | None = None
    reason: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})
    ended_at: datetime | None = None
