"""Payouts as pages show them: what they pay, account numbers no wider than needed, who did what."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Part
from app.escrow.model import Refund, Release
from app.escrow.sums import balances_of
from app.estimates.model import Milestone
from app.kit.money import Cents
from app.kit.words import _
from app.payouts.model import Payout, PayoutLine, PayoutState
from app.payouts.payees import where_to
from app.people.access import Actor
from app.people.model import Organization, Person, Role
from app.people.step import CLOCK, Step

NOT_PREPARED = (PayoutState.DUE, PayoutState.ON_HOLD, PayoutState.BOUNCED)


@dataclass(frozen=True)
class Shown:
    """One payout in a list."""

    payout: Payout
    campaign: Campaign
    payee: Organization
    cents: Cents


@dataclass(frozen=True)
class Line:
    """What a payout pays: a milestone's releases added up, or one refund."""

    words: str
    milestone: Milestone | None
    price_cents: Cents
    vat_cents: Cents
    other_cents: Cents

    @property
    def total_cents(self) -> Cents:
        """Price, VAT and what else came back."""
        return self.price_cents + self.vat_cents + self.other_cents


@dataclass(frozen=True)
class Act:
    """One step in a payout's history."""

    act: str
    who: str
    reason: str
    at: datetime


def amounts(db: Session, payouts: list[Payout]) -> dict[int, Cents]:
    """What each payout sends: as prepared, or what is owed now."""
    owed = balances_of(db, [one.account_code for one in payouts if one.state in NOT_PREPARED])
    return {
        one.id: owed.get(one.account_code, 0) if one.state in NOT_PREPARED else one.amount_cents
        for one in payouts
    }  # fmt: skip


def lines_of(db: Session, payout: Payout) -> list[Line]:
    """What a payout pays, a milestone a line: the sums over backers, so that no backer's part is told."""
    by_milestone: dict[int, list[Release]] = {}
    refunds: list[Refund] = []
    for line in db.exec(
        select(PayoutLine).where(PayoutLine.payout_id == payout.id).order_by(col(PayoutLine.id))
    ):
        if line.release_id:
            release = db.get_one(Release, line.release_id)
            by_milestone.setdefault(db.get_one(Part, release.part_id).milestone_id, []).append(release)
        elif line.refund_id:
            refunds.append(db.get_one(Refund, line.refund_id))
    return [
        _released(db.get_one(Milestone, number), found) for number, found in sorted(by_milestone.items())
    ] + [_refunded(db, refund) for refund in refunds]


def _released(milestone: Milestone, releases: list[Release]) -> Line:
    words = _("Milestone %(number)s: %(title)s", number=milestone.number, title=milestone.title)
    price, vat = sum(one.price_cents for one in releases), sum(one.vat_cents for one in releases)
    return Line(words, milestone, price, vat, 0)


def _refunded(db: Session, refund: Refund) -> Line:
    part = db.get_one(Part, refund.part_id) if refund.part_id else None
    milestone = db.get_one(Milestone, part.milestone_id) if part else None
    return Line(
        _why_refunded(refund),
        milestone,
        refund.price_cents,
        refund.vat_cents,
        refund.fee_cents + refund.excess_cents,
    )


def _why_refunded(refund: Refund) -> str:
    kind = refund.cause.split(":")[0].split("-")[0]
    sentences = {
        "award": _("Not awarded to the maintainer"),
        "long stop": _("Milestone not delivered in time"),
        "completed": _("Left over when the campaign ended"),
        "stopped": _("Still held when the campaign was stopped"),
        "excess": _("Paid above what was called"),
        "hold": _("Given back before its provider's limit, and called again"),
    }
    return sentences.get(kind, _("Owed back"))


def account_as_seen(db: Session, payout: Payout, reader: Actor) -> tuple[str, str]:
    """Holder and account: whole for those who move the money or own the account, its end for others."""
    if payout.state in NOT_PREPARED:
        name, account = where_to(db, payout)
    else:
        name, account = payout.to_name, payout.to_account
    staff = reader.is_fund and reader.has(Role.TREASURER, Role.OFFICER)
    own = reader.organization.id == payout.payee_id and reader.has(Role.FINANCE)
    return name, account if staff or own else ending(account)


def ending(account: str) -> str:
    """The last four signs of an account number."""
    return f"… {account[-4:]}" if account else ""


def history(db: Session, payout: Payout, reader: Actor) -> list[Act]:
    """What happened to a payout, newest first; who of the fund it was stays inside the fund."""
    return history_of(db, "Payout", payout.id, reader)


def history_of(db: Session, thing: str, number: int, reader: Actor) -> list[Act]:
    """What happened to one row, newest first."""
    query = select(Step).where(Step.thing == thing, Step.thing_id == number).order_by(col(Step.id).desc())
    steps = list(db.exec(query))
    people = select(Person).where(col(Person.pseudonym).in_({step.pseudonym for step in steps}))
    names = {person.pseudonym: person.name for person in db.exec(people)}
    acts = []
    for step in steps:
        who = "" if step.pseudonym == CLOCK else _("the fund")
        if who and reader.sees_everything:
            who = names.get(step.pseudonym, who)
        acts.append(Act(step.act, who, str(json.loads(step.facts).get("reason", "")), step.at))
    return acts


def person_name(db: Session, number: int | None) -> str:
    """Somebody's name, by their number."""
    return db.get_one(Person, number).name if number else ""
