"""The acceptance certificate on paper: a decided delivery, with what its reader may see."""

from urllib.parse import urlsplit

from sqlmodel import Session

from app.catalogue.model import Software
from app.delivery.amounts import Amounts
from app.delivery.checking import checks_of, words_of
from app.delivery.doors import Around
from app.delivery.model import Delivery
from app.delivery.seen import Backer, backers_of, is_party, tally_of
from app.delivery.standing import dispute_of, latest_opinions
from app.documents.certificate import (
    AcceptanceCertificate,
    BackerAnswer,
    Criterion,
    Evidence,
    Outcome,
    Verdict,
)
from app.documents.document import render
from app.kit.clock import day_of
from app.kit.words import use_language
from app.people.access import Actor
from app.people.model import Person
from app.people.operator import fund_of, party_of

NAMES = {"fr": "pv-de-recette", "en": "certificate"}


def certificate_pdf(
    db: Session, of: Around, delivery: Delivery, amounts: Amounts, reader: Actor | None, language: str
) -> bytes:
    """The certificate as a PDF: the same facts and reader give the same bytes."""
    with use_language(language):
        return render(certificate_of(db, of, delivery, amounts, reader, language))


def certificate_of(
    db: Session, of: Around, delivery: Delivery, amounts: Amounts, reader: Actor | None, language: str
) -> AcceptanceCertificate:
    """The certificate of a delivery that was accepted or awarded. Dated by the last of its facts."""
    zone = of.campaign.zone
    issued_at = max(moment for moment in (amounts.last_at, delivery.decided_at) if moment)
    backers = backers_of(db, delivery, reader)
    checks = checks_of(db, delivery)
    return AcceptanceCertificate(
        number=number_of(of),
        issued_on=day_of(issued_at, zone),
        operator=party_of(fund_of(db)),
        seller=party_of(of.maintainer),
        campaign=of.campaign.title,
        software=db.get_one(Software, of.item.software_id).name,
        quote_number=of.estimate.number,
        milestone_number=of.milestone.number,
        milestone_title=of.milestone.title,
        price_cents=of.milestone.price_cents,
        currency=of.campaign.currency,
        version=delivery.version,
        handed_in_on=day_of(delivery.handed_in_at, zone),
        evidence=tuple(
            Evidence(urlsplit(line).hostname or line, line, words_of(checks, line))
            for line in delivery.evidence.splitlines()
        ),
        criteria=tuple(Criterion(line) for line in of.milestone.criteria.splitlines() if line.strip()),
        answers=tuple(_answer(backer, zone) for backer in backers if backer.answer),
        outcome=_outcome(db, of, delivery, backers, reader),
        released=amounts.released,
        awaited=amounts.awaited_sum,
        returned=amounts.returned,
        language=language,
    )


def number_of(of: Around) -> str:
    """The certificate's number: its quote's, and which milestone."""
    return f"{of.estimate.number}-{of.milestone.number}"


def file_name(of: Around, language: str) -> str:
    """What the file is called when it is kept."""
    return f"{NAMES[language]}-{number_of(of)}.pdf"


def _answer(backer: Backer, zone: str) -> BackerAnswer:
    answer = backer.answer
    assert answer is not None
    verdict = Verdict.ACCEPTED if answer.accepts else Verdict.REFUSED
    return BackerAnswer(
        backer=backer.name,
        verdict=Verdict.SILENT if answer.by_silence else verdict,
        answered_on=day_of(answer.at, zone),
        reasons=answer.reasons,
        weight_basis_points=backer.weight_basis_points,
    )


def _outcome(
    db: Session, of: Around, delivery: Delivery, backers: list[Backer], reader: Actor | None
) -> Outcome:
    decided_at = delivery.decided_at
    assert decided_at is not None
    decided_on = day_of(decided_at, of.campaign.zone)
    dispute = dispute_of(db, delivery)
    if dispute is None or dispute.share_basis_points is None:
        weight = tally_of(db, delivery, backers).accepting_basis_points
        return Outcome(decided_on, accepted_weight_basis_points=weight)
    agreeing = [
        one for one in latest_opinions(db, dispute) if one.share_basis_points == dispute.share_basis_points
    ]
    names = tuple(db.get_one(Person, one.person_id).name for one in agreeing)
    return Outcome(
        decided_on,
        award_basis_points=dispute.share_basis_points,
        reason=" · ".join(one.reason for one in agreeing),
        arbitrators=names if is_party(db, of.campaign, reader) else (),
    )
