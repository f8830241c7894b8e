"""What maintainers type about roadmap items."""

import re

from flask import request
from pydantic import Field
from sqlmodel import Session, col, select

from app.kit.forms import Day, DayIfAny, Form, Line, Text, TextIfAny
from app.needs.model import Need, NeedState

# Everything about the choice of needs begins with this: it is not part of the forms below.
NEEDS = "need-"
FIND = "need-find"
WORDS = "need-words"
TICKED = re.compile(r"need-([0-9a-f]{32})")


class ItemForm(Form):
    """A change the software could make."""

    title: Line
    summary: TextIfAny = ""
    planned_on: DayIfAny = None


class PlanForm(Form):
    """By when it is meant to be there."""

    planned_on: Day


class ReasonForm(Form):
    """Why not."""

    reason: Text = Field(max_length=2000)


def is_looking_for_needs() -> bool:
    """Whether the form was sent to search needs, and not to be kept."""
    return FIND in request.form


def searched_words() -> str:
    """What was typed into the search among needs."""
    return request.form.get(WORDS, "").strip()[:200]


def chosen_needs(db: Session) -> list[Need]:
    """The needs ticked in this form, or named in the address (`?need=`). Drafts of others are not told apart."""
    names = [found[1] for key in request.form if (found := TICKED.fullmatch(key))]
    if not request.form:
        names = request.args.getlist("need")[:50]
    query = select(Need).where(col(Need.public_id).in_(names), Need.state != NeedState.DRAFT)
    return list(db.exec(query.order_by(col(Need.id))))
