"""The book where others can read it: a spreadsheet, an offline check of the chain, and bean-check."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session, select

from app.kit import chain
from app.kit.db import Database
from app.ledger import export
from app.ledger.beancount import amount, name_of, quoted
from app.ledger.book import content_of, sealed
from app.ledger.model import Account, Entry
from tests.full_book import fill
from tests.test_ledger import AT, BANK, HELD, receive

pytestmark = pytest.mark.long_story

FILES = ["accounts.csv", "entries.csv", "transfers.csv", "steps.csv", "chain.csv", "book.beancount"]


def bean_check(path: Path) -> subprocess.CompletedProcess[str]:
    """The program, from outside: nothing of it is imported."""
    program = Path(sys.executable).with_name("bean-check")
    return subprocess.run([program, path], capture_output=True, text=True, check=False)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by the names of their columns."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.slow
def test_the_whole_book_is_written_and_bean_check_accepts_it(database: Database, tmp_path: Path) -> None:
    fill(database)
    folder = tmp_path / "book"
    folder.mkdir()
    assert [path.name for path in export.write(database, folder)] == FILES
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    checked = bean_check(folder / "book.beancount")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_bean_check_finds_a_cent_that_is_wrong(database: Database, tmp_path: Path) -> None:
    """The control: were a posting or a balance another, it would be said."""
    with database.writing() as db:
        receive(db, "one", 12_345)
    list(export.write(database, tmp_path))
    path = tmp_path / "book.beancount"
    right = path.read_text()
    assert bean_check(path).returncode == 0
    for wrong in (right.replace("balance Assets:Outside:Bank 123.45", "balance Assets:Outside:Bank 123.46"),
                  right.replace("  Assets:Outside:Bank  123.45", "  Assets:Outside:Bank  123.44")):  # fmt: skip
        assert wrong != right
        path.write_text(wrong)
        assert bean_check(path).returncode == 1


@pytest.mark.on_both
def test_the_csv_files_hold_every_row_and_add_up(database: Database, tmp_path: Path) -> None:
    fill(database)
    list(export.write(database, tmp_path))
    with database.reading() as db:
        balances = {account.code: account.balance_cents for account in db.exec(select(Account))}
        entries = len(db.exec(select(Entry)).all())
    assert {row["code"]: int(row["balance_cents"]) for row in table(tmp_path / "accounts.csv")} == balances
    assert len(table(tmp_path / "entries.csv")) == entries
    grows_by = {row["code"]: row["grows_by"] for row in table(tmp_path / "accounts.csv")}
    summed = dict.fromkeys(balances, 0)
    for row in table(tmp_path / "transfers.csv"):
        for side in ("debit", "credit"):
            summed[row[side]] += int(row["amount_cents"]) * (1 if grows_by[row[side]] == side else -1)
    assert summed == balances


def test_the_chain_can_be_checked_from_the_files_alone(database: Database, tmp_path: Path) -> None:
    from datetime import datetime

    fill(database)
    list(export.write(database, tmp_path))
    entries = {row["id"]: row for row in table(tmp_path / "entries.csv")}
    transfers: dict[str, list[list[object]]] = {}
    for row in table(tmp_path / "transfers.csv"):
        line = [row["debit"], row["credit"], int(row["amount_cents"]), row["currency"]]
        transfers.setdefault(row["entry_id"], []).append(line)
    heads: dict[str, str] = {}
    checked = 0
    for link in table(tmp_path / "chain.csv"):
        head = chain.next_head(heads.get(link["chain"], chain.GENESIS), int(link["number"]), link["digest"])
        assert head == link["head"]
        heads[link["chain"]] = head
        if link["kind"] == "entry":
            entry = entries[link["line_id"]]
            said = content_of(entry["key"], entry["memo"], entry["chain"], transfers[entry["id"]])
            line = chain.canonical(sealed(said, datetime.fromisoformat(entry["at"])))
            assert chain.digest(link["salt"], line) == link["digest"]
            checked += 1
    assert checked == len(entries)


def test_an_empty_book_is_a_book(database: Database, tmp_path: Path) -> None:
    list(export.write(database, tmp_path))
    assert table(tmp_path / "entries.csv") == []
    assert bean_check(tmp_path / "book.beancount").returncode == 0


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_cell_is_never_a_formula(cell: str) -> None:
    assert export.safe_cell(cell) == f"'{cell}"


@given(st.text())
def test_only_text_that_looks_like_a_formula_is_changed(cell: str) -> None:
    safe = export.safe_cell(cell)
    assert safe.removeprefix("'") == cell.removeprefix("'") or safe == cell
    assert not safe.startswith(export.FORMULA)
    assert export.safe_cell(-5) == -5
    assert export.safe_cell(None) == ""


def test_what_people_wrote_reaches_the_files_unharmed(database: Database, tmp_path: Path) -> None:
    memo = '=HYPERLINK("x"); a "quote", a \\ and\na line; é ; 2026-01-01 balance'
    with database.writing() as db:
        export_entry(db, memo)
    list(export.write(database, tmp_path))
    assert table(tmp_path / "entries.csv")[0]["memo"] == f"'{memo}"
    assert bean_check(tmp_path / "book.beancount").returncode == 0


def export_entry(db: Session, memo: str) -> None:
    """One entry with this memo."""
    from app.ledger.book import Leg, post

    post(db, key="one", memo=memo, at=AT, legs=[Leg(BANK, HELD, 5)], chain="house")


@pytest.mark.parametrize(
    ("code", "grows_by", "name"),
    [
        ("outside:sandbox", "debit", "Assets:Outside:Sandbox"),
        ("held:1:2:sandbox", "credit", "Liabilities:Held:C1:P2:Sandbox"),
        ("held-vat:1:2:sepa", "credit", "Liabilities:HeldVat:C1:P2:Sepa"),
        ("owed:3:1:sandbox", "credit", "Liabilities:Owed:O3:C1:Sandbox"),
        ("back:2:sandbox", "credit", "Liabilities:Back:P2:Sandbox"),
        ("claim:2:sandbox", "debit", "Assets:Claims:P2:Sandbox"),
        ("suspense:sandbox", "credit", "Liabilities:Suspense:Sandbox"),
        ("fees", "credit", "Income:Fees"),
        ("vat", "credit", "Liabilities:VatOnFees"),
        ("grant:7", "credit", "Equity:Grant:7"),
        ("costs:my bank", "debit", "Expenses:Costs:My-bank"),
    ],
)
def test_accounts_are_named_as_beancount_wants(code: str, grows_by: str, name: str) -> None:
    assert name_of(code, grows_by) == name


def test_every_account_of_the_chart_has_its_place_in_beancount() -> None:
    from inspect import getsource

    from app.escrow import accounts
    from app.ledger.beancount import ROOTS

    source = getsource(accounts)
    assert {part.split('"')[0].split(":")[0] for part in source.split('AccountName(f"')[1:]} <= set(ROOTS)


@given(st.integers(-(10**15), 10**15))
def test_an_amount_is_written_to_the_cent(cents: int) -> None:
    whole, _, rest = amount(cents).lstrip("-").partition(".")
    assert int(whole) * 100 + int(rest) == abs(cents)
    assert amount(cents).startswith("-") == (cents < 0)


def test_a_text_stays_on_its_line() -> None:
    assert quoted('a "b"\n\\c') == '"a \\"b\\" \\\\c"'


@pytest.mark.on_both
@pytest.mark.slow
def test_rows_are_read_some_at_a_time(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "ROWS", 3)
    with database.writing() as db:
        for number in range(20):
            receive(db, str(number), number + 1)
        assert db.execute(text("SELECT COUNT(*) FROM ledger_entry")).scalar() == 20
    list(export.write(database, tmp_path))
    assert len(table(tmp_path / "entries.csv")) == 20
    assert bean_check(tmp_path / "book.beancount").returncode == 0
