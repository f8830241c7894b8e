"""Mails about cards and mandates a payer left, and about debits before they are made."""

import json
from collections.abc import Iterator

from sqlmodel import Session

from app.campaigns.model import Campaign, Pledge
from app.escrow import mandates
from app.escrow.model import Call
from app.escrow.model_outside import Collection, PaymentMeans
from app.notices.about_beginnings import reason_of
from app.notices.readers import PAYERS, Copy, to
from app.people.step import Step


def collection(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A debit to its payer, before it is made: how much, on which day, from which account, by which mandate."""
    about = db.get_one(Collection, step.thing_id)
    call = db.get_one(Call, about.call_id)
    pledge = db.get_one(Pledge, call.pledge_id)
    left = db.get_one(PaymentMeans, about.payment_means_id)
    mandate = mandates.mandate_of(db, left)
    said = json.loads(step.facts)
    facts = {
        "title": db.get_one(Campaign, call.campaign_id).title, "number": call.number, "amount": said["amount"],
        "currency": call.currency, "pull_on": said["day"], "ends": mandate.iban[-4:], "reference": mandate.reference,
        "creditor": mandate.creditor, "creditor_id": mandate.creditor_id, "again": about.attempt > 1,
        "url": f"{base_url}/calls/{call.public_id}",
    }  # fmt: skip
    yield from to(db, [pledge.payer_id or pledge.organization_id], PAYERS, facts)


def bank_mandate(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """What became of a mandate, to those who pay for its organization."""
    about = mandates.by_id(db, step.thing_id)
    facts = {
        "reference": about.reference, "ends": about.iban[-4:], "reason": reason_of(step),
        "url": f"{base_url}/means-of-payment",
    }  # fmt: skip
    yield from to(db, [mandates.payer_of(db, about).id], PAYERS, facts)


def payment_means(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A card that ends or has ended, a means that is blocked, to those who pay with it; a mandate has its own mail."""
    about = db.get_one(PaymentMeans, step.thing_id)
    if mandates.is_mandate(about) or (about.expires_on is None and step.act != "block"):
        return
    facts = {
        "shown": about.shown, "last_on": about.expires_on.isoformat() if about.expires_on else "",
        "url": f"{base_url}/means-of-payment",
    }  # fmt: skip
    yield from to(db, [about.organization_id], PAYERS, facts)
