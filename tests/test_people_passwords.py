"""A password is good, changed by who knows it, and chosen anew by a link that works once."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import func, select

from app.kit.rules import Conflict, Missing, Refused
from app.people import attempts, new_password, passwords
from app.people.access import Actor
from app.people.model import SignInAttempt
from tests.people_cast import BASE, HERE, NOW, SECRET, ada, bea, come_in, is_in, mails, post

__all__ = ["ada", "bea"]


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
