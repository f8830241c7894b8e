"""Amounts, dates, rates and texts as papers spell them: no amount is broken, no empty box printed."""

import re
import unicodedata
from collections.abc import Set
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

LOCALES = {"fr": "fr_FR", "en": "en_GB"}
NO_BREAK_SPACE = "\u00a0"
NO_GLYPH = "\u25a1"
GROUPED = re.compile(r"(?<=\d) (?=\d{3}(?!\d)|€)")


def money(cents: int, currency: str, language: str) -> str:
    """An amount in cents with its currency: 24 000,00 € in French, €24,000.00 in English."""
    return unbroken(format_currency(Decimal(cents) / 100, currency, locale=LOCALES[language]))


def day(when: date, language: str) -> str:
    """A date in full; French says 1er for the first of a month, which Babel does not."""
    if language == "fr" and when.day == 1:
        return "1er" + NO_BREAK_SPACE + unbroken(format_date(when, "MMMM y", locale="fr_FR"))
    return unbroken(format_date(when, "d MMMM y", locale=LOCALES[language]))


def percent(basis_points: int, language: str) -> str:
    """A rate in basis points: 25,5 % in French, 25.5% in English."""
    figure = format_decimal(Decimal(basis_points) / 100, locale=LOCALES[language])
    return unbroken(figure + (NO_BREAK_SPACE + "%" if language == "fr" else "%"))


def number(figure: int, language: str) -> str:
    """A whole number, grouped as the language groups it."""
    return unbroken(format_decimal(figure, locale=LOCALES[language]))


def hundredths(figure: int, language: str) -> str:
    """A number kept in hundredths, as people write it: 2,5 in French, 2.5 in English."""
    return unbroken(format_decimal(Decimal(figure) / 100, locale=LOCALES[language]))


def territory(code: str, language: str) -> str:
    """The name of a country by its code; what is no code stays as it is."""
    return str(Locale.parse(LOCALES[language]).territories.get(code, code))


def unbroken(text: str) -> str:
    """The text with ordinary no-break spaces only: reportlab breaks lines at the narrow one."""
    return text.replace("\u202f", NO_BREAK_SPACE).replace(" ", NO_BREAK_SPACE)


def legible(text: str, glyphs: Set[int]) -> str:
    """The text with only characters the typeface can draw; what it cannot draw leaves a visible square.

    Groups of figures and their currency stay on one line; line ends are kept. Invisible and direction-
    changing characters go away: on a paper they could only mislead.
    """
    drawn = []
    grouped = GROUPED.sub(NO_BREAK_SPACE, text.replace("\u202f", NO_BREAK_SPACE))
    for character in unicodedata.normalize("NFC", grouped):
        if character == "\n":
            drawn.append(character)
        elif character in "\t\r":
            drawn.append(" ")
        elif unicodedata.category(character) in ("Cc", "Cf", "Cs"):
            continue
        else:
            drawn.append(_drawable(character, glyphs))
    return "".join(drawn)


def _drawable(character: str, glyphs: Set[int]) -> str:
    if ord(character) in glyphs:
        return character
    plain = unicodedata.normalize("NFKC", character).replace("\u2010", "-")
    if plain != character and all(ord(part) in glyphs for part in plain):
        return plain
    return "" if unicodedata.combining(character) else NO_GLYPH


def grouped(text: str) -> str:
    """An account number or a reference in groups of four, as banks print it."""
    plain = text.replace(" ", "")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))
