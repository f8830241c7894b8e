"""The audit: silent over a right book, and each check finds the fault it is there for."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

import app as app_package
from app import audit
from app.campaigns import rules as campaigns
from app.kit.append_only import lifts, names
from app.kit.db import Database
from app.kit.rules import Refused
from app.kit.words import use_language
from app.people import alarms
from app.rails.sandbox import SandboxLine
from tests import cast as c
from tests.full_book import again, fill
from tests.planted import FAULTS, Fault, unguarded


def found(db: Session, planted: Fault) -> list[str]:
    """The lines of the one check a fault is planted for."""
    [check] = [check for check in audit.CHECKS if check.says.startswith(planted.check)]
    return check.lines(db, c.LATER)[0]


def test_a_right_book_passes_every_check(database: Database) -> None:
    fill(database)
    lines, is_right = audit.run(database, at=c.LATER)
    assert is_right, "\n".join(lines)
    strange = [line for line in lines if not line.startswith("     ok  ")]
    assert [line.split("  ")[0] for line in strange[:1]] == [
        "warning"
    ]  # what was charged back after it was sent
    assert "below zero: payouts stopped" in strange[1]
    waiting = [line for line in lines if line.startswith("         evidence")]
    assert len(lines) == len(audit.CHECKS) + 1 + len(waiting)


def test_every_check_finds_the_fault_planted_for_it_and_names_the_row(database: Database) -> None:
    fill(database)
    missed = []
    for planted in FAULTS:
        with unguarded(database, planted.bare) as db:
            for statement in planted.statements:
                assert db.execute(text(statement)).rowcount, f"planted nothing: {statement}"
            first, *named = found(db, planted)
            if first.startswith("     ok") or not any(planted.named in line for line in named):
                missed.append(f"{planted.statements}: {first} {named}")
    assert not missed, "\n".join(missed)
    c.check_book(database)


def test_every_check_has_a_fault_planted_for_it() -> None:
    unproved = [
        check.says
        for check in audit.CHECKS
        if not any(check.says.startswith(planted.check) for planted in FAULTS)
    ]
    assert unproved == [  # proved below
        "Every rail holds what is owed on it",
        "The database refuses to change what is written once",
    ]


def test_a_rail_that_holds_too_little_is_a_warning(database: Database) -> None:
    coverage = Fault("Every rail holds", "", ())
    with database.writing() as db:
        cast = c.settle(db)
        _, _, lines = c.accepted(db, cast)
        assert len(found(db, coverage)) == 1
        c.charge_back(db, lines[0])
        assert found(db, coverage)[1].strip().startswith("sandbox is -")


def test_a_lifted_guard_is_named(database: Database) -> None:
    dialect = "sqlite" if database.is_sqlite else "postgresql"
    guards = Fault("The database refuses", "", ())
    with database.engine.connect() as connection, Session(connection) as db:
        db.execute(text(lifts(dialect, ("part",))[0]))
        assert names(dialect, ("part",))[0] in found(db, guards)[1]
        db.rollback()
        assert len(found(db, guards)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_disabled_guard_counts_as_lifted(database: Database) -> None:
    with database.engine.connect() as connection, Session(connection) as db:
        db.execute(text("ALTER TABLE step DISABLE TRIGGER step_no_change"))
        assert "step_no_change" in found(db, Fault("The database refuses", "", ()))[1]


def test_a_warning_is_shown_and_breaks_nothing(database: Database) -> None:
    fill(database)
    with database.writing() as db:
        db.execute(text("UPDATE outbox SET done_at = NULL, due_at = '2026-01-01 00:00:00'"))
    lines, is_right = audit.run(database, at=c.LATER)
    assert is_right
    assert any(line.startswith("warning  Nothing has waited in the outbox") for line in lines)


def test_an_ended_campaign_has_an_hour_to_be_wound_up(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign, _ = c.paid(db, cast)
        campaigns.stop(db, campaign, reason="Enough", by=cast.officer, at=c.DECIDED)
    assert audit.run(database, at=c.DECIDED + timedelta(minutes=59))[1]
    assert not audit.run(database, at=c.DECIDED + timedelta(minutes=61))[1]


def test_the_audit_changes_nothing_and_reads_one_moment(database: Database) -> None:
    fill(database)
    with database.snapshot() as before:
        count = before.execute(text("SELECT COUNT(*) FROM step")).scalar()
        with database.writing() as db:
            c.pledge(db, c.campaign_open(db, again(db), name="Third"), again(db).buyers[0], 100_00)
        assert before.execute(text("SELECT COUNT(*) FROM step")).scalar() == count


# ---- What follows --------------------------------------------------------------------------------------------


def test_a_wrong_book_stops_pledges_and_payouts_until_it_is_right(database: Database, tmp_path: Path) -> None:
    fill(database)
    file = tmp_path / "heads.txt"
    file.write_text(f"2026-12-03T00:00:00+00:00 campaign:1 9999 {'a' * 64}\n")
    assert not audit.guard(database, file, at=c.LATER)
    assert not audit.guard(database, file, at=c.LATER)
    with database.writing() as db:
        [alarm] = alarms.ringing(db, "book")
        assert (alarm.reason, alarm.facts) == ("the book does not pass its audit", "{}")
        for stop in (alarms.require_silence, lambda db: alarms.require_no(db, "book")):
            _refused(stop, db)
    file.unlink()
    assert audit.guard(database, file, at=c.LATER)
    with database.reading() as db:
        alarms.require_no(db, "book")


def test_the_audit_and_its_alarm_are_told_in_the_readers_language(database: Database) -> None:
    fill(database)
    wrong = next(planted for planted in FAULTS if planted.check == "Every kept balance")
    with unguarded(database, wrong.bare) as db, use_language("fr"):
        db.execute(text(wrong.statements[0]))
        first, fault = found(db, wrong)
        assert first == "  WRONG  Chaque solde gardé est la somme de ses mouvements"
        assert fault.strip().startswith("le compte «\u202ffees\u202f» garde ")
    with database.writing() as db:
        alarms.ring(db, "book", audit.WRONG, at=c.LATER)
        alarms.ring(db, "facts", "“%(typed)s” is not a whole number.", at=c.LATER, typed="x")
        with use_language("fr"):
            with pytest.raises(Refused) as refused:
                alarms.require_no(db, "book")
            assert refused.value.params["reason"] == "le livre ne passe pas son audit"
            assert alarms.ringing(db, "facts")[0].why() == "«\u202fx\u202f» n’est pas un nombre entier."


def test_a_book_that_cannot_be_audited_counts_as_wrong(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(import_module("app.audit.run"), "examine", unreadable)
        assert not audit.guard(database, at=c.LATER)
        assert not audit.guard(database, at=c.LATER)
    with database.reading() as db:
        [alarm] = alarms.ringing(db)
        assert (alarm.kind, alarm.reason) == ("book", "the book cannot be audited")
    assert not audit.money_may_leave(database, at=c.LATER), (
        "the alarm rings until the next look at the whole book"
    )
    assert audit.guard(database, at=c.LATER)
    assert audit.money_may_leave(database, at=c.LATER)


def unreadable(*_asked: object, **_more: object) -> None:
    """An audit that breaks."""
    raise RuntimeError("no such column")


def _refused(stop: Callable[[Session], None], db: Session) -> None:
    with pytest.raises(Refused) as refused:
        stop(db)
    assert refused.value.status == 409


def test_jalon_audit_ends_with_one_when_something_is_wrong(
    database: Database, settings: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app import commands

    fill(database)
    monkeypatch.setattr("app.kit.settings.read_settings", lambda: settings)
    for wrong, status in ((False, 0), (True, 1)):
        if wrong:
            with database.writing() as db:
                db.execute(
                    text("UPDATE ledger_account SET balance_cents = balance_cents + 1 WHERE code = 'fees'")
                )
        with pytest.raises(SystemExit) as left:
            commands.main(["audit"])
        assert left.value.code == status
        said = capsys.readouterr().out
        assert ("  WRONG  Every kept balance" in said) is wrong
        last = said.splitlines()[-1]
        count = said.count("  WRONG  ")
        assert last.startswith(f"{count} of " if wrong else "Everything is right: all ")


def test_the_practice_bank_is_part_of_the_audit(db: Session) -> None:
    cast = c.settle(db)
    c.paid(db, cast)
    assert db.exec(select(SandboxLine)).all()
    c.check_book(db)


def test_the_audit_alone_knows_every_graph_there_is() -> None:
    source = Path(app_package.__file__).parent
    named = {
        name for file in source.rglob("*.py")
        for name in re.findall(r'^graph\("(\w+)"', file.read_text(encoding="utf-8"), re.M)
    }  # fmt: skip
    words = "import app.audit.run; from app.kit.states import GRAPHS; print(*GRAPHS)"
    known = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True
    ).stdout.split()
    assert named <= {*known}
