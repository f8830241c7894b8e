"""Saying no in one clear sentence.

A rule that does not hold raises `Refused` with an English sentence (the key of its translation) and the facts
that belong in it. The door translates it; nothing that happened before it is kept.
"""

from typing import Any, NoReturn


class Refused(Exception):
    """A rule says no. The reader gets the sentence, in their language, beside the field it is about."""

    def __init__(self, message: str, *, field: str | None = None, status: int = 422, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.status = status
        self.params = params

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class Mistakes(Refused):
    """Several fields of one form are wrong: a sentence for each."""

    def __init__(self, by_field: dict[str, Refused]) -> None:
        super().__init__("Please mend what is marked below.")
        self.by_field = by_field


class Missing(Exception):
    """There is no such thing, or none this reader may see: both answer alike (404)."""


class Conflict(Refused):
    """Somebody was faster, or it was done already: the page shown is out of date (409)."""

    def __init__(self, message: str, *, field: str | None = None, **params: Any) -> None:
        super().__init__(message, field=field, status=409, **params)


def require(
    condition: object, message: str, *, field: str | None = None, status: int = 422, **params: Any
) -> None:
    """Go on only if the condition holds; otherwise raise `Refused` with this sentence."""
    if not condition:
        raise Refused(message, field=field, status=status, **params)


def refuse(message: str, *, field: str | None = None, **params: Any) -> NoReturn:
    """Say no with this sentence."""
    raise Refused(message, field=field, **params)
