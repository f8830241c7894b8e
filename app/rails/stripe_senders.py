"""Who sent the money that lies with Stripe for a payer: read from the movements of its cash balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from app.kit.clock import now
from app.rails.rail import Happened, Movement

if TYPE_CHECKING:
    from stripe import CustomerCashBalanceTransaction

Sender = tuple[str, str]


def left_over(payer_id: str, cents: int, told: Sequence[CustomerCashBalanceTransaction]) -> Movement:
    """What lies there for a payer now, with who sent it and how much is a stranger's; `told` has the newest first."""
    lots = _lots([*reversed(told)])
    usual = _usual(told)
    strange = [(sender, amount) for sender, amount in lots if sender[1] != usual]
    name, account = (strange or lots or [(("", ""), 0)])[-1][0]
    return Movement(
        outside_id=payer_id, happened=Happened.LEFT_OVER, amount_cents=cents, currency="EUR", reference="",
        other_name=name, other_account=account, at=now(),
        strange_cents=min(cents, sum(amount for _sender, amount in strange)),
    )  # fmt: skip


def _usual(told: Iterable[CustomerCashBalanceTransaction]) -> str:
    """The account most of this payer's money came from; of two that sent as much, the one heard of first."""
    sent = Counter[str]()
    for one in reversed([*told]):
        if (sender := _sender(one)) is not None:
            sent[sender[1]] += one.net_amount
    return sent.most_common(1)[0][0] if sent else ""


def _lots(told: Sequence[CustomerCashBalanceTransaction]) -> list[tuple[Sender, int]]:
    """What is left of each transfer, oldest first: calls were paid by the usual sender, strangers are given back first.

    Stripe keeps one pot for a payer and does not say whose money leaves it.
    """
    usual, lots = _usual(told[::-1]), list[tuple[Sender, int]]()
    for one in told:
        sender = _sender(one)
        if sender is not None:
            lots.append((sender, one.net_amount))
        elif one.net_amount > 0:
            lots.append((("", usual), one.net_amount))
        else:
            to_usual = one.type == "applied_to_payment"
            lots.sort(key=lambda lot: (lot[0][1] == usual) != to_usual)  # stable: else as they came
            lots = _less(lots, -one.net_amount)
    return lots


def _less(lots: Sequence[tuple[Sender, int]], cents: int) -> list[tuple[Sender, int]]:
    left = []
    for sender, amount in lots:
        taken = min(amount, cents)
        cents -= taken
        if amount > taken:
            left.append((sender, amount - taken))
    return left


def _sender(one: CustomerCashBalanceTransaction) -> Sender | None:
    transfer: Any = one.funded.bank_transfer.eu_bank_transfer if one.type == "funded" and one.funded else None
    if transfer is None:
        return None
    last = transfer.iban_last4 or ""
    return transfer.sender_name or "", f"IBAN ·{last}" if last else ""
