"""What people type about matching grants, other public money, and work that counts instead of money."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from app.campaigns.forms import Percent
from app.campaigns.grants import GrantTerms
from app.campaigns.in_kind import QUARTERS
from app.catalogue.model import Software
from app.kit.forms import (
    Amount,
    AmountIfAny,
    Count,
    Day,
    DayIfAny,
    Form,
    Line,
    LineIfAny,
    ShortLine,
    Text,
    Tick,
)
from app.kit.money import WHOLE, BasisPoints
from app.kit.rules import Refused
from app.kit.web import find
from app.needs.model import Need

NUMBER = re.compile(r"-?\d{1,4}(?:[.,]\d{1,2})?")


def _decimal(value: Any, sentence: str) -> Decimal:
    text = re.sub(r"[\s\u00a0\u202f%]", "", str(value))
    if not NUMBER.fullmatch(text):
        raise PydanticCustomError("refused", "refused", {"refusal": Refused(sentence)})
    return Decimal(text.replace(",", "."))


def _quarters(value: Any) -> int:
    sentence = "Please enter days, in quarters: 3, 2.5 or 0.25."
    quarters = _decimal(value, sentence) * QUARTERS
    if quarters != int(quarters):
        raise PydanticCustomError("refused", "refused", {"refusal": Refused(sentence)})
    return int(quarters)


def _factor(value: Any) -> BasisPoints:
    return int(_decimal(value, "Please enter a percentage, such as 50 or 100.") * WHOLE / 100)


Quarters = Annotated[int, BeforeValidator(_quarters)]
Factor = Annotated[int, BeforeValidator(_factor)]


class GrantForm(Form):
    """The rule of a matching grant."""

    title: Line
    reference: ShortLine
    total: Amount
    factor: Factor
    most_per_pledge: AmountIfAny = None
    most_per_organization: AmountIfAny = None
    after_backers: Count = 1
    countries: LineIfAny = ""
    software: ShortLine = ""
    need: ShortLine = ""
    most_public: Percent = 10_000
    is_after_acceptance: Tick = False
    valid_until: DayIfAny = None
    rail: ShortLine = ""

    def terms(self, rail: str) -> GrantTerms:
        """The rule as the room keeps it."""
        return GrantTerms(
            title=self.title, reference=self.reference, total_cents=self.total, factor_basis_points=self.factor,
            most_per_pledge_cents=self.most_per_pledge, most_per_organization_cents=self.most_per_organization,
            after_backers=self.after_backers, countries=tuple(re.findall(r"[A-Z]{2,}", self.countries.upper())),
            software_ids=[find(Software, self.software).id] if self.software else [],
            need_ids=[find(Need, self.need).id] if self.need else [],
            most_public_basis_points=self.most_public, is_after_acceptance=self.is_after_acceptance,
            valid_until=self.valid_until, rail=rail,
        )  # fmt: skip


class DeclarationForm(Form):
    """Other public money for the same work; no amount means that there is none."""

    amount: AmountIfAny = None
    source: LineIfAny = ""
    reference: ShortLine = ""


class WorkForm(Form):
    """Days of work for one milestone."""

    milestone: ShortLine
    what: Text
    days: Quarters
    rate: Amount
    ceiling: Amount
    due_on: Day


class ValueForm(Form):
    """What the work is worth to the milestone."""

    value: Amount


class OrderForm(Form):
    """Proof of which work order was read: its SHA-256."""

    text: LineIfAny = ""


class SheetForm(Form):
    """One line of a time sheet."""

    worked_on: Day
    days: Quarters
    what: Line


class MoreDaysForm(Form):
    """How many more days the fund gives, and why."""

    days: Count
    reason: Text
