"""Backlogs: read as people keep them, judged row by row, posted once, never half."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select

from app.catalogue.model import Software
from app.kit.db import Database
from app.kit.rules import Conflict, Missing, Refused
from app.needs import rules
from app.needs.backlog import HEADINGS, MOST_ROWS, Table, decode, read_table
from app.needs.model import Backlog, Need, NeedKind
from app.needs.posting import bring_in, post_backlog
from app.needs.preview import Verdict, preview
from app.people.access import Actor
from app.people.step import Step
from tests.needs_cast import NOW, Cast, gather, published, registered, written
from tests.quoting_cast import visiting

FILES = Path(__file__).parent / "files"
TRACKERS = FILES / "backlog-trackers.csv"
FRENCH = FILES / "backlog-french-excel.csv"


def read(content: bytes | str) -> Table:
    """The rows of a file."""
    return read_table(decode(content.encode() if isinstance(content, str) else content))


def verdicts(db: Session, backlog: Backlog, reader: Actor) -> list[tuple[int, str]]:
    """What becomes of each line."""
    return [(judged.row.line, judged.verdict.value) for judged in preview(db, backlog, reader=reader).rows]


def brought(db: Session, by: Actor, content: bytes | str, name: str = "backlog.csv") -> Backlog:
    """A file taken in."""
    return bring_in(
        db, content.encode() if isinstance(content, str) else content, file_name=name, by=by, at=NOW
    )


# ---- Reading ---------------------------------------------------------------------------------------------------


def test_a_file_of_utf_8_with_a_byte_order_mark_is_read() -> None:
    table = read(TRACKERS.read_bytes())
    assert len(table.rows) == 20
    assert all(row.need for row in table.rows)
    first = table.rows[0].need
    assert first is not None
    assert (first.software, first.repository) == ("Nextcloud", "https://github.com/nextcloud/server")
    assert (first.kind, first.open_since) == (NeedKind.FEATURE, date(2026, 4, 27))
    assert table.unused == ["labels", "reactions_or_votes"]
    assert table == read(TRACKERS.read_bytes().removeprefix(b"\xef\xbb\xbf"))


def test_a_file_as_a_french_excel_writes_it_is_read() -> None:
    table = read(FRENCH.read_bytes())
    assert [row.line for row in table.rows] == [2, 3, 4, 8, 9, 10, 11]
    needs = [row.need for row in table.rows if row.need]
    assert needs[0].summary == "Les partenaires gardent l’accès plus longtemps que les invités."
    assert needs[0].open_since == date(2025, 5, 13)
    assert needs[0].repository == "https://forge.example.org/carnet/partage"
    assert needs[1].open_since is None
    assert needs[2].software == "Œuvre commune"
    assert needs[2].summary == 'Trois points :\n– les menus ;\n– les boutons "Fermer" ;\n– la barre d’état.'
    assert needs[2].kind == NeedKind.ACCESSIBILITY
    wrong = table.rows[-1]
    assert (wrong.heading, wrong.title) == ("Créé le", "Date impossible")
    assert "is not a date" in str(wrong.mistake)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_headings_are_known_in_both_languages_in_any_order_and_spelling(separator: str) -> None:
    english = ["TITLE", "Kind", "software", "One-line summary"]
    french = ["intitulé", " CATÉGORIE ", "Logiciel", "resume"]
    for headings in (english, french):
        rows = (headings, ["Offline", "Sécurité", "XWiki", "On trains"])
        table = read("\r\n".join(separator.join(row) for row in rows))
        need = table.rows[0].need
        assert need is not None
        assert (need.software, need.title, need.kind, need.summary) == (
            "XWiki", "Offline", NeedKind.SECURITY, "On trains",
        )  # fmt: skip


def test_no_heading_means_two_things() -> None:
    headings = [heading for known in HEADINGS.values() for heading in known]
    assert len(headings) == len(set(headings))


def test_missing_columns_are_named() -> None:
    with pytest.raises(Refused, match=r"does not name: title / intitulé\. It reads: Logiciel, Résumé"):
        read("Logiciel;Résumé\nXWiki;Rien\n")
    with pytest.raises(Refused, match="software / logiciel, title / intitulé"):
        read("a,b,c\n1,2,3\n")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b" \r\n \r\n", "is empty"),
        (b"PK\x03\x04\x14\x00", "not an Excel workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "UTF-8 or Windows-1252"),
        ("software,title\nXWiki,Été\n".encode("utf-16"), "UTF-8 or Windows-1252"),
        (b"software,title\nXWiki,Off\x00line\n", "UTF-8 or Windows-1252"),
        (b"software,title\nXWiki,\x81\x8d\n", "UTF-8 or Windows-1252"),
        (b"software,title\n", "no rows below"),
        (b'software,title\nXWiki,"Offline\nXWiki,Online\n', "From line 2 on"),
        (b'"software,title\nXWiki,Offline\n', "From line 1 on"),
        (b"software,title\nXWiki," + b'"' + b"x" * 200_000 + b'"\n', "From line 2 on"),
        (b"software,title\n" + b"XWiki,Offline\n" * (MOST_ROWS + 1), "more than 5000 rows"),
        (b"software,title\n" + b"x" * 5_300_000, "larger than 5 MB"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refusal:
        read(content)
    assert refusal.value.field == "file"


def test_a_wrong_row_says_its_line_and_leaves_the_others_alone() -> None:
    table = read(
        "software,title,issue_url,users,kind\n"
        "XWiki,Good,https://example.org/1,10,\n"
        "XWiki,Too few cells\n"
        'XWiki,"Two\nlines",,,,,\n'
        "XWiki,Too many,,,,more\n"
        ",No software,,,\n"
        "\n"
        "XWiki,Bad address,javascript:alert(1),,\n"
        "XWiki,Bad count,,-5,\n"
        "XWiki,Bad kind,,,wish\n"
        f"XWiki,{'x' * 201},,,\n"
    )
    assert [(row.line, row.heading, row.need is not None) for row in table.rows] == [
        (2, "", True), (3, "", False), (4, "", True), (6, "", False), (7, "software", False),
        (9, "issue_url", False), (10, "users", False), (11, "kind", False), (12, "title", False),
    ]  # fmt: skip
    assert "2 cells, the headings are 5" in str(table.rows[1].mistake)


def test_the_separator_excel_announces_is_obeyed() -> None:
    table = read("sep=;\r\nLogiciel;Intitulé\r\nXWiki;Un, deux\r\n")
    assert [(row.line, row.title) for row in table.rows] == [(3, "Un, deux")]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
@example(b"sep=,")
@example(b"\r\r\r")
@example(b"sep=;\rsoftware;title\rx;y")
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    try:
        table = read(content)
    except Refused:
        return
    assert table.rows


cells = st.text(
    st.one_of(st.sampled_from("\";,\t\r\n'’ 0/:é"), st.characters(exclude_categories=["Cs"])), max_size=12
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    headings=st.permutations(["software", "titre", "lien", "créé le", "users", "kind", "repository", "x"]),
    rows=st.lists(st.lists(cells, max_size=9), max_size=5),
    separator=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_any_cells_are_rows_or_refused(
    headings: list[str], rows: list[list[str]], separator: str, encoding: str
) -> None:
    lines = [separator.join(headings), *(separator.join(row) for row in rows)]
    try:
        table = read("\r\n".join(lines).encode(encoding, errors="replace"))
    except Refused:
        return
    for row in table.rows:
        assert (row.need is None) == (row.mistake is not None)
        assert 2 <= row.line <= "\r\n".join(lines).count("\n") + "\r\n".join(lines).count("\r") + 2


# ---- Judging and posting ---------------------------------------------------------------------------------------


@pytest.fixture
def cast(db: Session) -> Cast:
    """The people."""
    return gather(db)


def test_only_new_rows_are_posted_with_their_software_and_only_once(db: Session, cast: Cast) -> None:
    backlog = brought(db, cast.bank, FRENCH.read_bytes())
    assert verdicts(db, backlog, cast.bank) == [
        (2, "new"), (3, "new"), (4, "new"), (8, "new"), (9, "double"), (10, "wrong"), (11, "wrong"),
    ]  # fmt: skip
    posted = post_backlog(db, backlog, by=cast.bank, at=NOW)
    listed = db.exec(select(Need).order_by(col(Need.position).desc())).all()
    assert [need.title for need in listed] == [need.title for need in posted]
    assert len(posted) == 4
    assert {software.repository_url for software in db.exec(select(Software))} == {
        "https://forge.example.org/carnet/partage", "https://forge.example.org/oeuvre/commune",
    }  # fmt: skip
    assert db.exec(select(func.count()).select_from(Step).where(Step.act == "publish")).one() == 4
    with pytest.raises(Conflict, match="Needs posted: 4"):
        post_backlog(db, backlog, by=cast.bank, at=NOW)
    again = brought(db, cast.insurer, FRENCH.read_bytes())
    assert {verdict for _, verdict in verdicts(db, again, cast.insurer)} == {"double", "wrong"}
    with pytest.raises(Refused, match="nothing new"):
        post_backlog(db, again, by=cast.insurer, at=NOW)


def test_a_double_is_found_by_source_or_by_title_and_software(db: Session, cast: Cast) -> None:
    registered(db, cast.bank)
    registered(db, cast.bank, "Other")
    first = published(db, cast.insurer, title="Offline mode", source_url="https://example.org/1")
    withdrawn = published(db, cast.insurer, title="Withdrawn")
    rules.withdraw(db, withdrawn, reason="Enough", by=cast.insurer, at=NOW)
    own = written(db, cast.bank, title="My draft")
    written(db, cast.insurer, title="Their draft")
    backlog = brought(
        db, cast.bank,
        "software,title,issue_url\n"
        "Other,Another title,https://EXAMPLE.org/1\n"
        "xwiki,OFFLINE  mode!,\n"
        "Other,Offline mode,\n"
        "XWiki,My draft,\n"
        "XWiki,Their draft,\n"
        "XWiki,Withdrawn,https://example.org/9\n"
        "Other,Something else,https://example.org/9\n"
        "XWiki,Their DRAFT,\n",
    )  # fmt: skip
    rows = preview(db, backlog, reader=cast.bank).rows
    assert [judged.verdict for judged in rows] == [
        Verdict.DOUBLE, Verdict.DOUBLE, Verdict.NEW, Verdict.DOUBLE, Verdict.NEW, Verdict.NEW, Verdict.DOUBLE,
        Verdict.DOUBLE,
    ]  # fmt: skip
    assert [judged.doubles and judged.doubles.id for judged in rows[:4]] == [first.id, first.id, None, own.id]
    assert [judged.doubles_line for judged in rows[6:]] == [7, 6]


def test_a_repository_named_once_counts_for_every_line_of_that_software(db: Session, cast: Cast) -> None:
    registered(db, cast.bank, "Renamed")
    backlog = brought(
        db, cast.bank,
        "software,title,repository_url\n"
        "New one,First,\n"
        "New one,Second,https://example.org/new\n"
        "Old name,Third,https://example.org/renamed\n"
        "Old name,Fourth,\n"
        "Two,Fifth,https://example.org/a\n"
        "Two,Sixth,https://example.org/b\n"
        "Two,Seventh,\n",
    )  # fmt: skip
    assert [verdict for _, verdict in verdicts(db, backlog, cast.bank)] == ["new"] * 6 + ["wrong"]
    posted = post_backlog(db, backlog, by=cast.bank, at=NOW)
    assert len({need.software_id for need in posted}) == 4


def test_two_new_software_of_one_name_are_registered_apart(db: Session, cast: Cast) -> None:
    backlog = brought(
        db, cast.bank,
        "software,title,repository_url,issue_url\n"
        "Élan,One,https://example.org/a/one,\n"
        "Elan,Two,,https://example.org/a/two/issues/1\n"
        "elan,Three,https://example.org/a/one/,\n",
    )  # fmt: skip
    posted = post_backlog(db, backlog, by=cast.bank, at=NOW)
    assert len({need.software_id for need in posted}) == 2
    assert posted[0].software_id == posted[2].software_id


def test_a_backlog_is_nobody_elses(db: Session, cast: Cast) -> None:
    backlog = brought(db, cast.bank, TRACKERS.read_bytes())
    with pytest.raises(Missing):
        preview(db, backlog, reader=cast.insurer)
    with pytest.raises(Missing):
        post_backlog(db, backlog, by=cast.insurer, at=NOW)
    with pytest.raises(Refused):
        brought(db, cast.maker, TRACKERS.read_bytes())


def test_a_file_that_is_refused_leaves_nothing(db: Session, cast: Cast) -> None:
    for content in (b"a,b\n1,2\n", b"\x00\x01", b""):
        with pytest.raises(Refused):
            brought(db, cast.bank, content)
    assert db.exec(select(Backlog)).all() == []


@pytest.mark.slow
@pytest.mark.long_story
def test_the_largest_backlog_is_posted_whole(database: Database) -> None:
    rows = "".join(f"XWiki,Need {number},https://example.org/{number}\n" for number in range(MOST_ROWS))
    with database.writing() as db:
        cast = gather(db)
        registered(db, cast.bank)
        backlog = brought(db, cast.bank, "software,title,issue_url\n" + rows)
    with database.writing() as db:
        assert len(post_backlog(db, db.get_one(Backlog, backlog.id), by=cast.bank, at=NOW)) == MOST_ROWS
    with database.reading() as db:
        assert db.exec(select(func.count()).select_from(Need)).one() == MOST_ROWS


# ---- Pages -----------------------------------------------------------------------------------------------------


def test_a_backlog_is_sent_looked_at_and_posted_through_its_pages(app: Flask, database: Database) -> None:
    with database.writing() as db:
        cast = gather(db)
    with visiting(app, cast.bank) as browser:
        assert browser.get("/needs/backlogs/new").status_code == 200
        nothing = browser.post("/needs/backlogs", data={}, content_type="multipart/form-data")
        assert nothing.status_code == 422
        assert "Please choose a file." in nothing.text
        wrong = {"file": (BytesIO(b"a,b\n1,2\n"), "wrong.csv")}
        refused = browser.post("/needs/backlogs", data=wrong, content_type="multipart/form-data")
        assert refused.status_code == 422
        assert "does not name: software / logiciel" in refused.text
        right = {"file": (BytesIO(FRENCH.read_bytes()), "besoins été.csv")}
        sent = browser.post("/needs/backlogs", data=right, content_type="multipart/form-data")
        assert sent.status_code == 303
        shown = browser.get(sent.location).text
        for words in (
            "besoins été.csv", "Post the 4 new needs", "Line 4 of this file says the same.", "Column “Créé le”",
            "“Sans Dépôt” is not registered yet",
        ):  # fmt: skip
            assert words in shown
        assert "Manuel" not in browser.get(f"{sent.location}?show=wrong").text
        assert browser.get("/needs").text.count("Manuel") == 0
    with visiting(app, cast.insurer) as browser:
        assert browser.get(sent.location).status_code == 404
        assert browser.post(f"{sent.location}/posting").status_code == 404
    with visiting(app, cast.bank) as browser:
        assert browser.post(f"{sent.location}/posting").status_code == 303
        assert "4 needs of this file were posted" in browser.get(sent.location).text
        again = browser.post(f"{sent.location}/posting")
        assert again.status_code == 409
        assert "Needs posted: 4" in again.text
        assert "Manuel" in browser.get("/needs").text
