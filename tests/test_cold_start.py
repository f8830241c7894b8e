"""A start loads what its first page needs, and no more: everything else comes with the first page that asks for it."""

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from werkzeug.routing import Map

from app import serving
from app.kit import later, migrate
from app.kit.addresses import Address
from app.kit.catalog import entries
from app.kit.settings import Settings
from app.kit.web import Door
from app.local import CannotStart, Local
from app.main import HOUSE, create_app

ROOT = Path(__file__).resolve().parents[1]
LATER = (
    "alembic", "reportlab", "PIL", "stripe", "lxml", "xmlschema", "holidays", "structlog", "snowballstemmer",
    "openpyxl", "argon2", "pydantic_settings", "app.worker", "app.demo", "app.documents.document", "app.boards.rail",
    "app.people.views", "app.needs.views", "app.campaigns.views", "app.payouts.model", "app.rails.sandbox",
)  # fmt: skip
ASKED = (
    ("GET", "/"), ("GET", "/nowhere"), ("DELETE", "/sign-in"), ("POST", "/sign-in"), ("GET", "/sign-in/demo"),
    ("POST", "/devices/token"), ("POST", "/devices/session"), ("POST", "/needs"),
)  # fmt: skip
FIRST_PAGE = f"""
import sys, urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from app import serving
from app.local import Local
serving.start_worker = lambda *_facts, **_more: None
local = Local(Path(sys.argv[1]), demo=False)
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
assert b"</html>" in browser.open(local.start()).read()
from app.kit.rows import Row
tables = [mapper.class_ for mapper in Row._sa_registry.mappers if issubclass(mapper.class_, Row)]
assert len(tables) > 10
print([name for name in {LATER} if name in sys.modules], [each for each in tables if each.__pydantic_complete__])
local.stop()
"""


