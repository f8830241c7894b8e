"""What leaves: each effect the outbox holds is carried out, and kept for later where it could not be.

Money and mails leave in the worker's rounds. Questions to others (a forge, a register) may take as long as they do not
answer: they are put beside the rounds, so that nobody's payment waits for them.
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from app import audit
from app.delivery import checking
from app.escrow import left_over
from app.kit import outbox
from app.kit.db import Database
from app.kit.settings import Settings
from app.messenger import TOPICS, Messenger
from app.notices import post
from app.payouts import outgoing
from app.payouts.leaving import leave
from app.people import vat_checks
from app.rails.rail import Rail, RailSilent

log = logging.getLogger("jalon.worker")
Body = dict[str, object]
Ask = Callable[[Database, Settings, str, Body, datetime], None]
QUESTIONS: dict[str, Ask] = {checking.TOPIC: checking.check, vat_checks.TOPIC: vat_checks.check}
# Each may take twenty seconds, and all of them have to be answered before the lease of two minutes ends.
FEW = 4
# What takes money out of the house.
LEAVES = (*outgoing.TOPICS, left_over.GIVE)


class Carrier:
    """Carries out what the outbox holds."""

    def __init__(
        self, database: Database, settings: Settings, rails: Mapping[str, Rail], *, sends_mails: bool
    ) -> None:  # fmt: skip
        self.database = database
        self.settings = settings
        self.rails = rails
        self.messenger = Messenger(database, rails, settings.base_url)
        self.sends_mails = sends_mails

    def send_out(self, at: datetime) -> int:
        """Everything but questions; how many were tried."""
        return self._carry_all(at, without=list(QUESTIONS))

    def ask(self, at: datetime) -> int:
        """Questions to forges and registers; how many were put."""
        return self._carry_all(at, only=list(QUESTIONS), most=FEW)

    def _carry_all(
        self, at: datetime, *, only: list[str] | None = None, without: list[str] | None = None, most: int = 20
    ) -> int:
        with self.database.reading() as db:
            if not outbox.is_any_due(db, at, only=only, without=without):
                return 0
        rows = self.database.run(lambda db: [
            (row.id, row.topic, row.key, json.loads(row.body))
            for row in outbox.claim(db, at, most, only=only, without=without)
        ])  # fmt: skip
        # The whole book is checked before money leaves the house: what does not pass stops it, and it alone.
        may_leave = all(topic not in LEAVES for _, topic, _, _ in rows) or audit.money_may_leave(
            self.database, at=at
        )
        for row_id, topic, key, body in rows:
            try:
                if topic in LEAVES and not may_leave:
                    raise RailSilent(audit.WRONG)
                self._carry(topic, key, body, at)
            except Exception as trouble:
                text = f"{type(trouble).__name__}: {trouble}"
                log.warning("the outbox keeps %s for later: %s", key, text)
                self.database.run(lambda db, n=row_id, t=text: outbox.later(db, n, at, t))  # type: ignore[misc]
            else:
                self.database.run(lambda db, n=row_id: outbox.done(db, n, at))  # type: ignore[misc]
        return len(rows)

    def _carry(self, topic: str, key: str, body: Body, at: datetime) -> None:
        if topic == outbox.MAIL:
            if self.sends_mails:
                post.deliver(self.settings, body, key=key)
        elif topic in QUESTIONS:
            QUESTIONS[topic](self.database, self.settings, key, body, at)
        elif topic in TOPICS:
            self.messenger.carry(topic, key, body, at)
        else:
            leave(self.database, self.rails, topic, body, key, at)
