"""Calls for funds: who owes what, by when, and what happens when nobody pays."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from app.campaigns import in_kind_sums, taxes
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Part, Pledge
from app.documents import vat
from app.escrow import guards, vat_proof
from app.escrow.announced import being_pulled
from app.escrow.freezing import frozen_pledges
from app.escrow.model import Call, CallCause, CallLine, CallState, Tranche
from app.kit.clock import day_of, end_of_day
from app.kit.money import Cents, portion
from app.kit.rules import Conflict, require
from app.kit.series import next_number
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Operator, Organization, Role
from app.people.step import record
from app.rails.bank.references import creditor_reference

UNPAID = (CallState.ISSUED, CallState.PART_PAID, CallState.OVERDUE, CallState.DEFAULTED)
TAKES_MONEY = (*UNPAID, CallState.CHARGED_BACK)


def next_tranche(db: Session, campaign: Campaign) -> int | None:
    """The number of the tranche to be called next; None when all of the scope is called."""
    called = db.exec(select(func.max(Tranche.number)).where(Tranche.campaign_id == campaign.id)).one() or 0
    planned = campaigns.planned_tranches(db, campaign)
    scope = {planned[milestone.id] for milestone in campaigns.scoped_milestones(db, campaign)}
    return min((number for number in scope if number > called), default=None)


def require_next(db: Session, campaign: Campaign, number: str) -> None:
    """Go on only if this is the tranche to be called next: a second click calls nothing more."""
    campaigns.lock(db, campaign.id)
    if number != str(next_tranche(db, campaign)):
        raise Conflict("This tranche was called already.")


def call_funds(db: Session, campaign: Campaign, *, by: Actor, at: datetime) -> list[Call]:
    """Call the next tranche: one call for each pledge payable in advance. A public body pays after acceptance."""
    require_role(by, Role.OFFICER)
    campaign = campaigns.lock(db, campaign.id)
    stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    if campaign.state != CampaignState.SECURED:
        raise Conflict("Funds are called only while a campaign is secured.")
    number = next_tranche(db, campaign)
    if number is None:
        raise Conflict("Every tranche of this campaign is called already.")
    guards.require_last_accepted(db, campaign)
    guards.require_held_long_enough(db, campaign, number, at=at)
    tranche = Tranche(campaign_id=campaign.id, number=number, called_at=at, called_by_id=by.person.id)
    db.add(tranche)
    record(db, "call funds", tranche, by=by, at=at, campaign_id=campaign.id, tranche=number)
    calls = []
    for pledge in campaigns.signed_pledges(db, campaign):
        parts = _parts_in(db, campaign, pledge, number)
        if parts and not pledge.is_after_acceptance:
            lines = [(part, part.price_cents, part.vat_cents) for part in parts]
            calls.append(issue(
                db, campaign, pledge, lines, key=f"tranche:{pledge.id}:{number}", tranche=number,
                cause=CallCause.TRANCHE, at=at,
            ))  # fmt: skip
    return calls


def call_after_acceptance(
    db: Session, pledge: Pledge, part: Part, *, price: Cents, tax: Cents, at: datetime
) -> Call:
    """Ask a public body to pay its part of an accepted milestone, once it has certified the service."""
    campaign = campaigns.lock(db, pledge.campaign_id)
    key = f"part:{part.id}"
    if done := db.exec(select(Call).where(Call.key == key)).first():
        return done
    number = campaigns.planned_tranches(db, campaign)[part.milestone_id]
    return issue(
        db, campaign, pledge, [(part, price, tax)], key=key, tranche=number, cause=CallCause.ACCEPTANCE, at=at
    )


def _parts_in(db: Session, campaign: Campaign, pledge: Pledge, tranche: int) -> list[Part]:
    planned = campaigns.planned_tranches(db, campaign)
    parts = db.exec(
        select(Part).where(Part.pledge_id == pledge.id, campaigns.is_live()).order_by(col(Part.id))
    )
    return [part for part in parts if planned[part.milestone_id] == tranche and part.price_cents]


def issue(
    db: Session, campaign: Campaign, pledge: Pledge, lines: Iterable[tuple[Part, Cents, Cents]], *,
    key: str, tranche: int, cause: CallCause, at: datetime, with_vat: bool = False, with_fee: bool = True,
) -> Call:  # fmt: skip
    """Write one call over these parts, with its number, its reference and its last day; the campaign is locked.

    Where it goes out without VAT on the strength of a VAT number nobody confirmed, it waits. `with_vat` sends it as to
    somebody without such a number. Without `with_fee` it asks for none: it was paid with an earlier call.
    """
    lines = list(lines)
    today = day_of(at, campaign.zone)
    price, tax = sum(line[1] for line in lines), sum(line[2] for line in lines)
    fee = portion(price, campaign.fee_basis_points) if with_fee else 0
    fee_sale = fee_treatment(db, pledge, at=at, zone=campaign.zone, without_number=with_vat)
    fee_tax = vat.vat_on(fee, fee_sale.rate_basis_points)
    may_go = vat_proof.is_proven(db, pledge, [line[0] for line in lines], fee_sale.kind, at=at)
    number = next_number(db, "call", today.year)
    due_on = today + timedelta(days=campaign.collection_days)
    call = Call(
        key=key, number=number, reference=creditor_reference(f"JAL{number.replace('-', '')}"),
        campaign_id=campaign.id, pledge_id=pledge.id, tranche_number=tranche, cause=cause,
        currency=campaign.currency, rail=pledge.rail,
        price_cents=price, vat_cents=tax, fee_cents=fee, fee_vat_cents=fee_tax,
        total_cents=price + tax + fee + fee_tax,
        issued_at=at, due_on=due_on, window_ends_at=end_of_day(due_on, campaign.zone),
    )  # fmt: skip
    db.add(call)
    db.flush()
    for part, part_price, part_tax in lines:
        db.add(CallLine(call_id=call.id, part_id=part.id, price_cents=part_price, vat_cents=part_tax))
    if may_go:
        send_out(db, campaign, call, at=at, before="")
    else:
        record(
            db, "hold back", call, by=None, at=at, campaign_id=campaign.id, total=call.total_cents,
            number=call.number,
        )  # fmt: skip
    return call


def send_out(
    db: Session, campaign: Campaign, call: Call, *, at: datetime, before: str = CallState.WAITING
) -> None:
    """A call goes out, at once or after it waited: its days to pay begin. The campaign is locked."""
    move(call, CallState.ISSUED)
    call.issued_at, call.reminded = at, 0
    call.due_on = day_of(at, campaign.zone) + timedelta(days=campaign.collection_days)
    call.window_ends_at = end_of_day(call.due_on, campaign.zone)
    record(
        db, "issue", call, by=None, at=at, before=before, campaign_id=campaign.id, total=call.total_cents,
        number=call.number,
    )  # fmt: skip


def fee_treatment(
    db: Session, pledge: Pledge, *, at: datetime, zone: str, without_number: bool = False
) -> vat.Treatment:
    """The VAT on the operator's fee for this backer: the operator sells it, whoever sells the work."""
    operator = db.exec(select(Operator)).one()
    seller = db.get_one(Organization, operator.organization_id)
    buyer = db.get_one(Organization, pledge.organization_id)
    return taxes.on_fee(seller, buyer, on=day_of(at, zone), without_number=without_number)


