"""Many people at once, each in a thread and a transaction of their own; and a database without its lock."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import create_engine, event
from sqlmodel import Session, col, func, select

from app.campaigns import pledges
from app.campaigns.model import Campaign, Pledge, PledgeState
from app.demo.round import Round
from app.kit.db import Database, FairLock, sqlite_driver
from app.kit.rules import Refused
from app.people.access import actor_for
from app.people.model import Organization, Person, Role, RoleGrant
from app.people.step import record
from tests.playing import Play

CROWD = 50
SHARE = 10_000


def all_at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Begin every act at the same moment, each in its own thread; what each gave back or was refused with.

    Anything but a refusal is raised: on screen it would be a 500.
    """
    gate = threading.Barrier(len(acts))

    def go(act: Callable[[], Any]) -> Any:
        gate.wait(60)
        try:
            return act()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(go, acts))


def crowd(play: Play, played: Round, count: int = CROWD, cents: int = SHARE) -> list[int]:
    """So many organizations, each with a buyer who has written a pledge and not signed it; the pledges' numbers."""

    def move_in(db: Session) -> list[int]:
        names = []
        for number in range(count):
            made = Organization(
                name=f"Firm {number:02d}", kind="corporate", state="verified", applied_at=play.at
            )
            who = Person(
                name=f"Buyer {number}", email=f"b{number}@firm.example", state="active", created_at=play.at
            )
            db.add_all((made, who))
            record(db, "verify", made, by=None, at=play.at, before="applied")
            record(db, "activate", who, by=None, at=play.at, before="invited")
            db.add(RoleGrant(
                person_id=who.id, organization_id=made.id, role=Role.BUYER, limit_cents=10**9, granted_at=play.at
            ))  # fmt: skip
            db.flush()
            names.append(drafted(db, play, played.campaign_id, who.id, made.id, cents))
        return names

    return play.act(move_in)


def drafted(
    db: Session, play: Play, campaign_id: int, person_id: int, organization_id: int, cents: int
) -> int:
    by = actor_for(db, db.get_one(Person, person_id), db.get_one(Organization, organization_id))
    campaign = db.get_one(Campaign, campaign_id)
    return pledges.draft(db, campaign, pledges.Promise(cents), by=by, at=play.at).id


def signing(play: Play, name: int) -> Callable[[], str]:
    """The act of signing this pledge by who wrote it, in a transaction of its own."""

    def sign(db: Session) -> str:
        pledge = db.get_one(Pledge, name)
        by = actor_for(
            db, db.get_one(Person, pledge.prepared_by_id), db.get_one(Organization, pledge.organization_id)
        )
        return pledges.sign(db, pledge, text="I sign.", by=by, at=play.at).state

    return lambda: play.act(sign)


def signed_cents(play: Play, *campaign_ids: int) -> int:
    """The sum of signed pledges, as they stand and not as they were counted."""
    query = select(func.coalesce(func.sum(Pledge.amount_cents), 0)).where(
        Pledge.state == PledgeState.SIGNED, col(Pledge.campaign_id).in_(campaign_ids)
    )
    with play.database.reading() as db:
        return int(db.exec(query).one())


class Unlocked(Database):
    """A database as SQLAlchemy opens it by default: no lock before the first write."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        if self.is_sqlite:
            self.engine.dispose()
            self.engine = create_engine(
                self.url, module=sqlite_driver(), pool_size=CROWD,
                connect_args={"check_same_thread": False, "timeout": 60},
            )  # fmt: skip
            event.listen(self.engine, "connect", lambda c, _record: c.execute("PRAGMA foreign_keys=ON"))
            self._turn = Nobody()


class Nobody(FairLock):
    """A lock that holds nobody back."""

    def acquire(self) -> None:
        return

    def release(self) -> None:
        return
