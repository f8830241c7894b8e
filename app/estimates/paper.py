"""The quote on paper: an estimate with its milestones and parties, as the PDF wants them."""

from sqlmodel import Session

from app.catalogue.model import Software
from app.documents.document import render
from app.documents.quote import Quote, QuotedLine, QuotedMilestone
from app.documents.vat import Kind, Regime, Treatment
from app.estimates.amending import amendments_in
from app.estimates.history import revisions
from app.estimates.model import Estimate, EstimateLine
from app.estimates.reading import lines_of, team_of
from app.estimates.rules import PRIVATE, milestones_of
from app.kit.clock import day_of
from app.kit.rules import Missing
from app.people.model import Organization
from app.people.operator import fund_of, operator_of, party_of
from app.roadmap.model import RoadmapItem
from app.roadmap.rules import needs_of

NAMES = {"fr": "devis", "en": "quote"}


def treatment_of(estimate: Estimate) -> Treatment:
    """How the paper shows VAT while the buyers are not known: as the seller declares it."""
    regime = Regime(estimate.vat_regime)
    if regime == Regime.DOMESTIC:
        return Treatment(Kind.DOMESTIC, estimate.vat_rate_basis_points, "domestic")
    return Treatment(Kind(regime.value), 0, regime.value)


def quote_of(db: Session, estimate: Estimate, language: str) -> Quote:
    """The quote of a submitted estimate. Raises `Missing` for a draft: nothing of it is binding."""
    if estimate.state in PRIVATE or estimate.submitted_at is None or estimate.valid_until is None:
        raise Missing
    item = db.get_one(RoadmapItem, estimate.item_id)
    software = db.get_one(Software, item.software_id)
    milestones = milestones_of(db, estimate)
    lines = lines_of(db, milestones)
    return Quote(
        number=estimate.number,
        issued_on=day_of(estimate.submitted_at, operator_of(db).zone),
        valid_until=estimate.valid_until,
        seller=party_of(db.get_one(Organization, estimate.organization_id)),
        operator=party_of(fund_of(db)),
        software=software.name,
        title=item.title,
        needs=tuple(need.title for need in needs_of(db, item)),
        milestones=tuple(
            QuotedMilestone(
                number=milestone.number,
                title=milestone.title,
                criteria=tuple(milestone.criteria.splitlines()),
                due_on=milestone.due_on,
                required=milestone.is_required,
                price_cents=milestone.price_cents,
                lines=tuple(_line(line) for line in lines[milestone.id]),
            )
            for milestone in milestones
        ),
        revision=len(revisions(db, estimate)),
        assumptions=estimate.assumptions,
        exclusions=estimate.exclusions,
        upkeep_months=estimate.upkeep_months,
        warranty_months=estimate.warranty_months,
        includes_review=estimate.includes_review,
        team=tuple((one.name, one.share_basis_points) for one in team_of(db, estimate)),
        amendments=tuple(
            (day_of(one.at, operator_of(db).zone), one.title, one.price_cents)
            for one in amendments_in(db, estimate.id)
        ),
        currency=estimate.currency,
        vat=treatment_of(estimate),
        license=estimate.license,
        language=language,
        repository=software.repository_url,
    )


def _line(line: EstimateLine) -> QuotedLine:
    label = f"{line.label} ({line.who})" if line.who else line.label
    return QuotedLine(label, line.price_cents, line.day_hundredths, line.day_rate_cents)


def quote_pdf(db: Session, estimate: Estimate, language: str) -> bytes:
    """The quote as a PDF, the same bytes each time it is asked for."""
    return render(quote_of(db, estimate, language))


def file_name(estimate: Estimate, language: str) -> str:
    """What the file is called when it is kept: "devis-D-2026-0007.pdf"."""
    return f"{NAMES[language]}-{estimate.number}.pdf"
