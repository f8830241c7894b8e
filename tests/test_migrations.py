"""The migrations lead to the tables, checks, lengths and triggers that the code declares, there and back."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel, select

from app import house
from app.kit import migrate
from app.kit.append_only import APPEND_ONLY, guards
from app.kit.db import Database
from app.needs import rules
from app.needs.model import Need
from app.needs.search import Wanted, find_needs, search_ddl
from tests import postgres
from tests.conftest import driven
from tests.needs_cast import NOW, gather, published, registered

COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, collation_name, is_nullable
    FROM information_schema.columns WHERE table_schema = 'public'
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""
BEFORE_TURNED = "b4d09f6a2c71"
BODIES = "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"

house.import_rooms()  # so that every table is declared, whichever test runs first


def test_every_table_is_made_taken_back_and_made_again(own_database_url: str) -> None:
    migrate.upgrade(own_database_url)
    migrate.check_tables(own_database_url)
    migrate.downgrade(own_database_url)
    assert left_behind(own_database_url) <= {"alembic_version"}
    migrate.upgrade(own_database_url)
    migrate.check_tables(own_database_url)


def test_needs_are_found_whichever_way_round_their_words_are_kept(
    database: Database, database_url: str
) -> None:
    """Written before the index was turned round and after, there and back; what is withdrawn moves in it."""
    try:
        migrate.downgrade(database_url, BEFORE_TURNED)
        with database.writing() as db:
            cast = gather(db)
            registered(db, cast.bank)
            names = [published(db, cast.bank, title=f"Export {number}").public_id for number in range(5)]
        migrate.upgrade(database_url)
        with database.writing() as db:
            assert [need.public_id for need in find_needs(db, Wanted(text="export"))] == names[::-1]
            oldest = db.exec(select(Need).where(Need.public_id == names[0])).one()
            rules.withdraw(db, oldest, reason="Solved", by=cast.bank, at=NOW)
            names.append(published(db, cast.bank, title="Export 5").public_id)
        migrate.downgrade(database_url, BEFORE_TURNED)
    finally:
        migrate.upgrade(database_url)  # on PostgreSQL the next test has the same database
    with database.reading() as db:
        page = find_needs(db, Wanted(text="export"), most=2)
        rest = find_needs(db, Wanted(text="export"), before=page[-1].position)
    assert [need.public_id for need in (*page, *rest)] == names[:0:-1]


def left_behind(url: str) -> set[str]:
    """The tables, functions and triggers that are there."""
    with migrate.connected(url) as connection:
        if connection.dialect.name == "sqlite":
            return {
                row[0]
                for row in connection.execute(text("SELECT name FROM sqlite_master WHERE type <> 'index'"))
            }
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        bodies = connection.execute(text(BODIES))
        return {row[0] for row in (*tables, *bodies)}


def test_the_migrations_make_exactly_what_the_code_declares(postgres_server: str, postgres_url: str) -> None:
    name = f"declared_{uuid4().hex}"
    declared = driven(postgres.make(postgres_server, name))
    try:
        make_all(declared)
        for query in (COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS, BODIES):
            migrated = answers(driven(postgres_url), query)
            assert migrated == answers(declared, query), query
            assert migrated
    finally:
        postgres.drop(postgres_server, name)


def make_all(url: str) -> None:
    """Make the tables as the models declare them, without any migration."""
    with migrate.connected(url) as connection:
        SQLModel.metadata.create_all(connection)
        for statement in (*guards("postgresql"), *search_ddl("postgresql")):
            connection.execute(text(statement))
        connection.commit()


def answers(url: str, query: str) -> set[tuple[Any, ...]]:
    """The rows of a query about the tables, Alembic's own apart."""
    with migrate.connected(url) as connection:
        rows = connection.execute(text(query))
        return {tuple(row) for row in rows if not any("alembic_version" in str(cell) for cell in row)}


def test_a_check_that_a_migration_forgot_is_seen(postgres_server: str) -> None:
    """The control: Alembic's own comparison does not see it, ours does."""
    name = f"forgetful_{uuid4().hex}"
    url = driven(postgres.make(postgres_server, name))
    try:
        make_all(url)
        whole = answers(url, CONSTRAINTS)
        with migrate.connected(url) as connection:
            connection.execute(
                text("ALTER TABLE campaign DROP CONSTRAINT ck_campaign_never_above_the_estimate")
            )
            connection.commit()
        assert answers(url, CONSTRAINTS) != whole
    finally:
        postgres.drop(postgres_server, name)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_written_once_cannot_be_changed_deleted_or_emptied(database: Database, table: str) -> None:
    for statement in (
        f'UPDATE "{table}" SET id = id',
        f'DELETE FROM "{table}"',
        f'TRUNCATE "{table}" CASCADE',
    ):
        if database.is_sqlite and statement.startswith("TRUNCATE"):
            continue  # SQLite has no such word
        if not statement.startswith("TRUNCATE"):
            assert refused_for_a_row(database, table, statement), statement
            continue
        with pytest.raises(Exception, match="append-only"), database.writing() as db:
            db.execute(text(statement))


def refused_for_a_row(database: Database, table: str, statement: str) -> bool:
    """Whether a statement on one row is refused; the row is put in without its parents, and nothing is kept."""
    with database.engine.connect() as connection:
        off = "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON"
        if database.is_sqlite:
            connection.connection.driver_connection.executescript(off)  # type: ignore[union-attr]
        with Session(connection) as db:
            columns = SQLModel.metadata.tables[table].columns
            if not database.is_sqlite:
                db.execute(text("SET LOCAL session_replication_role = replica"))
            names = ", ".join(f'"{column.name}"' for column in columns)
            values = ", ".join(value_for(column) for column in columns)
            db.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({values})'))
            if not database.is_sqlite:
                db.execute(text("SET LOCAL session_replication_role = origin"))
            try:
                db.execute(text(statement))
            except Exception as refused:
                return f"{table} is append-only" in str(refused)
            finally:
                db.rollback()
                connection.invalidate()
    return False


def value_for(column: Any) -> str:
    """Some value of the column's type."""
    if column.name == "credit_id":
        return "2"  # never the account that is debited
    if column.type.python_type in (int, bool):
        return "1" if column.type.python_type is int else "true"
    return "'2026-01-01 00:00:00'" if "Date" in type(column.type).__name__ else "'x'"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_insert_or_replace_of_sqlite_does_not_get_round_the_guards(database: Database) -> None:
    row = "(1, 'k', 'h', 'm', 'house', '2026-01-01')"
    with database.writing() as db:
        db.execute(text(f"INSERT INTO ledger_entry (id, key, content_hash, memo, chain, at) VALUES {row}"))
    with pytest.raises(Exception, match="append-only"), database.writing() as db:
        db.execute(
            text(f"INSERT OR REPLACE INTO ledger_entry (id, key, content_hash, memo, chain, at) VALUES {row}")
        )


def test_a_database_that_is_up_to_date_is_left_alone(database: Database, database_url: str) -> None:
    assert migrate.is_up_to_date(database_url)
    assert migrate.upgrade(database_url) is None
