"""What backers answer to a delivery: accept, accept with reserves, refuse with reasons for each criterion.

Whose word binds, how much must be heard and who may say no alone are rules of the campaign.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from app.campaigns.binding import Scale, scale_of
from app.campaigns.model import Campaign, CampaignState
from app.campaigns.round_rules import rules_of
from app.delivery.model import Acceptance, Delivery, DeliveryState, Shortcoming
from app.delivery.outcome import end, locked, require_going_on
from app.delivery.reserves import OPEN, Defect, file_reserves, filed_before, overtake, reserves_of
from app.delivery.standing import answers_of, maintainer_id, weights_of
from app.estimates.model import Milestone
from app.kit.money import WHOLE, Cents
from app.kit.rules import Conflict, Refused, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside, stand_aside_from_own
from app.people.model import Role
from app.people.step import CLOCK, record

LONGEST_WORD = 1000


@dataclass(frozen=True)
class Answer:
    """What a backer says: yes with or without reserves, or no with its reasons, criterion by criterion."""

    accepts: bool
    reasons: str = ""
    # Why a criterion is not met, by its number from 1.
    unmet: Mapping[int, str] = field(default_factory=dict)
    reserves: Sequence[Defect] = ()


def answer(
    db: Session, delivery: Delivery, *, accepts: bool, reasons: str = "", unmet: Mapping[int, str] | None = None,
    reserves: Sequence[Defect] = (), by: Actor, at: datetime,
) -> Delivery:  # fmt: skip
    """A backer accepts, accepts with reserves, or refuses with reasons. What its word weighs is the campaign's rule."""
    require_role(by, Role.BUYER, Role.APPROVER, Role.MEMBER)
    said = Answer(accepts, reasons.strip(), _words_of(unmet or {}), reserves)
    campaign, delivery = locked(db, delivery)
    weights = weights_of(db, delivery)
    if by.organization.id not in weights:
        raise Refused("Only the backers of this milestone answer it.", status=403)
    stand_aside_from_own(by, delivery.handed_in_by_id)
    stand_aside(db, by, {maintainer_id(db, campaign)}, at=at)
    if delivery.state != DeliveryState.HANDED_IN:
        raise Conflict("This delivery was decided already.")
    require_going_on(campaign)
    if at >= delivery.review_ends_at:
        raise Conflict("The time to answer is over: silence counted as acceptance.")
    if by.organization.id in {given.organization_id for given in answers_of(db, delivery)}:
        raise Conflict("Your organization has answered already.")
    require(accepts or said.reasons or said.unmet, "Please say which criteria are not met.", field="reasons")
    _keep(db, campaign, delivery, said, weights, by=by, at=at)
    decide(db, campaign, delivery, weights, at=at)
    return delivery


def _words_of(unmet: Mapping[int, str]) -> dict[int, str]:
    return {number: words.strip()[:LONGEST_WORD] for number, words in unmet.items() if words.strip()}


def _keep(
    db: Session, campaign: Campaign, delivery: Delivery, said: Answer, weights: dict[int, Cents], *, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    written = _write(
        db, delivery, by.organization.id, weights, accepts=said.accepts, reasons=said.reasons,
        pseudonym=by.person.pseudonym, at=at,
    )  # fmt: skip
    criteria = criteria_of(db.get_one(Milestone, delivery.milestone_id))
    if not said.accepts:
        for number, words in said.unmet.items():
            require(1 <= number <= len(criteria), "This milestone has no such criterion.", field="reasons")
            db.add(Shortcoming(
                acceptance_id=written.id, number=number, criterion=criteria[number - 1][:LONGEST_WORD],
                reason=words, at=at,
            ))  # fmt: skip
    act = "accept" if said.accepts else "refuse"
    record(
        db, "accept with reserves" if said.accepts and said.reserves else act, delivery, by=by, at=at,
        before=delivery.state, campaign_id=campaign.id, reasons=said.reasons,
        weight=weights[by.organization.id], unmet=sorted(said.unmet) if not said.accepts else [],
    )  # fmt: skip
    if said.accepts and said.reserves:
        file_reserves(db, campaign, delivery, said.reserves, by=by, at=at)


def count_silence(db: Session, delivery: Delivery, *, at: datetime) -> Delivery:
    """The clock is over: each backer without an answer counts as accepting, but never one who filed a reserve."""
    campaign, delivery = locked(db, delivery)
    if delivery.state != DeliveryState.HANDED_IN or at < delivery.review_ends_at:
        return delivery
    if campaign.state != CampaignState.SECURED:
        return delivery
    weights = weights_of(db, delivery)
    answered = {given.organization_id for given in answers_of(db, delivery)}
    silent = set(weights) - answered - filed_before(db, delivery)
    for organization_id in sorted(silent):
        _write(db, delivery, organization_id, weights, accepts=True, by_silence=True, pseudonym=CLOCK, at=at)
    record(
        db, "count silence", delivery, by=None, at=at, before=delivery.state, campaign_id=campaign.id,
        silent=len(silent),
    )  # fmt: skip
    decide(db, campaign, delivery, weights, is_over=True, at=at)
    return delivery


def _write(
    db: Session, delivery: Delivery, organization_id: int, weights: dict[int, Cents], *, accepts: bool,
    pseudonym: str, at: datetime, reasons: str = "", by_silence: bool = False,
) -> Acceptance:  # fmt: skip
    written = Acceptance(
        delivery_id=delivery.id, organization_id=organization_id, accepts=accepts, by_silence=by_silence,
        reasons=reasons, weight_cents=weights[organization_id], pseudonym=pseudonym, at=at,
    )  # fmt: skip
    db.add(written)
    db.flush()
    return written


def decide(
    db: Session, campaign: Campaign, delivery: Delivery, weights: dict[int, Cents], *, is_over: bool = False,
    at: datetime,
) -> None:  # fmt: skip
    """Accepted or refused as soon as the campaign's rule says so; at the end of the clock in any case."""
    given = answers_of(db, delivery)
    yes = {one.organization_id for one in given if one.accepts}
    no = {one.organization_id for one in given if not one.accepts}
    scale = scale_of(db, campaign, weights)
    if is_over:
        # Who filed a reserve and stayed silent has said nothing: the others decide.
        heard = {name: weight for name, weight in scale.weights.items() if name in yes | no}
        scale = Scale(heard or scale.weights, 0, scale.veto_of)
    verdict = scale.verdict(yes, no, is_over=is_over)
    if verdict:
        _accept(db, campaign, delivery, at=at)
    elif verdict is False or is_over:
        before = delivery.state
        move(delivery, DeliveryState.REFUSED)
        delivery.decided_at = at
        record(db, "refused", delivery, by=None, at=at, before=before, campaign_id=campaign.id)
        overtake(db, campaign, delivery, at=at)


def _accept(db: Session, campaign: Campaign, delivery: Delivery, *, at: datetime) -> None:
    """Everything is released but the retention, which waits for the release of the software and for every open reserve.

    A reserve that was lifted while the others still answered is none any more.
    """
    delivery.retention_basis_points = rules_of(db, campaign).retention_basis_points
    is_waiting = any(one.state in OPEN for one in reserves_of(db, delivery))
    state = DeliveryState.ACCEPTED_WITH_RESERVES if is_waiting else DeliveryState.ACCEPTED
    end(db, campaign, delivery, state, WHOLE, at=at)


def criteria_of(milestone: Milestone) -> list[str]:
    """A milestone's acceptance criteria, one a line."""
    return [line.strip() for line in milestone.criteria.splitlines() if line.strip()]
