"""The evidence pack against a charge-back: what was sold, that it was taken, and the papers that say so."""

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Pledge
from app.escrow.model import Call, Deposit, Release
from app.escrow.model_outside import BankDispute
from app.people.model import Organization
from app.rails.abilities import Evidence


def pack(db: Session, dispute: BankDispute) -> Evidence:
    """What we hand in: the contract as it was signed, the releases that followed an acceptance, the call."""
    deposit = db.get_one(Deposit, dispute.deposit_id)
    call = db.get(Call, deposit.call_id) if deposit.call_id else None
    if call is None:
        return Evidence("A payment nobody matched to a call.", "", "", deposit.payer_name, "")
    pledge, campaign = db.get_one(Pledge, call.pledge_id), db.get_one(Campaign, call.campaign_id)
    payer = db.get_one(Organization, pledge.payer_id or pledge.organization_id)
    released = list(db.exec(select(Release).where(
        Release.campaign_id == campaign.id).order_by(col(Release.id))))  # fmt: skip
    taken = "; ".join(f"{release.cause} on {release.at.date().isoformat()}" for release in released)
    signed = (
        f"Signed {pledge.signed_at.date().isoformat()}, SHA-256 {pledge.signed_hash}."
        if pledge.signed_at
        else ""
    )
    return Evidence(
        what_was_sold=f"{campaign.title}: part of the work, by call {call.number} ({call.reference}).",
        acceptance=f"{signed}\n\n{pledge.signed_text}\n\nAccepted: {taken or 'not yet'}."[:20_000],
        billing_address=f"{payer.street}, {payer.postcode} {payer.city}, {payer.country}",
        payer_name=payer.name,
        service_date=released[-1].at.date().isoformat() if released else call.issued_at.date().isoformat(),
        papers={"contract": pledge.signed_text.encode()} if pledge.signed_text else {},
    )
