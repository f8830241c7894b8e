"""Jalon on a world of its own, asked by its people; whatever they did is undone."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlmodel import Session
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from app.kit import migrate
from app.kit.clock import now
from app.kit.db import Database
from app.kit.links import seal
from app.kit.settings import Settings
from app.kit.web import Door
from app.kit.words import local_day
from app.main import create_app
from tests import postgres
from tests.access_forms import FORMS
from tests.access_table import Line
from tests.access_world import ABSENT, World, build
from tests.conftest import driven

Result = TypeVar("Result")


class Undo(Exception):
    """Thrown at the end of what is only tried."""


class Served:
    """Jalon on a world of its own, asked by its people."""

    def __init__(self, app: Door, world: World) -> None:
        self.app = app
        self.world = world
        self.browser = app.test_client(use_cookies=False)

    def ask(
        self, who: str, line: Line, *, name: str | None = None, form: dict[str, Any] | None = None
    ) -> TestResponse:
        """Send the request of a line as this person, about its thing or another one."""
        path, query = self.address(line, who, name)
        headers = {"Accept-Language": "en"}
        if secret := self.world.secrets.get(who):
            headers["Cookie"] = f"jalon={secret}"
        if line.method == "GET":
            return self.browser.get(path, query_string=query, headers=headers)
        typed = self.form(line, who) if form is None else form
        return self.browser.post(path, query_string=query, data=typed, headers=headers)

    def address(self, line: Line, who: str, name: str | None = None) -> tuple[str, dict[str, str]]:
        """The path of a line's thing, and what stands behind the question mark."""
        if line.thing.startswith("?"):
            key, _equals, thing = line.thing[1:].partition("=")
            return line.rule, {key: self.name(thing, who) if name is None else name}
        if "<" not in line.rule:
            return line.rule, {}
        return re.sub(r"<[^>]*>", self.name(line.thing, who) if name is None else name, line.rule), {}

    def name(self, thing: str, who: str) -> str:
        """The public name of a thing; `session.own` is each person's own."""
        return self.world.names.get(thing.replace(".own", f".{who}"), ABSENT)

    def form(self, line: Line, who: str) -> dict[str, Any]:
        """What the line's form says, with names and dates of this world filled in."""
        soon = now().date() + timedelta(days=20)

        def filled(words: str) -> str:
            named = re.sub(r"\{([^}]*)\}", lambda found: self.name(found[1], who), words)
            later = now().date() + timedelta(days=300)
            named = named.replace("TODAY", local_day(now()).isoformat())
            return named.replace("SOON", soon.isoformat()).replace("LATER", later.isoformat())

        return {
            filled(key): value() if callable(value) else filled(value)
            for key, value in FORMS.get(line.rule, {}).items()
        }


def serve(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Served]:
    """Everybody comes in, and everything happens that the table speaks of: once for all its lines."""
    with database_for(kind, request, folder) as url:
        settings = Settings(
            database_url=url, secret_key=SecretStr("a key for the access tests that nobody knows"), folder=folder,
            demo=True, base_url="http://localhost", mail_url=SecretStr((folder / "mails").as_uri()),
            heads_file=folder / "heads.txt", argon2_memory_kib=64,
        )  # fmt: skip
        app = create_app(settings)
        app.config["WTF_CSRF_ENABLED"] = False
        yield Served(app, build(app.database, settings))
        app.database.close()


@contextmanager
def database_for(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The address of a migrated database that nobody else empties."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'jalon.db'}"
        migrate.upgrade(url)
        yield url
        return
    server = request.getfixturevalue("postgres_server")
    name = f"access_{uuid4().hex}"
    url = driven(postgres.make(server, name))
    migrate.upgrade(url)
    yield url
    postgres.drop(server, name)


def undo(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """Everything is done to the end, and undone."""
    database: Database = served.app.database

    def run(work: Callable[[Session], Result]) -> Result:
        answers: list[Result] = []
        try:
            with database.writing() as db:
                answers.append(work(db))
                db.flush()
                seal(db)
                raise Undo
        except Undo:
            return answers[0]

    monkeypatch.setattr(database, "run", run)
    return served


def told_in_a_word(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """Pages that only say no are not drawn, where nobody looks at them: two thirds of all answers."""
    monkeypatch.setitem(served.app.error_handler_spec[None][None], HTTPException, lambda error: error)
    return served


def code_of(answer: TestResponse) -> str:
    """An answer in the words of the table."""
    asked_in = answer.status_code == 303 and answer.location.startswith("/sign-in?next=")
    return "in" if asked_in or answer.status_code == 401 else str(answer.status_code)
