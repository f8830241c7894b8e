"""The countries an organization may sit in, named in the reader's language."""

from babel import Locale

from app.kit.words import LOCALES, language

CODES = (
    "AT", "BE", "BG", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS",
    "IT", "LI", "LT", "LU", "LV", "MC", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "US",
)  # fmt: skip


def country_name(code: str) -> str:
    """The country as the reader calls it."""
    return str(Locale.parse(LOCALES[language()]).territories.get(code, code))


def countries() -> list[tuple[str, str]]:
    """(code, name), in the order of the reader's alphabet."""
    plain = str.maketrans("ÉÎÈ", "EIE")
    return sorted(((code, country_name(code)) for code in CODES), key=lambda pair: pair[1].translate(plain))
