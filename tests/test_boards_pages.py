"""The boards as pages: quick, for everybody, and for nobody else; days and files as people read them."""

import csv
import io
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.audit import CHECKS
from app.audit.run import SUBJECTS
from app.boards import links, rail_links, source
from app.boards.checks import read_lines
from app.boards.saying import by_when
from app.kit.db import Database
from app.kit.words import use_language
from app.people.model import SignIn
from app.people.tokens import hash_of
from tests import house_cast as cast
from tests.beginnings import begun
from tests.house_cast import House

pytestmark = pytest.mark.long_story

MOST_QUERIES = 29


def test_how_pressing_something_is() -> None:
    today = datetime(2026, 11, 23, tzinfo=UTC).date()
    with use_language("fr"):
        said = [
            by_when(None if days is None else today + timedelta(days=days), today)
            for days in (-1, 0, 1, 7, 8, None)
        ]
    assert said == [
        ("late", "retard\u202f: 1 jour"), ("soon", "aujourd’hui"), ("soon", "jusqu’à demain"),
        ("soon", "jusqu’au 30 nov."), ("none", "jusqu’au 1er déc."), ("none", "sans délai"),
    ]  # fmt: skip


def test_the_lines_of_the_audit_become_checks_with_their_faults() -> None:
    checks = read_lines(
        ["     ok  Entries balance.", "  WRONG  Chains hold.", "         link 7 is broken", "warning  Slow."]
    )
    assert [(check.says, check.holds, check.faults) for check in checks] == [
        ("Entries balance.", True, ()), ("Chains hold.", False, ("link 7 is broken",)), ("Slow.", True, ()),
    ]  # fmt: skip


def test_the_source_holds_the_program_and_nothing_private() -> None:
    with tarfile.open(fileobj=io.BytesIO(source.source_archive())) as archive:
        names = archive.getnames()
    assert "jalon/app/main.py" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith((".db", ".env"))]


@pytest.fixture
def open_house(database: Database) -> House:
    """A campaign with a delivery under review; everybody is signed in, with their name as the cookie."""

    def open_it() -> House:
        with database.writing() as db:
            house = cast.build(db)
            cast.handed_in(db, house)
            for who, actor in house.people.items():
                now = datetime.now(UTC)
                db.add(SignIn(
                    token_hash=hash_of(who), person_id=actor.person.id, organization_id=actor.organization.id,
                    created_at=now, seen_at=now, expires_at=now + timedelta(days=1),
                ))  # fmt: skip
        return house

    return begun(database, "everybody signed in, a delivery under review", open_it)


