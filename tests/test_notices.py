"""Mails: who gets which, once, in their language, and nothing they may not know."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlmodel import col, select

from app.campaigns import pledges as promises
from app.campaigns import rules as campaigns
from app.delivery import rules as deliveries
from app.escrow import calls as funds
from app.kit.db import Database
from app.kit.outbox import Outgoing
from app.kit.settings import Settings
from app.notices import letters, post
from app.notices.about import ABOUT
from app.people.model import Device, PersonState
from client.addresses import Link, link_in
from tests import house_cast as cast
from tests.beginnings import begun
from tests.house_cast import AFTER_DEADLINE, House

pytestmark = pytest.mark.long_story

Mail = dict[str, Any]


@pytest.fixture
def house(database: Database, settings: Settings) -> House:
    """Everybody, with the mails of settling in written already."""

    def settle() -> House:
        with database.writing() as db:
            built = cast.build(db)
        write(database, settings)
        return built

    return begun(database, "told", settle)


def write(database: Database, settings: Settings) -> int:
    """One round of writing mails."""
    return database.run(lambda db: post.write_mails(db, settings, AFTER_DEADLINE))


def mails(database: Database, template: str) -> list[Mail]:
    """The outbox's mails of one kind, by address."""
    with database.reading() as db:
        bodies = [json.loads(row.body) for row in db.exec(select(Outgoing).order_by(col(Outgoing.id)))]
    return sorted(
        (body for body in bodies if body.get("template") == template), key=lambda body: str(body["to"])
    )


def told(database: Database, template: str) -> list[str]:
    """Who got this mail."""
    return [mail["to"].partition("@")[0] for mail in mails(database, template)]


def text_of(mail: Mail, language: str | None = None) -> str:
    """The mail as it reads."""
    facts = {**mail["facts"], "base_url": "https://jalon.example"}
    letter = letters.render(mail["template"], language or mail["language"], facts, mail.get("zone"))
    return f"{letter.subject}\n{letter.text}"


def test_a_failed_campaign_tells_every_backer_once_however_often_the_worker_looks(
    database: Database, settings: Settings, house: House
) -> None:
    with database.writing() as db:
        campaign = cast.opened(db, house)
        cast.pledge(db, campaign, house.ada, 500_000)
        cast.pledge(db, campaign, house.ines, 700_000, "anonymous")
        campaigns.decide(db, campaign, at=AFTER_DEADLINE)
        for who, ended_at in ((house.ada, None), (house.ben, AFTER_DEADLINE)):
            db.add(Device(
                challenge_hash=f"{who.person.id:064}", person_id=who.person.id, name="Laptop",
                organization_id=who.organization.id, created_at=AFTER_DEADLINE, connected_at=AFTER_DEADLINE,
                seen_at=AFTER_DEADLINE, ended_at=ended_at,
            ))  # fmt: skip
    assert write(database, settings) > 0
    assert told(database, "Campaign_failed") == ["ada", "ben", "fay", "ines", "mia"]
    # Who stays signed in to a desktop program has the same page there, one click away; nobody else sees such a link.
    failed = {mail["to"].partition("@")[0]: mail for mail in mails(database, "Campaign_failed")}
    (link,) = re.findall(r"^jalon:.*$", text_of(failed["ada"]), re.M)
    assert link_in(link) == Link(urlsplit(settings.base_url).netloc, f"/campaigns/{campaign.public_id}")
    assert all("jalon:" not in text_of(mail) for who, mail in failed.items() if who != "ada")
    assert write(database, settings) == 0
    assert told(database, "Campaign_failed") == ["ada", "ben", "fay", "ines", "mia"]


def test_a_backer_reads_its_own_amount_and_no_name_of_another(
    database: Database, settings: Settings, house: House
) -> None:
    with database.writing() as db:
        cast.secured(db, house)
    write(database, settings)
    secured = mails(database, "Campaign_secured")
    to_ada, to_ines = (next(m for m in secured if m["to"].startswith(who)) for who in ("ada", "ines"))
    assert "10 000,00 €" in text_of(to_ada).replace("\u202f", " ").replace("\xa0", " ")
    assert "€8,000.00" in text_of(to_ines)
    assert "€10,000.00" not in text_of(to_ines)
    assert told(database, "Call_issue") == ["ada", "ben", "fay", "ines", "rolf"], (
        "the ministry pays after acceptance"
    )
    for mail in mails(database, "Call_issue") + mails(database, "Campaign_secured"):
        if not mail["to"].startswith("ines"):
            assert "Assurances" not in text_of(mail)


