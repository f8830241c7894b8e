"""The rails of the Jalon that answers this request: made once for each process that serves."""

from flask import current_app

from app.kit.rules import Missing
from app.rails.rail import Rail
from app.rails.switched_on import rail_of


def rail_here(name: str) -> Rail:
    """A rail that is switched on; for any other name the answer is that there is none."""
    settings = current_app.config["SETTINGS"]
    if name not in settings.rails:
        raise Missing
    rails: dict[str, Rail] = current_app.extensions.setdefault("rails", {})
    if name not in rails:
        rails[name] = rail_of(name, current_app.database, settings)  # type: ignore[attr-defined]
    return rails[name]
