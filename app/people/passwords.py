"""Passwords: what is accepted as one, and how it is kept (argon2id) and compared."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from app.kit.rules import require

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 12
LONGEST = 200  # argon2 reads all of it: a megabyte typed here would cost the server, not the guesser

# What is tried first, in lower case and without the digits, spaces and signs people add at the ends.
TRIED_FIRST = """
    password passwort motdepasse passwordpassword azertyuiop qwertyuiop azertyuiopqsdf qwertyuiopasdf
    qwertyqwerty azertyazerty iloveyou iloveyouiloveyou jetaime jetaimejetaime bonjour bonjourbonjour
    welcome welcomewelcome bienvenue letmein letmeinletmein administrator administrateur admin
    changeme changemechangeme changezmoi trustno football superman princess princesse soleil
    monkey dragon sunshine master starwars jalon jalonjalon opensource logiciellibre secret
    loulou doudou nicolas marseille paris olympique abcdefghijkl abcdefghijklm abcdefghijklmn
    correcthorsebatterystaple
"""
COMMON = frozenset(TRIED_FIRST.split())
ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


@lru_cache(maxsize=4)
def _hasher(memory_kib: int) -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=3, parallelism=1, memory_cost=memory_kib)


@lru_cache(maxsize=4)
def _nobody(memory_kib: int) -> str:
    """The hash that is compared when there is no such account, so that the answer takes as long."""
    return _hasher(memory_kib).hash("nobody has this password")


def require_good(password: str, *, field: str = "password") -> None:
    """Raise `Refused` unless this is long enough and not among the first that are tried."""
    require(
        len(password) >= SHORTEST, "Please choose a password of at least %(least)s characters.",
        field=field, least=SHORTEST,
    )  # fmt: skip
    require(
        len(password) <= LONGEST, "Please choose a password of at most %(most)s characters.",
        field=field, most=LONGEST,
    )  # fmt: skip
    core = ENDS.sub("", password.lower())
    require(
        core not in COMMON and len(set(password)) >= 5,
        "This password is among the first that are tried. A few words of your own are a good one.",
        field=field,
    )


def hash_of(password: str, memory_kib: int) -> str:
    """What is kept instead of the password."""
    return _hasher(memory_kib).hash(password)


def matches(password: str, kept: str, memory_kib: int) -> bool:
    """Whether this is the password. Takes as long when nothing is kept (no such account, no password yet)."""
    from argon2.exceptions import InvalidHashError, VerificationError

    nobody = _nobody(memory_kib)
    try:
        return _hasher(memory_kib).verify(kept or nobody, password[:LONGEST]) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False
