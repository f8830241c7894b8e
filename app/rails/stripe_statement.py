"""Stripe's own account of our money: one line for each change of the platform's balance, and what stands there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.kit.money import Cents
from app.rails.rail import Happened, StatementLine
from app.rails.stripe_reading import moment
from app.rails.stripe_terms import CAPABILITIES

if TYPE_CHECKING:
    from stripe import BalanceTransaction, StripeClient

KINDS = {
    "charge": Happened.MONEY_IN, "payment": Happened.MONEY_IN,
    "payment_failure_refund": Happened.CHARGED_BACK, "payment_reversal": Happened.CHARGED_BACK,
    "refund": Happened.PAID_OUT, "payment_refund": Happened.PAID_OUT, "transfer": Happened.PAID_OUT,
    "refund_failure": Happened.BOUNCED, "transfer_refund": Happened.BOUNCED, "transfer_cancel": Happened.BOUNCED,
    "transfer_failure": Happened.BOUNCED,
    "stripe_fee": Happened.COST, "stripe_fx_fee": Happened.COST, "tax_fee": Happened.COST,
    "network_cost": Happened.COST,
}  # fmt: skip


def lines(client: StripeClient, since: datetime) -> list[StatementLine]:
    """Every line since then, oldest first, with what Stripe kept of it; of balances in other currencies, none."""
    found = client.v1.balance_transactions.list({
        "created": {"gte": int(since.timestamp())}, "limit": 100, "expand": ["data.source"],
    }).auto_paging_iter()  # fmt: skip
    ours = {currency.lower() for currency in CAPABILITIES.currencies}
    return [_line(one) for one in reversed(list(found)) if one.currency in ours]


def _line(told: BalanceTransaction) -> StatementLine:
    source: Any = told.source
    happened = KINDS.get(told.type, Happened.OTHER)
    named = source if isinstance(source, str) or source is None else str(source["id"])
    if told.type == "adjustment" and named and named.startswith(("dp_", "du_")):
        happened = Happened.CHARGED_BACK if told.amount < 0 else Happened.WON_BACK
        named = _text(source["charge"])
    if told.type == "transfer_refund" and source is not None and not isinstance(source, str):
        named = _text(source["transfer"])
    # A fee of its own is all cost: the line brought in nothing.
    amount, cost = (0, -told.amount) if happened == Happened.COST else (told.amount, told.fee)
    return StatementLine(
        line_id=told.id, outside_id=named or "", happened=happened, amount_cents=amount, cost_cents=cost,
        currency=told.currency.upper(), at=moment(told.created), text=told.description or "",
    )  # fmt: skip


def _text(told: Any) -> str:
    return told if isinstance(told, str) else str(told["id"])


def balance(client: StripeClient, currency: str = "eur") -> Cents:
    """What stands on the platform's balance, available and pending, in cents."""
    found = client.v1.balance.retrieve()
    stood: list[Any] = [*found.available, *found.pending]
    return sum(int(part.amount) for part in stood if part.currency == currency)
