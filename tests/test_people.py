"""People come in by the door meant for them, do what their role allows, and leave at once."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, func, select
from werkzeug.test import TestResponse

from app.kit.outbox import Outgoing
from app.kit.rules import Conflict, Missing, Refused
from app.people import arriving, attempts, invitations, new_password, passwords, persons, rules, signing_in
from app.people.access import Actor, actor_for
from app.people.entrance import own_path
from app.people.forms import ApplyForm, InviteForm, StartForm
from app.people.identifiers import registration_number, vat_number
from app.people.model import (
    Invitation,
    Organization,
    Person,
    PersonState,
    Role,
    RoleGrant,
    SignIn,
    SignInAttempt,
)
from app.people.operator import found_operator, operator_of, party_of, start_code
from app.people.step import Step
from tests.beginnings import begun

NOW = datetime.now(UTC)
BASE = "http://localhost"
SECRET = "quatre mots bien choisis"
SIRENS = ("732829320", "552100554", "443061841", "542065479", "356000000")
HERE = attempts.Visit("192.0.2.0/24", "Firefox, Linux")

IDENTITY = {
    "legal_form": "SA", "country": "FR", "street": "1 rue du Port", "postcode": "44000", "city": "Nantes",
}  # fmt: skip
START = {
    **IDENTITY, "name": "The chapter", "registration_number": SIRENS[0], "email": "fund@chapter.example", "fee": "5",
    "person_name": "Ada", "person_email": "ada@chapter.example", "person_language": "en",
    "donations_address": "https://gifts.chapter.example",
}  # fmt: skip
APPLY = {
    **IDENTITY, "name": "Banque du Port", "registration_number": SIRENS[1], "email": "it@banque.example",
    "kind": "corporate", "person_name": "Bea", "person_email": "bea@banque.example", "language": "en",
}  # fmt: skip


@pytest.fixture
def ada(app: Flask, settings: Any) -> Actor:
    """The first person of the fund: officer and administrator."""

    def found() -> Actor:
        kept = passwords.hash_of(SECRET, settings.argon2_memory_kib)
        with app.database.writing() as db:
            return found_operator(db, StartForm.model_validate(START), password_hash=kept, at=NOW)

    return begun(app.database, "founded", found)


@pytest.fixture
def bea(app: Flask, settings: Any, ada: Actor) -> Actor:
    """The administrator of a company the fund has verified."""

    def come_in() -> Actor:
        kept = passwords.hash_of(SECRET, settings.argon2_memory_kib)
        with app.database.writing() as db:
            invited = rules.apply(db, ApplyForm.model_validate(APPLY), base_url=BASE, at=NOW)
            assert invited is not None
            bea = arriving.accept(db, invited.token, name="Bea", language="en", password_hash=kept, at=NOW)
            rules.verify(db, bea.organization, by=ada, at=NOW)
        return bea

    return begun(app.database, "a company verified", come_in)


def colleague(app: Flask, inviter: Actor, email: str, **roles: Any) -> Actor:
    """Somebody invited by the administrator, who has come in."""
    form = InviteForm.model_validate({"name": email[:3].title(), "email": email, "language": "en", **roles})
    kept = passwords.hash_of(SECRET, 64)
    with app.database.writing() as db:
        invited = invitations.invite(db, form, base_url=BASE, by=inviter, at=NOW)
        return arriving.accept(db, invited.token, name=form.name, language="en", password_hash=kept, at=NOW)


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text[:400]
    return found[1]


def post(client: FlaskClient, path: str, page: str, network: str = "192.0.2.9", **typed: str) -> TestResponse:
    """Send the form that stands on a page, as a browser does."""
    token = token_of(client.get(page, headers={"Accept-Language": "en"}))
    return client.post(
        path, data={"csrf_token": token, **typed}, environ_overrides={"REMOTE_ADDR": network},
        headers={"Accept-Language": "en"},
    )  # fmt: skip


def come_in(app: Flask, email: str, password: str = SECRET, network: str = "192.0.2.9") -> FlaskClient:
    """A browser in which this person is signed in."""
    client = app.test_client()
    answer = post(client, "/sign-in", "/sign-in", network, email=email, password=password)
    assert answer.status_code == 303, answer.text
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/sessions").status_code == 200


def mails(app: Flask) -> list[dict[str, Any]]:
    with app.database.reading() as db:
        rows = db.exec(select(Outgoing).where(Outgoing.topic == "mail").order_by(col(Outgoing.id)))
        return [json.loads(row.body) for row in rows]


# ---- First start ----


def test_every_page_leads_to_the_start_page_until_the_operator_is_set(app: Flask, settings: Any) -> None:
    client = app.test_client()
    for path in ("/sign-in", "/organizations", "/apply", "/people"):
        assert client.get(path).headers["Location"] == "/start"
    assert (
        post(client, "/sign-in", "/start", email="a@b.example", password="x").headers["Location"] == "/start"
    )
    wrong = post(client, "/start", "/start", **START, password=SECRET, start_code="AAAA-BBBB-CCCC")
    assert wrong.status_code == 422
    assert "This is not the start code" in wrong.text
    unsafe = START | {"donations_address": "http://gifts.chapter.example"}
    code = start_code(settings)
    assert post(client, "/start", "/start", **unsafe, password=SECRET, start_code=code).status_code == 422
    right = post(client, "/start", "/start", **START, password=SECRET, start_code=code.lower())
    assert right.status_code == 303
    assert is_in(client)
    with app.database.reading() as db:
        assert operator_of(db).fee_basis_points == 500
        assert operator_of(db).donations_address == "https://gifts.chapter.example"
        assert party_of(db.exec(select(Organization)).one()).identifiers == (("SIREN", "732 829 320"),)


def test_the_start_cannot_be_done_twice(app: Flask, settings: Any, ada: Actor) -> None:
    client = app.test_client()
    assert client.get("/start").headers["Location"] == "/"
    again = {**START, "person_email": "eve@evil.example", "name": "Evil"}
    answer = post(client, "/start", "/sign-in", **again, password=SECRET, start_code=start_code(settings))
    assert answer.status_code == 409
    with app.database.writing() as db, pytest.raises(Conflict):
        found_operator(db, StartForm.model_validate(again), password_hash="", at=NOW)


def test_start_codes_cannot_be_tried_for_ever(app: Flask, settings: Any) -> None:
    client = app.test_client()
    for _ in range(attempts.MOST_HERE):
        post(client, "/start", "/start", **START, password=SECRET, start_code="AAAA-BBBB-CCCC")
    answer = post(client, "/start", "/start", **START, password=SECRET, start_code=start_code(settings))
    assert answer.status_code == 422
    assert "Too many attempts" in answer.text


# ---- Organizations ----


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


def test_what_the_fund_verified_cannot_be_changed_afterwards(app: Flask, bea: Actor) -> None:
    client = come_in(app, "bea@banque.example")
    page = f"/organizations/{bea.organization.public_id}/details"
    contact = {"street": "2 quai", "postcode": "44100", "city": "Nantes", "email": "new@banque.example"}
    assert post(client, page, page, **contact).status_code == 303
    assert post(client, page, page, **contact, name="Another name").status_code == 422
    with app.database.reading() as db:
        kept = db.get_one(Organization, bea.organization.id)
        assert (kept.street, kept.name) == ("2 quai", "Banque du Port")


# ---- Persons ----


def test_an_invitation_is_good_for_fourteen_days(app: Flask, bea: Actor) -> None:
    form = InviteForm(name="Carl", email="carl@banque.example", language="en", member=True)
    with app.database.writing() as db:
        long_ago = NOW - invitations.GOOD_FOR
        invited = invitations.invite(db, form, base_url=BASE, by=bea, at=long_ago)
        with pytest.raises(Conflict):
            arriving.accept(db, invited.token, name="Carl", language="en", password_hash="x", at=NOW)
        assert invitations.expire_invitations(db, at=NOW) == 1
        assert invitations.expire_invitations(db, at=NOW) == 0
        assert invited.person.state == PersonState.EXPIRED
    client = app.test_client()
    page = client.get(f"/invitations/{invited.token}", headers={"Accept-Language": "en"})
    assert "This invitation has ended" in page.text
    assert "Send me a new link" not in page.text
    late = post(
        client, f"/invitations/{invited.token}", "/sign-in", name="Carl", language="en", password=SECRET
    )
    assert late.status_code == 409
    with app.database.writing() as db:
        carl = db.get_one(Person, invited.person.id)
        again = invitations.send_again(db, carl, base_url=BASE, by=bea, at=NOW)
        arriving.accept(db, again.token, name="Carl", language="en", password_hash="x", at=NOW)
        assert carl.state == PersonState.ACTIVE


def test_an_invitation_works_once(app: Flask, bea: Actor) -> None:
    form = InviteForm(name="Carl", email="carl@banque.example", language="en", buyer=True, limit=500_00)
    with app.database.writing() as db:
        invited = invitations.invite(db, form, base_url=BASE, by=bea, at=NOW)
    link, typed = f"/invitations/{invited.token}", {"name": "Carl", "language": "en", "password": SECRET}
    client = app.test_client()
    assert post(client, link, link, **typed).status_code == 303
    again = post(app.test_client(), link, "/sign-in", **{**typed, "password": "another password here"})
    assert again.status_code == 409
    assert "This link was used already" in again.text
    come_in(app, "carl@banque.example")
    with app.database.reading() as db:
        assert actor_for(db, invited.person, bea.organization).limit_cents == 500_00
        assert invited.token not in repr(db.exec(select(Invitation)).all())


def test_a_newer_link_ends_the_one_before_and_a_taken_back_one_is_useless(app: Flask, bea: Actor) -> None:
    form = InviteForm(name="Carl", email="carl@banque.example", language="en", member=True)
    with app.database.writing() as db:
        first = invitations.invite(db, form, base_url=BASE, by=bea, at=NOW)
        second = invitations.send_again(db, first.person, base_url=BASE, by=bea, at=NOW)
        with pytest.raises(Conflict):
            arriving.accept(db, first.token, name="Carl", language="en", password_hash="x", at=NOW)
        invitations.take_back(db, first.person, by=bea, at=NOW)
        with pytest.raises(Conflict):
            arriving.accept(db, second.token, name="Carl", language="en", password_hash="x", at=NOW)
        with pytest.raises(Missing):
            arriving.accept(db, "guessed", name="Carl", language="en", password_hash="x", at=NOW)


def test_an_invitation_dies_with_the_role_of_who_sent_it(app: Flask, bea: Actor) -> None:
    dan = colleague(app, bea, "dan@banque.example", admin="yes")
    form = InviteForm(name="Puppet", email="puppet@banque.example", language="en", approver=True)
    with app.database.writing() as db:
        puppet = invitations.invite(db, form, base_url=BASE, by=dan, at=NOW)
        persons.disable(db, db.get_one(Person, dan.person.id), by=bea, at=NOW)
        with pytest.raises(Refused, match="no longer an administrator"):
            arriving.accept(db, puppet.token, name="Puppet", language="en", password_hash="x", at=NOW)


def test_an_invitation_for_somebody_who_is_here_is_taken_up_by_them_alone(
    app: Flask, ada: Actor, bea: Actor
) -> None:
    form = InviteForm(name="Typed name", email="bea@banque.example", language="fr", arbitrator=True)
    with app.database.writing() as db:
        invited = invitations.invite(db, form, base_url=BASE, by=ada, at=NOW)
        assert db.get_one(Person, bea.person.id).name == "Bea"
    link = f"/invitations/{invited.token}"
    assert post(come_in(app, "ada@chapter.example"), f"{link}/joining", "/sessions").status_code == 403
    client = come_in(app, "bea@banque.example")
    assert post(client, f"{link}/joining", link).status_code == 303
    assert client.get("/organizations").status_code == 200
    assert post(client, "/acting", "/acting", name=bea.organization.public_id).status_code == 303
    assert client.get("/organizations").status_code == 404
    assert post(client, "/acting", "/acting", name="0" * 32).status_code == 404


def test_only_an_administrator_invites_and_gives_roles(app: Flask, bea: Actor) -> None:
    carl = colleague(app, bea, "carl@banque.example", member="yes")
    client = come_in(app, "carl@banque.example")
    assert client.get("/people").status_code == 200
    assert client.get("/people/invite").status_code == 403
    own = f"/people/{carl.person.public_id}"
    assert post(client, f"{own}/roles", "/people", admin="yes").status_code == 403
    with app.database.writing() as db, pytest.raises(Refused):
        persons.change_roles(db, carl.person, frozenset({Role.ADMIN}), None, by=carl, at=NOW)
    unasked = post(come_in(app, "bea@banque.example"), f"{own}/roles", own, member="yes", state="disabled")
    assert unasked.status_code == 422


def test_a_role_that_does_not_exist_there_is_refused_and_a_buyer_needs_a_limit(
    app: Flask, bea: Actor
) -> None:
    carl = colleague(app, bea, "carl@banque.example", member="yes")
    with app.database.writing() as db:
        for roles, sentence in (({Role.OFFICER}, "does not exist"), ({Role.BUYER}, "up to what amount")):
            with pytest.raises(Refused, match=sentence):
                persons.change_roles(db, carl.person, frozenset(roles), None, by=bea, at=NOW)
        persons.change_roles(db, carl.person, frozenset({Role.BUYER}), 100_00, by=bea, at=NOW)
        persons.change_roles(db, carl.person, frozenset({Role.BUYER}), 200_00, by=bea, at=NOW)
        assert actor_for(db, carl.person, bea.organization).limit_cents == 200_00
        grants = db.exec(select(RoleGrant).where(RoleGrant.person_id == carl.person.id)).all()
        assert [(grant.role, grant.limit_cents, grant.ended_at is None) for grant in grants] == [
            ("member", None, False), ("buyer", 100_00, False), ("buyer", 200_00, True)
        ]  # fmt: skip


def test_the_last_administrator_stays(app: Flask, bea: Actor) -> None:
    client = come_in(app, "bea@banque.example")
    own = f"/people/{bea.person.public_id}"
    answer = post(client, f"{own}/roles", own, member="yes")
    assert answer.status_code == 422
    assert "last administrator" in answer.text
    colleague(app, bea, "dan@banque.example", admin="yes")
    assert post(client, f"{own}/roles", own, member="yes").status_code == 303
    assert client.get("/people/invite").status_code == 403


def test_a_person_without_any_role_is_out_at_once(app: Flask, bea: Actor) -> None:
    carl = colleague(app, bea, "carl@banque.example", member="yes")
    client = come_in(app, "carl@banque.example")
    with app.database.writing() as db:
        persons.change_roles(db, carl.person, frozenset(), None, by=bea, at=NOW)
    assert not is_in(client)
    answer = post(app.test_client(), "/sign-in", "/sign-in", email="carl@banque.example", password=SECRET)
    assert "no role in any organization" in answer.text


def test_a_closed_account_is_out_at_once_and_cannot_come_back(app: Flask, bea: Actor) -> None:
    carl = colleague(app, bea, "carl@banque.example", member="yes")
    client = come_in(app, "carl@banque.example")
    admin = come_in(app, "bea@banque.example")
    page = f"/people/{carl.person.public_id}"
    assert is_in(client)
    assert post(admin, f"{page}/closing", page).status_code == 303
    assert not is_in(client)
    answer = post(app.test_client(), "/sign-in", "/sign-in", email="carl@banque.example", password=SECRET)
    assert answer.status_code == 422
    assert signing_in.WRONG in answer.text
    own = f"/people/{bea.person.public_id}"
    assert post(admin, f"{own}/closing", own).status_code == 422


# ---- Signing in ----


def test_ten_wrong_passwords_close_an_account_to_that_network_for_a_while(
    app: Flask, settings: Any, bea: Actor
) -> None:
    from app.main import create_app

    client = app.test_client()
    for _ in range(attempts.MOST_HERE):
        answer = post(
            client, "/sign-in", "/sign-in", email="bea@banque.example", password="wrong wrong wrong"
        )
        assert signing_in.WRONG in answer.text
    restarted = create_app(settings)
    for each in (app, restarted):
        answer = post(
            each.test_client(), "/sign-in", "/sign-in", email="Bea@Banque.example ", password=SECRET
        )
        assert answer.status_code == 422
        assert signing_in.WAIT in answer.text
    come_in(app, "bea@banque.example", network="198.51.100.7")
    with app.database.reading() as db:
        later = datetime.now(UTC) + attempts.WINDOW + timedelta(minutes=5)
        assert not attempts.has_to_wait(db, "bea@banque.example", HERE, at=later)
    restarted.database.close()


def test_fifty_wrong_passwords_close_a_network_whatever_the_accounts(app: Flask, bea: Actor) -> None:
    with app.database.writing() as db:
        for number in range(attempts.MOST_OF_NETWORK):
            attempts.count_wrong(db, f"p{number}@banque.example", HERE, at=datetime.now(UTC))
    answer = post(app.test_client(), "/sign-in", "/sign-in", email="bea@banque.example", password=SECRET)
    assert signing_in.WAIT in answer.text
    come_in(app, "bea@banque.example", network="198.51.100.7")


def test_many_networks_against_one_account_do_not_lock_its_owner_out(app: Flask, bea: Actor) -> None:
    come_in(app, "bea@banque.example", network="198.51.100.7")
    with app.database.writing() as db:
        for number in range(attempts.MOST_OF_ACCOUNT):
            visit = attempts.Visit(f"203.0.{number}.0/24")
            attempts.count_wrong(db, "bea@banque.example", visit, at=datetime.now(UTC))
    stranger = post(
        app.test_client(), "/sign-in", "/sign-in", "100.64.0.1", email="bea@banque.example", password=SECRET
    )
    assert signing_in.WAIT in stranger.text
    come_in(app, "bea@banque.example", network="198.51.100.9")


def test_guesses_sent_all_at_once_are_counted_one_by_one(app: Flask, bea: Actor) -> None:
    def guess(number: int) -> str:
        page = post(
            app.test_client(), "/sign-in", "/sign-in", email="bea@banque.example", password=f"guess {number}"
        )
        return page.text

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(guess, range(attempts.MOST_HERE * 2)))
    assert sum(signing_in.WRONG in page for page in pages) == attempts.MOST_HERE
    assert sum(signing_in.WAIT in page for page in pages) == attempts.MOST_HERE
    with app.database.reading() as db:
        assert db.exec(select(func.count()).select_from(SignInAttempt)).one() == attempts.MOST_HERE


def test_an_unknown_account_gets_the_same_answer_after_the_same_work(
    app: Flask, bea: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    class Counting(type(passwords._hasher(64))):  # type: ignore[misc]
        def verify(self, kept: Any, password: Any) -> bool:
            compared.append(kept)
            return super().verify(kept, password)  # type: ignore[no-any-return]

    counting = Counting(time_cost=1, memory_cost=64, parallelism=1)
    passwords._nobody(64)
    monkeypatch.setattr(passwords, "_hasher", lambda _memory: counting)
    answers = set()
    for email in ("bea@banque.example", "nobody@banque.example"):
        answer = post(app.test_client(), "/sign-in", "/sign-in", email=email, password="wrong wrong wrong")
        text = re.sub(r'value="[^"]*"|CSRFToken": "[^"]+"', "", answer.text)
        answers.add((answer.status_code, text))
    assert len(answers) == 1
    assert len(compared) == 2


def test_a_session_ended_elsewhere_is_over_at_once(app: Flask, bea: Actor) -> None:
    here, there = come_in(app, "bea@banque.example"), come_in(app, "bea@banque.example")
    with app.database.reading() as db:
        first = db.exec(select(SignIn).order_by(col(SignIn.id))).first()
        assert first is not None
    assert post(there, f"/sessions/{first.public_id}/end", "/sessions").status_code == 303
    assert not is_in(here)
    assert is_in(there)
    third = come_in(app, "bea@banque.example")
    assert post(third, "/sessions/others/end", "/sessions").status_code == 303
    assert not is_in(there)
    assert post(third, "/sign-out", "/sessions").status_code == 303
    assert not is_in(third)


def test_nobody_ends_the_session_of_another(app: Flask, ada: Actor, bea: Actor) -> None:
    mine, theirs = come_in(app, "bea@banque.example"), come_in(app, "ada@chapter.example")
    with app.database.reading() as db:
        row = db.exec(select(SignIn).where(SignIn.person_id == bea.person.id)).one()
    assert post(theirs, f"/sessions/{row.public_id}/end", "/sessions").status_code == 404
    assert is_in(mine)


def test_a_session_ends_when_left_alone_and_after_thirty_days(app: Flask, bea: Actor) -> None:
    with app.database.writing() as db:
        row, token = signing_in.sign_in(db, bea.person, HERE, at=NOW)
        assert signing_in.find_sign_in(db, token, at=NOW + signing_in.IDLE - timedelta(minutes=1))
        assert not signing_in.find_sign_in(db, token, at=NOW + signing_in.IDLE + timedelta(minutes=1))
        signing_in.see(db, row.id, at=NOW + timedelta(days=29))
        assert signing_in.find_sign_in(db, token, at=NOW + timedelta(days=29, hours=1))
        assert not signing_in.find_sign_in(db, token, at=NOW + signing_in.LONGEST)


def test_reading_a_page_notes_the_visit_at_most_every_ten_minutes(app: Flask, bea: Actor) -> None:
    client = come_in(app, "bea@banque.example")

    def seen(back: timedelta = timedelta()) -> datetime:
        with app.database.writing() as db:
            row = db.exec(select(SignIn)).one()
            row.seen_at -= back
            return row.seen_at

    before = seen(timedelta(minutes=9))
    assert is_in(client)
    assert seen() == before
    before = seen(timedelta(minutes=2))
    assert is_in(client)
    assert seen() > before


def test_the_cookie_is_kept_from_scripts_and_bound_to_the_host_where_encrypted(
    app: Flask, settings: Any, bea: Actor
) -> None:
    for base_url, start in (("http://localhost", "jalon="), ("https://localhost", "__Host-jalon=")):
        app.config["SETTINGS"] = replace(settings, base_url=base_url)
        client = app.test_client()
        page = client.get("/sign-in", base_url=base_url)
        typed = {"csrf_token": token_of(page), "email": "bea@banque.example", "password": SECRET}
        answer = client.post("/sign-in", data=typed, base_url=base_url, headers={"Referer": f"{base_url}/"})
        cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(start))
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert ("Secure" in cookie) == base_url.startswith("https:")
        assert client.get("/sessions", base_url=base_url).status_code == 200


def test_a_form_without_its_token_is_not_read(app: Flask, bea: Actor) -> None:
    client = come_in(app, "bea@banque.example")
    for path in (
        "/sign-in",
        "/sign-in/demo",
        "/language",
        "/people/invite",
        "/sessions/others/end",
        "/apply",
    ):
        assert client.post(path, data={"language": "fr"}).status_code == 400
    stolen = token_of(come_in(app, "ada@chapter.example").get("/sessions"))
    assert client.post("/sessions/others/end", data={"csrf_token": stolen}).status_code == 400


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/nowhere",
        "",
        "/a\nb",
    ],
)
def test_signing_in_leads_only_to_pages_of_ours(app: Flask, wanted: str) -> None:
    with app.test_request_context("/"):
        assert own_path(wanted) == "/"
        assert own_path("/organizations?state=applied") == "/organizations?state=applied"


def test_who_is_not_signed_in_comes_back_to_the_page_they_wanted(app: Flask, bea: Actor) -> None:
    client = app.test_client()
    asked = client.get("/people?x=1")
    assert asked.headers["Location"] == "/sign-in?next=/people?x%3D1"
    answer = post(
        client, "/sign-in", "/sign-in", email="bea@banque.example", password=SECRET, next="/people?x=1"
    )
    assert answer.headers["Location"] == "/people?x=1"


def test_a_language_is_chosen_signed_out_and_kept_when_signed_in(app: Flask, bea: Actor) -> None:
    client = app.test_client()
    french = client.get("/sign-in", headers={"Accept-Language": "fr-CA,en;q=0.5"})
    assert 'lang="fr"' in french.text
    assert "Se connecter" in french.text
    assert post(client, "/language", "/sign-in", language="en").status_code == 303
    assert 'lang="en"' in client.get("/sign-in", headers={"Accept-Language": "fr"}).text
    assert post(client, "/language", "/sign-in", language="xx").status_code == 422
    client = come_in(app, "bea@banque.example")
    assert post(client, "/language", "/sessions", language="fr").status_code == 303
    with app.database.reading() as db:
        assert db.get_one(Person, bea.person.id).language == "fr"
    assert "Où je suis connecté" in client.get("/sessions", headers={"Accept-Language": "en"}).text
    assert "lang=fr" in client.get("/nowhere").text.replace('"', "")


def test_a_demo_lets_one_become_its_people_and_nothing_else_does(
    app: Flask, settings: Any, bea: Actor
) -> None:
    from app.main import create_app

    client = app.test_client()
    page = client.get("/sign-in", headers={"Accept-Language": "en"})
    assert "Bea" in page.text
    assert "Start here" in page.text
    assert post(client, "/sign-in/demo", "/sign-in", name=bea.person.public_id).status_code == 303
    assert is_in(client)
    assert post(app.test_client(), "/sign-in/demo", "/sign-in", name="0" * 32).status_code == 404
    real = create_app(replace(settings, demo=False))
    stranger = real.test_client()
    assert "Bea" not in stranger.get("/sign-in").text
    assert post(stranger, "/sign-in/demo", "/sign-in", name=bea.person.public_id).status_code == 404
    assert not is_in(stranger)
    real.database.close()


# ---- Passwords ----


@pytest.mark.parametrize(
    "password", ["short", "motdepasse2026!", "Azertyuiop123", "aaaaaaaaaaaaaaa", "x" * 201]
)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(Refused):
        passwords.require_good(password)
    passwords.require_good(SECRET)


def test_a_password_is_changed_by_who_knows_it_and_ends_other_sessions(app: Flask, bea: Actor) -> None:
    here, there = come_in(app, "bea@banque.example"), come_in(app, "bea@banque.example")
    wrong = post(
        here, "/password", "/password", current="wrong wrong wrong", password="un autre mot de passe"
    )
    assert wrong.status_code == 422
    assert "not your present password" in wrong.text
    right = post(here, "/password", "/password", current=SECRET, password="un autre mot de passe")
    assert right.status_code == 303
    assert is_in(here)
    assert not is_in(there)
    come_in(app, "bea@banque.example", "un autre mot de passe")
    with app.database.reading() as db:
        assert db.exec(select(func.count()).select_from(SignInAttempt)).one() == 1
    assert mails(app)[-1]["template"] == "password_changed"


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(app: Flask, bea: Actor) -> None:
    signed_in, stranger = come_in(app, "bea@banque.example"), app.test_client()
    before = len(mails(app))
    pages = {
        post(stranger, "/password/forgotten", "/password/forgotten", email=email).headers["Location"]
        for email in ("bea@banque.example", "nobody@banque.example")
    }
    assert pages == {"/password/forgotten/sent"}
    assert len(mails(app)) == before + 1
    link = mails(app)[-1]["facts"]["link"].removeprefix(BASE)
    assert post(stranger, link, link, password="motdepasse12").status_code == 422
    assert post(stranger, link, link, password="encore un autre choix").status_code == 303
    assert not is_in(signed_in)
    assert stranger.get(link).status_code == 410
    again = post(stranger, link, "/sign-in", password="encore un de plus ici")
    assert again.status_code == 409
    come_in(app, "bea@banque.example", "encore un autre choix")


def test_a_link_for_a_new_password_is_good_for_two_hours(app: Flask, bea: Actor) -> None:
    with app.database.writing() as db:
        new_password.ask_for_link(db, "bea@banque.example", HERE, base_url=BASE, at=NOW - timedelta(hours=2))
    mail = mails(app)[-1]
    assert mail["zone"] == "Europe/Paris", "the hour it is good for is told in the operator's zone"
    token = mail["facts"]["link"].rpartition("/")[2]
    with app.database.writing() as db:
        with pytest.raises(Conflict):
            new_password.choose_password(db, token, "x", at=NOW)
        with pytest.raises(Missing):
            new_password.choose_password(db, "guessed", "x", at=NOW)


def test_nobody_floods_a_mailbox_from_here(app: Flask, bea: Actor) -> None:
    before = len(mails(app))
    for _ in range(attempts.MOST_MAILS + 2):
        post(app.test_client(), "/password/forgotten", "/password/forgotten", email="bea@banque.example")
    assert len(mails(app)) == before + attempts.MOST_MAILS


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"), ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"), (None, ""), ("unix", ""),
    ],
)  # fmt: skip
def test_only_the_network_of_a_visitor_is_kept(address: str | None, network: str) -> None:
    assert attempts.network_of(address) == network
