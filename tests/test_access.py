"""Who gets which answer from which route: the table, every line of it, for every person.

Nothing here is kept: what a request did is undone, so that each meets the same world. What is absent answers as what
one may not see, to the byte; without its token a form does nothing; an auditor changes nothing at all.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text
from werkzeug.test import TestResponse

from app.kit.clock import now
from app.kit.db import Database
from app.people.model import SignInAttempt
from tests.access_forms import FORMS
from tests.access_served import Served, code_of, serve, told_in_a_word, undo
from tests.access_table import LINES, PEOPLE, PUBLIC, PUBLIC_THINGS, YOURS, Line
from tests.access_world import ABSENT, PERSONS

UNSAFE = [line for line in LINES if line.method == "POST"]
ABOUT_SOMETHING = [line for line in LINES if "<" in line.rule]
# On PostgreSQL a slice: the forms that move money.
ON_POSTGRES = [
    line for line in UNSAFE if line.rule.startswith(("/payouts", "/calls", "/suspense", "/pledges", "/deliv"))
]
OF_THIS_REQUEST = re.compile(r'name="csrf_token" value="[^"]*"|"X-CSRFToken": "[^"]*"')


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The world on SQLite."""
    yield from serve("sqlite", request, tmp_path_factory.mktemp("access"))


