"""The door everybody comes in by: what this house is, and for those who are signed in, what waits for them."""

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue

from app.boards import figures_house
from app.boards.campaign_words import campaign_state
from app.boards.doors import bp
from app.campaigns.progress import sums_of
from app.people.access import ANYONE, at, only


@bp.get("/")
@only(ANYONE)
def index() -> ResponseReturnValue:
    """What waits for me first; for those who are not signed in, what this house is."""
    if g.get("actor") is not None:
        from app.boards.home import (
            home,  # reads all the rooms: whoever is not signed in does not wait for them
        )

        return home()
    campaigns = figures_house.latest_campaigns(g.db)
    return render_template(
        "boards/front.html",
        house=figures_house.house(g.db),
        campaigns=campaigns,
        # A sum that would tell what one backer keeps to itself is left out.
        sums=sums_of(g.db, [(campaign, 0) for campaign, _software in campaigns], None),
        campaign_state=campaign_state,
        at=at(),
        currency=g.operator.currency,
        verify_url=url_for("escrow.verify"),
    )
