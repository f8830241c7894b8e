"""One thing of each kind that waits for a decision, and the ties of who decides."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlmodel import Session, select

from app.campaigns import grants, motions, pledges
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion, MotionKind
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign, Pledge
from app.delivery import disputes
from app.delivery import rules as deliveries
from app.delivery.model import Delivery, Dispute
from app.escrow import calls
from app.escrow.model import Call
from app.estimates.model import Estimate
from app.kit.clock import day_of
from app.payouts import clocks, payees
from app.payouts import rules as payouts
from app.payouts.model import Payout
from app.people import declaring
from app.people import rules as people
from app.people.access import Actor, actor_for
from app.people.model import Kind, Organization, Role, RoleGrant, TieKind
from app.roadmap.model import RoadmapItem
from tests.bank import DECIDED
from tests.cast import (
    NOW,
    Cast,
    accepted,
    campaign_open,
    estimate_approved,
    handed_in,
    organization,
    paid,
    person,
    pledge,
    secured,
    settle,
)

TODAY = day_of(NOW, "Europe/Paris")


@dataclass
class World:
    """One thing of each kind, in the state its decision waits for."""

    cast: Cast
    applied: Organization
    suspended: Organization
    submitted: Estimate
    approved: Estimate
    drafted: Campaign
    reached: Campaign
    secured: Campaign
    awaiting: Pledge
    to_sign: Pledge
    delivery: Delivery
    disputed: Dispute
    call: Call
    due: Payout
    prepared: Payout
    held: Payout
    second_officer: Actor
    motion: Motion
    grant: MatchingGrant
    offered: MatchingGrant


def build(db: Session) -> World:
    cast = settle(db)
    applied = Organization(name="Nouvelle Venue", kind=Kind.CORPORATE, applied_at=NOW)
    db.add(applied)
    second = person(db, "Odile Officer", cast.officer.organization, Role.OFFICER)
    suspended = organization(db, "Maison Close", Kind.CORPORATE)
    people.suspend(db, suspended, "A reason.", by=cast.officer, at=NOW)
    drafted = campaigns.prepare(
        db,
        estimate_approved(db, cast, name="Drafted"),
        deadline_on=date(2026, 12, 1),
        by=cast.officer,
        at=NOW,
    )
    reached = campaign_open(db, cast, name="Reached")
    for buyer in cast.buyers:
        pledge(db, reached, buyer, 1_900_000)
    open_round = campaign_open(db, cast, name="Open")
    # Above what is left of the buyer's limit: it waits for the approver.
    awaiting = pledge(db, open_round, cast.buyers[0], 4_000_000)
    to_sign = pledges.draft(db, open_round, pledges.Promise(100_000), by=cast.buyers[1], at=NOW)
    cast = replace(cast, buyers=[wider(db, buyer) for buyer in cast.buyers])
    answered, _lines = paid(db, cast, name="Answered")
    delivery = handed_in(db, cast, answered)
    fought, _lines = paid(db, cast, name="Fought")
    refused = handed_in(db, cast, fought)
    for buyer in cast.buyers:
        if refused.state == "handed in":
            deliveries.answer(db, refused, accepts=False, reasons="No.", by=buyer, at=DECIDED)
    disputed = disputes.dispute(db, refused, reasons="It works.", by=cast.maker, at=DECIDED)
    disputes.end_statements(db, disputed, at=disputed.statements_end_at)
    motion = motions.put(db, answered, MotionKind.STOP, words="Enough.", by=None, at=DECIDED)
    third = [accepted(db, cast, name=name)[0] for name in ("Due", "Prepared", "Held")]
    payees.name_account(
        db, rail="sandbox", holder="Atelier Wiki", account="XX99MAKER0001", by=cast.maker, at=NOW
    )
    clocks.gather(db, at=DECIDED)
    due, prepared, held = (
        db.exec(select(Payout).where(Payout.campaign_id == campaign.id)).one() for campaign in third
    )
    payouts.prepare(db, prepared, by=cast.treasurer, at=DECIDED)
    payouts.hold(db, held, reason="A reason.", by=cast.treasurer, at=DECIDED)
    called = calls.call_funds(db, secured(db, cast, name="Called"), by=cast.officer, at=DECIDED)
    calls.default_on(db, called[0], at=called[0].window_ends_at)
    submitted = estimate_approved(db, cast, name="Submitted")
    submitted.state, submitted.decided_at, submitted.decided_by_id = "submitted", None, None
    db.flush()
    grant, offered = (written_grant(db, cast, maker_of=made) for made in (submitted, submitted))
    grants.sign(db, offered, by=cast.approvers[0], at=NOW)
    return World(
        cast, applied, suspended, submitted, estimate_approved(db, cast, name="Approved"), drafted, reached, answered,
        awaiting, to_sign, delivery, disputed, called[0], due, prepared, held, second, motion, grant, offered,
    )  # fmt: skip


def written_grant(db: Session, cast: Cast, *, maker_of: Estimate) -> MatchingGrant:
    """A grant of the first bank, for one software of the maintainer."""
    software_id = db.get_one(RoadmapItem, maker_of.item_id).software_id
    terms = grants.GrantTerms("Commons", "EU-1", 1_000, 10_000, software_ids=(software_id,))
    return grants.prepare(db, terms, words=lambda _db, _grant: "We give.", by=cast.buyers[0], at=NOW)


def wider(db: Session, buyer: Actor) -> Actor:
    """The buyer with a limit that nothing here reaches."""
    grant = db.exec(
        select(RoleGrant).where(RoleGrant.person_id == buyer.person.id, RoleGrant.role == Role.BUYER)
    ).one()
    grant.limit_cents = 10**12
    db.flush()
    return actor_for(db, buyer.person, buyer.organization)


def tie(db: Session, by: Actor, to: Organization, *, ended: bool = False) -> None:
    """The person declares shares; ended means until the day before anything here happens."""
    declaring.declare(
        db, to, kind=TieKind.SHARES, starts_on=TODAY - timedelta(days=90),
        ends_on=TODAY - timedelta(days=1) if ended else None, by=by, at=NOW - timedelta(days=30),
    )  # fmt: skip
