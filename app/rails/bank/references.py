"""References banks can check (ISO 11649): RF, two check digits, up to 21 letters and digits."""

import re

from stdnum import iso11649

SHORTEST, LONGEST = 5, 25
START = re.compile(r"(?=(RF\d\d[A-Z0-9]{1,21}))")


def creditor_reference(body: str) -> str:
    """The reference with this body, check digits and all."""
    digits = "".join(str(int(sign, 36)) for sign in f"{body}RF00")
    return f"RF{98 - int(digits) % 97:02d}{body}"


def is_reference(text: str) -> bool:
    """Whether this is a whole reference whose check digits are right."""
    return bool(iso11649.is_valid(text))


def references_in(text: str) -> list[str]:
    """Every valid reference that stands in what a payer typed, however spaced; the longest first.

    Where a reference ends nobody says, and one text in a hundred is right by chance: look each up before believing it.
    """
    plain = re.sub(r"[^A-Z0-9]", "", text.upper())
    found = {
        start[: end]
        for start in START.findall(plain)
        for end in range(SHORTEST, min(len(start), LONGEST) + 1)
        if is_reference(start[:end])
    }  # fmt: skip
    return sorted(found, key=lambda one: (-len(one), one))
