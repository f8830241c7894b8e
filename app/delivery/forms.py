"""What people type in this room: what is handed in, an answer, an opinion."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from app.kit.forms import Amount, AmountIfAny, CountIfAny, Day, Form, Line, Text, TextIfAny, Tick

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
    """A backer's answer: the button says which. Criteria and reserves are rows of their own."""

    answer: Literal["accept", "reserves", "refuse"]
    reasons: ReasonIfAny = ""


class UnmetForm(Form):
    """Why one criterion is not met."""

    reason: Annotated[TextIfAny, StringConstraints(max_length=1000)] = ""


class ReserveForm(Form):
    """A defect, and the day by which it is to be mended."""

    text: Annotated[Text, StringConstraints(max_length=1000)]
    due_on: Day


class MendForm(Form):
    """What the maintainer mended."""

    words: Reason


class MendedForm(Form):
    """What whoever filed a reserve, or an arbitrator, says about it."""

    answer: Literal["lift", "keep"]
    reason: ReasonIfAny = ""


class UpstreamForm(Form):
    """The release the result is in."""

    release: Version
    address: Line


class SeenForm(Form):
    """Whether the fund found the result in the release."""

    answer: Literal["yes", "no"]


class ExtensionForm(Form):
    """Another day for a milestone."""

    until_on: Day
    reason: Reason


class ReasonsForm(Form):
    """Why a refusal is disputed."""

    reasons: Reason


class StatementForm(Form):
    """What one side says in a dispute."""

    text: Text
    evidence: TextIfAny = ""
    is_last: Tick = False


class SettlementForm(Form):
    """What one side would settle for."""

    settlement: Amount
    words: Reason


class OpinionForm(Form):
    """What an arbitrator would grant: a percentage, or an amount of the milestone's price."""

    percent: CountIfAny = None
    amount: AmountIfAny = None
    reason: Reason


class ReadingForm(Form):
    """One side has read what will be published; what it would rather have left out."""

    wish: ReasonIfAny = ""


class PublicTextForm(Form):
    """What will be published about an award."""

    text: Text


class CertifyForm(Form):
    """Which of one's pledges is certified."""

    pledge: Line


class AmendmentForm(Form):
    """Why a milestone should change. What takes its place are rows of their own."""

    reason: Reason


class PieceForm(Form):
    """One of the milestones that take its place."""

    title: Line
    criteria: Text
    due_on: Day
    price: Amount
