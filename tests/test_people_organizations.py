"""An organization is verified by somebody without a tie, and shows strangers no more than they may see."""

import re

import pytest
from flask import Flask
from sqlmodel import col, select

from app.kit.rules import Conflict, Refused
from app.people import arriving, persons, rules
from app.people.access import Actor
from app.people.forms import ApplyForm
from app.people.identifiers import registration_number, vat_number
from app.people.model import Organization, Person, PersonState, Role
from app.people.step import Step
from tests.people_cast import (
    APPLY,
    BASE,
    NOW,
    SECRET,
    SIRENS,
    ada,
    bea,
    colleague,
    come_in,
    is_in,
    mails,
    post,
)

__all__ = ["ada", "bea"]

pytestmark = pytest.mark.long_story


@pytest.mark.parametrize("typed", ["732829321", "7328293", "73282932000074", "", "abc"])
def test_a_number_that_is_no_siren_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        registration_number(typed, "FR")
    assert refusal.value.field == "registration_number"
    assert registration_number("732 829 320", "FR") == "732829320"


def test_a_vat_number_is_checked_for_its_country_and_its_siren() -> None:
    assert vat_number("FR 40 303 265 045", "FR", "303265045") == "FR40303265045"
    assert vat_number("136695976", "DE") == "DE136695976"
    assert vat_number(" ", "FR") == ""
    for typed, country, siren in (
        ("FR40303265044", "FR", ""), ("FR40303265045", "FR", "732829320"), ("DE1", "DE", "")
    ):  # fmt: skip
        with pytest.raises(Refused):
            vat_number(typed, country, siren)


@pytest.mark.on_both
def test_an_organization_applies_confirms_its_address_and_is_verified(app: Flask, ada: Actor) -> None:
    visitor = app.test_client()
    assert post(visitor, "/apply", "/apply", **APPLY).status_code == 303
    link = mails(app)[0]["facts"]["link"].removeprefix(BASE)
    assert post(visitor, link, link, name="Bea", language="en", password=SECRET).status_code == 303
    assert is_in(visitor)
    officer = come_in(app, "ada@chapter.example")
    with app.database.reading() as db:
        bank = db.exec(select(Organization).where(Organization.name == "Banque du Port")).one()
    page = f"/organizations/{bank.public_id}"
    assert post(officer, f"{page}/verification", page).status_code == 303
    with app.database.reading() as db:
        assert db.get_one(Organization, bank.id).state == "verified"
        acts = [step.act for step in db.exec(select(Step).order_by(col(Step.id)))]
        assert acts == [
            "found_operator",
            "confirm_address",
            "apply",
            "invite",
            "accept_invitation",
            "confirm_address",
            "verify",
        ]
    assert post(officer, f"{page}/verification", page).status_code == 409


def test_a_second_click_on_the_application_changes_nothing(app: Flask, ada: Actor) -> None:
    client = app.test_client()
    for _ in range(2):
        assert post(client, "/apply", "/apply", **APPLY).status_code == 303
    other = post(client, "/apply", "/apply", **{**APPLY, "email": "x@other.example"})
    assert other.status_code == 422
    assert "is here already" in other.text
    assert len(mails(app)) == 1


def test_an_organization_is_turned_down_only_with_a_reason(app: Flask, ada: Actor) -> None:
    with app.database.writing() as db:
        invited = rules.apply(db, ApplyForm.model_validate(APPLY), base_url=BASE, at=NOW)
        assert invited is not None
        bank = db.get_one(Organization, invited.invitation.organization_id)
        with pytest.raises(Refused):
            rules.reject(db, bank, "  ", by=ada, at=NOW)
        rules.reject(db, bank, "The register does not know it.", by=ada, at=NOW)
        assert (bank.state, bank.decision_reason) == ("rejected", "The register does not know it.")
        with pytest.raises(Conflict):
            rules.verify(db, bank, by=ada, at=NOW)
    link = mails(app)[0]["facts"]["link"].removeprefix(BASE)
    browser = app.test_client()
    post(browser, link, link, name="Bea", language="en", password=SECRET)
    page = browser.get("/people/invite")
    assert page.status_code == 403
    assert "it cannot invite anybody" in page.text
    assert "Send the invitation" not in page.text


