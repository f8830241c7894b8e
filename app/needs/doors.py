"""The room's address, and who stands before its doors."""

from flask import Blueprint, g

from app.people.access import Actor
from app.people.model import Kind, Role

bp = Blueprint("needs", __name__, url_prefix="/needs")


def reader() -> Actor | None:
    """Who reads, where somebody is signed in."""
    actor: Actor | None = g.get("actor")
    return actor


def may_write(actor: Actor | None) -> bool:
    """Whether they may write and share needs: members of verified organizations that use software."""
    return (
        actor is not None
        and actor.is_verified
        and actor.has(Role.MEMBER)
        and actor.organization.kind == Kind.CORPORATE
    )
