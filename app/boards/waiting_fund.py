"""What waits for the fund: decisions of officers, payouts and money in doubt, disputes, alarms."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import current_app, url_for
from sqlmodel import Session, col, exists, select

from app.boards.saying import last_day
from app.boards.ties import is_free_of_ties, own_organizations
from app.boards.waiting import Waiting
from app.boards.waiting_campaigns import campaigns_to_move, tranches_to_call
from app.boards.waiting_frozen import frozen_parts
from app.boards.waiting_unpaid import unpaid_calls
from app.boards.waiting_vat import calls_that_wait
from app.campaigns.model import Campaign
from app.delivery.model import Delivery, Dispute, DisputeState, Opinion
from app.escrow import bank_disputes, doubt_limits, hold_limits, left_over
from app.escrow.hold_limits import ALARM_DAYS
from app.escrow.model_left import LeftState
from app.escrow.rules import in_suspense
from app.escrow.sums import balances_of
from app.estimates.model import Estimate, EstimateState, Milestone
from app.kit.money import Money
from app.kit.words import _, day, local_day
from app.payouts.model import Payout, PayoutKind, PayoutState
from app.people.access import Actor
from app.people.alarms import ringing
from app.people.model import Organization, OrganizationState, Role
from app.people.wording import kind_word
from app.roadmap.model import RoadmapItem

MOST = 10


def organizations_to_verify(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Organizations that ask for a place."""
    if not actor.has(Role.OFFICER):
        return
    query = (
        select(Organization)
        .where(
            Organization.state == OrganizationState.APPLIED, col(Organization.id).not_in(own_organizations(actor, at)),
        )
        .order_by(col(Organization.id))
        .limit(MOST)
    )  # fmt: skip
    for organization in db.exec(query):
        yield Waiting(
            _("Verify %(name)s", name=organization.name),
            _(
                "%(kind)s · asked on %(day)s; until then they can only look",
                kind=kind_word(organization), day=local_day(organization.applied_at),
            ),
            url_for("people.show", name=organization.public_id),
            _("Examine"),
        )  # fmt: skip


