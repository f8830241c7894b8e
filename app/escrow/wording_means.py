"""The words of means of payment: what was left, how far it has come, which rules its debits follow."""

from app.campaigns.wording import WAY_WORDS
from app.escrow.model_outside import MeansStanding, PaymentMeans
from app.kit.words import N_, _
from app.rails.bank.model import NAME as BANK
from app.rails.bank.model_mandates import MandateState, Scheme

SCHEMES = {
    Scheme.CORE: (
        N_("The ordinary debit (CORE)"),
        N_("Your bank gives the money back within eight weeks if you ask for it. Any company account takes it."),
    ),
    Scheme.B2B: (
        N_("Between businesses (B2B)"),
        N_("No refund once it is debited. Your bank has to confirm the mandate before the first debit."),
    ),
}  # fmt: skip
STANDINGS = {
    MeansStanding.ASKED: (N_("Waits for the provider"), "waits"),
    MeansStanding.ACTIVE: (N_("In use"), "done"),
    MeansStanding.FAILED: (N_("Did not come about"), "bad"),
    MeansStanding.REVOKED: (N_("Revoked"), "hollow"),
    MeansStanding.ENDED: (N_("Ended"), "hollow"),
    MeansStanding.BLOCKED: (N_("Not used any more"), "bad"),
}  # fmt: skip
MANDATES = {
    MandateState.ASKED: (N_("Waits for the signed paper"), "waits"),
    MandateState.ACTIVE: (N_("In force"), "done"),
    MandateState.REFUSED: (N_("Refused"), "bad"),
    MandateState.REVOKED: (N_("Revoked"), "hollow"),
    MandateState.BLOCKED: (N_("Stopped by the bank"), "bad"),
    MandateState.LAPSED: (N_("Lapsed"), "hollow"),
}  # fmt: skip


def means_words(rail: str, means: str) -> str:
    """A card or a debit, and with whom it is left."""
    return _(WAY_WORDS[rail, means]) if (rail, means) in WAY_WORDS else means


def standing_words(left: PaymentMeans) -> tuple[str, str]:
    """How far it has come: words, and the kind of their mark."""
    if left.rail == BANK and left.state == MeansStanding.ASKED:
        words, kind = MANDATES[MandateState.ASKED]
    else:
        words, kind = STANDINGS[MeansStanding(left.state)]
    return _(words), kind


def mandate_words(state: str) -> tuple[str, str]:
    """How far a mandate has come: words, and the kind of their mark."""
    words, kind = MANDATES[MandateState(state)]
    return _(words), kind


def scheme_options() -> list[tuple[str, str, str]]:
    """The rules a payer chooses from, with what each means."""
    return [(scheme.value, _(words), _(meaning)) for scheme, (words, meaning) in SCHEMES.items()]
