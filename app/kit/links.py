"""Where the chains are kept: a link for every entry and step, one chain a campaign, one for the rest.

Lines are remembered during a transaction and linked at its end, chain by chain in order of name, so that the heads
are the last rows any transaction locks.
"""

from typing import Any

from sqlalchemy import UniqueConstraint, bindparam, insert, select, update
from sqlmodel import Field, Session, SQLModel, col

from app.kit.chain import GENESIS, canonical, digest, new_salt, next_head
from app.kit.rows import Row, insert_missing

HOUSE = "house"


class ChainHead(SQLModel, table=True):
    """How far a chain has come."""

    __tablename__ = "chain_head"

    chain: str = Field(primary_key=True, max_length=60)
    number: int = 0
    head: str = Field(default=GENESIS, max_length=64)


class ChainLink(Row, table=True):
    """One line of a chain: what it is about, its salt, its digest, the head it led to. Never changed."""

    __tablename__ = "chain_link"
    __table_args__ = (UniqueConstraint("chain", "number"), UniqueConstraint("kind", "line_id"))

    chain: str = Field(max_length=60, foreign_key="chain_head.chain")
    number: int
    kind: str = Field(max_length=10)
    line_id: int
    salt: str = Field(max_length=32)
    digest: str = Field(max_length=64)
    head: str = Field(max_length=64)


def campaign_chain(campaign_id: int | None) -> str:
    """The chain a line belongs to: its campaign's, or the house's."""
    return f"campaign:{campaign_id}" if campaign_id is not None else HOUSE


def remember(db: Session, name: str, kind: str, line: Any, content: dict[str, Any]) -> None:
    """Link this line when the transaction ends. `line` has its `id` by then."""
    db.info.setdefault("lines", []).append((name, kind, line, content))


def seal(db: Session) -> None:
    """Link what was remembered, in the order it happened."""
    lines = db.info.pop("lines", [])
    if not lines:
        return
    names = sorted({name for name, _, _, _ in lines})
    heads = {name: _locked_head(db, name) for name in names}
    rows = []
    for name, kind, line, content in lines:
        number, before = heads[name]
        salt = new_salt()
        line_digest = digest(salt, canonical(content))
        head = next_head(before, number + 1, line_digest)
        heads[name] = (number + 1, head)
        line_id = line if isinstance(line, int) else line.id
        rows.append({
            "chain": name, "number": number + 1, "kind": kind, "line_id": line_id,
            "salt": salt, "digest": line_digest, "head": head,
        })  # fmt: skip
    db.execute(_ADD, rows)
    for name, (number, head) in heads.items():
        db.execute(_MOVE_ON, {"name": name, "reached": number, "is_now": head})


# With every transaction, so they are built once.
_HEAD = (
    select(col(ChainHead.number), col(ChainHead.head))
    .where(col(ChainHead.chain) == bindparam("name"))
    .with_for_update()
)
_ADD = insert(ChainLink)
_MOVE_ON = (
    update(ChainHead)
    .where(col(ChainHead.chain) == bindparam("name"))
    .values(number=bindparam("reached"), head=bindparam("is_now"))
)


def _locked_head(db: Session, name: str) -> tuple[int, str]:
    asked = {"name": name}
    found = db.execute(_HEAD, asked).one_or_none()
    if found is None:
        insert_missing(db, ChainHead, [{"chain": name, "number": 0, "head": GENESIS}])
        found = db.execute(_HEAD, asked).one()
    return found[0], found[1]