def test_the_first_page_waits_for_nothing_it_does_not_need(
    app: Door, sqlite_template: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (home / "compiled").mkdir(mode=0o700, parents=True)
    shutil.copyfile(sqlite_template, home / "jalon.db")
    later.keep_known(app, home / "compiled", HOUSE)  # as its last start did
    command = [sys.executable, "-c", FIRST_PAGE, str(home)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    # Nor is Pydantic's plan of any table drawn, which nobody asks for: that was a fifth of what tables cost.
    assert printed.stdout.strip() == "[] []", printed.stderr
    assert [*(home / "compiled").glob("__jinja2_*")]


def test_pages_known_from_the_last_start_are_the_same_pages(
    app: Door, settings: Settings, tmp_path: Path
) -> None:
    first, again = (create_app(settings, tmp_path) for _start in range(2))
    try:
        assert [facts_of(one) for one in (first, again)] == [facts_of(app)] * 2
        for endpoint, view in again.view_functions.items():
            if endpoint != "static":
                assert isinstance(view, later.Later)
                assert view.view is first.view_functions[endpoint]
                assert (view.__module__, view.__name__) == (view.view.__module__, view.view.__name__)
        for method, path in ASKED:
            statuses = [one.test_client().open(path, method=method).status_code for one in (first, again)]
            assert statuses[0] == statuses[1], path
        assert set(again.test_client().options("/health").allow) == {"GET", "HEAD", "OPTIONS"}
    finally:
        first.database.close()
        again.database.close()


def test_nothing_of_a_room_but_its_pages_waits_for_its_blueprint(app: Door) -> None:
    """A hook on a blueprint is not heard where a start leaves the blueprint out: it belongs to the application."""
    for name, room in app.blueprints.items():
        hooks = (
            room.before_request_funcs, room.after_request_funcs, room.teardown_request_funcs, room.error_handler_spec,
            room.url_value_preprocessors, room.url_default_functions,
        )  # fmt: skip
        assert not any(any(kept.values()) for kept in hooks), name
        assert len(room.template_context_processors[None]) == 1, name  # Flask's own
        pages = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{name}.")]
        assert len(room.deferred_functions) == len(pages), f"{name} records something that is no page"


def test_pages_of_another_version_or_of_a_damaged_file_are_not_believed(app: Door, tmp_path: Path) -> None:
    code, fresh = tmp_path / "code", Flask("empty", static_folder=None)
    (code / "room").mkdir(parents=True)
    (code / "room" / "views.py").write_text("one = 1\n")
    later.keep_known(app, tmp_path, code)
    kept = (tmp_path / later.KEPT).read_text()
    (code / "room" / "views.py").write_text("another = 1\n")
    assert not later.open_known(fresh, tmp_path, code)
    for text in ("", kept[:-30], "[]", '{"code": 1}'):
        (tmp_path / later.KEPT).write_text(text)
        assert not later.open_known(fresh, tmp_path, code)
    assert not fresh.view_functions


def facts_of(app: Door) -> list[object]:
    """What is known of each address."""
    return sorted(
        (
            rule.rule,
            rule.endpoint,
            sorted(rule.methods or ()),
            sorted(rule.arguments),
            rule.provide_automatic_options,
        )
        for rule in app.url_map.iter_rules()
    )


def test_a_story_that_was_cut_off_leaves_nothing_and_is_played_anew(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copyfile(sqlite_template, home / "jalon.db")

    def play(settings: Settings) -> None:
        with migrate.alone(settings.database_url) as connection:
            connection.exec_driver_sql("CREATE TABLE played (row INTEGER)")
            connection.commit()
        if not is_whole:
            raise OSError("the window was closed")

    monkeypatch.setattr(serving, "play_story", play)
    monkeypatch.setattr(serving, "start_worker", lambda *_facts, **_more: None)
    tables = "SELECT name FROM sqlite_master WHERE name = 'played'"
    for is_whole in (False, True):
        local = Local(home, demo=True)
        with contextlib.nullcontext() if is_whole else pytest.raises(CannotStart):
            local.start()
        local.stop()
        database = sqlite3.connect(home / "jalon.db")
        assert bool(database.execute(tables).fetchall()) is is_whole
        database.close()
    assert not (home / "story.db").exists()


def test_the_worker_leaves_the_first_page_alone_and_does_not_hold_up_the_end() -> None:
    stop, first_page = threading.Event(), threading.Event()
    beside = serving.Beside(Door("nobody"), stop, first_page)
    beside.start()
    beside.join(0.05)
    assert beside.is_alive()  # it waits, and has asked the application for nothing yet
    stop.set()
    first_page.set()
    beside.join(30)
    assert not beside.is_alive()
    assert not beside.failed


def test_migrations_are_known_without_alembic_as_alembic_knows_them(sqlite_template: Path) -> None:
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with migrate.connected(f"sqlite:///{sqlite_template}") as connection:
        scripts = ScriptDirectory.from_config(migrate.config(connection))
        heads = set(MigrationContext.configure(connection).get_current_heads())
        connection.rollback()
        assert migrate.revisions_of(connection) == heads
    known, last = migrate.revisions()
    assert known == {script.revision for script in scripts.walk_revisions()}
    assert last == set(scripts.get_heads())


def test_every_catalog_reads_as_babel_reads_it() -> None:
    for path in (ROOT / "app").glob("*/fr.po"):
        with path.open("rb") as lines:
            theirs = {
                said.id if isinstance(said.id, str) else said.id[0]:
                    [said.string] if isinstance(said.string, str) else list(said.string)
                for said in read_po(lines, locale="fr") if said.id
            }  # fmt: skip
        assert dict(entries(path.read_text(encoding="utf-8"))) == theirs, path


def test_an_address_is_written_out_when_it_is_pointed_at_as_it_would_be_from_the_start() -> None:
    addresses = Map([Address("/needs/<name>", endpoint="need"), Address("/needs", endpoint="needs")])
    assert addresses._rules_by_endpoint["need"][0]._build.__code__.co_filename.endswith("addresses.py")
    here = addresses.bind("jalon.example")
    for _again in range(2):
        assert here.build("need", {"name": "b c"}) == "/needs/b%20c"
        assert here.build("needs", {"q": "été"}) == "/needs?q=%C3%A9t%C3%A9"
