"""What the access table speaks of at the bank: accounts, a file read, orders, a file made, money on its way back."""

from datetime import timedelta

from sqlmodel import Session, col, select

from app.demo.cast import BANK
from app.escrow import left_over, receipts, returns
from app.escrow.model import Deposit
from app.escrow.model_left import LeftOver
from app.escrow.model_outside import BankDispute, PaymentMeans
from app.kit.clock import now
from app.kit.public_id import public_id
from app.payouts.model import PayeeAccount
from app.people.access import Actor
from app.people.model import Kind, Organization, Person
from app.people.step import record
from app.rails.bank import accounts, orders, statements
from app.rails.bank.model import BankOrder, Basis, BatchKind
from app.rails.bank.model_mandates import BankMandate
from app.rails.rail import Happened, Movement
from tests.statements import OUR_IBAN, PAYER_IBAN, Book, Entry, Part

SOMEBODY, ELSE = 1_000_001, 1_000_002


def furnish(db: Session, second: Actor, names: dict[str, str]) -> None:
    """One of each, in the state its forms need."""
    at = now()
    names["rail"] = "sandbox"
    for name, iban in (("in_use", OUR_IBAN), ("named", PAYER_IBAN)):
        account = accounts.name(
            db, iban=iban, bic="", holder="Fonds des essais", bank_name="", currency="EUR",
            creditor_id="DE98ZZZ09999999999" if name == "in_use" else "",
            basis=Basis.AGENT, basis_reason="Register 12", by_id=SOMEBODY, at=at,
        )  # fmt: skip
        names[f"bank.{name}"] = account.public_id
        if name == "in_use":
            accounts.put_in_use(db, account, by_id=ELSE, at=at)
    _leave_means(db, names)
    kept = statements.keep(
        db, Book([Entry([Part(100)], is_credit=False)]).write(), "camt.xml", by_id=None, at=at
    )
    names["bank.file"] = kept.public_id
    for name in ("waiting", "carried"):
        order = BankOrder(
            order_key=name, end_to_end_id=f"JALON{name.upper()}", amount_cents=100, currency="EUR", other_name="Jo",
            other_account=PAYER_IBAN, ordered_at=at,
        )  # fmt: skip
        db.add(order)
        db.flush()
        names[f"order.{name}"] = order.public_id
    used = accounts.in_use(db)
    assert used is not None
    carried = orders.waiting(db, BatchKind.TRANSFERS)[1:]
    names["batch"] = orders.make_file(
        db, carried, used, execute_on=at.date(), by_id=SOMEBODY, at=at
    ).public_id
    maker = db.exec(
        select(Organization).where(Organization.kind == Kind.MAINTAINER).order_by(col(Organization.id))
    )
    of = maker.first()
    assert of is not None
    for name in ("waiting", "ripe"):
        changed = PayeeAccount(
            organization_id=of.id, rail="bank", holder="Us", account=PAYER_IBAN, named_by_id=second.person.id,
            named_at=at, is_change=True, waits_until=at if name == "ripe" else at + timedelta(days=3),
        )  # fmt: skip
        changed.named_by_id = db.exec(select(Person.id).order_by(col(Person.id).desc())).first() or 0
        db.add(changed)
        db.flush()
        names[f"payee.{name}"] = changed.public_id
    for name in ("stray", "leaving"):
        deposit = receipts.take_in(
            db, "sandbox", Movement(public_id(), Happened.MONEY_IN, 100, "EUR", "", "Jo", "XX123", at), at=at
        )
        assert deposit is not None
        names[f"deposit.{name}"] = deposit.public_id
        if name == "stray":
            furnish_charge_back(db, deposit, names)
        if name == "leaving":
            back = returns.prepare(db, deposit, reason="Not ours", by=second, at=at)
            names["return"] = back.public_id
    _leave_over(db, second, names)


def _leave_over(db: Session, second: Actor, names: dict[str, str]) -> None:
    """What lies with a provider for a payer: to be decided on, and on its way back."""
    payer = db.exec(select(Organization).where(Organization.kind == Kind.CORPORATE)).first()
    assert payer is not None
    for name in ("open", "prepared"):
        left = LeftOver(
            rail="stripe", outside_id=f"cus_{name}", organization_id=payer.id, currency="EUR", amount_cents=1_500,
            seen_at=now(),
        )  # fmt: skip
        db.add(left)
        db.flush()
        if name == "prepared":
            left_over.prepare(db, left, reason="Too much", by=second, at=now())
        names[f"left.{name}"] = left.public_id


def furnish_charge_back(db: Session, stray: Deposit, names: dict[str, str]) -> None:
    """A charge-back that can be contested: of a payment for a call, where there is one."""
    query = select(Deposit).where(col(Deposit.call_id).is_not(None)).order_by(col(Deposit.id))
    deposit = db.exec(query).first() or stray
    names["movement"] = f"sandbox:{deposit.outside_id}"
    dispute = BankDispute(
        rail="sandbox", outside_id="dispute", deposit_id=deposit.id, opened_at=now(),
        answer_by=now() + timedelta(days=7),
    )  # fmt: skip
    db.add(dispute)
    db.flush()
    record(db, "open", dispute, by=None, at=now(), amount=deposit.amount_cents, reason="")
    names["chargeback"] = dispute.public_id


def _leave_means(db: Session, names: dict[str, str]) -> None:
    """A mandate that waits for its paper, of the bank whose buyers look."""
    at = now()
    known = select(Organization).where(col(Organization.name).in_(("Banque des Essais", BANK.name)))
    bank = db.exec(known).one()
    account = accounts.in_use(db)
    assert account is not None
    mandate = BankMandate(
        payer=bank.public_id, reference="JALON-M1", scheme="B2B", holder=bank.name, iban=PAYER_IBAN,
        creditor=account.holder, creditor_id=account.creditor_id, signed_on=at.date(), asked_at=at,
    )  # fmt: skip
    left = PaymentMeans(
        organization_id=bank.id, rail="bank", means="direct debit", token=mandate.reference, shown="… 3000",
        asked_by_id=db.exec(select(Person.id).order_by(col(Person.id))).first() or 0, asked_at=at,
    )  # fmt: skip
    db.add_all((mandate, left))
    db.flush()
    names["mandate"], names["means"] = mandate.public_id, left.public_id
