"""What may happen to a need: written, published, shared by others, withdrawn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from app.catalogue.model import Software
from app.catalogue.rules import named
from app.catalogue.spelling import key
from app.kit.money import Cents
from app.kit.rules import Conflict, Missing, Refused, require
from app.kit.states import move
from app.needs.forms import EndorsementForm, NeedForm
from app.needs.model import Endorsement, Need, NeedState
from app.needs.search import search_text
from app.people.access import Actor, require_role
from app.people.model import Kind, Organization, Role
from app.people.step import record

FEWEST_BUDGETS = 3  # below it a public sum would tell what one organization has
YEARS_AHEAD = 5
IN_A_MICROSECOND = 1_000  # positions within one
SPREAD = 1_000_000  # positions looked at for needs of the same moment: a millisecond


def require_writer(by: Actor) -> None:
    """Go on only for a member of a verified organization that uses software; raises `Refused` (403)."""
    require_role(by, Role.MEMBER)
    if by.organization.kind != Kind.CORPORATE:
        raise Refused("Needs are written and shared by organizations that use the software.", status=403)


# ---- Writing ---------------------------------------------------------------------------------------------------


def write(db: Session, form: NeedForm, *, by: Actor, at: datetime) -> Need:
    """Keep a need as a draft, which only its own organization sees."""
    require_writer(by)
    software = named(db, form.software)
    need = Need(
        organization_id=by.organization.id,
        software_id=software.id,
        title=form.title,
        title_key=title_key(form.title),
        written_at=at,
        position=next_position(db, at),
    )
    _take_over(need, form, software)
    db.add(need)
    record(db, "write", need, by=by, at=at)
    return need


def edit(db: Session, need: Need, form: NeedForm, *, by: Actor, at: datetime) -> Need:
    """Change one's own draft; what is published stays as others have read and endorsed it."""
    require_visible(need, by)
    require_writer(by)
    need = _own(db, need, by)
    if need.state != NeedState.DRAFT:
        raise Conflict("This need is no longer a draft: what others have read is not changed.")
    _take_over(need, form, named(db, form.software))
    record(db, "edit", need, by=by, at=at, before=need.state)
    return need


def _take_over(need: Need, form: NeedForm, software: Software) -> None:
    need.software_id = software.id
    need.title, need.title_key = form.title, title_key(form.title)
    need.kind, need.summary = form.kind.value, form.summary
    need.users = form.users or 0
    need.workaround, need.criteria = form.workaround, form.criteria
    need.wanted_on, need.source_url = form.wanted_on, form.source_url
    need.search_text = search_text(need, software.name)


def publish(db: Session, need: Need, *, by: Actor, at: datetime) -> Need:
    """Show the draft to everybody, at the head of the list."""
    require_visible(need, by)
    require_writer(by)
    need = _own(db, need, by)
    before = need.state
    if before != NeedState.DRAFT:
        raise Conflict("This need has already been published or withdrawn.")
    require(need.summary, "Please say what is missing before you publish.", field="summary")
    move(need, NeedState.PUBLISHED)
    need.published_at, need.position = at, next_position(db, at)
    need.search_text = search_text(need, db.get_one(Software, need.software_id).name)
    record(db, "publish", need, by=by, at=at, before=before)
    return need


def withdraw(db: Session, need: Need, *, reason: str, by: Actor, at: datetime) -> Need:
    """Take one's own need back, with a reason that stands on its page. Endorsements stay, nothing can be added."""
    require_visible(need, by)
    require_writer(by)
    need = _own(db, need, by)
    before = need.state
    if before == NeedState.WITHDRAWN:
        raise Conflict("This need has already been withdrawn.")
    move(need, NeedState.WITHDRAWN)
    need.search_text = search_text(need, db.get_one(Software, need.software_id).name)
    record(db, "withdraw", need, by=by, at=at, before=before, reason=reason)
    return need


def _own(db: Session, need: Need, by: Actor) -> Need:
    if need.organization_id != by.organization.id:
        raise Refused("Only the organization that wrote this need can do that.", status=403)
    return _locked(db, need)


