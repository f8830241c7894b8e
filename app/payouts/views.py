"""The doors of this room: payouts, the account an organization is paid on, the treasurer's desk, charge-backs."""

from app.payouts import (
    views_account,
    views_batches,
    views_changes,
    views_desk,
    views_disputes,
    views_elsewhere,
    views_limits,
    views_moves,
    views_payouts,
    views_together,
)
from app.payouts.doors import bp

__all__ = [
    "bp",
    "views_account",
    "views_batches",
    "views_changes",
    "views_desk",
    "views_disputes",
    "views_elsewhere",
    "views_limits",
    "views_moves",
    "views_payouts",
    "views_together",
]
