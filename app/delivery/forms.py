"""What people type in this room: what is handed in, an answer, an opinion."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from app.kit.forms import Count, Form, Line, Text, TextIfAny

# An act keeps its reasons word for word; half as long as its column, since quotes and new lines count twice there.
LONGEST_REASON = 1900

Reason = Annotated[Text, StringConstraints(max_length=LONGEST_REASON)]
ReasonIfAny = Annotated[TextIfAny, StringConstraints(max_length=LONGEST_REASON)]
Version = Annotated[Line, StringConstraints(max_length=120)]
Addresses = Annotated[Text, StringConstraints(max_length=2000)]


class HandInForm(Form):
    """A milestone handed in."""

    version: Version
    evidence: Addresses
    message: TextIfAny = ""


class AnswerForm(Form):
    """A backer's answer: the button says which."""

    answer: Literal["accept", "refuse"]
    reasons: ReasonIfAny = ""


class ReasonsForm(Form):
    """Why a refusal is disputed."""

    reasons: Reason


class OpinionForm(Form):
    """What an arbitrator would grant."""

    percent: Count
    reason: Reason


class CertifyForm(Form):
    """Which of one's pledges is certified."""

    pledge: Line
