"""The call on paper: what its page says, as the PDF wants it."""

from collections.abc import Mapping

from flask import current_app
from sqlmodel import Session

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Part, Pledge
from app.documents.call import CalledMilestone, CallForFunds
from app.documents.document import render
from app.documents.spelling import percent
from app.escrow import calls
from app.escrow.model import Call
from app.escrow.paying import told_of
from app.estimates.model import Estimate
from app.kit.clock import day_of
from app.kit.money import Cents
from app.kit.words import _, use_language
from app.people.model import Organization
from app.people.operator import fund_of, operator_of, party_of

NAMES = {"fr": "appel", "en": "call"}


def paper_of(
    db: Session, call: Call, language: str, *, told: Mapping[str, str], paid_cents: Cents, page: str
) -> CallForFunds:
    """The call as a paper in this language. `told` is what its rail says of paying, `page` where else to read it."""
    pledge = db.get_one(Pledge, call.pledge_id)
    campaign = db.get_one(Campaign, call.campaign_id)
    seller = db.get_one(Organization, db.get_one(Estimate, campaign.estimate_id).organization_id)
    zone = operator_of(db).zone
    with use_language(language, zone):
        milestones = tuple(_milestones(db, call, campaign, language))
    return CallForFunds(
        number=call.number, issued_on=day_of(call.issued_at, zone), due_on=call.due_on, operator=party_of(fund_of(db)),
        backer=party_of(db.get_one(Organization, pledge.organization_id)), seller=party_of(seller),
        campaign=campaign.title, milestones=milestones, fee_cents=call.fee_cents, fee_vat_cents=call.fee_vat_cents,
        paid_cents=paid_cents, currency=call.currency, reference=told.get("reference", call.reference),
        language=language,
        po_number=pledge.po_number, cost_center=pledge.cost_center, holder=told.get("holder", ""),
        iban=told.get("account", "") if "holder" in told else "", bic=told.get("bic", ""),
        page=page,
    )  # fmt: skip


def _milestones(db: Session, call: Call, campaign: Campaign, language: str) -> list[CalledMilestone]:
    known = {one.id: one for one in campaigns.milestones_of(db, campaign.estimate_id)}
    found = []
    for line in calls.lines_of(db, call):
        part = db.get_one(Part, line.part_id)
        milestone = known[part.milestone_id]
        words = {
            "reverse_charge": _("reverse charge: you declare the VAT yourself"),
            "exempt": _("exempt from VAT"),
            "outside_scope": _("outside the scope of VAT"),
        }.get(part.vat_kind) or _("VAT of %(rate)s", rate=percent(part.vat_rate_basis_points, language))
        found.append(
            CalledMilestone(milestone.number, milestone.title, line.price_cents, line.vat_cents, words)
        )
    return found


def call_pdf(db: Session, call: Call, language: str) -> bytes:
    """The call as it stands now, as a PDF."""
    page = f"{current_app.config['SETTINGS'].base_url}/calls/{call.public_id}"
    return render(paper_of(db, call, language, told=told_of(db, call), paid_cents=call.paid_cents, page=page))


def issued_pdf(db: Session, call: Call, language: str) -> bytes:
    """The call as it was issued, whatever was paid since: what was asked for and why, not how to pay it."""
    return render(paper_of(db, call, language, told={}, paid_cents=0, page=""))


def file_name(call: Call, language: str) -> str:
    """What the file is called when it is kept: "appel-2026-0004.pdf"."""
    return f"{NAMES[language]}-{call.number}.pdf"
