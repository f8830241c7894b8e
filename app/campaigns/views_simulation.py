"""The door of “what if”: who prepares a round, and who quotes it, plays it before anybody is asked to pledge."""

from typing import Any

from flask import g, render_template, request, url_for
from sqlmodel import col, func, select

from app.campaigns import simulation, wording_rules
from app.campaigns.doors import bp
from app.campaigns.model import OnDefault, ShareKey
from app.campaigns.reading import milestones_of
from app.estimates.model import Estimate, EstimateState
from app.estimates.shown import written_amount
from app.kit.forms import count_of
from app.kit.mistakes import show_mistake
from app.kit.money import Cents, parse_amount, portion, split
from app.kit.rules import Missing, Mistakes, Refused
from app.kit.web import find
from app.kit.words import _
from app.needs.model import Endorsement, Need
from app.people.access import SIGNED_IN, acting, only
from app.roadmap.model import Answer, RoadmapItem

ROWS = 6
LETTERS = "ABCDEF"
PLAYED = (EstimateState.DRAFT, EstimateState.SUBMITTED, EstimateState.APPROVED)


@bp.get("/campaigns/what-if/<name>")
@only(SIGNED_IN)
def what_if(name: str) -> Any:
    """Backers, a key, and the largest of them not paying: how the round would end. Nothing is kept."""
    estimate = find(Estimate, name)
    if not (acting().sees_everything or estimate.organization_id == acting().organization.id):
        raise Missing
    if estimate.state not in PLAYED:
        raise Missing
    milestones = milestones_of(g.db, estimate.id)
    key = _one_of(ShareKey, "key", ShareKey.FREE)
    rule = _one_of(OnDefault, "on_default", OnDefault.TOP_UP)
    mistakes: dict[str, Refused] = {}
    typed = _typed(estimate, sum(m.price_cents for m in milestones if m.is_required))
    backers = _backers(typed, key, estimate.currency, mistakes)
    if mistakes:
        show_mistake(Mistakes(mistakes), form=url_for(".what_if", name=name))
    pieces = [simulation.Piece(m.title, m.price_cents, m.is_required) for m in milestones]
    outcome = simulation.play(pieces, key, rule, [backer for _label, backer in backers])
    return render_template(
        "campaigns/what_if.html",
        estimate=estimate,
        item=g.db.get_one(RoadmapItem, estimate.item_id),
        typed=typed,
        key=key,
        rule=rule,
        outcome=outcome,
        labels=[label for label, _backer in backers],
        letters=LETTERS,
        keys=[(value, _(word)) for value, word in wording_rules.KEY_WORDS.items()],
        defaults=[(value, _(word)) for value, word in wording_rules.DEFAULT_WORDS.items()],
        steps=_steps(outcome, pieces),
        is_cut_short=key == ShareKey.FREE
        and any(
            played.promised_cents < asked.promised_cents
            for played, (_label, asked) in zip(outcome.backers, backers, strict=True)
        ),
    )


def _one_of(kind: Any, field: str, usual: Any) -> Any:
    asked = request.args.get(field, usual)
    return kind(asked) if asked in [one.value for one in kind] else usual


def _typed(estimate: Estimate, minimum: Cents) -> list[tuple[str, str]]:
    """The rows as they were typed; at first those who said that they miss this, by their users."""
    if "key" in request.args:
        return [
            (request.args.get(f"promised-{n}", "")[:20], request.args.get(f"weight-{n}", "")[:9])
            for n in range(ROWS)
        ]
    users = _users(estimate) or [100, 100, 100]
    each = split(portion(minimum, 11_000), [1] * len(users))  # a tenth more than the minimum
    found = [(written_amount(cents), str(count)) for cents, count in zip(each, users, strict=True)]
    return [*found, *[("", "")] * (ROWS - len(found))]


def _users(estimate: Estimate) -> list[int]:
    """How many users each of those who miss this has, without their names, the most first."""
    needs = select(col(Answer.need_id)).where(Answer.item_id == estimate.item_id)
    most: dict[int, int] = {}
    for kind in (Need, Endorsement):
        on = col(Need.id) if kind is Need else col(Endorsement.need_id)
        query = (
            select(kind.organization_id, func.max(kind.users))
            .where(on.in_(needs))
            .group_by(col(kind.organization_id))
        )
        for organization_id, users in g.db.exec(query):
            most[organization_id] = max(most.get(organization_id, 0), users or 0)
    return sorted(most.values(), reverse=True)[:ROWS]


def _backers(
    typed: list[tuple[str, str]], key: str, currency: str, mistakes: dict[str, Refused]
) -> list[tuple[str, simulation.Backer]]:
    found = []
    for place, (letter, (promised, weight)) in enumerate(zip(LETTERS, typed, strict=False)):
        counts = cents = 0
        try:
            counts = count_of(weight) if weight.strip() else 0
        except Refused as refusal:
            mistakes[f"weight-{place}"] = refusal
        try:
            cents = parse_amount(promised, currency) if key == ShareKey.FREE and promised.strip() else 0
        except Refused as refusal:
            mistakes[f"promised-{place}"] = refusal
        if cents or (key != ShareKey.FREE and (counts or promised.strip() or weight.strip())):
            found.append((_("Backer %(letter)s", letter=letter), simulation.Backer(cents, counts)))
    return found


def _steps(outcome: simulation.Outcome, pieces: list[simulation.Piece]) -> list[dict[str, Any]]:
    """Where the poles stand: the minimum, and each optional milestone on top of it."""
    found: list[dict[str, Any]] = [{"label": _("Minimum"), "cents": outcome.minimum_cents}]
    reached = outcome.minimum_cents
    for piece in pieces:
        if not piece.is_required:
            reached += piece.price_cents
            found.append({"label": piece.title, "cents": reached})
    return found
