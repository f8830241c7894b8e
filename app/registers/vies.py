"""The port to VIES, the European Union's register of VAT numbers: how it is asked, and what its answer means.

The Commission's own interface (GET …/ms/{country}/vat/{number}); asked with the number of who asks, it gives a
consultation number (`requestIdentifier`) that proves the question was put. An answer that is no clear yes or no, such
as MS_UNAVAILABLE, says nothing about the number: it is asked again.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlencode, urlsplit

from app.kit.fetching import Fetched, Reach, fetch
from app.kit.vies_settings import PRACTICE

CLEAR = ("VALID", "INVALID")
NOT_GIVEN = "---"


class Found(StrEnum):
    """What the register says of a number."""

    VALID = "valid"
    UNKNOWN = "unknown"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Verdict:
    """What was answered, to whom it is registered where the country tells, and the proof of the question."""

    found: Found
    name: str = ""
    consultation: str = ""


def ask(register: str, number: str, asker: str, *, inside: bool = False) -> tuple[Verdict, Fetched]:
    """Look a VAT number up (with its country letters). Raises `NotAllowed` or `Unreachable`, as `fetch` does."""
    if register == PRACTICE:
        return _practised(number), Fetched(200, b"")
    host = urlsplit(register).netloc.lower()
    answer = fetch(address_of(register, number, asker), Reach(frozenset({host}), inside=inside), seconds=20)
    return verdict(answer), answer


def address_of(register: str, number: str, asker: str) -> str:
    """Where the answer about this number stands; with the asker's own number it comes with its proof."""
    address = f"{register}/ms/{quote(number[:2])}/vat/{quote(number[2:], safe='')}"
    if not asker:
        return address
    return f"{address}?{urlencode({'requesterMemberStateCode': asker[:2], 'requesterNumber': asker[2:]})}"


def verdict(answer: Fetched) -> Verdict:
    """What an answer means. Only a plain yes or no of the register is one; anything else is unclear."""
    try:
        said = json.loads(answer.body) if answer.status == 200 else None
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.get("userError", "VALID") not in CLEAR:
        return Verdict(Found.UNCLEAR)
    if not isinstance(said.get("isValid"), bool):
        return Verdict(Found.UNCLEAR)
    if not said["isValid"]:
        return Verdict(Found.UNKNOWN, consultation=_line(said, "requestIdentifier", 40))
    return Verdict(Found.VALID, _line(said, "name", 160), _line(said, "requestIdentifier", 40))


def _line(said: dict[str, object], name: str, most: int) -> str:
    text = " ".join(str(said.get(name) or "").split())
    return "" if text == NOT_GIVEN else text[:most]


def _practised(number: str) -> Verdict:
    if number.endswith("00"):
        return Verdict(Found.UNKNOWN)
    return Verdict(Found.VALID, consultation="PRACTICE")
