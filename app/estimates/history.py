"""Revisions of an estimate: begun from what was submitted, listed, and told apart line by line."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.estimates import rules
from app.estimates.model import Estimate, EstimateState
from app.estimates.reading import terms_of
from app.estimates.terms import LineTerms, MilestoneTerms, Terms
from app.kit.rules import Conflict, Refused
from app.kit.words import N_, _, day, language, money, number, percent
from app.people.access import Actor
from app.roadmap.model import RoadmapItem
from app.roadmap.rules import require_maintainer

MOST_SHOWN = 30


@dataclass(frozen=True)
class Change:
    """One thing two revisions say differently; an empty side says nothing about it."""

    what: str
    before: str
    after: str


def begin_revision(db: Session, estimate: Estimate, *, by: Actor, at: datetime) -> Estimate:
    """A draft that says what a submitted estimate says, to be changed: submitted, it takes its place."""
    require_maintainer(by)
    rules.require_visible(estimate, by)
    if estimate.organization_id != by.organization.id:
        raise Refused("This estimate belongs to another maintainer.", status=403)
    if not may_be_revised(estimate):
        raise Conflict("Only an estimate that was submitted and not approved can be revised.")
    if open_revision(db, estimate):
        raise Conflict("A revision of this estimate is being written already.")
    item = db.get_one(RoadmapItem, estimate.item_id)
    terms = terms_of(db, estimate, rules.milestones_of(db, estimate))
    return rules.draft(db, item, terms, succeeds=estimate, by=by, at=at)


def may_be_revised(estimate: Estimate) -> bool:
    """Whether a revision may be begun: it was submitted, and the fund did not approve it."""
    return estimate.state in (EstimateState.SUBMITTED, EstimateState.REJECTED, EstimateState.EXPIRED)


def open_revision(db: Session, estimate: Estimate) -> Estimate | None:
    """The draft that is meant to take this estimate's place, if one is being written."""
    query = select(Estimate).where(Estimate.succeeds_id == estimate.id, Estimate.state == EstimateState.DRAFT)
    return db.exec(query.order_by(col(Estimate.id).desc())).first()


def revisions(db: Session, estimate: Estimate) -> list[Estimate]:
    """The estimate and those it revises, the newest first."""
    chain = [estimate]
    while chain[-1].succeeds_id is not None and len(chain) < MOST_SHOWN:
        chain.append(db.get_one(Estimate, chain[-1].succeeds_id))
    return chain


def changes(db: Session, before: Estimate, after: Estimate) -> list[Change]:
    """What the later estimate says differently, in the order of the paper."""
    old = terms_of(db, before, rules.milestones_of(db, before))
    new = terms_of(db, after, rules.milestones_of(db, after))
    return [
        change
        for change in (*_conditions(old, new), *_milestones(old, new, after.currency), *_team(old, new))
        if change.before != change.after
    ]


def _conditions(old: Terms, new: Terms) -> Iterator[Change]:
    said: Sequence[tuple[str, Callable[[Terms], str]]] = (
        (N_("VAT"), lambda terms: f"{terms.vat_regime.value} {percent(terms.vat_rate_basis_points)}"),
        (N_("License of the result"), lambda terms: terms.license),
        (N_("Valid until"), lambda terms: day(terms.valid_until) if terms.valid_until else ""),
        (N_("Upkeep"), lambda terms: months(terms.upkeep_months)),
        (N_("Warranty"), lambda terms: months(terms.warranty_months)),
        (N_("Review upstream"), lambda terms: _("included") if terms.includes_review else _("not included")),
        (N_("Assumptions"), lambda terms: terms.assumptions),
        (N_("Not in the price"), lambda terms: terms.exclusions),
    )
    for what, say in said:
        yield Change(_(what), say(old), say(new))


def _milestones(old: Terms, new: Terms, currency: str) -> Iterator[Change]:
    """Milestones are told apart by their title: one that changed its title is one less and one more."""
    before = {milestone.title: milestone for milestone in old.milestones}
    after = {milestone.title: milestone for milestone in new.milestones}
    for title in (*after, *(gone for gone in before if gone not in after)):
        was, becomes = before.get(title), after.get(title)
        if was is None or becomes is None:
            yield Change(title, _whole(was, currency), _whole(becomes, currency))
            continue
        for what, say in _sayings(currency):
            yield Change(f"{title} · {_(what)}", say(was), say(becomes))


def _sayings(currency: str) -> Sequence[tuple[str, Callable[[MilestoneTerms], str]]]:
    return (
        (N_("Price"), lambda one: money(one.price_cents, currency)),
        (N_("Due on"), lambda one: day(one.due_on)),
        (N_("Required"), lambda one: _("required") if one.is_required else _("optional")),
        (N_("Acceptance criteria"), lambda one: one.criteria),
        (N_("Lines"), lambda one: "\n".join(_line(line, currency) for line in one.lines)),
    )


def _whole(milestone: MilestoneTerms | None, currency: str) -> str:
    return f"{money(milestone.price_cents, currency)}, {day(milestone.due_on)}" if milestone else ""


def _line(line: LineTerms, currency: str) -> str:
    price = money(line.price_cents, currency)
    if line.day_hundredths is None or line.day_rate_cents is None:
        return f"{line.label}: {price}"
    return f"{line.label}: {days(line.day_hundredths)} × {money(line.day_rate_cents, currency)} = {price}"


def _team(old: Terms, new: Terms) -> Iterator[Change]:
    def said(terms: Terms) -> str:
        return "\n".join(f"{one.name}: {percent(one.share_basis_points)}" for one in terms.team)

    yield Change(_("Team"), said(old), said(new))


def months(count: int | None) -> str:
    """A number of months in words; “none” for no month at all, nothing while it was not said."""
    if count is None:
        return ""
    return _("%(count)s months", count=number(count)) if count else _("none")


def days(hundredths: int) -> str:
    """A number of days as people write it: 2.5, in French 2,5."""
    whole, rest = divmod(hundredths, 100)
    decimals = f"{rest:02d}".rstrip("0")
    return f"{number(whole)}{',' if language() == 'fr' else '.'}{decimals}" if decimals else number(whole)
