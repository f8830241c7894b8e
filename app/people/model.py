"""Organizations, persons, what they may do, and where they are signed in."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.kit.public_id import public_id
from app.kit.rows import BIG, Fact, NamedRow, Row
from app.kit.states import graph


class Kind(StrEnum):
    """What an organization comes for."""

    CORPORATE = "corporate"
    MAINTAINER = "maintainer"
    FUND = "fund"


class Role(StrEnum):
    """What a person may do for one organization."""

    ADMIN = "admin"
    MEMBER = "member"
    BUYER = "buyer"
    APPROVER = "approver"
    FINANCE = "finance"
    OFFICER = "officer"
    TREASURER = "treasurer"
    ARBITRATOR = "arbitrator"
    AUDITOR = "auditor"


ROLES_OF = {
    Kind.CORPORATE: (Role.ADMIN, Role.MEMBER, Role.BUYER, Role.APPROVER, Role.FINANCE),
    Kind.MAINTAINER: (Role.ADMIN, Role.MEMBER, Role.FINANCE),
    Kind.FUND: (Role.ADMIN, Role.OFFICER, Role.TREASURER, Role.ARBITRATOR, Role.AUDITOR),
}


class OrganizationState(StrEnum):
    """How far the fund has verified an organization."""

    APPLIED = "applied"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    REJECTED = "rejected"


graph("Organization", OrganizationState, {
    OrganizationState.APPLIED: (OrganizationState.VERIFIED, OrganizationState.REJECTED),
    OrganizationState.VERIFIED: (OrganizationState.SUSPENDED,),
    OrganizationState.SUSPENDED: (OrganizationState.VERIFIED,),
})  # fmt: skip


class PersonState(StrEnum):
    """Whether a person can sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"
    EXPIRED = "expired"


graph("Person", PersonState, {
    PersonState.INVITED: (PersonState.ACTIVE, PersonState.EXPIRED),
    PersonState.ACTIVE: (PersonState.DISABLED,),
    PersonState.EXPIRED: (PersonState.INVITED,),
})  # fmt: skip


class Organization(NamedRow, table=True):
    """A company, a public body, a maintainer or the fund itself."""

    name: str = Field(max_length=160, index=True)
    kind: str = Field(max_length=12)
    is_public_body: bool = False
    state: str = Field(default=OrganizationState.APPLIED, max_length=12)
    legal_form: str = Field(default="", max_length=80)
    registration_number: str = Field(default="", max_length=40)
    vat_number: str = Field(default="", max_length=20)
    street: str = Field(default="", max_length=200)
    postcode: str = Field(default="", max_length=20)
    city: str = Field(default="", max_length=100)
    country: str = Field(default="FR", max_length=2)
    email: str = Field(default="", max_length=200)
    about: str = Field(default="", max_length=2000)
    applied_at: datetime
    decided_at: datetime | None = None
    decision_reason: str = Field(default="", max_length=1000)


class Operator(Row, table=True):
    """The chapter that runs this Jalon. One row, set at first start, printed on papers."""

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    currency: str = Field(default="EUR", max_length=3)
    languages: str = Field(default="fr,en", max_length=20)
    zone: str = Field(default="Europe/Paris", max_length=60)
    fee_basis_points: int = 500
    legal_note: str = Field(default="", max_length=1000)
    # Where somebody who wants to give is sent, and what is said there: gifts are no business of this product.
    donations_address: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})
    donations_words: str = Field(default="", max_length=2000, sa_column_kwargs={"server_default": ""})


class Person(NamedRow, table=True):
    """Somebody who can sign in. In the record they stand by pseudonym, so that erasing them changes no line of it."""

    name: str = Field(max_length=120)
    email: str = Field(max_length=200, unique=True)
    pseudonym: str = Field(default_factory=lambda: f"p-{public_id()[-12:]}", max_length=40, unique=True)
    password_hash: str = Field(default="", max_length=200)
    language: str = Field(default="fr", max_length=2)
    state: str = Field(default=PersonState.INVITED, max_length=12)
    created_at: datetime


class RoleGrant(Row, table=True):
    """What one person may do for one organization, from when to when."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "uq_role_grant_live", "person_id", "organization_id", "role", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("limit_cents >= 0", name="limit"),
    )  # fmt: skip

    person_id: int = Field(sa_type=BIG, foreign_key="person.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    role: str = Field(max_length=12)
    limit_cents: int | None = Field(default=None, sa_type=BIG)
    granted_at: datetime
    ended_at: datetime | None = None


class TieKind(StrEnum):
    """What binds a person to an organization they hold no role in."""

    EMPLOYMENT = "employment"
    SHARES = "shares"
    FAMILY = "family"
    MANDATE = "mandate"


class Interest(NamedRow, table=True):
    """A tie a person declared to an organization; it counts on its first day, its last day and all between."""

    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="ends_after_it_starts"),)

    person_id: int = Field(sa_type=BIG, foreign_key="person.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    kind: str = Field(max_length=12)
    starts_on: date
    ends_on: date | None = None
    note: str = Field(default="", max_length=500)
    declared_at: datetime


class YearlyCommitment(Fact, table=True):
    """What an organization means to put into open source in a year: so much for each developer. The last one counts."""

    __tablename__ = "yearly_commitment"
    __table_args__ = (
        CheckConstraint("developers > 0 AND per_developer_cents > 0", name="more_than_nothing"),
        Index("ix_yearly_commitment_year", "year", "organization_id"),
    )

    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    year: int
    developers: int
    per_developer_cents: int = Field(sa_type=BIG)
    currency: str = Field(max_length=3)
    pseudonym: str = Field(max_length=40)


class Invitation(Row, table=True):
    """A link sent by mail. Only its hash is kept."""

    token_hash: str = Field(max_length=64, unique=True)
    person_id: int = Field(sa_type=BIG, foreign_key="person.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    roles: str = Field(max_length=120)
    limit_cents: int | None = Field(default=None, sa_type=BIG)
    invited_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class PasswordLink(Row, table=True):
    """A link to choose a new password, sent to the person's own address. Only its hash is kept."""

    __tablename__ = "password_link"

    token_hash: str = Field(max_length=64, unique=True)
    person_id: int = Field(sa_type=BIG, foreign_key="person.id", index=True)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class Device(NamedRow, table=True):
    """A desktop program that signs its person in again without a password, until it is ended. Only hashes are kept."""

    challenge_hash: str = Field(max_length=64, unique=True)
    token_hash: str | None = Field(default=None, max_length=64, unique=True)
    person_id: int = Field(sa_type=BIG, foreign_key="person.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    name: str = Field(max_length=120)
    created_at: datetime
    connected_at: datetime | None = None
    seen_at: datetime
    ended_at: datetime | None = None


class SignIn(NamedRow, table=True):
    """One browser or program signed in: listed, and ended from anywhere."""

    __tablename__ = "sign_in"

    token_hash: str = Field(max_length=64, unique=True)
    person_id: int = Field(sa_type=BIG, foreign_key="person.id", index=True)
    organization_id: int | None = Field(default=None, sa_type=BIG, foreign_key="organization.id")
    device: str = Field(default="", max_length=200)
    device_id: int | None = Field(default=None, sa_type=BIG, foreign_key="device.id", index=True)
    network: str = Field(default="", max_length=60)
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class SignInAttempt(Fact, table=True):
    """A wrong password, counted per address and per network so that nobody can try for ever."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_email_at", "email_hash", "at"),)

    email_hash: str = Field(max_length=64)
    network: str = Field(max_length=60, index=True)
