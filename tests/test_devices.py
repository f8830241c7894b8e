"""A desktop program stays signed in because its person said so, and is out the moment they say otherwise."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kit.clock import now
from app.people import devices
from app.people.access import Actor
from tests.people_cast import SECRET, START, ada

__all__ = ["ada"]

pytestmark = pytest.mark.long_story

VERIFIER = "what only this program knows"
CHALLENGE = hashlib.sha256(VERIFIER.encode()).hexdigest()


@pytest.fixture
def window(app: Flask, ada: Actor) -> FlaskClient:
    """The program's window, in which Ada has signed in."""
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    assert browser.post("/sign-in", data={"email": ada.person.email, "password": SECRET}).status_code == 303
    return browser


def connected(window: FlaskClient) -> str:
    """The token of the program, allowed in its window and fetched beside it."""
    assert (
        window.post("/devices", data={"challenge": CHALLENGE, "name": "Laptop"}).location
        == "/devices/connected"
    )
    answer = window.post("/devices/token", json={"verifier": VERIFIER})
    assert answer.status_code == 200
    return str(answer.json["token"])


def is_in(browser: FlaskClient) -> bool:
    """Whether pages are open to this browser."""
    return browser.get("/sessions").status_code == 200


def test_an_allowed_program_signs_its_person_in_and_is_listed(window: FlaskClient, client: Any) -> None:
    token = connected(window)
    later = client()
    assert not is_in(later)
    answer = later.post("/devices/session", json={"token": token})
    assert answer.status_code == 200
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert token not in answer.text
    assert is_in(later)
    assert "Laptop" in later.get("/sessions").text


def test_a_verifier_is_good_once_soon_and_only_if_allowed(
    window: FlaskClient, app: Flask, ada: Actor
) -> None:
    assert window.post("/devices/token", json={"verifier": VERIFIER}).status_code == 400
    connected(window)
    assert window.post("/devices/token", json={"verifier": VERIFIER}).status_code == 400
    assert window.post("/devices/session", json={"token": "guessed"}).status_code == 400
    assert window.post("/devices/session", data="not JSON").status_code == 400
    again = window.post("/devices", data={"challenge": CHALLENGE, "name": "Laptop"})
    assert again.status_code == 422
    with app.database.writing() as db:
        devices.allow(db, "ab" * 32, "Old", by=ada, at=now() - devices.TO_CONNECT - timedelta(seconds=1))
    assert window.post("/devices", data={"challenge": "no hash", "name": "Laptop"}).status_code == 422


@pytest.mark.on_both
def test_a_disconnected_program_is_out_at_once(window: FlaskClient, client: Any) -> None:
    token = connected(window)
    program, elsewhere = client(), client()
    program.post("/devices/session", json={"token": token})
    elsewhere.post("/devices/session", json={"token": token})
    page = elsewhere.get("/sessions").text
    name = page.split("/devices/")[1].split("/end")[0]
    assert elsewhere.post(f"/devices/{name}/end").status_code == 303
    assert not is_in(program)
    assert program.post("/devices/session", json={"token": token}).status_code == 400


@pytest.mark.on_both
@pytest.mark.parametrize("way", ["/sign-out", "/sessions/others/end", "/password"])
def test_signing_out_ends_the_program_too(window: FlaskClient, client: Any, way: str) -> None:
    token = connected(window)
    if way == "/sign-out":
        window.post(way)  # in the program's own window
    else:
        browser = client()
        email = {"email": START["person_email"], "password": SECRET}
        assert browser.post("/sign-in", data=email).status_code == 303
        assert (
            browser.post(way, data={"current": SECRET, "password": "eleven green herons"}).status_code == 303
        )
    assert client().post("/devices/session", json={"token": token}).status_code == 400


def test_a_program_left_alone_for_long_asks_for_the_password_again(
    window: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = connected(window)
    later: datetime = now() + devices.IDLE + timedelta(days=1)
    with app.database.writing() as db:
        assert devices.device_with(db, token, at=now()) is not None
        assert devices.device_with(db, token, at=later) is None


def test_what_waits_is_told_with_keys_and_keeps_nobody_signed_in(window: FlaskClient, client: Any) -> None:
    told = window.get("/waiting.json")
    assert told.status_code == 200
    assert isinstance(told.json["waiting"], list)
    assert client().get("/waiting.json").status_code == 303
    assert client().get("/health").json.keys() == {"jalon"}
