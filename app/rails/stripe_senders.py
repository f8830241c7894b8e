"""Who sent the money that lies with Stripe for a payer: read from the movements of its cash balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from app.kit.clock import now
from app.rails.rail import Happened, Movement

if TYPE_CHECKING:
    from stripe import CustomerCashBalanceTransaction

Sender = tuple[str, str]


def left_over(payer_id: str, cents: int, told: Sequence[CustomerCashBalanceTransaction]) -> Movement:
    """What lies there for a payer now, with who sent it; the movements of its cash, newest told first."""
    name, account, usual = _behind(told, cents)
    return Movement(
        outside_id=payer_id, happened=Happened.LEFT_OVER, amount_cents=cents, currency="EUR", reference="",
        other_name=name, other_account=account, at=now(), usual_account=usual,
    )  # fmt: skip


def _behind(told: Sequence[CustomerCashBalanceTransaction], cents: int) -> tuple[str, str, str]:
    """Name and account behind these last cents that came in, and the account most of all came from.

    Stripe pays demands out of one pot: what came in last is what is left of it. Where several sent it, the one who is
    not the usual sender is named.
    """
    funded = [(sender, one.net_amount) for one in told if (sender := _sender(one)) is not None]
    if not funded:
        return "", "", ""
    sent = Counter[str]()
    for (_name, account), cents in reversed(funded):  # of two that sent as much, the first one
        sent[account] += cents
    usual = sent.most_common(1)[0][0]
    last = list(_last_of(funded, cents))
    name, account = next((sender for sender in last if sender[1] != usual), last[0])
    return name, account, usual


def _last_of(funded: Iterable[tuple[Sender, int]], cents: int) -> Iterator[Sender]:
    for sender, amount in funded:
        yield sender
        cents -= amount
        if cents <= 0:
            return


def _sender(one: CustomerCashBalanceTransaction) -> Sender | None:
    transfer: Any = one.funded.bank_transfer.eu_bank_transfer if one.type == "funded" and one.funded else None
    if transfer is None:
        return None
    last = transfer.iban_last4 or ""
    return transfer.sender_name or "", f"IBAN ·{last}" if last else ""
