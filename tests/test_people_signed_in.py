"""Who is signed in stays so until it is ended, on the pages they wanted and in their language."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import col, select

from app.people import signing_in
from app.people.access import Actor
from app.people.entrance import own_path
from app.people.model import Person, SignIn
from tests.people_cast import HERE, NOW, SECRET, ada, bea, come_in, is_in, post, token_of

__all__ = ["ada", "bea"]


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


@pytest.mark.long_story
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


@pytest.mark.long_story
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


@pytest.mark.long_story
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
