"""The steps that led to rows written in bulk: as `record` writes them, but thousands at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, func, select

from app.kit.chain import canonical
from app.kit.links import campaign_chain, remember
from app.people.step import Step, content


def step(
    thing: SQLModel, act: str, company: int, *, at: datetime, before: str,
    campaign_id: int | None = None, **facts: Any,
) -> dict[str, Any]:  # fmt: skip
    """What a company's own person did, its row being there already."""
    return {
        "at": at, "pseudonym": pseudonym(company), "organization_id": company, "act": act,
        "thing": type(thing).__name__, "thing_id": thing.id, "campaign_id": campaign_id,  # type: ignore[attr-defined]
        "before": before, "after": thing.state, "facts": canonical(facts),  # type: ignore[attr-defined]
    }  # fmt: skip


def tell(db: Session, steps: list[dict[str, Any]]) -> None:
    """Write them down, each a link of its chain."""
    before = db.exec(select(func.max(col(Step.id)))).one() or 0
    db.execute(insert(Step), steps)
    for written in db.exec(select(Step).where(Step.id > before).order_by(col(Step.id))):
        remember(db, campaign_chain(written.campaign_id), "step", written.id, content(written))


def pseudonym(company: int) -> str:
    """How the one person of this company stands in the record."""
    return f"p-{company}"
