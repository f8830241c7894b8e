"""The rails that have to be asked: calls collected, what they say taken in, their lines read and compared hourly."""

import logging
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from app.campaigns.model import Pledge
from app.escrow import bank_disputes, collecting, left_over, mandates, receipts, saved, statements
from app.escrow.model import Call
from app.escrow.model_outside import (
    ALIVE,
    BankDispute,
    Collection,
    DisputeState,
    RailLine,
)
from app.kit.db import Database
from app.kit.settings import Settings
from app.kit.words import N_
from app.payouts import comparison, legs, onboarding
from app.payouts.model import Payout, PayoutKind
from app.payouts.model_legs import LegState, PayoutLeg
from app.people import alarms
from app.people.model import Organization
from app.rails import inbox
from app.rails.abilities import Asks, KeepsStill, Listens
from app.rails.errands import outside_id_of
from app.rails.rail import (
    Happened,
    Movement,
    News,
    PayeeStanding,
    Rail,
    RailRefused,
    RailSilent,
    SavedMeans,
)

EVERY = timedelta(hours=1)
DAILY = timedelta(days=1)
STILL = "automatic payouts"
BY_ITSELF = N_("a provider was set to pay held money out by itself, and is not any more")
DIFFERS = N_("the book and the rail %(rail)s do not say the same")
log = logging.getLogger("jalon.reconciler")


class Reconciler:
    """Works beside the worker's round. What it finds on its hourly walk goes through the inbox, like a notice."""

    def __init__(self, database: Database, settings: Settings, rails: dict[str, Rail]) -> None:
        self.database = database
        self.base_url = settings.base_url
        self.rails = {name: rail for name, rail in rails.items() if isinstance(rail, Asks)}
        # Those that tell by themselves; a bank tells in statements, which are compared by the day.
        self.providers = {name: rail for name, rail in self.rails.items() if isinstance(rail, Listens)}
        self._walked: dict[str, datetime] = {}
        self._looked: dict[str, datetime] = {}

    def round(self, at: datetime) -> int:
        """Ask for what is to be paid, drop what is not, and once an hour walk over everything that is open."""
        if not self.rails:
            return 0
        names = list(self.rails)
        with self.database.reading() as db:
            to_begin, to_drop = collecting.to_begin(db, names, at), collecting.to_drop(db)
        for call_id in to_begin:
            self.database.run(lambda db, n=call_id: _ignore(collecting.begin(db, db.get_one(Call, n), at=at)))  # type: ignore[misc]
        for name in to_drop:
            self.database.run(lambda db, n=name: collecting.drop(db, n, at=at))  # type: ignore[misc]
        return len(to_begin) + len(to_drop) + sum(self._walk(name, at) for name in self.providers)

    # ---- What is heard -------------------------------------------------------------------------------------------

    def hear(self, db: Session, rail: str, news: News | None, at: datetime) -> bool | None:
        """Take in what only these rails say. None where the news is an ordinary movement for others to book."""
        if news is None:
            return False
        if isinstance(news, SavedMeans):
            return saved.hear(db, news, at=at)
        if isinstance(news, PayeeStanding):
            return onboarding.hear(db, news, at=at)
        if news.happened in (Happened.CHARGED_BACK, Happened.WON_BACK, Happened.LOST) and news.dispute_id:
            bank_disputes.hear(db, rail, news, at=at)
            collecting.hear(db, rail, news, at=at)
            saved.heed(db, rail, news, at=at)
            return True
        if news.happened in (
            Happened.ON_ITS_WAY_IN,
            Happened.ACTION_NEEDED,
            Happened.PART_IN,
        ):
            return collecting.hear(db, rail, news, at=at)
        if news.happened == Happened.LEFT_OVER:
            return left_over.hear(db, rail, news, at=at)
        if news.happened in (Happened.PAID_OUT, Happened.BOUNCED) and left_over.hear_sent(
            db, rail, news, at=at
        ):
            return True
        if rail in self.rails and rail not in self.providers:
            return self._hear_bank(db, rail, news, at)
        if news.happened in (Happened.MONEY_IN, Happened.MONEY_IN_FAILED) and rail in self.providers:
            receipts.take_in(db, rail, news, at=at)
            collecting.hear(db, rail, news, at=at)
            return True
        return None

    def _hear_bank(self, db: Session, rail: str, news: Movement, at: datetime) -> bool | None:
        """What a statement says of our debits: in, refused, or taken back, which may end the mandate."""
        if news.happened in (Happened.PAID_OUT, Happened.BOUNCED):
            return None
        if news.happened != Happened.MONEY_IN_FAILED:
            receipts.take_in(db, rail, news, at=at)
        collecting.hear(db, rail, news, at=at)
        mandates.heed(db, rail, news, at=at)
        return True

    # ---- The hourly walk -------------------------------------------------------------------------------------------

    def _walk(self, name: str, at: datetime) -> int:
        if name in self._walked and at - self._walked[name] < EVERY:
            return 0
        self._walked[name] = at
        rail = self.providers[name]
        try:
            return self._read(name, rail, at)
        except (RailSilent, RailRefused) as silent:
            log.warning("%s does not answer: %s", name, silent)
            return 0

    def _read(self, name: str, rail: Rail, at: datetime) -> int:
        with self.database.reading() as db:
            since = statements.since(db, name, at)
        lines = list(rail.statement(since))
        stands = rail.balance()
        if isinstance(rail, KeepsStill) and (name not in self._looked or at - self._looked[name] >= DAILY):
            self._looked[name] = at
            self._keep_still(rail, at)

        def keep(db: Session) -> int:
            found = _open(db, name) | left_over.names_open(db, name, at=at)
            new = statements.keep(db, name, lines, at=at)
            found |= set(db.exec(select(RailLine.outside_id).where(
                RailLine.rail == name, RailLine.kept_at == at, RailLine.outside_id != "")))  # fmt: skip
            told = sum(
                inbox.receive(db, name, f"look:{thing}:{at:%Y%m%d%H%M}", thing, at=at) for thing in found
            )
            return new + told

        done = self.database.run(keep)
        self.database.run(lambda db: compare(db, name, stands, at=at))
        return done

    def _keep_still(self, rail: KeepsStill, at: datetime) -> None:
        was_still = rail.keep_still()

        def note(db: Session) -> None:
            if was_still:
                alarms.clear(db, STILL, at=at)
            else:
                alarms.ring(db, STILL, BY_ITSELF, at=at)

        self.database.run(note)


