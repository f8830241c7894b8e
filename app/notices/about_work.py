"""Mails about milestones handed in, accepted, refused and disputed."""

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Part, Pledge
from app.campaigns.reading import is_live
from app.delivery.dues import dues_of
from app.delivery.model import Acceptance, Delivery, DeliveryState, Dispute, DisputeState
from app.delivery.standing import weights_of
from app.estimates.model import Milestone
from app.kit.money import WHOLE, Cents
from app.notices.readers import JUDGES, MAKERS, Copy, maintainer_of, names_for_others, people_of, the_fund, to
from app.people.model import Role
from app.people.step import Step

MOST_REFUSALS = 6
LONGEST_REASON = 800


def delivery(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """What becomes of a delivery: to its backers with their own part, and its maintainer; a dispute to arbitrators."""
    about = db.get_one(Delivery, step.thing_id)
    campaign = db.get_one(Campaign, about.campaign_id)
    facts = _facts(db, step, about, campaign, base_url)
    parts = _own_parts(db, about)
    shown = names_for_others(db, campaign.id)
    given = _refusals(db, about) if step.after == DeliveryState.REFUSED else []
    # Who is asked to answer are those whose word counts: not who gives a match, nor who works on the milestone.
    told = weights_of(db, about) if step.act == "hand in" else parts
    for person, organization in people_of(db, told, JUDGES):
        cents, pays_after = parts[organization.id]
        yield Copy(person, organization, facts | {
            "own": cents, "certifies": pays_after,
            "refusals": _named(given, shown, ours=organization.id),
        })  # fmt: skip
    others = facts | {"own": 0, "certifies": False, "refusals": _named(given, shown, ours=None)}
    yield from to(db, [maintainer_of(db, campaign).id], MAKERS, others)
    if step.after == DeliveryState.DISPUTED:
        judged = others | {"url": f"{base_url}/deliveries/{about.public_id}/dispute"}
        yield from to(db, the_fund(db), [Role.ARBITRATOR], judged)


def _facts(db: Session, step: Step, about: Delivery, campaign: Campaign, base_url: str) -> dict[str, Any]:
    dispute = db.exec(select(Dispute).where(Dispute.delivery_id == about.id)).first()
    share = WHOLE if about.share_basis_points is None else about.share_basis_points
    return {
        "milestone": db.get_one(Milestone, about.milestone_id).title, "title": campaign.title,
        "maintainer": maintainer_of(db, campaign).name, "version": about.version, "currency": campaign.currency,
        "until": about.review_ends_at.isoformat(), "share": share,
        "by_award": step.before == DeliveryState.DISPUTED,
        "settled": dispute is not None and dispute.state == DisputeState.SETTLED,
        "dispute": dispute.reasons[:LONGEST_REASON] if dispute else "",
        "url": f"{base_url}/deliveries/{about.public_id}",
    }  # fmt: skip


def _own_parts(db: Session, about: Delivery) -> dict[int, tuple[Cents, bool]]:
    """What each backer's part gives, with its VAT (all of it until it is decided), and whether it pays afterwards."""
    query = (
        select(Part, Pledge)
        .join(Pledge, col(Pledge.id) == col(Part.pledge_id))
        .where(Part.milestone_id == about.milestone_id, Part.price_cents > 0, is_live())
    )
    rows = list(db.exec(query.order_by(col(Part.id))))
    dues = dues_of(about, [part for part, _pledge in rows])
    found: dict[int, tuple[Cents, bool]] = {}
    for part, pledge in rows:
        due = (part.price_cents, part.vat_cents) if about.share_basis_points is None else dues[part.id]
        cents, after = found.get(pledge.organization_id, (0, False))
        found[pledge.organization_id] = (cents + sum(due), after or pledge.is_after_acceptance)
    return found


def _refusals(db: Session, about: Delivery) -> list[Acceptance]:
    query = select(Acceptance).where(Acceptance.delivery_id == about.id, col(Acceptance.accepts).is_(False))
    return list(db.exec(query.order_by(col(Acceptance.id)).limit(MOST_REFUSALS)))


def _named(given: list[Acceptance], shown: dict[int, str], *, ours: int | None) -> list[dict[str, Any]]:
    """Refusals as one reader may see them: `who` is empty where a name is hidden from them."""
    return [
        {
            "who": shown.get(each.organization_id, ""), "is_own": each.organization_id == ours,
            "reasons": each.reasons[:LONGEST_REASON],
        }
        for each in given
    ]  # fmt: skip


def milestone(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """Work that never came: its money goes back, which backers and maintainer hear."""
    about = db.get_one(Milestone, step.thing_id)
    campaign = db.get_one(Campaign, step.campaign_id)
    backers = db.exec(
        select(Pledge.organization_id).join(Part, col(Part.pledge_id) == col(Pledge.id)).where(
            Part.milestone_id == about.id, Part.price_cents > 0, is_live())
    )  # fmt: skip
    facts = {
        "milestone": about.title, "title": campaign.title, "due_on": about.due_on.isoformat(),
        "maintainer": maintainer_of(db, campaign).name, "url": f"{base_url}/campaigns/{campaign.public_id}",
    }  # fmt: skip
    yield from to(db, set(backers), (*JUDGES, Role.FINANCE), facts)
    yield from to(db, [maintainer_of(db, campaign).id], MAKERS, facts)
