"""Invented numbers that pass their check digits."""

from stdnum import luhn
from stdnum.be import vat as be_vat
from stdnum.de import vat as de_vat


def registration_number(country: str, place: int) -> str:
    """An invented number that passes its country's check digit: a SIREN, or the number inside a VAT number."""
    if country == "FR":
        body = f"9{place:07d}"
        return body + luhn.calc_check_digit(body)
    return vat_number(country, place)[2:]


def vat_number(country: str, place: int) -> str:
    """An invented VAT number that passes its country's check digit."""
    if country == "FR":
        siren = registration_number("FR", place)
        return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"
    module, digits = {"DE": (de_vat, 9), "BE": (be_vat, 10)}[country]
    start = 200_000_000 + place * 1000 if country == "DE" else 800_000_000 + place * 1000
    found = next(
        number for number in (f"{start + step:0{digits}d}" for step in range(1000)) if module.is_valid(number)
    )
    return f"{country}{found}"
