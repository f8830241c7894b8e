"""Who takes over what another backer did not pay: signed until the gap is filled or its day has passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.binding import stakes_of
from app.campaigns.missing import Shortfall, TakeOver
from app.campaigns.model import Campaign, Pledge, PledgeState
from app.escrow import gap
from app.kit.money import Cents, split
from app.people.step import record


@dataclass(frozen=True)
class Offer:
    """What an organization is offered of a gap, in proportion to its parts, and what is still open."""

    proposed_cents: Cents
    open_cents: Cents


def offer_to(db: Session, campaign: Campaign, shortfall: Shortfall, organization_id: int | None) -> Offer:
    """The gap that the others' headroom leaves, pro rata of their parts."""
    own = {shortfall.pledge_id} if shortfall.pledge_id else set()
    stakes = stakes_of(db, campaign, without=gap.in_default(db, campaign) | own)
    signed = of(db, shortfall)
    still = max(0, shortfall.offered_cents - sum(one.amount_cents for one in signed))
    names = sorted(stakes)
    shares = (
        dict(zip(names, split(shortfall.offered_cents, [stakes[n] for n in names]), strict=True))
        if names
        else {}
    )
    return Offer(min(shares.get(organization_id or 0, 0), still), still)


def of(db: Session, shortfall: Shortfall) -> list[TakeOver]:
    """What was signed for a gap, in order."""
    query = select(TakeOver).where(TakeOver.shortfall_id == shortfall.id)
    return list(db.exec(query.order_by(col(TakeOver.id))))


def become_pledges(
    db: Session,
    campaign: Campaign,
    shortfall: Shortfall,
    signed: Sequence[TakeOver],
    wanted: Cents,
    *,
    at: datetime,
) -> list[tuple[Pledge, Cents]]:
    """What was signed becomes pledges, together exactly as much as is wanted."""
    made = []
    for one, cents in zip(signed, split(wanted, [s.amount_cents for s in signed]), strict=True):
        if not cents:
            continue
        pledge = Pledge(
            campaign_id=campaign.id, organization_id=one.organization_id, state=PledgeState.SIGNED, amount_cents=cents,
            currency=campaign.currency, po_number=one.po_number, publicity=one.publicity, rail=one.rail,
            prepared_by_id=one.person_id, prepared_at=one.at, signed_by_id=one.person_id, signed_at=one.at,
            signed_text=one.signed_text, signed_hash=campaigns.text_hash(one.signed_text),
        )  # fmt: skip
        db.add(pledge)
        campaign.signed_cents += cents
        record(
            db, "sign for a gap", pledge, by=None, at=at, campaign_id=campaign.id, amount=cents,
            text=pledge.signed_hash, shortfall=shortfall.id,
        )  # fmt: skip
        made.append((pledge, cents))
    return made
