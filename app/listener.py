"""What the rails say, taken in: each notice of the inbox is looked up outside, and what is found there is believed."""

import logging
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from app.escrow import receipts
from app.kit.db import Database
from app.payouts import outgoing
from app.rails import inbox
from app.rails.rail import Happened, Movement, Rail, RailSilent
from app.reconciler import Reconciler

log = logging.getLogger("jalon.worker")


class Listener:
    """Works the inbox off, each notice in a transaction of its own."""

    def __init__(self, database: Database, rails: Mapping[str, Rail], reconciler: Reconciler) -> None:
        self.database = database
        self.rails = rails
        self.reconciler = reconciler

    def take_in(self, at: datetime) -> int:
        """Everything whose turn has come; how many notices led to something."""
        with self.database.reading() as db:
            events = [(event.id, event.rail, event.outside_id) for event in inbox.waiting(db, at)]
        done = 0
        for event_id, rail, outside_id in events:
            try:
                done += self._take_one(event_id, rail, outside_id, at)
            except Exception as error:
                log.exception("the worker could not take in what %s says about %s", rail, outside_id)
                trouble = f"{type(error).__name__}: {error}"
                self.database.run(lambda db, n=event_id, t=trouble: self._fail(db, n, t))  # type: ignore[misc]
        return done

    def _take_one(self, event_id: int, rail: str, outside_id: str, at: datetime) -> int:
        try:
            news = self.rails[rail].fetch(outside_id)
        except (RailSilent, KeyError) as silent:
            self.database.run(lambda db, t=str(silent): self._fail(db, event_id, t))  # type: ignore[misc]
            return 0

        def apply(db: Session) -> int:
            event = inbox.take(db, event_id)
            if event is None:
                return 0
            known_here = self.reconciler.hear(db, rail, news, at)
            if known_here is not None or not isinstance(news, Movement):
                inbox.settle(event, at=at, ignored=not known_here)
                return 1
            if news.happened in (Happened.PAID_OUT, Happened.BOUNCED):
                # Asked first: whatever was in flight then is written down by the time we look for it.
                in_flight = outgoing.in_flight(db, rail)
                if outgoing.has_to_wait(db, rail, news):
                    return 0
                known = outgoing.hear(db, rail, news, at=at)
                if not known and in_flight:
                    return 0  # the bank was quicker than we are at writing down what it answered
                inbox.settle(event, at=at, ignored=not known)
                return 1
            receipts.take_in(db, rail, news, at=at)
            inbox.settle(event, at=at)
            return 1

        return self.database.run(apply)

    def _fail(self, db: Session, event_id: int, trouble: str) -> None:
        event = inbox.take(db, event_id)
        if event:
            inbox.fail(event, trouble)