def _locked(db: Session, need: Need) -> Need:
    query = select(Need).where(Need.id == need.id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def title_key(title: str) -> str:
    """A title as it is compared with others."""
    return key(title)[:200]


def next_position(db: Session, at: datetime) -> int:
    """A free place in the lists for this moment: later moments stand higher, and so do later rows of one moment."""
    first = int(at.timestamp()) * 1_000_000 * IN_A_MICROSECOND + at.microsecond * IN_A_MICROSECOND
    position = col(Need.position)
    taken = db.exec(select(func.max(position)).where(position >= first, position < first + SPREAD)).one()
    return first if taken is None else taken + 1


# ---- Sharing ---------------------------------------------------------------------------------------------------


def endorse(db: Session, need: Need, form: EndorsementForm, *, by: Actor, at: datetime) -> Endorsement:
    """Say that one's organization misses this too. The budget, if any, binds nobody."""
    require_writer(by)
    require_visible(need, by)
    require(
        need.organization_id != by.organization.id, "This is your own organization’s need: it counts already."
    )
    need = _locked(db, need)
    if need.state != NeedState.PUBLISHED:
        raise Conflict("This need was withdrawn: it can no longer be shared.")
    if endorsement_by(db, need, by.organization.id):
        raise Conflict("Your organization has already said that it misses this.")
    _check_budget(form, at)
    endorsement = Endorsement(
        need_id=need.id,
        organization_id=by.organization.id,
        pseudonym=by.person.pseudonym,
        wording=form.wording,
        users=form.users,
        budget_cents=form.budget,
        budget_year=form.budget_year if form.budget else None,
        at=at,
    )
    db.add(endorsement)
    record(db, "endorse", endorsement, by=by, at=at, need=need.public_id, users=form.users)
    return endorsement


def _check_budget(form: EndorsementForm, at: datetime) -> None:
    require(form.users > 0, "Please give the number of users: at least one.", field="users")
    require(
        form.budget is None or form.budget > 0,
        "Leave the budget empty, or give more than zero.",
        field="budget",
    )
    require(
        form.budget is not None or form.budget_year is None,
        "Please give the budget of that year.",
        field="budget",
    )
    require(
        form.budget is None or form.budget_year, "Please give the year of the budget.", field="budget_year"
    )
    last = at.year + YEARS_AHEAD
    require(
        form.budget_year is None or at.year <= form.budget_year <= last,
        "Please give a year from %(first)s to %(last)s.", field="budget_year", first=str(at.year), last=str(last),
    )  # fmt: skip


def endorsement_by(db: Session, need: Need, organization_id: int | None) -> Endorsement | None:
    """What this organization said to the need, if anything."""
    query = select(Endorsement).where(
        Endorsement.need_id == need.id, Endorsement.organization_id == organization_id
    )
    return db.exec(query).first()


# ---- Looking ---------------------------------------------------------------------------------------------------


def require_visible(need: Need, reader: Actor | None) -> None:
    """Raise `Missing` for what was never published, to everybody but its own organization."""
    if need.published_at is None and (reader is None or reader.organization.id != need.organization_id):
        raise Missing


@dataclass(frozen=True)
class Support:
    """How many miss a need: the organization that wrote it, and those that endorsed it."""

    organizations: int
    users: int


def support_of(db: Session, needs: list[Need]) -> dict[int, Support]:
    """The support of each of these needs by its number; one query for all of them."""
    query = (
        select(Endorsement.need_id, func.count(), func.sum(Endorsement.users))
        .where(col(Endorsement.need_id).in_([need.id for need in needs]))
        .group_by(col(Endorsement.need_id))
    )
    shared = {need_id: (count, int(users)) for need_id, count, users in db.exec(query)} if needs else {}
    return {
        need.id: Support(1 + shared.get(need.id, (0, 0))[0], need.users + shared.get(need.id, (0, 0))[1])
        for need in needs
    }


def budget_of(db: Session, need: Need, reader: Actor | None) -> Cents | None:
    """What endorsers might put in, all together; None where the sum would tell what one of them has.

    The fund sees every sum, others only one of at least three budgets.
    """
    query = select(func.count(col(Endorsement.budget_cents)), func.sum(Endorsement.budget_cents))
    count, total = db.exec(query.where(Endorsement.need_id == need.id)).one()
    sees_all = reader is not None and reader.sees_everything
    return int(total) if total and (count >= FEWEST_BUDGETS or sees_all) else None


def endorsements_of(db: Session, need: Need, *, most: int) -> list[tuple[Endorsement, Organization]]:
    """Who else misses it, in the order they said so."""
    query = (
        select(Endorsement, Organization)
        .join(Organization, col(Organization.id) == col(Endorsement.organization_id))
        .where(Endorsement.need_id == need.id)
        .order_by(col(Endorsement.id))
        .limit(most)
    )
    return list(db.exec(query))


def names_of(db: Session, kind: type[Any], ids: set[int]) -> dict[int, str]:
    """The names of these organizations or software, by number; one query."""
    return dict(db.exec(select(kind.id, kind.name).where(col(kind.id).in_(ids))).all()) if ids else {}
