"""Mandates for bank debits: given by a payer, in force once the fund has the signed paper, until one of their ends."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.escrow import saved
from app.escrow.model_outside import MeansStanding, PaymentMeans
from app.kit.clock import day_of
from app.kit.rules import Conflict, Missing, require
from app.kit.series import next_number
from app.kit.states import move
from app.kit.words import N_
from app.people.access import Actor, require_role
from app.people.model import Organization, Role
from app.people.operator import operator_of
from app.people.step import record
from app.rails.bank import accounts, reasons
from app.rails.bank.model import NAME as BANK
from app.rails.bank.model import BankOrder
from app.rails.bank.model_mandates import NOTICE_DAYS, BankMandate, MandateState, Scheme
from app.rails.capabilities import MeansName
from app.rails.rail import Happened, Movement

STAFF = (Role.TREASURER, Role.OFFICER)
# By the rulebook of SEPA a mandate that was not used for so long ends.
MONTHS_WITHOUT_USE = 36
LAPSED = N_("not used for 36 months")
SEPA = frozenset({
    "AD", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "SM", "VA",
})  # fmt: skip
FEWEST_DAYS = 1


@dataclass(frozen=True)
class Given:
    """A mandate as its payer writes it down."""

    holder: str
    iban: str
    scheme: str
    notice_days: int = NOTICE_DAYS


def give(db: Session, given: Given, *, by: Actor, at: datetime) -> PaymentMeans:
    """Write a mandate down, to be printed and signed. Nothing is debited before the fund has the signed paper."""
    saved.require_payer(by)
    account = accounts.in_use(db)
    require(
        account is not None and account.creditor_id, "Direct debit by bank is not offered here.", status=409
    )
    assert account is not None
    iban = accounts.iban_of(given.iban, field="iban")
    require(iban[:2] in SEPA, "Banks of this country take no SEPA debits.", field="iban")
    require(given.scheme in list(Scheme), "Please choose one of the answers.", field="scheme")
    require(
        FEWEST_DAYS <= given.notice_days <= NOTICE_DAYS, "Between 1 and 14 days, please.", field="notice_days"
    )
    waiting = select(PaymentMeans.id).where(
        PaymentMeans.organization_id == by.organization.id, PaymentMeans.rail == BANK,
        PaymentMeans.state == MeansStanding.ASKED,
    )  # fmt: skip
    if db.exec(waiting).first():
        raise Conflict(
            "A mandate of yours waits for its signed paper already: sign that one, or drop it first."
        )
    today = day_of(at, operator_of(db).zone)
    mandate = BankMandate(
        payer=by.organization.public_id, reference=f"JALON-M{next_number(db, 'mandate', today.year)}",
        scheme=given.scheme, holder=given.holder.strip(), iban=iban, creditor=account.holder,
        creditor_id=account.creditor_id, notice_days=given.notice_days, signed_on=today, asked_at=at,
    )  # fmt: skip
    left = PaymentMeans(
        organization_id=by.organization.id, rail=BANK, means=MeansName.DEBIT, token=mandate.reference,
        shown=f"… {iban[-4:]}", asked_by_id=by.person.id, asked_at=at,
    )  # fmt: skip
    db.add_all((mandate, left))
    db.flush()
    record(db, "give mandate", mandate, by=by, at=at, reference=mandate.reference, scheme=mandate.scheme)
    record(db, "ask for", left, by=by, at=at, rail=BANK, means=left.means)
    return left


def confirm(
    db: Session,
    mandate: BankMandate,
    *,
    signed_on: date,
    bank_confirmed_on: date | None,
    by: Actor,
    at: datetime,
) -> BankMandate:
    """The signed paper is here, and for B2B the payer's bank has confirmed it: from now on calls are debited by it."""
    mandate, left = _waiting(db, mandate, by)
    today = day_of(at, operator_of(db).zone)
    first = day_of(mandate.asked_at, operator_of(db).zone)
    require(
        first <= signed_on <= today,
        "It was written down on %(first)s: it was signed on that day or after, until today.",
        field="signed_on", first=first,
    )  # fmt: skip
    if mandate.scheme == Scheme.B2B:
        require(
            bank_confirmed_on is not None,
            "Between businesses the payer's bank has to confirm the mandate first: please say on which day it did.",
            field="bank_confirmed_on",
        )
        assert bank_confirmed_on is not None
        require(
            signed_on <= bank_confirmed_on <= today,
            "The bank confirmed it after it was signed, and not later than today.",
            field="bank_confirmed_on",
        )
        mandate.bank_confirmed_on = bank_confirmed_on
    before = mandate.state
    move(mandate, MandateState.ACTIVE)
    mandate.signed_on, mandate.confirmed_by_id, mandate.confirmed_at = signed_on, by.person.id, at
    left.active_at = at
    record(
        db, "confirm mandate", mandate, by=by, at=at, before=before, reference=mandate.reference,
        signed_on=signed_on.isoformat(),
    )  # fmt: skip
    saved.go(db, left, MeansStanding.ACTIVE, by=by, at=at, act="active")
    return mandate


