"""What stands in a statement's elements: amounts, directions, days, as every version writes them."""

import hashlib
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element  # only its type: `safe_xml` reads

from app.kit.money import Cents
from app.kit.rules import Refused

AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,5})?")


def amount(element: Element | None) -> tuple[Cents, str]:
    """An amount in cents and its currency, as the bank wrote it. Raises `Refused`."""
    text = (element.text or "").strip() if element is not None else ""
    if element is None or not AMOUNT.fullmatch(text):
        raise Refused("An amount in this file cannot be read.")
    try:
        cents = Decimal(text) * 100
    except InvalidOperation:
        cents = Decimal("0.1")
    if cents != int(cents):
        raise Refused("An amount in this file has parts of a cent.")
    return int(cents), str(element.get("Ccy", ""))[:3]


def comes_in(element: Element) -> bool:
    """Whether money came. Raises `Refused` where the line does not say."""
    said = text_of(element, "CdtDbtInd")
    if said not in ("CRDT", "DBIT"):
        raise Refused("A line of this file does not say whether money came or went.")
    return said == "CRDT"


def day_of(element: Element, name: str) -> date | None:
    """A day, however exactly it is told; None where there is none. Raises `Refused`."""
    text = text_of(element, f"{name}/Dt") or text_of(element, f"{name}/DtTm")
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise Refused("A date in this file cannot be read.") from None


def code_of(element: Element) -> str:
    """What kind of movement it is, in the bank's three short words."""
    found = [text_of(element, f"BkTxCd/Domn/{name}") for name in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    return "-".join(part for part in found if part)[:20]


def provided(name: str) -> str:
    """The name the payer gave its payment, if it gave one."""
    return "" if name.upper() == "NOTPROVIDED" else name[:80]


def print_of(entry: Element) -> str:
    """A name for an entry to which the bank gave none: what stands in it."""
    said = "|".join((part.text or "").strip() for part in entry.iter() if (part.text or "").strip())
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def text_of(element: Element | None, path: str) -> str:
    """The text at this place; "" where there is none."""
    return (element.findtext(path) or "").strip() if element is not None else ""
