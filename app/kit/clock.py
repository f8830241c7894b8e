"""Time as contracts count it: instants in UTC, ends of days where the operator lives, business days of TARGET."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant. Read at the door only, then passed in as `at`."""
    return datetime.now(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """The first instant after this day in this zone, in UTC: a deadline "on the 3rd" ends there."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone)).astimezone(UTC)


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day people in this zone would name."""
    return moment.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=64)
def _target_holidays(year: int) -> frozenset[date]:
    import holidays  # takes a quarter of a second to import, and only clocks need it

    return frozenset(holidays.financial_holidays("ECB", years=year))


def is_business_day(day: date) -> bool:
    """Whether TARGET, the euro's settlement system, is open (closing days: ECB, 14 December 2000)."""
    return day.weekday() < 5 and day not in _target_holidays(day.year)


def add_business_days(start: date, count: int) -> date:
    """The day on which the given number of business days after the start day is over."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= is_business_day(day)
    return day
