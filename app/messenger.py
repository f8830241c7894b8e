"""What a rail that has to be asked is told: demands, evidence, what is let go, and what lies there for a payer."""

from collections.abc import Mapping
from datetime import datetime

from app.escrow import bank_disputes, collecting, left_over, saved
from app.escrow.model_left import LeftOver, LeftState
from app.escrow.model_outside import BankDispute, Collection, PaymentMeans
from app.kit.db import Database
from app.payouts import evidence
from app.rails.abilities import Asks, Contests, KeepsLeftOver, LetsGo
from app.rails.errands import outside_id_of
from app.rails.rail import Rail, RailRefused

TOPICS = frozenset({collecting.ASK, collecting.DROP, bank_disputes.CONTEST, saved.LET_GO,
                    left_over.GIVE, left_over.APPLY})  # fmt: skip


class Messenger:
    """Carries to the rails what the outbox holds for them."""

    def __init__(self, database: Database, rails: Mapping[str, Rail], base_url: str) -> None:
        self.database = database
        self.base_url = base_url
        self.rails = {name: rail for name, rail in rails.items() if isinstance(rail, Asks)}

    def carry(self, topic: str, key: str, body: dict[str, object], at: datetime) -> None:
        """Carry one effect out. Raises `RailSilent` where nobody knows whether it was."""
        if topic == bank_disputes.CONTEST:
            self._contest(key, int(str(body["dispute"])))
            return
        if topic in (left_over.GIVE, left_over.APPLY):
            self._move_left_over(topic, key, body, at)
            return
        if topic == saved.LET_GO:
            self._let_go(key, int(str(body["means"])), at)
            return
        collection_id = int(str(body["collection"]))
        if topic == collecting.DROP:
            with self.database.reading() as db:
                wanted = db.get_one(Collection, collection_id)
            self.rails[wanted.rail].drop(collecting.key_of(wanted), wanted.outside_id)
            return
        with self.database.reading() as db:
            asked = collecting.demand_for(db, collection_id, self.base_url)
        if asked is None:
            return
        rail, demand = asked
        try:
            answer = self.rails[rail].ask(demand, at)
        except RailRefused as refused:
            no = refused
            self.database.run(lambda db: collecting.mark_refused(db, collection_id, no, at=at))
            return
        self.database.run(lambda db: collecting.mark_asked(db, collection_id, answer, at=at))

    def _move_left_over(self, topic: str, key: str, body: dict[str, object], at: datetime) -> None:
        """What lies with a provider is put to a call, or given back to its payer."""
        number = int(str(body["left"]))
        with self.database.reading() as db:
            left = db.get_one(LeftOver, number)
        rail = self.rails[left.rail]
        is_gift = topic == left_over.GIVE
        if not isinstance(rail, KeepsLeftOver) or (is_gift and left.state != LeftState.APPROVED):
            return
        try:
            if is_gift:
                name = rail.give_left_over(key, left.outside_id, left.back_cents, left.currency, at)
                self.database.run(lambda db: left_over.mark_sent(db, number, name, at=at))
                return
            rail.apply_left_over(key, str(body["asked"]), int(str(body["cents"])), left.currency)
        except RailRefused as refused:
            no = refused.reason
            self.database.run(lambda db: left_over.refuse(db, number, no, at=at))
        self.database.run(lambda db: left_over.look(db, db.get_one(LeftOver, number), at=at))

    def _let_go(self, key: str, means_id: int, at: datetime) -> None:
        """A provider forgets what its payer revoked, or closes the page on which it was to be left."""
        with self.database.reading() as db:
            left = db.get_one(PaymentMeans, means_id)
            page = outside_id_of(db, left.rail, saved.key_of(left))
        rail = self.rails[left.rail]
        if left.token and isinstance(rail, LetsGo):
            rail.let_go(key, left.token)
        elif page:
            rail.drop(saved.key_of(left), page)
        self.database.run(lambda db: saved.let_go(db, means_id, at=at))

    def _contest(self, key: str, dispute_id: int) -> None:
        with self.database.reading() as db:
            dispute = db.get_one(BankDispute, dispute_id)
            pack = evidence.pack(db, dispute)
        rail = self.rails[dispute.rail]
        if isinstance(rail, Contests):
            rail.contest(key, dispute.outside_id, pack)
