"""Papers are drawn the same each time, in one typeface, and lose nothing of what people typed."""

import io
import re
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from app.documents import spelling, texts
from app.documents.certificate import BackerAnswer, Criterion, Evidence, Outcome, Signatory, Verdict
from app.documents.document import render
from app.documents.ink import glyphs
from app.documents.party import Party
from app.documents.quote import QuotedMilestone
from app.documents.tables import pieces
from tests.documents_cast import FIRST, certificate, holds, pages, quote, words

HOSTILE = '<img src="/etc/hostname"/> A & B <script>alert(1)</script> {x} <b>'


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_same_facts_give_the_same_bytes_and_carry_their_own_date(language: str) -> None:
    for paper in (quote(language=language), certificate(language=language)):
        assert render(paper) == render(paper)
        details = PdfReader(io.BytesIO(render(paper))).metadata
        assert details is not None
        assert details.creation_date is not None
        assert details.creation_date.date() == paper.issued_on
    assert render(quote(language=language)) != render(quote(language=language, issued_on=date(2026, 11, 23)))


def test_what_people_type_is_printed_literally_and_embeds_no_file() -> None:
    party = Party(HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),), (HOSTILE,), "FR", HOSTILE, HOSTILE)
    milestone = QuotedMilestone(1, HOSTILE, (HOSTILE,), None, True, 100)
    nasty = quote(
        title=HOSTILE,
        software=HOSTILE,
        needs=(HOSTILE,),
        milestones=(milestone,),
        seller=party,
        operator=party,
        buyer=party,
        license=HOSTILE,
        repository=HOSTILE,
        vat_notes=(HOSTILE,),
        number=HOSTILE,
    )
    outcome = Outcome(date(2027, 3, 1), None, 5000, HOSTILE, (HOSTILE,))
    other = certificate(
        operator=party,
        seller=party,
        campaign=HOSTILE,
        milestone_title=HOSTILE,
        version=HOSTILE,
        evidence=(Evidence(HOSTILE, HOSTILE, HOSTILE),),
        criteria=(Criterion(HOSTILE),),
        answers=(BackerAnswer(HOSTILE, Verdict.REFUSED, None, HOSTILE),),
        outcome=outcome,
        signatories=(Signatory(HOSTILE, HOSTILE, HOSTILE),),
    )
    for paper in (nasty, other):
        assert holds(words(paper), HOSTILE)
        assert not [image for page in PdfReader(io.BytesIO(render(paper))).pages for image in page.images]


@pytest.mark.parametrize("text", ["W" * 3000, "word " * 500, "line\n" * 200])
def test_a_text_of_any_length_finds_its_place_and_loses_nothing(text: str) -> None:
    milestones = tuple(QuotedMilestone(at, text, (text, text), None, True, 100) for at in (1, 2))
    long = quote(title=text[:500], needs=(text,), milestones=milestones, license=text, vat_notes=(text,))
    letter = text.strip()[0]
    assert words(long).count(letter) >= 8 * text.count(letter)
    answers = (BackerAnswer(text, Verdict.REFUSED, None, text, 10),)
    outcome = Outcome(date(2027, 3, 1), None, 10, text)
    evidence = (Evidence(text, text, text),)
    paper = certificate(answers=answers, outcome=outcome, evidence=evidence, version=text)
    assert words(paper).count(letter) >= 7 * text.count(letter)


def test_a_text_cut_in_pieces_keeps_every_word() -> None:
    text = "one two three " * 200
    assert "".join(pieces(text)).replace(" ", "") == text.replace(" ", "")
    assert max(map(len, pieces(text))) <= 450


@pytest.mark.parametrize("count", [1, 4, 5, 6, 7, 8, 9, 13, 14, 20, 33])
def test_a_long_table_repeats_its_head_and_leaves_no_line_alone(count: int) -> None:
    milestones = tuple(
        replace(FIRST, number=at, title=f"Title{at}.", criteria=(f"First{at}.", f"Second{at}."))
        for at in range(1, count + 1)
    )
    found = pages(quote(milestones=milestones))
    for text in found:
        rows = re.findall(r"Title(\d+)\.", text)
        assert (not rows) or "Price excl. VAT" in text
        for at in rows:
            assert holds(text, f"First{at}.", f"Second{at}.")
        if "Total excl. VAT" in text:
            assert holds(text, f"Title{count}.", "Total incl. VAT", "a few cents")
    assert sum(text.count("Price excl. VAT") for text in found) == sum("Title" in text for text in found)
    assert sum("Approved and agreed" in text and "Signature" in text for text in found) == 1


def test_every_page_says_its_number_and_who_issues_it() -> None:
    milestones = tuple(replace(FIRST, number=number) for number in range(1, 31))
    found = pages(quote(milestones=milestones, language="fr"))
    assert len(found) > 3
    for at, text in enumerate(found, start=1):
        assert holds(
            text, f"Page {at}/{len(found)}", "association loi 1901", "RNA W751234567", "Devis D-2026-0042"
        )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_only_the_embedded_typeface_is_used(language: str) -> None:
    for paper in (quote(language=language, number=None), certificate(language=language)):
        reader = PdfReader(io.BytesIO(render(paper)))
        for page in reader.pages:
            for reference in page["/Resources"]["/Font"].values():  # type: ignore[index]
                font = reference.get_object()
                assert "SourceSansPro" in font["/BaseFont"]
                assert "/FontFile2" in font["/FontDescriptor"]


def test_no_character_is_printed_as_an_empty_box() -> None:
    for language in texts.LANGUAGES:
        for table in ("house", "quote", "certificate", "vat"):
            entries = [entry for group in texts.read(table).get("sentences", {}).values() for entry in group]
            for entry in [*entries, *texts.read(table).get("labels", {}).values()]:
                printed = spelling.legible(entry[language], glyphs())
                assert all(ord(character) in glyphs() for character in printed)
                assert spelling.NO_GLYPH not in printed


def test_what_the_typeface_lacks_leaves_a_square_and_what_misleads_goes_away() -> None:
    assert (
        spelling.legible("中 Ωя ő e\u0301 1\u202f000 non\u2011stop", glyphs())
        == "□ Ωя ő é 1\u00a0000 non-stop"
    )
    assert spelling.legible("a\u202eb\u200bc\x00d", glyphs()) == "abcd"
    assert (
        spelling.legible("capital de 20 000 € en 2026", glyphs()) == "capital de 20\u00a0000\u00a0€ en 2026"
    )
