"""The chains: no link is missing, every head follows from the one before, every line is still what was sealed."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from app.audit.check import Check, faults
from app.kit.chain import GENESIS, canonical, digest, next_head
from app.kit.links import ChainHead, ChainLink, campaign_chain
from app.kit.words import _
from app.ledger import heads
from app.ledger.book import content_of, hash_of, sealed
from app.ledger.model import Account, Entry, Transfer
from app.people.step import Step, content

ROWS = 2000

UNLINKED = """
    SELECT 'entry ' || e.id AS line FROM ledger_entry e
    WHERE NOT EXISTS (
        SELECT 1 FROM chain_link l WHERE l.kind = 'entry' AND l.line_id = e.id AND l.chain = e.chain
    )
    UNION ALL
    SELECT 'step ' || s.id FROM step s
    WHERE NOT EXISTS (
        SELECT 1 FROM chain_link l WHERE l.kind = 'step' AND l.line_id = s.id
        AND l.chain = CASE WHEN s.campaign_id IS NULL THEN 'house' ELSE 'campaign:' || s.campaign_id END
    )
"""

LINKED_TO_NOTHING = """
    SELECT l.chain, l.number, l.kind, l.line_id FROM chain_link l
    WHERE NOT (l.kind = 'entry' AND EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = l.line_id))
      AND NOT (l.kind = 'step' AND EXISTS (SELECT 1 FROM step s WHERE s.id = l.line_id))
"""


def streamed(db: Session, query: Any) -> Iterator[Any]:
    """The rows of a query that may be millions, some thousands at a time."""
    return iter(db.execute(query.execution_options(yield_per=ROWS)))


def broken_links(db: Session, _at: datetime) -> Iterator[str]:
    """Links out of number or whose head does not follow; chains that end elsewhere than their head says."""
    ends: dict[str, tuple[int, str]] = {
        row.chain: (row.number, row.head)
        for row in db.execute(select(col(ChainHead.chain), col(ChainHead.number), col(ChainHead.head)))
    }
    query = select(
        col(ChainLink.chain), col(ChainLink.number), col(ChainLink.digest), col(ChainLink.head)
    ).order_by(col(ChainLink.chain), col(ChainLink.number))
    for chain, links in groupby(streamed(db, query), key=lambda link: link.chain):
        number, head = 0, GENESIS
        for link in links:
            if link.number != number + 1:
                yield _("chain {chain}: after link {number} comes {next}").format(
                    chain=chain, number=number, next=link.number
                )
            elif link.head != next_head(head, link.number, link.digest):
                yield _(
                    "chain {chain}: the head of link {number} does not follow from what is before it"
                ).format(chain=chain, number=link.number)
            number, head = link.number, link.head
        if ends.pop(chain, None) != (number, head):
            yield _("chain {chain}: its links end with {number}, its kept head says otherwise").format(
                chain=chain, number=number
            )
    for chain, (number, _head) in ends.items():
        if number:
            yield _("chain {chain}: {number} links are gone").format(chain=chain, number=number)


def changed_entries(db: Session, _at: datetime) -> Iterator[str]:
    """Entries whose text, transfers or time are not what was sealed."""
    debit, credit = Account.__table__.alias(), Account.__table__.alias()  # type: ignore[attr-defined]
    query = (
        select(
            col(Entry.id), col(Entry.key), col(Entry.memo), col(Entry.chain), col(Entry.at), col(Entry.content_hash),
            debit.c.code.label("debit"), credit.c.code.label("credit"),
            col(Transfer.amount_cents), col(Transfer.currency), col(ChainLink.salt), col(ChainLink.digest),
        )
        .join(Transfer, col(Transfer.entry_id) == col(Entry.id))
        .join(debit, debit.c.id == col(Transfer.debit_id))
        .join(credit, credit.c.id == col(Transfer.credit_id))
        .outerjoin(ChainLink, (col(ChainLink.kind) == "entry") & (col(ChainLink.line_id) == col(Entry.id)))
        .order_by(col(Entry.id), col(Transfer.id))
    )  # fmt: skip
    for entry_id, rows in groupby(streamed(db, query), key=lambda row: row.id):
        lines = list(rows)
        first = lines[0]
        said = content_of(first.key, first.memo, first.chain, [
            [row.debit, row.credit, row.amount_cents, row.currency] for row in lines
        ])  # fmt: skip
        if hash_of(said) != first.content_hash:
            yield _("entry {id} ({key}) is not what its key was bound to").format(id=entry_id, key=first.key)
        if first.salt and digest(first.salt, canonical(sealed(said, first.at))) != first.digest:
            yield _("entry {id} ({key}) is not what was sealed in {chain}").format(**first._mapping)


def changed_steps(db: Session, _at: datetime) -> Iterator[str]:
    """Steps that are not what was sealed, or stand in another chain than theirs."""
    query = (
        select(Step, col(ChainLink.salt), col(ChainLink.digest), col(ChainLink.chain))
        .join(ChainLink, (col(ChainLink.kind) == "step") & (col(ChainLink.line_id) == col(Step.id)))
        .order_by(col(Step.id))
    )
    for step, salt, sealed_digest, chain in streamed(db, query):
        if (
            chain != campaign_chain(step.campaign_id)
            or digest(salt, canonical(content(step))) != sealed_digest
        ):
            yield _("step {id} ({act} {thing} {thing_id}) is not what was sealed in {chain}").format(
                id=step.id, act=step.act, thing=step.thing, thing_id=step.thing_id, chain=chain
            )
        db.expunge(step)


def against_file(path: Path) -> Check:
    """Compares the heads noted outside the database with the links inside it."""

    def find(db: Session, _at: datetime) -> Iterator[str]:
        lines = heads.read(path)
        while some := list(islice(lines, ROWS)):
            yield from _strange_heads(db, path.name, some)

    return Check("Every head noted outside the database is in its chain", find)


def _strange_heads(db: Session, file: str, lines: list[tuple[int, heads.Head | None]]) -> Iterator[str]:
    numbers: dict[str, list[int]] = {}
    for _line, noted in lines:
        if noted:
            numbers.setdefault(noted.chain, []).append(noted.number)
    here = {chain: heads.heads_at(db, chain, asked) for chain, asked in numbers.items()}
    for line, noted in lines:
        if noted is None:
            yield _("{file}, line {line}: not a head").format(file=file, line=line)
        elif here[noted.chain].get(noted.number) != noted.head:
            yield _(
                "{file}, line {line}: link {number} of chain {chain} is missing or another here:"
                " this database was changed, or is older than the file, or the file is another database's"
            ).format(file=file, line=line, number=noted.number, chain=noted.chain)


CHECKS = (
    Check("Chains have no gap, and every head follows from the one before", broken_links),
    Check(
        "Every entry and every step is a link of its own chain",
        faults("{line} is not linked in its chain", UNLINKED),
    ),
    Check(
        "Every link is of a line that is there",
        faults("link {number} of chain {chain}: there is no {kind} {line_id}", LINKED_TO_NOTHING),
    ),
    Check("Every entry is what its key was bound to and what was sealed", changed_entries),
    Check("Every step is what was sealed", changed_steps),
)
