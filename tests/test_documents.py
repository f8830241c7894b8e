"""The papers: what they say, that they never change, and that nothing a person types can bend them."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from string import Formatter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pypdf import PdfReader

from app.documents import spelling, texts, vat
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
from app.documents.ink import glyphs
from app.documents.party import Party
from app.documents.quote import Quote, QuotedMilestone
from app.documents.tables import pieces

HOSTILE = '<img src="/etc/hostname"/> A & B <script>alert(1)</script> {x} <b>'

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


def test_a_quote_says_in_english_who_sells_what_for_how_much() -> None:
    text = words(quote(repository="git.example/xwiki", previous_hash="ab12", deadline_on=date(2026, 12, 3)))
    assert holds(text, "Quote D-2026-0042", "22 November 2026", "Atelier Wiki, SARL", "SIREN 812 345 679")
    assert holds(text, "Fonds Jalon, association loi 1901", "VAT FR12902345678", "No keystroke is lost")
    assert holds(text, "€62,000.00", "€1,234.56", "€63,234.56", "VAT 20%", "€12,646.91", "€75,881.47")
    assert holds(text, "reach €62,000.00 excl. VAT", "by 3 December 2026", "LGPL-2.1", "Approved and agreed")
    assert holds(text, "git.example/xwiki", "ab12", "neither buys nor resells", "€40", "Page 1/")


def test_a_quote_says_the_same_in_french_as_french_writes_it() -> None:
    text = words(quote(language="fr", vat_notes=("Option sur les débits.",)))
    assert holds(text, "Devis D-2026-0042", "1er janvier 2027", "62 000,00 €", "TVA 20 %", "75 881,47 €")
    assert holds(text, "Bon pour accord", "Total TTC", "L. 441-10", "Option sur les débits.", "France")


def test_a_quote_for_one_buyer_names_it_and_its_pledge() -> None:
    text = words(quote(buyer=BUYER, pledge_cents=24_000_00))
    assert holds(text, "Banque Lumen, SA", "Buyer’s pledge, ceiling excl. VAT", "€24,000.00")
    assert "Each organization that pledges" not in text


def test_a_quote_without_number_is_marked_as_a_draft_on_each_page() -> None:
    milestones = tuple(replace(FIRST, number=number) for number in range(1, 31))
    assert all("Projet" in text for text in pages(quote(number=None, language="fr", milestones=milestones)))
    assert "Draft" not in words(quote())


@pytest.mark.parametrize(
    ("buyer_country", "number", "sentence"),
    [
        ("DE", "DE123", "Autoliquidation : la TVA est due par l’acheteur"),
        ("CH", None, "TVA française non applicable"),
    ],
)
def test_a_quote_without_vat_says_why(buyer_country: str, number: str | None, sentence: str) -> None:
    sale = vat.treatment(vat.Regime.DOMESTIC, 2000, "FR", buyer_country, number)
    text = words(quote(vat=sale, language="fr"))
    assert holds(text, sentence, "Total à payer", "63 234,56 €")
    assert not re.search(r"TVA 20", text)


def test_a_certificate_says_what_was_checked_who_answered_and_what_was_released() -> None:
    text = words(certificate())
    assert holds(
        text, "Acceptance certificate PV-2027-0007", "Milestone 1 · Shared cursor", "17.2.0, commit 4f9d2c8"
    )
    assert holds(
        text, "https://git.example/17.2.0", "Signed", "No keystroke is lost (met)", "Fast enough (not met)"
    )
    assert holds(text, "Accepts", "Refuses", "The cursor disappears", "No answer", "ten business days", "60%")
    assert holds(
        text, "€62,000.00", "€12,400.00", "€74,400.00", "owed to Atelier Wiki", "Ada Laurent", "Chair"
    )


def test_a_certificate_in_french_tells_a_public_body_that_the_work_was_done() -> None:
    text = words(certificate(language="fr", released=Sum(100, 20), awaited=Sum(300, 60)))
    assert holds(
        text,
        "Procès-verbal de recette",
        "1er mars 2027",
        "service fait",
        "Appelé auprès d’organismes publics",
    )
    assert holds(text, "60 % de son prix", "4,80 €")


@pytest.mark.parametrize(
    ("share", "sentence"),
    [
        (6000, "Award: 60% of the milestone"),
        (10_000, "the whole milestone is due to the seller"),
        (0, "nothing is due to the seller"),
    ],
)
def test_an_award_is_certified_with_its_share_reason_and_arbitrators(share: int, sentence: str) -> None:
    outcome = Outcome(date(2027, 3, 1), None, share, "Two of three hold.", ("I. Moreau", "K. Weber"))
    text = words(certificate(outcome=outcome))
    assert holds(text, sentence, "Two of three hold.", "I. Moreau, K. Weber", "1 March 2027")


def test_a_rejected_milestone_releases_nothing_and_says_so() -> None:
    outcome = Outcome(date(2027, 3, 1), None, 0)
    text = words(certificate(outcome=outcome, released=Sum(), returned=Sum(6_200_000, 1_240_000)))
    assert holds(
        text,
        "Owed back to the buyers",
        "each buyer receives what its own accounts still hold",
        "Released to the seller €0.00",
    )


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


def test_a_paper_in_a_language_without_texts_is_refused() -> None:
    with pytest.raises(ValueError, match="fr or en"):
        render(quote(language="de"))


def test_every_text_exists_in_both_languages_with_the_same_blanks() -> None:
    for path in texts.FOLDER.glob("*.toml"):
        table = texts.read(path.stem)
        assert not set(table.get("labels", {})) & set(table.get("sentences", {}))
        entries = [entry for group in table.get("sentences", {}).values() for entry in group]
        for entry in [*entries, *table.get("labels", {}).values()]:
            blanks = [
                {name for _, name, _, _ in Formatter().parse(entry[code]) if name} for code in ("fr", "en")
            ]
            assert blanks[0] == blanks[1], entry


def test_french_texts_put_a_no_break_space_before_double_punctuation() -> None:
    for path in texts.FOLDER.glob("*.toml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("fr = "):
                assert not re.search(r"[ \w][;:?!%»](?!/)| [;:?!%»]|« ", line), line


def test_a_text_in_force_depends_on_the_day_and_the_country() -> None:
    exempt = vat.treatment(vat.Regime.EXEMPT, 0, "FR", "FR", None)
    before = vat.mention(exempt, "fr", date(2026, 8, 31), seller_country="FR")
    after = vat.mention(exempt, "fr", date(2026, 9, 1), seller_country="FR")
    elsewhere = vat.mention(exempt, "fr", date(2026, 9, 1), seller_country="BE")
    assert "293 B du CGI." in before
    assert "CIBS" in after
    assert "CGI" not in elsewhere


def test_a_text_that_no_table_holds_stops_the_paper() -> None:
    with pytest.raises(texts.MissingTextError):
        texts.Texts("quote", "fr", date(1990, 1, 1))("payment")


def test_texts_that_nobody_checked_for_a_year_are_named() -> None:
    assert texts.to_review(date(2026, 11, 22)) == []
    assert "quote.payment" in texts.to_review(date(2028, 1, 1))


@pytest.mark.parametrize(
    ("regime", "seller", "buyer", "number", "kind", "rate"),
    [
        ("domestic", "FR", "FR", "FR99", "domestic", 2000),
        ("domestic", "FR", "FR", None, "domestic", 2000),
        ("domestic", "fr", "MC", None, "domestic", 2000),
        ("domestic", "FR", "DE", "DE123", "reverse_charge", 0),
        ("domestic", "FR", "DE", None, "domestic", 2000),
        ("domestic", "FR", "DE", "  ", "domestic", 2000),
        ("domestic", "GR", "EL", "EL1", "domestic", 2000),
        ("domestic", "FR", "CH", "CHE1", "outside_scope", 0),
        ("domestic", "FR", "GB", "GB1", "outside_scope", 0),
        ("domestic", "CH", "FR", "FR99", "reverse_charge", 0),
        ("domestic", "CH", "FR", None, "outside_scope", 0),
        ("domestic", "CH", "CH", None, "domestic", 2000),
        ("domestic", "CH", "US", None, "outside_scope", 0),
        ("exempt", "FR", "FR", "FR99", "exempt", 0),
        ("exempt", "FR", "DE", "DE123", "exempt", 0),
        ("exempt", "FR", "US", None, "exempt", 0),
        ("reverse_charge", "DE", "FR", "FR99", "reverse_charge", 0),
        ("reverse_charge", "FR", "FR", "FR99", "domestic", 2000),
    ],
)
def test_vat_follows_seller_buyer_and_number(
    regime: str, seller: str, buyer: str, number: str | None, kind: str, rate: int
) -> None:
    sale = vat.treatment(vat.Regime(regime), 2000, seller, buyer, number)
    assert (sale.kind, sale.rate_basis_points, sale.mention_key) == (kind, rate, kind)
    for language in texts.LANGUAGES:
        assert vat.mention(sale, language, date(2026, 11, 22), seller_country=seller)


def test_a_declared_reverse_charge_falls_back_on_the_standard_rate_of_the_day() -> None:
    sale = vat.treatment(vat.Regime.REVERSE_CHARGE, 0, "EE", "EE", None, on=date(2025, 6, 30))
    assert (sale.kind, sale.rate_basis_points) == (vat.Kind.DOMESTIC, 2200)
    assert vat.treatment(vat.Regime.REVERSE_CHARGE, 0, "EE", "EE", None).rate_basis_points == 2400


def test_vat_is_never_left_out_for_want_of_a_country() -> None:
    with pytest.raises(ValueError, match="two letters"):
        vat.treatment(vat.Regime.DOMESTIC, 2000, "FR", "", None)


def test_rates_and_members_are_known_by_date() -> None:
    assert vat.standard_rate("FR") == 2000
    assert vat.standard_rate("FI", date(2024, 8, 31)) == 2400
    assert vat.standard_rate("FI", date(2024, 9, 1)) == 2550
    assert vat.standard_rate("US") is None
    assert vat.in_union("GB", date(2020, 12, 31))
    assert not vat.in_union("GB")
    assert not vat.in_union("HR", date(2013, 6, 30))
    members = [code for code in texts.read("rates")["members"] if vat.in_union(code)]
    assert len(members) == 27
    assert all(vat.standard_rate(code) for code in members)


@given(st.integers(-(10**13), 10**13), st.integers(0, 3000))
@example(50, 100)  # exactly half a cent
@example(150, 2100)
@example(20, 2550)
def test_vat_is_rounded_half_up_to_the_cent(cents: int, rate: int) -> None:
    exact = (Decimal(cents) * rate / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
    assert vat.vat_on(cents, rate) == exact
    assert vat.vat_on(-cents, rate) == -vat.vat_on(cents, rate)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40), st.integers(0, 3000))
def test_vat_on_parts_differs_from_vat_on_the_whole_by_half_a_cent_a_part_at_most(
    parts: list[int], rate: int
) -> None:
    apart = sum(vat.vat_on(part, rate) for part in parts)
    assert 2 * abs(apart - vat.vat_on(sum(parts), rate)) <= len(parts) + 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (spelling.money(24_000_00, "EUR", "fr"), "24 000,00 €"),
        (spelling.money(24_000_00, "EUR", "en"), "€24,000.00"),
        (spelling.money(-5, "CHF", "fr"), "-0,05 CHF"),
        (spelling.day(date(2026, 11, 1), "fr"), "1er novembre 2026"),
        (spelling.day(date(2026, 11, 2), "fr"), "2 novembre 2026"),
        (spelling.day(date(2026, 11, 1), "en"), "1 November 2026"),
        (spelling.percent(2550, "fr"), "25,5 %"),
        (spelling.percent(2000, "en"), "20%"),
    ],
)
def test_amounts_dates_and_rates_are_spelled_as_each_language_does(written: str, expected: str) -> None:
    assert written == expected.replace(" ", "\u00a0")