def estimates_to_decide(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Estimates that were submitted, and approved ones nobody can pledge for yet."""
    if not actor.has(Role.OFFICER):
        return
    with_campaign = exists().where(col(Campaign.estimate_id) == col(Estimate.id))
    query = (
        select(Estimate, RoadmapItem, Organization)
        .join(RoadmapItem, col(RoadmapItem.id) == col(Estimate.item_id))
        .join(Organization, col(Organization.id) == col(Estimate.organization_id))
        .where(
            col(Estimate.state).in_([EstimateState.SUBMITTED, EstimateState.APPROVED]), ~with_campaign,
            col(Estimate.organization_id).not_in(own_organizations(actor, at)),
        )
        .order_by(col(Estimate.id))
        .limit(2 * MOST)
    )  # fmt: skip
    for estimate, item, maintainer in db.exec(query):
        if estimate.state == EstimateState.SUBMITTED:
            what = _("Decide about the estimate of “%(title)s”", title=item.title)
            url, verb = url_for("estimates.show", name=estimate.public_id), _("Examine")
        else:
            what = _("Prepare the campaign for “%(title)s”", title=item.title)
            url, verb = url_for("campaigns.new", estimate=estimate.public_id), _("Prepare")
        yield Waiting(
            what,
            _("%(name)s · %(number)s, valid until that day", name=maintainer.name, number=estimate.number),
            url, verb, estimate.valid_until,
        )  # fmt: skip


def payouts_to_move(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Payouts to prepare, and those a colleague prepared."""
    if not actor.has(Role.TREASURER):
        return
    query = (
        select(Payout, Organization, Campaign)
        .join(Organization, col(Organization.id) == col(Payout.payee_id))
        .join(Campaign, col(Campaign.id) == col(Payout.campaign_id))
        .where(
            (col(Payout.state) == PayoutState.DUE)
            | ((col(Payout.state) == PayoutState.PREPARED) & (col(Payout.prepared_by_id) != actor.person.id)),
            is_free_of_ties(actor, at),
        )
        .order_by(col(Payout.state).desc(), col(Payout.id))
        .limit(2 * MOST)
    )
    found = list(db.exec(query))
    owed = balances_of(db, [payout.account_code for payout, _payee, _campaign in found])
    for payout, payee, campaign in found:
        yield _payout(payout, payee, campaign, owed.get(payout.account_code, 0))


def _payout(payout: Payout, payee: Organization, campaign: Campaign, owed: int) -> Waiting:
    is_prepared = payout.state == PayoutState.PREPARED
    amount = Money(payout.amount_cents if is_prepared else owed, payout.currency)
    if payout.kind == PayoutKind.REFUND:
        what = _("Refund of %(amount)s to %(name)s", amount=amount, name=payee.name)
    else:
        what = _("Payout of %(amount)s to %(name)s", amount=amount, name=payee.name)
    said = [campaign.title]
    if is_prepared:
        said.append(_("prepared by somebody else; nothing is sent before a second person approves"))
    else:
        said.append(_("due since %(day)s", day=day(local_day(payout.due_at), "short")))
    if payout.reason and not is_prepared:
        said.append(payout.reason)
    return Waiting(
        what, " · ".join(said), url_for("payouts.show", name=payout.public_id),
        _("Check and approve") if is_prepared else _("Prepare"),
    )  # fmt: skip


def money_in_doubt(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Receipts nobody has matched to a call or given back."""
    if not actor.has(Role.TREASURER):
        return
    for deposit in in_suspense(db)[:MOST]:
        amount = Money(deposit.excess_cents, deposit.currency)
        if deposit.call_id is None:
            what, verb = _("Find what %(amount)s is for", amount=amount), _("Match")
        else:
            what, verb = _("Give back %(amount)s paid above a call", amount=amount), _("Give back")
        yield Waiting(
            what,
            _("Received from %(name)s on %(day)s", name=deposit.payer_name or "—", day=local_day(deposit.received_at)),
            url_for("escrow.suspense"), verb,
        )  # fmt: skip


def left_with_providers(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """What a payer sent its provider above every call, and what another person prepared to go back of it."""
    if not actor.has(Role.TREASURER):
        return
    for left, payer, call in left_over.standing(db)[:MOST]:
        amount = Money(
            left.back_cents if left.state == LeftState.PREPARED else left.amount_cents, left.currency
        )
        if left.state == LeftState.OPEN and call is None:
            what = _("Match or give back %(amount)s a payer sent above its calls", amount=amount)
        elif left.state == LeftState.PREPARED and left.prepared_by_id != actor.person.id:
            what = _("Approve that %(amount)s go back to their payer", amount=amount)
        else:
            continue
        until = doubt_limits.until_of(db, left)
        yield Waiting(
            what, _("Kept for %(name)s since %(day)s", name=payer.name, day=local_day(left.seen_at)),
            url_for("escrow.suspense", _anchor="left"), _("Look at it"),
            until if until and until <= local_day(at) + timedelta(days=ALARM_DAYS) else None,
        )  # fmt: skip


def charge_backs_to_contest(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Charge-backs a provider lets us contest until a day."""
    if not actor.has(Role.TREASURER):
        return
    for dispute, deposit in bank_disputes.open_disputes(db)[:MOST]:
        if bank_disputes.may_answer(dispute, at):
            amount, came_on = Money(deposit.amount_cents, deposit.currency), local_day(deposit.received_at)
            yield Waiting(
                _("Contest that %(amount)s were taken back", amount=amount),
                _("Received from %(name)s on %(day)s", name=deposit.payer_name or "—", day=came_on),
                url_for("payouts.charge_back", name=dispute.public_id), _("Look at the evidence"),
                local_day(dispute.answer_by) if dispute.answer_by else None,
            )  # fmt: skip


def money_held_long(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Money a provider will not hold much longer: the fund decides before it does."""
    if not actor.has(Role.OFFICER):
        return
    for one in hold_limits.held_long(db, current_app.config["SETTINGS"].rails, at=at)[:MOST]:
        yield Waiting(
            _("Decide about %(amount)s of call no. %(number)s", amount=Money(one.cents, one.call.currency),
              number=one.call.number),
            _("%(campaign)s · the provider does not hold it longer", campaign=one.campaign.title),
            url_for("payouts.hold_limit", name=one.call.public_id), _("Look at it"), one.until,
        )  # fmt: skip


def disputes_to_judge(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Disputes about which I have not written what I would grant."""
    if not actor.has(Role.ARBITRATOR):
        return
    own_opinion = exists().where(
        col(Opinion.dispute_id) == col(Dispute.id), col(Opinion.person_id) == actor.person.id
    )
    query = (
        select(Dispute, Delivery, Milestone, Campaign)
        .join(Delivery, col(Delivery.id) == col(Dispute.delivery_id))
        .join(Milestone, col(Milestone.id) == col(Delivery.milestone_id))
        .join(Campaign, col(Campaign.id) == col(Delivery.campaign_id))
        .where(
            col(Dispute.state).in_([DisputeState.DECIDING, DisputeState.TIED]),
            ~own_opinion,
            is_free_of_ties(actor, at),
        )
        .order_by(col(Dispute.id))
        .limit(MOST)
    )
    for _dispute, delivery, milestone, campaign in db.exec(query):
        yield Waiting(
            _("Write your opinion on “%(title)s”", title=milestone.title),
            _(
                "%(campaign)s · %(amount)s excluding VAT · two arbitrators who write the same decide",
                campaign=campaign.title, amount=Money(milestone.price_cents, campaign.currency),
            ),
            url_for("delivery.dispute_page", name=delivery.public_id),
            _("Read both sides"),
        )  # fmt: skip


def alarms_to_look_at(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Alarms that stop new pledges."""
    if not actor.has(Role.TREASURER, Role.AUDITOR, Role.OFFICER):
        return
    for alarm in ringing(db)[:MOST]:
        yield Waiting(
            _("An alarm rings: %(reason)s", reason=alarm.why()),
            _(
                "Since %(day)s no new pledge is taken; promises already signed stand",
                day=local_day(alarm.raised_at),
            ),
            url_for("boards.audit"),
            _("Look at it"),
            last_day(at) if actor.has(Role.TREASURER) else None,
        )


FINDERS = (
    alarms_to_look_at, organizations_to_verify, estimates_to_decide, campaigns_to_move, tranches_to_call,
    unpaid_calls, calls_that_wait, frozen_parts, payouts_to_move, charge_backs_to_contest, money_held_long,
    left_with_providers, money_in_doubt, disputes_to_judge,
)  # fmt: skip
