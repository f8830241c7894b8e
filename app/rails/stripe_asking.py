"""What we write to Stripe: our plain facts in the words of the pinned version. Nothing here talks or remembers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

from app.rails.abilities import Evidence
from app.rails.capabilities import MeansName
from app.rails.rail import Asked, Demand, Payee, Payer, PaymentOrder
from app.rails.stripe_terms import ACCOUNT_COUNTRIES, ACCOUNT_COUNTRY

if TYPE_CHECKING:
    from stripe import PaymentIntent
    from stripe.params import (
        AccountCreateParams,
        CustomerCreateParams,
        DisputeUpdateParamsEvidence,
        PaymentIntentCreateParams,
        RefundCreateParams,
        TransferCreateParams,
    )
    from stripe.params.checkout import SessionCreateParams

# Countries of the Union, as VAT numbers begin; Greece writes EL.
UNION = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
})  # fmt: skip


def customer(payer: Payer, key: str) -> CustomerCreateParams:
    """A payer. Its mail address is where Stripe asks for an account when a refund has none to go to.

    Its transfers pay the demand whose reference they carry; Stripe puts nothing else to any demand by itself.
    """
    return {
        "name": payer.name,
        "email": payer.email,
        "preferred_locales": [payer.language],
        "address": {
            "line1": payer.street,
            "postal_code": payer.postcode,
            "city": payer.city,
            "country": payer.country,
        },
        "cash_balance": {"settings": {"reconciliation_mode": "manual"}},
        "metadata": {"key": key, "payer": payer.name_here},
    }


def cash_refund(key: str, payer_id: str, cents: int, currency: str) -> RefundCreateParams:
    """What is left of a payer's cash, back to the account it came from."""
    return {
        "origin": "customer_balance", "customer": payer_id, "amount": cents, "currency": currency.lower(),
        "metadata": {"key": key},
    }  # fmt: skip


def tax_id_kind(payer: Payer) -> Literal["eu_vat", "gb_vat", "ch_vat", "no_vat"] | None:
    """Which kind of VAT number this is; None where Stripe knows none we use."""
    start = payer.vat_number[:2].upper()
    if start in UNION:
        return "eu_vat"
    if start == "GB":
        return "gb_vat"
    if start == "CH":
        return "ch_vat"
    return "no_vat" if payer.country == "NO" else None


def needs_page(demand: Demand) -> bool:
    """Whether the payer has to go to Stripe's page: it chose to be pulled from, and left nothing to pull from."""
    return demand.means != MeansName.TRANSFER and not demand.token


def intent(demand: Demand, payer: str) -> PaymentIntentCreateParams:
    """Money asked for: by transfer to the payer's virtual account, or pulled from what it left."""
    told: PaymentIntentCreateParams = {
        "amount": demand.amount_cents,
        "currency": demand.currency.lower(),
        "customer": payer,
        "confirm": True,
        "transfer_group": demand.group,
        "description": demand.reference,
        "metadata": metadata(demand),
    }
    if demand.means == MeansName.TRANSFER:
        country = demand.payer.country
        told["allowed_payment_method_types"] = ["customer_balance"]
        told["payment_method_data"] = {"type": "customer_balance"}
        told["payment_method_options"] = {
            "customer_balance": {
                "funding_type": "bank_transfer",
                "bank_transfer": {
                    "type": "eu_bank_transfer",
                    "eu_bank_transfer": {
                        "country": country if country in ACCOUNT_COUNTRIES else ACCOUNT_COUNTRY
                    },
                },
            }
        }
        return told
    if demand.means == MeansName.CARD:
        told["allowed_payment_method_types"] = ["card"]
    else:
        told["allowed_payment_method_types"] = ["sepa_debit"]
    told["payment_method"] = demand.token
    told["off_session"] = True
    return told


def metadata(demand: Demand) -> dict[str, str]:
    """How an object is found again and matched: our key, our reference."""
    return {"key": demand.key, "reference": demand.reference, "po": demand.po_number}


