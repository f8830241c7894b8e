"""What people type about calls and money in doubt."""

from typing import Annotated

from pydantic import StringConstraints

from app.kit.forms import Amount, Count, Form, Line, ShortLine, Text


class WaitForm(Form):
    """How many more days a backer gets, and why."""

    days: Count
    reason: Text


class ReasonForm(Form):
    """Why money goes back to whoever paid it."""

    reason: Annotated[Line, StringConstraints(max_length=200)]


class LiftForm(Form):
    """Why a backer's parts are no longer frozen."""

    freeze_reason: Annotated[Text, StringConstraints(max_length=1000)]


class TakeOverForm(Form):
    """How much of a gap is taken over."""

    amount: Amount
    po_number: ShortLine = ""


class MatchForm(Form):
    """For which call money in doubt is."""

    number: Line
