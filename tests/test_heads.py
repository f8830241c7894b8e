"""The heads of the chains, noted outside the database."""

from pathlib import Path

from app import audit
from app.campaigns import rules as campaigns
from app.kit.db import Database
from app.ledger import heads
from tests import cast as c
from tests.full_book import again, fill


def test_heads_are_noted_once_and_compared(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "kept" / "heads.txt"
    fill(database)
    assert heads.write(database, file) == 5  # the house and four campaigns
    assert heads.write(database, file) == 0
    assert audit.run(database, file, at=c.LATER)[1]
    with database.writing() as db:
        campaigns.stop(db, db.get_one(c.Campaign, 2), reason="Enough", by=again(db).officer, at=c.DECIDED)
    assert heads.write(database, file) == 1
    assert len(file.read_text().splitlines()) == 6


def test_a_rewritten_chain_is_found_by_the_heads_outside(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "heads.txt"
    fill(database)
    heads.write(database, file)
    text_of = file.read_text()
    file.write_text(text_of.replace(text_of.split()[3], "0" * 64))
    lines, is_right = audit.run(database, file, at=c.LATER)
    assert not is_right
    assert "heads.txt, line 1: link" in lines[-1]


def test_an_older_database_is_found_by_the_heads_outside(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "heads.txt"
    fill(database)
    heads.write(database, file)
    with file.open("a") as lines:
        lines.write(f"2026-12-03T00:00:00+00:00 campaign:1 9999 {'a' * 64}\n")
    said, is_right = audit.run(database, file, at=c.LATER)
    assert not is_right
    assert "link 9999 of chain campaign:1 is missing" in said[-1]


def test_a_line_torn_by_a_crash_is_mended_and_a_strange_line_is_not(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "heads.txt"
    fill(database)
    file.write_text("2026-12-03T00:00:00+00:00 camp")
    assert heads.write(database, file) == 5
    assert audit.run(database, file, at=c.LATER)[1]
    file.write_text("what is this\n" + file.read_text())
    assert "line 1: not a head" in audit.run(database, file, at=c.LATER)[0][-1]