def paying_page(demand: Demand, payer: str) -> SessionCreateParams:
    """Stripe's page on which a payer pays this demand itself."""
    if demand.means == MeansName.CARD:
        allowed: list[Literal["card", "sepa_debit"]] = ["card"]
    else:
        allowed = ["sepa_debit"]
    return {
        "mode": "payment",
        "customer": payer,
        "allowed_payment_method_types": [*allowed],
        "line_items": [{
            "quantity": 1,
            "price_data": {
                "currency": demand.currency.lower(), "unit_amount": demand.amount_cents,
                "product_data": {"name": demand.reference},
            },
        }],
        "payment_intent_data": {"transfer_group": demand.group, "metadata": metadata(demand)},
        "success_url": demand.back_url, "cancel_url": demand.back_url, "metadata": metadata(demand),
    }  # fmt: skip


def setup_page(key: str, payer: str, means: str, back_url: str) -> SessionCreateParams:
    """Stripe's page on which a payer leaves a card or a mandate; no money moves."""
    if means == MeansName.CARD:
        allowed: list[Literal["card", "sepa_debit"]] = ["card"]
    else:
        allowed = ["sepa_debit"]
    return {
        "mode": "setup",
        "customer": payer,
        "currency": "eur",
        "allowed_payment_method_types": [*allowed],
        "success_url": back_url,
        "cancel_url": back_url,
        "setup_intent_data": {"metadata": {"key": key}},
        "metadata": {"key": key},
    }


def transfer(order: PaymentOrder) -> TransferCreateParams:
    """Money on to a payee, tied to the charge it came in by, which caps it and which it waits for."""
    return {
        "amount": order.amount_cents, "currency": order.currency.lower(), "destination": order.to_account,
        "source_transaction": order.source, "transfer_group": order.group, "metadata": {"key": order.key},
        "description": order.reference,
    }  # fmt: skip


def refund(order: PaymentOrder) -> RefundCreateParams:
    """Money back to the payer of a charge."""
    return {
        "charge": order.source, "amount": order.amount_cents, "reason": "requested_by_customer",
        "metadata": {"key": order.key},
    }  # fmt: skip


def recipient(key: str, payee: Payee) -> AccountCreateParams:
    """A payee who only receives: Stripe asks it who it is, the platform answers for losses and pays the fees."""
    return {
        "country": payee.country, "email": payee.email, "metadata": {"key": key, "payee": payee.name_here},
        "controller": {
            "fees": {"payer": "application"}, "losses": {"payments": "application"},
            "requirement_collection": "stripe", "stripe_dashboard": {"type": "express"},
        },
        "capabilities": {"transfers": {"requested": True}},
    }  # fmt: skip


def asked(intent: PaymentIntent) -> Asked:
    """What the payer has to know: the account and the reference, as Stripe gave them."""
    told = intent.next_action.display_bank_transfer_instructions if intent.next_action else None
    if told is None:
        return Asked(intent.id, action_url=told_url(intent))
    found = {"reference": told.reference or ""}
    for address in told.financial_addresses or []:
        if address.iban:
            found |= {
                "account": address.iban.iban, "bic": address.iban.bic,
                "holder": address.iban.account_holder_name,
            }  # fmt: skip
    return Asked(intent.id, {label: text for label, text in found.items() if text})


def told_url(intent: PaymentIntent) -> str:
    """Where the payer confirms with its bank, if it has to."""
    redirect = intent.next_action.redirect_to_url if intent.next_action else None
    return (redirect.url or "") if redirect else ""


def evidence(told: Evidence, papers: dict[str, str]) -> DisputeUpdateParamsEvidence:
    """The evidence pack: what was sold, that it was taken, and the papers by Stripe's names of the files."""
    pack: DisputeUpdateParamsEvidence = {
        "product_description": told.what_was_sold,
        "uncategorized_text": told.acceptance,
        "customer_name": told.payer_name,
        "billing_address": told.billing_address,
        "service_date": told.service_date,
    }
    if "contract" in papers:
        pack["customer_signature"] = papers["contract"]
    if "acceptance" in papers:
        pack["service_documentation"] = papers["acceptance"]
    if "call" in papers:
        pack["receipt"] = papers["call"]
    return pack


def named(name: str, body: bytes) -> io.BytesIO:
    """A file to upload, with a name that says what it is."""
    file = io.BytesIO(body)
    file.name = f"{name}.pdf" if body.startswith(b"%PDF") else f"{name}.txt"
    return file
