"""Campaigns, pledges and the parts they are cut into."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow, Row
from app.kit.states import graph


class CampaignState(StrEnum):
    """How far a round has come."""

    DRAFT = "draft"
    OPEN = "open"
    SECURED = "secured"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    CANCELLED = "cancelled"


graph("Campaign", CampaignState, {
    CampaignState.DRAFT: (CampaignState.OPEN, CampaignState.CANCELLED),
    CampaignState.OPEN: (CampaignState.SECURED, CampaignState.FAILED, CampaignState.CANCELLED),
    CampaignState.SECURED: (CampaignState.COMPLETED, CampaignState.STOPPED),
})  # fmt: skip


class PledgeState(StrEnum):
    """How far a promise has come. Only a signed one counts."""

    DRAFTED = "drafted"
    AWAITING_APPROVAL = "awaiting approval"
    SIGNED = "signed"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    DEFAULTED = "defaulted"


graph("Pledge", PledgeState, {
    PledgeState.DRAFTED: (PledgeState.AWAITING_APPROVAL, PledgeState.SIGNED, PledgeState.LAPSED),
    PledgeState.AWAITING_APPROVAL: (PledgeState.SIGNED, PledgeState.REFUSED, PledgeState.LAPSED),
    PledgeState.SIGNED: (PledgeState.LAPSED, PledgeState.WITHDRAWN, PledgeState.DEFAULTED),
})  # fmt: skip


class Publicity(StrEnum):
    """What others see of a pledge."""

    FULL = "full"
    NAME_ONLY = "name only"
    ANONYMOUS = "anonymous"


class ShareKey(StrEnum):
    """What proposes each backer's part. A proposal binds nobody."""

    FREE = "free"
    EQUAL = "equal"
    BY_SIZE = "by size"
    BY_USERS = "by users"


class Binding(StrEnum):
    """Whose word binds when a delivery is accepted or a vote is taken."""

    MONEY = "money"
    HEADS = "heads"
    LEAD = "lead"


class OnDefault(StrEnum):
    """What happens when a backer has not paid at the end of its collection window."""

    FUND = "fund decides"
    TOP_UP = "top up"
    CUT_OPTIONAL = "cut optional"
    VOTE = "vote"
    REFUND_ALL = "refund all"


class Campaign(NamedRow, table=True):
    """One co-financing round for one approved estimate. Its rules are frozen when it opens."""

    __table_args__ = (
        CheckConstraint(
            "signed_cents >= 0 AND in_kind_cents >= 0 AND signed_cents + in_kind_cents <= total_cents",
            name="never_above_the_estimate",
        ),
        CheckConstraint(
            "in_kind_required_cents >= 0 AND in_kind_required_cents <= in_kind_cents", name="in_kind_required"
        ),
        CheckConstraint("minimum_cents > 0 AND minimum_cents <= total_cents", name="minimum"),
        Index("ix_campaign_listed", "state", "id"),
    )

    estimate_id: int = Field(sa_type=BIG, foreign_key="estimate.id", unique=True)
    title: str = Field(max_length=200)
    state: str = Field(default=CampaignState.DRAFT, max_length=12)
    currency: str = Field(max_length=3)
    minimum_cents: int = Field(sa_type=BIG)
    total_cents: int = Field(sa_type=BIG)
    # The sum of signed pledges, kept beside them so that the database itself refuses an overshoot.
    signed_cents: int = Field(default=0, sa_type=BIG)
    # Agreed work, and what of it is for required milestones: only that helps to reach the minimum.
    in_kind_cents: int = Field(default=0, sa_type=BIG)
    in_kind_required_cents: int = Field(default=0, sa_type=BIG)
    fee_basis_points: int
    zone: str = Field(max_length=60)
    review_days: int = 10
    collection_days: int = 30
    deadline_on: date
    deadline_at: datetime
    prepared_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    drafted_at: datetime
    opened_at: datetime | None = None
    secured_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str = Field(default="", max_length=2000)

    @property
    def room_cents(self) -> int:
        """What may still be promised: pledges, matches and work together never exceed the estimate."""
        return self.total_cents - self.signed_cents - self.in_kind_cents

    @property
    def is_reached(self) -> bool:
        """Whether the required milestones are covered, by money or by work."""
        return self.signed_cents + self.in_kind_required_cents >= self.minimum_cents


