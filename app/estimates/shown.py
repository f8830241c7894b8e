"""What the form of an estimate shows: what was typed a moment ago, or what is kept, with some empty rows below."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from app.documents.vat import Regime
from app.estimates.forms import wants_another_row
from app.estimates.history import days
from app.estimates.model import Estimate, LineKind
from app.estimates.terms import MOST_LINES, MOST_MEMBERS, MOST_MILESTONES, LineTerms, MilestoneTerms, Terms
from app.kit.money import BasisPoints, Cents
from app.kit.words import language

EMPTY_ROWS = 3
EMPTY_LINES = 2
MILESTONE_FIELD = re.compile(r"milestone-(\d{1,2})-(title|price|due_on|is_required|criteria)")
LINE_FIELD = re.compile(r"milestone-(\d{1,2})-line-(\d{1,2})-(label|kind|who|days|rate|fixed)")
MEMBER_FIELD = re.compile(r"member-(\d{1,2})-(name|task|share)")

Row = dict[str, Any]


def written_amount(cents: Cents | None) -> str:
    """An amount as the reader would type it, without a sign: "24000,00"; nothing where there is none."""
    if cents is None:
        return ""
    return f"{cents // 100}{',' if language() == 'fr' else '.'}{cents % 100:02d}"


def written_rate(basis_points: BasisPoints) -> str:
    """A rate as the reader would type it: "20" or "5,5"."""
    whole, hundredths = divmod(basis_points, 100)
    decimals = f"{hundredths:02d}".rstrip("0")
    return f"{whole}{',' if language() == 'fr' else '.'}{decimals}" if decimals else str(whole)


def milestone_rows(terms: Terms | None) -> list[Row]:
    """The milestones to draw, each with its lines and two empty ones."""
    if request.form:
        return _typed_rows()
    kept = [_milestone(one) for one in terms.milestones] if terms else []
    return _padded(kept, len(kept) + 1 if kept else EMPTY_ROWS)


def member_rows(terms: Terms | None) -> list[Row]:
    """The team to draw, and two empty rows."""
    if request.form:
        typed: dict[int, Row] = {}
        for key, value in request.form.items():
            if found := MEMBER_FIELD.fullmatch(key):
                typed.setdefault(int(found[1]), {})[found[2]] = value
        kept = [typed.get(number, {}) for number in range(max(typed, default=-1) + 1)]
        return _with_empty(kept, len(kept), MOST_MEMBERS)
    kept = [
        {"name": one.name, "task": one.task, "share": written_rate(one.share_basis_points)}
        for one in (terms.team if terms else ())
    ]
    return _with_empty(kept, len(kept) + EMPTY_LINES, MOST_MEMBERS)


def fields(estimate: Estimate | None, rate: BasisPoints) -> Mapping[str, Any]:
    """The fields around the rows: what was typed, or what is kept, or what a new estimate begins with."""
    if request.form:
        return request.form
    if estimate is None:
        return {"vat_regime": Regime.DOMESTIC.value, "vat_rate": written_rate(rate)}
    upkeep = "" if estimate.upkeep_months is None else "months" if estimate.upkeep_months else "none"
    return {
        "vat_regime": estimate.vat_regime,
        "vat_rate": written_rate(estimate.vat_rate_basis_points) if estimate.vat_rate_basis_points else "",
        "license": estimate.license,
        "assumptions": estimate.assumptions,
        "exclusions": estimate.exclusions,
        "upkeep": upkeep,
        "upkeep_months": estimate.upkeep_months or "",
        "warranty_months": estimate.warranty_months or "",
        "includes_review": "yes" if estimate.includes_review else "",
        "valid_until": estimate.valid_until,
    }


def _milestone(one: MilestoneTerms) -> Row:
    lines = [_line(line) for line in one.lines]
    return {
        "title": one.title,
        "price": "" if one.lines else written_amount(one.price_cents),
        "due_on": one.due_on.isoformat(),
        "is_required": "yes" if one.is_required else "",
        "criteria": one.criteria,
        "lines": _with_empty(lines, len(lines) + EMPTY_LINES, MOST_LINES),
        "has_lines": bool(lines),
    }


def _line(line: LineTerms) -> Row:
    return {
        "label": line.label,
        "kind": line.kind.value,
        "who": line.who,
        "days": days(line.day_hundredths).replace("\u202f", "") if line.day_hundredths else "",
        "rate": written_amount(line.day_rate_cents),
        "fixed": written_amount(line.fixed_cents),
    }


def _typed_rows() -> list[Row]:
    typed: dict[int, Row] = {}
    lines: dict[int, dict[int, Row]] = {}
    for key, value in request.form.items():
        if found := MILESTONE_FIELD.fullmatch(key):
            typed.setdefault(int(found[1]), {})[found[2]] = value
        elif found := LINE_FIELD.fullmatch(key):
            lines.setdefault(int(found[1]), {}).setdefault(int(found[2]), {})[found[3]] = value
    count = max(typed, default=-1) + 1
    rows = []
    for number in range(count):
        given = lines.get(number, {})
        kept = [given.get(each, {}) for each in range(max(given, default=-1) + 1)]
        said = any(row.get(key) for row in kept for key in ("label", "days", "rate", "fixed"))
        wanted = len(kept) + EMPTY_LINES * wants_another_row()
        rows.append(
            typed.get(number, {}) | {"lines": _with_empty(kept, wanted, MOST_LINES), "has_lines": said}
        )
    return _padded(rows, count + wants_another_row())


def _padded(rows: list[Row], wanted: int) -> list[Row]:
    empty = {"is_required": "yes", "lines": _with_empty([], EMPTY_LINES, MOST_LINES), "has_lines": False}
    missing = max(0, min(wanted, MOST_MILESTONES) - len(rows))
    return [*rows, *(dict(empty) for _ in range(missing))]


def _with_empty(rows: Sequence[Row], wanted: int, most: int) -> list[Row]:
    missing = max(0, min(wanted, most) - len(rows))
    return [*rows, *({"kind": LineKind.WORK.value} for _ in range(missing))]
