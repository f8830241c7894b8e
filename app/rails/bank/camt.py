"""Bank statements (camt.053) and notifications (camt.054), versions 02 to 08, read as plain facts.

Batches are split where their parts add up; whatever the version, a line looks the same.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO
from xml.etree.ElementTree import Element  # only its type: `safe_xml` reads

from app.kit.money import Cents
from app.kit.rules import Refused
from app.rails.bank.camt_fields import amount, code_of, comes_in, day_of, print_of, provided, text_of
from app.rails.bank.safe_xml import namespace_of, pieces, require_bounded

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.(05[34])\.001\.0([2-8])")
STATEMENTS = {"053": "Stmt", "054": "Ntfctn"}
WANTED = frozenset({"Id", "CreDtTm", "Acct", "Bal", "Ntry"})
MOST_LINES = 100_000


@dataclass(frozen=True)
class Line:
    """One movement on the account, in positive cents. `entry_key` names the bank's entry, `index` its part (0: whole).

    `reference` is the structured one, `text` what the payer typed; `reason_code` says why it is a return.
    """

    entry_key: str
    index: int
    is_credit: bool
    amount_cents: Cents
    currency: str
    booked_on: date | None
    valued_on: date | None = None
    reference: str = ""
    text: str = ""
    end_to_end_id: str = ""
    payment_id: str = ""
    message_id: str = ""
    mandate_id: str = ""
    other_name: str = ""
    other_account: str = ""
    is_return: bool = False
    reason_code: str = ""
    reason: str = ""
    code: str = ""
    parts: int = 1

    @property
    def key(self) -> str:
        """The same for the same line, in whichever file it comes."""
        return f"{self.entry_key}/{self.index}"

    @property
    def signed_cents(self) -> Cents:
        """What the line adds to the account."""
        return self.amount_cents if self.is_credit else -self.amount_cents


@dataclass
class Statement:
    """One statement of one account, with its booked lines. Balances are in cents, None where the bank says none."""

    kind: str
    name: str = ""
    account: str = ""
    currency: str = ""
    opening_cents: Cents | None = None
    closing_cents: Cents | None = None
    closing_on: date | None = None
    lines: list[Line] = field(default_factory=list)

    @property
    def difference_cents(self) -> Cents:
        """What is missing for opening and lines to make the closing balance; 0 where there is nothing to compare.

        Some banks leave out of it what is booked on the day and valued after it.
        """
        if self.opening_cents is None or self.closing_cents is None:
            return 0
        moved = self.closing_cents - self.opening_cents
        whole = moved - sum(line.signed_cents for line in self.lines)
        return 0 if whole == -self.later_cents else whole

    @property
    def later_cents(self) -> Cents:
        """What is booked on the closing day and valued after it."""
        day = self.closing_on
        return sum(
            line.signed_cents for line in self.lines if day and line.valued_on and line.valued_on > day
        )

    @property
    def held_cents(self) -> Cents | None:
        """What the account holds once every line of this statement counts."""
        if self.opening_cents is None or self.closing_cents is None:
            return self.closing_cents
        return self.opening_cents + sum(line.signed_cents for line in self.lines)


def read(file: BinaryIO) -> Iterator[Statement]:
    """The statements of a file, one after the other. Raises `Refused`: then nothing of the file is to be believed."""
    require_bounded(file)
    found = NAMESPACE.fullmatch(namespace_of(file))
    if found is None:
        raise Refused(
            "This is not a bank statement Jalon reads: camt.053 or camt.054, in a version from 02 to 08."
        )
    kind, version = f"camt.{found[1]}", int(found[2])
    statement, seen, count = Statement(kind), dict[str, int](), 0
    for tag, element in pieces(file, STATEMENTS[found[1]], WANTED):
        if not tag:
            yield statement
            statement, seen = Statement(kind), {}
        elif tag == "Ntry":
            found_lines = _lines(element, statement, seen, version)
            statement.lines += found_lines
            count += len(found_lines)
            if count > MOST_LINES:
                raise Refused("A file may have at most %(most)s lines.", most=MOST_LINES)
        else:
            _note(statement, tag, element)


def _note(statement: Statement, tag: str, element: Element) -> None:
    if tag == "Id":
        statement.name = (element.text or "").strip()[:80]
    elif tag == "Acct":
        statement.account = text_of(element, "Id/IBAN") or text_of(element, "Id/Othr/Id")
        statement.currency = text_of(element, "Ccy")
    elif tag == "Bal":
        _note_balance(statement, element)


def _note_balance(statement: Statement, balance: Element) -> None:
    kind = text_of(balance, "Tp/CdOrPrtry/Cd")
    if kind not in ("OPBD", "PRCD", "CLBD"):
        return
    cents, currency = amount(balance.find("Amt"))
    statement.currency = statement.currency or currency
    if currency != statement.currency:
        return
    signed = cents if comes_in(balance) else -cents
    if kind == "CLBD":
        statement.closing_cents, statement.closing_on = signed, day_of(balance, "Dt")
    elif kind == "OPBD" or statement.opening_cents is None:
        statement.opening_cents = signed


def _lines(entry: Element, statement: Statement, seen: dict[str, int], version: int) -> list[Line]:
    """The lines of an entry: its parts where they add up to it, otherwise itself. None of one not booked yet."""
    status = text_of(entry, "Sts/Cd") or text_of(entry, "Sts")
    if status != "BOOK":
        return []
    cents, currency = amount(entry.find("Amt"))
    is_credit = comes_in(entry)
    booked_on = day_of(entry, "BookgDt")
    name = text_of(entry, "AcctSvcrRef") or text_of(entry, "NtryRef") or print_of(entry)
    key = f"{statement.account}/{name}/{booked_on}/{'+' if is_credit else '-'}{cents}{currency}"
    seen[key] = seen.get(key, 0) + 1
    digest = hashlib.sha256(f"{key}/{seen[key]}".encode()).hexdigest()[:40]
    details = entry.findall("NtryDtls/TxDtls")
    whole = Line(
        entry_key=digest, index=0, is_credit=is_credit, amount_cents=cents, currency=currency, booked_on=booked_on,
        valued_on=day_of(entry, "ValDt"), code=code_of(entry), message_id=text_of(entry, "NtryDtls/Btch/MsgId"),
        payment_id=text_of(entry, "NtryDtls/Btch/PmtInfId"), parts=max(1, len(details)),
        text=text_of(entry, "AddtlNtryInf")[:500], is_return=text_of(entry, "RvslInd") == "true",
    )  # fmt: skip
    if len(details) < 2:
        return [_told(whole, details[0], version) if details else whole]
    amounts = [_part_amount(detail, version) for detail in details]
    if None in amounts or any(found and found[1] != currency for found in amounts):
        return [whole]
    parts = [found[0] for found in amounts if found]
    signs = [_part_sign(detail, is_credit) for detail in details]
    total = cents if is_credit else -cents
    if sum(part if sign else -part for part, sign in zip(parts, signs, strict=True)) != total:
        signs = [is_credit] * len(parts)
        if sum(parts) != cents:
            return [whole]
    return [
        _told(whole, detail, version, number, part, sign)
        for number, (detail, part, sign) in enumerate(zip(details, parts, signs, strict=True), start=1)
        if part
    ]


def _told(
    whole: Line, detail: Element, version: int, number: int = 0, cents: Cents = 0, is_credit: bool = True
) -> Line:
    """The line with what a part of its entry says. The entry's own sum is what counts where it has one part."""
    if not number:
        cents, is_credit = whole.amount_cents, whole.is_credit
    party, account = ("Dbtr", "DbtrAcct") if is_credit else ("Cdtr", "CdtrAcct")
    back = detail.find("RtrInf")
    if back is not None:  # what we sent comes back: the other side stands where it stood when it left
        party, account = ("Cdtr", "CdtrAcct") if is_credit else ("Dbtr", "DbtrAcct")
    other_name = text_of(detail, f"RltdPties/{party}/Pty/Nm") or text_of(detail, f"RltdPties/{party}/Nm")
    texts = [(part.text or "").strip() for part in detail.findall("RmtInf/Ustrd")]
    texts += [(part.text or "").strip() for part in detail.findall("RmtInf/Strd/AddtlRmtInf")]
    return Line(
        entry_key=whole.entry_key, index=number, is_credit=is_credit, amount_cents=cents, currency=whole.currency,
        booked_on=whole.booked_on, valued_on=whole.valued_on, parts=whole.parts, code=code_of(detail) or whole.code,
        reference=text_of(detail, "RmtInf/Strd/CdtrRefInf/Ref")[:60],
        text=" ".join(text for text in texts if text)[:500] or whole.text,
        end_to_end_id=provided(text_of(detail, "Refs/EndToEndId")),
        payment_id=text_of(detail, "Refs/PmtInfId") or whole.payment_id,
        message_id=text_of(detail, "Refs/MsgId") or whole.message_id,
        mandate_id=text_of(detail, "Refs/MndtId"),
        other_name=other_name[:160],
        other_account=(text_of(detail, f"RltdPties/{account}/Id/IBAN")
                       or text_of(detail, f"RltdPties/{account}/Id/Othr/Id"))[:40],
        is_return=whole.is_return or back is not None,
        reason_code=(text_of(back, "Rsn/Cd") or text_of(back, "Rsn/Prtry"))[:10] if back is not None else "",
        reason=text_of(back, "AddtlInf")[:200] if back is not None else "",
    )  # fmt: skip


def _part_amount(detail: Element, version: int) -> tuple[Cents, str] | None:
    """The sum of one part: said plainly since version 03, among the details before."""
    found = detail.find("Amt") if version > 2 else None
    if found is None:
        found = detail.find("AmtDtls/TxAmt/Amt")
    return None if found is None else amount(found)


def _part_sign(detail: Element, is_credit: bool) -> bool:
    return is_credit if detail.find("CdtDbtInd") is None else comes_in(detail)
