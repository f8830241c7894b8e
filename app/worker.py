"""What happens without a click: the inbox, the outbox and the clocks. A list of calls, each its own transaction."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlmodel import Session

from app import audit, due
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.carrier import Carrier
from app.delivery import clocks, deadlines
from app.delivery import rules as delivery
from app.delivery.model import Delivery
from app.escrow import winding_up
from app.estimates import rules as estimates
from app.estimates.model import Milestone
from app.kit.clock import now
from app.kit.db import Database
from app.kit.glance import Glance
from app.kit.settings import Settings
from app.kit.web import Door
from app.ledger import heads
from app.listener import Listener
from app.notices import post
from app.payouts import clocks as payout_clocks
from app.payouts import comparison, explained_before
from app.people import invitations
from app.rails.switched_on import rails_of
from app.reconciler import Reconciler

PAUSE_SECONDS = 2.0
PATIENCE_SECONDS = 3.0
MOST_PAUSES = 8  # in a row, where only this process writes and nothing has happened for a while
AUDIT_EVERY = timedelta(minutes=10)
log = logging.getLogger("jalon.worker")


class Worker:
    """One round does everything that is due; rounds follow each other until told to stop."""

    def __init__(self, database: Database, settings: Settings, *, sends_mails: bool = True) -> None:
        self.database = database
        self.sends_mails = sends_mails
        self.settings = settings
        self.rails = rails_of(database, settings)
        self.reconciler = Reconciler(database, settings, self.rails)
        self.glance = Glance(database, due.KINDS)
        self.listener = Listener(database, self.rails, self.reconciler)
        self.carrier = Carrier(database, settings, self.rails, sends_mails=sends_mails)
        self._has_begun = False

    def round(self, at: datetime | None = None, *, asks: bool = True) -> int:
        """Do what is due at this instant; how many things were done. One failing thing does not stop the rest.

        With `asks`, forges and registers are asked in between, however long they take to answer.
        """
        at = at or now()
        if not self._has_begun:
            self._try(self._bring_up_to_date, at)
        self.glance.look(**due.facts_of(at))
        asked = self._try(self._ask, at) if asks else 0
        return asked + sum(self._try(act, at) for act in (
            self.reconciler.round,
            self._take_in, self._decide_campaigns, self._meet_deadlines, self._settle_deliveries,
            self._long_stops, self._expire_estimates, self._wind_up, self._gather_payouts, self._send_out,
            self._expire_invitations, self._write_mails,
        ))  # fmt: skip

    def until_quiet(self, at: datetime | None = None, most: int = 20) -> int:
        """Rounds at one instant until nothing is left to do; how many things were done."""
        done = 0
        for _ in range(most):
            step = self.round(at)
            done += step
            if not step:
                return done
        return done

    def run_forever(self, stop: threading.Event) -> None:
        """Round after round until asked to stop; heads not noted or an audit not made end none of it.

        What the bank says is taken in all the same; no money leaves while the audit cannot be made.
        """
        asking = threading.Thread(target=self._ask_forever, args=(stop,), name="questions", daemon=True)
        asking.start()
        self.database.work_here()
        audited, pauses = None, 1
        while not stop.is_set():
            before = self.database.kept_by_people
            done = self.round(asks=False)
            self._try(heads.write, self.database, self.settings.heads_file)
            if audited is None or now() - audited > AUDIT_EVERY:
                self._try(audit.guard, self.database, self.settings.heads_file)
                audited = now()
            pauses = 1 if done else min(2 * pauses, MOST_PAUSES)
            if not done:
                self._rest(stop, pauses, before)
        # Who is still asked is not waited for: the question is put again after its lease.
        asking.join(PATIENCE_SECONDS)

    def _rest(self, stop: threading.Event, pauses: int, before: int) -> None:
        """Let a laptop sleep: one pause after the other, until there is something new or it is time to look again."""
        for _ in range(pauses if self.database.is_sqlite else 1):
            if stop.wait(PAUSE_SECONDS) or self.database.kept_by_people != before:
                return

    def _ask_forever(self, stop: threading.Event) -> None:
        self.database.work_here()
        pauses = 1
        while not stop.is_set():
            before = self.database.kept_by_people
            asked = self._try(self.carrier.ask, now())
            pauses = 1 if asked else min(2 * pauses, MOST_PAUSES)
            if not asked:
                self._rest(stop, pauses, before)

    def _try(self, act: Callable[..., int], *facts: object) -> int:
        try:
            return act(*facts)
        except Exception:
            log.exception("the worker could not finish %s", getattr(act, "__name__", act))
            return 0

    def _each(self, names: Iterable[int], act: Callable[[Session, int], None]) -> int:
        count = 0
        for name in names:
            try:
                self.database.run(lambda db, name=name: act(db, name))  # type: ignore[misc]
            except Exception:
                log.exception("the worker could not finish one of its rows: %s", name)
            else:
                count += 1
        return count

    def _bring_up_to_date(self, at: datetime) -> int:
        with self.database.reading() as db:
            is_behind = bool(explained_before.unbooked(db))
        done = self.database.run(lambda db: explained_before.book(db, at=at)) if is_behind else 0
        self._has_begun = True
        return done

    def _ask(self, at: datetime) -> int:
        return self.carrier.ask(at) if self.glance.there_is("effects") else 0

    def _send_out(self, at: datetime) -> int:
        return self.carrier.send_out(at) if self.glance.there_is("effects") else 0

    def _take_in(self, at: datetime) -> int:
        if not self.glance.there_is("notices from outside"):
            return 0
        return self.listener.take_in(at)

    def _decide_campaigns(self, at: datetime) -> int:
        if not self.glance.there_is("ended rounds"):
            return 0
        return self._each(
            self._names(lambda db: campaigns.decide_overdue(db, at)),
            lambda db, name: _ignore(campaigns.decide(db, db.get_one(Campaign, name), at=at)),
        )

    def _meet_deadlines(self, at: datetime) -> int:
        return sum(
            self._each(
                self._names(lambda db, find=find: find(db, at)),  # type: ignore[misc]
                lambda db, name, act=act: _ignore(act(db, name, at)),  # type: ignore[misc]
            )
            for kind, find, act in deadlines.DEADLINES
            if self.glance.there_is(kind)
        )

    def _settle_deliveries(self, at: datetime) -> int:
        if not self.glance.there_is("decided deliveries"):
            return 0
        done = 0

        def settle(db: Session, name: int) -> None:
            nonlocal done
            decided = db.get_one(Delivery, name)
            done += delivery.settle(db, decided, at=at)
            delivery.complete_if_ended(db, db.get_one(Campaign, decided.campaign_id), at=at)

        self._each(self._names(clocks.to_settle), settle)
        return done

    def _long_stops(self, at: datetime) -> int:
        if not self.glance.there_is("secured campaigns"):
            return 0
        with self.database.reading() as db:
            names = clocks.past_long_stop(db, at)
        for campaign_id, milestone_id in names:
            self.database.run(
                lambda db, c=campaign_id, m=milestone_id: clocks.long_stop(  # type: ignore[misc]
                    db, db.get_one(Campaign, c), db.get_one(Milestone, m), at=at
                )
            )
        return 0

    def _expire_estimates(self, at: datetime) -> int:
        if not self.glance.there_is("expired estimates"):
            return 0
        return self.database.run(lambda db: estimates.expire_overdue(db, at))

    def _expire_invitations(self, at: datetime) -> int:
        if not self.glance.there_is("lapsed invitations"):
            return 0
        return self.database.run(lambda db: invitations.expire_invitations(db, at=at))

    def _wind_up(self, at: datetime) -> int:
        if not self.glance.there_is("ended campaigns"):
            return 0
        names = self._names(winding_up.to_wind_up)
        self._each(names, lambda db, name: delivery.wind_up(db, db.get_one(Campaign, name), at=at))
        return 0

    def _gather_payouts(self, at: datetime) -> int:
        comparison.compare_due(self.database, self.rails, at)
        if not any(map(self.glance.there_is, due.PAYOUTS)):
            return 0
        return self.database.run(lambda db: payout_clocks.watch_and_gather(db, at))

    def _write_mails(self, at: datetime) -> int:
        if not self.sends_mails or not self.glance.there_is("news"):
            return 0
        return self.database.run(lambda db: post.write_mails(db, self.settings, at))

    def _names(self, find: Callable[[Session], list[int]]) -> list[int]:
        with self.database.reading() as db:
            return find(db)


def _ignore(_answer: object) -> None:
    """A verb's answer is for people; the worker needs none."""


def run_forever(app: Door, stop: threading.Event) -> None:
    """What the serving process runs beside its pages, and `jalon worker` alone."""
    Worker(app.database, app.config["SETTINGS"]).run_forever(stop)
