"""The one place that knows VAT: which treatment a sale gets, at which rate, and what papers say about it.

Rates, the Union's members and legal references are dated rows in texts/, because they change without us.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.documents.texts import Texts, read

GREECE_FOR_VAT = {"EL": "GR"}


class Regime(StrEnum):
    """What an estimate declares about its seller."""

    DOMESTIC = "domestic"
    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse_charge"


class Kind(StrEnum):
    """What one sale to one buyer turns out to be."""

    DOMESTIC = "domestic"
    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse_charge"
    OUTSIDE_SCOPE = "outside_scope"


@dataclass(frozen=True)
class Treatment:
    """How one sale is taxed; `mention_key` names the sentence of texts/vat.toml that the papers print."""

    kind: Kind
    rate_basis_points: int
    mention_key: str


def treatment(
    regime: Regime,
    rate_basis_points: int,
    seller_country: str,
    buyer_country: str,
    buyer_vat_number: str | None,
    *,
    on: date | None = None,
) -> Treatment:
    """The VAT treatment of one sale of a service from one seller to one buyer.

    Countries are ISO 3166 codes. A seller who declares the reverse charge still charges VAT where it does not
    apply; without a rate of its own, at the standard rate of its country on that day. Without `on`, the last
    rows known are used. Raises ValueError for a country that is no code: VAT is never left out by a slip.
    """
    seller, buyer = _territory(seller_country), _territory(buyer_country)
    if regime == Regime.EXEMPT:
        return Treatment(Kind.EXEMPT, 0, "exempt")
    if seller != buyer and in_union(seller, on) and not in_union(buyer, on):
        return Treatment(Kind.OUTSIDE_SCOPE, 0, "outside_scope")
    if seller != buyer and in_union(buyer, on) and (buyer_vat_number or "").strip():
        return Treatment(Kind.REVERSE_CHARGE, 0, "reverse_charge")
    if seller != buyer and not in_union(seller, on):
        return Treatment(Kind.OUTSIDE_SCOPE, 0, "outside_scope")
    if regime == Regime.REVERSE_CHARGE and rate_basis_points == 0:
        rate_basis_points = standard_rate(seller, on) or 0
    return Treatment(Kind.DOMESTIC, rate_basis_points, "domestic")


def vat_on(cents: int, rate_basis_points: int) -> int:
    """The VAT in cents on an amount in cents, half a cent rounded away from zero."""
    twice = 2 * abs(cents) * rate_basis_points + 10_000
    rounded = twice // 20_000
    return rounded if cents >= 0 else -rounded


def standard_rate(country: str, on: date | None = None) -> int | None:
    """The country's standard rate in basis points on that day, the latest known without a day; or None."""
    known = [
        row
        for row in read("rates")["standard"].get(_territory(country), [])
        if on is None or row["since"] <= on
    ]
    return int(max(known, key=lambda row: row["since"])["basis_points"]) if known else None


def in_union(country: str, on: date | None = None) -> bool:
    """Whether the country belongs to the Union's VAT area on that day (as last known without a day)."""
    row = read("rates")["members"].get(_territory(country))
    if row is None:
        return False
    if on is None:
        return "until" not in row
    return bool(row["since"] <= on <= row.get("until", date.max))


def mention(sale: Treatment, language: str, on: date, *, seller_country: str = "") -> str:
    """The sentence the law wants on a paper for this treatment, with the references in force on that day."""
    country = _territory(seller_country) if seller_country else ""
    return Texts("vat", language, on)(f"mention_{sale.mention_key}", country=country)


def _territory(country: str) -> str:
    code = country.strip().upper()
    if len(code) != 2 or not code.isalpha():
        raise ValueError(f"VAT needs a country code of two letters, not {country!r}.")
    code = GREECE_FOR_VAT.get(code, code)
    return str(read("rates")["treated_as"].get(code, code))
