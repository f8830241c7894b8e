"""Why a bank sends a payment back, in words: the codes of ISO 20022 that people meet."""

from app.kit.words import N_

REASONS = {
    "AC01": N_("The account number is wrong."),
    "AC03": N_("The account number is wrong."),
    "AC04": N_("The account is closed."),
    "AC06": N_("The account is blocked."),
    "AC13": N_("A private account cannot be debited this way."),
    "AG01": N_("The account does not take this kind of payment."),
    "AG02": N_("The bank does not know this kind of payment."),
    "AM04": N_("There is not enough money on the account."),
    "AM05": N_("The payment was made twice."),
    "BE04": N_("The address of the payee is missing."),
    "CNOR": N_("The payee's bank does not take part."),
    "CUST": N_("The payer or the payee asked for it."),
    "DNOR": N_("The payer's bank does not take part."),
    "FF01": N_("The bank could not read the payment."),
    "FOCR": N_("The payment was called back."),
    "MD01": N_("There is no mandate."),
    "MD06": N_("The payer asked for the money back."),
    "MD07": N_("The account holder has died."),
    "MS02": N_("The payer or payee gave no reason."),
    "MS03": N_("The bank gave no reason."),
    "RC01": N_("The bank is not known by this code."),
    "RR01": N_("The payer's account is missing."),
    "RR02": N_("The payer's name is missing."),
    "RR03": N_("The payee's name is missing."),
    "RR04": N_("A regulation forbids it."),
    "SL01": N_("The payer's bank offers a service that refused it."),
    "TECH": N_("A technical fault."),
}

# Another try may go through: the money was not there that day, or the fault was not the payer's.
AGAIN = frozenset({"AM04", "MS03", "TECH"})
# The payer, or its bank, says that nobody permitted it: nothing is pulled by this mandate any more.
DISPUTED = frozenset({"MD01", "MD06", "MS02", "SL01"})
# Nothing can ever be pulled from this account.
CLOSED = frozenset({
    "AC01", "AC03", "AC04", "AC06", "AC13", "AG01", "AG02", "DNOR", "MD07", "RC01", "RR01", "RR04",
})  # fmt: skip


def code_of(reason: str) -> str:
    """The bank's code in a reason as it is kept."""
    return reason.partition(":")[0].strip()


def reason_of(code: str, said: str = "") -> str:
    """The code with what it means, as it is kept; pages translate the sentence."""
    words = REASONS.get(code, "") or said
    return f"{code}: {words}" if code and words else code or words
