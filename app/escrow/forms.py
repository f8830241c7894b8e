"""What people type about calls and money in doubt."""

from typing import Annotated

from pydantic import StringConstraints

from app.kit.forms import Count, Form, Line, Text


class WaitForm(Form):
    """How many more days a backer gets, and why."""

    days: Count
    reason: Text


class ReasonForm(Form):
    """Why money goes back to whoever paid it."""

    reason: Annotated[Line, StringConstraints(max_length=200)]


class MatchForm(Form):
    """For which call money in doubt is."""

    number: Line
