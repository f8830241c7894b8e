"""What a desktop program asks beside the pages: is this Jalon there, what waits for me, which papers there are."""

import hashlib
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import g, jsonify, request

from app.boards.doors import bp
from app.boards.papers import campaign_of, papers_of
from app.boards.waiting_list import waiting_for
from app.escrow.doors import campaign_and_sight
from app.kit.rules import Missing
from app.people.access import ANYONE, SIGNED_IN, acting, at, only


@bp.get("/health")
@only(ANYONE)
def health() -> Any:
    """That this is a Jalon, and that its database answers; said to anyone, before the first start too."""
    try:
        ours = version("jalon")
    except PackageNotFoundError:  # run from a bundle
        ours = ""
    return jsonify(jalon=ours)


@bp.get("/waiting.json")
@only(SIGNED_IN)
def waiting() -> Any:
    """What waits for me, each thing with a key that stays its own while it waits."""
    things = [
        {
            "key": hashlib.sha256(f"{thing.url}\n{thing.what}".encode()).hexdigest()[:16],
            "what": thing.what,
            "consequence": thing.consequence,
            "url": thing.url,
            "due_on": thing.due_on.isoformat() if thing.due_on else None,
        }
        for thing in waiting_for(g.db, acting(), at())
    ]
    return jsonify(person=acting().person.public_id, waiting=things)


@bp.get("/campaigns/<name>/papers.json")
@only(ANYONE)
def papers(name: str) -> Any:
    """The papers of a campaign, to be saved together."""
    campaign, _maintainer, _sight = campaign_and_sight(name)
    found = papers_of(g.db, campaign, g.get("actor"))
    return jsonify(
        campaign=campaign.title,
        papers=[{"kind": paper.kind, "number": paper.number, "path": paper.path} for paper in found],
    )


@bp.get("/papers.json")
@only(ANYONE)
def filing() -> Any:
    """Under what the paper at a path is filed."""
    path = request.args.get("path", "")
    found = campaign_of(g.db, path)
    if found is None:
        raise Missing
    campaign, _maintainer, _sight = campaign_and_sight(found.public_id)
    paper = next((each for each in papers_of(g.db, campaign, g.get("actor")) if each.path == path), None)
    if paper is None:
        raise Missing
    return jsonify(campaign=campaign.title, kind=paper.kind, number=paper.number)
