"""The whole book, checked by a second hand: plain rows and sums, nothing borrowed from the rules or from the audit.

`check_book(database)` after every act that may move money; `at_rest=True` when the worker has nothing left to do and
what the practice bank says must agree with the book line by line.
"""

from collections.abc import Iterator

from app.kit.db import Database
from tests.book_bank import BankFiles
from tests.book_money import Money
from tests.book_promises import Outside, Promises


def check_book(database: Database, *, at_rest: bool = False) -> None:
    """Raise `AssertionError` naming every row that breaks an invariant."""
    found = list(Book(database).faults(at_rest=at_rest))
    assert not found, "\n".join(found)


class Book(Money, Promises, Outside, BankFiles):
    """All of it."""

    def faults(self, *, at_rest: bool) -> Iterator[str]:
        """What is wrong, one line each."""
        yield from self.balances()
        yield from self.pots()
        yield from self.fees_and_suspense()
        yield from self.claims()
        yield from self.calls()
        yield from self.parts()
        yield from self.promises()
        yield from self.matches()
        yield from self.work()
        yield from self.sent()
        yield from self.outside()
        yield from self.steps()
        if at_rest:
            yield from self.bank()
            yield from self.bank_files()
            yield from self.ended()
