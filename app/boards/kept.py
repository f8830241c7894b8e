"""Counts that need not be of this very second: kept in this process for a minute, or until the next act."""

from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

from flask import current_app

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
