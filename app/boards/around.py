"""What stands around every page: who is signed in, messages, addresses; the side rail for those who are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask import current_app, g, get_flashed_messages, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, func, select
from werkzeug.exceptions import HTTPException

from app.boards.kept import kept, reading
from app.boards.links import Link, public_links
from app.people.access import Actor
from app.people.model import Operator, Organization, RoleGrant

if TYPE_CHECKING:
    from app.boards.rail import Rail


def around_every_page() -> dict[str, Any]:
    """Everything the page shell reads; nothing of it is counted before a page asks for it."""
    actor = who_reads()
    return {
        "rail": _rail(actor) if actor else None,
        "messages": Messages(),
        "demo_mode": current_app.config["SETTINGS"].demo,
        "operator": operator_name(),
        "theme": request.cookies.get("theme") if request.cookies.get("theme") in ("light", "dark") else None,
        "links": _addresses(actor),
        "public_links": [] if actor else PublicLinks(),
    }


def _rail(actor: Actor) -> "Rail":
    from app.boards.rail import Rail  # reads all the rooms: whoever is not signed in does not wait for them

    return Rail(actor)


def who_reads() -> Actor | None:
    """Who is signed in; asked here where no view was reached (no such page, a form out of date)."""
    if "actor" not in g and request.endpoint != "static":
        _enter()
    actor: Actor | None = g.get("actor")
    return actor


def _enter() -> None:
    g.actor = None
    try:
        with current_app.database.reading() as db:  # type: ignore[attr-defined]
            for enter in current_app.on_enter:  # type: ignore[attr-defined]
                enter(db)
    except (HTTPException, SQLAlchemyError):
        # Before the first start, or without a database, an error page is drawn as for a stranger.
        g.actor = None


class Messages:
    """Lines said by the last request; taken only by a page that shows them."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        yield from ((said[0], said[1]) for said in get_flashed_messages(with_categories=True))


class PublicLinks:
    """The links over a page for those who are not signed in."""

    def __iter__(self) -> Iterator[Link]:
        return iter(public_links())


def operator_name() -> str | None:
    """Who runs this Jalon."""
    operator: Operator | None = g.get("operator")
    if operator is None:
        return None
    query = select(Organization.name).where(Organization.id == operator.organization_id)
    return kept("operator", lambda: reading(lambda db: db.exec(query).first(), None))


def _addresses(actor: Actor | None) -> dict[str, str]:
    addresses = {
        "home": url_for("boards.index"),
        "sign_in": url_for("people.sign_in_page"),
        "sign_out": url_for("people.sign_out"),
        "language": url_for("people.speak"),
        "verify": url_for("escrow.verify"),
        "source": url_for("boards.source"),
    }
    if actor and kept(("organizations", actor.person.id), lambda: _acts_for_several(actor)):
        addresses["switch_organization"] = url_for("people.acting_page")
    return addresses


def _acts_for_several(actor: Actor) -> bool:
    query = select(func.count(func.distinct(col(RoleGrant.organization_id)))).where(
        RoleGrant.person_id == actor.person.id, col(RoleGrant.ended_at).is_(None)
    )
    return reading(lambda db: db.exec(query).one(), 0) > 1
