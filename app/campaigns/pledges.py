"""What may happen to a pledge: drafted, signed by the right person, withdrawn while the campaign is open."""

from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, select

from app.campaigns import matching
from app.campaigns.limits import locked_mandate, signed_this_year
from app.campaigns.means import require_means
from app.campaigns.model import Campaign, CampaignState, Pledge, PledgeState, Publicity
from app.campaigns.promise import A_PURCHASE, Promise, Purchase, own_organizations, require_own
from app.campaigns.recutting import live_parts
from app.campaigns.rules import lock, secure_if_full, text_hash
from app.estimates.model import Estimate
from app.kit.money import Cents, Money
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.alarms import require_silence
from app.people.interests import stand_aside, stand_aside_from_own
from app.people.model import Kind, Role
from app.people.step import record

__all__ = [
    "A_PURCHASE", "Promise", "Purchase", "approve", "default", "draft", "own_organizations", "refuse", "sign",
    "withdraw",
]  # fmt: skip

FOLLOWED = "the pledge it follows ended"


def draft(db: Session, campaign: Campaign, promise: Promise, *, by: Actor, at: datetime) -> Pledge:
    """Write a promise down for its buyer to read and sign. It reserves nothing."""
    require_role(by, Role.BUYER)
    require(by.organization.kind == Kind.CORPORATE, "Only an organization that buys can pledge.")
    _require_open(campaign, at)
    require(
        promise.purchase.is_one,
        "This sounds like a gift, and a pledge is a purchase. Gifts go to the fund itself, and reach a "
        "campaign only as a matching grant.",
        field="purchase",
    )
    _require_room(campaign, promise.amount_cents)
    maintainer_id = db.get_one(Estimate, campaign.estimate_id).organization_id
    require(by.organization.id != maintainer_id, "The maintainer cannot pledge for its own work.")
    require(promise.publicity in list(Publicity), "Please choose what others may see.", field="publicity")
    require(
        promise.po_number.strip() or not by.organization.is_public_body,
        "A public body pledges with its engagement or purchase order number.",
        field="po_number",
    )
    require_own(db, by, promise.payer_id, "payer")
    require_own(db, by, promise.credit_id, "credit")
    pledge = Pledge(
        campaign_id=campaign.id,
        organization_id=by.organization.id,
        amount_cents=promise.amount_cents,
        currency=campaign.currency,
        po_number=promise.po_number.strip(),
        cost_center=promise.cost_center.strip(),
        publicity=promise.publicity,
        rail=promise.rail,
        means=promise.means,
        payer_id=promise.payer_id,
        credit_id=promise.credit_id,
        is_after_acceptance=by.organization.is_public_body,
        prepared_by_id=by.person.id,
        prepared_at=at,
    )
    require_means(db, campaign, pledge, at=at)
    db.add(pledge)
    record(
        db, "draft", pledge, by=by, at=at, campaign_id=campaign.id, amount=pledge.amount_cents,
        payer=pledge.payer_id, credit=pledge.credit_id, purchase=asdict(promise.purchase),
    )  # fmt: skip
    return pledge


def sign(db: Session, pledge: Pledge, *, text: str, by: Actor, at: datetime) -> Pledge:
    """Sign one's own draft. Within the yearly limit it counts at once; above it, an approver has to sign.

    `text` is what the signer read; it is kept word for word with its SHA-256.
    """
    require_role(by, Role.BUYER)
    campaign, pledge = _locked(db, pledge, by)
    require(
        pledge.prepared_by_id == by.person.id,
        "Only the person who wrote this pledge can sign it here.",
        status=403,
    )
    if pledge.state != PledgeState.DRAFTED:
        raise Conflict("This pledge was already signed or sent on.")
    _stand_aside(db, campaign, by, at)
    _require_open(campaign, at)
    _require_room(campaign, pledge.amount_cents)
    grant = locked_mandate(db, by)
    signed = signed_this_year(db, by, campaign.zone, at)
    require_silence(db)
    pledge.signed_text, pledge.signed_hash = text, text_hash(text)
    if signed + pledge.amount_cents > (grant.limit_cents or 0):
        before = pledge.state
        move(pledge, PledgeState.AWAITING_APPROVAL)
        record(
            db, "ask to sign", pledge, by=by, at=at, before=before, campaign_id=campaign.id,
            amount=pledge.amount_cents, text=pledge.signed_hash,
        )  # fmt: skip
        return pledge
    _count(db, campaign, pledge, by=by, at=at)
    return pledge


def approve(db: Session, pledge: Pledge, *, by: Actor, at: datetime) -> Pledge:
    """Sign a colleague's pledge that is above their limit. Nobody approves what they prepared."""
    require_role(by, Role.APPROVER)
    campaign, pledge = _locked(db, pledge, by)
    stand_aside_from_own(by, pledge.prepared_by_id)
    _stand_aside(db, campaign, by, at)
    if pledge.state != PledgeState.AWAITING_APPROVAL:
        raise Conflict("This pledge does not wait for a signature any more.")
    _require_open(campaign, at)
    _require_room(campaign, pledge.amount_cents)
    require_silence(db)
    _count(db, campaign, pledge, by=by, at=at)
    return pledge


