"""What there is any of: one question to the database in place of many that find nothing.

A worker asks for thirty kinds of things that may be due, round after round, and nearly every answer is none.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, literal, select

from app.kit.db import Database


class Glance:
    """Tells which kinds have any row. What was seen holds until this thread keeps something, or looks anew."""

    def __init__(self, database: Database, kinds: Mapping[str, ColumnElement[bool]]) -> None:
        self._database = database
        asked = (select(literal(1)).where(rows).exists().label(kind) for kind, rows in kinds.items())
        self._question = select(*asked)
        self._facts: Mapping[str, object] = {}
        self._kept = -1
        self._seen: Mapping[Any, Any] = {}

    def look(self, **facts: object) -> None:
        """What others kept since the last look counts from now on; the facts fill the conditions."""
        self._facts, self._kept = facts, -1

    def there_is(self, kind: str) -> bool:
        """Whether there is any. Raises `KeyError` for a kind nobody named."""
        if self._kept != self._database.kept_here:
            self._kept = self._database.kept_here
            with self._database.reading() as db:
                self._seen = db.connection().execute(self._question, dict(self._facts)).mappings().one()
        return bool(self._seen[kind])
