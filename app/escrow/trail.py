"""The audit trail of a campaign in plain words: who by organization, “the clock” for time, no amount of anyone else."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, tuple_
from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Part, Pledge, Publicity
from app.escrow.model import Call, Deposit, Refund, Release
from app.kit.links import ChainLink
from app.kit.words import N_, _, ngettext, percent
from app.people.model import Organization
from app.people.step import CLOCK, Step

PAGE = 60

# What everyone may read: nothing of it tells an amount of one backer.
FOR_EVERYONE = {
    ("Campaign", "prepare"): N_("The campaign was prepared"),
    ("Campaign", "open"): N_("The campaign was opened for pledges"),
    ("Campaign", "secure"): N_("The campaign was secured and its parts were cut"),
    ("Campaign", "failed"): N_("The minimum was missed: every pledge ended"),
    ("Campaign", "cancelled"): N_("The campaign was cancelled"),
    ("Campaign", "stopped"): N_("The campaign was stopped"),
    ("Campaign", "completed"): N_("The campaign was completed"),
    ("Pledge", "sign"): N_("A pledge was signed"),
    ("Pledge", "withdraw"): N_("A pledge was withdrawn"),
    ("Pledge", "default"): N_("A pledge was never paid"),
    ("Tranche", "call funds"): N_("A tranche was called"),
    ("Call", "wait for VAT"): N_("A call waits until a VAT number is confirmed"),
    ("Call", "default"): N_("A call was not paid in time"),
    ("Call", "wait on"): N_("A call got more time"),
    ("Call", "hold ends"): N_("A provider will not hold this money much longer"),
    ("Payout", "pay elsewhere"): N_("A refund was paid by another means"),
    ("Call", "call again"): N_("Money went back before its provider's limit, and was called again"),
    ("Delivery", "hand in"): N_("A milestone was handed in"),
    ("Delivery", "check evidence"): N_("Evidence was looked up on its forge"),
    ("Delivery", "accept"): N_("A backer accepted a delivery"),
    ("Delivery", "refuse"): N_("A backer refused a delivery"),
    ("Delivery", "count silence"): N_("The time to answer was over: silence counts as accepting"),
    ("Delivery", "accepted"): N_("A milestone was accepted"),
    ("Delivery", "part accepted"): N_("A milestone was accepted in part"),
    ("Delivery", "rejected"): N_("A milestone was rejected for good"),
    ("Delivery", "refused"): N_("A delivery was refused"),
    ("Delivery", "take back"): N_("A delivery was taken back"),
    ("Delivery", "dispute"): N_("A refusal was disputed"),
    ("Delivery", "certify"): N_("A public body certified the service"),
    ("Delivery", "accept with reserves"): N_("A backer accepted a delivery with reserves"),
    ("Delivery", "accepted with reserves"): N_("A milestone was accepted with reserves"),
    ("Delivery", "end reserves"): N_("The last reserve about a milestone was answered"),
    ("Delivery", "name release"): N_("The maintainer named a release of the software"),
    ("Delivery", "not in release"): N_("The fund did not find the result in the release"),
    ("Delivery", "see release"): N_("The fund found the result in the release"),
    ("Delivery", "release before limit"): N_("What was kept back was released before its provider's limit"),
    ("Delivery", "release retention"): N_("What was kept back of a milestone was released"),
    ("Delivery", "return retention"): N_("What was kept back of a milestone goes back"),
    ("Reserve", "file"): N_("A reserve was filed"),
    ("Reserve", "mend"): N_("The maintainer says a reserve is mended"),
    ("Reserve", "lift"): N_("A reserve was lifted"),
    ("Reserve", "keep open"): N_("A backer finds a reserve not mended"),
    ("Reserve", "lift by award"): N_("An arbitrator lifted a reserve"),
    ("Reserve", "keep by award"): N_("An arbitrator kept a reserve for good"),
    ("Reserve", "overtake"): N_("A reserve was answered otherwise"),
    ("Extension", "extend"): N_("A milestone was given more time"),
    ("Dispute", "state case"): N_("One side stated its case"),
    ("Dispute", "hand over"): N_("Both sides were heard: the arbitrators decide"),
    ("Dispute", "be late"): N_("The arbitrators are late"),
    ("Dispute", "differ"): N_("Two arbitrators differ: a third decides between them"),
    ("Dispute", "settle"): N_("Both sides settled the dispute"),
    ("Dispute", "reword"): N_("What is published about an award was worded anew"),
    ("Dispute", "publish reasons"): N_("The reasons of an award were published"),
    ("Motion", "put"): N_("The backers were asked a question"),
    ("Motion", "agree"): N_("The maintainer agreed to what a backer proposed"),
    ("Motion", "carry"): N_("A question to the backers was carried"),
    ("Motion", "lose"): N_("A question to the backers was not carried"),
    ("Motion", "withdraw"): N_("A question to the backers was taken back"),
    ("Motion", "carry out"): N_("What the backers decided was carried out"),
    ("Motion", "overtake"): N_("A question to the backers was answered otherwise"),
    ("Dispute", "write opinion"): N_("An arbitrator wrote an opinion"),
    ("Dispute", "award"): N_("The arbitrators made their award"),
    ("Dispute", "drop"): N_("A dispute was dropped"),
    ("Milestone", "cut"): N_("A milestone was cut: nobody pays for it any more"),
    ("Milestone", "amend"): N_("A milestone was amended as its backers agreed"),
    ("Shortfall", "open"): N_("A call was not paid or work not done: the campaign's rule runs"),
    ("Freeze", "freeze"): N_("The parts of a backer were frozen: released money was taken back"),
    ("Freeze", "settle"): N_("The claim on a backer is settled: its parts are no longer frozen"),
    ("Freeze", "lift"): N_("The fund lifted the freeze of a backer's parts"),
    ("Shortfall", "take over"): N_("An organization takes over a part of what is missing"),
    ("Shortfall", "fill"): N_("What was missing is filled"),
    ("Shortfall", "cut"): N_("Milestones were cut, and what was missing is filled"),
    ("Shortfall", "pay"): N_("What was missing was paid after all"),
    ("Shortfall", "wait"): N_("The fund gave more time: the rule does not run"),
    ("Shortfall", "stop"): N_("What was missing was not filled: the campaign stops"),
    ("Pledge", "sign for a gap"): N_("A pledge was signed for what another one did not pay"),
    ("Pledge", "match"): N_("A matching grant added to a pledge"),
    ("PublicMoney", "declare"): N_("The maintainer declared what other public money it receives"),
    ("InKindContribution", "agree"): N_("A work order was signed: its days count instead of money"),
    ("InKindContribution", "hand over"): N_("Work was handed over"),
    ("InKindContribution", "render"): N_("Work was accepted"),
    ("InKindContribution", "default"): N_("Work was not done in time"),
    ("InKindContribution", "wait for"): N_("The fund gave work more days"),
    ("Milestone", "long stop"): N_("A milestone was never delivered: its money goes back"),
}

# What besides only the organization it concerns and the fund read.
FOR_THOSE_CONCERNED = {
    ("Motion", "say yes"): N_("A backer said yes to a question"),
    ("Motion", "say no"): N_("A backer said no to a question"),
    ("Dispute", "read text"): N_("One side read what will be published"),
    ("Dispute", "ask to leave out"): N_("One side asked to leave words out of what is published"),
    ("Pledge", "draft"): N_("A pledge was drafted"),
    ("Pledge", "ask to sign"): N_("A pledge was sent to an approver"),
    ("Pledge", "refuse"): N_("An approver declined to sign a pledge"),
    ("Pledge", "lapse"): N_("A pledge ended by itself"),
    ("InKindContribution", "offer"): N_("Days of work were offered"),
    ("InKindContribution", "value"): N_("The maintainer valued work"),
    ("InKindContribution", "decline"): N_("An offer of work was declined"),
    ("InKindContribution", "send back"): N_("A time sheet went back"),
    ("InKindContribution", "lapse"): N_("Work ended by itself"),
    ("TimeSheetLine", "note"): N_("A day's work was noted"),
    ("Call", "issue"): N_("A call was issued"),
    ("Call", "hold back"): N_("A call was written and waits for a VAT number to be looked up"),
    ("Call", "collect"): N_("Money was counted in for a call"),
    ("Call", "unpay"): N_("A call is unpaid again"),
    ("Call", "remind"): N_("A payer was reminded of its call"),
    ("Call", "void"): N_("A call became void"),
    ("Deposit", "receive"): N_("Money came in"),
    ("Deposit", "fail"): N_("A payment failed"),
    ("Deposit", "match"): N_("Money in doubt was matched to its call"),
    ("Deposit", "hold ends"): N_("A provider will not keep money in doubt much longer"),
    ("Deposit", "charge back"): N_("A payment was taken back by the payer's bank"),
    ("Release", "release"): N_("Money was released to the maintainer"),
    ("Refund", "give back"): N_("Money is owed back to a backer"),
    ("Payout", "due"): N_("A payout is due"),
    ("Payout", "prepare"): N_("A payout was prepared"),
    ("Payout", "approve"): N_("A payout was approved"),
    ("Payout", "settle"): N_("A payout was set off: nothing is left to send"),
    ("Payout", "take back"): N_("A payout was taken back before it was sent"),
    ("Payout", "hold"): N_("A payout was put on hold"),
    ("Payout", "resume"): N_("A payout was taken off hold"),
    ("Payout", "send"): N_("A payout was sent"),
    ("Payout", "paid"): N_("A payout arrived"),
    ("Payout", "bounce"): N_("A payout came back"),
    ("Payout", "due again"): N_("A payout is due again"),
}

WORDS = FOR_EVERYONE | FOR_THOSE_CONCERNED
REASON_FACTS = ("reason", "reasons")
# Whose reasons everyone may read; what a backer writes about its own pledge stays with it and the fund.
OPEN_REASONS = ("Campaign", "Call", "Motion")
MORE_DAYS = ("InKindContribution", "wait for")


def own_things(db: Session, pledge_ids: Sequence[int]) -> dict[str, list[int]]:
    """The rows that are about these pledges, by the name of their table."""
    ids = list(pledge_ids)
    calls = list(db.exec(select(Call.id).where(col(Call.pledge_id).in_(ids))))
    parts = select(Part.id).where(col(Part.pledge_id).in_(ids))
    return {
        "Pledge": ids,
        "Call": calls,
        "Deposit": list(db.exec(select(Deposit.id).where(col(Deposit.call_id).in_(calls)))),
        "Release": list(db.exec(select(Release.id).where(col(Release.part_id).in_(parts)))),
        "Refund": list(db.exec(select(Refund.id).where(col(Refund.pledge_id).in_(ids)))),
    }


def is_own(organization_id: int, things: Mapping[str, Sequence[int]]) -> ColumnElement[bool]:
    """The acts of an organization, and what happened to its own things."""
    about = [
        and_(col(Step.thing) == thing, col(Step.thing_id).in_(ids)) for thing, ids in things.items() if ids
    ]
    return or_(col(Step.organization_id) == organization_id, *about)


def steps_of(
    db: Session, campaign: Campaign, *, sees_all: bool, own: ColumnElement[bool] | None, before: int | None
) -> list[Any]:
    """The acts this reader may see, newest first, each with its number in the chain and the organization."""
    query = (
        select(Step, ChainLink.number, Organization)
        .join(ChainLink, and_(col(ChainLink.kind) == "step", col(ChainLink.line_id) == col(Step.id)))
        .outerjoin(Organization, col(Organization.id) == col(Step.organization_id))
        .where(Step.campaign_id == campaign.id)
        .order_by(col(Step.id).desc())
        .limit(PAGE + 1)
    )
    if not sees_all:
        public = tuple_(col(Step.thing), col(Step.act)).in_(list(FOR_EVERYONE))
        query = query.where(or_(public, own) if own is not None else public)
    if before is not None:
        query = query.where(col(Step.id) < before)
    return list(db.exec(query))


def veiled(db: Session, campaign: Campaign) -> tuple[set[int], set[int]]:
    """The pledges made without a name, and the organizations that made no other in this campaign."""
    rows = list(db.exec(
        select(Pledge.id, Pledge.organization_id, Pledge.publicity).where(Pledge.campaign_id == campaign.id)
    ))  # fmt: skip
    named = {organization for _, organization, publicity in rows if publicity != Publicity.ANONYMOUS}
    pledges = {pledge for pledge, _, publicity in rows if publicity == Publicity.ANONYMOUS}
    return pledges, {organization for _, organization, _ in rows} - named


def milestones_by_delivery(db: Session, campaign: Campaign) -> dict[int, int]:
    """Which milestone each delivery was an attempt at, as its first act says."""
    query = select(Step.thing_id, Step.facts).where(
        Step.campaign_id == campaign.id, Step.thing == "Delivery", Step.act == "hand in"
    )
    return {thing_id: int(json.loads(facts)["milestone"]) for thing_id, facts in db.exec(query)}


def about(step: Step, deliveries: Mapping[int, int]) -> str:
    """Which tranche or milestone an act is about, and what share an award gives: “milestone 2”."""
    facts = json.loads(step.facts)
    if step.thing == "Dispute" and step.act in ("award", "settle") and facts.get("share") is not None:
        return percent(facts["share"])
    if step.thing == "Delivery" and step.thing_id in deliveries:
        return _("milestone %(number)s", number=deliveries[step.thing_id])
    if step.thing == "Milestone":
        return _("milestone %(number)s", number=facts["milestone"])
    return _("tranche %(number)s", number=facts["tranche"]) if step.thing == "Tranche" else ""


def reason(step: Step, *, is_own: bool) -> str:
    """Why, where the reader may know it."""
    if not is_own and step.thing not in OPEN_REASONS and (step.thing, step.act) != MORE_DAYS:
        return ""
    facts = json.loads(step.facts)
    return next((str(facts[name]) for name in REASON_FACTS if facts.get(name)), "")


def aside(step: Step) -> str:
    """How many stood aside from this decision because of a tie, if any did."""
    count = len(json.loads(step.facts).get("aside", []))
    return ngettext("%(num)s person stood aside", "%(num)s persons stood aside", count) if count else ""


def is_the_clock(step: Step) -> bool:
    """Whether time acted rather than a person."""
    return step.pseudonym == CLOCK
