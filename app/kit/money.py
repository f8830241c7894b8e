"""Amounts as people type them, and cents that are never lost.

An amount is an integer number of cents with a currency; no float touches it. `parse_amount` is the only way in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.kit.rules import Refused

Cents = int
BasisPoints = int

WHOLE: BasisPoints = 10_000
DECIMALS = {"EUR": 2, "CHF": 2, "GBP": 2, "USD": 2, "SEK": 2, "DKK": 2, "NOK": 2, "PLN": 2, "CZK": 2}
LARGEST: Cents = 100_000_000_000  # one billion: above it a typing mistake is likelier than a pledge

SIGNS = {"EUR": ("€", "EUR", "euros", "euro"), "GBP": ("£", "GBP"), "USD": ("$", "USD"), "CHF": ("CHF",)}
SPACES = dict.fromkeys(map(ord, " \t\u00a0\u202f\u2009'’"), None)

PLAIN = re.compile(r"(?P<whole>[0-9]{1,13})(?:[.,](?P<cents>[0-9]{1,2}))?")
ENGLISH = re.compile(r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<cents>[0-9]{1,2}))?")
CONTINENTAL = re.compile(r"(?P<whole>[0-9]{1,3}(?:\.[0-9]{3})+)(?:,(?P<cents>[0-9]{1,2}))?")
TWO_READINGS = re.compile(r"(?P<first>[0-9]{1,3})[.,](?P<rest>[0-9]{3})")


@dataclass(frozen=True, order=True)
class Money:
    """So many cents of one currency. Adding two currencies raises."""

    cents: Cents
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.cents - other.cents, self.currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")


def parse_amount(text: str, currency: str, *, field: str | None = "amount", zero: bool = False) -> Cents:
    """Cents from an amount as French or English readers type it: "1 234,50", "1,234.50", "24000 €".

    What the two languages read differently ("1.234") is refused with both readings; so are a sign, another
    currency, more than two decimals, zero (unless `zero`) and more than a billion. Raises `Refused`.
    """
    typed = text.strip()
    if not typed:
        raise Refused("Please enter an amount.", field=field)
    digits = _without_currency(typed, currency, field).translate(SPACES)
    if digits.startswith(("-", "−", "–")):
        raise Refused(
            "The amount “%(typed)s” is negative. Please enter a positive amount.", field=field, typed=typed
        )
    if match := TWO_READINGS.fullmatch(digits):
        _refuse_two_readings(typed, match, currency, field)
    match = PLAIN.fullmatch(digits) or ENGLISH.fullmatch(digits) or CONTINENTAL.fullmatch(digits)
    if not match or not digits.isascii():
        raise Refused(
            "“%(typed)s” is not an amount. Write it like 1 234,50 or 1,234.50.", field=field, typed=typed[:40]
        )
    whole = int(re.sub("[.,]", "", match["whole"]))
    cents = whole * 100 + int((match["cents"] or "0").ljust(2, "0"))
    if cents == 0 and not zero:
        raise Refused("The amount must be more than zero.", field=field)
    if cents > LARGEST:
        raise Refused("The amount “%(typed)s” is too large.", field=field, typed=typed)
    return cents


def _without_currency(typed: str, currency: str, field: str | None) -> str:
    for code, signs in SIGNS.items():
        for sign in signs:
            if typed.upper().startswith(sign.upper()) or typed.upper().endswith(sign.upper()):
                if code != currency:
                    raise Refused(
                        "This Jalon keeps its books in %(currency)s; the amount “%(typed)s” is in another currency.",
                        field=field,
                        currency=currency,
                        typed=typed,
                    )
                return re.sub(re.escape(sign), "", typed, flags=re.IGNORECASE).strip()
    return typed


def _refuse_two_readings(typed: str, match: re.Match[str], currency: str, field: str | None) -> None:
    first, rest = match["first"], match["rest"]
    raise Refused(
        "“%(typed)s” can be read two ways: %(thousands)s or %(decimals)s. Please write it with its cents.",
        field=field,
        typed=typed,
        thousands=Money(int(first + rest) * 100, currency),
        decimals=Decimal(f"{first}.{rest}"),
    )


def portion(cents: Cents, basis_points: BasisPoints) -> Cents:
    """This many basis points (hundredths of a percent) of an amount, rounded half up to the cent."""
    if cents < 0 or basis_points < 0:
        raise ValueError("a portion is taken of what is there")
    return (cents * basis_points * 2 + WHOLE) // (2 * WHOLE)


def split(total: Cents, weights: Sequence[int]) -> list[Cents]:
    """Cut a total by weight to the last cent (largest remainder; ties go to the first)."""
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("nothing to share by")
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
