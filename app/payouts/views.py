"""The doors of this room: payouts, and the account an organization is paid on."""

from app.payouts import views_account, views_batches, views_changes, views_desk, views_moves, views_payouts
from app.payouts.doors import bp

__all__ = [
    "bp",
    "views_account",
    "views_batches",
    "views_changes",
    "views_desk",
    "views_moves",
    "views_payouts",
]
