"""What is logged: every answer, and nothing that must not be kept."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from app.kit import logs

SECRETS = {
    "an account number": "FR7630006000011234567890189",
    "an account number as people write it": "DE89 3704 0044 0532 0130 00",
    "a short one": "NO9386011117947",
    "a provider's key": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "a webhook's secret": "whsec_abcdefgh12345678",
    "a person's address": "bea.martin@banque.example",
    "a database's password": "postgresql://jalon:hunter22@db/jalon",
}


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    """What is said while the test runs."""
    root = logging.getLogger()
    before = root.handlers, root.level
    stream = io.StringIO()
    logs.speak(stream)
    yield stream
    root.handlers, root.level = before[0], before[1]
    root.setLevel(before[1])


@pytest.mark.parametrize("kind", SECRETS)
def test_what_must_not_be_kept_is_not_logged(heard: io.StringIO, kind: str) -> None:
    secret = SECRETS[kind]
    log = logging.getLogger("a library")
    log.warning("could not pay %s", secret)
    try:
        raise ValueError(f"refused: {secret}")
    except ValueError:
        log.exception("it broke")
    said = heard.getvalue()
    hidden = secret.split("@")[0].removeprefix("postgresql://")
    assert hidden not in said
    assert hidden.replace(" ", "") not in said
    assert "it broke" in said
    assert "ValueError" in said


@pytest.mark.parametrize(
    "kept", ["RF18 5390 0754 7034", "payout 1234567890123", "2026-11-22T09:30:00", "0" * 64]
)
def test_references_numbers_and_digests_stay_readable(kept: str) -> None:
    assert logs.hushed(kept) == kept


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_answer_is_a_line_with_its_rule_and_no_secret_of_its_address(
    app: Flask, heard: io.StringIO
) -> None:
    app.test_client().get("/invitations/a-secret-token")
    app.test_client().get("/static/jalon.css").close()
    lines = [json.loads(line) for line in heard.getvalue().splitlines()]
    said = [line for line in lines if line["event"] == "answered"]
    assert [(line["method"], line["rule"]) for line in said] == [("GET", "/invitations/<token>")]
    assert said[0]["status"] in (303, 404)
    assert said[0]["milliseconds"] >= 0
    assert "a-secret-token" not in heard.getvalue()