@pytest.mark.parametrize(("late", "others_read"), [("ines", "An organization"), ("rolf", "Réseau Nord")])
def test_that_somebody_has_not_paid_is_told_as_they_chose_to_be_shown(
    database: Database, settings: Settings, house: House, late: str, others_read: str
) -> None:
    with database.writing() as db:
        campaign = cast.secured(db, house)
        call = next(
            c for c in cast.calls_of(db, campaign)
            if db.get_one(cast.Pledge, c.pledge_id).organization_id == house.people[late].organization.id
        )  # fmt: skip
        funds.default_on(db, call, at=call.window_ends_at)
        funds.wait_on(db, call, days=10, reason="It has promised.", by=house.olga, at=call.window_ends_at)
    write(database, settings)
    for mail in mails(database, "Call_wait_on"):
        read = text_of(mail, "en")
        is_own = mail["to"].startswith(late)
        assert others_read in read or is_own
        assert ("Assurances" in read) == (is_own and late == "ines")
    assert told(database, "Call_default") == [late]


@pytest.mark.on_both
def test_refusals_are_told_with_reasons_but_without_hidden_names(
    database: Database, settings: Settings, house: House
) -> None:
    with database.writing() as db:
        delivery = cast.handed_in(db, house)
        when = delivery.handed_in_at + timedelta(days=1)
        deliveries.answer(db, delivery, accepts=False, reasons="No cursor.", by=house.ines, at=when)
        deliveries.answer(db, delivery, accepts=False, reasons="It is slow.", by=house.ada, at=when)
    write(database, settings)
    to_mia, to_rolf, to_ines = (
        text_of(next(m for m in mails(database, "Delivery_refused") if m["to"].startswith(who)), "en")
        for who in ("mia", "rolf", "ines")
    )
    for read in (to_mia, to_rolf):
        assert "An organization:\nNo cursor." in read
        assert "Banque Lumen:\nIt is slow." in read
        assert "Assurances" not in read
    assert "Your organization:\nNo cursor." in to_ines


@pytest.mark.on_both
def test_a_public_body_is_asked_to_certify_and_one_certificate_sends_no_second_acceptance(
    database: Database, settings: Settings, house: House
) -> None:
    with database.writing() as db:
        delivery = cast.handed_in(db, house)
        when = delivery.handed_in_at + timedelta(days=1)
        for backer in (house.ada, house.ines):
            deliveries.answer(db, delivery, accepts=True, by=backer, at=when)
    write(database, settings)
    accepted = mails(database, "Delivery_accepted")
    assert "certify the service" in text_of(next(m for m in accepted if m["to"].startswith("max")), "en")
    with database.writing() as db:
        pledge = db.exec(select(cast.Pledge).where(col(cast.Pledge.is_after_acceptance))).one()
        deliveries.certify(db, db.get_one(cast.Delivery, delivery.id), pledge, by=house.max, at=when)
    write(database, settings)
    assert len(mails(database, "Delivery_accepted")) == len(accepted)
    assert "max" in told(database, "Call_issue")


def test_only_an_approver_is_asked_to_sign_and_the_writer_hears_what_became_of_it(
    database: Database, settings: Settings, house: House
) -> None:
    with database.writing() as db:
        campaign = cast.opened(db, house)
        pledge = cast.pledge(db, campaign, house.ben, 900_000)
    write(database, settings)
    assert told(database, "Pledge_awaiting_approval") == []
    assert told(database, "Pledge_ask_to_sign") == ["paul"]
    with database.writing() as db:
        promises.refuse(
            db, db.get_one(cast.Pledge, pledge.id), reason="Too much.", by=house.paul, at=cast.NOW
        )
    write(database, settings)
    assert told(database, "Pledge_refuse") == ["ben"]


def test_who_left_gets_no_mail(database: Database, settings: Settings, house: House) -> None:
    with database.writing() as db:
        db.get_one(cast.Person, house.ben.person.id).state = PersonState.DISABLED
        campaign = cast.opened(db, house)
        cast.pledge(db, campaign, house.ada, 500_000)
        campaigns.decide(db, campaign, at=AFTER_DEADLINE)
    write(database, settings)
    assert "ben" not in told(database, "Campaign_failed")


def test_more_news_than_one_round_reads_is_read_in_the_next(
    database: Database, settings: Settings, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.notices.desk.MOST_LINES", 3)
    with database.writing() as db:
        cast.secured(db, house)
    while write(database, settings):
        pass
    assert told(database, "Campaign_secured") == ["ada", "ben", "fay", "ines", "max", "mia", "rolf"]


def test_an_act_that_cannot_be_told_keeps_no_later_mail_back(
    database: Database, settings: Settings, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_facts: object) -> None:
        raise KeyError("until")

    monkeypatch.setitem(ABOUT, "Call", fail)
    with database.writing() as db:
        campaign = cast.secured(db, house)
        campaigns.stop(db, campaign, reason="Enough.", by=house.olga, at=AFTER_DEADLINE)
    write(database, settings)
    assert "ada" in told(database, "Campaign_stopped")
