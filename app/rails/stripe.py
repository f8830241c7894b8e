"""Stripe as a rail, and the only file that imports its library. Charges stay with the platform until they are sent on.

Every change goes out under a key of ours and is remembered (`errands.py`); what came of it is read from the object.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

import stripe
from stripe.params import (
    CustomerCreateParams,
    DisputeUpdateParams,
)

from app.kit.clock import now
from app.kit.db import Database
from app.kit.money import Cents
from app.kit.stripe_settings import StripeSettings
from app.rails import stripe_asking, stripe_reading, stripe_reasons, stripe_statement, stripe_terms
from app.rails.abilities import Evidence, Notice, NoticeForged
from app.rails.errands import Errands
from app.rails.rail import (
    Asked,
    Demand,
    KeyMisused,
    News,
    OrderKind,
    Payee,
    PayeeStanding,
    Payer,
    PaymentOrder,
    RailRefused,
    RailSilent,
    StatementLine,
)
from app.rails.stripe_payers import StripePayers, with_key
from app.rails.stripe_terms import CAPABILITIES, NAME

Answer = TypeVar("Answer")
CLOCK_SKEW = 300


class Stripe(StripePayers):
    """One platform account, in test or in live mode, never both."""

    capabilities = CAPABILITIES
    doors = frozenset({"account", "connect"})

    def __init__(
        self, database: Database, settings: StripeSettings, *, clock: Callable[[], datetime] = now
    ) -> None:
        stripe.enable_telemetry = False
        # Below this level it writes whole answers down, accounts and all.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        base = settings.api_base
        self._client = stripe.StripeClient(
            settings.api_key.get_secret_value(),
            max_network_retries=settings.retries,
            http_client=stripe.RequestsClient(timeout=settings.timeout_seconds),
            base_addresses=(
                {"api": base, "connect": base, "files": base, "meter_events": base} if base else None
            ),
        )
        self._settings = settings
        self._errands = Errands(database, NAME)
        self._clock = clock

    # ---- Changes, each once per key ----------------------------------------------------------------------------

    def send(self, order: PaymentOrder, at: datetime) -> str:
        """A transfer out of the charge the money came in by, or a refund of that charge."""
        api = self._client.v1
        if order.kind == OrderKind.REFUND:
            refund = stripe_asking.refund(order)
            return self._once(
                order.key, at, lambda key: api.refunds.create(refund, {"idempotency_key": key}).id,
                lambda: with_key(api.refunds.list({"charge": order.source, "limit": 100}).data, order.key),
            )  # fmt: skip
        transfer = stripe_asking.transfer(order)
        sent = {"transfer_group": order.group, "limit": 100}
        return self._once(
            order.key, at, lambda key: api.transfers.create(transfer, {"idempotency_key": key}).id,
            lambda: with_key(api.transfers.list(sent).auto_paging_iter(), order.key),  # type: ignore[arg-type]
        )  # fmt: skip

    def ask(self, demand: Demand, at: datetime) -> Asked:
        """Ask for money: a virtual account to pay to, a pull from a saved means, or a page where the payer pays."""
        payer = self._payer(demand.payer, at)
        api = self._client.v1
        if stripe_asking.needs_page(demand):
            session = stripe_asking.paying_page(demand, payer)
            made = self._once(
                demand.key, at, lambda key: api.checkout.sessions.create(session, {"idempotency_key": key}).id,
                lambda: with_key(api.checkout.sessions.list({"customer": payer, "limit": 100}).data, demand.key),
            )  # fmt: skip
            page = self._said(lambda: api.checkout.sessions.retrieve(made))
            return Asked(made, action_url=page.url or "")
        intent = stripe_asking.intent(demand, payer)
        made = self._once(
            demand.key, at, lambda key: api.payment_intents.create(intent, {"idempotency_key": key}).id,
            lambda: with_key(
                api.payment_intents.list({"customer": payer, "limit": 100}).auto_paging_iter(), demand.key
            ),
        )  # fmt: skip
        return stripe_asking.asked(self._said(lambda: api.payment_intents.retrieve(made)))

    def drop(self, key: str, outside_id: str) -> None:
        """Ask no more. What was paid meanwhile stays paid."""
        api = self._client.v1
        try:
            if outside_id.startswith("cs_"):
                self._said(
                    lambda: api.checkout.sessions.expire(outside_id, {}, {"idempotency_key": f"{key}:drop"})
                )
            else:
                self._said(
                    lambda: api.payment_intents.cancel(outside_id, {}, {"idempotency_key": f"{key}:drop"})
                )
        except RailRefused:
            return  # paid, expired or dropped already: there is nothing to drop

    def onboard(self, key: str, payee: Payee) -> PayeeStanding:
        """A recipient: it receives transfers, Stripe asks it who it is, the platform answers for it."""
        account = stripe_asking.recipient(key, payee)
        api = self._client.v1.accounts
        made = self._once(
            key, self._clock(), lambda one: api.create(account, {"idempotency_key": one}).id,
            lambda: with_key(api.list({"limit": 100}).auto_paging_iter(), key),
        )  # fmt: skip
        return stripe_reading.standing(self._said(lambda: api.retrieve(made)))

    def onboarding_url(self, outside_id: str, back_url: str) -> str:
        """A fresh link to Stripe's own questions; good for one visit."""
        link = self._said(lambda: self._client.v1.account_links.create({
            "account": outside_id, "type": "account_onboarding", "refresh_url": back_url, "return_url": back_url,
        }))  # fmt: skip
        return link.url

    def recall(self, key: str, outside_id: str, amount_cents: Cents) -> str:
        """Reverse a transfer, as far as the payee still has it with Stripe."""
        api = self._client.v1.transfers.reversals
        return self._once(
            key, self._clock(),
            lambda one: api.create(
                outside_id, {"amount": amount_cents, "metadata": {"key": key}}, {"idempotency_key": one}
            ).id,
            lambda: with_key(api.list(outside_id, {"limit": 100}).data, key),
        )  # fmt: skip

    def contest(self, key: str, outside_id: str, evidence: Evidence) -> None:
        """Hand in the papers and what they prove; Stripe takes it once and for all."""
        papers = {
            name: self._said(lambda name=name, body=body: self._client.v1.files.create(  # type: ignore[misc]
                {"purpose": "dispute_evidence", "file": stripe_asking.named(name, body)},
                {"idempotency_key": f"{key}:{name}"},
            )).id
            for name, body in evidence.papers.items()
        }  # fmt: skip
        told: DisputeUpdateParams = {"evidence": stripe_asking.evidence(evidence, papers), "submit": True}
        self._said(lambda: self._client.v1.disputes.update(outside_id, told, {"idempotency_key": key}))

    def page_of(self, outside_id: str) -> str:
        """Where Stripe shows it to the operator's people."""
        return stripe_terms.page_of(outside_id, is_live=self._settings.is_live)

    def keep_still(self) -> bool:
        """Make sure the platform's money is not paid out by itself; False where that had to be set right."""
        api = self._client.v1.balance_settings
        payments = self._said(lambda: api.retrieve()).payments
        schedule = payments.payouts.schedule if payments.payouts else None
        if schedule and schedule.interval == "manual":
            return True
        self._said(lambda: api.update({"payments": {"payouts": {"schedule": {"interval": "manual"}}}}))
        return False

    # ---- What the outside says -----------------------------------------------------------------------------------

    def how_to_pay(self, reference: str) -> dict[str, str]:
        """Nothing before Stripe was asked: the account to pay to is the payer's own."""
        return {}

    def fetch(self, outside_id: str) -> News | None:
        """What Stripe says of one object now. Raises `RailSilent` for the other mode's as for no answer."""
        return self._said(
            lambda: stripe_reading.read(self._client, outside_id, is_live=self._settings.is_live)
        )

    def statement(self, since: datetime) -> Iterable[StatementLine]:
        """Every balance transaction since then."""
        return self._said(lambda: stripe_statement.lines(self._client, since))

    def balance(self) -> Cents:
        """What stands on the platform's balance, available and pending."""
        return self._said(lambda: stripe_statement.balance(self._client))

    def read_notice(self, door: str, headers: Mapping[str, str], body: bytes) -> Notice:
        """A notice that Stripe signed for this door, recently, in our mode."""
        try:
            event = self._client.construct_event(
                body, headers.get("Stripe-Signature"), self._settings.secret_of(door), tolerance=CLOCK_SKEW
            )
            named = stripe_reading.what_about(event)
        except (stripe.SignatureVerificationError, ValueError, KeyError) as error:
            raise NoticeForged(type(error).__name__) from None
        if event.livemode != self._settings.is_live:
            raise NoticeForged("the other mode")
        return Notice(event.id, named)

    # ---- Inside ----------------------------------------------------------------------------------------------------

    def _payer(self, payer: Payer, at: datetime) -> str:
        """Their name of a payer, made known with its VAT number the first time."""
        api = self._client.v1.customers
        key = f"payer:{payer.name_here}"
        told: CustomerCreateParams = stripe_asking.customer(payer, key)
        customer = self._once(
            key, at, lambda one: api.create(told, {"idempotency_key": one}).id,
            lambda: with_key(api.list({"email": payer.email, "limit": 100}).data, key),
        )  # fmt: skip
        if payer.vat_number and (kind := stripe_asking.tax_id_kind(payer)):
            number = payer.vat_number
            self._once(
                f"{key}:vat:{number}", at,
                lambda one: api.tax_ids.create(customer, {"type": kind, "value": number}, {"idempotency_key": one}).id,
                lambda: next((one.id for one in api.tax_ids.list(customer).data if one.value == number), ""),
            )  # fmt: skip
        return customer

    def _once(self, key: str, at: datetime, do: Callable[[str], str], look: Callable[[], str]) -> str:
        """Do it once per key; the answers of both in our words."""
        return self._errands.once(key, at, lambda one: self._said(lambda: do(one)), lambda: self._said(look))

    def _said(self, ask: Callable[[], Answer]) -> Answer:
        """Stripe's answer, or which of the three ways there was none. Its own words stay out: they may name people."""
        try:
            return ask()
        except stripe.IdempotencyError as error:
            if error.http_status == 409:
                raise RailSilent("stripe is still busy with this key") from None
            raise KeyMisused("stripe knows this key with other facts") from None
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            reason = stripe_reasons.reason_of(error.code, error.param)
            if error.code in stripe_reading.NOT_YET:
                raise RailSilent(reason) from None
            raise RailRefused(reason, action_needed=error.code == "authentication_required") from None
        except stripe.StripeError as error:
            kept = isinstance(error, stripe.APIError) and (error.http_status or 0) >= 500
            raise RailSilent(
                f"stripe: {type(error).__name__} {error.http_status or ''}".strip(), is_kept=kept
            ) from None
