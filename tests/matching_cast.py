"""Matching grants and the campaigns they add to, and the checks of the audit they must pass."""

from typing import Any

from sqlmodel import Session, col, select

from app.audit import matching as matching_checks
from app.audit import pots, promises
from app.audit.run import examine
from app.campaigns import grants
from app.campaigns.grants import GrantTerms
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign, Pledge
from tests import cast as c


def granted(db: Session, cast: c.Cast, **terms: Any) -> MatchingGrant:
    """A grant of the first bank, active."""
    asked = {
        "title": "Digital commons",
        "reference": "EU-77",
        "total_cents": 1_000_000,
        "factor_basis_points": 5000,
    }
    return c.open_grant(db, cast, GrantTerms(**(asked | terms)))


def giver(cast: c.Cast) -> c.Actor:
    """Who signs for the first bank: here it gives grants, and pledges nothing itself."""
    return cast.approvers[0]


def declared(db: Session, cast: c.Cast, campaign: Campaign, **line: Any) -> None:
    grants.declare(db, campaign, **({"amount_cents": 0} | line), by=cast.maker, at=c.NOW)


def matches(db: Session) -> list[Pledge]:
    return list(db.exec(select(Pledge).where(col(Pledge.follows_id).is_not(None)).order_by(col(Pledge.id))))


def right(db: Session) -> None:
    checks = (*promises.CHECKS, *matching_checks.CHECKS, *pots.CHECKS)  # links are written with the commit
    lines, is_right = examine(db, checks, at=c.LATER)
    assert is_right, "\n".join(lines)


def open_and_declared(db: Session, cast: c.Cast) -> Campaign:
    """An open campaign whose maintainer has declared that no other public money pays it."""
    made = c.campaign_open(db, cast)
    declared(db, cast, made)
    return made
