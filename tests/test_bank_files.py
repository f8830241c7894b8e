"""The files of banks, read and written, without a database: what they say, and what is refused of them."""

import io
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from time import perf_counter, process_time
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649
from xmlschema import XMLSchema

from app.kit.rules import Refused
from app.rails.bank import camt, pain, safe_xml
from app.rails.bank.references import creditor_reference, references_in
from tests.statements import OUR_IBAN, PAYER_IBAN, Book, Entry, Part

FILES = Path(__file__).parent / "files" / "bank"
FRENCH_IBAN = "FR1420041010050500013M02606"
RF = creditor_reference("JAL20260001")


def read(book: Book) -> camt.Statement:
    """The one statement of a file."""
    return next(camt.read(book.write()))


def sample(name: str) -> camt.Statement:
    """The one statement of a sample."""
    with (FILES / name).open("rb") as file:
        return next(camt.read(file))


# ---- References


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=21))
def test_every_reference_made_is_one_banks_accept(body: str) -> None:
    made = creditor_reference(body)
    assert iso11649.is_valid(made)
    assert made in references_in(f"Facture {made[:4]} {made[4:8].lower()} {made[8:]}")


def test_a_reference_is_found_in_what_a_payer_typed_and_a_mistyped_one_is_not() -> None:
    assert RF in references_in(
        f"PO-1/invoice, ref. {' '.join(RF[at : at + 4] for at in range(0, len(RF), 4))} merci"
    )
    wrong = RF[:-1] + ("2" if RF[-1] != "2" else "3")
    assert RF not in references_in(wrong)
    assert wrong not in references_in(wrong)
    assert references_in("") == references_in("no reference here") == []


# ---- Statements read


def test_the_samples_of_three_banks_are_read_to_the_last_line() -> None:
    finnish = sample("moov-io__iso20022.camt.053.001.02.xml")
    assert (len(finnish.lines), finnish.difference_cents) == (13, 0)
    assert [line.reference for line in finnish.lines if line.reference.startswith("RF")] == [
        "RF98123456789012"
    ] * 2
    batch = [line for line in finnish.lines if line.parts == 3]
    assert [line.signed_cents for line in batch] == [-200_002, -100_001, -123_002]
    assert len({line.key for line in finnish.lines}) == 13
    swiss = sample("moov-io__iso20022.camt.053.001.04.xml")
    assert (len(swiss.lines), swiss.currency, swiss.difference_cents) == (5, "CHF", 0)
    assert (
        swiss.later_cents == 153_700
    )  # booked that day, valued the day after: the bank's closing leaves it out
    other = sample("genkgo__camt.camt.053.001.08.xml")
    assert (other.lines[0].other_name, other.lines[0].amount_cents) == ("NAME NAME", 885)
    notice = sample("genkgo__camt.camt.054.001.08.xml")
    assert (notice.kind, notice.lines[0].parts, notice.lines[0].index) == (
        "camt.054",
        3,
        0,
    )  # parts in another currency


