"""What people type about campaigns and pledges."""

from flask import current_app

from app.campaigns.model import Publicity
from app.campaigns.pledges import Promise
from app.kit.forms import Amount, Count, Day, Form, LineIfAny, ShortLine, Text, read, rows
from app.kit.rules import require


class CampaignForm(Form):
    """Until when, and how long backers have to pay."""

    deadline_on: Day
    collection_days: Count


class TrancheForm(Form):
    """With which tranche a milestone is called."""

    number: Count


class PledgeForm(Form):
    """What a buyer promises."""

    amount: Amount
    po_number: ShortLine = ""
    cost_center: ShortLine = ""
    publicity: Publicity = Publicity.FULL
    rail: ShortLine = ""


class SignatureForm(Form):
    """Proof of which words were read: the SHA-256 of the text above the button."""

    text: LineIfAny = ""


class ReasonForm(Form):
    """Why."""

    reason: Text


def read_tranches() -> list[int]:
    """The tranche of each milestone, in their order."""
    return [row.number for row in rows(TrancheForm, "tranche")]


def rails() -> tuple[str, ...]:
    """The ways money may travel here."""
    known: tuple[str, ...] = current_app.config["SETTINGS"].rails
    return known


def read_promise() -> Promise:
    """The promise as it was typed; raises `Mistakes`, or `Refused` for a way of paying there is not."""
    form = read(PledgeForm)
    rail = form.rail or rails()[0]
    require(rail in rails(), "Please choose one of the answers.", field="rail")
    return Promise(
        amount_cents=form.amount, po_number=form.po_number, cost_center=form.cost_center,
        publicity=form.publicity, rail=rail,
    )  # fmt: skip
