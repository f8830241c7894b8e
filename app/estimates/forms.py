"""What maintainers and officers type about estimates."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from flask import request
from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.documents.vat import Regime
from app.estimates.model import LineKind
from app.estimates.terms import LineTerms, MemberTerms, MilestoneTerms, Terms
from app.kit.forms import (
    AmountIfAny,
    Count,
    CountIfAny,
    Day,
    DayIfAny,
    Form,
    Line,
    LineIfAny,
    ShortLine,
    Text,
    TextIfAny,
    Tick,
    currency,
    numbered_rows,
    read,
)
from app.kit.money import BasisPoints, Money
from app.kit.rules import Mistakes, Refused

Typed = TypeVar("Typed")

# Fields of milestones, their lines and the team begin like this: they are not part of the form around them.
ROWS = ("milestone-", "member-")
ADD = "milestone-add"
HUNDRED_DAYS = re.compile(r"(\d{1,4})(?:[.,](\d{1,2}))?")


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


def _days(value: Any) -> int | None:
    text = re.sub(r"[\s\u00a0\u202f]", "", str(value or ""))
    if not text:
        return None
    match = HUNDRED_DAYS.fullmatch(text)
    if match is None or int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) == 0:
        refusal = Refused(
            "“%(typed)s” is not a number of days. Write it like 12 or 2.5.", typed=str(value)[:40]
        )
        raise PydanticCustomError("refused", "refused", {"refusal": refusal})
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


Days = Annotated[int | None, BeforeValidator(_days)]


class EstimateForm(Form):
    """Conditions around the milestones."""

    vat_regime: Regime
    vat_rate: Rate = 0
    license: ShortLine = ""
    assumptions: TextIfAny = ""
    exclusions: TextIfAny = ""
    upkeep: Literal["", "none", "months"] = ""
    upkeep_months: CountIfAny = None
    warranty_months: CountIfAny = None
    includes_review: Tick = False
    valid_until: DayIfAny = None


class MilestoneForm(Form):
    """One milestone; its price may be left to its lines."""

    title: Line
    price: AmountIfAny = None
    due_on: Day
    is_required: Tick = False
    criteria: TextIfAny = ""


class LineForm(Form):
    """One line of a milestone: days at a rate, or a fixed price."""

    label: Line
    kind: LineKind = LineKind.WORK
    who: Annotated[LineIfAny, StringConstraints(max_length=120)] = ""
    days: Days = None
    rate: AmountIfAny = None
    fixed: AmountIfAny = None


class MemberForm(Form):
    """Somebody of the team."""

    name: Annotated[Line, StringConstraints(max_length=120)]
    task: Annotated[LineIfAny, StringConstraints(max_length=120)] = ""
    share: Rate


class DecisionForm(Form):
    """A word with the fund's yes."""

    reason: TextIfAny = Field(default="", max_length=2000)


class ReasonForm(Form):
    """Why not."""

    reason: Text = Field(max_length=2000)


class QuestionForm(Form):
    """What is asked, of everybody or about one estimate."""

    question: Annotated[Text, StringConstraints(max_length=2000)]
    about: ShortLine = ""


class ReplyForm(Form):
    """What is answered."""

    reply: Annotated[Text, StringConstraints(max_length=2000)]


class ScoreForm(Form):
    """Points for one estimate."""

    estimate: ShortLine
    points: Count
    comment: Annotated[TextIfAny, StringConstraints(max_length=1000)] = ""


class AwardForm(Form):
    """Which estimate, and why."""

    estimate: ShortLine
    reasons: Text


def read_terms() -> Terms:
    """The estimate as typed. Raises `Mistakes` with all that is wrong in the form and in its rows."""
    wrong: dict[str, Refused] = {}
    milestones = _tried(wrong, lambda: _milestones(wrong)) or []
    team = _tried(wrong, lambda: list(numbered_rows(MemberForm, "member").values())) or []
    form = _tried(wrong, lambda: read(EstimateForm, ignore=ROWS))
    if form and form.upkeep == "months" and not form.upkeep_months:
        wrong["upkeep_months"] = Refused("Say for how many months.")
    if wrong or form is None:
        raise Mistakes(wrong)
    return Terms(
        milestones=milestones,
        vat_regime=form.vat_regime,
        vat_rate_basis_points=form.vat_rate,
        license=form.license,
        assumptions=form.assumptions,
        exclusions=form.exclusions,
        upkeep_months={"": None, "none": 0, "months": form.upkeep_months}[form.upkeep],
        warranty_months=form.warranty_months or 0,
        includes_review=form.includes_review,
        team=[MemberTerms(name=one.name, task=one.task, share_basis_points=one.share) for one in team],
        valid_until=form.valid_until,
    )


def _tried(wrong: dict[str, Refused], read_it: Callable[[], Typed]) -> Typed | None:
    try:
        return read_it()
    except Mistakes as mistakes:
        wrong |= mistakes.by_field
        return None


def _milestones(wrong: dict[str, Refused]) -> list[MilestoneTerms]:
    read_rows = []
    for number, row in numbered_rows(MilestoneForm, "milestone").items():
        name = f"milestone-{number}"
        typed = _tried(wrong, lambda name=name: numbered_rows(LineForm, f"{name}-line", beside=("kind",)))  # type: ignore[misc]
        lines = [
            LineTerms(
                label=line.label, kind=line.kind, who=line.who, day_hundredths=line.days, day_rate_cents=line.rate,
                fixed_cents=line.fixed,
            )
            for line in (typed or {}).values()
        ]  # fmt: skip
        total = sum(line.price_cents for line in lines)
        if row.price is None and not lines:
            wrong[f"{name}-price"] = Refused("Give a price, or lines that make it.")
        elif lines and row.price not in (None, total):
            wrong[f"{name}-price"] = Refused(
                "The lines add up to %(sum)s: leave the price empty, or write the same.",
                sum=Money(total, currency.get()),
            )
        read_rows.append(MilestoneTerms(
            title=row.title, price_cents=row.price or total, due_on=row.due_on, is_required=row.is_required,
            criteria=row.criteria, lines=lines,
        ))  # fmt: skip
    return read_rows


def wants_another_row() -> bool:
    """Whether the form was sent to have one more empty row, and not to be kept."""
    return ADD in request.form
