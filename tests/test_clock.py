"""Deadlines as contracts count them: ends of days where the operator lives, business days of TARGET."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.clock import add_business_days, day_of, end_of_day, is_business_day, now

DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    "closed",
    [
        date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2026, 12, 25), date(2025, 12, 26),
        date(2027, 3, 26), date(2027, 3, 29), date(2026, 11, 21), date(2026, 11, 22),
    ],
)  # fmt: skip
def test_target_is_closed_at_weekends_new_year_easter_the_first_of_may_and_christmas(closed: date) -> None:
    assert not is_business_day(closed)


@pytest.mark.parametrize(
    "open_day",
    [
        date(2026, 7, 14),
        date(2026, 8, 15) + timedelta(days=2),
        date(2026, 11, 11),
        date(2026, 5, 14),
        date(2026, 5, 25),
    ],
)
def test_a_holiday_of_one_country_is_a_business_day(open_day: date) -> None:
    assert is_business_day(open_day)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 11, 2), 10, date(2026, 11, 16)),  # a Monday
        (date(2026, 11, 6), 1, date(2026, 11, 9)),  # a Friday
        (date(2026, 11, 7), 1, date(2026, 11, 9)),  # a Saturday
        (date(2026, 4, 1), 10, date(2026, 4, 17)),  # over Easter
        (date(2026, 4, 24), 10, date(2026, 5, 11)),  # over the first of May
        (date(2026, 12, 18), 10, date(2027, 1, 5)),  # over Christmas and New Year
        (date(2026, 11, 2), 0, date(2026, 11, 2)),
    ],
)
def test_business_days_are_counted_from_the_day_after(start: date, count: int, end: date) -> None:
    assert add_business_days(start, count) == end


@given(DAYS, st.integers(1, 40))
def test_the_last_counted_day_is_open_and_the_count_is_exact(start: date, count: int) -> None:
    end = add_business_days(start, count)
    assert is_business_day(end)
    days = ((end - start).days, start)
    assert sum(is_business_day(days[1] + timedelta(days=n)) for n in range(1, days[0] + 1)) == count


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        (date(2026, 12, 1), "Europe/Paris", datetime(2026, 12, 1, 23, 0, tzinfo=UTC)),
        (date(2026, 7, 1), "Europe/Paris", datetime(2026, 7, 1, 22, 0, tzinfo=UTC)),
        (
            date(2026, 3, 28),
            "Europe/Paris",
            datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
        ),  # the night before the change
        (date(2026, 3, 29), "Europe/Paris", datetime(2026, 3, 29, 22, 0, tzinfo=UTC)),  # a day of 23 hours
        (date(2026, 10, 25), "Europe/Paris", datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),  # a day of 25 hours
        (date(2028, 2, 29), "Europe/Paris", datetime(2028, 2, 29, 23, 0, tzinfo=UTC)),
        (date(2038, 1, 19), "UTC", datetime(2038, 1, 20, 0, 0, tzinfo=UTC)),
        (date(2026, 12, 31), "Indian/Reunion", datetime(2026, 12, 31, 20, 0, tzinfo=UTC)),
    ],
)
def test_a_day_ends_where_the_operator_lives(day: date, zone: str, instant: datetime) -> None:
    assert end_of_day(day, zone) == instant


@given(DAYS, st.sampled_from(["Europe/Paris", "UTC", "America/Martinique", "Pacific/Noumea"]))
def test_the_end_of_a_day_is_the_first_moment_of_the_next(day: date, zone: str) -> None:
    end = end_of_day(day, zone)
    assert end.tzinfo is UTC
    assert day_of(end - timedelta(microseconds=1), zone) == day
    assert day_of(end, zone) == day + timedelta(days=1)


def test_now_knows_its_zone() -> None:
    assert now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("day", "end", "hours"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 28, 23, tzinfo=UTC), 24),
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC), 23),  # summer time begins
        (date(2026, 10, 24), datetime(2026, 10, 24, 22, tzinfo=UTC), 24),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC), 25),  # and ends
    ],
)
def test_a_day_ends_when_it_ends_there_though_it_has_an_hour_less_or_more(
    day: date, end: datetime, hours: int
) -> None:
    assert end_of_day(day, "Europe/Paris") == end
    begins = end_of_day(day - timedelta(days=1), "Europe/Paris")
    assert end - begins == timedelta(hours=hours)
    assert day_of(end - timedelta(seconds=1), "Europe/Paris") == day
    assert day_of(end, "Europe/Paris") == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("handed_in", "last"),
    [
        (date(2026, 3, 23), date(2026, 4, 8)),
        (date(2026, 10, 16), date(2026, 10, 30)),
    ],  # over Easter, over the clock
)
def test_ten_business_days_of_review_pass_over_easter_and_both_changes_of_the_clock(
    handed_in: date, last: date
) -> None:
    assert add_business_days(handed_in, 10) == last
    assert end_of_day(last, "Europe/Paris").hour == (22 if last.month == 4 else 23)
