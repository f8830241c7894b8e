"""A machine that draws random acts of all people over several campaigns and clocks. The book is checked after each.

A refused act must change nothing; an act that fails in any other way, and a worker that could not finish something,
is a fault. Hypothesis shrinks what it finds to the shortest story.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlmodel import Session, col, select

from app.demo.funding import OFFICER, SECOND, TREASURER
from app.kit.db import Database
from app.kit.rules import Missing, Refused
from app.people.access import Actor
from app.people.step import Step
from tests.book import check_book
from tests.playing import BACKERS, Play, heads, watchful

NUMBERS = st.integers(0, 10_000)
CENTS = st.one_of(st.integers(1, 400_000), st.sampled_from([1, 33_333, 100_000, 150_000, 200_001]))
# Where each verb may succeed; one draw in eight is of any row.
LIKELY = {
    "sign": ("drafted",), "approve": ("awaiting approval", "prepared"), "refuse": ("awaiting approval",),
    "withdraw": ("signed",), "secure_early": ("open",), "decide": ("open",), "cancel": ("open", "draft"),
    "stop": ("secured",), "prepare": ("due",), "hold": ("due",), "resume": ("on hold",),
    "take_back": ("prepared", "approved"),
}  # fmt: skip
TREASURERS = (TREASURER, SECOND, OFFICER)
EVERYBODY = tuple(who for company in BACKERS for who in company.people)


class Died(BaseException):
    """The worker was killed here."""


class Mortal(Database):
    """A database whose user dies before or after so many transactions."""

    lives: int | None = None

    def run(self, work: Callable[[Session], Any]) -> Any:
        if self.lives is None:
            return super().run(work)
        self.lives -= 1
        if self.lives == 0:
            raise Died
        answer = super().run(work)
        self.lives -= 1
        if self.lives == 0:
            raise Died
        return answer


def act_name(act: Callable[[Session], Any]) -> str:
    """The rule an act was drawn by."""
    return act.__qualname__.split(".")[1]


class Machine(RuleBasedStateMachine):
    """The stage, the clock and the worker. `open_stage` gives each example a stage of its own."""

    open_stage: ClassVar[Callable[[ExitStack], Play]]
    counted: ClassVar[dict[str, list[int]]] = defaultdict(lambda: [0, 0])
    reached: ClassVar[dict[str, Counter[str]]] = defaultdict(Counter)

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.play = type(self).open_stage(self.stack)
        self.checked: dict[str, Any] = {}
        self.troubles = self.stack.enter_context(watchful())

    def teardown(self) -> None:
        if not hasattr(self, "stack"):
            return
        self.count_states()
        try:
            self.play.at += timedelta(minutes=5)
            self.let_worker_finish()
            self.count_states()
        finally:
            self.stack.close()

    def count_states(self) -> None:
        """Which states the rows of this example reached."""
        with self.play.database.reading() as db:
            for thing, after in db.exec(select(Step.thing, Step.after).where(Step.after != "")):
                self.reached[thing][after] += 1

    def try_to(self, act: Callable[[Session], Any]) -> bool:
        """Do it in a transaction, or be refused and change nothing; whether it was done."""
        before = heads(self.play.database)
        try:
            self.play.act(act)
            self.counted[act_name(act)][0] += 1
        except (Refused, Missing):
            assert heads(self.play.database) == before, "a refused act left something behind"
            self.counted[act_name(act)][1] += 1
            return False
        return True

    def by(self, db: Session, who: Any) -> Actor:
        return self.play.actor(db, who)

    @staticmethod
    def pick(
        db: Session, model: Any, number: int, *states: str, likely: Callable[[Any], object] | None = None
    ) -> Any:
        """One row of a table, the newest for 0; most often a `likely` one. Refused where there is none."""
        rows = list(db.exec(select(model).order_by(col(model.id).desc())))
        likely = likely or (lambda row: not states or row.state in states)
        if number % 8 != 7:
            rows = [row for row in rows if likely(row)] or rows
        if not rows:
            raise Missing
        return rows[number % len(rows)]

    @rule(hours=st.one_of(st.integers(1, 48), st.sampled_from([24 * 16, 24 * 31, 24 * 70])))
    def time_passes(self, hours: int) -> None:
        self.play.at += timedelta(hours=hours)

    @rule()
    def the_worker_goes_round_once(self) -> None:
        self.play.worker.round(self.play.at)

    @rule()
    def let_worker_finish(self) -> None:
        self.play.at += timedelta(minutes=3)  # longer than a dead worker keeps what it took
        self.play.worker.until_quiet(self.play.at)
        assert self.play.worker.round(self.play.at) == 0, "the worker never comes to rest"
        check_book(self.play.database, at_rest=True)

    @rule(lives=st.integers(1, 24))
    def the_worker_dies(self, lives: int) -> None:
        mortal: Any = self.play.database
        mortal.lives = lives
        try:
            self.play.worker.round(self.play.at)
        except Died:
            pass
        finally:
            mortal.lives = None

    @invariant()
    def the_book_is_right(self) -> None:
        if not hasattr(self, "play"):
            return
        now = heads(self.play.database)
        if now != self.checked:  # whatever changes a state or moves money makes a chain longer
            check_book(self.play.database)
            self.checked = now
        assert not self.troubles, [record.getMessage() for record in self.troubles]
