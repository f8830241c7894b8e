"""What people type, read into plain classes: each field has a type, each mistake a sentence in their language.

    class PledgeForm(Form):
        amount: Amount
        po_number: Line

`read(PledgeForm)` gives one from the request, or raises `Mistakes`. Fields the form does not know are refused.
"""

import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import date
from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from app.kit.mistakes import show_mistake
from app.kit.money import parse_amount
from app.kit.rules import Mistakes, Refused

# The currency amounts are typed in: the operator's, set at the door.
currency: ContextVar[str] = ContextVar("currency", default="EUR")

LARGEST_COUNT = 100_000_000
DAY_WORDS = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


class Form(BaseModel):
    """A form as it comes in. Unknown fields are refused, so that nobody sets what they were not asked."""

    # What a form asks is worked out when it first comes in, not for all of them at every start.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


FormKind = TypeVar("FormKind", bound=Form)


def _refusable(parse: Callable[[Any], Any]) -> BeforeValidator:
    def parsed(value: Any) -> Any:
        try:
            return parse(value)
        except Refused as refusal:
            raise PydanticCustomError("refused", "refused", {"refusal": refusal}) from None

    return BeforeValidator(parsed)


def _amount(value: Any) -> int:
    return value if isinstance(value, int) else parse_amount(str(value), currency.get())


def _amount_if_any(value: Any) -> int | None:
    return None if value is None or not str(value).strip() else _amount(value)


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if not text:
        raise Refused("Please enter a date.")
    match = DAY_WORDS.fullmatch(text)
    try:
        day = date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(text)
    except ValueError:
        raise Refused("“%(typed)s” is not a date. Write it like 31/12/2026.", typed=text[:40]) from None
    if not 2000 <= day.year <= 2100:
        raise Refused("“%(typed)s” is not a date. Write it like 31/12/2026.", typed=text[:40])
    return day


def _day_if_any(value: Any) -> date | None:
    return None if value is None or not str(value).strip() else _day(value)


def count_of(value: Any) -> int:
    """A whole number as people type it, grouped or not; raises `Refused`."""
    if isinstance(value, int):
        return value
    digits = re.sub(r"[\s\u00a0\u202f']", "", str(value))
    if not digits:
        raise Refused("Please enter a number.")
    if not (digits.isascii() and digits.isdigit()) or int(digits[:12]) > LARGEST_COUNT:
        raise Refused("“%(typed)s” is not a whole number.", typed=str(value)[:40])
    return int(digits)


def _count_if_any(value: Any) -> int | None:
    return None if value is None or not str(value).strip() else count_of(value)


def _clean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "".join(
        c for c in value.replace("\r\n", "\n") if c in "\n\t" or c.isprintable() or c == "\u00a0"
    ).strip()


def _single_line(value: Any) -> Any:
    return re.sub(r"\s*[\n\t]\s*", " ", _clean(value)) if isinstance(value, str) else value


Amount = Annotated[int, _refusable(_amount)]
AmountIfAny = Annotated[int | None, _refusable(_amount_if_any)]
Day = Annotated[date, _refusable(_day)]
DayIfAny = Annotated[date | None, _refusable(_day_if_any)]
Count = Annotated[int, _refusable(count_of)]
CountIfAny = Annotated[int | None, _refusable(_count_if_any)]
Line = Annotated[str, BeforeValidator(_single_line), StringConstraints(min_length=1, max_length=200)]
LineIfAny = Annotated[str, BeforeValidator(_single_line), StringConstraints(max_length=200)]
ShortLine = Annotated[str, BeforeValidator(_single_line), StringConstraints(max_length=60)]
Text = Annotated[str, BeforeValidator(_clean), StringConstraints(min_length=1, max_length=4000)]
TextIfAny = Annotated[str, BeforeValidator(_clean), StringConstraints(max_length=4000)]
Tick = Annotated[bool, BeforeValidator(lambda value: value in (True, "1", "on", "yes", "true"))]

OURS = {"csrf_token"}


def asked_amount(name: str, *, form: str) -> str:
    """The amount in the address, as it was typed; if it is none, the page says so in the form that leads to `form`."""
    text = request.args.get(name, "")[:40]
    try:
        if text.strip():
            parse_amount(text, currency.get(), field=name)
    except Refused as refusal:
        show_mistake(refusal, form=form)
    return text


def read(kind: type[FormKind], *, ignore: str | tuple[str, ...] = ()) -> FormKind:
    """The request's form as this class; raises `Mistakes` with a sentence for each field that is wrong.

    Fields whose names begin with `ignore` belong to rows of their own (see `rows`).
    """
    typed = {
        name: value for name, value in request.form.items()
        if name not in OURS and not name.startswith(ignore)
    }  # fmt: skip
    return parse(kind, typed)


def parse(kind: type[FormKind], typed: dict[str, Any], *, prefix: str = "") -> FormKind:
    """These values as this class; raises `Mistakes`."""
    try:
        return kind.model_validate(typed)
    except ValidationError as error:
        raise Mistakes(
            {f"{prefix}{_field(detail)}": _sentence(detail) for detail in error.errors()}
        ) from None


def rows(kind: type[FormKind], name: str) -> list[FormKind]:
    """The numbered rows of a form (`milestone-0-title`, `milestone-0-price`, …); rows left empty are skipped."""
    return list(numbered_rows(kind, name).values())


def numbered_rows(
    kind: type[FormKind], name: str, *, beside: tuple[str, ...] = ("is_required",)
) -> dict[int, FormKind]:
    """The rows of a form that are filled in, by their number.

    The fields named in `beside` always say something: they do not make a row that is empty otherwise.
    """
    found: dict[int, dict[str, str]] = {}
    for key, value in request.form.items():
        if match := re.fullmatch(rf"{name}-(\d{{1,3}})-(\w+)", key):
            found.setdefault(int(match[1]), {})[match[2]] = value
    mistakes: dict[str, Refused] = {}
    read_rows = {}
    for number, typed in sorted(found.items()):
        if not any(value.strip() for key, value in typed.items() if key not in beside):
            continue
        try:
            read_rows[number] = parse(kind, typed, prefix=f"{name}-{number}-")
        except Mistakes as wrong:
            mistakes |= wrong.by_field
    if mistakes:
        raise Mistakes(mistakes)
    return read_rows


def _field(detail: ErrorDetails) -> str:
    return str(detail["loc"][0]) if detail["loc"] else ""


def _sentence(detail: ErrorDetails) -> Refused:
    context = detail.get("ctx", {})
    if isinstance(refusal := context.get("refusal"), Refused):
        return refusal
    if isinstance(refusal := context.get("error"), Refused):
        return refusal
    if detail["type"] in ("missing", "string_too_short", "too_short"):
        return Refused("Please fill this in.")
    if detail["type"] in ("string_too_long", "too_long"):
        return Refused("This is too long: %(most)s characters at most.", most=context["max_length"])
    if detail["type"] == "extra_forbidden":
        return Refused("This form does not ask for “%(name)s”.", name=_field(detail)[:40])
    if detail["type"] in ("enum", "literal_error"):
        return Refused("Please choose one of the answers.")
    return Refused("This cannot be read.")
