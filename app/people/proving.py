"""Proving once more who one is, before something a thief would do first."""

from flask import g

from app.kit.rules import Refused
from app.people import signing_in
from app.people.access import acting, at
from app.people.entrance import settings, visit


def is_proved(password: str) -> bool:
    """Whether this is the reader's own password; otherwise the refusal is ready to be shown on the form.

    A wrong one is counted, so the answer has to be an ordinary one. In a demonstration nobody has a password.
    """
    if settings().demo:
        return True
    email = acting().person.email
    right = signing_in.is_right(
        g.db, email, password, visit(), memory_kib=settings().argon2_memory_kib, at=at()
    )
    answer = signing_in.answer(g.db, email, visit(), password_is_right=right, at=at())
    if not isinstance(answer, Refused):
        return True
    is_wrong = answer.message == signing_in.WRONG
    g.refusal = Refused("This is not your present password.", field="current") if is_wrong else answer
    return False
