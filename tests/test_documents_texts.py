"""The texts on papers exist in both languages, and are in force on a day in a country."""

import re
from datetime import date
from string import Formatter

import pytest

from app.documents import spelling, texts, vat
from app.documents.document import render
from tests.documents_cast import quote


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
