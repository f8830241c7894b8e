"""What papers and pages both say of money. It draws nothing: pages need not load what papers are drawn with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sum:
    """An amount excluding VAT and the VAT that goes with it, in cents."""

    cents: int = 0
    vat_cents: int = 0

    @property
    def total_cents(self) -> int:
        return self.cents + self.vat_cents


NOTHING = Sum()
