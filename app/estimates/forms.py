"""What maintainers and officers type about estimates."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from flask import request
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.documents.vat import Regime
from app.estimates.model import Estimate, Milestone
from app.estimates.terms import MOST_MILESTONES, MilestoneTerms, Terms
from app.kit.forms import (
    Amount,
    Day,
    DayIfAny,
    Form,
    Line,
    ShortLine,
    Text,
    TextIfAny,
    Tick,
    read,
    rows,
)
from app.kit.money import BasisPoints, Cents
from app.kit.rules import Mistakes, Refused
from app.kit.words import language

# Everything about the table of milestones begins with this: it is not part of the form around it.
ROWS = "milestone-"
ADD = "milestone-add"
EMPTY_ROWS = 3
ROW_FIELD = re.compile(r"milestone-(\d{1,2})-(title|price|due_on|is_required|criteria)")


def _rate(value: Any) -> BasisPoints:
    if isinstance(value, int):
        return value
    typed = str(value).replace("%", "").replace("\u202f", "").replace("\u00a0", "").strip().replace(",", ".")
    if not typed:
        return 0
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", typed, re.ASCII):
        refusal = Refused("“%(typed)s” is not a rate. Write it like 20 or 5.5.", typed=str(value)[:40])
        raise PydanticCustomError("refused", "refused", {"refusal": refusal})
    whole, _dot, hundredths = typed.partition(".")
    return int(whole) * 100 + int(hundredths.ljust(2, "0"))


Rate = Annotated[int, BeforeValidator(_rate)]


class EstimateForm(Form):
    """Conditions around the milestones."""

    vat_regime: Regime
    vat_rate: Rate = 0
    license: ShortLine = ""
    assumptions: TextIfAny = ""
    valid_until: DayIfAny = None


class MilestoneForm(Form):
    """One row of the table."""

    title: Line
    price: Amount
    due_on: Day
    is_required: Tick = False
    criteria: TextIfAny = ""


class DecisionForm(Form):
    """A word with the fund's yes."""

    reason: TextIfAny = Field(default="", max_length=2000)


class ReasonForm(Form):
    """Why not."""

    reason: Text = Field(max_length=2000)


def read_terms() -> Terms:
    """The estimate as typed. Raises `Mistakes` with all that is wrong in the form and in its rows."""
    wrong: dict[str, Refused] = {}
    milestones: list[MilestoneForm] = []
    try:
        milestones = rows(MilestoneForm, "milestone")
    except Mistakes as mistakes:
        wrong |= mistakes.by_field
    try:
        form = read(EstimateForm, ignore=ROWS)
    except Mistakes as mistakes:
        raise Mistakes(wrong | mistakes.by_field) from None
    if wrong:
        raise Mistakes(wrong)
    return Terms(
        milestones=[
            MilestoneTerms(
                title=row.title,
                price_cents=row.price,
                due_on=row.due_on,
                is_required=row.is_required,
                criteria=row.criteria,
            )
            for row in milestones
        ],
        vat_regime=form.vat_regime,
        vat_rate_basis_points=form.vat_rate,
        license=form.license,
        assumptions=form.assumptions,
        valid_until=form.valid_until,
    )


def wants_another_row() -> bool:
    """Whether the form was sent to have one more empty row, and not to be kept."""
    return ADD in request.form


def written_amount(cents: Cents) -> str:
    """An amount as the reader would type it, without a sign: "24000,00"."""
    return f"{cents // 100}{',' if language() == 'fr' else '.'}{cents % 100:02d}"


def written_rate(basis_points: BasisPoints) -> str:
    """A rate as the reader would type it: "20" or "5,5"."""
    whole, hundredths = divmod(basis_points, 100)
    decimals = f"{hundredths:02d}".rstrip("0")
    return f"{whole}{',' if language() == 'fr' else '.'}{decimals}" if decimals else str(whole)


def shown_rows(milestones: list[Milestone]) -> list[Mapping[str, str]]:
    """The rows to draw: what was typed, or what is kept, and some empty ones below."""
    if request.form:
        return _typed_rows()
    kept: list[Mapping[str, str]] = [
        {
            "title": milestone.title,
            "price": written_amount(milestone.price_cents),
            "due_on": milestone.due_on.isoformat(),
            "is_required": "yes" if milestone.is_required else "",
            "criteria": milestone.criteria,
        }
        for milestone in milestones
    ]
    wanted = EMPTY_ROWS if not kept else len(kept) + 1
    return _padded(kept, wanted)


def shown_fields(estimate: Estimate | None, rate: BasisPoints) -> Mapping[str, Any]:
    """The fields around the rows: what was typed, or what is kept, or what a new estimate begins with."""
    if request.form:
        return request.form
    if estimate is None:
        return {"vat_regime": Regime.DOMESTIC.value, "vat_rate": written_rate(rate)}
    return {
        "vat_regime": estimate.vat_regime,
        "vat_rate": written_rate(estimate.vat_rate_basis_points) if estimate.vat_rate_basis_points else "",
        "license": estimate.license,
        "assumptions": estimate.assumptions,
        "valid_until": estimate.valid_until,
    }


def _typed_rows() -> list[Mapping[str, str]]:
    typed: dict[int, dict[str, str]] = {}
    for key, value in request.form.items():
        if found := ROW_FIELD.fullmatch(key):
            typed.setdefault(int(found[1]), {})[found[2]] = value
    count = max(typed, default=-1) + 1
    return _padded([typed.get(number, {}) for number in range(count)], count + wants_another_row())


def _padded(rows: list[Mapping[str, str]], wanted: int) -> list[Mapping[str, str]]:
    count = max(len(rows), min(wanted, MOST_MILESTONES))
    return [*rows, *({"is_required": "yes"} for _ in range(count - len(rows)))]
