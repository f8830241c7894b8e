"""What the inbox holds, worked off: each event is fetched, believed and booked, and settled in the same transaction."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice

from sqlmodel import Session

from app.escrow import receipts
from app.kit.db import Database
from app.payouts import outgoing
from app.rails import inbox
from app.rails.abilities import TellsTogether
from app.rails.inbox import InboxEvent
from app.rails.rail import Happened, Movement, News, Rail, RailSilent
from app.reconciler import Reconciler

# So many of a rail that answers from our own database are kept by one commit: people wait no longer than for one.
TOGETHER = 25
log = logging.getLogger("jalon.worker")


@dataclass(frozen=True)
class Told:
    """One event as it waits: what its rail spoke of."""

    event_id: int
    rail: str
    outside_id: str


class Listener:
    """Works the inbox off."""

    def __init__(self, database: Database, rails: Mapping[str, Rail], reconciler: Reconciler) -> None:
        self.database = database
        self.rails = rails
        self.reconciler = reconciler

    def take_in(self, at: datetime) -> int:
        """Take in what is due; how many events were settled. One that cannot be holds up no other."""
        with self.database.reading() as db:
            waiting = [Told(one.id, one.rail, one.outside_id) for one in inbox.waiting(db, at)]
        done = 0
        for rail, some in groupby(waiting, key=lambda one: one.rail):
            if isinstance(self.rails.get(rail), TellsTogether):
                done += sum(self._several(rail, few, at) for few in _few(some))
            else:
                done += sum(self._one(told, at) for told in some)
        return done

    def _several(self, rail: str, some: Sequence[Told], at: datetime) -> int:
        """All of them in one transaction; one by one where something is wrong with any."""
        there = self.rails[rail]
        assert isinstance(there, TellsTogether)
        try:
            news = there.fetch_together([one.outside_id for one in some])

            def apply(db: Session) -> int:
                events = inbox.take_together(db, [one.event_id for one in some if one.outside_id in news])
                return sum(self._apply(db, event, news[event.outside_id], at) for event in events)

            if len(news) == len({one.outside_id for one in some}):
                return self.database.run(apply)
        except Exception:
            log.info("what %s says is taken in one by one", rail)
        return sum(self._one(told, at) for told in some)

    def _one(self, told: Told, at: datetime) -> int:
        try:
            return self._fetched(told, at)
        except Exception as error:
            log.exception("the worker could not take in what %s says about %s", told.rail, told.outside_id)
            self._fail(told, f"{type(error).__name__}: {error}")
            return 0

    def _fetched(self, told: Told, at: datetime) -> int:
        try:
            news = self.rails[told.rail].fetch(told.outside_id)
        except (RailSilent, KeyError) as silent:
            self._fail(told, str(silent))
            return 0

        def apply(db: Session) -> int:
            event = inbox.take(db, told.event_id)
            return self._apply(db, event, news, at) if event else 0

        return self.database.run(apply)

    def _apply(self, db: Session, event: InboxEvent, news: News | None, at: datetime) -> int:
        """Book what is said; 1 if the event is settled, 0 if it has to wait for something else."""
        known_here = self.reconciler.hear(db, event.rail, news, at)
        if known_here is not None or not isinstance(news, Movement):
            inbox.settle(event, at=at, ignored=not known_here)
            return 1
        if news.happened in (Happened.PAID_OUT, Happened.BOUNCED):
            # Asked first: whatever was in flight then is written down by the time we look for it.
            in_flight = outgoing.in_flight(db, event.rail)
            if outgoing.has_to_wait(db, event.rail, news):
                return 0
            known = outgoing.hear(db, event.rail, news, at=at)
            if not known and in_flight:
                return 0  # the bank was quicker than we are at writing down what it answered
            inbox.settle(event, at=at, ignored=not known)
            return 1
        receipts.take_in(db, event.rail, news, at=at)
        inbox.settle(event, at=at)
        return 1

    def _fail(self, told: Told, trouble: str) -> None:
        def work(db: Session) -> None:
            event = inbox.take(db, told.event_id)
            if event:
                inbox.fail(event, trouble)

        self.database.run(work)


def _few(some: Iterator[Told]) -> Iterator[list[Told]]:
    while few := list(islice(some, TOGETHER)):
        yield few
