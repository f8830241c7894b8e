"""The chart: every account money can stand on, by code. See docs/money.md for what each means to an accountant."""

from sqlmodel import Session

from app.campaigns.model import Part, Pledge
from app.kit.money import Cents
from app.ledger.book import AccountName, balance, lock, total


def outside(rail: str, currency: str) -> AccountName:
    """What a bank or provider holds for us. A charge-back may take it below what we owe, even below zero."""
    return AccountName(f"outside:{rail}", "debit", currency, may_go_below=True)


def held(pledge: Pledge) -> AccountName:
    """A backer's money for its parts, owed to nobody yet."""
    return AccountName(f"held:{pledge.campaign_id}:{pledge.id}:{pledge.rail}", "credit", pledge.currency)


def held_vat(pledge: Pledge) -> AccountName:
    """The maintainer's VAT on those parts."""
    return AccountName(f"held-vat:{pledge.campaign_id}:{pledge.id}:{pledge.rail}", "credit", pledge.currency)


def held_fee(pledge: Pledge) -> AccountName:
    """Money for the fee of a call that is not fully paid yet: not earned, so still the backer's."""
    return AccountName(f"held-fee:{pledge.campaign_id}:{pledge.id}:{pledge.rail}", "credit", pledge.currency)


def owed(part: Part, payee_id: int, rail: str, currency: str) -> AccountName:
    """Released to the maintainer, to be paid out."""
    return AccountName(f"owed:{payee_id}:{part.campaign_id}:{rail}", "credit", currency)


def back(pledge: Pledge) -> AccountName:
    """To be refunded to the backer."""
    return AccountName(f"back:{pledge.id}:{pledge.rail}", "credit", pledge.currency)


def suspense(rail: str, currency: str) -> AccountName:
    """Received and not matched: an unknown reference, or more than was called."""
    return AccountName(f"suspense:{rail}", "credit", currency)


def claim(pledge: Pledge) -> AccountName:
    """Taken back by the backer's bank after it was released or refunded: the backer owes it."""
    return AccountName(f"claim:{pledge.id}:{pledge.rail}", "debit", pledge.currency)


def fees(currency: str) -> AccountName:
    """The operator's fee, earned when its call is collected."""
    return AccountName("fees", "credit", currency)


def costs(rail: str, currency: str) -> AccountName:
    """What a rail kept for itself. Fees have to cover it: held money never does. Won disputes may give some back."""
    return AccountName(f"costs:{rail}", "debit", currency)


def own(rail: str, currency: str) -> AccountName:
    """The operator's own money on a rail: what it paid in there, or paid for a backer by another means."""
    return AccountName(f"own:{rail}", "credit", currency)


def taken(rail: str, currency: str) -> AccountName:
    """What left a rail for the operator itself: its earned fees, a charge of the bank. Never held money."""
    return AccountName(f"taken:{rail}", "debit", currency)


def losses(rail: str, currency: str) -> AccountName:
    """Money sent back from suspense that its payer's bank took back as well: the operator has to make it good."""
    return AccountName(f"losses:{rail}", "debit", currency)


def vat_on_fees(currency: str) -> AccountName:
    """VAT the operator owes on its fees."""
    return AccountName("vat", "credit", currency)


def to_empty(code: str, currency: str) -> AccountName:
    """The account of this code, of those that owe somebody something: `owed` or `back`, as a payout names it."""
    return AccountName(code, "credit", currency)


def hold(db: Session, code: str) -> None:
    """Nobody else moves anything on this account until the transaction ends."""
    lock(db, code)


def claimed_on(db: Session, rail: str) -> Cents:
    """What backers of a rail owe since their banks took it back."""
    return total(db, "claim:", last=rail)


def standing(db: Session, code: str) -> Cents:
    """What stands on the account of this code now; zero where it was never opened."""
    return balance(db, code)
