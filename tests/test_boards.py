"""The boards: what waits for each person and nobody else, and where their money is."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import Session, select

from app.boards import figures
from app.boards.feed import what_happened
from app.boards.waiting_list import waiting_for
from app.campaigns import rules as campaigns
from app.campaigns.missing import Shortfall
from app.campaigns.model import OnDefault
from app.campaigns.round_rules import RoundRules
from app.delivery import arbitration, disputes
from app.delivery import rules as deliveries
from app.escrow import calls as funds
from app.escrow import shortfalls
from app.kit.db import Database
from app.kit.words import last_day_of, use_language
from app.payouts import clocks, payees
from app.people import alarms
from app.people.access import Actor
from app.people.model import Kind
from tests import house_cast as cast
from tests.beginnings import begun, within
from tests.house_cast import AFTER_DEADLINE, NOW, House

pytestmark = pytest.mark.long_story

LATER = AFTER_DEADLINE + timedelta(days=2)


def waits(app: Flask, db: Session, actor: Actor, at: datetime = NOW) -> list[str]:
    """What waits for a person, in English."""
    db.flush()
    with app.test_request_context("/"), use_language("en", "Europe/Paris"):
        return [thing.what for thing in waiting_for(db, actor, at)]


@pytest.fixture
def house(database: Database, request: pytest.FixtureRequest) -> House:
    """Everybody has moved in, and one item is planned."""

    def move_in() -> House:
        with database.writing() as db:
            return cast.build(db)

    made = begun(database, "moved in", move_in)
    return within(request.getfixturevalue("db"), made)


def everything(app: Flask, db: Session, house: House, at: datetime = NOW) -> dict[str, list[str]]:
    """What waits for whom; those for whom nothing waits are left out."""
    found = {who: waits(app, db, actor, at) for who, actor in house.people.items()}
    return {who: things for who, things in found.items() if things}


def test_a_fresh_house_asks_the_maintainer_for_answers_and_a_price(
    app: Flask, house: House, db: Session
) -> None:
    cast.organization(db, "Mairie Neuve", Kind.CORPORATE, state="applied")
    cast.need(db, house, "A draft", is_draft=True)
    assert everything(app, db, house) == {
        "mia": ["2 needs of XWiki have no answer", "Write the estimate of “Real-time editing”"],
        "olga": ["Verify Mairie Neuve"],
        "ada": ["Publish the need “A draft”"],
    }


def test_pledges_wait_for_their_writer_then_for_another_approver(
    app: Flask, house: House, db: Session
) -> None:
    campaign = cast.opened(db, house)
    cast.pledge(db, campaign, house.ada, 300_000, signs=False)
    cast.pledge(db, campaign, house.ben, 900_000)
    found = everything(app, db, house)
    assert found["ada"] == ["Sign your pledge of €3,000.00"]
    assert found["paul"] == ["Sign the pledge of €9,000.00"]
    assert not {"ben", "fay", "ines"} & set(found)


def test_the_officer_decides_prepares_and_calls_in_turn(app: Flask, house: House, db: Session) -> None:
    estimate = cast.submitted(db, house)
    assert waits(app, db, house.olga) == ["Decide about the estimate of “Real-time editing”"]
    cast.estimates.approve(db, estimate, by=house.olga, at=NOW)
    assert waits(app, db, house.olga) == ["Prepare the campaign for “Real-time editing”"]
    campaign = campaigns.prepare(db, estimate, deadline_on=cast.DEADLINE, by=house.olga, at=NOW)
    assert waits(app, db, house.olga) == ["Open the campaign “Real-time editing”"]
    campaigns.open_round(db, campaign, by=house.olga, at=NOW)
    assert waits(app, db, house.olga) == []
    cast.backed(db, house, campaign)
    assert waits(app, db, house.olga) == ["“Real-time editing” has reached its minimum"]
    campaigns.decide(db, campaign, at=AFTER_DEADLINE)
    assert waits(app, db, house.olga, AFTER_DEADLINE) == [
        "Call the funds of tranche 1 of “Real-time editing”"
    ]
    funds.call_funds(db, campaign, by=house.olga, at=AFTER_DEADLINE)
    assert waits(app, db, house.olga, AFTER_DEADLINE) == []


def test_calls_wait_for_those_who_pay_and_late_ones_for_the_officer_too(
    app: Flask, house: House, db: Session
) -> None:
    campaign = cast.secured(db, house)
    found = everything(app, db, house, AFTER_DEADLINE)
    assert {who for who in found if found[who][0].startswith("Pay call")} == {
        "ada",
        "ben",
        "fay",
        "ines",
        "rolf",
    }
    assert found["moneta"] == ["Say to which account you are paid"]
    late = cast.calls_of(db, campaign)[0]
    funds.default_on(db, late, at=late.window_ends_at)
    assert f"Decide about call no. {late.number}, which is not paid" in waits(
        app, db, house.olga, late.window_ends_at
    )


@pytest.mark.on_both
def test_the_officer_sees_what_the_rule_does_about_a_late_call_instead_of_a_decision(
    app: Flask, db: Session
) -> None:
    house = cast.build(db)
    campaign = cast.secured(db, house)
    db.add(RoundRules(campaign_id=campaign.id, at=NOW, on_default=OnDefault.TOP_UP))
    late = cast.calls_of(db, campaign)[0]
    then = late.window_ends_at
    funds.default_on(db, late, at=then)
    shortfalls.open_shortfall(db, late, at=then)
    gap = db.exec(select(Shortfall)).one()
    with app.test_request_context("/"), use_language("en", "Europe/Paris"):
        (told,) = [thing for thing in waiting_for(db, house.olga, then) if late.number in thing.what]
    assert told.what == f"What call no. {late.number} leaves open is offered to the others"
    assert told.url.endswith(f"/shortfalls/{gap.public_id}")
    assert told.due_on == last_day_of(gap.ends_at), "nothing is late: the rule has its own day"


def test_a_delivery_waits_for_each_backer_until_it_answers_and_for_nobody_else(
    app: Flask, db: Session
) -> None:
    house = cast.build(db)
    delivery = cast.handed_in(db, house)
    what = "Answer the delivery “Shared cursor”"
    asked = {who for who, things in everything(app, db, house, LATER).items() if what in things}
    assert asked == {"ada", "ben", "paul", "ines", "rolf", "max"}
    deliveries.answer(db, delivery, accepts=True, by=house.ada, at=LATER)
    asked = {who for who, things in everything(app, db, house, LATER).items() if what in things}
    assert asked == {"ines", "rolf", "max"}


def test_accepted_work_waits_for_the_public_bodys_certificate_and_for_a_treasurer(
    app: Flask, db: Session
) -> None:
    house = cast.build(db)
    delivery = cast.handed_in(db, house)
    for backer in (house.ada, house.ines):
        deliveries.answer(db, delivery, accepts=True, by=backer, at=LATER)
    payees.name_account(
        db, rail="sandbox", holder="Atelier", account="FR7612345678", by=house.moneta, at=LATER
    )
    clocks.gather(db, LATER)
    found = everything(app, db, house, LATER)
    assert found["max"] == ["Certify the service “Shared cursor”"]
    assert found["tom"] == found["tina"] == ["Payout of €11,612.90 to Atelier Wiki"]
    assert "moneta" not in found


def test_a_dispute_waits_for_each_arbitrator_who_has_not_written(
    app: Flask, house: House, db: Session
) -> None:
    delivery = cast.handed_in(db, house)
    for backer in (house.ada, house.ines):
        deliveries.answer(db, delivery, accepts=False, reasons="No.", by=backer, at=LATER)
    assert "Answer the refusal of “Shared cursor”" in waits(app, db, house.mia, LATER)
    dispute = disputes.dispute(db, delivery, reasons="It does.", by=house.mia, at=LATER)
    assert waits(app, db, house.ari, LATER) == [], "both sides may still say something"
    disputes.end_statements(db, dispute, at=dispute.statements_end_at)
    what = "Write your opinion on “Shared cursor”"
    assert waits(app, db, house.ari, LATER) == waits(app, db, house.abel, LATER) == [what]
    arbitration.write_opinion(db, dispute, share=5000, reason="Half.", by=house.ari, at=LATER)
    assert waits(app, db, house.ari, LATER) == []
    assert waits(app, db, house.abel, LATER) == [what]


def test_money_paid_milestones_wait_for_their_maintainer(app: Flask, house: House, db: Session) -> None:
    campaign = cast.secured(db, house)
    assert not [what for what in waits(app, db, house.mia, AFTER_DEADLINE) if what.startswith("Hand in")]
    for call in cast.calls_of(db, campaign):
        cast.pay(db, call)
    assert "Hand in “Shared cursor”" in waits(app, db, house.mia, AFTER_DEADLINE)


def test_who_belongs_to_a_backer_is_not_asked_to_decide_about_its_campaign(
    app: Flask, house: House, db: Session
) -> None:
    campaign = cast.opened(db, house)
    cast.backed(db, house, campaign)
    campaigns.decide(db, campaign, at=AFTER_DEADLINE)
    tied = cast.RoleGrant(
        person_id=house.olga.person.id, organization_id=house.ada.organization.id, role="member", granted_at=NOW
    )  # fmt: skip
    db.add(tied)
    assert waits(app, db, house.olga, AFTER_DEADLINE) == []


def test_an_alarm_is_first_for_the_treasurer_and_shown_to_the_auditor(
    app: Flask, house: House, db: Session
) -> None:
    alarms.ring(db, "book", "the book does not agree", at=NOW)
    assert waits(app, db, house.tom)[0] == "An alarm rings: the book does not agree"
    assert waits(app, db, house.audrey) == ["An alarm rings: the book does not agree"]
    assert "ari" not in everything(app, db, house)


def test_our_figures_add_up_and_an_ended_promise_counts_no_more(db: Session) -> None:
    house = cast.build(db)
    delivery = cast.handed_in(db, house)
    for backer in (house.ada, house.ines):
        deliveries.answer(db, delivery, accepts=True, by=backer, at=LATER)
    lost = cast.opened(db, house, cast.item(db, house, "Export"))
    cast.pledge(db, lost, house.ada, 400_000)
    campaigns.decide(db, lost, at=AFTER_DEADLINE)
    ours = figures.backing(db, house.ada, LATER, cast.ZONE)
    assert [row.amounts.pledged for row in ours.campaigns] == [None, 1_000_000]
    paid = ours.campaigns[1].amounts
    assert paid.called == paid.paid == paid.released == 387_097
    assert paid.held == 0
    assert figures.total(ours.campaigns) == paid
    assert (ours.year.amounts.pledged, ours.year.limit, ours.year.own_limit) == (
        1_000_000,
        5_100_000,
        5_000_000,
    )


@pytest.mark.on_both
def test_what_has_happened_tells_a_backer_nothing_of_another(app: Flask, house: House, db: Session) -> None:
    campaign = cast.opened(db, house)
    cast.backed(db, house, campaign)
    with app.test_request_context("/"), use_language("en"):
        told = [what.words for what in what_happened(db, house.rolf)]
    assert told == [
        "A pledge of €7,000.00 was signed for “Real-time editing”", "“Real-time editing” is open for pledges",
    ]  # fmt: skip
