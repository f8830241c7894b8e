"""A call to another country without VAT waits for the register's word, or goes out with VAT: to the cent either way."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Part, Pledge
from app.demo.numbers import vat_number as invented
from app.escrow import calls, vat_waits
from app.escrow.model import Call, CallState, Release
from app.kit.clock import day_of
from app.kit.db import Database
from app.kit.outbox import Outgoing
from app.kit.rules import Conflict
from app.kit.settings import Settings
from app.people.model import Organization
from app.people.model_vat import VatCheck
from app.worker import Worker
from tests import cast as c
from tests.bank import DECIDED, pay

pytestmark = pytest.mark.long_story

GERMAN = invented("DE", 7)
SOON = DECIDED + timedelta(minutes=1)


@pytest.fixture
def database(app: Flask) -> Database:
    return app.database


def abroad(db: Session, cast: c.Cast, *, public: bool = False) -> Organization:
    """One backer moves to Germany, with a number of that country."""
    moved = (cast.ministry if public else cast.buyers[0]).organization
    moved.country, moved.vat_number = "DE", GERMAN
    db.add(moved)
    return moved


def told(db: Session, backer: Organization, found: str) -> None:
    db.add(VatCheck(organization_id=backer.id, number=backer.vat_number, found=found, status=200, at=DECIDED))
    db.flush()


def called(db: Session) -> tuple[c.Cast, Campaign, Call, list[Call]]:
    """The cast, the campaign, the call that waits, and those that went out."""
    cast = c.settle(db)
    abroad(db, cast)
    campaign, asked = c.called(db, cast)
    (waiting,) = [call for call in asked if call.state == CallState.WAITING]
    return cast, campaign, waiting, [call for call in asked if call is not waiting]


@pytest.mark.on_both
def test_a_call_without_vat_waits_until_the_number_is_confirmed(db: Session) -> None:
    cast, campaign, waiting, others = called(db)
    assert (waiting.vat_cents, waiting.fee_vat_cents) == (0, 0)
    assert {call.state for call in others} == {CallState.ISSUED}
    assert db.exec(select(Outgoing.topic).where(Outgoing.topic == "vat number")).all() == ["vat number"]
    assert waiting.id not in calls.past_window(db, DECIDED + timedelta(days=90))
    for call in others:
        pay(db, call)
    first = campaigns.scoped_milestones(db, campaign)[0]
    assert not calls.may_start(db, campaign, first.id)
    vat_waits.send(db, waiting, at=SOON)
    assert waiting.state == CallState.WAITING
    told(db, cast.buyers[0].organization, "valid")
    later = DECIDED + timedelta(days=3)
    assert vat_waits.to_send(db, later) == [waiting.id]
    vat_waits.send(db, waiting, at=later)
    assert waiting.state == CallState.ISSUED
    assert waiting.due_on == day_of(later, campaign.zone) + timedelta(days=campaign.collection_days)
    pay(db, waiting)
    assert calls.may_start(db, campaign, first.id)
    c.check_book(db)


@pytest.mark.on_both
def test_a_number_confirmed_lately_lets_the_call_go_out_at_once(db: Session) -> None:
    cast = c.settle(db)
    told(db, abroad(db, cast), "valid")
    _campaign, asked = c.called(db, cast)
    assert {call.state for call in asked} == {CallState.ISSUED}
    assert min(call.vat_cents for call in asked) == 0


def test_a_backer_at_home_never_waits(db: Session) -> None:
    cast = c.settle(db)
    moved = abroad(db, cast)
    moved.country, moved.vat_number = "FR", invented("FR", 12)
    _campaign, asked = c.called(db, cast)
    assert {call.state for call in asked} == {CallState.ISSUED}


@pytest.mark.on_both
def test_the_worker_has_the_number_looked_up_and_sends_the_call(
    database: Database, settings: Settings
) -> None:
    with database.writing() as db:
        _cast, _campaign, waiting, _others = called(db)
        number = waiting.id
    Worker(database, settings, sends_mails=False).until_quiet(SOON)
    with database.reading() as db:
        assert db.get_one(Call, number).state == CallState.ISSUED
        mails = " ".join(db.exec(select(Outgoing.body).where(Outgoing.topic == "mail")))
    assert "wait_for_VAT" not in mails


@pytest.mark.on_both
def test_tax_vat_number_invalid_the_call_waits_and_those_concerned_are_told_once(
    database: Database, settings: Settings
) -> None:
    with database.writing() as db:
        cast, _campaign, waiting, _others = called(db)
        number, vat = waiting.id, "DE1234567800"
        cast.buyers[0].organization.vat_number = vat  # the practice register knows no number that ends in 00
        db.add(cast.buyers[0].organization)
        vat_waits.vat_checks.ask(db, cast.buyers[0].organization, at=DECIDED)
    worker = Worker(database, settings)
    for minutes in (1, 2, 3):
        worker.until_quiet(DECIDED + timedelta(minutes=minutes))
    with database.reading() as db:
        call = db.get_one(Call, number)
        assert (call.state, call.reminded) == (CallState.WAITING, 1)
        keys = select(Outgoing).where(Outgoing.topic == "mail", col(Outgoing.done_at).is_not(None))
        assert db.exec(keys).first() is not None
    files = (settings.folder / "mails").iterdir()
    written = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    about = [mail["To"] for mail in written if vat in mail.get_content()]
    assert len(about) == 2, "the buyer of the backer, and the officer"


def test_silence_is_asked_again_every_day(database: Database, settings: Settings) -> None:
    with database.writing() as db:
        called(db)
    worker = Worker(database, replace(settings, vies="off"))
    for days in (0, 1, 2):
        worker.until_quiet(SOON + timedelta(days=days, hours=days))
    with database.reading() as db:
        assert [check.found for check in db.exec(select(VatCheck))] == ["unreachable"] * 3


# ---- With VAT instead ------------------------------------------------------------------------------------------


@pytest.mark.on_both
def test_tax_vat_number_invalid_the_fund_sends_the_call_with_vat_instead(db: Session) -> None:
    cast, campaign, waiting, others = called(db)
    sent = vat_waits.send_with_vat(db, waiting, by=cast.officer, at=SOON)
    assert (waiting.state, sent.state) == (CallState.VOID, CallState.ISSUED)
    assert (sent.price_cents, sent.fee_cents) == (waiting.price_cents, waiting.fee_cents)
    assert sent.vat_cents == (sent.price_cents * 2000 + 5000) // 10000
    assert sent.fee_vat_cents == (sent.fee_cents * 2000 + 5000) // 10000
    assert sent.number != waiting.number
    with pytest.raises(Conflict):
        vat_waits.send_with_vat(db, waiting, by=cast.officer, at=SOON)
    for call in (sent, *others):
        pay(db, call)
    delivery = c.handed_in(db, cast, campaign)
    for buyer in cast.buyers[:2]:
        c.deliveries.answer(db, delivery, accepts=True, by=buyer, at=DECIDED)
    own = (
        select(Release)
        .join(Part, col(Part.id) == col(Release.part_id))
        .where(Part.pledge_id == sent.pledge_id)
    )
    (released,) = db.exec(own)
    assert (released.price_cents, released.vat_cents) == (sent.price_cents, sent.vat_cents)
    c.check_book(db)


@pytest.mark.on_both
def test_the_parts_of_a_milestone_stay_exact_after_one_was_cut_anew(db: Session) -> None:
    cast, campaign, waiting, _others = called(db)
    vat_waits.send_with_vat(db, waiting, by=cast.officer, at=SOON)
    for milestone in campaigns.scoped_milestones(db, campaign):
        parts = select(Part.price_cents).where(Part.milestone_id == milestone.id, campaigns.is_live())
        assert sum(db.exec(parts)) == milestone.price_cents


def test_money_sent_for_a_call_that_waits_is_money_in_doubt(db: Session) -> None:
    _cast, _campaign, waiting, _others = called(db)
    pay(db, waiting)
    assert (waiting.state, waiting.paid_cents) == (CallState.WAITING, 0)
    c.check_book(db)


def test_a_campaign_that_stops_asks_for_nothing_that_waited(db: Session) -> None:
    cast, campaign, waiting, others = called(db)
    for call in others:
        pay(db, call)
    campaigns.stop(db, campaign, reason="No number, no call.", by=cast.officer, at=SOON)
    c.deliveries.wind_up(db, campaign, at=SOON)
    assert waiting.state == CallState.VOID
    c.check_book(db)


def test_a_public_body_abroad_is_called_after_acceptance_by_the_same_rule(db: Session) -> None:
    cast = c.settle(db)
    ministry = abroad(db, cast, public=True)
    campaign, delivery, _lines = c.accepted(db, cast)
    pledge = db.exec(select(Pledge).where(Pledge.organization_id == ministry.id)).one()
    waiting = c.deliveries.certify(db, delivery, pledge, by=cast.ministry, at=DECIDED)
    assert waiting.state == CallState.WAITING
    sent = vat_waits.send_with_vat(db, waiting, by=cast.officer, at=SOON)
    assert sent.vat_cents == (sent.price_cents * 2000 + 5000) // 10000
    hear_and_settle(db, sent, delivery)
    released = db.exec(select(Release).join(Part).where(Part.pledge_id == pledge.id)).one()  # type: ignore[arg-type]
    assert (released.price_cents, released.vat_cents) == (sent.price_cents, sent.vat_cents)
    assert campaign.state == "secured"
    c.check_book(db)


def hear_and_settle(db: Session, call: Call, delivery: Any) -> None:
    pay(db, call)
    assert call.state == CallState.PAID
    c.deliveries.settle(db, delivery, at=SOON)
