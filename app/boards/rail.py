"""What stands around every page: the side rail with its counts, who is signed in, messages, addresses."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeVar

from flask import current_app, g, get_flashed_messages, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select
from werkzeug.exceptions import HTTPException

from app.boards.here import is_here
from app.boards.kept import kept
from app.boards.rail_links import Link, Section, public_links, sections_for
from app.boards.waiting_list import waiting_for
from app.kit.clock import now
from app.kit.words import _, local_day, money
from app.people.access import Actor
from app.people.model import Operator, Organization, Role, RoleGrant
from app.people.step import Step
from app.people.wording import role_words

Answer = TypeVar("Answer")
HALF_A_MINUTE = 30.0


def around_every_page() -> dict[str, Any]:
    """Everything the page shell reads; nothing of it is counted before a page asks for it."""
    actor = who_reads()
    return {
        "rail": Rail(actor) if actor else None,
        "messages": Messages(),
        "demo_mode": current_app.config["SETTINGS"].demo,
        "operator": operator_name(),
        "theme": request.cookies.get("theme") if request.cookies.get("theme") in ("light", "dark") else None,
        "links": _addresses(actor),
        "public_links": [] if actor else PublicLinks(),
    }


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


def last_act(db: Session, organization_id: int | None = None) -> int:
    """The number of the newest act (of an organization): as long as it stays, it has changed nothing."""
    query = select(func.max(Step.id))
    if organization_id is not None:
        query = query.where(Step.organization_id == organization_id)
    return db.exec(query).one() or 0


class Rail:
    """The side rail of somebody signed in. Each part is read when the page draws it, not for pieces of pages."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    @cached_property
    def waiting(self) -> int:
        """How many things wait: counted again after any act of ours, and of others within half a minute."""
        if "things_waiting" in g:  # the page being drawn lists them
            return int(g.things_waiting)
        at = g.get("at") or now()
        who = ("waiting", self._actor.person.id, self._actor.organization.id)

        def count(db: Session) -> int:
            version = (last_act(db, self._actor.organization.id), local_day(at), self._actor.roles)
            return kept(
                who, lambda: len(waiting_for(db, self._actor, at)), version=version, seconds=HALF_A_MINUTE
            )

        return reading(count, 0)

    @property
    def waiting_url(self) -> str:
        """Where the list is."""
        return url_for("boards.index")

    @property
    def waiting_current(self) -> bool:
        """Whether that is the page being shown."""
        return request.path == self.waiting_url

    @cached_property
    def sections(self) -> list[Section]:
        """The road in its order, then what is ours; the link of the page being shown is marked."""
        nothing: list[Section] = []
        sections = reading(lambda db: sections_for(db, self._actor), nothing)
        links = [link for section in sections for link in section["links"] if is_here(link["url"])]
        if links:
            max(links, key=lambda link: len(link["url"]))["current"] = True
        return sections

    @property
    def person_name(self) -> str:
        """Who I am."""
        return self._actor.person.name

    @property
    def organization_name(self) -> str:
        """For whom I act."""
        return self._actor.organization.name

    @property
    def limit_text(self) -> str:
        """A buyer's limit; what others may do."""
        limit = self._actor.limit_cents
        if self._actor.has(Role.BUYER) and limit is not None:
            operator: Operator | None = g.get("operator")
            currency = operator.currency if operator else "EUR"
            return _("signs up to %(limit)s a year", limit=money(limit, currency, decimals=False))
        return role_words(self._actor.roles)


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
