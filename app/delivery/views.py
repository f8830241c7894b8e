"""The doors of this room: milestones, what is handed in, reserves, disputes."""

from app.delivery import (
    views_amendments,
    views_awards,
    views_deliveries,
    views_disputes,
    views_milestones,
    views_reserves,
)
from app.delivery.doors import bp

__all__ = [
    "bp", "views_amendments", "views_awards", "views_deliveries", "views_disputes", "views_milestones",
    "views_reserves",
]  # fmt: skip
