"""What an outside says went wrong is read in the reader's language, whatever code stands before it."""

import pytest

from app.kit.words import use_language
from app.rails.bank.reasons import reason_of as bank_reason
from app.rails.stripe_reasons import dispute_reason, reason_of
from app.rails.wording import reason_words


@pytest.mark.parametrize(
    ("kept", "french"),
    [
        (bank_reason("AC04"), "AC04 · Le compte est clos."),
        (reason_of("card_declined"), "La carte a été refusée."),
        (reason_of("odd_code", "amount"), "Refusé par Stripe\u202f: odd_code (amount)."),
        (dispute_reason("fraudulent"), "Le payeur dit ne pas avoir payé lui-même."),
        ("100 % said by nobody", "100 % said by nobody"),
        ("", ""),
    ],
)
def test_a_reason_of_the_outside_is_read_in_the_readers_language(kept: str, french: str) -> None:
    with use_language("fr", "Europe/Paris"):
        assert reason_words(kept) == french
    with use_language("en", "Europe/Paris"):
        assert reason_words(kept).startswith(kept[:4])
