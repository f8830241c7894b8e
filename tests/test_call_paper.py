"""The call as a paper: what it says, and a code that banking apps read to the last character."""

import io
from dataclasses import replace
from datetime import date

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from app.documents.call import CalledMilestone, CallForFunds
from app.documents.codes import transfer_code
from app.documents.document import render
from app.documents.party import Party
from tests.statements import OUR_IBAN

CALL = CallForFunds(
    number="2026-0004", issued_on=date(2026, 11, 23), due_on=date(2026, 12, 23),
    operator=Party("Fonds des communs", country="FR"), backer=Party("Banque Lumen", "SA", country="FR"),
    seller=Party("Atelier Wiki", country="FR"), campaign="Real-time editing",
    milestones=(CalledMilestone(1, "Two persons edit one page", 300_000, 60_000, "VAT of 20%"),),
    fee_cents=15_000, fee_vat_cents=3_000, paid_cents=100_000, currency="EUR", reference="RF18JAL20260004",
    language="en", po_number="PO-4711", holder="Fonds des communs", iban=OUR_IBAN, bic="BDFEFRPPXXX",
)  # fmt: skip


def words_of(paper: CallForFunds) -> str:
    """All that the paper says."""
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(render(paper))).pages)
    return " ".join(text.replace("\xa0", " ").split())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_paper_says_who_pays_what_for_which_order_by_when_and_how(language: str) -> None:
    said = words_of(replace(CALL, language=language))
    for words in (
        "2026-0004",
        "PO-4711",
        "Banque Lumen",
        "Two persons edit one page",
        "FR76 3000 1007",
        "RF18 JAL2 0260 004",
    ):
        assert words in said
    total, paid, open_ = {
        "en": ("3,780.00", "1,000.00", "2,780.00"), "fr": ("3 780,00", "1 000,00", "2 780,00"),
    }[language]  # fmt: skip
    assert total in said
    assert paid in said
    assert open_ in said


def test_the_code_on_the_page_is_read_as_the_transfer_it_is() -> None:
    page = pypdfium2.PdfDocument(render(CALL))[0]
    picture = page.render(scale=3).to_pil()
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text.split("\n") == [
        "BCD", "002", "1", "SCT", "BDFEFRPPXXX", "Fonds des communs", OUR_IBAN, "EUR2780.00", "", "RF18JAL20260004",
    ]  # fmt: skip


def test_a_providers_own_reference_is_text_in_the_code_and_is_not_cut_into_groups() -> None:
    own = replace(CALL, reference="R7QK3W2XN")
    assert "R7QK3W2XN" in words_of(own)
    assert own.code().split("\n")[-2:] == ["", "R7QK3W2XN"]


def test_there_is_no_code_where_there_is_no_such_transfer() -> None:
    facts = {"holder": "F", "iban": OUR_IBAN, "bic": "", "cents": 1, "currency": "EUR", "reference": "RF"}
    assert transfer_code(**facts)  # type: ignore[arg-type]
    for change in ({"currency": "CHF"}, {"iban": ""}, {"cents": 0}):
        assert transfer_code(**facts | change) == ""  # type: ignore[arg-type]
    paid = words_of(replace(CALL, paid_cents=378_000))
    assert "How to pay" not in paid
    assert "0.00" in paid
