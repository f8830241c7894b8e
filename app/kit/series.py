"""Numbers in a row without a gap, as papers need them: 2026-0001, 2026-0002, …"""

from sqlmodel import Field, Session, SQLModel, select

from app.kit.rows import insert_missing


class Series(SQLModel, table=True):
    """How far a series of numbers has come."""

    __tablename__ = "number_series"

    name: str = Field(primary_key=True, max_length=40)
    last: int = 0


def next_number(db: Session, name: str, year: int) -> str:
    """The next number of this series in this year. The row is held until the transaction ends: no gap, no double."""
    key = f"{name}:{year}"
    query = select(Series).where(Series.name == key).with_for_update()
    series = db.exec(query.execution_options(populate_existing=True)).first()
    if series is None:
        insert_missing(db, Series, [{"name": key, "last": 0}])
        series = db.exec(query).one()
    series.last += 1
    db.add(series)
    db.flush()
    return f"{year}-{series.last:04d}"
