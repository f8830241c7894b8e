"""A quote and a certificate to be drawn, and what a reader finds on their pages."""

import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

from pypdf import PdfReader

from app.documents import vat
from app.documents.certificate import (
    AcceptanceCertificate,
    BackerAnswer,
    Criterion,
    Evidence,
    Outcome,
    Signatory,
    Sum,
    Verdict,
)
from app.documents.document import render
from app.documents.party import Party
from app.documents.quote import Quote, QuotedMilestone

OPERATOR = Party(
    "Fonds Jalon",
    "association loi 1901",
    (("RNA", "W751234567"),),
    ("12 rue des Géomètres", "75011 Paris"),
    "FR",
    "FR12902345678",
    "contact@jalon.example",
)
SELLER = Party("Atelier Wiki", "SARL", (("SIREN", "812 345 679"),), ("35000 Rennes",), "FR", "FR45812345679")
BUYER = Party("Banque Lumen", "SA", (("SIREN", "552 100 554"),), ("69002 Lyon",), "FR")
FIRST = QuotedMilestone(1, "Shared cursor", ("No keystroke is lost",), date(2027, 2, 1), True, 6_200_000)
SECOND = QuotedMilestone(2, "Offline mode", ("Works on a train",), None, False, 1_234_56)


def quote(**changes: Any) -> Quote:
    paper = Quote(
        number="D-2026-0042",
        issued_on=date(2026, 11, 22),
        valid_until=date(2027, 1, 1),
        seller=SELLER,
        operator=OPERATOR,
        software="XWiki",
        title="Real-time editing",
        needs=("Edit together",),
        milestones=(FIRST, SECOND),
        currency="EUR",
        vat=vat.treatment(vat.Regime.DOMESTIC, 2000, "FR", "FR", None),
        license="LGPL-2.1",
        language="en",
    )
    return replace(paper, **changes)


def certificate(**changes: Any) -> AcceptanceCertificate:
    paper = AcceptanceCertificate(
        number="PV-2027-0007",
        issued_on=date(2027, 3, 1),
        operator=OPERATOR,
        seller=SELLER,
        campaign="Real-time editing",
        software="XWiki",
        quote_number="D-2026-0042",
        milestone_number=1,
        milestone_title="Shared cursor",
        price_cents=6_200_000,
        currency="EUR",
        version="17.2.0, commit 4f9d2c8",
        handed_in_on=date(2027, 2, 14),
        evidence=(Evidence("Tag 17.2.0", "https://git.example/17.2.0", "Signed"),),
        criteria=(Criterion("No keystroke is lost", met=True), Criterion("Fast enough", met=False)),
        answers=(
            BackerAnswer("Banque Lumen", Verdict.ACCEPTED, date(2027, 2, 20), "", 6000),
            BackerAnswer("Nord", Verdict.REFUSED, date(2027, 2, 21), "The cursor disappears", 2500),
            BackerAnswer("An organization", Verdict.SILENT, None, "", 1500),
        ),
        outcome=Outcome(date(2027, 3, 1), accepted_weight_basis_points=6000),
        released=Sum(6_200_000, 1_240_000),
        language="en",
        signatories=(Signatory("Ada Laurent", "Chair", "Fonds Jalon", date(2027, 3, 1)),),
    )
    return replace(paper, **changes)


def pages(paper: Quote | AcceptanceCertificate) -> list[str]:
    """The text of each page, with plain spaces between words and line ends folded."""
    reader = PdfReader(io.BytesIO(render(paper)))
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


def words(paper: Quote | AcceptanceCertificate) -> str:
    return " ".join(pages(paper))


def holds(text: str, *sentences: str) -> bool:
    """Whether the text holds all of them; where a line was cut does not matter."""
    bare = re.sub(r"\s", "", text)
    missing = [sentence for sentence in sentences if re.sub(r"\s", "", sentence) not in bare]
    assert not missing, f"{missing} not in {text}"
    return True
