"""Parts that count no more, and what took the place of some of them, as rows."""

from sqlmodel import Field

from app.kit.rows import BIG, Fact


class DroppedPart(Fact, table=True):
    """A part nobody pays any more: its backer did not, its milestone was cut, or others took its place."""

    __tablename__ = "dropped_part"

    part_id: int = Field(sa_type=BIG, foreign_key="part.id", unique=True)
    cause: str = Field(max_length=40)


class DividedPart(Fact, table=True):
    """A part that took the place of a retired one, when a milestone was amended as its backers agreed."""

    __tablename__ = "divided_part"

    part_id: int = Field(sa_type=BIG, foreign_key="part.id", unique=True)
    from_part_id: int = Field(sa_type=BIG, foreign_key="part.id", index=True)
