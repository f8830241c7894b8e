"""A campaign as a common undertaking: who does what, every day that counts, and the same as a file."""

from datetime import date, timedelta

from flask import Flask
from sqlmodel import Session

from app.boards import calendar, consortium
from app.boards.icalendar import Event, written
from app.campaigns.model import Publicity
from app.delivery import disputes
from app.delivery import rules as deliveries
from app.kit.db import Database
from tests import cast as c
from tests.backing_cast import backed
from tests.quoting_cast import visiting


def keys(db: Session, campaign, actor=None, at=c.DECIDED) -> dict[str, date]:  # type: ignore[no-untyped-def]
    """Each clock by its kind."""
    return {clock.key.split(":")[0]: clock.on for clock in calendar.clocks_of(db, campaign, actor, at)}


def test_every_clock_of_a_campaign_stands_on_its_day(db: Session) -> None:
    cast = c.settle(db)
    opened = c.campaign_open(db, cast)
    assert keys(db, opened)["deadline"] == c.DEADLINE
    campaign, asked = c.called(db, cast, name="Second")
    found = keys(db, campaign)
    assert found["tranche"] == asked[0].due_on
    assert (found["milestone"] + timedelta(days=60), found["long-stop"]) == (
        found["long-stop"],
        found["long-stop"],
    )
    for call in asked:
        c.pay(db, call)
    assert "tranche" not in keys(db, campaign), "everything is paid"
    delivery = c.handed_in(db, cast, campaign)
    assert keys(db, campaign)["review"] == (delivery.review_ends_at - timedelta(seconds=1)).date()
    for buyer in cast.buyers[:2]:
        deliveries.answer(db, delivery, accepts=False, reasons="No", by=buyer, at=c.DECIDED)
    opened_dispute = disputes.dispute(db, delivery, reasons="It works", by=cast.maker, at=c.DECIDED)
    assert keys(db, campaign)["dispute"] == (opened_dispute.statements_end_at - timedelta(seconds=1)).date()


def test_work_and_its_answer_stand_in_the_calendar_of_everyone(db: Session) -> None:
    cast = c.settle(db)
    made, campaign = backed(db, cast)
    assert "work" not in keys(db, campaign), "it is accepted"
    made.state = "agreed"
    db.flush()
    assert keys(db, campaign)["work"] == made.due_on


def test_who_pays_decides_and_works_is_said_as_each_chose_to_be_shown(db: Session) -> None:
    cast = c.settle(db)
    _made, campaign = backed(db, cast)
    rows = {partner.name: partner for partner in consortium.partners_of(db, campaign, None)}
    giver, payer, worker = (buyer.organization.name for buyer in cast.buyers)
    assert rows[giver].contributes == ["a matching grant"]
    assert not rows[giver].decides, "a match has no vote"
    assert rows[payer].decides == ["accepts or refuses each milestone, and votes"]
    assert rows[worker].contributes == ["10 days of work"]
    assert rows["Atelier Wiki"].runs
    hidden = c.campaign_open(db, cast, name="Second")
    c.pledge(db, hidden, cast.buyers[1], 1_000, publicity=Publicity.ANONYMOUS)
    assert payer not in {partner.name for partner in consortium.partners_of(db, hidden, None)}
    assert payer in {partner.name for partner in consortium.partners_of(db, hidden, cast.officer)}


def test_a_calendar_file_is_folded_escaped_and_read_again_without_doubles() -> None:
    event = Event(
        "a-1@jalon", date(2027, 2, 28), "Échéance ; « à payer », vite " * 4, "One\nTwo", "https://x.example/1"
    )
    text = written("A, B", [event], c.NOW)
    assert text.count("\r\n") == len(text.splitlines())
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    whole = text.replace("\r\n ", "")
    assert "DTSTART;VALUE=DATE:20270228" in whole
    assert "DTEND;VALUE=DATE:20270301" in whole
    assert "Échéance \\; « à payer »\\, vite" in whole
    assert "DESCRIPTION:One\\nTwo" in whole
    assert "UID:a-1@jalon" in whole


def test_the_pages_and_the_file_are_reached_from_the_campaign(app: Flask, database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign, _asked = c.called(db, cast)
        name = campaign.public_id
    with visiting(app, None) as browser:
        page = browser.get(f"/campaigns/{name}").text
        assert f"/campaigns/{name}/consortium" in page
        assert "Last day to pay the calls of tranche 1" in browser.get(f"/campaigns/{name}/calendar").text
        file = browser.get(f"/campaigns/{name}/calendar.ics")
        assert file.mimetype == "text/calendar"
        assert file.text.count("BEGIN:VEVENT") == file.text.count("END:VEVENT") >= 4
    with visiting(app, cast.maker, language="fr") as browser:
        assert "Qui porte" in browser.get(f"/campaigns/{name}/consortium").text
