"""Ties of interest are declared, counted from day to day, ended and never rubbed out."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import Session, select

from app.kit.db import Database
from app.kit.rules import Conflict, Missing, Refused
from app.people import declaring, interests
from app.people.model import Interest, TieKind
from app.people.step import Step
from tests.cast import NOW, settle
from tests.deciding_cast import TODAY, tie
from tests.quoting_cast import visiting


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