def alarm_of(rail: str) -> str:
    """The alarm that rings while a rail's lines and the book differ."""
    return f"differs:{rail}"


def compare(db: Session, rail: str, stands: int, *, at: datetime) -> list[statements.Difference]:
    """Compare a rail's lines and balance with the book and keep what came of it; a difference rings till it is gone."""
    set_aside = comparison.explained(db, rail)
    found = statements.differences(db, rail, stands, *legs.sent_and_back(db, rail), set_aside, at=at)
    comparison.keep(db, rail, stands, [_told(one) for one in found], at=at)
    if found:
        alarms.ring(db, alarm_of(rail), DIFFERS, at=at, rail=rail)
    else:
        alarms.clear(db, alarm_of(rail), at=at)
    return found


def _told(one: statements.Difference) -> comparison.Difference:
    name = one.outside_id or one.line_id or comparison.LINES_MISSING
    if one.line_id or name == comparison.LINES_MISSING:
        return comparison.Difference(name, one.cents, 0, comparison.NOT_BOOKED)
    return comparison.Difference(name, 0, one.cents, comparison.NOT_TOLD)


def _open(db: Session, rail: str) -> set[str]:
    """Everything on a rail whose end is not known, by its name there."""
    asked = select(Collection.outside_id).where(Collection.rail == rail, col(Collection.state).in_(ALIVE))
    sent = select(PayoutLeg.outside_id).where(PayoutLeg.rail == rail, PayoutLeg.state == LegState.SENT)
    disputed = select(BankDispute.outside_id).where(
        BankDispute.rail == rail, col(BankDispute.state).in_([DisputeState.OPEN, DisputeState.ANSWERED])
    )
    found = {*db.exec(asked), *db.exec(sent), *db.exec(disputed)}
    found |= inbox_names(db, rail) | _to_be_refunded(db, rail)
    return {name for name in found if name}


def _to_be_refunded(db: Session, rail: str) -> set[str]:
    """The outside's names of payers a refund is on its way to: it may end in what the provider keeps for them."""
    query = (
        select(Organization.public_id)
        .join(Pledge, func.coalesce(Pledge.payer_id, Pledge.organization_id) == Organization.id)
        .join(Payout, col(Payout.pledge_id) == col(Pledge.id))
        .join(PayoutLeg, col(PayoutLeg.payout_id) == col(Payout.id))
        .where(
            PayoutLeg.rail == rail, PayoutLeg.state == LegState.SENT, Payout.kind == PayoutKind.REFUND,
        )
    )  # fmt: skip
    return {outside_id_of(db, rail, f"payer:{name}") for name in set(db.exec(query))}


def inbox_names(db: Session, rail: str) -> set[str]:
    """The outside's names of payees and saved means that are still on their way to be ready."""
    return onboarding.on_their_way(db, rail) | saved.on_their_way(db, rail)


def _ignore(_answer: object) -> None:
    """A verb's answer is for people."""
