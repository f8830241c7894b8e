"""What a pledge would be asked for if its campaign ended now: the real cut and the real call, on today's pledges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns import rules, taxes
from app.campaigns.cutting import money_prices
from app.campaigns.model import Campaign, Pledge, PledgeState
from app.campaigns.sharing import cut, scope
from app.documents.vat import vat_on
from app.estimates.model import Estimate
from app.kit.clock import day_of
from app.kit.money import BasisPoints, Cents, portion
from app.people.model import Operator, Organization


@dataclass(frozen=True)
class Step:
    """A milestone as the cut needs it."""

    number: int
    price_cents: Cents
    is_required: bool
    tranche: int


@dataclass(frozen=True)
class Rates:
    """What comes on top of a part: VAT, the fee, VAT on the fee."""

    work_basis_points: BasisPoints
    fee_basis_points: BasisPoints
    fee_vat_basis_points: BasisPoints


@dataclass(frozen=True)
class FirstCall:
    """The first call of a pledge, to the cent, and the milestones it is for."""

    milestones: tuple[int, ...]
    price_cents: Cents
    vat_cents: Cents
    fee_cents: Cents
    fee_vat_cents: Cents

    @property
    def total_cents(self) -> Cents:
        """What is to be paid."""
        return self.price_cents + self.vat_cents + self.fee_cents + self.fee_vat_cents


@dataclass(frozen=True)
class Forecast:
    """The parts of one pledge, by milestone number, and its first call."""

    parts: dict[int, Cents]
    first_call: FirstCall | None
    is_reached: bool

    @property
    def price_cents(self) -> Cents:
        """All parts together, excluding VAT."""
        return sum(self.parts.values())


def foresee(
    pledges: Sequence[Cents], mine: int, steps: Sequence[Step], rates: Rates, *, after_acceptance: bool
) -> Forecast:
    """The parts and first call of `pledges[mine]` if the campaign ended with exactly these pledges.

    Below the minimum nobody pays; then it is foreseen as if others brought just what is missing.
    """
    minimum = sum(step.price_cents for step in steps if step.is_required)
    missing = max(0, minimum - sum(pledges))
    promised = [*pledges, missing] if missing else list(pledges)
    financed = _financed(steps, minimum, sum(promised))
    mine_only = cut(promised, [step.price_cents for step in financed])[mine]
    parts = {step.number: cents for step, cents in zip(financed, mine_only, strict=True)}
    return Forecast(parts, _first_call(financed, parts, rates, after_acceptance), is_reached=not missing)


def _financed(steps: Sequence[Step], minimum: Cents, promised: Cents) -> list[Step]:
    optional = [step for step in steps if not step.is_required]
    count = scope(minimum, [step.price_cents for step in optional], promised)
    chosen = {step.number for step in optional[:count]}
    return [step for step in steps if step.is_required or step.number in chosen]


def _first_call(
    financed: Sequence[Step], parts: dict[int, Cents], rates: Rates, after_acceptance: bool
) -> FirstCall | None:
    asked = [step for step in financed if parts[step.number]]
    if not asked:
        return None
    first = asked[0]
    together = [first] if after_acceptance else [step for step in asked if step.tranche == first.tranche]
    price = sum(parts[step.number] for step in together)
    fee = portion(price, rates.fee_basis_points)
    return FirstCall(
        milestones=tuple(step.number for step in together),
        price_cents=price,
        vat_cents=vat_on(price, rates.work_basis_points),
        fee_cents=fee,
        fee_vat_cents=vat_on(fee, rates.fee_vat_basis_points),
    )


def foresee_pledge(db: Session, pledge: Pledge, *, at: datetime) -> Forecast:
    """What this pledge would be asked for if its campaign ended at this moment, the pledge signed."""
    campaign = db.get_one(Campaign, pledge.campaign_id)
    signed = select(Pledge.id, Pledge.amount_cents).where(
        Pledge.campaign_id == campaign.id, (Pledge.state == PledgeState.SIGNED) | (Pledge.id == pledge.id)
    )
    rows = list(db.exec(signed.order_by(col(Pledge.id))))
    tranches = rules.planned_tranches(db, campaign)
    milestones = rules.milestones_of(db, campaign.estimate_id)
    prices = money_prices(db, campaign, milestones)
    steps = [
        Step(milestone.number, price, milestone.is_required, tranches[milestone.id])
        for milestone, price in zip(milestones, prices, strict=True)
    ]
    mine = [pledge_id for pledge_id, _ in rows].index(pledge.id)
    return foresee(
        [cents for _, cents in rows], mine, steps, rates_of(db, campaign, pledge, at=at),
        after_acceptance=pledge.is_after_acceptance,
    )  # fmt: skip


def rates_of(db: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> Rates:
    """What would come on top of this pledge's parts on that day."""
    estimate = db.get_one(Estimate, campaign.estimate_id)
    seller = db.get_one(Organization, estimate.organization_id)
    buyer = db.get_one(Organization, pledge.organization_id)
    operator = db.get_one(Organization, db.exec(select(Operator)).one().organization_id)
    today = day_of(at, campaign.zone)
    return Rates(
        work_basis_points=taxes.on_work(estimate, seller, buyer, on=today).rate_basis_points,
        fee_basis_points=campaign.fee_basis_points,
        fee_vat_basis_points=taxes.on_fee(operator, buyer, on=today).rate_basis_points,
    )
