"""Why Stripe, or a payer's bank behind it, says no: in plain words, which pages translate."""

from app.kit.words import N_

REASONS = {
    "card_declined": N_("The card was declined."),
    "expired_card": N_("The card has expired."),
    "authentication_required": N_("The payer's bank wants the payer to confirm."),
    "account_closed": N_("The account is closed."),
    "insufficient_funds": N_("There was not enough money on the account."),
    "debit_not_authorized": N_("The debit was not authorized."),
    "charge_already_refunded": N_("It was given back already."),
}
# Why a payer's bank took a payment back.
TAKEN_BACK = {
    "bank_cannot_process": N_("The payer's bank could not carry it out."),
    "customer_initiated": N_("The payer asked its bank for the money."),
    "debit_not_authorized": N_("The payer says it did not authorize the debit."),
    "duplicate": N_("The payer says it paid twice."),
    "fraudulent": N_("The payer says it did not pay this itself."),
    "general": N_("The payer's bank gave no reason."),
    "incorrect_account_details": N_("The account was not the payer's."),
    "insufficient_funds": N_("There was not enough money on the account."),
    "product_not_received": N_("The payer says it did not get what it paid for."),
    "product_unacceptable": N_("The payer says it did not get what was agreed."),
    "unrecognized": N_("The payer does not recognize the payment."),
}


def reason_of(code: str | None, about: str | None = None) -> str:
    """Why it was refused, without a word of Stripe's own: those may name people and accounts."""
    return REASONS.get(
        code or "", f"Refused by Stripe: {code or 'no reason given'}{f' ({about})' if about else ''}."
    )


def dispute_reason(code: str) -> str:
    """Why it was taken back; Stripe's own word where it is a rare one."""
    return TAKEN_BACK.get(code, code.replace("_", " "))
