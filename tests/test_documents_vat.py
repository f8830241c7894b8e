"""VAT follows seller, buyer and number, by the rates of the day, to the cent."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.documents import texts, vat


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
