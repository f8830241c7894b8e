"""What a decided delivery makes due of each part: the award's cents shared out exactly, or a percentage of each."""

from collections.abc import Sequence

from app.campaigns.model import Part
from app.delivery.model import Delivery
from app.kit.money import WHOLE, BasisPoints, Cents, portion, split

Due = tuple[Cents, Cents]


def dues_of(delivery: Delivery, parts: Sequence[Part]) -> dict[int, Due]:
    """Price and VAT due of each of a milestone's parts, in cents, by number of the part."""
    if delivery.award_cents is None:
        share = delivery.share_basis_points or 0
        return {part.id: (portion(part.price_cents, share), portion(part.vat_cents, share)) for part in parts}
    prices = [part.price_cents for part in parts]
    granted = split(delivery.award_cents, prices) if any(prices) else [0] * len(prices)
    return {part.id: (cents, vat_due(part, cents)) for part, cents in zip(parts, granted, strict=True)}


def first_dues_of(delivery: Delivery, parts: Sequence[Part]) -> dict[int, Due]:
    """What is released of each part at once: all that is due, less the retention."""
    kept = delivery.retention_basis_points
    if delivery.retention_released_at or not kept:
        return dues_of(delivery, parts)
    return {
        name: (price - portion(price, kept), tax - portion(tax, kept))
        for name, (price, tax) in dues_of(delivery, parts).items()
    }


def vat_due(part: Part, cents: Cents) -> Cents:
    """The VAT on so many cents of a part's price: its own VAT in proportion, half a cent upwards."""
    if not part.price_cents:
        return 0
    return (2 * part.vat_cents * cents + part.price_cents) // (2 * part.price_cents)


def share_of(cents: Cents, price: Cents) -> BasisPoints:
    """An amount of a price as a percentage; never nothing or all of it unless it is."""
    if cents in (0, price):
        return WHOLE if cents else 0
    return min(max(cents * WHOLE // price, 1), WHOLE - 1)
