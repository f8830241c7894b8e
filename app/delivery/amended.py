"""What a maintainer proposes in a milestone's place, as rows."""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.kit.rows import BIG, Fact


class AmendmentPiece(Fact, table=True):
    """One of the milestones that would take the place of another, as its backers are asked."""

    __tablename__ = "amendment_piece"
    __table_args__ = (
        UniqueConstraint("motion_id", "number"),
        CheckConstraint("price_cents > 0", name="price"),
    )

    motion_id: int = Field(sa_type=BIG, foreign_key="motion.id")
    number: int
    title: str = Field(max_length=200)
    criteria: str = Field(max_length=4000)
    due_on: date
    price_cents: int = Field(sa_type=BIG)
