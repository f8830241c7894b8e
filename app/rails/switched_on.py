"""The rails of this Jalon by name: what each promises is known always, the rail itself only where it is switched on."""

from sqlmodel import Session

from app.kit.db import Database
from app.kit.settings import Settings
from app.rails import sandbox, stripe_terms
from app.rails.bank import accounts, bank
from app.rails.bank.model import NAME as BANK
from app.rails.capabilities import Capabilities
from app.rails.rail import Rail

CAPABILITIES: dict[str, Capabilities] = {
    sandbox.NAME: sandbox.CAPABILITIES,
    BANK: bank.CAPABILITIES,
    stripe_terms.NAME: stripe_terms.CAPABILITIES,
}


def rails_of(database: Database, settings: Settings) -> dict[str, Rail]:
    """The rails that are switched on, by name. Raises `KeyError` for a name no rail has."""
    return {name: rail_of(name, database, settings) for name in settings.rails}


def rail_of(name: str, database: Database, settings: Settings) -> Rail:
    """One rail, ready. Its library is imported here and not before: most Jalons need few of them."""
    if name == sandbox.NAME:
        return sandbox.Sandbox(database)
    if name == BANK:
        return bank.Bank(database)
    if name == stripe_terms.NAME and settings.stripe:
        from app.rails.stripe import Stripe

        return Stripe(database, settings.stripe)
    raise KeyError(name)


def open_rails(db: Session, settings: Settings) -> tuple[str, ...]:
    """The rails money may be promised on: a bank only while an account is in use with its legal basis recorded."""
    return tuple(name for name in settings.rails if name != BANK or accounts.in_use(db) is not None)


def capabilities_of(name: str) -> Capabilities:
    """What the rail of this name promises, whether it is switched on or not. Raises `KeyError`."""
    return CAPABILITIES[name]
