"""A milestone that becomes several: each part of it is retired and divided over them, price and VAT to the cent."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from app.campaigns.model import Campaign, Part, PlannedTranche
from app.campaigns.reading import parts_of
from app.campaigns.recutting import drop, next_take
from app.campaigns.retired import DividedPart
from app.campaigns.sharing import cut
from app.estimates.model import Milestone
from app.kit.money import Cents

Sum = tuple[Cents, Cents]


def divided(parts: Sequence[Sum], prices: Sequence[Cents]) -> list[list[Sum]]:
    """Each part (price, VAT) over milestones of these prices: `divided(...)[part][milestone]`, in cents.

    The prices add up to the parts' prices. Each milestone sums exactly to its price, each part to what it was, its
    VAT too.
    """
    rows = cut([price for price, _vat in parts], prices)
    return [_with_vat(row, vat) for row, (_price, vat) in zip(rows, parts, strict=True)]


def _with_vat(prices: Sequence[Cents], vat: Cents) -> list[Sum]:
    whole, reached, given, found = sum(prices), 0, 0, []
    for place, price in enumerate(prices, start=1):
        reached += price
        stands = vat if place == len(prices) else ((2 * vat * reached + whole) // (2 * whole) if whole else 0)
        found.append((price, stands - given))
        given = stands
    return found


def divide(
    db: Session, campaign: Campaign, milestones: Sequence[Milestone], *, cause: str, at: datetime
) -> list[tuple[Part, list[Part]]]:
    """Retire every part of the first of these milestones and divide it over all of them; each with its pieces."""
    old = [part for part in parts_of(db, campaign) if part.milestone_id == milestones[0].id]
    matrix = divided(
        [(part.price_cents, part.vat_cents) for part in old], [one.price_cents for one in milestones]
    )
    drop(db, old, cause=cause, is_divided=True, at=at)
    found = []
    for part, row in zip(old, matrix, strict=True):
        pieces = []
        for milestone, (price, vat) in zip(milestones, row, strict=True):
            if not price and not vat:
                continue
            piece = Part(
                campaign_id=campaign.id, pledge_id=part.pledge_id, milestone_id=milestone.id, price_cents=price,
                vat_cents=vat, vat_kind=part.vat_kind, vat_rate_basis_points=part.vat_rate_basis_points, at=at,
                take=next_take(db, part.pledge_id, milestone.id),
            )  # fmt: skip
            db.add(piece)
            db.flush()
            db.add(DividedPart(part_id=piece.id, from_part_id=part.id, at=at))
            pieces.append(piece)
        found.append((part, pieces))
    db.flush()
    return found


def plan(db: Session, campaign: Campaign, milestones: Sequence[Milestone], *, is_called: bool) -> None:
    """Which tranche the new milestones belong to: the first one's where it is called, otherwise each one of its own."""
    rows = list(db.exec(select(PlannedTranche).where(PlannedTranche.campaign_id == campaign.id)))
    number = next(row.number for row in rows if row.milestone_id == milestones[0].id)
    others = milestones[1:]
    for row in rows:
        if row.number > number and not is_called:
            row.number += len(others)
    for place, one in enumerate(others, start=1):
        db.add(PlannedTranche(
            campaign_id=campaign.id, milestone_id=one.id, number=number if is_called else number + place
        ))  # fmt: skip
    db.flush()
