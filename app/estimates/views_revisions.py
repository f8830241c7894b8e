"""The doors of revisions: one begun from what was submitted, and what changed from one to the next."""

from typing import Any

from flask import g, redirect, render_template, url_for

from app.estimates import history
from app.estimates.doors import bp, visible
from app.estimates.model import Estimate
from app.estimates.rules import require_visible
from app.kit.rules import Missing
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.people.access import ANYONE, acting, at, only
from app.people.model import Organization, Role
from app.roadmap.model import RoadmapItem


@bp.post("/<name>/revisions")
@only(Role.MEMBER)
@refusals_on("estimates.show")
def begin_revision(name: str) -> Any:
    """Begin a draft that says what this estimate says."""
    revision = history.begin_revision(g.db, visible(name), by=acting(), at=at())
    say(_("The revision is a draft now: change what changes, then submit it."))
    return redirect(url_for(".edit", name=revision.public_id), 303)


@bp.get("/<name>/differences")
@only(ANYONE)
def differences(name: str) -> Any:
    """What this estimate says that the one before it did not."""
    after = visible(name)
    if after.succeeds_id is None:
        raise Missing
    before = g.db.get_one(Estimate, after.succeeds_id)
    require_visible(before, g.get("actor"))
    return render_template(
        "estimates/differences.html", before=before, after=after, changes=history.changes(g.db, before, after),
        item=g.db.get_one(RoadmapItem, after.item_id),
        maintainer=g.db.get_one(Organization, after.organization_id),
    )  # fmt: skip
