"""For which call money without a reference may be: proposed where only one fits, and a person decides."""

from sqlmodel import Session, col, select

from app.campaigns.model import Pledge
from app.escrow.calls import TAKES_MONEY
from app.escrow.model import Call, Deposit


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
