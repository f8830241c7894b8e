"""A year of an organization: what it meant to put in, and what was really paid and given back, as a page and a file."""

import csv
import io
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from app.boards import commitments
from app.campaigns import rules as campaigns
from app.campaigns.model import Pledge
from app.delivery import rules as deliveries
from app.escrow import calls
from app.kit.db import Database
from app.kit.rules import Refused
from app.people.access import actor_for
from app.people.commitments import commit_to
from app.people.model import Role, RoleGrant
from tests.backing_cast import WORTH, backed
from tests.bank import pay
from tests.cast import DECIDED, NOW, Cast, called, paid, settle
from tests.quoting_cast import visiting

pytestmark = pytest.mark.long_story

ZONE = "Europe/Paris"


def heads(db: Session, cast: Cast) -> Cast:
    """The buyers may speak for their organizations' money."""
    for number, buyer in enumerate(cast.buyers):
        db.add(RoleGrant(
            person_id=buyer.person.id, organization_id=buyer.organization.id, role=Role.FINANCE, granted_at=NOW
        ))  # fmt: skip
        db.flush()
        cast.buyers[number] = actor_for(db, buyer.person, buyer.organization)
    return cast


@pytest.mark.on_both
def test_what_was_meant_stands_beside_what_was_really_paid(db: Session) -> None:
    cast = heads(db, settle(db))
    bank = cast.buyers[0]
    _campaign, asked = called(db, cast)
    commit_to(db, 2026, developers=50, per_developer_cents=100_000, by=bank, at=NOW)
    commit_to(db, 2026, developers=20, per_developer_cents=200_000, by=bank, at=NOW)
    ours = next(call for call in asked if call.total_cents == max(one.total_cents for one in asked))
    pay(db, ours)
    [row] = commitments.years_of(db, 2026, ZONE, bank.organization.id)
    assert (row.meant_cents, row.paid_cents, row.missing_cents) == (
        4_000_000, ours.price_cents, 4_000_000 - ours.price_cents,
    )  # fmt: skip
    assert {one.organization.name for one in commitments.years_of(db, 2026, ZONE)} == {bank.organization.name}
    assert commitments.years_of(db, 2025, ZONE) == []


def test_what_came_back_is_not_counted_as_done(db: Session) -> None:
    cast = heads(db, settle(db))
    campaign, _lines = paid(db, cast)
    before = {one.organization.id: one for one in commitments.years_of(db, 2026, ZONE)}
    assert commitments.total(before.values())["done"] == sum(one.paid_cents for one in before.values()) > 0
    campaigns.stop(db, campaign, reason="Enough.", by=cast.officer, at=DECIDED)
    deliveries.wind_up(db, campaign, at=DECIDED)
    after = commitments.years_of(db, 2026, ZONE)
    assert [one.done_cents for one in after] == [0, 0, 0]
    assert [one.returned_cents for one in after] == [before[one.organization.id].paid_cents for one in after]


@pytest.mark.on_both
def test_what_was_given_to_match_others_and_what_was_worked_counts_too(db: Session) -> None:
    cast = heads(db, settle(db))
    giver, payer, worker = (buyer.organization.id for buyer in cast.buyers)
    _made, campaign = backed(db, cast)
    asked = {call.pledge_id: call for call in calls.call_funds(db, campaign, by=cast.officer, at=DECIDED)}
    for call in asked.values():
        pay(db, call)
    match = db.exec(select(Pledge).where(col(Pledge.follows_id).is_not(None))).one()
    assert match.follows_id is not None
    rows = {one.organization.id: one for one in commitments.years_of(db, 2026, ZONE)}
    given = asked[match.id].price_cents
    assert (rows[giver].given_cents, rows[giver].paid_cents, rows[giver].done_cents) == (given, 0, given)
    assert (rows[payer].paid_cents, rows[payer].matched_cents) == (asked[match.follows_id].price_cents, given)
    assert rows[payer].done_cents == rows[payer].paid_cents, "what others add is not what it did itself"
    assert (rows[worker].worked_cents, rows[worker].done_cents) == (WORTH, WORTH)
    campaigns.stop(db, campaign, reason="Enough.", by=cast.officer, at=DECIDED)
    deliveries.wind_up(db, campaign, at=DECIDED)
    rows = {one.organization.id: one for one in commitments.years_of(db, 2026, ZONE)}
    assert (rows[giver].done_cents, rows[payer].matched_cents, rows[worker].done_cents) == (0, 0, WORTH)


def test_a_year_is_the_operators_and_not_that_of_greenwich(db: Session) -> None:
    cast = heads(db, settle(db))
    _campaign, asked = called(db, cast)
    # Half past eleven at night in London on the last day of the year is next year in Paris.
    pay(db, asked[0], at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert commitments.years_of(db, 2026, ZONE) == []
    assert [one.paid_cents for one in commitments.years_of(db, 2027, ZONE)] == [asked[0].price_cents]


def test_only_who_speaks_for_the_money_commits_and_only_around_this_year(db: Session) -> None:
    cast = settle(db)
    for actor in (cast.buyers[0], cast.officer, cast.maker):
        with pytest.raises(Refused):
            commit_to(db, 2026, developers=1, per_developer_cents=1, by=actor, at=NOW)
    with pytest.raises(Refused, match="this year"):
        commit_to(db, 2029, developers=1, per_developer_cents=1, by=cast.approvers[0], at=NOW)


def test_the_page_and_the_file_say_the_same(app: Flask, database: Database) -> None:
    with database.writing() as db:
        cast = heads(db, settle(db))
    bank = cast.buyers[0]
    with visiting(app, bank) as browser:
        typed = {"year": "2026", "developers": "120", "per_developer": "2 000,00"}
        assert browser.post("/commitment", data=typed | {"developers": "many"}).status_code == 422
        assert browser.post("/commitment", data=typed).location == "/commitment?year=2026"
        page = browser.get("/commitment?year=2026").text
        assert "€240,000" in page
        assert "120 developers at €2,000.00" in page
        [head, line] = csv.reader(io.StringIO(browser.get("/commitment.csv?year=2026").text.lstrip("\ufeff")))
        assert dict(zip(head, line, strict=True)) | {"organization": ""} == {
            "organization": "", "year": "2026", "currency": "EUR", "developers": "120", "per developer": "2000.00",
            "meant": "240000.00", "paid": "0.00", "returned": "0.00", "given": "0.00", "worked": "0.00",
            "done": "0.00", "missing": "240000.00", "matched": "0.00",
        }  # fmt: skip
    with visiting(app, cast.officer, language="fr") as browser:
        assert "Banque 1" in browser.get("/commitment?year=2026").text
        assert "Rien en 2031" in browser.get("/commitment?year=2031").text
    with visiting(app, cast.maker) as browser:
        assert browser.get("/commitment").status_code == 404
