"""Backlogs kept in Excel: cells as they show, rows by their numbers, and nothing that would fill the memory."""

import re
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from sqlmodel import Session

from app.kit.rules import Refused
from app.needs import workbook
from app.needs.backlog import Table, decode, read_table
from app.needs.posting import bring_in, post_backlog
from tests.needs_cast import NOW, gather

HEADINGS = ["Logiciel", "Intitulé", "Dépôt", "Utilisateurs", "Créé le", "Critères d’acceptation"]
SHEET = "xl/worksheets/sheet1.xml"
SERVER = "https://github.com/nextcloud/server"
LINE = ["Nextcloud", "Corbeille partagée", SERVER, 1200, date(2026, 4, 27), "un\ndeux"]


def saved(*sheets: tuple[str, list[list[Any]]], hidden: str = "") -> bytes:
    """A workbook of these sheets."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def read(content: bytes) -> Table:
    """Its rows."""
    return read_table(decode(content))


def with_part(content: bytes, name: str, change: Any) -> bytes:
    """The same workbook with one part changed."""
    kept = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(kept, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            text = old.read(part)
            new.writestr(part.filename, change(text) if part.filename == name else text)
    return kept.getvalue()


def test_the_sheet_that_names_the_columns_is_read_cell_by_cell() -> None:
    needs = [[], HEADINGS, LINE, [], ["Nextcloud", "Autre", SERVER]]
    table = read(saved(("Notes", [["Lisez-moi"]]), ("Besoins", needs)))
    assert [row.line for row in table.rows] == [3, 5], "the numbers Excel shows"
    need = table.rows[0].need
    assert need is not None
    assert (need.software, need.title, need.users) == ("Nextcloud", "Corbeille partagée", 1200)
    assert (need.open_since, need.criteria) == (date(2026, 4, 27), "un\ndeux")
    assert all(row.need for row in table.rows)
    assert table.unused == []


def test_of_a_formula_what_it_came_to_is_read_and_nothing_is_worked_out_here() -> None:
    content = saved(("Besoins", [HEADINGS, [*LINE[:3], "=1000+200"]]))
    assert users(content) is None  # never opened in Excel: nothing came of it yet
    opened = with_part(content, SHEET, lambda text: re.sub(rb"<v ?/>|<v></v>", b"<v>1200</v>", text))
    assert users(opened) == 1200


def users(content: bytes) -> int | None:
    """The users of the first need."""
    need = read(content).rows[0].need
    assert need is not None
    return need.users


def test_a_hidden_sheet_is_not_read() -> None:
    shown = [["software", "title"], ["GLPI", "Files"]]
    content = saved(("Besoins", [HEADINGS, LINE]), ("Vue", shown), hidden="Besoins")
    assert [row.software for row in read(content).rows] == ["GLPI"]


PLAIN = saved(("Besoins", [HEADINGS, LINE]))
UNFOLDING = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">]>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04 and nothing more", "not an Excel workbook"),
        (saved(("Vide", [])), "is empty"),
        (with_part(PLAIN, SHEET, lambda _text: b"<sheet"), "cannot be read"),
        (with_part(PLAIN, SHEET, lambda text: UNFOLDING + text), "cannot be read"),
        (saved(("Autre", [["a", "b"], ["c", "d"]])), "does not name"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read(content)


def test_what_would_fill_the_memory_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LARGEST_UNPACKED", 1_000_000)
    bomb = with_part(PLAIN, "xl/styles.xml", lambda _text: b" " * 1_000_001)
    assert len(bomb) < 20_000
    monkeypatch.setattr(workbook, "_sheets", lambda *_facts: pytest.fail("it was opened"))
    with pytest.raises(Refused, match="too large"):
        read(bomb)


def test_too_many_rows_or_a_last_row_far_below_are_refused_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    far = with_part(
        PLAIN, SHEET, lambda text: text.replace(b'r="2"', b'r="1048576"').replace(b'2"', b'1048576"')
    )
    with pytest.raises(Refused, match="more than"):
        read(far)
    monkeypatch.setattr("app.needs.backlog.MOST_ROWS", 3)
    assert len(read(saved(("Besoins", [HEADINGS, *[LINE] * 3]))).rows) == 3
    with pytest.raises(Refused, match="more than"):
        read(saved(("Besoins", [HEADINGS, *[LINE] * 4])))


def test_a_workbook_is_taken_in_and_posted_like_any_backlog(db: Session) -> None:
    bank = gather(db).bank
    kept = bring_in(db, saved(("Besoins", [HEADINGS, LINE])), file_name="besoins.xlsx", by=bank, at=NOW)
    posted = post_backlog(db, kept, by=bank, at=NOW)
    assert [need.title for need in posted] == ["Corbeille partagée"]
