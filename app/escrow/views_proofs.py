"""The doors to proofs: the chain of a campaign, one's own lines, the script that checks both, and how to use it."""

from pathlib import Path
from typing import Any

from flask import Response, g, make_response, render_template, request
from sqlmodel import col, select

from app.campaigns.model import Campaign, Pledge
from app.escrow import proofs
from app.escrow.doors import bp, campaign_and_sight
from app.kit.links import ChainHead, campaign_chain
from app.kit.rules import Missing
from app.people.access import ANYONE, SIGNED_IN, Actor, acting, only

SCRIPT = Path(__file__).with_name("verify_chain.py")
MOST = 200


@bp.get("/verify")
@only(ANYONE)
def verify() -> Any:
    """How anyone can check a campaign's book with one command."""
    name = request.args.get("campaign", "")
    campaign = campaign_and_sight(name)[0] if name else None
    actor: Actor | None = g.get("actor")
    return render_template(
        "escrow/verify.html",
        campaign=campaign,
        head=g.db.get(ChainHead, campaign_chain(campaign.id)) if campaign else None,
        has_lines=bool(campaign and actor and _own(campaign, actor)),
        campaigns=[] if campaign else _campaigns(),
    )


def _campaigns() -> list[Campaign]:
    query = select(Campaign).where(col(Campaign.opened_at).is_not(None)).order_by(col(Campaign.id).desc())
    return list(g.db.exec(query.limit(MOST)))


def _own(campaign: Campaign, actor: Actor) -> list[int]:
    query = select(Pledge.id).where(
        Pledge.campaign_id == campaign.id, Pledge.organization_id == actor.organization.id
    )
    return list(g.db.exec(query.order_by(col(Pledge.id))))


@bp.get("/verify/verify_chain.py")
@only(ANYONE)
def script() -> Response:
    """The script itself, to read and to run."""
    return _file(SCRIPT.read_text(encoding="utf-8"), "text/x-python", SCRIPT.name)


@bp.get("/campaigns/<name>/money/chain.csv")
@only(ANYONE)
def chain(name: str) -> Response:
    """The chain of a campaign: numbers, digests, heads."""
    campaign, _maintainer, _sight = campaign_and_sight(name)
    return _file(proofs.chain_csv(g.db, campaign), "text/csv", "chain.csv")


@bp.get("/campaigns/<name>/money/my-lines.csv")
@only(SIGNED_IN)
def my_lines(name: str) -> Response:
    """One's own lines, with what their digests are made of."""
    campaign, _maintainer, _sight = campaign_and_sight(name)
    pledges = _own(campaign, acting())
    if not pledges:
        raise Missing
    text = proofs.lines_csv(g.db, campaign, acting().organization.id, pledges)
    return _file(text, "text/csv", "my-lines.csv")


def _file(text: str, kind: str, name: str) -> Response:
    answer = make_response(text)
    answer.headers["Content-Type"] = f"{kind}; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