class RoundRules(Fact, table=True):
    """The rules of one round as the fund chose them. The last row written before it opened counts; none follows it."""

    __tablename__ = "round_rules"
    __table_args__ = (
        CheckConstraint("in_kind_most_basis_points BETWEEN 0 AND 10000", name="in_kind"),
        CheckConstraint("quorum_basis_points BETWEEN 0 AND 10000", name="quorum"),
        CheckConstraint("retention_basis_points BETWEEN 0 AND 3000", name="retention"),
        CheckConstraint("default_days BETWEEN 1 AND 90", name="default_days"),
        CheckConstraint("lead_id IS NOT NULL OR (binding <> 'lead' AND NOT lead_has_veto)", name="lead"),
    )

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    share_key: str = Field(default=ShareKey.FREE, max_length=12)
    # What in-kind contributions may count for, of the minimum.
    in_kind_most_basis_points: int = 0
    binding: str = Field(default=Binding.MONEY, max_length=12)
    lead_id: int | None = Field(default=None, sa_type=BIG, foreign_key="organization.id")
    # Nothing is accepted against the lead, whoever else accepts it.
    lead_has_veto: bool = False
    # How much of the weight must have answered before the clock ends, or before a vote decides.
    quorum_basis_points: int = 0
    # What of each accepted part waits until the result is in an upstream release.
    retention_basis_points: int = 0
    # The next tranche is called only once the milestones of the last are accepted.
    is_cascade: bool = False
    on_default: str = Field(default=OnDefault.FUND, max_length=14)
    # How long the others have to answer a default.
    default_days: int = 14


class PlannedTranche(Row, table=True):
    """Which milestones are called together, fixed when the campaign opens."""

    __tablename__ = "planned_tranche"
    __table_args__ = (UniqueConstraint("campaign_id", "milestone_id"),)

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id")
    milestone_id: int = Field(sa_type=BIG, foreign_key="milestone.id", index=True)
    number: int


class Joining(Row, table=True):
    """An organization that means to pledge, with what the cost-share key needs to know of it. It binds nobody."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "organization_id"),
        CheckConstraint("size >= 0 AND users >= 0", name="weights"),
    )

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id")
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    size: int = 0
    users: int = 0
    joined_at: datetime
    left_at: datetime | None = None


class Pledge(NamedRow, table=True):
    """An organization's promise, a ceiling excluding VAT. A raise is a second pledge."""

    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("(follows_id IS NULL) = (grant_id IS NULL)", name="match"),
        UniqueConstraint("follows_id", "grant_id"),
        Index("ix_pledge_campaign", "campaign_id", "state"),
        Index("ix_pledge_limit", "signed_by_id", "organization_id", "signed_at"),
    )

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id")
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    state: str = Field(default=PledgeState.DRAFTED, max_length=20)
    amount_cents: int = Field(sa_type=BIG)
    currency: str = Field(max_length=3)
    po_number: str = Field(default="", max_length=60)
    cost_center: str = Field(default="", max_length=60)
    publicity: str = Field(default=Publicity.FULL, max_length=12)
    rail: str = Field(max_length=20)
    # With which of the rail's means; empty for its first.
    means: str = Field(default="", max_length=20, sa_column_kwargs={"server_default": ""})
    # A match: the pledge it follows without a vote, whose that one is, and the grant it is promised from.
    follows_id: int | None = Field(default=None, sa_type=BIG, foreign_key="pledge.id")
    followed_id: int | None = Field(default=None, sa_type=BIG, foreign_key="organization.id")
    grant_id: int | None = Field(default=None, sa_type=BIG, foreign_key="matching_grant.id", index=True)
    # Who pays and who gets the credit, where it is not the organization that promises.
    payer_id: int | None = Field(default=None, sa_type=BIG, foreign_key="organization.id", index=True)
    credit_id: int | None = Field(default=None, sa_type=BIG, foreign_key="organization.id")
    # A public body pays after acceptance only (service fait): its pledge is a firm commitment.
    is_after_acceptance: bool = False
    prepared_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    prepared_at: datetime
    signed_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    signed_at: datetime | None = None
    signed_text: str = Field(default="", max_length=6000)
    signed_hash: str = Field(default="", max_length=64)
    ended_at: datetime | None = None
    end_reason: str = Field(default="", max_length=1000)

    @property
    def discloses_id(self) -> int:
        """Whose amount this one would tell: a match tells that of the organization it follows."""
        return self.followed_id or self.organization_id


class Part(Fact, table=True):
    """One pledge's share of one milestone, excluding VAT, and the VAT on it; cut once, when the campaign is secured."""

    __table_args__ = (
        UniqueConstraint("pledge_id", "milestone_id", "take"),
        CheckConstraint("price_cents >= 0 AND vat_cents >= 0", name="amounts"),
    )

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    pledge_id: int = Field(sa_type=BIG, foreign_key="pledge.id")
    milestone_id: int = Field(sa_type=BIG, foreign_key="milestone.id", index=True)
    price_cents: int = Field(sa_type=BIG)
    vat_cents: int = Field(sa_type=BIG)
    vat_kind: str = Field(max_length=20)
    vat_rate_basis_points: int
    # 0 when the campaign was secured; counted on where a pledge takes over what another one did not pay.
    take: int = 0
