"""What was refused, shown where it was typed: beside its field, and in a summary that leads there."""

from dataclasses import dataclass
from typing import Any

from flask import g, request

from app.kit.rules import Mistakes, Refused
from app.kit.words import translate


def begin_form(action: str) -> str:
    """Remember which form is being drawn, so that mistakes show in the form they were made in."""
    g.form_action = action
    return ""


def show_mistake(refusal: Refused, *, form: str) -> None:
    """Draw this page with a sentence about what its address asks for, in the form that leads to `form`.

    The answer gets the refusal's status: for a page that is only read, and has something wrong in its address.
    """
    if g.get("refusal") is None:
        g.refusal, g.refused_form = refusal, form


def _is_this_form() -> bool:
    action = g.get("form_action")
    if g.get("refusal") is None:
        return False
    return action is None or action.split("?")[0] == g.get("refused_form", request.path)


def typed(name: str, default: Any = "") -> Any:
    """What was typed into this field a moment ago, or the default."""
    if _is_this_form() and request.form:
        return request.form.get(name, "")
    return "" if default is None else default


def mistake_of(name: str) -> str | None:
    """The sentence about this field, if it was refused."""
    refusal = g.get("refusal")
    if refusal is None or not _is_this_form():
        return None
    if isinstance(refusal, Mistakes):
        return translate(refusal.by_field[name]) if name in refusal.by_field else None
    return translate(refusal) if refusal.field == name else None


@dataclass(frozen=True)
class Wrong:
    """One line of the summary over a page: what is wrong, and the id of the field (or form) it leads to."""

    sentence: str
    label: str = ""
    id: str = ""


def note_mistake(name: str, id: str, label: str) -> str:
    """A field that is wrong was drawn: the summary over the page leads to it."""
    sentence = mistake_of(name)
    drawn: dict[str, Wrong] = g.setdefault("drawn_mistakes", {})
    if sentence is not None:
        drawn.setdefault(name, Wrong(sentence, label, id))
    return ""


def anchor_of_refused_form(id: str | None) -> str | None:
    """The id of a form that begins here: the refused one always has one, which the summary leads to."""
    if not _is_this_form() or "refused_anchor" in g:
        return id
    g.refused_anchor = id or "refused"
    return str(g.refused_anchor)


def mistakes_drawn() -> list[Wrong]:
    """The lines of the summary: each wrong field in the order they stand, then what has no field on this page."""
    refusal = g.get("refusal")
    if refusal is None:
        return []
    drawn: dict[str, Wrong] = g.get("drawn_mistakes", {})
    wrong = refusal.by_field if isinstance(refusal, Mistakes) else {refusal.field: refusal}
    anchor = g.get("refused_anchor", "")
    return list(drawn.values()) + [
        Wrong(translate(one), id=anchor) for name, one in wrong.items() if name not in drawn
    ]


def refusal_sentence() -> str | None:
    """The sentence over the form (or page) that was refused."""
    refusal = g.get("refusal")
    return translate(refusal) if refusal is not None else None


def refused_here() -> bool:
    """Whether the form being drawn is the one that was refused."""
    return _is_this_form()


def sentence_of_form() -> str | None:
    """What is wrong with this form and with none of its fields."""
    refusal = g.get("refusal")
    is_whole = refusal is not None and not refusal.field and not isinstance(refusal, Mistakes)
    return translate(refusal) if is_whole and _is_this_form() else None
