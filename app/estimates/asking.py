"""Before the award: questions and answers everybody who quotes reads, and what the asking organizations think."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.estimates.model import Estimate, EstimateState, Question, Reply, Score
from app.kit.rules import Conflict, Refused, require
from app.needs.model import Endorsement, Need, NeedState
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Kind, Organization, Role
from app.people.step import record
from app.roadmap.model import Answer, ItemState, RoadmapItem

MOST_QUESTIONS = 200


@dataclass(frozen=True)
class Asked:
    """A question with those who asked and answered it."""

    question: Question
    organization: Organization
    about: Estimate | None
    replies: list[tuple[Reply, Organization]]


def asking_organizations(db: Session, item: RoadmapItem) -> set[int]:
    """The organizations that wrote or share a published need this item answers."""
    published = (
        select(col(Need.id))
        .join(Answer, col(Answer.need_id) == col(Need.id))
        .where(Answer.item_id == item.id, Need.state == NeedState.PUBLISHED)
    )
    wrote = db.exec(select(Need.organization_id).where(col(Need.id).in_(published)))
    share = db.exec(select(Endorsement.organization_id).where(col(Endorsement.need_id).in_(published)))
    return {*wrote, *share}


def bidders(db: Session, item: RoadmapItem) -> set[int]:
    """The maintainers with an estimate of this item that waits for the award, or got it."""
    live = (EstimateState.SUBMITTED, EstimateState.APPROVED)
    query = select(Estimate.organization_id).where(Estimate.item_id == item.id, col(Estimate.state).in_(live))
    return set(db.exec(query))


def require_of_item(estimate: Estimate, item: RoadmapItem) -> None:
    """Raise `Refused` if the estimate is for another item than the one compared."""
    require(estimate.item_id == item.id, "This estimate is for another item.", field="estimate")


def ask(
    db: Session, item: RoadmapItem, text: str, *, about: Estimate | None = None, by: Actor, at: datetime
) -> Question:
    """Ask about the item, or about one estimate of it. Maintainers, asking organizations and the fund may."""
    _require_concerned(db, item, by)
    require(text.strip(), "Please write your question.", field="question")
    if about is not None:
        require_of_item(about, item)
    require(item.state == ItemState.PLANNED, "Questions are asked while the item is planned.")
    kept = db.exec(select(Question.id).where(Question.item_id == item.id).limit(MOST_QUESTIONS)).all()
    require(len(kept) < MOST_QUESTIONS, "At most %(most)s questions about one item.", most=MOST_QUESTIONS)
    question = Question(
        item_id=item.id, estimate_id=about.id if about else None, organization_id=by.organization.id,
        pseudonym=by.person.pseudonym, text=text.strip(), at=at,
    )  # fmt: skip
    db.add(question)
    record(db, "ask", question, by=by, at=at, item=item.public_id)
    return question


def reply(db: Session, question: Question, text: str, *, by: Actor, at: datetime) -> Reply:
    """Answer a question for everybody who quotes: those who share the need, the fund, or the maintainer asked."""
    item = db.get_one(RoadmapItem, question.item_id)
    about = db.get(Estimate, question.estimate_id) if question.estimate_id else None
    is_asked = about is not None and about.organization_id == by.organization.id and by.has(Role.MEMBER)
    if not is_asked:
        _require_concerned(db, item, by)
        if by.organization.kind == Kind.MAINTAINER:
            raise Refused("Those who share the need answer this question, or the fund.", status=403)
    require(text.strip(), "Please write your answer.", field="reply")
    said = Reply(
        question_id=question.id, organization_id=by.organization.id, pseudonym=by.person.pseudonym,
        text=text.strip(), at=at,
    )  # fmt: skip
    db.add(said)
    record(db, "reply", said, by=by, at=at, item=item.public_id)
    return said


def may_ask(db: Session, item: RoadmapItem, by: Actor | None) -> bool:
    """Whether the reader may ask about this item."""
    if by is None or not by.is_verified or item.state != ItemState.PLANNED:
        return False
    return _is_concerned(db, item, by)


def questions_of(db: Session, item: RoadmapItem) -> list[Asked]:
    """Every question about the item with its answers, in the order they were asked."""
    query = (
        select(Question, Organization)
        .join(Organization, col(Organization.id) == col(Question.organization_id))
        .where(Question.item_id == item.id)
        .order_by(col(Question.id))
    )
    found = list(db.exec(query))
    replies: dict[int, list[tuple[Reply, Organization]]] = {}
    said = (
        select(Reply, Organization)
        .join(Organization, col(Organization.id) == col(Reply.organization_id))
        .where(col(Reply.question_id).in_([question.id for question, _who in found]))
        .order_by(col(Reply.id))
    )
    for one, who in db.exec(said):
        replies.setdefault(one.question_id, []).append((one, who))
    about = {question.estimate_id for question, _who in found if question.estimate_id}
    estimates = {one.id: one for one in db.exec(select(Estimate).where(col(Estimate.id).in_(about)))}
    return [
        Asked(question, who, estimates.get(question.estimate_id or 0), replies.get(question.id, []))
        for question, who in found
    ]


def score(
    db: Session, estimate: Estimate, points: int, comment: str = "", *, by: Actor, at: datetime
) -> Score:
    """Say what an asking organization thinks of an estimate, from 1 to 5; nobody tied to one who quotes does."""
    require_role(by, Role.MEMBER, Role.BUYER, Role.APPROVER)
    item = db.get_one(RoadmapItem, estimate.item_id)
    if by.organization.id not in asking_organizations(db, item):
        raise Refused("Only organizations that share the need score its estimates.", status=403)
    stand_aside(db, by, bidders(db, item), at=at)
    if estimate.state != EstimateState.SUBMITTED:
        raise Conflict("Only an estimate that waits for the award is scored.")
    require(1 <= points <= 5, "From 1 to 5 points, please.", field="points")
    given = Score(
        estimate_id=estimate.id, organization_id=by.organization.id, pseudonym=by.person.pseudonym, points=points,
        comment=comment.strip(), at=at,
    )  # fmt: skip
    db.add(given)
    record(db, "score", given, by=by, at=at, number=estimate.number, points=points)
    return given


def scores_of(db: Session, estimate_ids: list[int]) -> dict[int, dict[int, Score]]:
    """The last word of each organization about each of these estimates."""
    found: dict[int, dict[int, Score]] = {estimate_id: {} for estimate_id in estimate_ids}
    query = select(Score).where(col(Score.estimate_id).in_(estimate_ids)).order_by(col(Score.id))
    for given in db.exec(query):
        found[given.estimate_id][given.organization_id] = given
    return found


def _is_concerned(db: Session, item: RoadmapItem, by: Actor) -> bool:
    if by.is_fund:
        return by.has(Role.OFFICER)
    if not by.has(Role.MEMBER):
        return False
    return by.organization.kind == Kind.MAINTAINER or by.organization.id in asking_organizations(db, item)


def _require_concerned(db: Session, item: RoadmapItem, by: Actor) -> None:
    require_role(by, Role.MEMBER, Role.OFFICER)
    if not _is_concerned(db, item, by):
        raise Refused("Maintainers, those who share the need and the fund ask and answer here.", status=403)
