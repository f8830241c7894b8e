"""What the worker asks each round about calls, answers, votes and disputes: what is due, and what to do then."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from app.campaigns import grants, motions, stopping, work
from app.campaigns.ballot import Motion, MotionKind
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.missing import Shortfall
from app.delivery import amendments, arbitration, clocks, disputes, extensions, retention, rules
from app.delivery.model import Delivery, Dispute
from app.escrow import (
    calls,
    doubt_limits,
    freezing,
    hold_limits,
    mandates,
    opening,
    reminders,
    saved,
    shortfalls,
    vat_waits,
)
from app.escrow.frozen import Freeze
from app.escrow.model import Call, Deposit
from app.escrow.model_left import LeftOver
from app.escrow.model_outside import PaymentMeans

Kind = str
Find = Callable[[Session, datetime], list[int]]
Act = Callable[[Session, int, datetime], object]


def carried(kind: MotionKind) -> Find:
    """Finds the carried questions of one kind."""
    return lambda db, _at: motions.carried(db, kind)


# Of which kind (nothing is looked for where there is none), what is due, and what to do. Each row found is acted on in
# a transaction of its own; done again, it does nothing.
DEADLINES: tuple[tuple[Kind, Find, Act], ...] = (
    (
        "open questions",
        motions.past_end,
        lambda db, name, at: motions.close(db, db.get_one(Motion, name), at=at),
    ),
    (
        "waiting calls",
        vat_waits.to_send,
        lambda db, name, at: vat_waits.send(db, db.get_one(Call, name), at=at),
    ),
    (
        "waiting calls",
        vat_waits.to_ask_again,
        lambda db, name, at: vat_waits.ask_again(db, db.get_one(Call, name), at=at),
    ),
    (
        "waiting calls",
        vat_waits.to_tell,
        lambda db, name, at: vat_waits.tell(db, db.get_one(Call, name), at=at),
    ),
    (
        "calls past their window",
        calls.past_window,
        lambda db, name, at: calls.default_on(db, db.get_one(Call, name), at=at),
    ),
    (
        "defaulted calls",
        opening.to_open,
        lambda db, name, at: shortfalls.open_shortfall(db, db.get_one(Call, name), at=at),
    ),
    ("agreed work", work.overdue, work.count_time),
    (
        "unsigned grants",
        grants.unsigned,
        lambda db, name, at: grants.lapse(db, db.get_one(MatchingGrant, name), at=at),
    ),
    (
        "defaulted work",
        opening.work_to_open,
        lambda db, name, at: shortfalls.open_for_work(db, db.get_one(InKindContribution, name), at=at),
    ),
    (
        "carried questions",
        carried(MotionKind.SCOPE),
        lambda db, name, at: shortfalls.after_vote(db, db.get_one(Motion, name), at=at),
    ),
    (
        "shortfalls",
        shortfalls.to_look_at,
        lambda db, name, at: shortfalls.look_at(db, db.get_one(Shortfall, name), at=at),
    ),
    ("freezes", freezing.settled, lambda db, name, at: freezing.settle(db, db.get_one(Freeze, name), at=at)),
    ("cards", saved.to_warn, lambda db, name, at: saved.warn(db, db.get_one(PaymentMeans, name), at=at)),
    ("cards", saved.to_end, lambda db, name, at: saved.end(db, db.get_one(PaymentMeans, name), at=at)),
    ("mandates", mandates.to_lapse, lambda db, name, at: mandates.lapse(db, name, at=at)),
    (
        "held money",
        hold_limits.to_tell,
        lambda db, name, at: hold_limits.tell(db, db.get_one(Call, name), at=at),
    ),
    (
        "money in doubt",
        doubt_limits.payments_to_tell,
        lambda db, name, at: doubt_limits.tell(db, db.get_one(Deposit, name), at=at),
    ),
    (
        "money left with a provider",
        doubt_limits.left_to_tell,
        lambda db, name, at: doubt_limits.tell(db, db.get_one(LeftOver, name), at=at),
    ),
    (
        "calls to remind of",
        reminders.to_remind,
        lambda db, name, at: reminders.remind(db, db.get_one(Call, name), at=at),
    ),
    (
        "ended reviews",
        clocks.past_review,
        lambda db, name, at: rules.count_silence(db, db.get_one(Delivery, name), at=at),
    ),
    (
        "carried questions",
        carried(MotionKind.SETTLEMENT),
        lambda db, name, at: disputes.settle_as_agreed(db, db.get_one(Motion, name), at=at),
    ),
    (
        "carried questions",
        carried(MotionKind.STOP),
        lambda db, name, at: stopping.stop_as_voted(db, db.get_one(Motion, name), at=at),
    ),
    (
        "carried questions",
        carried(MotionKind.EXTENSION),
        lambda db, name, at: extensions.extend_as_voted(db, db.get_one(Motion, name), at=at),
    ),
    (
        "carried questions",
        carried(MotionKind.AMENDMENT),
        lambda db, name, at: amendments.amend_as_voted(db, db.get_one(Motion, name), at=at),
    ),
    (
        "retentions",
        retention.retentions_due,
        lambda db, name, at: retention.end_retention(db, db.get_one(Delivery, name), at=at),
    ),
    (
        "disputes",
        clocks.disputes_due,
        lambda db, name, at: disputes.end_statements(db, db.get_one(Dispute, name), at=at),
    ),
    (
        "unpublished reasons",
        clocks.reasons_to_publish,
        lambda db, name, at: arbitration.publish_read(db, db.get_one(Dispute, name), at=at),
    ),
)
