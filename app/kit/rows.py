"""What every table shares: a number inside, a name in addresses, constraints with predictable names."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field, SQLModel

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
    """A row with a number of its own."""

    id: int = Field(default=None, primary_key=True, sa_type=BIG)


class NamedRow(Row):
    """A row people can point at: its public name stands in addresses."""

    public_id: str = Field(default_factory=public_id, max_length=32, unique=True)


class Fact(Row):
    """A row that is written once and never edited; a wrong fact is answered by another."""

    at: datetime
