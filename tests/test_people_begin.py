"""The first start founds the operator, once, by the code that only who runs the machine can read."""

from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from app.kit.rules import Conflict
from app.people import attempts
from app.people.access import Actor
from app.people.forms import StartForm
from app.people.model import Organization
from app.people.operator import found_operator, operator_of, party_of, start_code
from tests.people_cast import NOW, SECRET, START, ada, is_in, post

__all__ = ["ada"]


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
