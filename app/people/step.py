"""The log of acts: who, for whom, what, before and after. One row for each change of state, in its transaction.

The audit trail shows it, the feed lists it, the mails are written from it.
"""

from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel

from app.kit.chain import canonical
from app.kit.links import campaign_chain, remember
from app.kit.rows import BIG, Fact
from app.people.access import Actor

CLOCK = "clock"


class Step(Fact, table=True):
    """One act. Persons stand by pseudonym; amounts and reasons are in `facts`."""

    __table_args__ = (
        Index("ix_step_thing", "thing", "thing_id"),
        Index("ix_step_campaign", "campaign_id", "id"),
        Index("ix_step_organization", "organization_id", "id"),
    )

    pseudonym: str = Field(max_length=40)
    organization_id: int | None = Field(default=None, sa_type=BIG, foreign_key="organization.id")
    act: str = Field(max_length=40)
    thing: str = Field(max_length=40)
    thing_id: int = Field(sa_type=BIG)
    campaign_id: int | None = Field(default=None, sa_type=BIG)
    before: str = Field(default="", max_length=30)
    after: str = Field(default="", max_length=30)
    facts: str = Field(default="{}", max_length=4000)
    request_id: str = Field(default="", max_length=40)
    origin: str = Field(default="", max_length=60)


def record(
    db: Session, act: str, thing: SQLModel, *, by: Actor | None, at: datetime,
    before: str = "", campaign_id: int | None = None, **facts: Any,
) -> Step:  # fmt: skip
    """Write down an act in its own transaction and its chain. `by` is None when time passed and the clock acted."""
    db.flush()
    step = Step(
        at=at.astimezone(UTC),
        pseudonym=by.person.pseudonym if by else CLOCK,
        organization_id=by.organization.id if by else None,
        act=act,
        thing=type(thing).__name__,
        thing_id=thing.id,  # type: ignore[attr-defined]
        campaign_id=campaign_id,
        before=before,
        after=getattr(thing, "state", ""),
        facts=canonical(facts),
        request_id=getattr(g, "request_id", "") if has_request_context() else "",
        origin=getattr(g, "network", "") if has_request_context() else "",
    )
    db.add(step)
    db.flush()
    remember(db, campaign_chain(campaign_id), "step", step.id, content(step))
    return step


def content(step: Step) -> dict[str, Any]:
    """What of a step is sealed in the chain; where it came from is not, so that it can be erased."""
    return {
        "at": step.at.isoformat(),
        "by": step.pseudonym,
        "organization": step.organization_id,
        "act": step.act,
        "thing": step.thing,
        "thing_id": step.thing_id,
        "before": step.before,
        "after": step.after,
        "facts": step.facts,
    }
