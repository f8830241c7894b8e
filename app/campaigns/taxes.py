"""Which VAT a backer's part and the operator's fee carry: when parts are cut, when funds are called, and before."""

from datetime import date

from app.documents import vat
from app.estimates.model import Estimate
from app.people.model import Organization


def on_work(estimate: Estimate, seller: Organization, buyer: Organization, *, on: date) -> vat.Treatment:
    """The VAT on a part: the maintainer sells it to the backer."""
    return vat.treatment(
        vat.Regime(estimate.vat_regime), estimate.vat_rate_basis_points,
        seller.country, buyer.country, buyer.vat_number or None, on=on,
    )  # fmt: skip


def without_number(
    estimate: Estimate, seller: Organization, buyer: Organization, *, on: date
) -> vat.Treatment:
    """The VAT on a part sold as to somebody without a VAT number: the seller's own, where it charges any."""
    return vat.treatment(
        vat.Regime(estimate.vat_regime), estimate.vat_rate_basis_points, seller.country, buyer.country, None, on=on
    )  # fmt: skip


def on_fee(
    operator: Organization, buyer: Organization, *, on: date, without_number: bool = False
) -> vat.Treatment:
    """The VAT on the operator's fee: the operator sells it, whoever sells the work."""
    rate = vat.standard_rate(operator.country, on) or 0
    number = None if without_number else buyer.vat_number or None
    return vat.treatment(vat.Regime.DOMESTIC, rate, operator.country, buyer.country, number, on=on)
