"""What payers leave with Stripe beside payments: a card or a mandate, and cash that answers no demand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from app.kit.money import Cents
from app.rails import stripe_asking, stripe_reading
from app.rails.rail import Asked, Payer, RailRefused

if TYPE_CHECKING:
    from stripe import StripeClient, StripeObject
    from stripe.params import PaymentIntentApplyCustomerBalanceParams, RefundListParams

Answer = TypeVar("Answer")


class StripePayers(ABC):
    """The part of the rail that looks after payers; the library is spoken to by the rail itself."""

    _client: StripeClient
    _clock: Callable[[], datetime]

    def save_means(self, key: str, payer: Payer, means: str, back_url: str) -> Asked:
        """Stripe's own page, where a payer leaves a card or a debit mandate."""
        at = self._clock()
        customer = self._payer(payer, at)
        session = stripe_asking.setup_page(key, customer, means, back_url)
        api = self._client.v1.checkout.sessions
        made = self._once(
            key, at, lambda one: api.create(session, {"idempotency_key": one}).id,
            lambda: with_key(api.list({"customer": customer, "limit": 100}).data, key),
        )  # fmt: skip
        return Asked(made, action_url=self._said(lambda: api.retrieve(made)).url or "")

    def apply_left_over(self, key: str, asked_id: str, amount_cents: Cents, currency: str) -> None:
        """Fund a demand out of its payer's cash balance."""
        told: PaymentIntentApplyCustomerBalanceParams = {
            "amount": amount_cents,
            "currency": currency.lower(),
        }
        api = self._client.v1.payment_intents
        self._said(lambda: api.apply_customer_balance(asked_id, told, {"idempotency_key": key}))

    def give_left_over(
        self, key: str, payer_id: str, amount_cents: Cents, currency: str, at: datetime
    ) -> str:
        """A refund out of a payer's cash balance."""
        told = stripe_asking.cash_refund(key, payer_id, amount_cents, currency)
        since: RefundListParams = {"created": {"gte": int(at.timestamp()) - 30 * 86_400}, "limit": 100}
        api = self._client.v1.refunds
        return self._once(
            key, at, lambda one: api.create(told, {"idempotency_key": one}).id,
            lambda: with_key(api.list(since).auto_paging_iter(), key),
        )  # fmt: skip

    def let_go(self, key: str, token: str) -> None:
        """Take a card or a mandate off its payer: nothing can be pulled from it any more."""
        try:
            self._said(lambda: self._client.v1.payment_methods.detach(token, {}, {"idempotency_key": key}))
        except RailRefused:
            return  # it belongs to nobody any more

    # ---- The rail's own ------------------------------------------------------------------------------------------

    @abstractmethod
    def _payer(self, payer: Payer, at: datetime) -> str:
        """Their name of a payer."""

    @abstractmethod
    def _once(self, key: str, at: datetime, do: Callable[[str], str], look: Callable[[], str]) -> str:
        """Do it once per key."""

    @abstractmethod
    def _said(self, ask: Callable[[], Answer]) -> Answer:
        """Stripe's answer, in our words where there was none."""


def with_key(found: Iterable[StripeObject], key: str) -> str:
    """The one of these objects that carries our key; empty where none does."""
    return next((str(one["id"]) for one in found if stripe_reading.value(one["metadata"], "key") == key), "")
