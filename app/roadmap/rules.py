"""What a maintainer may do with needs: plan an item that answers them, decline one, drop an item again."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from app.catalogue.model import Software
from app.kit.clock import day_of
from app.kit.rules import Conflict, Refused, require
from app.kit.states import move
from app.needs.model import Need, NeedState
from app.needs.rules import require_visible
from app.people.access import Actor, require_role
from app.people.model import Kind, Role
from app.people.operator import operator_of
from app.people.step import record
from app.roadmap.model import Answer, ItemState, RoadmapItem, Verdict

MOST_NEEDS = 200


def require_maintainer(by: Actor) -> None:
    """Go on only for a member of a verified maintainer; raises `Refused` (403)."""
    require_role(by, Role.MEMBER)
    if by.organization.kind != Kind.MAINTAINER:
        raise Refused("Only a maintainer can do this.", status=403)


def propose(
    db: Session, software: Software, *, title: str, summary: str = "", needs: Sequence[Need],
    planned_on: date | None = None, by: Actor, at: datetime,
) -> RoadmapItem:  # fmt: skip
    """Put an item on the roadmap of this software, answering these needs; planned at once where a day is given."""
    require_maintainer(by)
    require(title.strip(), "Please fill this in.", field="title")
    require(needs, "Choose at least one need this item answers.", field="needs")
    item = RoadmapItem(
        software_id=software.id,
        organization_id=by.organization.id,
        title=title,
        summary=summary,
        proposed_at=at,
    )
    db.add(item)
    record(db, "propose", item, by=by, at=at, title=title, software=software.public_id)
    _answer(db, item, needs, by=by, at=at)
    if planned_on is not None:
        _plan(db, item, planned_on, by=by, at=at)
    return item


def plan(db: Session, item: RoadmapItem, *, planned_on: date, by: Actor, at: datetime) -> RoadmapItem:
    """Say by which day the item is meant to be there: from now on it can be quoted."""
    item = _own(db, item, by)
    _plan(db, item, planned_on, by=by, at=at)
    return item


def answer(db: Session, item: RoadmapItem, needs: Sequence[Need], *, by: Actor, at: datetime) -> list[Answer]:
    """Let the item answer more needs of its software."""
    item = _own(db, item, by)
    require(needs, "Choose at least one need this item answers.", field="needs")
    if item.state == ItemState.DROPPED:
        raise Conflict("This item was dropped: it answers no more needs.")
    return _answer(db, item, needs, by=by, at=at)


def decline(db: Session, need: Need, *, reason: str, by: Actor, at: datetime) -> Answer:
    """Tell those who share a need that one will not do it, and why."""
    require_maintainer(by)
    require(reason.strip(), "Please say why: those who share this need read it.", field="reason")
    number = _next_number(db, need, by)
    declined = Answer(
        need_id=need.id,
        organization_id=by.organization.id,
        number=number,
        verdict=Verdict.DECLINED,
        reason=reason,
        pseudonym=by.person.pseudonym,
        at=at,
    )
    db.add(declined)
    record(db, "decline", declined, by=by, at=at, need=need.public_id, reason=reason)
    return declined


def drop(db: Session, item: RoadmapItem, *, reason: str, by: Actor, at: datetime) -> RoadmapItem:
    """Give an item up, with a reason that those who wait for it can read."""
    item = _own(db, item, by)
    require(reason.strip(), "Please say why: those who wait for this item read it.", field="reason")
    before = item.state
    move(item, ItemState.DROPPED)
    record(db, "drop", item, by=by, at=at, before=before, reason=reason)
    return item


def lock(db: Session, item_id: int) -> RoadmapItem:
    """The item's row, read again and held until the transaction ends."""
    query = select(RoadmapItem).where(RoadmapItem.id == item_id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def answer_of(db: Session, need: Need, by: Actor) -> Answer | None:
    """What the organization one acts for said to this need, if that stands: a dropped item is no answer any more."""
    query = select(Answer).where(
        Answer.need_id == need.id, Answer.organization_id == by.organization.id, stands()
    )
    return db.exec(query).first()


def stands() -> ColumnElement[bool]:
    """In a query: only answers that hold, not those whose item was dropped."""
    dropped = select(col(RoadmapItem.id)).where(RoadmapItem.state == ItemState.DROPPED)
    return col(Answer.item_id).is_(None) | col(Answer.item_id).not_in(dropped)


def _own(db: Session, item: RoadmapItem, by: Actor) -> RoadmapItem:
    require_maintainer(by)
    if item.organization_id != by.organization.id:
        raise Refused("This item belongs to another maintainer.", status=403)
    return lock(db, item.id)


def _plan(db: Session, item: RoadmapItem, planned_on: date, *, by: Actor, at: datetime) -> None:
    today = day_of(at, operator_of(db).zone)
    require(planned_on >= today, "This day has passed: choose a later one.", field="planned_on")
    before = item.state
    move(item, ItemState.PLANNED)
    item.planned_on = planned_on
    record(db, "plan", item, by=by, at=at, before=before, planned_on=planned_on.isoformat())


def _answer(
    db: Session, item: RoadmapItem, needs: Sequence[Need], *, by: Actor, at: datetime
) -> list[Answer]:
    require(len(needs) <= MOST_NEEDS, "At most %(most)s needs at once.", field="needs", most=MOST_NEEDS)
    answers = []
    for need in needs:
        number = _next_number(db, need, by)
        require(
            need.software_id == item.software_id,
            "“%(title)s” is a need of another software.", field="needs", title=need.title,
        )  # fmt: skip
        said = Answer(
            need_id=need.id,
            organization_id=by.organization.id,
            number=number,
            item_id=item.id,
            verdict=Verdict.ANSWERED,
            pseudonym=by.person.pseudonym,
            at=at,
        )
        db.add(said)
        record(db, "answer", said, by=by, at=at, need=need.public_id, item=item.public_id)
        answers.append(said)
    return answers


def _next_number(db: Session, need: Need, by: Actor) -> int:
    """Which answer to this need it would be; raises `Conflict` while an earlier one stands. Of two at once one wins."""
    require_visible(need, by)
    require(need.state == NeedState.PUBLISHED, "“%(title)s” was withdrawn.", field="needs", title=need.title)
    if answer_of(db, need, by):
        raise Conflict("You answered “%(title)s” already.", field="needs", title=need.title)
    said = select(func.count()).where(Answer.need_id == need.id, Answer.organization_id == by.organization.id)
    return db.exec(said).one() + 1


def needs_of(db: Session, item: RoadmapItem) -> list[Need]:
    """The published needs an item answers, oldest answer first."""
    query = (
        select(Need)
        .join(Answer, col(Answer.need_id) == col(Need.id))
        .where(Answer.item_id == item.id, Need.state == NeedState.PUBLISHED)
        .order_by(col(Answer.id))
    )
    return list(db.exec(query))
