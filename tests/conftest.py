"""The ground every test stands on: a migrated database of its own, on SQLite and on PostgreSQL.

Each test begins with empty tables: a copied file on SQLite, an emptied database on PostgreSQL. There is no way round
PostgreSQL: where none can be found the tests fail. JALON_TEST_DATABASES=sqlite leaves it out.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from playwright.sync_api import Playwright, sync_playwright
from psycopg import Connection
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from sqlmodel import Session

from app.kit import db as db_room
from app.kit import migrate
from app.kit.db import Database
from app.kit.settings import Settings
from app.kit.web import Door
from tests import postgres
from tests.played import settings_on

if TYPE_CHECKING:
    from tests.playing import Play

KINDS = tuple(os.environ.get("JALON_TEST_DATABASES", "sqlite,postgresql").split(","))
SHARED_SERVER = "JALON_TEST_POSTGRES"
# Who asks for one of these has a whole Jalon made, or a server started.
WHOLE_JALON = {
    "settings",
    "story",
    "served",
    "served_on_postgres",
    "play",
    "real",
    "crowd",
    "bench",
    "own_database_url",
    "postgres_server",
    "fake",
}
open_things = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for all of xdist's processes, before they are made."""
    several = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if several and "postgresql" in KINDS and not config.option.collectonly:
        os.environ[SHARED_SERVER] = open_things.enter_context(postgres.running())


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not look at it again (a twentieth of the whole time)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def pytest_unconfigure() -> None:
    """Stop it."""
    open_things.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the drill to `./run drill`, what serves pages or plays a story to `./run test`.

    Tests for one kind of database are left out where that kind is.
    """
    for item in items:
        if WHOLE_JALON.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    left_out = [item for item in items if _is_left_out(item)]
    if left_out:
        items[:] = [item for item in items if not _is_left_out(item)]
        config.hook.pytest_deselected(items=left_out)


def _is_left_out(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    kind = call.params.get("database_url", KINDS[0]) if call else KINDS[0]
    is_long = item.get_closest_marker("drill") is not None
    # A long story is told on one database each time, and on the other one in the drill.
    is_long |= kind == "postgresql" and _is_told_on_one(item)
    return (is_long and os.environ.get("JALON_DRILL") != "1") or kind not in KINDS


def _is_told_on_one(item: pytest.Item) -> bool:
    return item.get_closest_marker("long_story") is not None and item.get_closest_marker("on_both") is None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server on which databases may be made."""
    if shared := os.environ.get(SHARED_SERVER):
        yield shared
        return
    with postgres.running() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of a migrated database that this process empties before each test."""
    name = f"test_{uuid4().hex}"
    url = postgres.make(postgres_server, name)
    migrate.upgrade(driven(url))
    postgres.remember(url)
    yield url
    postgres.drop(postgres_server, name)


@pytest.fixture(scope="session")
def postgres_broom(postgres_url: str) -> Iterator[Connection]:
    """What empties that database."""
    with postgres.broom(postgres_url) as connection:
        yield connection


def made_once(name: str, factory: pytest.TempPathFactory, make: Callable[[Path], None]) -> Path:
    """A file that one of xdist's processes makes, and that all of them copy."""
    own = factory.getbasetemp()
    folder = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    path = folder / name
    with (folder / f"{name}.turn").open("w") as turn:
        flock(turn, LOCK_EX)
        if not path.exists():
            begun = own / name
            make(begun)
            shutil.move(begun, path)
    return path


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    return made_once("empty.db", tmp_path_factory, lambda path: migrate.upgrade(f"sqlite:///{path}"))


class CompiledPages(BytecodeCache):
    """Templates compiled in this process, for the next application made in it."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Statements and pages are compiled once a process: once a test, they took a third of the time of them all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db_room, "engines_of", cache(db_room.engines_of))
        patch.setattr(Door, "compiled_pages", CompiledPages())
        yield


@pytest.fixture(scope="session")
def sqlite_file() -> Iterator[Path]:
    """Where this process keeps the file of each test in turn: in memory where the system offers that."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="jalon-", dir=memory if os.access(memory, os.W_OK) else None))
    yield folder / "jalon.db"
    shutil.rmtree(folder)


def place(template: Path, path: Path) -> str:
    """Put a copy of a database where another may have stood, and let go of whatever was open there; its address."""
    url = f"sqlite:///{path}"
    for engine in db_room.engines_of(make_url(url)):
        engine.dispose()
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copyfile(template, path)
    return url


@pytest.fixture(scope="session")
def story(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file into which the demo story was played."""
    from app import demo

    def play(path: Path) -> None:
        shutil.copyfile(sqlite_template, path)
        settings = settings_on(path, tmp_path_factory.mktemp("story"))
        database = Database(settings.database_url)
        demo.play(database, settings)
        database.close()

    return made_once("story.db", tmp_path_factory, play)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives windows from outside; one a process."""
    with sync_playwright() as running:
        yield running


@pytest.fixture
def sqlite_url(sqlite_template: Path, sqlite_file: Path) -> str:
    """The address of an empty, migrated SQLite database, for files whose tests need no more than one kind."""
    return place(sqlite_template, sqlite_file)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty, migrated database, on each kind in turn."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
        return url
    url: str = request.getfixturevalue("postgres_url")
    postgres.empty(request.getfixturevalue("postgres_broom"))
    return driven(url)


@pytest.fixture(params=KINDS)
def own_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table, for tests that change tables (half a second on PostgreSQL)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'own.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"own_{uuid4().hex}"
    yield driven(postgres.make(server, name))
    postgres.drop(server, name)


def driven(url: str) -> str:
    """The address as SQLAlchemy wants it, with the driver."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The database, empty."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """A writing session, kept at the end. On SQLite nobody else writes meanwhile: not for tests that use `client`."""
    with database.writing() as session:
        yield session


@pytest.fixture
def play(database: Database, tmp_path: Path) -> Iterator["Play"]:
    """A stage with people who are simply there; at the end the worker finishes, and the whole book is checked."""
    from tests.playing import on_stage

    with on_stage(database, tmp_path) as stage:
        yield stage


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of a demo Jalon on this database, with passwords that cost little."""
    return Settings(
        database_url=database_url,
        secret_key=SecretStr("a key for the tests that nobody else knows"),
        folder=tmp_path,
        demo=True,
        base_url="http://localhost",
        mail_url=SecretStr((tmp_path / "mails").as_uri()),
        heads_file=tmp_path / "heads.txt",
        argon2_memory_kib=64,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """Jalon as it is served."""
    from app.main import create_app

    app = create_app(settings)
    yield app
    app.database.close()


@pytest.fixture
def client(app: Flask) -> Callable[[], FlaskClient]:
    """Makes a browser of its own for each person, with its own cookies."""
    return app.test_client