def lines_of(db: Session, call: Call) -> list[CallLine]:
    """What a call asks for, part by part."""
    return list(db.exec(select(CallLine).where(CallLine.call_id == call.id).order_by(col(CallLine.id))))


def call_of_part(db: Session, part: Part) -> Call | None:
    """The call a part was asked with, if it was."""
    query = (
        select(Call).join(CallLine, col(CallLine.call_id) == col(Call.id)).where(CallLine.part_id == part.id)
    )
    return db.exec(query).first()


def may_start(db: Session, campaign: Campaign, milestone_id: int) -> bool:
    """Whether work on a milestone is covered: its tranche called, every call payable in advance paid.

    The call of a backer whose parts are frozen does not count as paid.
    """
    if campaign.state != CampaignState.SECURED:
        return False
    number = campaigns.planned_tranches(db, campaign)[milestone_id]
    tranche = select(Tranche.id).where(Tranche.campaign_id == campaign.id, Tranche.number == number)
    if not db.exec(tranche).first() or in_kind_sums.defaulted_on(db, milestone_id):
        return False
    unpaid = select(Call.id).where(
        Call.campaign_id == campaign.id,
        Call.tranche_number == number,
        Call.cause == CallCause.TRANCHE,
        col(Call.state).not_in([CallState.PAID, CallState.VOID])
        | (col(Call.pledge_id).in_(frozen_pledges(db, campaign)) & (col(Call.state) == CallState.PAID)),
    )
    return not db.exec(unpaid).first()


def past_window(db: Session, at: datetime) -> list[int]:
    """The calls whose collection window is over and that are not paid: the worker marks each by itself."""
    query = select(Call.id).where(
        col(Call.state).in_([CallState.ISSUED, CallState.PART_PAID, CallState.OVERDUE]),
        Call.window_ends_at <= at,
        ~being_pulled(at),
    )
    return list(db.exec(query.order_by(col(Call.id))))


def default_on(db: Session, call: Call, *, at: datetime) -> None:
    """The window is over and the call is not paid: the fund has to wait on or stop the campaign."""
    campaigns.lock(db, call.campaign_id)
    db.refresh(call)
    if (
        call.state not in (CallState.ISSUED, CallState.PART_PAID, CallState.OVERDUE)
        or at < call.window_ends_at
    ):
        return
    before = call.state
    move(call, CallState.DEFAULTED)
    record(
        db, "default", call, by=None, at=at, before=before, campaign_id=call.campaign_id, paid=call.paid_cents
    )


def wait_on(db: Session, call: Call, *, days: int, reason: str, by: Actor, at: datetime) -> Call:
    """Give a backer who did not pay in time more days, with a reason all backers can read."""
    require_role(by, Role.OFFICER)
    campaign = campaigns.lock(db, call.campaign_id)
    db.refresh(call)
    stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    if call.state != CallState.DEFAULTED:
        raise Conflict("Only a call that was not paid in time can be waited on.")
    require(1 <= days <= 90, "Between 1 and 90 more days, please.", field="days")
    require(reason.strip(), "Please give the reason: everyone can read it.", field="reason")
    before = call.state
    move(call, CallState.OVERDUE)
    ends_on = day_of(at, campaign.zone) + timedelta(days=days)
    call.window_ends_at = end_of_day(ends_on, campaign.zone)
    call.wait_reason = reason.strip()
    call.reminded = 0
    record(
        db, "wait on", call, by=by, at=at, before=before, campaign_id=call.campaign_id,
        until=ends_on.isoformat(), reason=reason.strip(),
    )  # fmt: skip
    return call
