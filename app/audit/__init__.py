"""The audit: every promise about money as a query that finds the rows that break it. Reads all rooms, changes none."""

from app.audit.run import CHECKS, examine, guard, money_is_right, run

__all__ = ["CHECKS", "examine", "guard", "money_is_right", "run"]
