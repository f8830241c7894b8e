"""The audit: every promise about money as a query that finds the rows that break it. Reads all rooms, changes none."""

from app.audit.run import CHECKS, WRONG, by_subject, examine, guard, in_short, money_may_leave, run

__all__ = ["CHECKS", "WRONG", "by_subject", "examine", "guard", "in_short", "money_may_leave", "run"]
