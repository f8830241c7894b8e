"""The entries behind a figure, in plain words: when, why, from where to where; how much, for those who may know it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import Session, col

from app.campaigns.model import Pledge
from app.escrow.lines import EFFECTS, HELD, both_sides, pledge_of
from app.kit.links import ChainLink, campaign_chain
from app.kit.money import Cents
from app.kit.words import N_, _
from app.ledger.model import Entry, Transfer
from app.people.model import Organization

PAGE = 60

REASONS = {
    "receive": N_("Money came in"),
    "match": N_("Money in doubt was matched to its call"),
    "cost": N_("Kept by the rail"),
    "fee": N_("The call is fully paid: its fee is earned"),
    "release": N_("Accepted: released to the maintainer"),
    "refund": N_("Owed back to the backer"),
    "excess": N_("Paid above the call: owed back"),
    "charge-back": N_("Taken back by the payer's bank"),
    "set-off": N_("Set off against what was taken back"),
    "pay": N_("Sent"),
    "bounce": N_("Came back, owed as before"),
}


@dataclass(frozen=True)
class Moved:
    """One transfer of one entry, as the reader may see it."""

    entry_id: int
    number: int
    at: datetime
    reason: str
    source: str
    target: str
    cents: Cents | None


def moves_behind(
    db: Session, campaign_id: int, *, figure: str, pledge_ids: Sequence[int] | None, before: int | None
) -> list[Any]:
    """The transfers behind a figure, newest first: (entry, number in the chain, debit, credit, cents)."""
    debit, credit = both_sides()
    query = (
        select(Entry, col(ChainLink.number), debit.code, credit.code, col(Transfer.amount_cents))
        .join(Transfer, col(Transfer.entry_id) == col(Entry.id))
        .join(debit, col(Transfer.debit_id) == debit.id)
        .join(credit, col(Transfer.credit_id) == credit.id)
        .join(ChainLink, and_(col(ChainLink.kind) == "entry", col(ChainLink.line_id) == col(Entry.id)))
        .where(col(Entry.chain) == campaign_chain(campaign_id), _changes(figure, debit.code, credit.code))
        .order_by(col(Entry.id).desc(), col(Transfer.id))
    )
    if pledge_ids is not None:
        query = query.where(or_(*(_touches(pledge, debit.code, credit.code) for pledge in pledge_ids)))
    if before is not None:
        query = query.where(col(Entry.id) < before)
    return list(db.execute(query.limit(PAGE + 1)))


def _changes(figure: str, debit: Any, credit: Any) -> ColumnElement[bool]:
    pairs = [pair for pair, change in EFFECTS.items() if figure in change] or list(EFFECTS)
    return or_(*(and_(_is(source, debit), _is(target, credit)) for source, target in pairs))


def _is(kind: str, code: Any) -> ColumnElement[bool]:
    if kind == "held":
        return or_(*(col(code).startswith(f"{name}:") for name in HELD))
    if kind == "fees":
        return col(code).in_(["fees", "vat"])
    return col(code).startswith(f"{kind}:")


def _touches(pledge_id: int, debit: Any, credit: Any) -> ColumnElement[bool]:
    patterns = [f"{name}:%:{pledge_id}:%" for name in HELD] + [f"back:{pledge_id}:%", f"claim:{pledge_id}:%"]
    return or_(*(col(code).like(pattern) for code in (debit, credit) for pattern in patterns))


def booked_under(
    db: Session, keys: Sequence[str], starts: Sequence[str], *, maintainer: str, rail_words: Mapping[str, str]
) -> list[Moved]:
    """The transfers of entries with these keys, or beginning so, oldest first: the fund sees every amount."""
    debit, credit = both_sides()
    query = (
        select(Entry, col(ChainLink.number), debit.code, credit.code, col(Transfer.amount_cents))
        .join(Transfer, col(Transfer.entry_id) == col(Entry.id))
        .join(debit, col(Transfer.debit_id) == debit.id)
        .join(credit, col(Transfer.credit_id) == credit.id)
        .join(ChainLink, and_(col(ChainLink.kind) == "entry", col(ChainLink.line_id) == col(Entry.id)))
        .where(or_(col(Entry.key).in_(keys), *(col(Entry.key).startswith(start) for start in starts)))
        .order_by(col(Entry.id), col(Transfer.id))
    )
    rows = list(db.execute(query))
    pledges = {number for row in rows for code in row[2:4] if (number := pledge_of(code))}
    named = (
        select(col(Pledge.id), col(Organization.name))
        .join(Organization, col(Organization.id) == col(Pledge.organization_id))
        .where(col(Pledge.id).in_(pledges))
    )
    names = {row[0]: row[1] for row in db.execute(named)}
    return told(rows, names=names, maintainer=maintainer, rail_words=rail_words, sees_sums=True)


def are_booked(db: Session, keys: Iterable[str]) -> set[str]:
    """Those of these reasons that an entry stands for."""
    return set(db.scalars(select(col(Entry.key)).where(col(Entry.key).in_(list(keys)))))


def told(
    rows: Sequence[Any], *, names: Mapping[int, str], maintainer: str, rail_words: Mapping[str, str],
    sees_sums: bool,
) -> list[Moved]:  # fmt: skip
    """The transfers in plain words. `names` are the pledges whose money the reader may see, by their backer's name."""
    moved = []
    for entry, number, debit, credit, cents in rows:
        pledge = pledge_of(debit) or pledge_of(credit)
        may_know = pledge in names if pledge else sees_sums
        moved.append(Moved(
            entry_id=entry.id, number=number, at=entry.at, reason=_(REASONS.get(entry.key.split(":")[0], entry.memo)),
            source=account_words(debit, names, maintainer, rail_words),
            target=account_words(credit, names, maintainer, rail_words),
            cents=cents if may_know else None,
        ))  # fmt: skip
    return moved


def account_words(code: str, names: Mapping[int, str], maintainer: str, rail_words: Mapping[str, str]) -> str:
    """An account as people would call it."""
    name, *rest = code.split(":")
    backer = names.get(pledge_of(code) or 0) or _("a backer")
    if name == "outside":
        return _("outside: %(rail)s", rail=_(rail_words.get(rest[0], rest[0])))
    if name == "owed":
        return _("owed to %(maintainer)s", maintainer=maintainer)
    words = {
        "held": N_("held for %(backer)s"),
        "held-vat": N_("VAT held for %(backer)s"),
        "held-fee": N_("fee held for %(backer)s"),
        "back": N_("to be sent back to %(backer)s"),
        "claim": N_("owed by %(backer)s, taken back"),
        "suspense": N_("in doubt"),
        "fees": N_("the fund's fee"),
        "vat": N_("VAT on the fund's fee"),
    }
    sentence = words.get(name, code)
    return _(sentence, backer=backer) if "%(backer)s" in sentence else _(sentence)
