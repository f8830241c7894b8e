"""Cutting a secured campaign: which milestones it finances, and each pledge's part of them with its VAT."""

from datetime import datetime

from sqlmodel import Session

from app.campaigns import taxes
from app.campaigns.in_kind_sums import agreed_by_milestone
from app.campaigns.model import Campaign, Part
from app.campaigns.reading import milestones_of, planned_tranches, signed_pledges
from app.campaigns.sharing import cut, scope
from app.documents import vat
from app.estimates.model import Estimate, Milestone
from app.kit.clock import day_of
from app.kit.money import Cents
from app.people.model import Organization


def scope_of(db: Session, campaign: Campaign) -> list[Milestone]:
    """The required milestones and the optional ones that are covered, in their order."""
    milestones = milestones_of(db, campaign.estimate_id)
    optional = [m for m in milestones if not m.is_required]
    required = campaign.minimum_cents - campaign.in_kind_required_cents
    count = scope(required, money_prices(db, campaign, optional), campaign.signed_cents)
    chosen = {m.id for m in optional[:count]}
    return [m for m in milestones if m.is_required or m.id in chosen]


def money_prices(db: Session, campaign: Campaign, milestones: list[Milestone]) -> list[Cents]:
    """What each milestone costs in money: its price less the work agreed for it."""
    work = agreed_by_milestone(db, campaign)
    return [milestone.price_cents - work.get(milestone.id, 0) for milestone in milestones]


def cut_parts(db: Session, campaign: Campaign, milestones: list[Milestone], *, at: datetime) -> None:
    """Give each signed pledge its part of each financed milestone, with its VAT; once, when the campaign is secured."""
    pledges = signed_pledges(db, campaign)
    matrix = cut([p.amount_cents for p in pledges], money_prices(db, campaign, milestones))
    tranche_of = planned_tranches(db, campaign)
    estimate = db.get_one(Estimate, campaign.estimate_id)
    seller = db.get_one(Organization, estimate.organization_id)
    today = day_of(at, campaign.zone)
    for pledge, prices in zip(pledges, matrix, strict=True):
        buyer = db.get_one(Organization, pledge.organization_id)
        sale = taxes.on_work(estimate, seller, buyer, on=today)
        called: dict[int, Cents] = {}
        for milestone, price in zip(milestones, prices, strict=True):
            tranche = tranche_of[milestone.id]
            base = called.get(tranche, 0)
            # Rounded over the tranche, so that the VAT of a call is exactly the rate on its price.
            tax = vat.vat_on(base + price, sale.rate_basis_points) - vat.vat_on(base, sale.rate_basis_points)
            called[tranche] = base + price
            db.add(Part(
                campaign_id=campaign.id, pledge_id=pledge.id, milestone_id=milestone.id, price_cents=price,
                vat_cents=tax, vat_kind=sale.kind.value, vat_rate_basis_points=sale.rate_basis_points, at=at,
            ))  # fmt: skip
    db.flush()
