"""For which call money without a reference may be: proposed where only one fits, and a person decides."""

from sqlmodel import Session, col, func, select

from app.campaigns.model import Pledge
from app.escrow.calls import TAKES_MONEY
from app.escrow.model import Call, Deposit
from app.escrow.model_left import LeftOver, LeftState
from app.escrow.model_outside import Collection, CollectionState


def proposal_for(db: Session, deposit: Deposit) -> Call | None:
    """The one open call of exactly this amount among those of whoever paid from this account before."""
    if deposit.call_id is not None or not deposit.payer_account:
        return None
    paid_before = (
        select(Pledge.organization_id)
        .join(Call, col(Call.pledge_id) == col(Pledge.id))
        .join(Deposit, col(Deposit.call_id) == col(Call.id))
        .where(Deposit.payer_account == deposit.payer_account, Deposit.rail == deposit.rail)
    )
    query = (
        select(Call)
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .where(
            col(Pledge.organization_id).in_(paid_before), col(Call.state).in_(TAKES_MONEY),
            Call.rail == deposit.rail, Call.currency == deposit.currency,
            col(Call.total_cents) - col(Call.paid_cents) == deposit.amount_cents,
        )
        .limit(2)
    )  # fmt: skip
    found = list(db.exec(query))
    return found[0] if len(found) == 1 else None


def proposal_for_left(db: Session, left: LeftOver) -> Call | None:
    """The one call of its payer that is asked for by transfer and misses exactly this much; a person confirms it."""
    if left.state != LeftState.OPEN or left.call_id is not None:
        return None
    query = (
        select(Call)
        .join(Collection, col(Collection.call_id) == col(Call.id))
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .where(
            Collection.state == CollectionState.ASKED, Collection.outside_id != "", Collection.rail == left.rail,
            Collection.amount_cents - Collection.part_cents == left.amount_cents - left.strange_cents,
            col(Call.state).in_(TAKES_MONEY),
            func.coalesce(Pledge.payer_id, Pledge.organization_id) == left.organization_id,
        )
    )  # fmt: skip
    found = list(db.exec(query.limit(2)))
    return found[0] if len(found) == 1 else None
