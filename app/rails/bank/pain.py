"""Files for the bank: credit transfers (pain.001) and direct debits (pain.008), by the rules of SEPA.

Each is validated against its schema before anyone sees it; an account number with wrong check digits goes into none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement  # written here, not read

from sepaxml.debit import SepaDD
from sepaxml.transfer import SepaTransfer
from stdnum import bic as bics
from stdnum import iban as ibans

from app.kit.money import Cents
from app.kit.rules import Refused, require
from app.rails.bank.references import is_reference

if TYPE_CHECKING:
    from xmlschema import XMLSchema

TRANSFER_SCHEMA = "pain.001.001.09"
DEBIT_SCHEMA = "pain.008.001.08"
LARGEST = 999_999_999_99
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Head:
    """What stands over a file: its names, when it was made, whose account it is, when the bank should act."""

    message_id: str
    payment_id: str
    at: datetime
    holder: str
    iban: str
    currency: str
    execute_on: date
    bic: str = ""
    creditor_id: str = ""
    scheme: str = ""


@dataclass(frozen=True)
class Transfer:
    """One payment. A reference that banks can check travels as such, any other as text."""

    end_to_end_id: str
    amount_cents: Cents
    name: str
    iban: str
    reference: str


@dataclass(frozen=True)
class Debit(Transfer):
    """One debit, by a mandate its payer signed."""

    mandate_id: str
    signed_on: date
    is_first: bool


def transfers(head: Head, orders: Sequence[Transfer]) -> bytes:
    """The file that asks the bank to make these payments. Raises `Refused`."""
    facts: dict[str, Any] = {
        "name": head.holder, "IBAN": _iban(head.iban), "currency": head.currency, "batch": True,
    }  # fmt: skip
    if head.bic:
        facts["BIC"] = _bic(head.bic)
    writer = SepaTransfer(facts, schema=TRANSFER_SCHEMA, clean=True)
    for order in orders:
        writer.add_payment({**_facts(order), "execution_date": head.execute_on})
    return _finished(writer, head, orders, TRANSFER_SCHEMA)


def debits(head: Head, orders: Sequence[Debit]) -> bytes:
    """The file that asks the bank to pull these debits. Raises `Refused`."""
    require(head.creditor_id, "The account has no creditor identifier: without it nothing can be debited.")
    facts: dict[str, Any] = {
        "name": head.holder, "IBAN": _iban(head.iban), "currency": head.currency, "batch": True,
        "creditor_id": head.creditor_id, "instrument": head.scheme,
    }  # fmt: skip
    if head.bic:
        facts["BIC"] = _bic(head.bic)
    writer = SepaDD(facts, schema=DEBIT_SCHEMA, clean=True)
    for order in orders:
        writer.add_payment({
            **_facts(order), "type": "FRST" if order.is_first else "RCUR", "collection_date": head.execute_on,
            "mandate_id": order.mandate_id, "mandate_date": order.signed_on,
        })  # fmt: skip
    return _finished(writer, head, orders, DEBIT_SCHEMA)


def _facts(order: Transfer) -> dict[str, Any]:
    require(0 < order.amount_cents <= LARGEST, "A payment has to be of one cent at least.")
    return {
        "name": order.name, "IBAN": _iban(order.iban), "amount": order.amount_cents,
        "description": order.reference or order.end_to_end_id, "endtoend_id": order.end_to_end_id,
    }  # fmt: skip


def _iban(typed: str) -> str:
    if not ibans.is_valid(typed):
        raise Refused(
            "The account ending in %(ends)s is no IBAN: its check digits are wrong.", ends=typed[-4:]
        )
    return str(ibans.compact(typed))


def _bic(typed: str) -> str:
    require(bics.is_valid(typed), "“%(typed)s” is not a BIC.", typed=typed[:20])
    return str(bics.compact(typed))


def _finished(writer: Any, head: Head, orders: Sequence[Transfer], schema: str) -> bytes:
    """Our own names instead of random ones, structured references, and the proof that the schema holds."""
    writer._finalize_batch()  # the library writes text only; the tree is the one place to change it
    tree = writer._xml
    tree.find(".//GrpHdr/MsgId").text = head.message_id
    tree.find(".//GrpHdr/CreDtTm").text = head.at.strftime("%Y-%m-%dT%H:%M:%S")
    for number, payment in enumerate(tree.iter("PmtInfId"), start=1):
        payment.text = head.payment_id if number == 1 else f"{head.payment_id[:-1]}{number}"
    for booked in tree.iter("BtchBookg"):
        booked.text = "false"  # each payment a line of its own on the statement
    by_name = {order.end_to_end_id: order.reference for order in orders}
    for paid in (*tree.iter("CdtTrfTxInf"), *tree.iter("DrctDbtTxInf")):
        reference = by_name[paid.findtext("PmtId/EndToEndId")].replace(" ", "")
        if is_reference(reference):
            _structure(paid.find("RmtInf"), reference)
    writer._finalize_batch = lambda: None
    file: bytes = writer.export(validate=False)
    with _one_at_a_time:
        holds = _schema(schema).is_valid(file.decode())
    require(holds, "The file does not hold to its schema: it was not made.")
    return file


@cache
def _schema(name: str) -> "XMLSchema":
    """Read once: that takes a fifth of a second, and the database waits for who makes a file."""
    from xmlschema import XMLSchema  # a start need not wait for it

    return XMLSchema(str(files("sepaxml") / "schemas" / f"{name}.xsd"))


def _structure(remittance: Element, reference: str) -> None:
    remittance.clear()
    about = SubElement(SubElement(remittance, "Strd"), "CdtrRefInf")
    kind = SubElement(about, "Tp")
    SubElement(SubElement(kind, "CdOrPrtry"), "Cd").text = "SCOR"
    SubElement(kind, "Issr").text = "ISO"
    SubElement(about, "Ref").text = reference
