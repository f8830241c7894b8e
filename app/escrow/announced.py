"""Calls that are pulled by a debit we announced: their payers have nothing to do, so nobody hurries or blames them."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from app.escrow.model import Call
from app.escrow.model_outside import ALIVE, Collection

# A debit nobody filed or no bank carried out by then is not on its way any more: the call is late like any other.
LOST_AFTER = timedelta(days=30)


def being_pulled(at: datetime) -> Any:
    """A condition on calls: a bank debit is announced or on its way, and its day not long past."""
    return (
        select(Collection.id)
        .where(
            Collection.call_id == Call.id, col(Collection.pull_on) > (at - LOST_AFTER).date(),
            col(Collection.state).in_(ALIVE),
        )
        .exists()
    )  # fmt: skip
