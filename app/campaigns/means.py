"""How a pledge will be paid: the rails and means there are, and whether the calls it may bring fit their limits."""

from datetime import datetime

from sqlmodel import Session

from app.campaigns import rules
from app.campaigns.forecast import rates_of
from app.campaigns.model import Campaign, Pledge
from app.documents.vat import vat_on
from app.kit.money import Cents, Money, portion
from app.kit.rules import require
from app.rails.bank import accounts
from app.rails.bank.model import NAME as BANK
from app.rails.capabilities import Means
from app.rails.switched_on import CAPABILITIES


def ways(rails: tuple[str, ...]) -> list[tuple[str, Means]]:
    """Every means of every rail that is switched on, the rail's own order kept."""
    return [(rail, means) for rail in rails if rail in CAPABILITIES for means in CAPABILITIES[rail].means]


def may_debit(db: Session) -> bool:
    """Whether the fund may debit bank accounts: its own has a creditor identifier."""
    account = accounts.in_use(db)
    return account is not None and bool(account.creditor_id)


def pulls(pledge: Pledge) -> bool:
    """Whether the calls of a pledge are pulled from what its payer leaves, and not sent by it."""
    return pledge.rail in CAPABILITIES and CAPABILITIES[pledge.rail].by(pledge.means).pulls


def require_means(db: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Go on only if the largest call this pledge may bring fits its means, and the fee covers what the rail keeps."""
    if pledge.rail not in CAPABILITIES:
        return
    told = CAPABILITIES[pledge.rail]
    if pledge.means:
        require(
            pledge.means in {means.name for means in told.means},
            "Please choose one of the answers.",
            field="rail",
        )
    means = told.by(pledge.means)
    require(
        pledge.rail != BANK or not means.pulls or may_debit(db),
        "Direct debit by bank is not offered here.",
        field="rail",
    )
    if means.largest_cents is None and not means.cost_basis_points:
        return
    call, fee = largest_call(db, campaign, pledge, at=at)
    limit = means.largest_cents
    require(
        limit is None or call <= limit,
        "A call of this pledge may come to %(call)s, and this way of paying takes at most %(limit)s at once: please"
        " choose the bank transfer.",
        field="rail", call=Money(call, campaign.currency), limit=Money(limit or 0, campaign.currency),
    )  # fmt: skip
    require(
        means.expected_cost(call) <= fee,
        "What this way of paying costs is more than the fee of this campaign: please choose the bank transfer.",
        field="rail",
    )


def largest_call(db: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> tuple[Cents, Cents]:
    """The most one call of this pledge can ask for, VAT and fee included; and the fee in it, in cents."""
    milestones = rules.milestones_of(db, campaign.estimate_id)
    tranches = rules.planned_tranches(db, campaign)
    required = sum(milestone.price_cents for milestone in milestones if milestone.is_required)
    by_tranche: dict[int, Cents] = {}
    for milestone in milestones:
        number = tranches.get(milestone.id, 1)
        by_tranche[number] = by_tranche.get(number, 0) + milestone.price_cents
    largest = max(by_tranche.values(), default=0)
    # The fewer milestones are financed, the larger the share of each: the required ones always are.
    share = min(10_000, -(-largest * 10_000 // required)) if required else 10_000
    price = portion(pledge.amount_cents, share)
    rates = rates_of(db, campaign, pledge, at=at)
    fee = portion(price, rates.fee_basis_points)
    tax = vat_on(price, rates.work_basis_points) + vat_on(fee, rates.fee_vat_basis_points)
    return price + fee + tax, fee
