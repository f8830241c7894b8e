"""What an outside says went wrong, in the reader's language: kept as it was told, translated where it is shown."""

import re

from app.kit.words import _

BANK = re.compile(r"([A-Z]{2}[A-Z0-9]{2}|[A-Z]{4}): (.+)", re.DOTALL)
STRIPE = re.compile(r"Refused by Stripe: (.+)\.", re.DOTALL)


def reason_words(reason: str) -> str:
    """A reason as it is kept, with a bank's or a provider's code, as people read it."""
    if found := BANK.fullmatch(reason):
        return f"{found[1]} · {_(found[2])}"
    if found := STRIPE.fullmatch(reason):
        return _("Refused by Stripe: %(code)s.", code=found[1])
    return _(reason) if reason else ""
