"""What a check is: a sentence that must hold, and a query for the rows that break it.

Both sentences are English here and have their French in `fr.po` beside; facts in them are columns, like {this}.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import Session, SQLModel

import app.people.step  # noqa: F401  (the table whose times every other is compared with)
from app.kit.words import _

GRACE = timedelta(hours=1)  # what the worker does in its next rounds is not missing yet
SHOWN = 20  # faults listed one by one; how many more there are is counted


Find = Callable[[Session, datetime], Iterable[str]]


@dataclass(frozen=True)
class Check:
    """`says` is what must hold; `find` gives a line for each row that breaks it. A warning breaks nothing."""

    says: str
    find: Find
    is_warning: bool = False

    def lines(self, db: Session, at: datetime) -> tuple[list[str], bool]:
        """One line for the check and one for each of the first faults, in the reader's language; whether it holds."""
        faults: list[str] = []
        count = 0
        for fault in self.find(db, at):
            count += 1
            if count <= SHOWN:
                faults.append(f"         {fault}")
        if count > SHOWN:
            faults.append("         " + _("and {count} more").format(count=count - SHOWN))
        verdict = "ok" if not count else "warning" if self.is_warning else "WRONG"
        return [f"{verdict:>7}  {_(self.says)}", *faults], self.is_warning or not count


def ask(db: Session, question: str, at: datetime) -> Iterator[Any]:
    """The rows of one SQL query both databases understand; `:an_hour_ago` is where the worker's grace begins."""
    query = text(question)
    if ":an_hour_ago" in question:
        query = query.bindparams(
            bindparam("an_hour_ago", at - GRACE, type_=SQLModel.metadata.tables["step"].c.at.type)
        )
    yield from db.execute(query)


def faults(sentence: str, question: str) -> Find:
    """A check as a query for the rows that break it, each told in the reader's language with the row's columns."""

    def find(db: Session, at: datetime) -> Iterator[str]:
        for row in ask(db, question, at):
            yield _(sentence).format(**row._mapping)

    return find
