"""Who comes in by the door, with the forms they send, for the tests of people and their devices."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, select
from werkzeug.test import TestResponse

from app.kit.outbox import Outgoing
from app.people import arriving, attempts, invitations, passwords, rules
from app.people.access import Actor
from app.people.forms import ApplyForm, InviteForm, StartForm
from app.people.operator import found_operator
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
    """The administrator of a company that the first officer has verified."""

    def verified() -> Actor:
        kept = passwords.hash_of(SECRET, settings.argon2_memory_kib)
        with app.database.writing() as db:
            invited = rules.apply(db, ApplyForm.model_validate(APPLY), base_url=BASE, at=NOW)
            assert invited is not None
            bea = arriving.accept(db, invited.token, name="Bea", language="en", password_hash=kept, at=NOW)
            rules.verify(db, bea.organization, by=ada, at=NOW)
        return bea

    return begun(app.database, "a company verified", verified)
