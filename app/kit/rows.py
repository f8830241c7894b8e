"""What every table shares: a number inside, a name in addresses, constraints with predictable names."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field, Session, SQLModel
from sqlmodel._compat import SQLModelConfig

from app.kit.public_id import public_id

# Set before the first table is declared: without names SQLite's batch migrations cannot change a constraint.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only in a plain INTEGER key.
BIG = BigInteger().with_variant(Integer, "sqlite")


class Row(SQLModel):
    """A row with a number of its own. Pydantic's own plan of it is drawn once somebody asks: nobody does."""

    # Not as an argument of the class: SQLModel hands only some of those on to Pydantic, and this is not one of them.
    model_config = SQLModelConfig(defer_build=True)

    id: int = Field(default=None, primary_key=True, sa_type=BIG)


class NamedRow(Row):
    """A row people can point at: its public name stands in addresses."""

    public_id: str = Field(default_factory=public_id, max_length=32, unique=True)


class Fact(Row):
    """A row that is written once and never edited; a wrong fact is answered by another."""

    at: datetime


def insert_missing(db: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Write these rows, but not those another transaction wrote a moment ago. Each database says it its own way."""
    statement: Any
    if db.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        statement = postgresql.insert(table)
    else:
        from sqlalchemy.dialects import sqlite

        statement = sqlite.insert(table)
    db.execute(statement.values(rows).on_conflict_do_nothing())
