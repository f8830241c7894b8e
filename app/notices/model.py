"""How far the log was read for mails."""

from sqlmodel import Field, SQLModel


class MailCursor(SQLModel, table=True):
    """The last line of a chain whose mails were written. Chains have no gaps and grow at their end, steps do not."""

    __tablename__ = "mail_cursor"

    chain: str = Field(primary_key=True, max_length=60)
    number: int = 0
