"""A worker on Stripe's rail that stops at a named point until it is killed.

Its Stripe is the fake of the test that started it, which lives on: what was asked there stays asked.
"""

import threading
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from app import worker
from app.audit.run import OF_MONEY
from app.escrow import collecting
from app.kit import outbox
from app.kit.db import Database
from app.kit.settings import Settings
from app.kit.stripe_settings import stripe_settings
from app.payouts import legs, outgoing
from app.rails import errands, inbox
from app.rails.stripe import Stripe
from tests.fake_stripe import KEY, SECRETS
from tests.mortal import stop_at, tell_of_rest

# Where it can be stopped: what is called there, and whether before it or after.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "before a payer is asked for": (Stripe, "ask", True),
    "after a payer was asked for": (Stripe, "ask", False),
    "before that is written down": (collecting, "mark_asked", True),
    "with the order in hand": (outgoing, "order_for", False),
    "with a key begun": (errands.Errands, "begin", False),
    "before a leg leaves": (Stripe, "send", True),
    "after a leg left": (Stripe, "send", False),
    "before a leg is written down": (legs, "_mark", True),
    "before the payout is written down": (outgoing, "mark_sent", True),
    "before the outbox is told": (outbox, "done", True),
    "with Stripe's word in hand": (Stripe, "fetch", False),
    "before Stripe's word is kept": (inbox, "settle", False),
}


def main(url: str, folder: str, at: str, base: str, point: str = "") -> int:
    """Work with the clock standing at this instant, until killed."""
    settings = Settings(
        database_url=url, secret_key=SecretStr("a key for the tests that nobody else knows"), folder=Path(folder),
        rails=("stripe",), mail_url=SecretStr((Path(folder) / "mails").as_uri()),
        heads_file=Path(folder) / "heads.txt", argon2_memory_kib=64, vies="practice",
        stripe=stripe_settings(
            key=SecretStr(KEY), base=base, secret=SecretStr(SECRETS["account"]),
            connect_secret=SecretStr(SECRETS["connect"]),
        ),
    )  # fmt: skip
    worker.now = lambda: datetime.fromisoformat(at)  # type: ignore[attr-defined]
    # The stage writes its people and estimates down without their acts: all that is about money is audited.
    import_module("app.audit.run").CHECKS = OF_MONEY  # type: ignore[attr-defined]
    if point:
        stop_at(POINTS[point])
    tell_of_rest()
    worker.Worker(Database(url), settings, sends_mails=False).run_forever(threading.Event())
    return 0
