"""What the register of VAT numbers answered, each answer kept as it was given."""

from sqlalchemy import Index
from sqlmodel import Field

from app.kit.rows import BIG, Fact


class VatCheck(Fact, table=True):
    """One answer about one organization's number: the proof that it was looked up, by whom and when."""

    __tablename__ = "vat_check"
    __table_args__ = (Index("ix_vat_check_number", "organization_id", "number", "id"),)

    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    number: str = Field(max_length=20)
    # Whose number asked, and the register's number for the question: together they are the proof.
    asker: str = Field(default="", max_length=20)
    consultation: str = Field(default="", max_length=40)
    found: str = Field(max_length=12)
    # To whom the number is registered, where the country tells.
    name: str = Field(default="", max_length=160)
    status: int
    body_hash: str = Field(default="", max_length=64)