@pytest.fixture(scope="module")
def served_on_postgres(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The same world on PostgreSQL."""
    yield from serve("postgresql", request, tmp_path_factory.mktemp("access"))


@pytest.fixture
def tried(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """What is done is undone."""
    return undo(served, monkeypatch)


@pytest.fixture
def guarded(served: Served) -> Iterator[Served]:
    """Forms need their token, and what is done is kept."""
    served.app.config["WTF_CSRF_ENABLED"] = True
    yield served
    served.app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture(scope="module")
def watched(served: Served) -> Iterator[Connection]:
    """A connection of our own, which SQLite tells when anybody else has changed anything."""
    with served.app.database.engine.connect() as connection:
        connection.rollback()
        yield connection


def changes_of(watched: Connection) -> int:
    """A number that is another one as soon as something was kept (sqlite.org/pragma.html#pragma_data_version)."""
    own: Any = watched.connection.dbapi_connection
    # Read to the end: a statement left half read would go on seeing the moment it began.
    [(number,)] = own.execute("PRAGMA data_version").fetchall()
    return int(number)


def spoken(answer: TestResponse, name: str) -> str:
    """What an answer says, without the tokens and the name of this request."""
    return OF_THIS_REQUEST.sub("", answer.text).replace(name, "NAME")


def everything_in(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        if "need_words_data" in tables:  # there its rows are: SQLite lists none of the index itself
            tables.remove("need_words")
        return {
            table: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{table}"')).all()))
            for table in tables
        }


def test_every_route_stands_in_the_table_and_nothing_else(served: Served) -> None:
    routes = {
        (method, rule.rule)
        for rule in served.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    assert {(line.method, line.rule) for line in LINES} == routes


def test_the_table_has_a_column_for_everyone_and_a_form_for_every_post_that_needs_one() -> None:
    assert tuple(PERSONS) == PEOPLE
    assert all(len(line.answers) == len(PEOPLE) for line in LINES)
    assert set(FORMS) <= {line.rule for line in UNSAFE}


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_person_gets_the_answer_of_the_table(
    served: Served, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = told_in_a_word(undo(served, monkeypatch), monkeypatch)
    got = {who: code_of(asked.ask(who, line)) for who in PEOPLE}
    assert got == line.answers, f"\n{line.written(got)}"


@pytest.mark.parametrize("line", ON_POSTGRES, ids=str)
def test_each_person_gets_the_same_answer_on_postgresql(
    served_on_postgres: Served, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = told_in_a_word(undo(served_on_postgres, monkeypatch), monkeypatch)
    got = {who: code_of(asked.ask(who, line)) for who in PEOPLE}
    assert got == line.answers, f"\n{line.written(got)}"


@pytest.mark.parametrize("line", ABOUT_SOMETHING, ids=str)
def test_what_one_may_not_see_answers_as_what_is_not_there(tried: Served, line: Line) -> None:
    absent = "0" * 43 if "<token>" in line.rule else ABSENT
    for who in PEOPLE:
        missing = tried.ask(who, line, name=absent)
        is_public = line.thing.split(".")[0] in PUBLIC or line.thing in PUBLIC_THINGS
        match line.answers[who]:
            case "in":
                assert code_of(missing) == "in", who
            case "403":
                assert code_of(missing) == "403" or (code_of(missing) == "404" and is_public), who
            case "404":
                # What everybody may read is no secret: there a mistake in the form may come first.
                for form in (None, {}) if line.method == "POST" and not is_public else (None,):
                    name = tried.name(line.thing, who)
                    refused = tried.ask(who, line, form=form)
                    nothing = missing if form is None else tried.ask(who, line, name=absent, form=form)
                    assert refused.status_code == nothing.status_code == 404, (who, form)
                    assert spoken(refused, name) == spoken(nothing, absent), (who, form)
            case _:
                assert code_of(missing) == "404", who
                if line.method == "POST":
                    assert code_of(tried.ask(who, line, name=absent, form={})) == "404", f"{who}, empty form"


@pytest.mark.parametrize("line", [line for line in UNSAFE if "/notices/" not in line.rule], ids=str)
def test_a_form_without_its_token_does_nothing(guarded: Served, watched: Connection, line: Line) -> None:
    who = next((who for who in PEOPLE if line.answers[who] == "303"), "admin")
    before = changes_of(watched)
    assert guarded.ask(who, line).status_code == 400
    assert changes_of(watched) == before


def test_what_is_kept_is_seen_by_who_watches(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.engine.connect() as watched:
        before = changes_of(watched)
        database.run(lambda db: db.add(SignInAttempt(email_hash="x" * 64, network="here", at=now())))
        assert changes_of(watched) != before
    database.close()


def test_an_auditor_changes_nothing(served: Served) -> None:
    before = everything_in(served.app.database)
    for line in UNSAFE:
        if line.rule not in YOURS:
            assert code_of(served.ask("auditor", line)) in ("403", "404", "409", "422"), line
    assert everything_in(served.app.database) == before


def test_a_form_that_is_refused_begins_with_a_summary_that_leads_to_what_is_wrong(tried: Served) -> None:
    led, faults = 0, []
    for line in UNSAFE:
        who = next((who for who in PEOPLE if line.answers[who] == "303"), None)
        page = tried.ask(who, line, form={}) if who else None
        if page is None or page.status_code not in (409, 422) or 'class="mistakes"' not in page.text:
            continue
        head, _summary, rest = page.text.partition('class="mistakes" role="alert" tabindex="-1"')
        summary = rest.split("</ul>")[0]
        targets = re.findall(r'href="#([^"]+)"', summary)
        is_told = head.split("<title>")[1].startswith(("Error:", "Erreur")) and "<h1" not in head
        has_its_form = f'<form action="{tried.address(line, who)[0]}' in page.text
        leads = summary.count("<li>") == len(targets) if has_its_form else "<li>" in summary
        is_there = all(page.text.count(f' id="{target}"') == 1 for target in targets)
        if not (is_told and leads and is_there):
            faults.append(f"{line.rule} {targets} {re.findall('<li>(.*)</li>', summary)}")
        led += 1
    assert not faults, "\n".join(faults)
    assert led >= 60


@pytest.mark.parametrize(
    ("who", "rule", "thing", "asked", "field"),
    [
        ("buyer", "/campaigns/<name>/pledging", "campaign.open", {"amount": "abc"}, "f-amount"),
        ("buyer", "/campaigns/<name>/pledging", "campaign.open", {"amount": "1.234"}, "f-amount"),
        ("buyer", "/sandbox", "-", {"amount": "-5"}, "f-amount"),
        ("officer", "/campaigns/what-if/<name>", "estimate.approved", {"key": "", "promised-1": "abc"}, "f-promised-1"),
        ("officer", "/campaigns/what-if/<name>", "estimate.approved", {"key": "", "weight-0": "many"}, "f-weight-0"),
        ("officer", "/commitment", "-", {"year": "abc"}, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_read_in_an_address_is_said_beside_its_field(
    served: Served, who: str, rule: str, thing: str, asked: dict[str, str], field: str
) -> None:
    path = rule.replace("<name>", served.name(thing, who))
    page = served.browser.get(
        path,
        query_string=asked,
        headers={"Accept-Language": "en", "Cookie": f"jalon={served.world.secrets[who]}"},
    )
    assert page.status_code == 422
    if field:
        assert f'href="#{field}"' in page.text
        beside = page.text.split(f'id="{field}-mistake"')[1].split("</span>")[0]
        assert any(typed in beside for typed in asked.values() if typed)
    assert any(typed in page.text.split("<main")[1] for typed in asked.values() if typed)
