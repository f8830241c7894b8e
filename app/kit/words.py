"""The reader's language: sentences, amounts and dates as people write them.

The English sentence in the code is its own key; each room keeps its French in `fr.po` beside its code.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location
from babel.numbers import format_currency, format_decimal

from app.kit.catalog import Catalog
from app.kit.money import Cents, Money
from app.kit.rules import Refused

LANGUAGES = {"fr": "Français", "en": "English"}
LOCALES = {"fr": "fr_FR", "en": "en_IE"}
BEFORE_A_NAME = re.compile(r"\b([Dd]e|[Qq]ue) %\((\w+)\)s")
VOWELS = set("aàâäæeéèêëiîïoôöœuùûü")

_language: ContextVar[str] = ContextVar("language", default="en")
_zone: ContextVar[str] = ContextVar("zone", default="Europe/Paris")


def language() -> str:
    """The code of the language spoken now."""
    return _language.get()


@contextmanager
def use_language(code: str, zone: str | None = None) -> Iterator[None]:
    """Speak this language (and tell times in this zone) inside the block."""
    spoken = _language.set(code if code in LANGUAGES else "en")
    told = _zone.set(zone or _zone.get())
    try:
        yield
    finally:
        _language.reset(spoken)
        _zone.reset(told)


def set_language(code: str, zone: str) -> None:
    """Speak this language for the rest of the request."""
    _language.set(code if code in LANGUAGES else "en")
    _zone.set(zone)


def fall_silent() -> None:
    """Speak nobody's language any more: the thread that served one reader will serve another."""
    _language.set("en")
    _zone.set("Europe/Paris")


@lru_cache(maxsize=4)
def catalog(code: str) -> Catalog:
    """Every room's sentences in one language."""
    return Catalog(sorted(Path(__file__).parent.parent.glob(f"*/{code}.po")))


def _(message: str, **params: Any) -> str:
    """The sentence in the reader's language, with its facts."""
    sentence = catalog(language()).of(message) if language() != "en" else message
    return _with(sentence, {name: shown(value) for name, value in params.items()}) if params else sentence


def ngettext(singular: str, plural: str, num: int, **params: Any) -> str:
    """The sentence for one or for many; the count is `%(num)s`."""
    if language() == "en":
        sentence = singular if num == 1 else plural
    else:
        sentence = catalog(language()).of_many(singular, plural, num)
    return _with(sentence, {"num": number(num)} | {name: shown(value) for name, value in params.items()})


def _with(sentence: str, facts: Mapping[str, Any]) -> str:
    """The sentence with its facts. French drops the e before a vowel: « devis d’Atelier Identité »."""
    if language() == "fr":
        sentence = BEFORE_A_NAME.sub(lambda found: _elided(found, str(facts[found[2]])), sentence)
    return sentence % facts


def _elided(found: re.Match[str], name: str) -> str:
    return f"{found[1][:-1]}’%({found[2]})s" if name[:1].lower() in VOWELS else found[0]


def N_(message: str) -> str:  # noqa: N802  (gettext's own name for "mark, translate later")
    """Mark a sentence for the catalog; it is translated where it is shown."""
    return message


def translate(refusal: Refused) -> str:
    """A refusal as the reader gets it."""
    return _(refusal.message, **refusal.params)


def shown(value: Any) -> Any:
    """A fact inside a sentence: money, dates and numbers are written the reader's way."""
    if isinstance(value, Money):
        return money(value.cents, value.currency)
    if isinstance(value, Decimal):
        places = max(0, -int(value.as_tuple().exponent))
        return format_decimal(value, locale=_locale(), format=f"#,##0.{'0' * places}" if places else None)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value)
    return value


def _locale() -> str:
    return LOCALES[language()]


def money(cents: Cents, currency: str, *, decimals: bool = True) -> str:
    """An amount to the cent, or (`decimals=False`) in whole units where it has no cents."""
    amount = Decimal(cents) / 100
    if decimals or cents % 100:
        return format_currency(amount, currency, locale=_locale())
    return format_currency(amount, currency, locale=_locale(), format=_whole_format(), currency_digits=False)


def _whole_format() -> str:
    return "#,##0\u00a0¤" if language() == "fr" else "¤#,##0"


def number(value: int) -> str:
    """A count, grouped the reader's way."""
    return format_decimal(value, locale=_locale())


def percent(basis_points: int) -> str:
    """A rate: 2000 basis points are 20 %."""
    value = format_decimal(Decimal(basis_points) / 100, locale=_locale())
    return f"{value}\u202f%" if language() == "fr" else f"{value}%"


def day(value: date, style: str = "long") -> str:
    """A date as people say it: “3 December 2026”, « 1er décembre 2026 »."""
    if style == "short":
        text = format_date(value, "d MMM y", locale=_locale())
    elif style == "exact":
        return value.isoformat()
    else:
        text = format_date(value, "d MMMM y", locale=_locale())
    return f"1er{text[1:]}" if language() == "fr" and value.day == 1 else text


def moment(value: datetime) -> str:
    """An instant in the operator's zone: “3 December 2026, 14:05”."""
    local = value.astimezone(ZoneInfo(_zone.get()))
    return f"{day(local.date())}, {format_datetime(local, 'HH:mm', locale=_locale())}"


def placed_moment(value: datetime) -> str:
    """The same where nobody knows the reader's clock: “3 December 2026, 14:05 (Paris time)”."""
    place = get_timezone_location(_zone.get(), locale=_locale(), return_city=True)
    return _("%(moment)s (%(place)s time)", moment=moment(value), place=place)


def last_day_of(end: datetime) -> date:
    """The last day on which something that ends at this instant can still be done."""
    return local_day(end - timedelta(microseconds=1))


def local_day(value: datetime) -> date:
    """The calendar day of an instant in the operator's zone."""
    return value.astimezone(ZoneInfo(_zone.get())).date()
