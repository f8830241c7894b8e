"""The doors of this room: milestones, what is handed in, disputes."""

from app.delivery import views_deliveries, views_disputes, views_milestones
from app.delivery.doors import bp

__all__ = ["bp", "views_deliveries", "views_disputes", "views_milestones"]
