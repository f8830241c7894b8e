"""What an estimate needs before it is handed to the fund."""

from datetime import date

from app.estimates.model import Estimate, Milestone
from app.kit.money import Cents, Money
from app.kit.rules import Refused, require

LARGEST_TOTAL: Cents = 1_000_000_000


def require_complete(estimate: Estimate, milestones: list[Milestone], today: date) -> None:
    """Raise `Refused` while something is missing, past or too large to be submitted."""
    require(estimate.license, "Say under which license the result will be published.", field="license")
    if estimate.valid_until is None:
        raise Refused("Say until which day the estimate is valid.", field="valid_until")
    require_valid(estimate, today)
    require(
        estimate.upkeep_months is not None,
        "Say for how many months the result is kept working, or that it is not.",
        field="upkeep",
    )
    require(
        any(milestone.is_required for milestone in milestones),
        "At least one milestone must be required: the required ones are what the campaign has to reach.",
    )
    for milestone in milestones:
        require(
            milestone.criteria.strip(),
            "Milestone %(number)s, “%(title)s”, has no acceptance criterion.",
            number=milestone.number, title=milestone.title,
        )  # fmt: skip
        require(
            milestone.due_on >= today,
            "Milestone %(number)s, “%(title)s”, was due on %(day)s, which has passed.",
            number=milestone.number, title=milestone.title, day=milestone.due_on,
        )  # fmt: skip
    require(
        sum(milestone.price_cents for milestone in milestones) <= LARGEST_TOTAL,
        "The estimate is above %(most)s, the most one estimate may hold: please split it.",
        most=Money(LARGEST_TOTAL, estimate.currency),
    )


def require_valid(estimate: Estimate, today: date) -> None:
    """Raise `Refused` once the estimate's validity has passed."""
    require(
        estimate.valid_until is not None and estimate.valid_until >= today,
        "The estimate was valid until %(day)s, which has passed.",
        field="valid_until", day=estimate.valid_until,
    )  # fmt: skip
