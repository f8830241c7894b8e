"""Mails about calls for funds, payouts and the accounts they go to."""

import json
from collections.abc import Iterator
from typing import Any

from sqlmodel import Session

from app.campaigns.model import Campaign, Pledge
from app.escrow.model import Call, CallState, Deposit
from app.escrow.model_left import LeftOver
from app.escrow.pulling import is_pulled
from app.escrow.reminders import last_day_of
from app.notices.about_beginnings import reason_of
from app.notices.readers import (
    MAKERS,
    PAYERS,
    Copy,
    maintainer_of,
    names_for_others,
    people_of,
    signed_amounts,
    the_fund,
    to,
)
from app.payouts.model import PayeeAccount, Payout, PayoutKind
from app.people.model import Organization, Role
from app.people.step import Step
from app.people.vat_checks import UNKNOWN


def call(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A call to the backer that pays it. That the fund waits for somebody longer is told to all who depend on it."""
    about = db.get_one(Call, step.thing_id)
    backer = db.get_one(Pledge, about.pledge_id).organization_id
    campaign = db.get_one(Campaign, about.campaign_id)
    if step.act == "wait on":
        yield from _told_to_wait(db, step, about, campaign, backer, base_url)
        return
    if step.act == "hold ends":
        yield from _hold_ends(db, step, about, campaign, base_url)
        return
    if step.act == "wait for VAT":
        yield from _waits_for_vat(db, step, about, campaign, base_url)
        return
    facts = {
        "title": campaign.title, "number": about.number, "reference": about.reference, "currency": about.currency,
        "price": about.price_cents, "vat": about.vat_cents, "fee": about.fee_cents + about.fee_vat_cents,
        "total": about.total_cents, "missing": about.total_cents - about.paid_cents,
        "due_on": about.due_on.isoformat(), "url": f"{base_url}/calls/{about.public_id}",
        "last_on": last_day_of(about, campaign.zone).isoformat(), "is_late": about.state == CallState.DEFAULTED,
        "is_pulled": is_pulled(db, about),
    }  # fmt: skip
    yield from to(db, [backer], PAYERS, facts)


def _hold_ends(db: Session, step: Step, about: Call, campaign: Campaign, base_url: str) -> Iterator[Copy]:
    """To the fund, thirty days before a provider would decide by itself what becomes of held money."""
    said = json.loads(step.facts)
    facts = {
        "title": campaign.title, "number": about.number, "held": said["held"], "currency": about.currency,
        "until": said["until"], "url": f"{base_url}/held/{about.public_id}",
    }  # fmt: skip
    yield from to(db, the_fund(db), [Role.TREASURER, Role.OFFICER], facts)


def doubt(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """To the fund, thirty days before a provider would decide what becomes of money that is for no call."""
    if step.act != "hold ends":
        return
    about: Deposit | LeftOver
    about = (
        db.get_one(Deposit, step.thing_id) if step.thing == "Deposit" else db.get_one(LeftOver, step.thing_id)
    )
    said = json.loads(step.facts)
    facts = {
        "held": said["held"], "currency": about.currency, "until": said["until"], "rail": about.rail.capitalize(),
        "url": f"{base_url}/suspense",
    }  # fmt: skip
    yield from to(db, the_fund(db), [Role.TREASURER, Role.OFFICER], facts)


def _waits_for_vat(db: Session, step: Step, about: Call, campaign: Campaign, base_url: str) -> Iterator[Copy]:
    """To who is called, its administrators who can put the number right, and the fund that may decide otherwise."""
    backer = db.get_one(Organization, db.get_one(Pledge, about.pledge_id).organization_id)
    facts = {
        "title": campaign.title, "number": about.number, "total": about.total_cents, "currency": about.currency,
        "who": backer.name, "vat_number": backer.vat_number,
        "is_unknown": json.loads(step.facts)["found"] == UNKNOWN, "url": f"{base_url}/calls/{about.public_id}",
    }  # fmt: skip
    yield from to(db, [backer.id], (*PAYERS, Role.ADMIN), facts)
    yield from to(db, the_fund(db), [Role.OFFICER], facts)


def _told_to_wait(
    db: Session, step: Step, about: Call, campaign: Campaign, backer: int, base_url: str
) -> Iterator[Copy]:
    shown = names_for_others(db, campaign.id)
    facts: dict[str, Any] = {
        "title": campaign.title, "until": json.loads(step.facts)["until"], "reason": reason_of(step),
        "url": f"{base_url}/campaigns/{campaign.public_id}",
    }  # fmt: skip
    for person, organization in people_of(db, signed_amounts(db, campaign), PAYERS):
        is_own = organization.id == backer
        yield Copy(
            person, organization, facts | {"who": organization.name if is_own else shown.get(backer, "")}
        )
    yield from to(db, [maintainer_of(db, campaign).id], MAKERS, facts | {"who": shown.get(backer, "")})


def payout(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A prepared payout to those who may approve it; what became of one to its payee."""
    about = db.get_one(Payout, step.thing_id)
    payee = db.get_one(Organization, about.payee_id)
    said = json.loads(step.facts)
    facts = {
        **{name: said[name] for name in ("means", "reference", "paid_on") if name in said},
        "amount": said.get("amount", about.amount_cents), "currency": about.currency, "payee": payee.name,
        "reason": reason_of(step), "title": db.get_one(Campaign, about.campaign_id).title,
        "is_refund": about.kind == PayoutKind.REFUND, "ends": about.to_account[-4:],
        "url": f"{base_url}/payouts/{about.public_id}",
    }  # fmt: skip
    if step.act == "prepare":
        yield from to(db, the_fund(db), [Role.TREASURER], facts, but=step.pseudonym)
    else:
        roles = PAYERS if about.kind == PayoutKind.REFUND else (Role.FINANCE, *MAKERS)
        yield from to(db, [about.payee_id], roles, facts)


def payee_account(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A new account to everybody who would notice that it is not theirs, and to the treasurers."""
    about = db.get_one(PayeeAccount, step.thing_id)
    payee = db.get_one(Organization, about.organization_id)
    facts = {
        "payee": payee.name, "holder": about.holder, "ends": about.account[-4:], "when": about.named_at.isoformat(),
        "url": f"{base_url}/payee-accounts/{about.public_id}" if about.is_change else f"{base_url}/payouts",
    }  # fmt: skip
    yield from to(db, [payee.id], [Role.FINANCE, Role.ADMIN], facts)
    yield from to(db, the_fund(db), [Role.TREASURER], facts)
