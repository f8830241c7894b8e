"""A payment taken back after it was released freezes its backer's further parts; the claim stands until it is paid.

While it stands nothing more of the pledge is released, no work may start on its money, and what it promised above its
parts fills no gap. It ends by itself once the claim is settled; a treasurer may lift it before.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Pledge
from app.escrow import accounts
from app.escrow.frozen import Freeze, FreezeState
from app.escrow.model import Call, CallState, ChargeBack, Deposit
from app.kit.rules import Conflict, require
from app.kit.states import move
from app.ledger.book import balance
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record


def freeze(db: Session, pledge: Pledge, deposit: Deposit, proof: ChargeBack, *, at: datetime) -> None:
    """What was taken back was released already: freeze the pledge, once for as long as it stands."""
    if not proof.claim_cents or standing_of(db, pledge):
        return
    made = Freeze(
        campaign_id=pledge.campaign_id, pledge_id=pledge.id, deposit_id=deposit.id, claim_cents=proof.claim_cents,
        frozen_at=at,
    )  # fmt: skip
    db.add(made)
    record(
        db, "freeze", made, by=None, at=at, campaign_id=pledge.campaign_id, claim=proof.claim_cents, pledge=pledge.id
    )  # fmt: skip
    db.flush()


def standing_of(db: Session, pledge: Pledge) -> Freeze | None:
    """The freeze that stands over a pledge."""
    query = select(Freeze).where(Freeze.pledge_id == pledge.id, Freeze.state == FreezeState.STANDING)
    return db.exec(query).first()


def is_frozen(db: Session, pledge: Pledge) -> bool:
    """Whether nothing more of this pledge is spent; a match waits with the pledge it follows."""
    return pledge.id in frozen_pledges(db, db.get_one(Campaign, pledge.campaign_id))


def frozen_pledges(db: Session, campaign: Campaign) -> set[int]:
    """The pledges of a campaign that nothing more is spent of, matches included.

    Once it has ended there is nothing to wait for: what was accepted is released of what is held.
    """
    if campaign.state != CampaignState.SECURED:
        return set()
    query = select(Freeze.pledge_id).where(
        Freeze.campaign_id == campaign.id, Freeze.state == FreezeState.STANDING
    )
    names = set(db.exec(query))
    following = select(Pledge.id).where(col(Pledge.follows_id).in_(names))
    return names | set(db.exec(following)) if names else names


def lift(db: Session, freeze: Freeze, *, reason: str, by: Actor, at: datetime) -> Freeze:
    """A treasurer lets the backer's further parts be spent although the claim stands, with a reason on record."""
    require_role(by, Role.TREASURER)
    campaign = campaigns.lock(db, freeze.campaign_id)
    db.refresh(freeze)
    stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    if freeze.state != FreezeState.STANDING:
        raise Conflict("These parts are not frozen any more.")
    require(reason.strip(), "Please give the reason: it stays on record.", field="freeze_reason")
    _end(db, freeze, FreezeState.LIFTED, "lift", reason=reason.strip(), by=by, at=at)
    return freeze


def settled(db: Session, _at: datetime) -> list[int]:
    """Freezes whose claim is settled: paid again, won back or set off."""
    query = select(Freeze, Pledge).join(Pledge, col(Pledge.id) == col(Freeze.pledge_id))
    rows = db.exec(query.where(Freeze.state == FreezeState.STANDING).order_by(col(Freeze.id)))
    return [freeze.id for freeze, pledge in rows if _is_settled(db, pledge)]


def settle(db: Session, freeze: Freeze, *, at: datetime) -> None:
    """The claim is settled: the freeze ends by itself."""
    campaigns.lock(db, freeze.campaign_id)
    db.refresh(freeze)
    if freeze.state == FreezeState.STANDING and _is_settled(db, db.get_one(Pledge, freeze.pledge_id)):
        _end(db, freeze, FreezeState.SETTLED, "settle", reason="", by=None, at=at)


def _is_settled(db: Session, pledge: Pledge) -> bool:
    taken_back = select(Call.id).where(Call.pledge_id == pledge.id, Call.state == CallState.CHARGED_BACK)
    return not balance(db, accounts.claim(pledge).code) and db.exec(taken_back).first() is None


def _end(
    db: Session, freeze: Freeze, state: FreezeState, act: str, *, reason: str, by: Actor | None, at: datetime
) -> None:
    before = freeze.state
    move(freeze, state)
    freeze.ended_at, freeze.end_reason = at, reason
    record(db, act, freeze, by=by, at=at, before=before, campaign_id=freeze.campaign_id, reason=reason)