def refuse(db: Session, mandate: BankMandate, *, reason: str, by: Actor, at: datetime) -> BankMandate:
    """The paper never came, or is not what was written down: the payer is told why and may give another."""
    require(reason.strip(), "Please give the reason.", field="reason")
    mandate, left = _waiting(db, mandate, by)
    _end(db, mandate, MandateState.REFUSED, reason.strip(), by=by, at=at)
    saved.go(db, left, MeansStanding.FAILED, by=by, at=at, act="failed", reason=reason.strip())
    return mandate


def _waiting(db: Session, mandate: BankMandate, by: Actor) -> tuple[BankMandate, PaymentMeans]:
    require_role(by, *STAFF)
    require(by.is_fund, "Your role does not allow this.", status=403)
    mandate = locked(db, mandate)
    if mandate.state != MandateState.ASKED:
        raise Conflict("This mandate does not wait for its paper any more.")
    return mandate, means_of(db, mandate)


def revoke(db: Session, left: PaymentMeans, *, by: Actor, at: datetime) -> PaymentMeans:
    """The payer takes back what it left: a card, or a mandate, of which the fund debits nothing more."""
    left = saved.revoke(db, left, by=by, at=at)
    if left.rail == BANK:
        _end(db, locked(db, mandate_of(db, left)), MandateState.REVOKED, "", by=by, at=at)
    return left


def heed(db: Session, rail: str, movement: Movement, *, at: datetime) -> None:
    """A debit came back: where nobody permitted it, or its account is closed, its mandate is not used again."""
    code = reasons.code_of(movement.reason)
    if movement.happened not in (Happened.CHARGED_BACK, Happened.MONEY_IN_FAILED) or code not in (
        reasons.DISPUTED | reasons.CLOSED
    ):
        return
    order = db.exec(select(BankOrder).where(BankOrder.public_id == movement.outside_id)).first()
    found = db.get(BankMandate, order.mandate_id) if order and order.mandate_id else None
    if rail != BANK or found is None:
        return
    mandate = locked(db, found)
    if mandate.state != MandateState.ACTIVE:
        return
    _end(db, mandate, MandateState.BLOCKED, movement.reason, by=None, at=at)
    saved.go(
        db, means_of(db, mandate), MeansStanding.ENDED, by=None, at=at, act="block", reason=movement.reason
    )


def to_lapse(db: Session, at: datetime) -> list[int]:
    """Mandates that nothing was debited by for 36 months."""
    day = day_of(at, operator_of(db).zone) if db.exec(select(BankMandate.id).limit(1)).first() else at.date()
    before = months_before(day, MONTHS_WITHOUT_USE)
    found = db.exec(select(BankMandate).where(BankMandate.state == MandateState.ACTIVE))
    return [one.id for one in found if (one.last_used_on or one.signed_on) < before]


def lapse(db: Session, mandate_id: int, *, at: datetime) -> None:
    """A mandate nobody used for 36 months ends by itself."""
    mandate = locked(db, by_id(db, mandate_id))
    if mandate.state != MandateState.ACTIVE:
        return
    _end(db, mandate, MandateState.LAPSED, LAPSED, by=None, at=at)
    saved.go(db, means_of(db, mandate), MeansStanding.ENDED, by=None, at=at, act="lapse", reason=LAPSED)


def months_before(day: date, months: int) -> date:
    """The day so many months earlier; at the end of a shorter month, its last day."""
    from calendar import monthrange

    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _end(
    db: Session, mandate: BankMandate, state: MandateState, reason: str, *, by: Actor | None, at: datetime
) -> None:
    before = mandate.state
    move(mandate, state)
    mandate.reason, mandate.ended_at = reason[:300], at
    record(
        db, f"{state.value} mandate", mandate, by=by, at=at, before=before, reference=mandate.reference,
        reason=mandate.reason,
    )  # fmt: skip


def mandate_of(db: Session, left: PaymentMeans) -> BankMandate:
    """The mandate behind what an organization left. Raises `Missing`."""
    found = db.exec(select(BankMandate).where(BankMandate.reference == left.token)).first()
    if left.rail != BANK or found is None:
        raise Missing
    return found


def is_mandate(left: PaymentMeans) -> bool:
    """Whether what was left is a mandate of ours, with a paper, and not a provider's."""
    return left.rail == BANK


def by_id(db: Session, mandate_id: int) -> BankMandate:
    """The mandate with this number."""
    return db.get_one(BankMandate, mandate_id)


def means_of(db: Session, mandate: BankMandate) -> PaymentMeans:
    """What stands for this mandate among what its payer left."""
    query = select(PaymentMeans).where(PaymentMeans.rail == BANK, PaymentMeans.token == mandate.reference)
    return db.exec(query).one()


def payer_of(db: Session, mandate: BankMandate) -> Organization:
    """Whose account it is."""
    return db.exec(select(Organization).where(Organization.public_id == mandate.payer)).one()


def locked(db: Session, mandate: BankMandate) -> BankMandate:
    """The mandate as it is now, held until the transaction ends."""
    query = select(BankMandate).where(BankMandate.id == mandate.id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def waiting(db: Session) -> list[tuple[BankMandate, Organization]]:
    """Mandates whose signed paper is not here, oldest first."""
    query = (
        select(BankMandate, Organization)
        .join(Organization, col(Organization.public_id) == col(BankMandate.payer))
        .where(BankMandate.state == MandateState.ASKED)
        .order_by(col(BankMandate.id))
    )
    return list(db.exec(query))
