"""What people type about campaigns and pledges."""

import re
from typing import Annotated, Any, Literal

from flask import current_app, g
from pydantic import BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from app.campaigns.model import Binding, OnDefault, Publicity, ShareKey
from app.campaigns.pledges import Promise, Purchase
from app.campaigns.round_rules import Chosen
from app.kit.forms import (
    Amount,
    Count,
    CountIfAny,
    Day,
    Form,
    LineIfAny,
    ShortLine,
    Text,
    TextIfAny,
    Tick,
    read,
    rows,
)
from app.kit.money import WHOLE, BasisPoints
from app.kit.rules import Refused, require
from app.kit.web import find
from app.people.model import Organization
from app.rails.switched_on import open_rails

PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?")


def _percent(value: Any) -> BasisPoints:
    text = re.sub(r"[\s\u00a0\u202f%]", "", str(value))
    match = PERCENT.fullmatch(text)
    rate = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")) if match else WHOLE + 1
    if text and rate > WHOLE:
        refusal = Refused("Please enter a percentage between 0 and 100.")
        raise PydanticCustomError("refused", "refused", {"refusal": refusal})
    return rate if text else 0


Percent = Annotated[int, BeforeValidator(_percent)]


class RulesForm(Form):
    """The rules of a round, as the fund chooses them. Left out: the plainest ones, and the operator's own fee."""

    collection_days: Count = 30
    review_days: Count = 10
    fee: Percent | None = None
    share_key: ShareKey = ShareKey.FREE
    in_kind_most: Percent = 0
    binding: Binding = Binding.MONEY
    lead: ShortLine = ""
    lead_has_veto: Tick = False
    quorum: Percent = 0
    retention: Percent = 0
    is_cascade: Tick = False
    on_default: OnDefault = OnDefault.FUND
    default_days: Count = 14

    def chosen(self) -> Chosen:
        """The choice, with the lead looked up by its public name."""
        return Chosen(
            collection_days=self.collection_days, review_days=self.review_days, fee_basis_points=self.fee,
            share_key=self.share_key, in_kind_most_basis_points=self.in_kind_most, binding=self.binding,
            lead_id=find(Organization, self.lead).id if self.lead else None, lead_has_veto=self.lead_has_veto,
            quorum_basis_points=self.quorum, retention_basis_points=self.retention, is_cascade=self.is_cascade,
            on_default=self.on_default, default_days=self.default_days,
        )  # fmt: skip


class CampaignForm(RulesForm):
    """Until when pledges are taken, and the rules of the round."""

    deadline_on: Day


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
    payer: ShortLine = ""
    credit: ShortLine = ""
    needs_the_work: Literal["yes", "no"]
    wants_an_invoice: Literal["yes", "no"]
    will_check_it: Literal["yes", "no"]
    expects_a_tax_receipt: Literal["yes", "no"]

    def purchase(self) -> Purchase:
        """The four answers."""
        return Purchase(
            self.needs_the_work == "yes", self.wants_an_invoice == "yes", self.will_check_it == "yes",
            self.expects_a_tax_receipt == "yes",
        )  # fmt: skip


class JoiningForm(Form):
    """What the cost-share key needs to know of an organization."""

    size: CountIfAny = None
    users: CountIfAny = None


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
    return open_rails(g.db, current_app.config["SETTINGS"])


def read_promise() -> Promise:
    """The promise as it was typed; raises `Mistakes`, or `Refused` for a way of paying there is not."""
    form = read(PledgeForm)
    rail, _mark, means = (form.rail or rails()[0]).partition("|")
    require(rail in rails(), "Please choose one of the answers.", field="rail")
    return Promise(
        amount_cents=form.amount, po_number=form.po_number, cost_center=form.cost_center,
        publicity=form.publicity, rail=rail, means=means, purchase=form.purchase(),
        payer_id=find(Organization, form.payer).id if form.payer else None,
        credit_id=find(Organization, form.credit).id if form.credit else None,
    )  # fmt: skip


class VoiceForm(Form):
    """A backer's answer to a motion."""

    answer: Literal["yes", "no"]
    reason: Annotated[TextIfAny, StringConstraints(max_length=1900)] = ""


class MotionForm(Form):
    """Why the campaign should be stopped. A name of its own: the fund's form beside it has a reason too."""

    motion_reason: Annotated[Text, StringConstraints(max_length=1900)]
