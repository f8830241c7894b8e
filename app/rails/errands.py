"""What we asked an outside to do, and what it called it: one row a key, so that a lost answer is found again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from app.kit.db import Database
from app.kit.rows import Row
from app.rails.rail import RailRefused, RailSilent

# An outside forgets a key after a day at the earliest: from then on the object is looked up first.
KEY_LIVES = timedelta(hours=23)


class Errand(Row, table=True):
    """One change we asked for outside. `attempt` grows only after we looked and found nothing."""

    __table_args__ = (UniqueConstraint("rail", "key"),)

    rail: str = Field(max_length=20)
    key: str = Field(max_length=160)
    outside_id: str = Field(default="", max_length=80, index=True)
    attempt: int = 1
    first_tried_at: datetime
    # The outside keeps an error under this key: asked again it would only say it again.
    must_look: bool = False


@dataclass(frozen=True)
class Standing:
    """How far an errand has come."""

    outside_id: str
    attempt: int
    must_look: bool


def outside_id_of(db: Session, rail: str, key: str) -> str:
    """What the outside calls what we asked for with this key; empty where it was never asked or never answered."""
    found = db.exec(select(Errand).where(Errand.rail == rail, Errand.key == key)).first()
    return found.outside_id if found else ""


def key_behind(db: Session, rail: str, outside_id: str) -> str:
    """Our key under which we asked for what the outside calls this; empty where we never did."""
    found = db.exec(select(Errand).where(Errand.rail == rail, Errand.outside_id == outside_id)).first()
    return found.key if found else ""


class Errands:
    """The errands of one rail; each change is kept before the next word goes outside."""

    def __init__(self, database: Database, rail: str) -> None:
        self._database = database
        self._rail = rail

    def begin(self, key: str, at: datetime) -> Standing:
        """Write down that we are about to ask, before we do."""

        def write(db: Session) -> Standing:
            found = self._find(db, key)
            if found is None:
                db.add(Errand(rail=self._rail, key=key, first_tried_at=at))
                db.flush()
                return Standing("", 1, must_look=False)
            must_look = found.must_look or found.first_tried_at + KEY_LIVES < at
            return Standing(found.outside_id, found.attempt, must_look=must_look)

        return self._database.run(write)

    def again(self, key: str, at: datetime) -> Standing:
        """We looked and found nothing: a new attempt, under a new key."""

        def write(db: Session) -> Standing:
            found = self._found(db, key)
            found.attempt, found.first_tried_at, found.must_look = found.attempt + 1, at, False
            return Standing("", found.attempt, must_look=False)

        return self._database.run(write)

    def look_first(self, key: str) -> None:
        """The outside answered with an error it will keep: look before asking again."""

        def write(db: Session) -> None:
            self._found(db, key).must_look = True

        self._database.run(write)

    def done(self, key: str, outside_id: str) -> str:
        """What the outside called it."""

        def write(db: Session) -> None:
            self._found(db, key).outside_id = outside_id

        self._database.run(write)
        return outside_id

    def forget(self, key: str) -> None:
        """The outside refused for good: who asks again with this key is told again, by the outside itself."""

        def write(db: Session) -> None:
            db.delete(self._found(db, key))

        self._database.run(write)

    def once(self, key: str, at: datetime, do: Callable[[str], str], look: Callable[[], str]) -> str:
        """Do it once per key; the outside's name for it. `do` gets the key that travels, `look` finds what is there.

        After an error the outside keeps, or a day, it looks first: only what is not there is done anew.
        """
        standing = self.begin(key, at)
        if standing.outside_id:
            return standing.outside_id
        if standing.must_look:
            if found := look():
                return self.done(key, found)
            standing = self.again(key, at)
        try:
            return self.done(key, do(f"{key}:{standing.attempt}"))
        except RailSilent as silent:
            if silent.is_kept:
                self.look_first(key)
            raise
        except RailRefused:
            self.forget(key)
            raise

    def _find(self, db: Session, key: str) -> Errand | None:
        return db.exec(select(Errand).where(Errand.rail == self._rail, Errand.key == key)).first()

    def _found(self, db: Session, key: str) -> Errand:
        found = self._find(db, key)
        if found is None:
            raise KeyError(key)
        return found
