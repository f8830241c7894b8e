"""How Alembic meets Jalon's tables: the same files on SQLite and PostgreSQL.

`app.kit.migrate` opens the connection (and keeps SQLite's foreign keys off meanwhile) and hands it over.
"""

import importlib
import pkgutil
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, MetaData

import app


def every_table() -> MetaData:
    """The tables of all rooms and benches, by importing whatever module may declare one."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        _room, _, part = module.name.removeprefix("app.").partition(".")
        if part and not part.startswith(("views", "rules")):  # verbs and doors declare no tables
            importlib.import_module(module.name)
    from sqlmodel import SQLModel

    return SQLModel.metadata


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write SQLModel's own column types as SQLAlchemy's, so that a migration outlives SQLModel's modules."""
    if kind != "type":
        return False
    if type(item).__name__ == "AutoString":
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if type(item).__name__ == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def is_declared(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out the index that finds needs: it is made by statements of its own, and SQLite adds tables to it."""
    return kind != "table" or not (name or "").startswith("need_words")


def migrate(connection: Connection) -> None:
    """Run what was asked for on this connection; each migration is kept whole or not at all."""
    context.configure(
        connection=connection,
        target_metadata=every_table() if context.config.attributes.get("compares") else None,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
        transactional_ddl=True,
        render_item=render_item,
        include_name=is_declared,
    )
    with context.begin_transaction():
        context.run_migrations()


migrate(context.config.attributes["connection"])
