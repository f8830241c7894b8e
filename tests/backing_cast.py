"""A campaign that is matched and worked for, for every test that needs one."""

from datetime import date
from typing import Any

from sqlmodel import Session

from app.campaigns import grants, in_kind, rules, work
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.model import Campaign
from app.campaigns.round_rules import Chosen
from tests import cast as c

DUE = date(2027, 2, 20)
WORTH = 450_000


def backed(db: Session, cast: c.Cast, **chosen: Any) -> tuple[InKindContribution, Campaign]:
    """Secured: the first bank gives a grant, the second pays, the third works and its work is accepted."""
    estimate = c.estimate_approved(db, cast)
    by_rule = Chosen(**({"in_kind_most_basis_points": 2000} | chosen))
    campaign = rules.prepare(db, estimate, deadline_on=c.DEADLINE, chosen=by_rule, by=cast.officer, at=c.NOW)
    rules.open_round(db, campaign, by=cast.officer, at=c.NOW)
    grants.declare(db, campaign, amount_cents=0, by=cast.maker, at=c.NOW)
    terms = grants.GrantTerms("Digital commons", "EU-77", 1_000_000, 5000)
    c.open_grant(db, cast, terms)
    made = agreed(db, cast, campaign)
    c.pledge(db, campaign, cast.buyers[1], campaign.minimum_cents - WORTH - 1_000_000)
    rules.decide(db, campaign, at=c.DECIDED)
    rendered(db, cast, made)
    return made, campaign


def agreed(db: Session, cast: c.Cast, campaign: Campaign) -> InKindContribution:
    """Ten days of the third bank for the first milestone, valued and ordered."""
    milestone = rules.milestones_of(db, campaign.estimate_id)[0]
    offer = in_kind.Offer(milestone.id, "Two developers write the importer.", 40, 60_000, 500_000, DUE)
    made = in_kind.offer(db, campaign, offer, by=cast.buyers[2], at=c.NOW)
    in_kind.value(db, made, cents=WORTH, by=cast.maker, at=c.NOW)
    in_kind.agree(db, made, text="We work.", text_hash="x" * 64, by=cast.buyers[2], at=c.NOW)
    return made


def rendered(db: Session, cast: c.Cast, made: InKindContribution) -> None:
    """All its days are on the time sheet, and the maintainer took them."""
    day = c.DECIDED.date()
    work.note(db, made, worked_on=day, quarter_days=40, what="Importer", by=cast.buyers[2], at=c.DECIDED)
    work.hand_over(db, made, by=cast.buyers[2], at=c.DECIDED)
    work.accept(db, made, by=cast.maker, at=c.DECIDED)
