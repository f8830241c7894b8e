"""Brings a database to the tables this version of Jalon expects, on SQLite and PostgreSQL alike.

Alembic is loaded where a migration runs: most starts find the tables as they want them, and ask without it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from app.kit.db import sqlite_driver

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).resolve().parents[2] / "migrations"
REVISION = re.compile(r"""^(down_)?revision = ["'](\w+)["']$""", re.M)
ONE_AT_A_TIME = 8420_0001  # PostgreSQL's advisory lock: two releases never migrate together


class MigrationRefused(Exception):
    """The database cannot be brought to this version: one sentence that says why."""


class MadeByLater(MigrationRefused):
    """It was made by a later version."""


def upgrade(database_url: str) -> Path | None:
    """Bring the database to this version; returns the copy kept of a SQLite file that was not empty.

    Raises `MigrationRefused` when the database is newer than this Jalon, or a row points at nothing afterwards.
    """
    with alone(database_url) as connection:
        if not pending(connection):
            return None
        from alembic import command

        copy = back_up(connection)
        command.upgrade(config(connection), "head")
        refuse_lost_rows(connection, copy)
        return copy


def is_up_to_date(database_url: str) -> bool:
    """Whether the database has every table this version expects."""
    with connected(database_url) as connection:
        return not pending(connection)


def draft(name: str) -> Path:
    """Write the migration that leads to the tables the code declares now; returns the file to read over."""
    from alembic import command

    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'draft.db'}"
        upgrade(url)
        with connected(url) as connection:
            script = command.revision(config(connection, compares=True), message=name, autogenerate=True)
    if script is None or isinstance(script, list):
        raise MigrationRefused("No migration was written.")
    return Path(script.path)


def downgrade(database_url: str, revision: str = "base") -> None:
    """Take the migrations after `revision` back (for tests: a real database only goes forward)."""
    from alembic import command

    with alone(database_url) as connection:
        command.downgrade(config(connection), revision)


def check_tables(database_url: str) -> None:
    """Raise `MigrationRefused` when the code declares a table or column that no migration makes."""
    from alembic import command
    from alembic.util import CommandError

    with connected(database_url) as connection:
        try:
            command.check(config(connection, compares=True))
        except CommandError as error:
            raise MigrationRefused(str(error)) from error


def config(connection: Connection, *, compares: bool = False) -> "Config":
    """Alembic's configuration, set here rather than in a file: the folder and this connection."""
    from alembic.config import Config

    alembic = Config(attributes={"connection": connection, "compares": compares})
    alembic.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    alembic.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    alembic.set_main_option("path_separator", "os")
    return alembic


def pending(connection: Connection) -> bool:
    """Whether some migration has not run here yet; raises when the database knows one that we do not."""
    known, heads = revisions()
    stands_at = revisions_of(connection)
    if not stands_at <= known:
        raise MadeByLater("This database was made by a later version of Jalon: start that one.")
    return stands_at != heads


def revisions() -> tuple[set[str], set[str]]:
    """Every migration of this version by its name, and those that no other one follows: as their files say."""
    known: set[str] = set()
    followed: set[str] = set()
    for path in (FOLDER / "versions").glob("*.py"):
        for is_followed, name in REVISION.findall(path.read_text(encoding="utf-8")):
            (followed if is_followed else known).add(name)
    return known, known - followed


def revisions_of(connection: Connection) -> set[str]:
    """The migrations this database stands at; none where it has never seen one."""
    try:
        if not inspect(connection).has_table("alembic_version"):
            return set()
        return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    finally:
        connection.rollback()


def back_up(connection: Connection) -> Path | None:
    """Copy a SQLite file that holds tables, beside it; `VACUUM INTO` sees what the journal still keeps."""
    file = connection.engine.url.database
    if connection.dialect.name != "sqlite" or not file or not inspect(connection).get_table_names():
        connection.rollback()
        return None
    connection.rollback()
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    copy = Path(file).with_name(f"{Path(file).stem}-before-{stamp}.db")
    copy.touch(mode=0o600)
    driver: Any = connection.connection.driver_connection
    driver.execute("VACUUM INTO ?", (str(copy),))
    return copy


def refuse_lost_rows(connection: Connection, copy: Path | None) -> None:
    """On SQLite foreign keys are off while tables are rebuilt: look at all of them afterwards."""
    if connection.dialect.name != "sqlite":
        return
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    connection.rollback()
    if lost:
        kept = f" The database as it was before is {copy}." if copy else ""
        raise MigrationRefused(
            f"After the migration, rows of {lost[0][0]} point at rows that are not there.{kept}"
        )


@contextmanager
def alone(database_url: str) -> Iterator[Connection]:
    """A connection that nobody else migrates beside."""
    with connected(database_url) as connection:
        if connection.dialect.name == "sqlite":
            yield connection
            return
        with connection.engine.connect() as guard:
            guard.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
            yield connection


@contextmanager
def connected(database_url: str) -> Iterator[Connection]:
    """A connection of its own, closed afterwards."""
    engine = migrating_engine(database_url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def migrating_engine(database_url: str) -> Engine:
    """An engine whose SQLite connections let tables be rebuilt, every change in a transaction."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool)
    engine = create_engine(url, module=sqlite_driver(), poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA busy_timeout=30000")
        connection.execute("PRAGMA synchronous=EXTRA")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