def test_an_officer_does_not_decide_about_an_organization_of_their_own(app: Flask, ada: Actor) -> None:
    with app.database.writing() as db:
        mine = rules.apply(
            db,
            ApplyForm.model_validate({**APPLY, "person_email": "ada@chapter.example"}),
            base_url=BASE,
            at=NOW,
        )
        assert mine is not None
        arriving.join(db, mine.token, by=ada, at=NOW)
        bank = db.get_one(Organization, mine.invitation.organization_id)
        for decide in (rules.verify, rules.reinstate):
            with pytest.raises(Refused, match="somebody without a tie"):
                decide(db, bank, by=ada, at=NOW)
    officer = come_in(app, "ada@chapter.example")
    answer = post(officer, f"/organizations/{bank.public_id}/verification", "/sessions")
    assert answer.status_code == 403
    assert "somebody without a tie" in answer.text


def test_an_auditor_reads_everything_and_changes_nothing(app: Flask, ada: Actor, bea: Actor) -> None:
    auditor = colleague(app, ada, "aud@chapter.example", auditor="yes")
    client = come_in(app, "aud@chapter.example")
    assert client.get("/organizations").status_code == 200
    page = client.get(f"/organizations/{bea.organization.public_id}").text
    assert "bea@" not in page
    assert SIRENS[1][:3] in page
    with app.database.writing() as db, pytest.raises(Refused):
        rules.suspend(db, bea.organization, "Because", by=auditor, at=NOW)
    for path in ("verification", "suspension", "rejection", "reinstatement"):
        url = f"/organizations/{bea.organization.public_id}/{path}"
        assert post(client, url, "/sessions", reason="Because").status_code == 403
    with app.database.writing() as db, pytest.raises(Refused, match="no other role"):
        persons.change_roles(
            db, auditor.person, frozenset({Role.AUDITOR, Role.TREASURER}), None, by=ada, at=NOW
        )


def test_what_a_stranger_may_not_see_answers_like_what_is_not_there(
    app: Flask, ada: Actor, bea: Actor
) -> None:
    with app.database.writing() as db:
        other = rules.apply(
            db, ApplyForm.model_validate({
                **APPLY, "registration_number": SIRENS[2], "name": "Canary SA", "person_email": "c@canary.example",
            }), base_url=BASE, at=NOW,
        )  # fmt: skip
        assert other is not None
        hidden = db.get_one(Organization, other.invitation.organization_id).public_id
    client = come_in(app, "bea@banque.example")

    def answer(path: str) -> tuple[int, str]:
        page = client.get(path)
        return page.status_code, re.sub(
            r'value="[^"]+"|CSRFToken": "[^"]+"| aria-current="page"', "", page.text
        )

    absent = answer(f"/organizations/{'0' * 32}")
    assert absent[0] == 404
    assert answer(f"/organizations/{hidden}") == absent
    assert answer(f"/organizations/{hidden}/details") == answer(f"/organizations/{'0' * 32}/details")
    assert answer("/organizations") == absent
    assert answer(f"/people/{ada.person.public_id}") == answer(f"/people/{'0' * 32}") == absent
    post(client, f"/people/{ada.person.public_id}/closing", "/people")
    with app.database.reading() as db:
        assert db.get_one(Person, ada.person.id).state == PersonState.ACTIVE


def test_the_public_sees_a_verified_organization_without_its_details(app: Flask, bea: Actor) -> None:
    page = app.test_client().get(f"/organizations/{bea.organization.public_id}")
    assert page.status_code == 200
    assert "Banque du Port" in page.text
    assert "it@banque.example" not in page.text
    assert "rue du Port" not in page.text


@pytest.mark.on_both
def test_what_the_fund_verified_cannot_be_changed_afterwards(app: Flask, bea: Actor) -> None:
    client = come_in(app, "bea@banque.example")
    page = f"/organizations/{bea.organization.public_id}/details"
    contact = {"street": "2 quai", "postcode": "44100", "city": "Nantes", "email": "new@banque.example"}
    assert post(client, page, page, **contact).status_code == 303
    assert post(client, page, page, **contact, name="Another name").status_code == 422
    with app.database.reading() as db:
        kept = db.get_one(Organization, bea.organization.id)
        assert (kept.street, kept.name) == ("2 quai", "Banque du Port")
