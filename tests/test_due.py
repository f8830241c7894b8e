"""What the worker looks at first never hides what is due."""

import shutil
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, col, func, select

from app import due
from app.campaigns.model import Campaign
from app.delivery.deadlines import DEADLINES
from app.kit.clock import now
from app.kit.db import Database
from app.kit.glance import Glance
from app.people.model import Organization
from tests.played import settings_on


def test_each_deadline_names_a_kind_that_is_looked_for() -> None:
    assert {kind for kind, _, _ in DEADLINES} <= set(due.KINDS)
    assert set(due.PAYOUTS) <= set(due.KINDS)


def test_whatever_a_deadline_finds_there_is_some_of_its_kind(story: Path, tmp_path: Path) -> None:
    shutil.copyfile(story, tmp_path / "jalon.db")
    database = Database(settings_on(tmp_path / "jalon.db", tmp_path).database_url)
    glance = Glance(database, due.KINDS)
    found: set[str] = set()
    for days in range(-400, 400, 8):
        at = now() + timedelta(days=days)
        glance.look(**due.facts_of(at))
        with database.reading() as db:
            for kind, find, _act in DEADLINES:
                if find(db, at):
                    assert glance.there_is(kind), (kind, at)
                    found.add(kind)
    database.close()
    assert {"ended reviews", "disputes", "shortfalls"} <= found


def test_what_this_thread_keeps_is_seen_at_once_and_what_others_keep_at_the_next_look(
    database: Database,
) -> None:
    glance = Glance(database, {"organizations": col(Organization.id) > 0, "rounds": col(Campaign.id) > 0})
    glance.look()
    assert not glance.there_is("organizations")
    database.run(_found)
    assert glance.there_is("organizations")
    assert not glance.there_is("rounds")
    with Session(database.engine) as elsewhere:
        elsewhere.delete(elsewhere.exec(select(Organization)).one())
        elsewhere.commit()
    assert glance.there_is("organizations"), "one look holds for a round"
    glance.look()
    assert not glance.there_is("organizations")
    with database.reading() as db:
        assert db.exec(select(func.count(col(Organization.id)))).one() == 0


def _found(db: Session) -> None:
    db.add(Organization(name="Maison", kind="corporate", state="applied", applied_at=now()))