def refuse(db: Session, pledge: Pledge, *, reason: str, by: Actor, at: datetime) -> Pledge:
    """Decline to sign a colleague's pledge, with a reason."""
    require_role(by, Role.APPROVER)
    campaign, pledge = _locked(db, pledge, by)
    stand_aside_from_own(by, pledge.prepared_by_id)
    require(reason.strip(), "Please say why you do not sign.", field="reason")
    before = pledge.state
    move(pledge, PledgeState.REFUSED)
    pledge.ended_at, pledge.end_reason = at, reason.strip()
    record(db, "refuse", pledge, by=by, at=at, before=before, campaign_id=campaign.id, reason=reason.strip())
    return pledge


def withdraw(db: Session, pledge: Pledge, *, reason: str, by: Actor, at: datetime) -> Pledge:
    """Take a signed pledge back while the campaign is open, with a reason."""
    require_role(by, Role.BUYER, Role.APPROVER)
    campaign, pledge = _locked(db, pledge, by)
    require(reason.strip(), "Please give the reason.", field="reason")
    require(pledge.follows_id is None, "A match follows its pledge: it is not withdrawn by itself.")
    if campaign.state != CampaignState.OPEN or at >= campaign.deadline_at:
        raise Conflict("The campaign is not open any more: a signed pledge now stands.")
    _end(db, pledge, PledgeState.WITHDRAWN, "withdraw", reason.strip(), by=by, at=at)
    campaign.signed_cents -= pledge.amount_cents
    for match in matching.followers(db, pledge):
        _end(db, match, PledgeState.WITHDRAWN, "withdraw", FOLLOWED, by=None, at=at)
        campaign.signed_cents -= match.amount_cents
        matching.set_free(db, match, at=at)
    return pledge


def default(db: Session, pledge: Pledge, *, at: datetime) -> None:
    """This pledge was not paid: it counts for its parts that stand, and so does what matches it."""
    campaign = db.get_one(Campaign, pledge.campaign_id)
    for ended in [pledge, *matching.followers(db, pledge)]:
        _end(
            db,
            ended,
            PledgeState.DEFAULTED,
            "default",
            "call unpaid" if ended is pledge else FOLLOWED,
            by=None,
            at=at,
        )
        left = ended.amount_cents - sum(part.price_cents for part in live_parts(db, ended))
        campaign.signed_cents -= left
        if ended.follows_id:
            matching.set_free(db, ended, cents=left, at=at)


def _end(
    db: Session, pledge: Pledge, state: PledgeState, act: str, reason: str, *, by: Actor | None, at: datetime
) -> None:
    before = pledge.state
    move(pledge, state)
    pledge.ended_at, pledge.end_reason = at, reason
    record(db, act, pledge, by=by, at=at, before=before, campaign_id=pledge.campaign_id, reason=reason)


def _count(db: Session, campaign: Campaign, pledge: Pledge, *, by: Actor, at: datetime) -> None:
    before = pledge.state
    move(pledge, PledgeState.SIGNED)
    pledge.signed_by_id, pledge.signed_at = by.person.id, at
    campaign.signed_cents += pledge.amount_cents
    record(
        db, "sign", pledge, by=by, at=at, before=before, campaign_id=campaign.id,
        amount=pledge.amount_cents, text=pledge.signed_hash,
    )  # fmt: skip
    matching.follow(db, campaign, pledge, at=at)
    secure_if_full(db, campaign, by=by, at=at)


def _locked(db: Session, pledge: Pledge, by: Actor) -> tuple[Campaign, Pledge]:
    """The campaign, then the pledge as it is now; one's own organization's only."""
    if pledge.organization_id != by.organization.id:
        raise Missing
    campaign = lock(db, pledge.campaign_id)
    as_it_is = select(Pledge).where(Pledge.id == pledge.id).execution_options(populate_existing=True)
    return campaign, db.exec(as_it_is).one()


def _require_open(campaign: Campaign, at: datetime) -> None:
    if campaign.state != CampaignState.OPEN:
        raise Conflict("This campaign is not open for pledges.")
    if at >= campaign.deadline_at:
        raise Conflict("The deadline has passed: this campaign takes no more pledges.")


def _require_room(campaign: Campaign, amount_cents: Cents) -> None:
    left = campaign.room_cents
    require(
        amount_cents <= left,
        "Only %(left)s of the estimate is still open: please pledge at most that.",
        field="amount",
        left=Money(left, campaign.currency),
    )


def _stand_aside(db: Session, campaign: Campaign, by: Actor, at: datetime) -> None:
    """Nobody commits their organization's money to a maintainer they are tied to."""
    stand_aside(db, by, {db.get_one(Estimate, campaign.estimate_id).organization_id}, at=at)
