"""The bank as a rail: what it tells comes in by statements, what it is told leaves in files people take out."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlmodel import Session, select

from app.kit.db import Database
from app.kit.money import Cents
from app.rails.bank import accounts, orders, telling
from app.rails.bank.model import NAME, BankOrder, BatchKind, OrderState
from app.rails.bank.model_mandates import BankMandate, MandateState
from app.rails.capabilities import Capabilities, Custody, Means, MeansName
from app.rails.rail import (
    Asked,
    Demand,
    KeyMisused,
    Movement,
    PaymentOrder,
    RailRefused,
    RailSilent,
    StatementLine,
)

# SEPA Core: eight weeks without a question; the business scheme (B2B) knows no refund.
CORE_DISPUTE_DAYS = 56
# What nobody permitted can be claimed back for so long, in both schemes.
UNAUTHORIZED_MONTHS = 13

CAPABILITIES = Capabilities(
    name=NAME, is_real=True, currencies=("EUR",), custody=Custody.OWN_ACCOUNT, asks_only_to_pull=True,
    means=(
        Means(MeansName.TRANSFER, pulls=False, settle_business_days=1),
        Means(
            MeansName.DEBIT, pulls=True, settle_business_days=5, dispute_days=CORE_DISPUTE_DAYS,
            unauthorized_months=UNAUTHORIZED_MONTHS, refund_from_day=CORE_DISPUTE_DAYS,
        ),
    ),
)  # fmt: skip


class Bank:
    """A bank account of the operator's, spoken to in files."""

    capabilities = CAPABILITIES

    def __init__(self, database: Database) -> None:
        self._database = database

    def how_to_pay(self, reference: str) -> dict[str, str]:
        """The account in use; nothing while there is none."""
        with self._database.reading() as db:
            account = accounts.in_use(db)
        if account is None:
            return {}
        told = {"holder": account.holder, "account": account.iban, "bic": account.bic, "reference": reference}
        return {label: text for label, text in told.items() if text}

    def send(self, order: PaymentOrder, at: datetime) -> str:
        """Keep the order for the next file, once per key."""

        def write(db: Session) -> str:
            found = db.exec(select(BankOrder).where(BankOrder.order_key == order.key)).first()
            if found is None:
                if accounts.in_use(db) is None:
                    raise RailSilent("no bank account is in use")
                found = BankOrder(
                    order_key=order.key, end_to_end_id="", amount_cents=order.amount_cents, currency=order.currency,
                    other_name=order.to_name, other_account=order.to_account, reference=order.reference, ordered_at=at,
                )  # fmt: skip
                found.end_to_end_id = orders.end_to_end_id(found.public_id)
                db.add(found)
                db.flush()
            if (found.amount_cents, found.other_account) != (order.amount_cents, order.to_account):
                raise KeyMisused(order.key)
            return found.public_id

        return self._database.run(write)

    def ask(self, demand: Demand, at: datetime) -> Asked:
        """Pull the money by a mandate, once per key; a payer who transfers it by itself is only told how.

        `demand.due_on` is the day announced to the payer: no file pulls it sooner.
        """
        if not demand.token:
            return Asked(outside_id=demand.reference, instructions=self.how_to_pay(demand.reference))

        def write(db: Session) -> str:
            found = db.exec(select(BankOrder).where(BankOrder.order_key == demand.key)).first()
            if found is None:
                query = select(BankMandate).where(BankMandate.reference == demand.token)
                mandate = db.exec(query.with_for_update()).first()
                if mandate is None or mandate.state != MandateState.ACTIVE:
                    raise RailRefused("the mandate is not in force")
                found = BankOrder(
                    order_key=demand.key, kind=BatchKind.DEBITS, end_to_end_id="", mandate_id=mandate.id,
                    amount_cents=demand.amount_cents, currency=demand.currency, other_name=mandate.holder,
                    other_account=mandate.iban, reference=demand.reference, due_on=demand.due_on, ordered_at=at,
                )  # fmt: skip
                found.end_to_end_id = orders.end_to_end_id(found.public_id)
                db.add(found)
                db.flush()
            if found.amount_cents != demand.amount_cents:
                raise KeyMisused(demand.key)
            return found.public_id

        return Asked(outside_id=self._database.run(write))

    def drop(self, key: str, outside_id: str) -> None:
        """Pull no more: an order that is in no file yet is called off."""

        def write(db: Session) -> None:
            named = (BankOrder.order_key == key) | (BankOrder.public_id == outside_id)
            found = db.exec(select(BankOrder).where(named, BankOrder.kind == BatchKind.DEBITS)).first()
            if found is not None and found.state == OrderState.WAITING:
                orders.call_off(db, found, "not asked any more", at=found.ordered_at)

        self._database.run(write)

    def fetch(self, outside_id: str) -> Movement:
        """What became of an order of ours, or of a payment a line of the bank told of. Raises `RailSilent`."""
        with self._database.reading() as db:
            return telling.movement(db, outside_id)

    def fetch_together(self, outside_ids: Collection[str]) -> dict[str, Movement]:
        """What became of many of them, read at once."""
        with self._database.reading() as db:
            return telling.movements(db, outside_ids)

    def statement(self, since: datetime) -> Iterable[StatementLine]:
        """Every line of the bank kept since then, and every order of ours from the moment it was given."""
        with self._database.reading() as db:
            return telling.lines(db, since)

    def balance(self) -> Cents:
        """What the bank says the account holds, less what is ordered and not carried out yet."""
        with self._database.reading() as db:
            return telling.held(db) - orders.not_debited_yet(db)
