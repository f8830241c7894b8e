"""The evidence pack against a charge-back: what was sold, that it was taken, and the papers that say so."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Part, Pledge
from app.delivery.amounts import amounts_of, may_read_certificate
from app.delivery.doors import Around
from app.delivery.model import Delivery, DeliveryState
from app.escrow.model import Call, CallLine, Deposit, Release
from app.escrow.model_outside import BankDispute
from app.estimates.model import Estimate, Milestone
from app.people.model import Organization
from app.rails.abilities import Evidence
from app.roadmap.model import RoadmapItem

# The names under which a rail takes papers: the signed promise, the call, the certificate of what was accepted.
PAPERS = ("contract", "call", "acceptance")
ACCEPTED = (DeliveryState.ACCEPTED, DeliveryState.ACCEPTED_WITH_RESERVES, DeliveryState.PART_ACCEPTED)


@dataclass(frozen=True)
class Contested:
    """What a charge-back is about: the call it paid, who promised it and who paid."""

    call: Call
    pledge: Pledge
    campaign: Campaign
    payer: Organization


def contested(db: Session, dispute: BankDispute) -> Contested | None:
    """What was paid; None where nobody matched the payment to a call."""
    deposit = db.get_one(Deposit, dispute.deposit_id)
    call = db.get(Call, deposit.call_id) if deposit.call_id else None
    if call is None:
        return None
    pledge = db.get_one(Pledge, call.pledge_id)
    payer = db.get_one(Organization, pledge.payer_id or pledge.organization_id)
    return Contested(call, pledge, db.get_one(Campaign, call.campaign_id), payer)


def pack(db: Session, dispute: BankDispute, language: str = "en") -> Evidence:
    """What we hand in: the contract as it was signed, the call as it was issued, what was accepted of its milestones.

    Nothing of another backer is in it that the public cannot read.
    """
    about = contested(db, dispute)
    if about is None:
        unknown = db.get_one(Deposit, dispute.deposit_id).payer_name
        return Evidence("A payment nobody matched to a call.", "", "", unknown, "")
    call, pledge, payer = about.call, about.pledge, about.payer
    released = _released(db, call)
    taken = "; ".join(f"{one.cause} on {one.at.date().isoformat()}" for one in released)
    signed = ""
    if pledge.signed_at:
        signed = f"Signed {pledge.signed_at.date().isoformat()}, SHA-256 {pledge.signed_hash}."
    return Evidence(
        what_was_sold=f"{about.campaign.title}: part of the work, by call {call.number} ({call.reference}).",
        acceptance=f"{signed}\n\n{pledge.signed_text}\n\nAccepted: {taken or 'not yet'}."[:20_000],
        billing_address=f"{payer.street}, {payer.postcode} {payer.city}, {payer.country}",
        payer_name=payer.name,
        service_date=(released[-1].at if released else call.issued_at).date().isoformat(),
        papers=_papers(db, about, language),
    )


def _released(db: Session, call: Call) -> list[Release]:
    query = select(Release).join(CallLine, col(CallLine.part_id) == col(Release.part_id))
    return list(db.exec(query.where(CallLine.call_id == call.id).order_by(col(Release.id))))


def _papers(db: Session, about: Contested, language: str) -> dict[str, bytes]:
    from app.escrow.paper import issued_pdf  # what draws papers is loaded with the first one

    papers = {"call": issued_pdf(db, about.call, language)}
    if about.pledge.signed_text:
        papers["contract"] = about.pledge.signed_text.encode()
    if certificate := _certificate(db, about, language):
        papers["acceptance"] = certificate
    return {name: papers[name] for name in PAPERS if name in papers}


def _certificate(db: Session, about: Contested, language: str) -> bytes | None:
    """The certificate of the newest accepted milestone this call paid for, as anybody may read it."""
    from app.delivery.paper import certificate_pdf

    query = (
        select(Delivery)
        .join(Part, col(Part.milestone_id) == col(Delivery.milestone_id))
        .join(CallLine, col(CallLine.part_id) == col(Part.id))
        .where(CallLine.call_id == about.call.id, col(Delivery.state).in_(ACCEPTED))
        .order_by(col(Delivery.id).desc())
    )
    delivery = db.exec(query).first()
    if delivery is None:
        return None
    amounts = amounts_of(db, about.campaign, delivery, None)
    if not may_read_certificate(db, about.campaign, amounts, None):
        return None
    milestone = db.get_one(Milestone, delivery.milestone_id)
    estimate = db.get_one(Estimate, milestone.estimate_id)
    item, maker = (
        db.get_one(RoadmapItem, estimate.item_id),
        db.get_one(Organization, estimate.organization_id),
    )
    of = Around(milestone, about.campaign, estimate, item, maker)
    return certificate_pdf(db, of, delivery, amounts, None, language)
