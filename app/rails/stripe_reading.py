"""What Stripe's objects say, in our words. Each is read by the beginning of its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from app.rails import stripe_senders
from app.rails.capabilities import MeansName
from app.rails.rail import Happened, MeansState, Movement, News, PayeeStanding, RailSilent, SavedMeans
from app.rails.stripe_reasons import dispute_reason, reason_of
from app.rails.stripe_terms import CAPABILITIES, OURS

if TYPE_CHECKING:
    from stripe import (
        Account,
        Charge,
        Dispute,
        Event,
        PaymentIntent,
        PaymentMethod,
        Refund,
        StripeClient,
        Transfer,
    )

# Answers that only mean “later”: the same order is sent again.
NOT_YET = frozenset({"balance_insufficient", "lock_timeout", "rate_limit"})
# A question of the payer's bank moves no money.
ONLY_ASKING = ("warning_needs_response", "warning_under_review", "warning_closed")


def what_about(event: Event) -> str:
    """The name of the object an event is about; of an event at a payee's, the payee's."""
    if payee := value(event, "account"):
        return str(payee)
    told: Any = event.data.object
    if told["object"] in ("cash_balance", "customer_cash_balance_transaction"):
        return str(told["customer"])
    return str(value(told, "id") or "")


def read(client: StripeClient, outside_id: str, *, is_live: bool) -> News | None:
    """What one object says now; None for a kind that is nothing to us. Raises `RailSilent` for the other mode's."""
    kind = outside_id.partition("_")[0]
    reader = READERS.get(kind)
    if reader is None:
        if "_" in outside_id:
            return None
        raise RailSilent("stripe has no such object")
    return reader(_Reader(client, is_live), outside_id)


class _Reader:
    """Fetches one object with what belongs to it, and believes it if it is of our mode."""

    def __init__(self, client: StripeClient, is_live: bool) -> None:
        self._api = client.v1
        self._is_live = is_live

    def _ours(self, told: Any) -> None:
        if bool(told.livemode) != self._is_live:
            raise RailSilent("an object of the other mode")

    def charge(self, outside_id: str) -> News | None:
        """Money in: on its way, arrived, failed, taken back or won back; in another currency it is none of ours."""
        found = self._api.charges.retrieve(outside_id)
        self._ours(found)
        if found.currency.upper() not in CAPABILITIES.currencies:
            return None
        if found.disputed:
            disputes = self._api.disputes.list({"charge": outside_id, "limit": 1}).data
            if disputes and disputes[0].status not in ONLY_ASKING:
                return _disputed(found, disputes[0])
        return _charged(found)

    def intent(self, outside_id: str) -> News | None:
        """A demand: paid (then its charge says more), paid in part, or waiting for the payer to do something."""
        found = self._api.payment_intents.retrieve(outside_id, {"expand": ["latest_charge"]})
        self._ours(found)
        charge: Any = found.latest_charge
        if charge is not None and (found.status in ("succeeded", "processing") or charge.status == "failed"):
            return self.charge(str(charge["id"]))
        if found.status == "requires_action" and found.next_action:
            told = found.next_action.display_bank_transfer_instructions
            missing = (told.amount_remaining or 0) if told else found.amount
            if told and missing < found.amount:
                return _of_intent(found, Happened.PART_IN, found.amount - missing)
            return _of_intent(found, Happened.ACTION_NEEDED, found.amount) if not told else None
        return None

    def dispute(self, outside_id: str) -> News | None:
        """A dispute is read from its charge, so that both say the same."""
        found = self._api.disputes.retrieve(outside_id)
        self._ours(found)
        return self.charge(_name(found.charge))

    def refund(self, outside_id: str) -> News | None:
        """Money back to its payer: there, or it came back to us. On its way it is nothing new."""
        found = self._api.refunds.retrieve(outside_id)
        return _refunded(found)

    def transfer(self, outside_id: str) -> News | None:
        """Money on a payee's balance; reversed as a whole it is ours again."""
        found = self._api.transfers.retrieve(outside_id)
        self._ours(found)
        return _transferred(found)

    def account(self, outside_id: str) -> News | None:
        """Whether a payee can be paid."""
        return standing(self._api.accounts.retrieve(outside_id))

    def session(self, outside_id: str) -> News | None:
        """A page of Stripe's: what was left on it, or that nobody came. What was paid is read from its charge."""
        expand = {"expand": ["setup_intent.payment_method"]}
        found = self._api.checkout.sessions.retrieve(outside_id, expand)  # type: ignore[arg-type]
        self._ours(found)
        if found.mode != "setup":
            return self.intent(_name(found.payment_intent)) if found.payment_intent else None
        setup: Any = found.setup_intent
        if found.status == "expired":
            return SavedMeans(_key(found), outside_id, MeansState.FAILED, "", reason="expired")
        if found.status != "complete" or setup is None or setup.status != "succeeded":
            return None
        return _saved(_key(found), outside_id, setup.payment_method)

    def customer(self, outside_id: str) -> News | None:
        """Money that lies with Stripe for a payer and answers no demand: above one, too late, or twice."""
        found = self._api.customers.cash_balance.retrieve(outside_id)
        self._ours(found)
        cents = int(value(found.available, "eur") or 0)
        told = (
            self._api.customers.cash_balance_transactions.list(outside_id, {"limit": 100}) if cents else None
        )
        return stripe_senders.left_over(outside_id, cents, told.data if told else [])


