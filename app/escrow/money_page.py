"""What the money page shows: sums for everyone, one's own lines for a backer, every line for fund and auditor."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from app.campaigns import progress
from app.campaigns.model import Campaign, Part, Pledge
from app.escrow import likeness
from app.escrow.doors import Sight
from app.escrow.lines import Money, by_pledge, flows, summed
from app.escrow.model import Call, CallLine, CallState, Refund, Release
from app.estimates.model import Milestone
from app.kit.money import Cents
from app.people.model import Organization


@dataclass(frozen=True)
class Line:
    """One pledge and its money, for those who may see it."""

    pledge: Pledge
    organization: Organization
    called: Cents
    money: Money


@dataclass(frozen=True)
class OfMilestone:
    """One milestone in sum: what was called for it, released, given back; VAT included."""

    milestone: Milestone
    tranche: int
    called: Cents
    released: Cents
    refunded: Cents


@dataclass(frozen=True)
class MoneyPage:
    """The sums of a campaign and the lines this reader may see. `level` says how much of the sums may be told."""

    sums: progress.Sums
    called: Cents
    money: Money
    level: int
    lines: list[Line]

    def figure(self, name: str) -> Cents | None:
        """A sum, or None where it would tell what a backer keeps to itself. Nothing at all may always be told."""
        cents = self.called if name == "called" else getattr(self.money, name)
        needed = {"called": likeness.CALLED, "received": likeness.RECEIVED}.get(name, likeness.EVERYTHING)
        return cents if self.level >= needed or not cents else None

    @property
    def tells_everything(self) -> bool:
        """Whether the picture of where the money went may be drawn."""
        return self.level >= likeness.EVERYTHING


def money_of(db: Session, campaign: Campaign, maintainer_id: int, sight: Sight) -> MoneyPage:
    """Everything the money page says about a campaign to this reader."""
    rows = progress.backings_of(db, campaign)
    alone = progress.alone(rows)
    level = likeness.EVERYTHING
    if not sight.sums:
        level = likeness.level_told(db, campaign, [pledge for pledge, _ in rows], alone)
    called = _called(db, campaign)
    moneys = by_pledge(flows(db, campaign.id))
    lines = [
        Line(pledge, organization, called.get(pledge.id, 0), moneys.get(pledge.id, Money()))
        for pledge, organization in rows
        if sight.sees(pledge)
    ]
    return MoneyPage(
        sums=_sums(db, campaign, maintainer_id, sight),
        called=sum(called.values()),
        money=summed(moneys.values()),
        level=level,
        lines=lines,
    )


def _sums(db: Session, campaign: Campaign, maintainer_id: int, sight: Sight) -> progress.Sums:
    return progress.sums_of(db, [(campaign, maintainer_id)], None, exactly=sight.sums)[campaign.id]


def _called(db: Session, campaign: Campaign) -> dict[int, Cents]:
    query = (
        select(Call.pledge_id, func.sum(Call.total_cents))
        .where(Call.campaign_id == campaign.id, Call.state != CallState.VOID)
        .group_by(col(Call.pledge_id))
    )
    return {pledge_id: int(cents) for pledge_id, cents in db.exec(query)}


def by_milestone(
    db: Session, campaign: Campaign, milestones: Sequence[Milestone], tranches: dict[int, int]
) -> list[OfMilestone]:
    """The money of each financed milestone, in sum over its backers."""
    called = _by_milestone(
        db, select(Part.milestone_id, func.sum(CallLine.price_cents + CallLine.vat_cents))
        .join(CallLine, col(CallLine.part_id) == col(Part.id))
        .join(Call, col(Call.id) == col(CallLine.call_id))
        .where(Part.campaign_id == campaign.id, Call.state != CallState.VOID),
    )  # fmt: skip
    released = _by_milestone(
        db, select(Part.milestone_id, func.sum(Release.price_cents + Release.vat_cents))
        .join(Release, col(Release.part_id) == col(Part.id))
        .where(Part.campaign_id == campaign.id),
    )  # fmt: skip
    refunded = _by_milestone(
        db, select(Part.milestone_id, func.sum(Refund.price_cents + Refund.vat_cents))
        .join(Refund, col(Refund.part_id) == col(Part.id))
        .where(Part.campaign_id == campaign.id),
    )  # fmt: skip
    return [
        OfMilestone(
            milestone, tranches[milestone.id], called.get(milestone.id, 0), released.get(milestone.id, 0),
            refunded.get(milestone.id, 0),
        )
        for milestone in milestones
    ]  # fmt: skip


def _by_milestone(db: Session, query: object) -> dict[int, Cents]:
    rows = db.exec(query.group_by(col(Part.milestone_id)))  # type: ignore[attr-defined]
    return {milestone_id: int(cents) for milestone_id, cents in rows}


def flow_picture(
    shown: MoneyPage, *, exactly: bool
) -> tuple[list[tuple[str, Cents]], list[tuple[str, Cents]]]:
    """Where the money came from and where it is, by kind; both sides sum to the same.

    What is sent is told apart from what is owed only where that cannot tell one late payer.
    """
    money = shown.money
    sources = [("received", money.received), ("claims", money.claims)]
    uses = [("held", money.held)]
    uses += _sent(("released", money.released), ("owed", "paid"), money.paid_out, exactly)
    uses += _sent(("refunded", money.refunded), ("to refund", "refund paid"), money.paid_back, exactly)
    uses += [("fees", money.fees)]
    return [row for row in sources if row[1]], [row for row in uses if row[1]]


def _sent(
    whole: tuple[str, Cents], names: tuple[str, str], sent: Cents, exactly: bool
) -> list[tuple[str, Cents]]:
    name, cents = whole
    if not exactly and sent not in (0, cents):
        return [(name, cents)]
    return [(names[1], sent), (names[0], cents - sent)]
