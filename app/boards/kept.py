"""Counts that need not be of this very second: kept in this process for a minute, or until the next act."""

from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

from flask import current_app, g
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

Answer = TypeVar("Answer")

A_MINUTE = 60.0
MOST_KEPT = 2000


def kept(
    name: object, count: Callable[[], Answer], *, version: object = None, seconds: float = A_MINUTE
) -> Answer:
    """The answer counted before, if it is young enough and of the same version; counted now otherwise."""
    shelf: dict[Any, tuple[float, object, Any]] = current_app.extensions.setdefault("boards", {})
    found = shelf.get(name)
    if found and found[1] == version and monotonic() - found[0] < seconds:
        answer: Answer = found[2]
        return answer
    if len(shelf) > MOST_KEPT:
        shelf.clear()
    fresh = count()
    shelf[name] = (monotonic(), version, fresh)
    return fresh


def reading(work: Callable[[Session], Answer], otherwise: Answer) -> Answer:
    """Read in the request's own session, or in one of its own where that is over (on error pages).

    A page, and above all one that tells of an error, is not lost for a count: that is logged, and left out.
    """
    db: Session | None = g.get("db")
    try:
        if db is not None and db.in_transaction():
            return work(db)
        with current_app.database.reading() as fresh:  # type: ignore[attr-defined]
            return work(fresh)
    except SQLAlchemyError:
        current_app.logger.exception("the side rail could not be counted")
        return otherwise
