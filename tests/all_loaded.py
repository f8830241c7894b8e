"""Everything that a serving Jalon has loaded, for processes that are forked from one that has."""

from importlib import import_module

from sqlalchemy.orm import configure_mappers

from app.main import BENCHES_WITH_DOORS, ROOMS

for room in (*ROOMS, *BENCHES_WITH_DOORS):
    import_module(f"app.{room}.views")
configure_mappers()
