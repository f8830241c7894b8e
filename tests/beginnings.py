"""What many tests begin with is played once a process; the others begin with a copy of the rows it left.

A test that begins with `begun(database, "what is so", play)` gets what `play` answered and finds what it wrote, as if
it had just been played: by the same rules, with the same numbers. A copy takes some milliseconds. A beginning may
begin with another one.
"""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, inspect, text
from sqlmodel import Session, SQLModel

from app.kit import db as db_room
from app.kit.db import Database

Answer = TypeVar("Answer")

# Where something is written as soon as anything has happened.
TOLD_BY = ("step", "person", "organization")
UNTOUCHED = "untouched"


@dataclass(frozen=True)
class Beginning:
    """The rows that were left, and what was answered."""

    rows: Any
    answer: bytes


_played: dict[tuple[bool, str], Beginning] = {}
# How each database stands, and how many transactions it had kept when that was so.
_standing: WeakKeyDictionary[Database, tuple[str, int]] = WeakKeyDictionary()


def begun(database: Database, called: str, play: Callable[[], Answer]) -> Answer:
    """What `play` answers, on the rows it leaves; nothing of the answer may hold on to the database.

    Played where anything was written that is no beginning itself, so that none is laid over what it does not know.
    """
    before = _how_it_stands(database)
    if before is None:
        return play()
    shelf = _SqliteRows if database.is_sqlite else _PostgresRows
    named = f"{before} > {called}"
    key = (database.is_sqlite, named)
    if key in _played:
        shelf.laid_out(database, _played[key].rows)
        answer: Answer = pickle.loads(_played[key].answer)
    else:
        answer = play()
        _played[key] = Beginning(shelf.kept(database, len(_played)), pickle.dumps(answer))
    _standing[database] = (named, database.kept_by_people)
    return answer


def within(db: Session, told: Answer) -> Answer:
    """The same with the rows of this session in the place of those it names; people act as they came in."""
    for name, fact in vars(told).items():
        if isinstance(fact, SQLModel):
            setattr(told, name, db.get_one(type(fact), fact.id))  # type: ignore[attr-defined]
        if isinstance(fact, list):
            setattr(told, name, [db.get_one(type(each), each.id) for each in fact])
    return told


def _how_it_stands(database: Database) -> str | None:
    named, kept = _standing.get(database, (None, -1))
    if kept == database.kept_by_people:
        return named
    with database.reading() as db:
        any_row = [db.connection().execute(text(f"SELECT 1 FROM {table} LIMIT 1")).all() for table in TOLD_BY]
    return None if any(any_row) else UNTOUCHED


class _SqliteRows:
    """A database in one file: its bytes."""

    @staticmethod
    def kept(database: Database, _number: int) -> bytes:
        _let_go(database)
        path = Path(str(database.url.database))
        assert not path.with_name(f"{path.name}-wal").exists(), "somebody still has this database open"
        return path.read_bytes()

    @staticmethod
    def laid_out(database: Database, rows: bytes) -> None:
        _let_go(database)
        Path(str(database.url.database)).write_bytes(rows)


def _let_go(database: Database) -> None:
    """Close every connection: the last one writes everything into the one file."""
    for engine in db_room.engines_of(database.url):
        engine.dispose()


class _PostgresRows:
    """Copies of the tables that hold any rows, in a schema of their own, and how far each number has come."""

    @staticmethod
    def kept(database: Database, number: int) -> str:
        schema = f"begun_{number}"
        with _unguarded(database) as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            steps = [_lay_out(connection, table, schema) for table in inspect(connection).get_table_names()]
            numbers = connection.exec_driver_sql(
                "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value > 0"
            )
            steps += [f"PERFORM setval('public.{name}', {last});" for name, last in numbers]
            connection.exec_driver_sql(
                f"CREATE PROCEDURE {schema}.lay_out() LANGUAGE plpgsql AS $$ BEGIN {' '.join(steps)} END $$"
            )
        return schema

    @staticmethod
    def laid_out(database: Database, schema: str) -> None:
        with _unguarded(database) as connection:
            connection.exec_driver_sql(f"CALL {schema}.lay_out()")


def _lay_out(connection: Connection, table: str, schema: str) -> str:
    if (
        table == "alembic_version"
        or not connection.exec_driver_sql(f'SELECT 1 FROM public."{table}" LIMIT 1').all()
    ):
        return ""
    connection.exec_driver_sql(f'CREATE TABLE {schema}."{table}" AS TABLE public."{table}"')
    return f'DELETE FROM public."{table}"; INSERT INTO public."{table}" SELECT * FROM {schema}."{table}";'


@contextmanager
def _unguarded(database: Database) -> Iterator[Connection]:
    """A transaction past the triggers and references: what is copied has passed them (a superuser's right)."""
    with database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
