"""Parts after the first cut: dropped where a backer did not pay or a milestone was cut, taken over by others."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from app.campaigns import matching, taxes
from app.campaigns.model import Campaign, Part, Pledge, PledgeState
from app.campaigns.reading import is_live, parts_of, planned_tranches, signed_pledges
from app.campaigns.retired import DroppedPart
from app.campaigns.sharing import cut
from app.documents import vat
from app.estimates.model import Estimate, Milestone
from app.kit.clock import day_of
from app.kit.money import Cents
from app.people.model import Organization


def headroom(db: Session, campaign: Campaign, *, without: Collection[int] = ()) -> dict[int, Cents]:
    """What each pledge paid in advance promised above its parts, in cents, by pledge; without these pledges.

    A match has none: it was promised for what it follows, not for what another one does not pay.
    """
    cut_of: dict[int, Cents] = {}
    for part in parts_of(db, campaign):
        cut_of[part.pledge_id] = cut_of.get(part.pledge_id, 0) + part.price_cents
    return {
        pledge.id: pledge.amount_cents - cut_of.get(pledge.id, 0)
        for pledge in signed_pledges(db, campaign)
        if pledge.id not in without and not pledge.is_after_acceptance and pledge.follows_id is None
        and pledge.amount_cents > cut_of.get(pledge.id, 0)
    }  # fmt: skip


def live_parts(db: Session, pledge: Pledge) -> list[Part]:
    """A pledge's parts that still count."""
    query = select(Part).where(Part.pledge_id == pledge.id, is_live())
    return list(db.exec(query.order_by(col(Part.id))))


def drop(db: Session, parts: Sequence[Part], *, cause: str, is_divided: bool = False, at: datetime) -> None:
    """Nobody pays these parts any more. A pledge in default counts for those of its parts that stand.

    Where others take the place of what is divided, it counts as before.
    """
    for part in parts:
        db.add(DroppedPart(part_id=part.id, cause=cause, at=at))
        pledge = db.get_one(Pledge, part.pledge_id)
        if pledge.state == PledgeState.DEFAULTED and not is_divided:
            db.get_one(Campaign, part.campaign_id).signed_cents -= part.price_cents
            if pledge.follows_id:
                matching.set_free(db, pledge, cents=part.price_cents, at=at)
    db.flush()


def take_over(
    db: Session, campaign: Campaign, gap: Sequence[tuple[Milestone, Cents]], room: Sequence[tuple[Pledge, Cents]], *,
    at: datetime,
) -> list[Part]:  # fmt: skip
    """Cut what is missing of these milestones over these pledges, to the cent, none above its room."""
    estimate = db.get_one(Estimate, campaign.estimate_id)
    seller = db.get_one(Organization, estimate.organization_id)
    today, tranche_of = day_of(at, campaign.zone), planned_tranches(db, campaign)
    matrix = cut([cents for _pledge, cents in room], [cents for _milestone, cents in gap])
    made = []
    for (pledge, _room), prices in zip(room, matrix, strict=True):
        buyer = db.get_one(Organization, pledge.organization_id)
        sale = taxes.on_work(estimate, seller, buyer, on=today)
        called: dict[int, Cents] = {}
        for (milestone, _cents), price in zip(gap, prices, strict=True):
            if not price:
                continue
            tranche = tranche_of[milestone.id]
            base = called.get(tranche, 0)
            # Rounded over the tranche, so that the VAT of a call is exactly the rate on its price.
            tax = vat.vat_on(base + price, sale.rate_basis_points) - vat.vat_on(base, sale.rate_basis_points)
            called[tranche] = base + price
            part = Part(
                campaign_id=campaign.id, pledge_id=pledge.id, milestone_id=milestone.id, price_cents=price,
                vat_cents=tax, vat_kind=sale.kind.value, vat_rate_basis_points=sale.rate_basis_points, at=at,
                take=next_take(db, pledge.id, milestone.id),
            )  # fmt: skip
            db.add(part)
            made.append(part)
    db.flush()
    return made


def cut_with(db: Session, parts: Sequence[Part], sale: vat.Treatment, *, at: datetime) -> list[Part]:
    """The same prices of one pledge once more, taxed otherwise; in their order, the VAT exact over all of them."""
    made, base = [], 0
    for old in parts:
        tax = vat.vat_on(base + old.price_cents, sale.rate_basis_points) - vat.vat_on(
            base, sale.rate_basis_points
        )
        base += old.price_cents
        milestone, pledge = db.get_one(Milestone, old.milestone_id), db.get_one(Pledge, old.pledge_id)
        part = Part(
            campaign_id=old.campaign_id, pledge_id=pledge.id, milestone_id=milestone.id, price_cents=old.price_cents,
            vat_cents=tax, vat_kind=sale.kind.value, vat_rate_basis_points=sale.rate_basis_points, at=at,
            take=next_take(db, pledge.id, milestone.id),
        )  # fmt: skip
        db.add(part)
        made.append(part)
    db.flush()
    return made


def cut_again(db: Session, parts: Sequence[Part], *, at: datetime) -> list[Part]:
    """The same parts once more, to be paid anew: the same prices and the same VAT, in their order."""
    made = [
        Part(
            campaign_id=old.campaign_id, pledge_id=old.pledge_id, milestone_id=old.milestone_id,
            price_cents=old.price_cents, vat_cents=old.vat_cents, vat_kind=old.vat_kind,
            vat_rate_basis_points=old.vat_rate_basis_points, take=next_take(db, old.pledge_id, old.milestone_id), at=at,
        )
        for old in parts
    ]  # fmt: skip
    db.add_all(made)
    db.flush()
    return made


def next_take(db: Session, pledge_id: int, milestone_id: int) -> int:
    """How many parts of a milestone a pledge has had."""
    query = select(func.max(Part.take)).where(Part.pledge_id == pledge_id, Part.milestone_id == milestone_id)
    last = db.exec(query).one()
    return 0 if last is None else last + 1
