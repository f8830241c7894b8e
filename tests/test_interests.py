"""Ties of interest: declared, counted from day to day, and nobody decides against one or on what they prepared."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

from app.campaigns import grants, motions, pledges
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion, MotionKind
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign, Pledge
from app.delivery import arbitration, disputes
from app.delivery import rules as deliveries
from app.delivery.model import Delivery, Dispute
from app.escrow import calls
from app.escrow.model import Call
from app.estimates import rules as estimates
from app.estimates.model import Estimate
from app.kit.clock import day_of
from app.kit.db import Database
from app.kit.rules import Conflict, Missing, Refused
from app.payouts import clocks, payees
from app.payouts import rules as payouts
from app.payouts.model import Payout
from app.people import declaring, interests
from app.people import rules as people
from app.people.access import Actor, actor_for
from app.people.model import Interest, Kind, Organization, Role, RoleGrant, TieKind
from app.people.step import Step
from app.roadmap.model import RoadmapItem
from tests.bank import DECIDED
from tests.beginnings import begun, within
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
from tests.quoting_cast import visiting

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


@pytest.fixture
def world(database: Database, request: pytest.FixtureRequest) -> World:
    """One thing of each kind, for the session of the test."""

    def play() -> World:
        with database.writing() as db:
            return build(db)

    made = begun(database, "one thing of each kind", play)
    return within(request.getfixturevalue("db"), made)


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


def maker(world: World) -> Organization:
    return world.cast.maker.organization


def bank(world: World) -> Organization:
    return world.cast.buyers[0].organization


def officer(world: World) -> Actor:
    return world.cast.officer


Verb = Callable[[Session, World, Actor], Any]
DEADLINE = date(2026, 12, 1)

# What is decided, who decides it, to which organization a tie keeps them out, and on which day.
TABLE: dict[str, tuple[Verb, Callable[[World], Actor], Callable[[World], Organization]]] = {
    "verify an organization": (
        lambda db, w, by: people.verify(db, w.applied, by=by, at=NOW), officer, lambda w: w.applied,
    ),
    "reject an organization": (
        lambda db, w, by: people.reject(db, w.applied, "No.", by=by, at=NOW),
        officer, lambda w: w.applied,
    ),
    "suspend an organization": (
        lambda db, w, by: people.suspend(db, maker(w), "No.", by=by, at=NOW), officer, maker,
    ),
    "reinstate an organization": (
        lambda db, w, by: people.reinstate(db, w.suspended, by=by, at=NOW),
        officer, lambda w: w.suspended,
    ),
    "approve an estimate": (
        lambda db, w, by: estimates.approve(db, w.submitted, by=by, at=NOW), officer, maker,
    ),
    "reject an estimate": (
        lambda db, w, by: estimates.reject(db, w.submitted, reason="No.", by=by, at=NOW),
        officer, maker,
    ),
    "prepare a campaign": (
        lambda db, w, by: campaigns.prepare(db, w.approved, deadline_on=DEADLINE, by=by, at=NOW),
        officer, maker,
    ),
    "open a campaign": (
        lambda db, w, by: campaigns.open_round(db, w.drafted, by=by, at=NOW), officer, maker,
    ),
    "cancel a campaign": (
        lambda db, w, by: campaigns.cancel(db, w.reached, reason="No.", by=by, at=NOW),
        officer, bank,
    ),
    "close a campaign early": (
        lambda db, w, by: campaigns.secure_early(db, w.reached, by=by, at=NOW), officer, bank,
    ),
    "stop a campaign": (
        lambda db, w, by: campaigns.stop(db, w.secured, reason="No.", by=by, at=NOW),
        officer, bank,
    ),
    "sign a pledge": (
        lambda db, w, by: pledges.sign(db, w.to_sign, text="We pay.", by=by, at=NOW),
        lambda w: w.cast.buyers[1], maker,
    ),
    "approve a pledge": (
        lambda db, w, by: pledges.approve(db, w.awaiting, by=by, at=NOW), lambda w: w.cast.approvers[0], maker,
    ),
    "sign a matching grant": (
        lambda db, w, by: grants.sign(db, w.grant, by=by, at=NOW), lambda w: w.cast.approvers[0], maker,
    ),
    "activate a matching grant": (
        lambda db, w, by: grants.activate(db, w.offered, by=by, at=NOW), officer, bank,
    ),
    "call funds": (
        lambda db, w, by: calls.call_funds(db, w.secured, by=by, at=NOW), officer, bank,
    ),
    "wait on a call": (
        lambda db, w, by: calls.wait_on(db, w.call, days=5, reason="Yes.", by=by, at=NOW),
        officer, bank,
    ),
    "vote on a delivery": (
        lambda db, w, by: deliveries.answer(db, w.delivery, accepts=True, by=by, at=DECIDED),
        lambda w: w.cast.buyers[0], maker,
    ),
    "vote on a motion": (
        lambda db, w, by: motions.speak(db, w.motion, is_yes=True, by=by, at=DECIDED),
        lambda w: w.cast.buyers[0], maker,
    ),
    "arbitrate a dispute": (
        lambda db, w, by: arbitration.write_opinion(db, w.disputed, share=5000, reason="Half.", by=by, at=DECIDED),
        lambda w: w.cast.arbitrator, maker,
    ),
    "arbitrate a dispute of a backer": (
        lambda db, w, by: arbitration.write_opinion(db, w.disputed, share=5000, reason="Half.", by=by, at=DECIDED),
        lambda w: w.cast.arbitrator, bank,
    ),
    "prepare a payout": (
        lambda db, w, by: payouts.prepare(db, w.due, by=by, at=DECIDED), lambda w: w.cast.treasurer, maker,
    ),
    "approve a payout": (
        lambda db, w, by: payouts.approve(db, w.prepared, pinned=w.prepared.pinned, by=by, at=DECIDED),
        lambda w: w.cast.second_treasurer, maker,
    ),
    "hold a payout": (
        lambda db, w, by: payouts.hold(db, w.due, reason="No.", by=by, at=DECIDED),
        lambda w: w.cast.treasurer, maker,
    ),
    "take a payout off hold": (
        lambda db, w, by: payouts.resume(db, w.held, by=by, at=DECIDED), lambda w: w.cast.treasurer, maker,
    ),
}  # fmt: skip


def tie(db: Session, by: Actor, to: Organization, *, ended: bool = False) -> None:
    """The person declares shares; ended means until the day before anything here happens."""
    declaring.declare(
        db, to, kind=TieKind.SHARES, starts_on=TODAY - timedelta(days=90),
        ends_on=TODAY - timedelta(days=1) if ended else None, by=by, at=NOW - timedelta(days=30),
    )  # fmt: skip


@contextmanager
def undone(db: Session) -> Iterator[None]:
    """Whatever happens inside leaves no trace: neither a row nor a line that waits for its chain."""
    waiting = list(db.info.get("lines", []))
    undo = db.begin_nested()
    try:
        yield
    finally:
        undo.rollback()
        db.expire_all()
        db.info["lines"] = waiting


def outcome(db: Session, verb: Verb, world: World, by: Actor) -> str:
    """What the verb answers; whatever it did is undone."""
    with undone(db):
        try:
            verb(db, world, by)
            db.flush()
        except Refused as refusal:
            return refusal.message
        return "done"


@pytest.mark.slow
def test_nobody_approves_awards_or_votes_against_a_declared_interest(world: World, db: Session) -> None:
    for decision, (verb, who, to) in TABLE.items():
        by = who(world)
        with undone(db):
            tie(db, by, to(world))
            assert outcome(db, verb, world, by) == interests.DECLARED, decision
        # The control: the same tie, over since yesterday, keeps nobody out.
        with undone(db):
            tie(db, by, to(world), ended=True)
            assert outcome(db, verb, world, by) == "done", decision


def test_nobody_decides_for_an_organization_they_belong_to(world: World, db: Session) -> None:
    for decision, (verb, who, to) in TABLE.items():
        by = who(world)
        with undone(db):
            db.add(
                RoleGrant(
                    person_id=by.person.id, organization_id=to(world).id, role=Role.MEMBER, granted_at=NOW
                )
            )
            db.flush()
            assert outcome(db, verb, world, by) == interests.BELONGS, decision


def test_nobody_decides_what_they_prepared(world: World, db: Session) -> None:
    table: dict[str, tuple[Verb, Any, str]] = {
        "approve an estimate": (TABLE["approve an estimate"][0], world.submitted, "prepared_by_id"),
        "reject an estimate": (TABLE["reject an estimate"][0], world.submitted, "prepared_by_id"),
        "approve a pledge": (TABLE["approve a pledge"][0], world.awaiting, "prepared_by_id"),
        "sign a matching grant": (TABLE["sign a matching grant"][0], world.grant, "offered_by_id"),
        "approve a payout": (TABLE["approve a payout"][0], world.prepared, "prepared_by_id"),
        "vote on a delivery": (TABLE["vote on a delivery"][0], world.delivery, "handed_in_by_id"),
    }
    for decision, (verb, thing, written_by) in table.items():
        by = TABLE[decision][1](world)
        with undone(db):
            setattr(thing, written_by, by.person.id)
            db.flush()
            assert "prepared" in outcome(db, verb, world, by), decision


def test_who_stood_aside_is_kept_in_the_record_of_the_decision(world: World, db: Session) -> None:
    tie(db, world.second_officer, maker(world))
    tie(db, world.cast.treasurer, maker(world), ended=True)
    estimates.approve(db, world.submitted, by=world.cast.officer, at=NOW)
    step = db.exec(select(Step).order_by(Step.id.desc())).first()  # type: ignore[attr-defined]
    assert step is not None
    assert f'"aside":["{world.second_officer.person.pseudonym}"]' in step.facts
    assert world.second_officer.person.name not in step.facts


# ---- Declaring -------------------------------------------------------------------------------------------------


def test_a_tie_counts_on_its_first_day_its_last_and_those_between(db: Session) -> None:
    cast = settle(db)
    to = cast.maker.organization
    declaring.declare(
        db, to, kind=TieKind.FAMILY, starts_on=TODAY, ends_on=TODAY + timedelta(days=2), by=cast.officer, at=NOW
    )  # fmt: skip
    days = [NOW + timedelta(days=number) for number in (-1, 0, 2, 3)]
    found = [[one.name for one in interests.ties(db, cast.officer, {to.id}, at=at)] for at in days]
    assert found == [[], ["Atelier Wiki"], ["Atelier Wiki"], []]


def test_a_tie_ends_today_at_the_earliest_and_is_never_rubbed_out(db: Session) -> None:
    cast = settle(db)
    to = cast.maker.organization
    interest = declaring.declare(
        db, to, kind=TieKind.MANDATE, starts_on=TODAY - timedelta(days=9), by=cast.officer, at=NOW
    )
    with pytest.raises(Refused, match="today at the earliest"):
        declaring.end(db, interest, ends_on=TODAY - timedelta(days=1), by=cast.officer, at=NOW)
    with pytest.raises(Missing):
        declaring.end(db, interest, ends_on=TODAY, by=cast.treasurer, at=NOW)
    declaring.end(db, interest, ends_on=TODAY, by=cast.officer, at=NOW)
    assert interests.ties(db, cast.officer, {to.id}, at=NOW)
    assert not interests.ties(db, cast.officer, {to.id}, at=NOW + timedelta(days=1))
    with pytest.raises(Conflict, match="ended already"):
        declaring.end(
            db, interest, ends_on=TODAY + timedelta(days=9), by=cast.officer, at=NOW + timedelta(days=1)
        )
    acts = db.exec(select(Step.act).where(Step.thing == "Interest")).all()
    assert acts == ["declare", "end"]


def test_a_tie_is_declared_once_and_not_to_the_fund(db: Session) -> None:
    cast = settle(db)
    tie(db, cast.officer, cast.maker.organization)
    with pytest.raises(Conflict, match="already"):
        tie(db, cast.officer, cast.maker.organization)
    with pytest.raises(Refused, match="no party"):
        tie(db, cast.officer, cast.officer.organization)
    with pytest.raises(Refused, match="before the first"):
        declaring.declare(
            db, cast.maker.organization, kind=TieKind.FAMILY, starts_on=TODAY,
            ends_on=TODAY - timedelta(days=1), by=cast.officer, at=NOW,
        )  # fmt: skip


def test_the_register_shows_the_fund_everything_and_others_their_own_people(db: Session) -> None:
    cast = settle(db)
    tie(db, cast.officer, cast.maker.organization)
    tie(db, cast.buyers[0], cast.maker.organization)
    assert len(declaring.register(db, cast.treasurer)[0]) == 2
    assert [row[1].id for row in declaring.register(db, cast.approvers[0])[0]] == [cast.buyers[0].person.id]
    assert declaring.register(db, cast.buyers[1]) == ([], None)


def test_a_tie_is_declared_and_ended_through_the_screen(app: Flask, database: Database) -> None:
    with database.writing() as db:
        cast = settle(db)
    with visiting(app, cast.officer) as browser:
        typed = {"organization": "atelier wiki", "kind": "shares", "starts_on": "2024-03-01", "note": "12 %"}
        wrong = browser.post("/interests", data=typed | {"organization": "Nobody & Sons"})
        assert wrong.status_code == 422
        assert "No organization here is called" in wrong.text
        assert browser.post("/interests", data=typed).status_code == 303
        page = browser.get("/interests").text
        assert "Atelier Wiki" in page
        assert "Counts today" in page
        with database.reading() as db:
            name = db.exec(select(Interest.public_id)).one()
        assert browser.post(f"/interests/{name}/end", data={"ends_on": "2026-11-23"}).status_code == 303
        assert "Omar Officer" in browser.get("/interests/register").text
    with visiting(app, cast.officer, language="fr") as browser:
        assert "Liens d’intérêt" in browser.get("/interests").text
