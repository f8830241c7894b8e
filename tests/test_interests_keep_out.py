"""Nobody decides against a declared tie, for an organization they belong to, or on what they prepared."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlmodel import Session, select

from app.estimates import rules as estimates
from app.kit.db import Database
from app.kit.rules import Refused
from app.people import interests
from app.people.access import Actor
from app.people.model import Role, RoleGrant
from app.people.step import Step
from tests.beginnings import begun, within
from tests.cast import NOW
from tests.deciding_cast import World, build, tie
from tests.decisions import TABLE, Verb, maker


@pytest.fixture
def world(database: Database, request: pytest.FixtureRequest) -> World:
    """One thing of each kind, for the session of the test."""

    def play() -> World:
        with database.writing() as db:
            return build(db)

    made = begun(database, "one thing of each kind", play)
    return within(request.getfixturevalue("db"), made)


@contextmanager
def undone(db: Session) -> Iterator[None]:
    """Whatever happens inside leaves no trace: neither a row nor a line that waits for its chain."""
    waiting = list(db.info.get("lines", []))
    undo = db.begin_nested()
    try:
        yield
    finally:
        undo.rollback()
        db.expire_all()
        db.info["lines"] = waiting


def outcome(db: Session, verb: Verb, world: World, by: Actor) -> str:
    """What the verb answers; whatever it did is undone."""
    with undone(db):
        try:
            verb(db, world, by)
            db.flush()
        except Refused as refusal:
            return refusal.message
        return "done"


@pytest.mark.slow
def test_nobody_approves_awards_or_votes_against_a_declared_interest(world: World, db: Session) -> None:
    for decision, (verb, who, to) in TABLE.items():
        by = who(world)
        with undone(db):
            tie(db, by, to(world))
            assert outcome(db, verb, world, by) == interests.DECLARED, decision
        # The control: the same tie, over since yesterday, keeps nobody out.
        with undone(db):
            tie(db, by, to(world), ended=True)
            assert outcome(db, verb, world, by) == "done", decision


def test_nobody_decides_for_an_organization_they_belong_to(world: World, db: Session) -> None:
    for decision, (verb, who, to) in TABLE.items():
        by = who(world)
        with undone(db):
            db.add(
                RoleGrant(
                    person_id=by.person.id, organization_id=to(world).id, role=Role.MEMBER, granted_at=NOW
                )
            )
            db.flush()
            assert outcome(db, verb, world, by) == interests.BELONGS, decision


def test_nobody_decides_what_they_prepared(world: World, db: Session) -> None:
    table: dict[str, tuple[Verb, Any, str]] = {
        "approve an estimate": (TABLE["approve an estimate"][0], world.submitted, "prepared_by_id"),
        "reject an estimate": (TABLE["reject an estimate"][0], world.submitted, "prepared_by_id"),
        "approve a pledge": (TABLE["approve a pledge"][0], world.awaiting, "prepared_by_id"),
        "sign a matching grant": (TABLE["sign a matching grant"][0], world.grant, "offered_by_id"),
        "approve a payout": (TABLE["approve a payout"][0], world.prepared, "prepared_by_id"),
        "vote on a delivery": (TABLE["vote on a delivery"][0], world.delivery, "handed_in_by_id"),
    }
    for decision, (verb, thing, written_by) in table.items():
        by = TABLE[decision][1](world)
        with undone(db):
            setattr(thing, written_by, by.person.id)
            db.flush()
            assert "prepared" in outcome(db, verb, world, by), decision


def test_who_stood_aside_is_kept_in_the_record_of_the_decision(world: World, db: Session) -> None:
    tie(db, world.second_officer, maker(world))
    tie(db, world.cast.treasurer, maker(world), ended=True)
    estimates.approve(db, world.submitted, by=world.cast.officer, at=NOW)
    step = db.exec(select(Step).order_by(Step.id.desc())).first()  # type: ignore[attr-defined]
    assert step is not None
    assert f'"aside":["{world.second_officer.person.pseudonym}"]' in step.facts
    assert world.second_officer.person.name not in step.facts


def test_who_stands_aside_reads_who_may_decide_instead_or_that_nobody_is_left(
    world: World, db: Session
) -> None:
    officer, second, to = world.cast.officer, world.second_officer, maker(world)
    tie(db, officer, to)

    def told(*besides: int | None) -> str:
        [found] = interests.ties(db, officer, {to.id}, at=NOW, roles=[Role.OFFICER], besides=besides)
        return found.sentence

    assert told().endswith(f" {second.person.name} can decide in your place.")
    assert f"Nobody else at {officer.organization.name} may" in told(second.person.id), "who prepared it"
    tie(db, second, to)
    assert f"Nobody else at {officer.organization.name} may" in told()
    assert interests.either(["Ada", "Marc", "Léa"]) == "Ada, Marc or Léa"