READERS: dict[str, Callable[[_Reader, str], News | None]] = {
    "ch": _Reader.charge, "py": _Reader.charge, "pi": _Reader.intent, "dp": _Reader.dispute, "du": _Reader.dispute,
    "re": _Reader.refund, "pyr": _Reader.refund, "tr": _Reader.transfer, "acct": _Reader.account,
    "cs": _Reader.session, "cus": _Reader.customer,
}  # fmt: skip


def _charged(charge: Charge) -> Movement:
    happened = {"succeeded": Happened.MONEY_IN, "pending": Happened.ON_ITS_WAY_IN}.get(
        charge.status, Happened.MONEY_IN_FAILED
    )
    reason = reason_of(charge.failure_code) if happened == Happened.MONEY_IN_FAILED else ""
    details: Any = charge.payment_method_details
    kind = str(details["type"]) if details else ""
    means: Any = value(details, kind)
    billing: Any = charge.billing_details
    return Movement(
        outside_id=charge.id, happened=happened, amount_cents=charge.amount, currency=charge.currency.upper(),
        reference=str(value(charge.metadata, "reference") or ""), other_name=str(value(billing, "name") or ""),
        other_account=shown(kind, means), at=moment(charge.created), reason=reason,
        asked_id=_name(charge.payment_intent) if charge.payment_intent else "", key=_key(charge),
    )  # fmt: skip


def _disputed(charge: Charge, dispute: Dispute) -> Movement:
    ended = {"won": Happened.WON_BACK, "lost": Happened.LOST}
    happened = ended.get(dispute.status, Happened.CHARGED_BACK)
    due: Any = value(dispute.evidence_details, "due_by")
    is_open = dispute.status == "needs_response"
    return replace(
        _charged(charge), happened=happened, reason=dispute_reason(dispute.reason), dispute_id=dispute.id,
        disputed_cents=dispute.amount if dispute.amount < charge.amount else 0,
        answer_by=moment(due) if due and is_open else None,
    )  # fmt: skip


def _of_intent(intent: PaymentIntent, happened: Happened, cents: int) -> Movement:
    return Movement(
        outside_id=intent.id, happened=happened, amount_cents=cents, currency=intent.currency.upper(),
        reference=str(value(intent.metadata, "reference") or ""), other_name="", other_account="",
        at=moment(intent.created), asked_id=intent.id, key=_key(intent),
    )  # fmt: skip


def _refunded(refund: Refund) -> Movement | None:
    """What became of money on its way back: a payer who names no account in 45 days finds it in its cash at Stripe.

    From our balance it has left then; what came out of that cash is there again.
    """
    canceled = Happened.PAID_OUT if refund.charge else Happened.BOUNCED
    happened = {"succeeded": Happened.PAID_OUT, "failed": Happened.BOUNCED, "canceled": canceled}.get(
        refund.status or ""
    )
    if happened is None:
        return None
    reason = reason_of(refund.failure_reason) if happened == Happened.BOUNCED else ""
    return Movement(
        outside_id=refund.id, happened=happened, amount_cents=refund.amount, currency=refund.currency.upper(),
        reference="", other_name="", other_account="", at=moment(refund.created), reason=reason,
    )  # fmt: skip


def _transferred(transfer: Transfer) -> Movement:
    return Movement(
        outside_id=transfer.id, happened=Happened.BOUNCED if transfer.reversed else Happened.PAID_OUT,
        amount_cents=transfer.amount, currency=transfer.currency.upper(), reference=transfer.description or "",
        other_name="", other_account=_name(transfer.destination) if transfer.destination else "",
        at=moment(transfer.created), reason="Asked back." if transfer.reversed else "",
    )  # fmt: skip


def standing(account: Account) -> PayeeStanding:
    """Ready once transfers are active; what Stripe still wants to know is named by its own field names."""
    active = account.capabilities is not None and account.capabilities.transfers == "active"
    wanted = account.requirements.currently_due if account.requirements else None
    return PayeeStanding(_key(account), account.id, bool(active), tuple(wanted or ()))


def _saved(key: str, outside_id: str, method: PaymentMethod) -> SavedMeans:
    kind = method.type
    told: Any = method.card if kind == "card" else method.sepa_debit
    ends = (
        date(told["exp_year"] + told["exp_month"] // 12, told["exp_month"] % 12 + 1, 1)
        if kind == "card"
        else None
    )
    return SavedMeans(
        key, outside_id, MeansState.ACTIVE, OURS.get(kind, MeansName.CARD), token=method.id, shown=shown(kind, told),
        expires_on=ends,
    )  # fmt: skip


def shown(kind: str, told: Any) -> str:
    """As much of a card or an account as people recognize it by: its last four."""
    last = value(told, "last4")
    brand = (value(told, "brand") or "card") if kind == "card" else "IBAN"
    return f"{brand} ·{last}" if last else ""


def moment(seconds: int) -> datetime:
    """A moment as Stripe writes it."""
    return datetime.fromtimestamp(seconds, UTC)


def _key(told: Any) -> str:
    return str(value(told.metadata, "key") or "")


def _name(told: Any) -> str:
    return told if isinstance(told, str) else str(told["id"])


def value(told: Any, name: str) -> Any:
    """A field of an object that may be missing, or have no such field."""
    return told[name] if told is not None and name in told else None
