"""How account numbers are printed: in groups of four, as banks do, and copied without the gaps."""

import re

from markupsafe import Markup

IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def in_fours(text: str) -> str:
    """An account or a reference in groups of four, for a sentence or a paper; nothing else is touched."""
    plain = text.replace(" ", "")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def account_words(text: str) -> str:
    """An account inside a sentence: an IBAN in groups of four, anything else as it is."""
    return in_fours(text) if IBAN.fullmatch(text.replace(" ", "")) else text


def account_number(text: str) -> str | Markup:
    """An account on a page: the gaps of an IBAN are drawn, so that what is copied from there is bare."""
    plain = text.replace(" ", "")
    if not IBAN.fullmatch(plain):
        return text
    groups = Markup("").join(
        Markup("<span>{}</span>").format(plain[at : at + 4]) for at in range(0, len(plain), 4)
    )
    return Markup('<span class="grouped">{}</span>').format(groups)
