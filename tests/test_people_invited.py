"""People come in by an invitation, do what their role allows, and leave at once."""

import pytest
from flask import Flask
from sqlmodel import select

from app.kit.rules import Conflict, Missing, Refused
from app.people import arriving, invitations, persons, signing_in
from app.people.access import Actor, actor_for
from app.people.forms import InviteForm
from app.people.model import Invitation, Person, PersonState, Role, RoleGrant
from tests.people_cast import BASE, NOW, SECRET, ada, bea, colleague, come_in, is_in, post

__all__ = ["ada", "bea"]


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
