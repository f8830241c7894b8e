"""VAT numbers are looked up in the European register; its answer is kept, and silence is never taken for a yes."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import Session, select

from app.demo.numbers import vat_number as invented
from app.kit.db import Database
from app.kit.fetching import Fetched, NotAllowed, Unreachable
from app.kit.outbox import Outgoing
from app.kit.rules import Conflict, Refused
from app.kit.settings import Settings
from app.people import vat_checks
from app.people.access import Actor
from app.people.model import Operator, Organization, Person, Role
from app.people.model_vat import VatCheck
from app.people.step import Step
from app.registers import vies
from app.registers.vies import Found, Verdict
from app.worker import Worker
from tests.answering import serving, told

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
GERMAN, ASKER = invented("DE", 7), invented("FR", 9)
PATH = f"/ms/DE/vat/{GERMAN[2:]}?requesterMemberStateCode={ASKER[:2]}&requesterNumber={ASKER[2:]}"
YES = {"isValid": True, "userError": "VALID", "name": "Beispiel  AG", "requestIdentifier": "WAPIAAAAXYZ1"}


@pytest.fixture
def database(app: Flask) -> Database:
    """The fund in France, a company in Germany with a number of its country."""
    with app.database.writing() as db:
        for number, (name, country, vat, kind) in enumerate(
            (("Chapter", "FR", ASKER, "fund"), ("Beispiel", "DE", GERMAN, "corporate")), start=1
        ):
            db.add(Organization(
                id=number, name=name, kind=kind, country=country, vat_number=vat, state="verified", applied_at=NOW
            ))  # fmt: skip
        db.flush()
        db.add(Operator(id=1, organization_id=1))
    return app.database


def company(db: Session) -> Organization:
    return db.get_one(Organization, 2)


def somebody(db: Session, organization_id: int, *roles: Role) -> Actor:
    person = Person(name="X", email="x@example.org", created_at=NOW)
    return Actor(person, db.get_one(Organization, organization_id), frozenset(roles))


def look_up(database: Database, settings: Settings, *, times: int = 1, at: datetime = NOW) -> None:
    database.run(lambda db: vat_checks.ask(db, company(db), at=at))
    worker = Worker(database, settings, sends_mails=False)
    for turn in range(times):
        worker.round(at + turn * timedelta(hours=2))


def answers(database: Database) -> list[VatCheck]:
    with database.reading() as db:
        return list(db.exec(select(VatCheck)))


# ---- What the register says ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, YES, Found.VALID),
        (200, {"isValid": False, "userError": "INVALID"}, Found.UNKNOWN),
        (200, {"isValid": False, "userError": "MS_UNAVAILABLE"}, Found.UNCLEAR),
        (200, {"isValid": False, "userError": "GLOBAL_MAX_CONCURRENT_REQ"}, Found.UNCLEAR),
        (200, {"isValid": True, "userError": "TIMEOUT"}, Found.UNCLEAR),
        (200, {"isValid": "true"}, Found.UNCLEAR),
        (200, ["isValid"], Found.UNCLEAR),
        (503, YES, Found.UNCLEAR),
    ],
)  # fmt: skip
def test_only_a_plain_yes_or_no_of_the_register_is_one(status: int, body: object, found: Found) -> None:
    assert vies.verdict(Fetched(status, json.dumps(body).encode())).found == found


def test_words_that_are_no_answer_are_unclear() -> None:
    assert vies.verdict(Fetched(200, b"<html>maintenance</html>")) == Verdict(Found.UNCLEAR)


def test_a_name_a_country_does_not_tell_is_left_empty() -> None:
    said = vies.verdict(Fetched(200, json.dumps({**YES, "name": "---"}).encode()))
    assert (said.name, said.consultation) == ("", "WAPIAAAAXYZ1")


def test_a_number_cannot_lead_the_question_elsewhere() -> None:
    assert (
        vies.address_of("https://r.example", "DE1/../x?y", "") == "https://r.example/ms/DE/vat/1%2F..%2Fx%3Fy"
    )


# ---- What is kept ----------------------------------------------------------------------------------------------


def test_a_yes_is_kept_with_its_date_its_name_and_its_consultation_number(
    database: Database, settings: Settings
) -> None:
    with serving({PATH: told(YES)}) as (host, asked):
        look_up(database, replace(settings, vies=f"http://{host}", asks_inside=True), times=2)
    (kept,) = answers(database)
    assert asked == [PATH]
    assert (kept.found, kept.name, kept.consultation) == ("valid", "Beispiel AG", "WAPIAAAAXYZ1")
    assert (kept.number, kept.asker, kept.at, len(kept.body_hash)) == (GERMAN, ASKER, NOW, 64)
    with database.reading() as db:
        assert vat_checks.proof(db, company(db), at=NOW) is not None
        step = db.exec(select(Step).where(Step.act == "check VAT number")).one()
        assert json.loads(step.facts)["consultation"] == "WAPIAAAAXYZ1"


def test_a_yes_older_than_thirty_days_proves_nothing_any_more(database: Database, settings: Settings) -> None:
    look_up(database, settings)
    with database.reading() as db:
        assert vat_checks.proof(db, company(db), at=NOW + timedelta(days=29))
        assert vat_checks.proof(db, company(db), at=NOW + timedelta(days=30)) is None


def test_a_register_that_is_silent_is_asked_four_times_and_its_silence_is_kept(
    database: Database, settings: Settings
) -> None:
    busy = told({"isValid": False, "userError": "MS_UNAVAILABLE"})
    with serving({PATH: busy}) as (host, asked):
        there = replace(settings, vies=f"http://{host}", asks_inside=True)
        look_up(database, there, times=3)
        assert answers(database) == []
        look_up(database, there, at=NOW + timedelta(hours=8))
    assert len(asked) == 5
    assert [kept.found for kept in answers(database)] == ["unclear"]


def test_a_later_silence_does_not_take_a_yes_back_and_a_later_no_does(
    database: Database, settings: Settings
) -> None:
    look_up(database, settings)
    look_up(database, replace(settings, vies="off"), at=NOW + timedelta(days=1))
    with database.reading() as db:
        last = vat_checks.latest(db, company(db))
        assert last is not None
        assert last.found == vat_checks.UNREACHABLE
        assert vat_checks.proof(db, company(db), at=NOW + timedelta(days=2))
    with serving({PATH: told({"isValid": False, "userError": "INVALID"})}) as (host, _asked):
        there = replace(settings, vies=f"http://{host}", asks_inside=True)
        look_up(database, there, at=NOW + timedelta(days=2))
    with database.reading() as db:
        assert vat_checks.proof(db, company(db), at=NOW + timedelta(days=2)) is None


def test_a_register_inside_our_own_network_is_not_asked(settings: Settings) -> None:
    with serving({PATH: told(YES)}) as (host, asked), pytest.raises((NotAllowed, Unreachable)):
        vies.ask(f"http://{host}", GERMAN, ASKER)
    assert asked == []


def test_a_number_outside_the_union_is_not_looked_up(database: Database) -> None:
    with database.writing() as db:
        company(db).country = "CH"
        vat_checks.ask(db, company(db), at=NOW)
        assert db.exec(select(Outgoing)).first() is None
        with pytest.raises(Conflict):
            vat_checks.ask_again(db, company(db), by=somebody(db, 1, Role.OFFICER), at=NOW)


# ---- A number that is wrong ------------------------------------------------------------------------------------


def test_a_number_the_register_does_not_know_is_put_right_and_looked_up_anew(
    database: Database, settings: Settings
) -> None:
    no = told({"isValid": False, "userError": "INVALID"})
    with serving({PATH: no}) as (host, _asked):
        look_up(database, replace(settings, vies=f"http://{host}", asks_inside=True))
    right = next(number for place in range(8, 40) if not (number := invented("DE", place)).endswith("00"))
    with database.writing() as db:
        admin = somebody(db, 2, Role.ADMIN)
        with pytest.raises(Refused, match="does not know"):
            vat_checks.correct(db, company(db), GERMAN, by=admin, at=NOW)
        with pytest.raises(Refused, match="not a VAT number"):
            vat_checks.correct(db, company(db), "DE1", by=admin, at=NOW)
        vat_checks.correct(db, company(db), right, by=admin, at=NOW)
        assert vat_checks.proof(db, company(db), at=NOW) is None
    Worker(database, settings, sends_mails=False).round(NOW)
    with database.writing() as db:
        assert vat_checks.proof(db, company(db), at=NOW)
        with pytest.raises(Conflict):
            vat_checks.correct(db, company(db), GERMAN, by=admin, at=NOW)


def test_only_the_own_administrator_puts_a_number_right(database: Database) -> None:
    with database.writing() as db:
        db.add(VatCheck(organization_id=2, number=GERMAN, found="unknown", status=200, at=NOW))
        db.flush()
        with pytest.raises(Refused):
            vat_checks.correct(db, company(db), GERMAN, by=somebody(db, 2, Role.MEMBER), at=NOW)
        with pytest.raises(Conflict):
            vat_checks.correct(db, company(db), GERMAN, by=somebody(db, 1, Role.ADMIN), at=NOW)
