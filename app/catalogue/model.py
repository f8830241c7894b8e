"""Software that organizations run."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from app.kit.rows import BIG, NamedRow


class Software(NamedRow, table=True):
    """One open-source software, known by its repository."""

    __table_args__ = (Index("ix_software_listed", "name_key", "id"),)

    name: str = Field(max_length=120)
    # The name as it is compared and sorted: lower case, without accents.
    name_key: str = Field(max_length=300)
    repository_url: str = Field(max_length=300, unique=True)
    license: str = Field(default="", max_length=60)
    about: str = Field(default="", max_length=4000)
    maintainer_id: int | None = Field(default=None, sa_type=BIG, foreign_key="organization.id", index=True)
    registered_at: datetime
