"""A buyer signs to take over a part of what another backer did not pay."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns import limits, motions
from app.campaigns import rules as campaigns
from app.campaigns.missing import Shortfall, ShortfallState, TakeOver
from app.campaigns.model import Campaign, CampaignState, OnDefault, Pledge, Publicity
from app.escrow import gap, shortfalls
from app.escrow.takeovers import of, offer_to
from app.kit.money import Cents
from app.kit.rules import Conflict, require
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Kind, Role
from app.people.step import record


def sign(
    db: Session, shortfall: Shortfall, *, amount_cents: Cents, rail: str, po_number: str = "", text: str = "",
    by: Actor, at: datetime,
) -> TakeOver:  # fmt: skip
    """A buyer signs for so much of the gap, within its yearly limit; its organization may be new here."""
    require_role(by, Role.BUYER)
    require(by.organization.kind == Kind.CORPORATE, "Only an organization that buys can pledge.")
    campaign = campaigns.lock(db, shortfall.campaign_id)
    db.refresh(shortfall)
    stand_aside(db, by, {motions.maintainer_of(db, campaign)}, at=at)
    if shortfall.state != ShortfallState.OPEN or at >= shortfall.ends_at:
        raise Conflict("This gap is closed: nothing can be taken over any more.")
    if campaign.state != CampaignState.SECURED or shortfall.rule != OnDefault.TOP_UP:
        raise Conflict("By this campaign's rule nobody takes over what another did not pay.")
    require(
        not by.organization.is_public_body,
        "A public body pays after acceptance: it cannot take over an unpaid part.",
    )
    late = gap.in_default(db, campaign) | ({shortfall.pledge_id} if shortfall.pledge_id else set())
    is_late = by.organization.id in {db.get_one(Pledge, name).organization_id for name in late}
    require(not is_late, "Please pay your own call instead.")
    signed = of(db, shortfall)
    if by.organization.id in {one.organization_id for one in signed}:
        raise Conflict("Your organization has answered already.")
    still = offer_to(db, campaign, shortfall, None).open_cents
    require(0 < amount_cents <= still, "Please choose an amount up to what is still open.", field="amount")
    limits.require_within_limit(db, by, amount_cents, campaign.zone, at)
    made = TakeOver(
        shortfall_id=shortfall.id, organization_id=by.organization.id, person_id=by.person.id,
        amount_cents=amount_cents, rail=rail, po_number=po_number.strip(), publicity=_publicity(db, campaign, by),
        signed_text=text, at=at,
    )  # fmt: skip
    db.add(made)
    record(
        db,
        "take over",
        shortfall,
        by=by,
        at=at,
        before=shortfall.state,
        campaign_id=campaign.id,
        amount=amount_cents,
    )
    shortfalls.fill(db, campaign, shortfall, at=at)
    return made


def _publicity(db: Session, campaign: Campaign, by: Actor) -> str:
    """As it chose for its pledge; its name alone where it is new."""
    query = select(Pledge.publicity).where(
        Pledge.campaign_id == campaign.id, Pledge.organization_id == by.organization.id
    )
    return db.exec(query.order_by(col(Pledge.id).desc())).first() or Publicity.NAME_ONLY
