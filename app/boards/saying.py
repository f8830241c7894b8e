"""Days as people say them."""

from datetime import date, datetime, timedelta

from babel.dates import format_date

from app.kit.words import LOCALES, N_, _, day, language, local_day, ngettext

SOON_DAYS = 7
COUNTS = (
    "", "", N_("Two"), N_("Three"), N_("Four"), N_("Five"), N_("Six"), N_("Seven"), N_("Eight"), N_("Nine"), N_("Ten"),
)  # fmt: skip


def short_day(value: date, today: date) -> str:
    """“3 Dec”, with the year where it is not this one."""
    if value.year != today.year:
        return day(value, "short")
    text = format_date(value, "d MMM", locale=LOCALES[language()])
    return f"1er{text[1:]}" if language() == "fr" and value.day == 1 else text


def last_day(moment: datetime) -> date:
    """The last day before an end: what ends at the first instant of the 4th can be done until the 3rd."""
    return local_day(moment - timedelta(microseconds=1))


def by_when(due_on: date | None, today: date) -> tuple[str, str]:
    """How pressing something is (`late`, `soon`, `none`) and how one says until when."""
    if due_on is None:
        return "none", _("no deadline")
    left = (due_on - today).days
    if left < 0:
        return "late", ngettext("late: %(num)s day", "late: %(num)s days", -left)
    if left <= 1:
        return "soon", _("today") if left == 0 else _("until tomorrow")
    return "soon" if left <= SOON_DAYS else "none", _("until %(day)s", day=short_day(due_on, today))


def how_long_ago(moment: datetime, today: date) -> str:
    """“today”, “yesterday”, “Monday” within the week, then the day."""
    then = local_day(moment)
    ago = (today - then).days
    if ago <= 0:
        return _("today")
    if ago == 1:
        return _("yesterday")
    if ago < 7:
        return format_date(then, "EEEE", locale=LOCALES[language()])
    return short_day(then, today)


def spelled(count: int) -> str:
    """A small count as a word at the head of a sentence, a larger one in digits."""
    return _(COUNTS[count]) if 2 <= count < len(COUNTS) else str(count)
