"""Writes bank statements as banks do (camt.053 and camt.054), for tests and measurements. All accounts are invented."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from xml.sax.saxutils import escape

OUR_IBAN = "FR7630001007941234567890185"
PAYER_IBAN = "DE89370400440532013000"
DAY = date(2026, 12, 1)


@dataclass(frozen=True)
class Part:
    """One transaction inside an entry, in cents; what is empty is left out."""

    cents: int
    reference: str = ""
    text: str = ""
    end_to_end_id: str = ""
    name: str = "Banque Lumen"
    account: str = PAYER_IBAN
    return_code: str = ""
    payment_id: str = ""


@dataclass(frozen=True)
class Entry:
    """One line on the account; several parts make it a batch."""

    parts: Sequence[Part]
    is_credit: bool = True
    name: str = ""
    status: str = "BOOK"
    currency: str = "EUR"
    day: date = DAY
    details: bool = True

    @property
    def cents(self) -> int:
        """What the line adds to the account, or takes."""
        return sum(part.cents for part in self.parts)


@dataclass
class Book:
    """A statement about to be written."""

    entries: Iterable[Entry]
    version: int = 8
    opening: int | None = 0
    closing: int | None = None
    iban: str = OUR_IBAN
    name: str = "STMT-1"
    kind: str = "053"
    day: date = field(default=DAY)

    def write(self) -> BytesIO:
        """The file, ready to be read."""
        entries = list(self.entries)
        moved = sum(one.cents if one.is_credit else -one.cents for one in entries if one.status == "BOOK")
        closing = self.closing
        if closing is None and self.opening is not None:
            closing = self.opening + moved
        root, one = ("BkToCstmrStmt", "Stmt") if self.kind == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{self.kind}.001.{self.version:02d}">'
            f"<{root}><GrpHdr><MsgId>M-{self.name}</MsgId><CreDtTm>{self.day}T20:00:00</CreDtTm></GrpHdr><{one}>"
            f"<Id>{self.name}</Id><CreDtTm>{self.day}T20:00:00</CreDtTm>"
            f"<Acct><Id><IBAN>{self.iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
            f"{self._balance('OPBD', self.opening)}{self._balance('CLBD', closing)}"
            + "".join(self._entry(number, entry) for number, entry in enumerate(entries, start=1))
            + f"</{one}></{root}></Document>"
        )
        return BytesIO(text.encode())

    def _balance(self, kind: str, cents: int | None) -> str:
        if cents is None:
            return ""
        sign = "CRDT" if cents >= 0 else "DBIT"
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_amount(abs(cents), 'EUR')}"
            f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{self.day}</Dt></Dt></Bal>"
        )

    def _entry(self, number: int, entry: Entry) -> str:
        sign = "CRDT" if entry.is_credit else "DBIT"
        status = f"<Sts>{entry.status}</Sts>" if self.version < 8 else f"<Sts><Cd>{entry.status}</Cd></Sts>"
        details = "".join(self._part(part, entry, sign) for part in entry.parts) if entry.details else ""
        return (
            f"<Ntry>{_amount(entry.cents, entry.currency)}<CdtDbtInd>{sign}</CdtDbtInd>{status}"
            f"<BookgDt><Dt>{entry.day}</Dt></BookgDt><ValDt><Dt>{entry.day}</Dt></ValDt>"
            f"<AcctSvcrRef>{entry.name or f'{self.name}-{number}'}</AcctSvcrRef><BkTxCd/>"
            f"<NtryDtls>{self._batch(entry)}{details}</NtryDtls></Ntry>"
        )

    def _batch(self, entry: Entry) -> str:
        name = entry.parts[0].payment_id
        return f"<Btch><PmtInfId>{name}</PmtInfId></Btch>" if name else ""

    def _part(self, part: Part, entry: Entry, sign: str) -> str:
        amount = _amount(part.cents, entry.currency)
        said = f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>"
        if self.version > 2:
            said = f"{amount}<CdtDbtInd>{sign}</CdtDbtInd>{said}"
        side = "Dbtr" if entry.is_credit != bool(part.return_code) else "Cdtr"
        name = f"<Nm>{escape(part.name)}</Nm>"
        party = f"<{side}>{name if self.version < 8 else f'<Pty>{name}</Pty>'}</{side}>"
        text = f"<Ustrd>{escape(part.text)}</Ustrd>" if part.text else ""
        structured = (
            f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>{part.reference}</Ref>"
            "</CdtrRefInf></Strd>" if part.reference else ""
        )  # fmt: skip
        back = f"<RtrInf><Rsn><Cd>{part.return_code}</Cd></Rsn></RtrInf>" if part.return_code else ""
        return (
            f"<TxDtls><Refs><EndToEndId>{part.end_to_end_id or 'NOTPROVIDED'}</EndToEndId></Refs>{said}"
            f"<RltdPties>{party}<{side}Acct><Id><IBAN>{part.account}</IBAN></Id></{side}Acct></RltdPties>"
            f"<RmtInf>{text}{structured}</RmtInf>{back}</TxDtls>"
        )


def _amount(cents: int, currency: str) -> str:
    return f'<Amt Ccy="{currency}">{cents // 100}.{cents % 100:02d}</Amt>'
