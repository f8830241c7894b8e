"""What a rail promises, as data: limits, how long things take, until when they can be undone."""

from dataclasses import dataclass
from enum import StrEnum

from app.kit.money import BasisPoints, Cents, portion


class MeansName(StrEnum):
    """The means a payer can use; a rail has one or several of them."""

    TRANSFER = "bank transfer"
    DEBIT = "direct debit"
    CARD = "card"
    PRACTICE = "practice"


@dataclass(frozen=True)
class Means:
    """One way of paying on a rail. None where there is no limit.

    `pulls`: we take the money from a saved means; otherwise the payer sends it. `dispute_days`: how long the payer's
    bank can take it back without a question, 0 where it cannot; `unauthorized_months`: the same for what nobody
    permitted. `refund_from_day`: not sooner, because it could be taken back as well.
    """

    name: str
    pulls: bool
    settle_business_days: int
    smallest_cents: Cents = 1
    largest_cents: Cents | None = None
    dispute_days: int = 0
    unauthorized_months: int = 0
    refund_days: int | None = None
    refund_from_day: int = 0
    cost_basis_points: BasisPoints = 0
    cost_fixed_cents: Cents = 0

    def expected_cost(self, amount_cents: Cents) -> Cents:
        """What the rail will keep of a payment, to warn before; the book takes the real one from the statement."""
        return portion(amount_cents, self.cost_basis_points) + self.cost_fixed_cents


class AtHoldLimit(StrEnum):
    """What the outside does with money it held too long."""

    NOTHING = "nothing"
    PAYS_OUT_OR_REFUNDS = "pays it out or back"
    TO_OPERATOR = "gives it to the operator"


class Custody(StrEnum):
    """Who holds the money, in law."""

    PROVIDER = "a payment institution"
    OWN_ACCOUNT = "an account of the operator"
    NOBODY = "nobody: it is for practice"


@dataclass(frozen=True)
class Capabilities:
    """What a rail promises: None where it sets no limit. `currencies`: empty for any."""

    name: str
    is_real: bool
    currencies: tuple[str, ...]
    means: tuple[Means, ...]
    custody: Custody
    hold_days: int | None = None
    at_hold_limit: AtHoldLimit = AtHoldLimit.NOTHING
    # A payout has one leg for each deposit it came in by; otherwise one order a payout.
    pays_by_deposit: bool = False
    # Who transfers knows how without the rail being asked: it is told of pulls alone.
    asks_only_to_pull: bool = False
    # Who is paid is named to the rail before money is asked for.
    payee_before_call: bool = False
    onboards_payees: bool = False
    can_recall: bool = False
    can_refund_in_part: bool = True
    # The countries payees may be in; empty for any.
    payee_countries: frozenset[str] = frozenset()

    def by(self, means: str) -> Means:
        """The means of this name, or the first: what a payer uses who chose none."""
        return next((one for one in self.means if one.name == means), self.means[0])

    def largest_cents(self, means: str) -> Cents | None:
        """The largest single payment by these means."""
        return self.by(means).largest_cents
