"""Quotes and certificates say who sells what, what was checked and what was released, in two languages."""

import re
from dataclasses import replace
from datetime import date

import pytest

from app.documents import vat
from app.documents.certificate import Outcome, Sum
from tests.documents_cast import BUYER, FIRST, certificate, holds, pages, quote, words


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
