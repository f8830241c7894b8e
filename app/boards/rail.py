"""The side rail of somebody signed in: what waits, the road and what is ours, with their counts."""

from functools import cached_property

from flask import g, request, url_for
from sqlmodel import Session, func, select

from app.boards.here import is_here
from app.boards.kept import kept, reading
from app.boards.links import Section
from app.boards.rail_links import sections_for
from app.boards.waiting_list import waiting_for
from app.kit.clock import now
from app.kit.words import _, local_day, money
from app.people.access import Actor
from app.people.model import Operator, Role
from app.people.step import Step
from app.people.wording import role_words

HALF_A_MINUTE = 30.0


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