@pytest.mark.parametrize("version", [2, 3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("kind", ["053", "054"])
def test_every_version_says_the_same(version: int, kind: str) -> None:
    entries = [
        Entry([Part(378_000, reference=RF)]),
        Entry([Part(100, text="two of them"), Part(250, text="in one line")]),
        Entry([Part(5_000, end_to_end_id="JALON1", return_code="AC04")]),
    ]
    statement = read(Book(entries, version=version, kind=kind, opening=100 if kind == "053" else None))
    single, first, second, back = statement.lines
    assert (single.reference, single.amount_cents, single.other_account) == (RF, 378_000, PAYER_IBAN)
    assert (first.text, first.amount_cents, second.text, second.amount_cents) == (
        "two of them",
        100,
        "in one line",
        250,
    )
    assert (back.is_return, back.reason_code, back.end_to_end_id) == (True, "AC04", "JALON1")
    assert (single.other_name, back.other_name) == ("Banque Lumen", "Banque Lumen")


def test_a_batch_is_split_only_where_its_parts_make_its_sum() -> None:
    whole = Book([Entry([Part(100), Part(200)])]).write().getvalue()
    broken = whole.replace(b'<TxAmt><Amt Ccy="EUR">1.00', b'<TxAmt><Amt Ccy="EUR">1.01').replace(
        b'<Amt Ccy="EUR">1.00</Amt><Cdt', b'<Amt Ccy="EUR">1.01</Amt><Cdt'
    )
    assert [line.amount_cents for line in next(camt.read(io.BytesIO(whole))).lines] == [100, 200]
    assert [line.amount_cents for line in next(camt.read(io.BytesIO(broken))).lines] == [300]


def test_what_is_not_booked_yet_is_not_there() -> None:
    assert read(Book([Entry([Part(100)], status="PDNG"), Entry([Part(200)], status="INFO")])).lines == []


def test_opening_and_lines_make_the_closing_balance_or_the_difference_is_told() -> None:
    assert (
        read(Book([Entry([Part(100)]), Entry([Part(30)], is_credit=False)], opening=-50)).difference_cents
        == 0
    )
    assert read(Book([Entry([Part(100)])], opening=0, closing=99)).difference_cents == -1


def test_two_like_lines_are_two_and_the_same_line_in_another_file_is_one() -> None:
    like = [Entry([Part(100)], name="ABC"), Entry([Part(100)], name="ABC")]
    first, second = read(Book(like)).lines
    assert first.key != second.key
    again, too = read(Book(like, kind="054", version=2, opening=None, name="another")).lines
    assert (again.key, too.key) == (first.key, second.key)


# ---- Statements refused


def hostile() -> dict[str, bytes]:
    """Files no bank sends."""
    good = Book([Entry([Part(100)])] * 3).write().getvalue()
    head, _, rest = good.partition(b"\n")
    laughs = b"<!DOCTYPE d [<!ENTITY a '" + b"ha" * 500 + b"'>" + b"".join(
        b"<!ENTITY %c '&%c;&%c;'>" % (98 + n, 97 + n, 97 + n) for n in range(20)) + b"]>"  # fmt: skip
    return {
        "entities that grow": head + laughs + rest.replace(b"STMT-1", b"&u;", 1),
        "an entity from outside": head + b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rest,
        "a bare document type": head + b"<!DOCTYPE Document>" + rest,
        "the same in UTF-16": (b"<!DOCTYPE Document>" + rest).decode().encode("utf-16"),
        "a truncated file": good[: len(good) * 2 // 3],
        "nothing": b"",
        "no XML": b"MZ\x90\x00" * 1000,
        "another message": good.replace(b"camt.053.001.08", b"pain.001.001.09"),
        "a version to come": good.replace(b"camt.053.001.08", b"camt.053.001.14"),
        "a deep one": head + rest.replace(b"<BkTxCd/>", b"<a>" * 5000 + b"</a>" * 5000, 1),
        "a wide one": head + rest.replace(b"<BkTxCd/>", b"<a/>" * 200_000, 1),
        "an amount that is none": good.replace(b'EUR">1.00', b'EUR">1e9', 1),
        "a negative amount": good.replace(b'EUR">1.00', b'EUR">-1.00', 1),
        "parts of a cent": good.replace(b'EUR">1.00', b'EUR">1.001', 1),
        "other digits": good.replace(b'EUR">1.00', 'EUR">١.00'.encode(), 1),
        "no direction": good.replace(b"CRDT", b"BOTH"),
        "a day that is none": good.replace(b"2026-12-01", b"2026-13-01"),
    }


@pytest.mark.parametrize("name", hostile())
def test_what_no_bank_sends_is_refused_in_a_moment(name: str) -> None:
    file = io.BytesIO(hostile()[name])
    tracemalloc.start()
    began = process_time()
    with pytest.raises(Refused):
        list(camt.read(file))
    spent = process_time() - began
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent < 10
    assert most < 64 * 1024 * 1024


def test_a_file_of_a_gigabyte_is_refused_by_its_length(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.write(Book([]).write().getvalue())
        file.truncate(1024**3)  # sparse: it takes no room
    began = perf_counter()
    with path.open("rb") as file, pytest.raises(Refused, match="larger than 64 MB"):
        list(camt.read(file))
    assert perf_counter() - began < 0.5


def test_a_file_that_never_ends_its_text_is_read_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_xml, "LARGEST_FILE", 8 * 1024 * 1024)
    text = Book([]).write().getvalue().replace(b"<Id>STMT-1", b"<Id>" + b"x" * 7_000_000, 1)
    statement = next(camt.read(io.BytesIO(text)))
    assert len(statement.name) == 80


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_no_damage_to_a_file_makes_the_reader_fall_over(damage: bytes, where: int) -> None:
    good = Book([Entry([Part(100, reference=RF), Part(5)])]).write().getvalue()
    file = io.BytesIO(good[:where] + damage + good[where + len(damage) :])
    with suppress(Refused):
        for statement in camt.read(file):
            assert all(line.amount_cents >= 0 and line.entry_key for line in statement.lines)


# ---- Files written


HEAD = pain.Head(
    message_id="JALON-M1", payment_id="JALON-M1-1", at=datetime(2026, 12, 1, 8, 30, tzinfo=UTC),
    holder="Fonds des communs ÉÀ", iban=OUR_IBAN, currency="EUR", execute_on=date(2026, 12, 2), bic="BDFEFRPPXXX",
    creditor_id="FR72ZZZ123456", scheme="CORE",
)  # fmt: skip
ORDERS = [
    pain.Transfer("JALONA1", 1_440_000, "Atelier Wiki & Søn", PAYER_IBAN, RF),
    pain.Transfer("JALONA2", 1, "Ministère", "FR1420041010050500013M02606", "JALON 4F2A"),
]
NAMESPACE = {"p": f"urn:iso:std:iso:20022:tech:xsd:{pain.TRANSFER_SCHEMA}"}


@cache
def schema(name: str) -> XMLSchema:
    """A schema banks check files by, read by a second hand."""
    return XMLSchema(str(files("sepaxml") / "schemas" / f"{name}.xsd"))


def holds_to(name: str, file: bytes) -> bool:
    """Whether a bank would read this file."""
    return schema(name).is_valid(file.decode())


def test_a_file_that_does_not_hold_to_its_schema_is_not_made() -> None:
    too_long = replace(HEAD, message_id="M" * 36)
    debit = pain.Debit("JALOND1", 378_000, "Lumen", PAYER_IBAN, RF, "MND-1", date(2026, 11, 2), is_first=True)
    with pytest.raises(Refused, match="hold to its schema"):
        pain.transfers(too_long, ORDERS)
    with pytest.raises(Refused, match="hold to its schema"):
        pain.debits(too_long, [debit])


def test_a_file_of_transfers_holds_to_its_schema_and_says_what_was_ordered() -> None:
    file = pain.transfers(HEAD, ORDERS)
    assert holds_to(pain.TRANSFER_SCHEMA, file)
    tree = ElementTree.fromstring(file)
    said = [node.text for node in tree.iterfind(".//p:InstdAmt", NAMESPACE)]
    assert said == ["14400.00", "0.01"]
    assert tree.findtext(".//p:GrpHdr/p:CtrlSum", "", NAMESPACE) == "14400.01"
    assert tree.findtext(".//p:CdtrRefInf/p:Ref", "", NAMESPACE) == RF
    assert [node.text for node in tree.iterfind(".//p:Ustrd", NAMESPACE)] == ["JALON 4F2A"]
    assert tree.findtext(".//p:ReqdExctnDt/p:Dt", "", NAMESPACE) == "2026-12-02"
    assert (tree.findtext(".//p:MsgId", "", NAMESPACE), tree.findtext(".//p:PmtInfId", "", NAMESPACE)) == (
        "JALON-M1", "JALON-M1-1",
    )  # fmt: skip
    assert pain.transfers(HEAD, ORDERS) == file, "the same orders make the same bytes"


@pytest.mark.parametrize("scheme", ["CORE", "B2B"])
def test_a_file_of_debits_holds_to_its_schema_in_both_schemes(scheme: str) -> None:
    debits = [
        pain.Debit("JALOND1", 378_000, "Banque Lumen", PAYER_IBAN, RF, "MND-1", date(2026, 11, 2), is_first=True),
        pain.Debit("JALOND2", 100, "Port", FRENCH_IBAN, RF, "MND-2", date(2026, 11, 3), is_first=False),
    ]  # fmt: skip
    file = pain.debits(replace(HEAD, scheme=scheme), debits)
    assert holds_to(pain.DEBIT_SCHEMA, file)
    text = file.decode()
    assert f"<LclInstrm><Cd>{scheme}</Cd>" in text
    assert "<SeqTp>FRST</SeqTp>" in text
    assert "<SeqTp>RCUR</SeqTp>" in text
    assert "<MndtId>MND-1</MndtId><DtOfSgntr>2026-11-02</DtOfSgntr>" in text
    assert file == pain.debits(replace(HEAD, scheme=scheme), debits)


def test_an_account_number_with_wrong_check_digits_goes_into_no_file() -> None:
    wrong = replace(ORDERS[0], iban=PAYER_IBAN[:-1] + "1")
    with pytest.raises(Refused, match="check digits"):
        pain.transfers(HEAD, [wrong])
    with pytest.raises(Refused, match="one cent"):
        pain.transfers(HEAD, [replace(ORDERS[0], amount_cents=0)])
    with pytest.raises(Refused, match="creditor identifier"):
        pain.debits(replace(HEAD, creditor_id=""), [])


def test_what_a_person_typed_never_becomes_markup_in_a_file() -> None:
    file = pain.transfers(HEAD, [replace(ORDERS[1], name="<Ustrd>&x;", reference="</Ustrd><Hack/>")])
    assert b"<Hack" not in file
    assert holds_to(pain.TRANSFER_SCHEMA, file)
