"""The words of the bank rail: by what right money is held, and what became of a line."""

from app.escrow.model import Deposit, DepositState
from app.kit.words import N_, _
from app.rails.bank.model import BankLine, Basis
from app.rails.rail import Happened

BASES = {
    Basis.SELLER: (
        N_("The fund sells in its own name"),
        N_("It buys from the maintainers and sells to the backers: what backers pay is the price of what it sells."),
    ),
    Basis.INSTITUTION: (
        N_("A licensed institution or a notary holds the account"),
        N_("A bank, a payment institution or a notary keeps the money for the parties, by a contract with the fund."),
    ),
    Basis.AGENT: (
        N_("The fund is a registered agent"),
        N_("It is registered as the agent of a payment institution, which answers for the money."),
    ),
}  # fmt: skip


def basis_words(basis: str) -> str:
    """By what right money is held, in a few words."""
    return _(BASES[Basis(basis)][0])


def line_words(line: BankLine, deposit: Deposit | None) -> tuple[str, str]:
    """What became of a line: words, and the kind of their mark."""
    if deposit is not None:
        if deposit.state != DepositState.RECEIVED:
            return _("Taken back"), "bad"
        if deposit.call_id is None:
            return _("In doubt"), "waits"
        return (
            (_("Paid a call"), "done") if not deposit.excess_cents else (_("More than was called"), "waits")
        )
    known = {
        Happened.PAID_OUT: (_("Our payment"), "done"),
        Happened.BOUNCED: (_("Came back"), "bad"),
        Happened.CHARGED_BACK: (_("Taken back"), "bad"),
        Happened.MONEY_IN_FAILED: (_("Debit refused"), "bad"),
        Happened.OTHER: (_("Not explained"), "bad"),
    }
    if Happened(line.happened) in known:
        return known[Happened(line.happened)]
    return (_("Our debit"), "done") if line.about != line.public_id else (_("Being booked"), "open")
