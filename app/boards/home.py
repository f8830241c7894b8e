"""The home of somebody signed in: what waits, what to know, what happened, and their organization's figures."""

from typing import Any

from flask import g, render_template

from app.boards import figures, figures_house, figures_maintainers
from app.boards.campaign_words import campaign_state
from app.boards.feed import what_happened
from app.boards.rail import last_act
from app.boards.saying import how_long_ago
from app.boards.standing_words import what_to_know
from app.boards.waiting import in_a_sentence, shown
from app.boards.waiting_list import waiting_for
from app.kit.words import local_day
from app.people.access import acting, at
from app.people.model import Kind


def home() -> str:
    """The page of whoever acts now."""
    actor = acting()
    things = waiting_for(g.db, actor, at())
    g.things_waiting = len(things)
    return render_template(
        "boards/index.html",
        actor=actor,
        first_name=actor.person.name.split()[0] if actor.person.name.split() else actor.person.name,
        summary=in_a_sentence(things, at()),
        things=shown(things, at()),
        to_know=what_to_know(g.db, actor, at()),
        feed=[(what, how_long_ago(what.at, local_day(at()))) for what in what_happened(g.db, actor)],
        campaign_state=campaign_state,
        at=at(),
        currency=g.operator.currency,
        **_cards(),
    )


def _cards() -> dict[str, Any]:
    """What the organization's kind wants to see beside its list."""
    actor = acting()
    if actor.organization.kind == Kind.CORPORATE:
        ours = figures.backing(g.db, actor, at(), g.operator.zone)
        return {"year": ours.year, "ours": ours.campaigns, "total": figures.total(ours.campaigns)}
    if actor.organization.kind == Kind.MAINTAINER:
        return {"work": figures_maintainers.work_of(g.db, actor)}
    return {"book": figures_house.house_book(g.db, last_act(g.db)), "rails": figures_house.rails()}
