"""Amounts as people type them: one way in, no float, no guess."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.kit import words
from app.kit.money import LARGEST, Money, parse_amount, portion, split
from app.kit.rules import Refused

THIN, WIDE = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("24000", 2_400_000),
        ("24 000", 2_400_000),
        (f"24{THIN}000,00{WIDE}€", 2_400_000),
        (f"24{WIDE}000 €", 2_400_000),
        ("24 000 EUR", 2_400_000),
        ("€24,000.00", 2_400_000),
        ("EUR 24,000.50", 2_400_050),
        ("1 234,50", 123_450),
        ("1,234.50", 123_450),
        ("1.234,50", 123_450),
        ("1'234.50", 123_450),
        ("1’234,5", 123_450),
        ("1,234,567", 123_456_700),
        ("1.234.567", 123_456_700),
        ("0,01", 1),
        ("  7 ", 700),
        ("007", 700),
        ("12345,6", 1_234_560),
        ("1 000 000 000", LARGEST),
        ("5 euros", 500),
        ("1 euro", 100),
    ],
)
def test_both_ways_of_writing_are_read(typed: str, cents: int) -> None:
    read = parse_amount(typed, "EUR")
    assert read == cents
    assert type(read) is int


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Please enter an amount"),
        ("   ", "Please enter an amount"),
        ("abc", "is not an amount"),
        ("1e5", "is not an amount"),
        ("1_000", "is not an amount"),
        ("NaN", "is not an amount"),
        ("Infinity", "is not an amount"),
        ("0x10", "is not an amount"),
        ("1.2.3", "is not an amount"),
        ("1,2,3", "is not an amount"),
        ("1,23,456.00", "is not an amount"),
        ("1.234,567", "is not an amount"),
        ("1,234.567", "is not an amount"),
        ("12.3456", "is not an amount"),
        ("1234.567", "is not an amount"),
        (".50", "is not an amount"),
        ("5,", "is not an amount"),
        ("+5", "is not an amount"),
        ("5-", "is not an amount"),
        ("(5)", "is not an amount"),
        ("١٢٣", "is not an amount"),
        ("１２３", "is not an amount"),
        ("5 000 000 000 000 000", "is not an amount"),
        ("-5", "is negative"),
        ("−5,00", "is negative"),
        ("-5 €", "is negative"),
        ("0", "more than zero"),
        ("0,00 €", "more than zero"),
        ("1000000000.01", "too large"),
        ("5 $", "in another currency"),
        ("CHF 5", "in another currency"),
        ("£5", "in another currency"),
    ],
)
def test_what_is_no_amount_is_refused_in_one_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_amount(typed, "EUR")
    assert sentence in str(refused.value)
    assert refused.value.field == "amount"


@pytest.mark.parametrize("typed", ["1.234", "1,234", "12.345 €", "€999,000", "0.500", "1,200"])
def test_what_the_two_languages_read_differently_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="two ways"):
        parse_amount(typed, "EUR")


@pytest.mark.parametrize(
    ("language", "thousands", "decimals"),
    [("en", "€1,200.00", "1.200"), ("fr", f"1{THIN}200,00{WIDE}€", "1,200")],
)
def test_both_readings_are_shown_as_the_reader_writes_them(
    language: str, thousands: str, decimals: str
) -> None:
    with pytest.raises(Refused) as refused, words.use_language(language):
        parse_amount("1.200", "EUR")
    with words.use_language(language):
        facts = {name: words.shown(value) for name, value in refused.value.params.items()}
        assert facts == {"typed": "1.200", "thousands": thousands, "decimals": decimals}
        assert thousands in words.translate(refused.value)


def test_the_readings_are_in_the_currency_of_the_book() -> None:
    with pytest.raises(Refused) as refused:
        parse_amount("1.234", "USD")
    assert refused.value.params["thousands"] == Money(123_400, "USD")


def test_zero_is_an_amount_where_it_may_be() -> None:
    assert parse_amount("0", "EUR", zero=True) == 0


@given(st.integers(1, LARGEST), st.sampled_from(["fr", "en"]))
@example(100_000, "en")
@example(123_400, "fr")
@example(1, "en")
def test_every_amount_we_write_can_be_typed_back(cents: int, language: str) -> None:
    with words.use_language(language):
        assert parse_amount(words.money(cents, "EUR"), "EUR") == cents


@given(st.text(max_size=30))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        cents = parse_amount(typed, "EUR")
    except Refused as refused:
        cents = len(str(refused))  # whatever was typed, the sentence can be written
    assert 0 < cents <= LARGEST


@given(st.text("0123456789., '€-", max_size=16))
def test_an_amount_that_is_read_has_the_digits_that_were_typed(typed: str) -> None:
    try:
        cents = parse_amount(typed, "EUR")
    except Refused:
        return
    digits = "".join(sign for sign in typed if sign.isdigit()).lstrip("0")
    assert str(cents).rstrip("0") == digits.rstrip("0")


def test_two_currencies_do_not_add_up() -> None:
    assert Money(150, "EUR") + Money(50, "EUR") == Money(200, "EUR")
    assert Money(150, "EUR") - Money(50, "EUR") == Money(100, "EUR")
    with pytest.raises(ValueError, match="do not add up"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(ValueError, match="do not add up"):
        Money(1, "EUR") - Money(1, "USD")


def test_a_portion_of_less_than_nothing_and_a_split_among_nobody_are_mistakes() -> None:
    for cents, rate in ((-1, 100), (100, -1)):
        with pytest.raises(ValueError, match="of what is there"):
            portion(cents, rate)
    for weights in ([], [0, 0]):
        with pytest.raises(ValueError, match="nothing to share by"):
            split(100, weights)
    assert split(10, [1, 1, 1]) == [4, 3, 3]


def test_facts_in_a_sentence_are_written_the_readers_way() -> None:
    instant = datetime(2026, 12, 1, 13, 5, tzinfo=UTC)
    with words.use_language("fr", "Europe/Paris"):
        assert words.shown(date(2026, 12, 1)) == "1er décembre 2026"
        assert words.shown(instant) == "1er décembre 2026, 14:05"
        assert words.shown(12_345) == f"12{THIN}345"
        assert words.shown(Decimal("0.500")) == "0,500"
        assert words.shown(True) is True
    with words.use_language("en", "Europe/Paris"):
        assert words.shown(date(2026, 12, 1)) == "1 December 2026"
        assert words.money(2_400_000, "EUR", decimals=False) == "€24,000"
        assert words.money(2_400_050, "EUR", decimals=False) == "€24,000.50"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Atelier Identité", "Devis d’Atelier Identité"),
        ("Énergies du Causse", "Devis d’Énergies du Causse"),
        ("Veille Claire", "Devis de Veille Claire"),
        ("", "Devis de "),
    ],
)
def test_french_drops_the_e_before_a_name_that_starts_with_a_vowel(name: str, said: str) -> None:
    with words.use_language("fr"):
        assert words._("Quoted by %(maintainer)s", maintainer=name) == said
    with words.use_language("en"):
        assert words._("Quoted by %(maintainer)s", maintainer=name) == f"Quoted by {name}"
