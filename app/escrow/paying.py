"""How a call is paid, as the payer needs to know it: each rail says it itself."""

from flask import current_app

from app.kit.words import N_, _
from app.rails.switched_on import rail_of

LABELS = {"account": N_("Account"), "reference": N_("Reference")}


def how_to_pay(rail: str, reference: str) -> list[tuple[str, str]]:
    """What to write on the payment, by label."""
    settings = current_app.config["SETTINGS"]
    if rail not in settings.rails:
        return [(_(LABELS["reference"]), spaced(reference))]
    told = rail_of(rail, current_app.database, settings).how_to_pay(reference)  # type: ignore[attr-defined]
    return [
        (_(LABELS.get(name, name)), spaced(text) if name == "reference" else text)
        for name, text in told.items()
    ]


def spaced(reference: str) -> str:
    """A reference in groups of four, as banks print it."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))
