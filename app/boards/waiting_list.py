"""Everything that waits for one person, gathered by what their organization comes for."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from sqlmodel import Session

from app.boards import waiting_backers, waiting_backing, waiting_fund, waiting_maintainers, waiting_means
from app.boards.waiting import Waiting
from app.people.access import Actor
from app.people.model import Kind

# No list of things to do is longer: what is further down is found where it lives.
MOST = 40

Finder = Callable[[Session, Actor, datetime], Iterable[Waiting]]
FINDERS: dict[str, tuple[Finder, ...]] = {
    Kind.CORPORATE: (
        *waiting_backers.FINDERS, *waiting_means.OF_BACKERS, waiting_backing.work_to_sign, waiting_backing.work_to_do,
        waiting_backing.grants_to_sign,
    ),
    Kind.MAINTAINER: (
        *waiting_maintainers.FINDERS, waiting_backing.work_to_value, waiting_backing.work_to_answer,
        waiting_backing.money_to_declare,
    ),
    Kind.FUND: (
        *waiting_fund.FINDERS, *waiting_means.OF_THE_FUND, waiting_backing.grants_to_read, waiting_backing.late_work,
    ),
}  # fmt: skip


def waiting_for(db: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """Everything the person may do now for the organization they act for, late things first."""
    if not actor.is_verified:
        return []
    found = [thing for find in FINDERS[actor.organization.kind] for thing in find(db, actor, at)]
    return sorted(found, key=lambda thing: (thing.due_on is None, thing.due_on or date.max))[:MOST]
