"""Matching grants, what they are for, and other public money declared for the same work."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, false
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow, Row
from app.kit.states import graph


class GrantState(StrEnum):
    """How far a grant has come: written by one, signed by another, read by the fund; whether it matches pledges now."""

    PREPARED = "prepared"
    REFUSED = "refused"
    LAPSED = "lapsed"
    OFFERED = "offered"
    ACTIVE = "active"
    EXHAUSTED = "exhausted"
    CLOSED = "closed"


graph("MatchingGrant", GrantState, {
    GrantState.PREPARED: (GrantState.OFFERED, GrantState.REFUSED, GrantState.LAPSED),
    GrantState.OFFERED: (GrantState.ACTIVE, GrantState.CLOSED),
    GrantState.ACTIVE: (GrantState.EXHAUSTED, GrantState.CLOSED),
    GrantState.EXHAUSTED: (GrantState.ACTIVE, GrantState.CLOSED),
})  # fmt: skip


class MatchingGrant(NamedRow, table=True):
    """A co-funder tops up what companies pledge, by a rule, up to a total."""

    __tablename__ = "matching_grant"
    __table_args__ = (
        CheckConstraint(
            "reserved_cents >= 0 AND reserved_cents <= total_cents", name="never_above_what_is_there"
        ),
        CheckConstraint("total_cents > 0", name="total"),
        CheckConstraint("factor_basis_points BETWEEN 1 AND 100000", name="factor"),
        CheckConstraint("most_public_basis_points BETWEEN 1 AND 10000", name="most_public"),
        CheckConstraint("signed_by_id <> offered_by_id", name="another_person"),
        CheckConstraint(
            "state IN ('prepared', 'refused', 'lapsed') OR signed_by_id IS NOT NULL OR opened_by_one",
            name="two_signatures",
        ),
    )

    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    state: str = Field(default=GrantState.PREPARED, max_length=12)
    title: str = Field(max_length=200)
    reference: str = Field(max_length=60)
    currency: str = Field(max_length=3)
    total_cents: int = Field(sa_type=BIG)
    # The sum of standing matches, kept beside them so that the database itself refuses to promise too much.
    reserved_cents: int = Field(default=0, sa_type=BIG)
    factor_basis_points: int
    most_per_pledge_cents: int | None = Field(default=None, sa_type=BIG)
    most_per_organization_cents: int | None = Field(default=None, sa_type=BIG)
    after_backers: int = 1
    # Country codes between spaces; nothing means any.
    countries: str = Field(default="", max_length=200)
    # How much of an estimate's price public money may pay, this grant and what else is declared together.
    most_public_basis_points: int = 10_000
    rail: str = Field(max_length=20)
    is_after_acceptance: bool = False
    valid_until: date | None = None
    # Who wrote it down, and who signed these words after reading them: never the same person.
    offered_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    offered_at: datetime
    lapses_at: datetime | None = None
    signed_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    signed_at: datetime | None = None
    signed_text: str = Field(default="", max_length=6000, sa_column_kwargs={"server_default": ""})
    signed_hash: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    # Offered before two signatures were asked for: it matches nothing more.
    opened_by_one: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    activated_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str = Field(default="", max_length=1000)


class GrantScope(Row, table=True):
    """A software or a need a grant is for. A grant without any is for all."""

    __tablename__ = "grant_scope"
    __table_args__ = (CheckConstraint("(software_id IS NULL) <> (need_id IS NULL)", name="one_thing"),)

    grant_id: int = Field(sa_type=BIG, foreign_key="matching_grant.id", index=True)
    software_id: int | None = Field(default=None, sa_type=BIG, foreign_key="software.id")
    need_id: int | None = Field(default=None, sa_type=BIG, foreign_key="need.id")


class PublicMoney(Fact, table=True):
    """Other public money for the same work, as who receives it declares it. Nothing at all is declared as zero."""

    __tablename__ = "public_money"
    __table_args__ = (CheckConstraint("amount_cents >= 0", name="amount"),)

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    source: str = Field(default="", max_length=160)
    reference: str = Field(default="", max_length=60)
    amount_cents: int = Field(sa_type=BIG)
    grantor_id: int | None = Field(default=None, sa_type=BIG, foreign_key="organization.id")
    pseudonym: str = Field(max_length=40)
