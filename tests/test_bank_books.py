"""The bank against the book, accounts changed by a thief, and the right to hold money: rows of the failure table."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from app.audit.run import OF_MONEY, examine
from app.escrow import bank_rail, receipts
from app.escrow import rules as escrow
from app.escrow.lines import vat_owed
from app.escrow.model import Deposit
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.kit.settings import Settings
from app.ledger.book import total
from app.payouts import comparison, payees
from app.payouts.model import Comparison, Explanation, PayeeAccount, PayoutState
from app.people.access import Actor
from app.rails.bank import accounts
from app.rails.bank.model import BankAccount, BankLine, Basis
from app.rails.switched_on import open_rails
from app.worker import Worker
from tests.bank_cast import MAKER_IBAN, deposits, desk_of, funded, name_bank_account, pay, stage
from tests.bank_desk import BankDesk
from tests.crowd import all_at_once
from tests.money_stage import Stage
from tests.statements import Entry, Part

__all__ = ["stage"]

pytestmark = pytest.mark.long_story


def change(stage: Stage, account: str = "DE89370400440532013000") -> PayeeAccount:
    """Somebody with the role names another account."""
    return stage.act(lambda db: payees.name_account(
        db, rail="bank", holder="Atelier Wiki", account=account, by=stage.maker, at=stage.at
    ))  # fmt: skip


def confirm(stage: Stage, account: PayeeAccount, by: Actor) -> PayeeAccount:
    """One of the fund confirms."""
    return stage.act(
        lambda db: payees.confirm_account(db, db.get_one(PayeeAccount, account.id), by=by, at=stage.at)
    )


@pytest.mark.on_both
def test_release_iban_changed_by_an_attacker_waits_for_three_days_and_two_persons(stage: Stage) -> None:
    funded(stage)
    stage.accepted()
    name_bank_account(stage)
    payout = stage.payouts()[0]
    stage.prepare(payout)
    stage.approve(payout)
    stolen = change(stage)
    stage.rest()
    assert stage.again(payout).state == PayoutState.DUE, (
        "what was approved for the old account does not leave"
    )
    with pytest.raises(Conflict, match="is changing its account"):
        stage.prepare(payout)
    with pytest.raises(Conflict, match="can still object"):
        confirm(stage, stolen, stage.treasurer)
    stage.at += timedelta(days=3)
    confirm(stage, stolen, stage.treasurer)
    with pytest.raises(Refused, match="Another person"):
        confirm(stage, stolen, stage.treasurer)
    before = stage.look(lambda db: payees.account_of(db, stolen.organization_id, "bank"))
    assert before is not None
    assert before.account == MAKER_IBAN
    confirm(stage, stolen, stage.colleague)
    marked = stage.prepare(payout)
    assert marked.to_account == stolen.account
    assert stage.look(lambda db: payees.is_changed(db, marked)), "the first payout to it is marked"


def test_the_payee_itself_refuses_a_change_it_did_not_ask_for(stage: Stage) -> None:
    name_bank_account(stage)
    stolen = change(stage)
    stage.act(lambda db: payees.refuse_account(
        db, db.get_one(PayeeAccount, stolen.id), reason="Not us", by=stage.maker, at=stage.at
    ))  # fmt: skip
    assert stage.look(lambda db: payees.change_of(db, stolen.organization_id, "bank")) is None


def test_an_iban_with_wrong_check_digits_is_not_taken(stage: Stage) -> None:
    with pytest.raises(Refused, match="check digits"):
        change(stage, "FR1420041010050500013M02607")


def compared(stage: Stage) -> Comparison:
    """Hold the bank against the book now."""
    bank = stage.worker.rails["bank"]
    return stage.act(lambda db: comparison.compare(db, bank, at=stage.at))


def test_books_the_bank_says_one_thing_and_the_ledger_another_stops_payouts_and_not_refunds(
    stage: Stage,
) -> None:
    funded(stage)
    stage.accepted()
    name_bank_account(stage)
    assert compared(stage).is_equal
    desk_of(stage).tell(Entry([Part(1_250, text="Charges of the bank")], is_credit=False))
    stage.rest()
    found = compared(stage)
    (line,) = comparison.differences(found)
    assert (line.outside_cents, line.book_cents) == (-1_250, 0)
    with pytest.raises(Conflict, match="do not say the same"):
        stage.prepare(stage.payouts()[0])
    pay(stage, 4_000)
    above = deposits(stage)[-1]
    stage.act(lambda db: receipts.give_back_excess(
        db, db.get_one(Deposit, above.id), by=stage.treasurer, at=stage.at
    ))  # fmt: skip
    stage.rest()
    stage.prepare(stage.payouts("refund")[0])


def test_a_charge_is_explained_only_by_the_operators_own_money(stage: Stage) -> None:
    desk = desk_of(stage)
    desk.balance = 5_000  # the operator's own, on the account before the first call
    desk.tell(Entry([Part(1_250, text="Charges")], is_credit=False))
    stage.rest()
    own, charge = sorted(comparison.differences(compared(stage)), key=lambda line: -line.outside_cents)
    assert (own.outside_cents, charge.outside_cents) == (5_000, -1_250)

    def explain(line: comparison.Difference) -> None:
        stage.act(lambda db: comparison.explain(
            db, "bank", line.outside_id, reason="Ours", by=stage.treasurer, at=stage.at
        ))  # fmt: skip

    with pytest.raises(Refused, match="no money of its own"):
        explain(charge)
    explain(own)
    explain(charge)
    assert compared(stage).is_equal


@pytest.mark.on_both
def test_two_treasurers_explaining_two_charges_at_the_same_moment_never_spend_what_is_held(
    stage: Stage,
) -> None:
    desk = desk_of(stage)
    desk.balance = 2_000
    desk.tell(
        *(Entry([Part(1_250, text=f"Charges {n}", end_to_end_id=f"C{n}")], is_credit=False) for n in (1, 2))
    )
    stage.rest()
    found = comparison.differences(compared(stage))
    own = next(line for line in found if line.outside_cents > 0)
    charges = [line for line in found if line.outside_cents < 0]

    def explain(line: comparison.Difference, by: Actor) -> Callable[[], object]:
        return lambda: stage.act(lambda db: comparison.explain(
            db, "bank", line.outside_id, reason="Ours", by=by, at=stage.at))  # fmt: skip

    explain(own, stage.treasurer)()
    answers = all_at_once([
        explain(line, by) for line, by in zip(charges, (stage.treasurer, stage.colleague), strict=True)
    ])  # fmt: skip
    assert sorted(isinstance(answer, Refused) for answer in answers) == [False, True], answers
    assert stage.look(lambda db: escrow.coverage(db, "bank").margin_cents) == 750


@pytest.mark.on_both
def test_what_was_explained_before_it_was_booked_is_booked_by_the_first_round_and_once(stage: Stage) -> None:
    for name, cents in (("own-1", 5_000), ("charge-1", -6_250)):
        stage.act(lambda db, n=name, c=cents: db.add(Explanation(  # type: ignore[misc]
            rail="bank", outside_id=n, amount_cents=c, reason="Ours", by_id=stage.treasurer.person.id, at=stage.at
        )))  # fmt: skip
    assert not _is_right(stage), "the audit sees it, and no money leaves meanwhile"
    for _again in range(2):
        worker = Worker(stage.database, stage.worker.settings, sends_mails=False)
        worker.until_quiet(stage.at)
        assert [stage.balance(f"{name}:bank") for name in ("own", "taken", "outside")] == [
            5_000,
            6_250,
            -1_250,
        ]
        assert _is_right(stage)
    assert stage.look(lambda db: escrow.coverage(db, "bank").margin_cents) == -1_250, (
        "it was not covered: it shows"
    )


def _is_right(stage: Stage) -> bool:
    return stage.look(lambda db: examine(db, OF_MONEY, at=stage.at))[1]


def test_a_statement_that_was_left_out_shows_as_lines_missing(stage: Stage) -> None:
    desk = desk_of(stage)
    desk.tell(Entry([Part(1_000)]))
    desk.statement(Entry([Part(2_000)]))  # written, never brought in
    desk.tell(Entry([Part(3_000)]))
    stage.rest()
    (line,) = comparison.differences(compared(stage))
    assert (line.outside_id, line.outside_cents) == (comparison.LINES_MISSING, 2_000)


def test_vat_on_fees_is_owed_on_the_rail_it_came_in_by_and_on_no_other(stage: Stage) -> None:
    funded(stage)
    with stage.database.reading() as db:
        assert total(db, "vat") == vat_owed(db, "bank") > 0
        assert escrow.coverage(db, "sandbox") == escrow.Coverage(0, 0)


@pytest.mark.on_both
def test_held_coverage_below_zero_stops_payouts_to_maintainers_and_not_refunds(stage: Stage) -> None:
    funded(stage)
    stage.accepted()
    name_bank_account(stage)
    line = stage.look(lambda db: db.exec(select(BankLine).order_by(col(BankLine.id))).first())
    assert line is not None
    desk_of(stage).take_back(line.public_id)
    stage.rest()
    assert stage.look(lambda db: escrow.coverage(db, "bank")).margin_cents < 0
    with pytest.raises(Conflict, match="is missing on this rail"):
        stage.prepare(stage.payouts()[0])


@pytest.mark.on_both
def test_the_bank_is_offered_only_while_an_account_is_in_use_with_its_legal_basis(
    database: Database, settings: Settings
) -> None:
    both = replace(settings, rails=("sandbox", "bank"))
    with database.reading() as db:
        assert open_rails(db, both) == ("sandbox",)
    desk = BankDesk(database)
    with database.reading() as db:
        assert open_rails(db, both) == ("sandbox", "bank")
        account = accounts.in_use(db)
    assert account is not None
    assert (account.basis, account.basis_reason) == ("institution", "Notary, deed 12/2026")
    database.run(lambda db: accounts.end(db, account, at=desk.at))
    with database.reading() as db:
        assert open_rails(db, both) == ("sandbox",)


def test_nobody_puts_into_use_an_account_they_named(stage: Stage) -> None:
    naming = bank_rail.Naming(MAKER_IBAN, "", "Fonds", "", "", Basis.AGENT, "Registered as agent no. 12")
    named = stage.act(lambda db: bank_rail.name_account(db, naming, by=stage.treasurer, at=stage.at))

    def put_in_use(by: Actor) -> None:
        stage.act(lambda db: bank_rail.confirm_account(
            db, db.get_one(BankAccount, named.id), by=by, at=stage.at
        ))  # fmt: skip

    with pytest.raises(Refused, match="Nobody confirms"):
        put_in_use(stage.treasurer)
    put_in_use(stage.officer)
    used = stage.look(accounts.in_use)
    assert used is not None
    assert used.iban == MAKER_IBAN
    with pytest.raises(Refused, match="right rests"):
        stage.act(lambda db: bank_rail.name_account(
            db, replace(naming, basis_reason=" "), by=stage.treasurer, at=stage.at
        ))  # fmt: skip
