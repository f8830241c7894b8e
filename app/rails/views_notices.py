"""The door for rails that notify: who sent it is proved, its number is kept once, and nothing else is believed."""

from typing import Any

from flask import abort, g, request

from app.kit.rules import Missing
from app.people.access import ANYONE, at, only
from app.rails import inbox
from app.rails.abilities import Listens, NoticeForged
from app.rails.doors import bp
from app.rails.here import rail_here

LARGEST = 512 * 1024


@bp.post("/rails/<rail>/notices/<door>")
@only(ANYONE)
def hear(rail: str, door: str) -> Any:
    """Keep a notice; the worker fetches what it is about. The sender gets its answer at once, and never a reason."""
    listening = rail_here(rail)
    if not isinstance(listening, Listens) or door not in listening.doors:
        raise Missing
    if (request.content_length or 0) > LARGEST:
        abort(413)
    try:
        notice = listening.read_notice(door, dict(request.headers), request.get_data())
    except NoticeForged:
        abort(400)
    inbox.receive(g.db, rail, notice.event_id, notice.outside_id, at=at())
    return "", 200
