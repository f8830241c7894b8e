"""Where a thing of the outside can be looked at: on the provider's own pages, or on ours that keep what a bank told."""

from flask import g, url_for
from sqlmodel import select

from app.kit.rules import Missing
from app.payouts import movements
from app.rails.abilities import Shows
from app.rails.here import rail_here
from app.rails.sandbox import SandboxLine


def address_of(rail: str, outside_id: str) -> str:
    """The address of an object outside by its name there; empty where there is none to look at."""
    if file := movements.statement_of(g.db, outside_id):
        return url_for("escrow.statement", name=file.public_id)
    if order := movements.order_of(g.db, outside_id):
        return url_for("payouts.order", name=order.public_id)
    if g.db.exec(select(SandboxLine.id).where(SandboxLine.public_id == outside_id)).first():
        return url_for("rails.of_line", name=outside_id)
    try:
        there = rail_here(rail)
    except Missing:
        return ""
    return there.page_of(outside_id) if isinstance(there, Shows) else ""
