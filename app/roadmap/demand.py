"""How many wait for something: organizations, their users, and what they would spend, as far as it may be told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.catalogue.model import Software
from app.kit.money import Cents
from app.needs.model import Endorsement, Need, NeedState
from app.needs.rules import FEWEST_BUDGETS
from app.needs.search import asked_words
from app.people.model import Organization
from app.roadmap.model import Answer
from app.roadmap.rules import stands


@dataclass(frozen=True)
class Demand:
    """Who waits: each organization once, with its largest number of users.

    `budget_cents` is the sum of the budgets named, or None where it would tell what one organization has.
    """

    organizations: int = 0
    users: int = 0
    budget_cents: Cents | None = None


def demand_of_needs(db: Session, need_ids: Iterable[int]) -> dict[int, Demand]:
    """The demand behind each of these needs."""
    ids = list(need_ids)
    return _demand(db, {need_id: [need_id] for need_id in ids})


def demand_of_items(db: Session, item_ids: Iterable[int]) -> dict[int, Demand]:
    """The demand behind each of these roadmap items, over all needs it answers."""
    answered: dict[int, list[int]] = {item_id: [] for item_id in item_ids}
    query = select(Answer.item_id, Answer.need_id).where(col(Answer.item_id).in_(answered))
    for item_id, need_id in db.exec(query):
        answered[item_id or 0].append(need_id)
    return _demand(db, answered)


def _demand(db: Session, needs_of: Mapping[int, Sequence[int]]) -> dict[int, Demand]:
    wanted = {need_id for needs in needs_of.values() for need_id in needs}
    voices: dict[int, list[tuple[int, int, Cents | None]]] = defaultdict(list)
    written = select(Need.id, Need.organization_id, Need.users)
    for need_id, organization_id, users in db.exec(
        written.where(col(Need.id).in_(wanted), Need.state == NeedState.PUBLISHED)
    ):
        voices[need_id].append((organization_id, users, None))
    endorsed = select(
        Endorsement.need_id, Endorsement.organization_id, Endorsement.users, Endorsement.budget_cents
    ).where(col(Endorsement.need_id).in_(wanted))
    for need_id, organization_id, users, budget in db.exec(endorsed):
        if need_id in voices:
            voices[need_id].append((organization_id, users, budget))
    return {
        thing: _summed(voice for need in needs for voice in voices[need]) for thing, needs in needs_of.items()
    }


def _summed(voices: Iterable[tuple[int, int, Cents | None]]) -> Demand:
    users: dict[int, int] = {}
    budgets: dict[int, Cents] = defaultdict(int)
    for organization_id, count, budget in voices:
        users[organization_id] = max(count, users.get(organization_id, 0))
        if budget is not None:
            budgets[organization_id] += budget
    told = sum(budgets.values()) if len(budgets) >= FEWEST_BUDGETS else None
    return Demand(len(users), sum(users.values()), told)


def unanswered(
    db: Session, software: Software, organization: Organization, *, words: str = "", most: int = 20
) -> list[Need]:
    """Published needs of a software without an answer of this maintainer that stands, those most endorsed first."""
    answered = select(Answer.need_id).where(Answer.organization_id == organization.id, stands())
    query = (
        select(Need)
        .outerjoin(Endorsement, col(Endorsement.need_id) == col(Need.id))
        .where(
            Need.software_id == software.id,
            Need.state == NeedState.PUBLISHED,
            col(Need.id).not_in(answered),
        )
        .group_by(col(Need.id))
        .order_by(func.count(col(Endorsement.id)).desc(), col(Need.id).desc())
        .limit(most)
    )
    for word in asked_words(words):
        query = query.where(col(Need.search_text).contains(word))
    return list(db.exec(query))
