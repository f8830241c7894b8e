"""The doors of a campaign as a common undertaking: who does what, and every day that counts."""

from flask import Response, current_app, g, render_template, url_for
from flask.typing import ResponseReturnValue

from app.boards.calendar import clocks_of
from app.boards.consortium import partners_of
from app.boards.doors import bp
from app.boards.icalendar import Event, written
from app.campaigns.doors import visible_campaign
from app.campaigns.wording_rules import rule_sentences, rule_terms
from app.kit.words import local_day
from app.people.access import ANYONE, Actor, at, only


@bp.get("/campaigns/<name>/consortium")
@only(ANYONE)
def consortium(name: str) -> ResponseReturnValue:
    """Who decides, contributes, pays and runs."""
    campaign = visible_campaign(name)
    return render_template(
        "boards/consortium.html", campaign=campaign, partners=partners_of(g.db, campaign, _reader()),
        rules=rule_sentences(rule_terms(g.db, campaign)),
    )  # fmt: skip


@bp.get("/campaigns/<name>/calendar")
@only(ANYONE)
def calendar(name: str) -> ResponseReturnValue:
    """Every clock of a campaign, the first one first."""
    campaign = visible_campaign(name)
    return render_template(
        "boards/calendar.html", campaign=campaign, clocks=clocks_of(g.db, campaign, _reader(), at()),
        today=local_day(at()),
    )  # fmt: skip


@bp.get("/campaigns/<name>/calendar.ics")
@only(ANYONE)
def calendar_file(name: str) -> ResponseReturnValue:
    """The same for a calendar program."""
    campaign = visible_campaign(name)
    base = current_app.config["SETTINGS"].base_url
    events = [
        Event(
            f"{clock.key.replace(':', '-')}-{campaign.public_id}@jalon", clock.on, f"{campaign.title} · {clock.what}",
            clock.consequence, base + url_for(clock.endpoint, name=clock.name),
        )
        for clock in clocks_of(g.db, campaign, _reader(), at())
    ]  # fmt: skip
    answer = Response(written(campaign.title, events, at()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{campaign.public_id}.ics"'
    return answer


def _reader() -> Actor | None:
    actor: Actor | None = g.get("actor")
    return actor
