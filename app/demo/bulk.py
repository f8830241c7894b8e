"""Very many rows at once, to measure with: not a story, and never beside one."""

from app.kit.db import Database


def fill(database: Database, *, needs: int, pledges: int) -> None:
    """Fill the tables with so many needs and pledges that look like real ones."""
    from app.demo import masses

    masses.write(database, needs=needs, pledges=pledges)
