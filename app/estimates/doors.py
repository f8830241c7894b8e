"""What the doors of this room share: the blueprint, what a reader may see, how lines are called."""

from flask import Blueprint, g

from app.estimates.model import Estimate, LineKind
from app.estimates.rules import require_visible
from app.kit.rules import Missing
from app.kit.web import find
from app.kit.words import N_, _
from app.people.access import acting
from app.people.model import Kind, Role

bp = Blueprint("estimates", __name__, url_prefix="/estimates")

LINE_WORDS = {
    LineKind.WORK: N_("Work"),
    LineKind.REVIEW: N_("Review until it is merged"),
    LineKind.UPKEEP: N_("Upkeep"),
}


def line_word(kind: str) -> str:
    """What a line pays for, in a word or two."""
    return _(LINE_WORDS[LineKind(kind)])


def visible(name: str) -> Estimate:
    """The estimate of this name; raises `Missing` where the reader may not see it."""
    estimate = find(Estimate, name)
    require_visible(estimate, g.get("actor"))
    return estimate


def own(name: str) -> Estimate:
    """The estimate of this name, of the organization acted for; raises `Missing` for any other."""
    estimate = visible(name)
    if estimate.organization_id != acting().organization.id:
        raise Missing
    return estimate


def is_maintainer() -> bool:
    """Whether the reader writes estimates for a verified maintainer."""
    actor = g.get("actor")
    return bool(
        actor and actor.has(Role.MEMBER) and actor.organization.kind == Kind.MAINTAINER and actor.is_verified
    )
