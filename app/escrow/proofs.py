"""Files with which anyone can check the chain of a campaign, and a backer its own lines and sums, without us."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.campaigns.model import Campaign
from app.escrow.lines import HELD, both_sides
from app.escrow.trail import is_own, own_things
from app.kit.chain import canonical
from app.kit.links import ChainLink, campaign_chain
from app.kit.money import Cents
from app.ledger.model import Account, Entry, Transfer
from app.people.step import Step, content

CHAIN_COLUMNS = ("number", "kind", "digest", "head")
LINE_COLUMNS = ("number", "kind", "at", "what", "from", "to", "amount", "digest", "salt", "content")
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def chain_csv(db: Session, campaign: Campaign) -> str:
    """Every link of the campaign's chain: digests only, nothing to read in them."""
    query = (
        select(ChainLink)
        .where(ChainLink.chain == campaign_chain(campaign.id))
        .order_by(col(ChainLink.number))
    )
    rows = ((link.number, link.kind, link.digest, link.head) for link in db.exec(query))
    return _written(CHAIN_COLUMNS, rows)


def lines_csv(db: Session, campaign: Campaign, organization_id: int, pledge_ids: Sequence[int]) -> str:
    """A backer's own entries, acts and balances, each with what its digest is made of."""
    rows = [*_entries(db, campaign, pledge_ids), *_steps(db, campaign, organization_id, pledge_ids)]
    rows.sort(key=lambda row: int(row[0]))
    return _written(LINE_COLUMNS, [*rows, *_balances(db, pledge_ids, campaign)])


def _entries(db: Session, campaign: Campaign, pledge_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    debit, credit = both_sides()
    own = or_(*(_is_of(pledge, code) for pledge in pledge_ids for code in (debit.code, credit.code)))
    mine = (
        select(Transfer.entry_id)
        .join(debit, col(Transfer.debit_id) == debit.id)
        .join(credit, col(Transfer.credit_id) == credit.id)
        .where(own)
    )
    query = (
        select_columns(
            Entry, ChainLink, debit.code, credit.code, col(Transfer.amount_cents), col(Transfer.currency)
        )
        .join(ChainLink, and_(col(ChainLink.kind) == "entry", col(ChainLink.line_id) == col(Entry.id)))
        .join(Transfer, col(Transfer.entry_id) == col(Entry.id))
        .join(debit, col(Transfer.debit_id) == debit.id)
        .join(credit, col(Transfer.credit_id) == credit.id)
        .where(col(Entry.chain) == campaign_chain(campaign.id), col(Entry.id).in_(mine))
        .order_by(col(Entry.id), col(Transfer.id))
    )
    found: dict[int, tuple[Entry, ChainLink, list[list[Any]]]] = {}
    for entry, link, source, target, cents, currency in db.execute(query):
        found.setdefault(entry.id, (entry, link, []))[2].append([source, target, cents, currency])
    return [_entry_row(*row) for row in found.values()]


def _entry_row(entry: Entry, link: ChainLink, transfers: list[list[Any]]) -> tuple[Any, ...]:
    text = canonical({
        "key": entry.key, "memo": entry.memo, "chain": entry.chain, "transfers": transfers,
        "at": entry.at.isoformat(),
    })  # fmt: skip
    return (
        link.number, "entry", entry.at.isoformat(), entry.memo,
        " ".join(dict.fromkeys(row[0] for row in transfers)), " ".join(dict.fromkeys(row[1] for row in transfers)),
        _decimal(sum(row[2] for row in transfers)), link.digest, link.salt, text,
    )  # fmt: skip


def _is_of(pledge_id: int, code: Any) -> Any:
    own = [col(code).like(f"{name}:%:{pledge_id}:%") for name in HELD]
    return or_(*own, col(code).startswith(f"back:{pledge_id}:"), col(code).startswith(f"claim:{pledge_id}:"))


def _steps(
    db: Session, campaign: Campaign, organization_id: int, pledge_ids: Sequence[int]
) -> list[tuple[Any, ...]]:
    query = (
        select(Step, ChainLink)
        .join(ChainLink, and_(col(ChainLink.kind) == "step", col(ChainLink.line_id) == col(Step.id)))
        .where(Step.campaign_id == campaign.id, is_own(organization_id, own_things(db, pledge_ids)))
        .order_by(col(Step.id))
    )
    return [
        (
            link.number, "step", step.at.isoformat(), f"{step.thing}: {step.act}", step.before, step.after, "",
            link.digest, link.salt, canonical(content(step)),
        )
        for step, link in db.exec(query)
    ]  # fmt: skip


def _balances(db: Session, pledge_ids: Sequence[int], campaign: Campaign) -> list[tuple[Any, ...]]:
    """What the book says stands on one's own accounts: the script compares it with the entries above."""
    query = select(Account).where(or_(*(_is_of(pledge, Account.code) for pledge in pledge_ids)))
    accounts = sorted(db.exec(query), key=lambda account: account.code)
    return [
        ("", "balance", "", account.code, "", "", _decimal(account.balance_cents), "", "", "")
        for account in accounts
        if _of_campaign(account.code, campaign)
    ]


def _of_campaign(code: str, campaign: Campaign) -> bool:
    name, first, *_rest = code.split(":")
    return name not in HELD or first == str(campaign.id)


def _decimal(cents: Cents) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _written(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    paper = io.StringIO()
    writer = csv.writer(paper, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return paper.getvalue()


def safe(cell: Any) -> str:
    """A cell no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(BEGINS_A_FORMULA) else text
