"""Calls that are pulled by a debit we announced: their payers have nothing to do, so nobody hurries or blames them."""

from typing import Any

from sqlmodel import col, select

from app.escrow.model import Call
from app.escrow.model_outside import ALIVE, Collection


def being_pulled() -> Any:
    """A condition on calls: a bank debit is announced or on its way."""
    return (
        select(Collection.id)
        .where(
            Collection.call_id == Call.id, col(Collection.pull_on).is_not(None),
            col(Collection.state).in_(ALIVE),
        )
        .exists()
    )  # fmt: skip