def as_person(client: Callable[[], FlaskClient], who: str) -> FlaskClient:
    """A browser in which this person is signed in."""
    browser = client()
    browser.set_cookie("jalon", who)
    return browser


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that reading sessions run."""
    database: Database = app.database  # type: ignore[attr-defined]
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    # Reading has an engine of its own on SQLite; on PostgreSQL it is the same one, with its listeners.
    engines = [database.engine, database._readers] if database.is_sqlite else [database.engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


EVERYBODY = ("ada", "paul", "fay", "max", "mia", "moneta", "olga", "tom", "ari", "audrey")


@pytest.mark.on_both
def test_every_board_opens_with_few_questions_to_the_database(
    app: Flask, client: Callable[[], FlaskClient], open_house: House
) -> None:
    for who in EVERYBODY:
        browser = as_person(client, who)
        assert browser.get("/").status_code == 200
        with counted(app) as said:
            page = browser.get("/").get_data(as_text=True)
        assert len(said) <= MOST_QUERIES, "\n".join((who, *said))
        assert who.capitalize() in page
        browser.get("/source")
        with counted(app) as said:
            assert browser.get("/source").status_code == 200
        assert len(said) <= 8, "the shell around a page asks little"


@pytest.mark.on_both
def test_everything_that_has_happened_leads_to_the_page_of_it(
    client: Callable[[], FlaskClient], open_house: House
) -> None:
    for who in ("olga", "ada", "mia"):
        page = as_person(client, who).get("/").get_data(as_text=True)
        told = re.findall(r"<dt>(.*?)</dt><dd><time", page)
        assert told, who
        for line in told:
            leads_to = re.search(r'href="([^"]+)"', line)
            assert leads_to, line
            assert as_person(client, who).get(leads_to[1]).status_code == 200, line


def test_a_count_too_great_to_make_is_shown_as_more_than_that(
    client: Callable[[], FlaskClient], open_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (links, rail_links):
        monkeypatch.setattr(place, "MOST_COUNTED", 2)
    page = as_person(client, "ada").get("/needs").get_data(as_text=True)
    assert '<span>Besoins</span><span class="count">2+</span>' in page
    assert '<span>Campagnes</span><span class="count">1</span>' in page
    assert '<span>Nos engagements</span><span class="count">1</span>' in page


def test_the_front_page_tells_a_stranger_no_name_and_an_error_page_knows_who_reads(
    client: Callable[[], FlaskClient], open_house: House
) -> None:
    page = client().get("/").get_data(as_text=True)
    assert "Real-time editing" in page
    assert not [name for name in ("Banque Lumen", "Assurances", "Ministère") if name in page]
    missing = as_person(client, "ada").get("/nothing/here")
    assert missing.status_code == 404
    assert "Ada Martin" in missing.get_data(as_text=True)


def test_the_export_is_a_table_for_backers_alone(
    client: Callable[[], FlaskClient], open_house: House
) -> None:
    rows = list(
        csv.reader(io.StringIO(as_person(client, "ada").get("/our-campaigns.csv").get_data(as_text=True)))
    )
    assert rows[1] == [
        "Real-time editing",
        "XWiki",
        "secured",
        "EUR",
        "10000.00",
        "3870.97",
        "3870.97",
        "0.00",
        "0.00",
    ]
    assert as_person(client, "mia").get("/our-campaigns.csv").status_code == 404
    assert as_person(client, "audrey").get("/our-campaigns.csv").status_code == 403


def test_the_audit_is_for_the_fund_and_runs_every_check(
    client: Callable[[], FlaskClient], open_house: House
) -> None:
    assert as_person(client, "ada").get("/audit").status_code == 403
    auditor = as_person(client, "audrey")
    assert "Run every check now" in auditor.get("/audit").get_data(as_text=True)
    page = auditor.get("/audit?check=now").get_data(as_text=True)
    assert len(re.findall(r"</svg>(?:Holds|Fails|To look at)</span>", page)) >= len(CHECKS)
    assert page.count('<span class="check-subject">') == len(SUBJECTS)


def test_what_fails_stands_first_and_open_and_is_counted_on_top(
    client: Callable[[], FlaskClient], open_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        "Seals": ["     ok  Chains hold."],
        "Payouts": [
            "     ok  Two people.", "warning  Rails cover.", "         short", "  WRONG  Legs sum.", "         leg 7",
        ],
    }  # fmt: skip
    monkeypatch.setattr(import_module("app.audit"), "by_subject", lambda *_asked: said)
    page = as_person(client, "audrey").get("/audit?check=now").get_data(as_text=True)
    assert "Everything is right" not in page
    words = (
        "One check of 4 fails", "<details open>", "1 of 3 fails", "Legs sum.", "leg 7", "Rails cover.", "Two people.",
        "<details>", "Chains hold.",
    )  # fmt: skip
    assert [page.find(word) for word in words] == sorted(page.find(word) for word in words)
    assert page.find(words[0]) > 0
    said["Payouts"] = said["Seals"]
    page = as_person(client, "audrey").get("/audit?check=now").get_data(as_text=True)
    assert "Everything is right: all 2 checks hold." in page
    assert "<details open>" not in page


@pytest.mark.on_both
def test_a_page_is_called_what_its_link_in_the_rail_says(
    client: Callable[[], FlaskClient], open_house: House
) -> None:
    differ = set()
    for who in EVERYBODY:
        browser = as_person(client, who)
        links = re.findall(
            r'<a href="([^"]+)"[^>]*><span>([^<]+)</span>', browser.get("/").get_data(as_text=True)
        )
        for address, words in links:
            page = browser.get(address).get_data(as_text=True)
            (title,) = re.findall(r"<h1[^>]*>([^<]+)</h1>", page)
            if (
                title != words and address != "/" and "/organizations/" not in address
            ):  # these greet us by name
                differ.add((who, address, words, title))
    assert not differ, "\n".join(map(str, differ))


@pytest.mark.on_both
def test_what_moves_next_are_the_days_of_ones_own_campaigns(
    client: Callable[[], FlaskClient], open_house: House
) -> None:
    for who in ("fay", "mia", "olga"):
        assert "Real-time editing" in as_person(client, who).get("/next").get_data(as_text=True), who
    assert client().get("/next").status_code == 303
    piece = as_person(client, "fay").get("/next", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in piece
    assert 'class="days"' in piece
