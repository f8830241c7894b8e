"""Registration and VAT numbers: read as people type them, checked without asking anyone."""

import re
from functools import lru_cache
from typing import Any

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError
from stdnum.fr import siren

from app.kit.rules import refuse, require

SPACES = re.compile(r"[\s.\u00a0\u202f-]+")
SIRET_LENGTH = 14


def registration_number(typed: str, country: str) -> str:
    """The number as it is kept; in France a SIREN of nine digits. Raises `Refused` (field `registration_number`)."""
    if country != "FR":
        require(typed.strip(), "Please enter the registration number.", field="registration_number")
        return " ".join(typed.split())
    digits = SPACES.sub("", typed)
    require(
        not (len(digits) == SIRET_LENGTH and digits.isdigit()),
        "This is a SIRET of 14 digits. Please enter the SIREN: its first nine digits.",
        field="registration_number",
    )
    require(
        siren.is_valid(digits),
        "“%(typed)s” is not a SIREN number: it has nine digits, and the last one must match the others.",
        field="registration_number", typed=typed.strip()[:40],
    )  # fmt: skip
    return str(siren.compact(digits))


def vat_number(typed: str, country: str, registration: str = "") -> str:
    """The VAT number with its country letters, or "" where none was typed. Raises `Refused` (field `vat_number`)."""
    number = SPACES.sub("", typed).upper()
    if not number:
        return ""
    checked = _vat_rules(country)
    if checked is None:
        return number[:20]
    try:
        kept = str(checked.validate(number))
    except ValidationError:
        refuse(
            "“%(typed)s” is not a VAT number of this country. Please check each character.",
            field="vat_number", typed=typed.strip()[:40],
        )  # fmt: skip
    letters = "EL" if country == "GR" else country
    kept = kept if kept.startswith(letters) else f"{letters}{kept}"
    require(
        country != "FR" or not registration or kept.endswith(registration),
        "This VAT number belongs to another SIREN: its last nine digits have to be the same.",
        field="vat_number",
    )
    return kept


@lru_cache(maxsize=64)
def _vat_rules(country: str) -> Any:
    return get_cc_module(country.lower(), "vat")


def spaced(number: str) -> str:
    """Nine digits as people read them: 552 100 554."""
    return f"{number[:3]} {number[3:6]} {number[6:]}" if re.fullmatch(r"\d{9}", number) else number
