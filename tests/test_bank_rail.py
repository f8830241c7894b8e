"""What comes in by bank files: what the failure table says of it, each row a test named after it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.escrow import bank_rail, receipts, returns
from app.escrow import rules as escrow
from app.escrow.model import Call, CallState, Deposit, DepositState, SuspenseReturn
from app.escrow.proposals import proposal_for
from app.kit.rules import Conflict, Refused
from app.payouts.model import PayoutState
from app.rails.bank.model import BankFile, BankLine
from tests.bank_cast import deposits, desk_of, first, pay, stage
from tests.book import check_book
from tests.money_stage import Stage
from tests.statements import PAYER_IBAN, Entry, Part

__all__ = ["stage"]
pytestmark = pytest.mark.long_story


# ---- collection: part, over, late, double, wrong reference, wrong payer


def test_a_payment_with_its_reference_pays_its_call_and_keeps_what_was_typed(stage: Stage) -> None:
    deposit = pay(stage)
    assert (first(stage).state, deposit.typed) == (CallState.PAID, first(stage).reference)
    assert deposit.payer_account == PAYER_IBAN
    stage.rest()


@pytest.mark.parametrize("how", ["spaced", "in a sentence", "in small letters"])
def test_a_reference_in_free_text_finds_its_call(stage: Stage, how: str) -> None:
    reference = first(stage).reference
    spaced = " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))
    text = {
        "spaced": spaced,
        "in a sentence": f"Invoice 12 / {spaced} thank you",
        "in small letters": reference.lower(),
    }
    deposit = pay(stage, text=text[how])
    assert first(stage).state == CallState.PAID
    assert deposit.typed == text[how]
    check_book(stage.database)


def test_collection_part_payments_add_up(stage: Stage) -> None:
    whole = first(stage).total_cents
    pay(stage, 100_000)
    assert first(stage).state == CallState.PART_PAID
    pay(stage, whole - 100_000)
    assert first(stage).state == CallState.PAID
    stage.rest()


def test_collection_over_and_double_the_rest_stands_in_suspense_and_goes_back(stage: Stage) -> None:
    pay(stage)
    twice = pay(stage)
    assert twice.excess_cents == first(stage).total_cents
    stage.act(
        lambda db: receipts.give_back_excess(
            db, db.get_one(Deposit, twice.id), by=stage.treasurer, at=stage.at
        )
    )
    stage.rest()
    assert stage.payouts("refund")[0].state == PayoutState.DUE


def test_collection_late_is_taken_while_the_campaign_goes_on(stage: Stage) -> None:
    stage.at += timedelta(days=60)
    stage.rest()
    assert first(stage).state == CallState.DEFAULTED
    pay(stage)
    assert first(stage).state == CallState.PAID


def test_collection_wrong_reference_stands_in_suspense_until_somebody_matches_it(stage: Stage) -> None:
    lost = pay(stage, text="invoice of november")
    assert (lost.call_id, lost.typed) == (None, "invoice of november")
    assert [one.id for one in stage.look(escrow.in_suspense)] == [lost.id]
    stage.act(lambda db: receipts.match(
        db, db.get_one(Deposit, lost.id), db.get_one(Call, first(stage).id), by=stage.treasurer, at=stage.at
    ))  # fmt: skip
    assert first(stage).state == CallState.PAID
    stage.rest()


def test_a_call_is_proposed_only_where_one_fits_and_a_person_confirms(stage: Stage) -> None:
    pay(stage, 100_000)
    rest = first(stage).total_cents - 100_000
    lost = pay(stage, rest, text="second half")
    proposed = stage.look(lambda db: proposal_for(db, lost))
    assert proposed is not None
    assert proposed.id == first(stage).id
    assert first(stage).state == CallState.PART_PAID, "nothing is booked by a proposal"
    assert stage.look(lambda db: proposal_for(db, replace_account(lost, "DE00"))) is None


def replace_account(deposit: Deposit, account: str) -> Deposit:
    """The same payment from another account."""
    return Deposit(**{**deposit.model_dump(), "payer_account": account})


@pytest.mark.on_both
def test_collection_wrong_payer_the_money_goes_back_by_two_persons(stage: Stage) -> None:
    lost = pay(stage, 77_700, text="for somebody else")
    back = stage.act(lambda db: returns.prepare(
        db, db.get_one(Deposit, lost.id), reason="Not for us", by=stage.treasurer, at=stage.at
    ))  # fmt: skip
    with pytest.raises(Refused, match="Nobody approves what they prepared"):
        stage.act(
            lambda db: returns.approve(
                db, db.get_one(SuspenseReturn, back.id), by=stage.treasurer, at=stage.at
            )
        )
    with pytest.raises(Conflict, match="on its way back"):
        stage.act(lambda db: receipts.match(
            db, db.get_one(Deposit, lost.id), db.get_one(Call, first(stage).id), by=stage.treasurer, at=stage.at
        ))  # fmt: skip
    stage.act(
        lambda db: returns.approve(db, db.get_one(SuspenseReturn, back.id), by=stage.colleague, at=stage.at)
    )
    stage.rest()
    back = stage.again(back)
    assert (back.state, back.to_account) == ("sent", PAYER_IBAN)
    desk_of(stage).take_out_file()
    desk_of(stage).carry_out(back.outside_id)
    stage.rest()
    assert stage.again(back).state == "paid"
    assert stage.look(escrow.in_suspense) == []
    desk_of(stage).send_back(back.outside_id)
    stage.rest()
    assert stage.again(back).state == "bounced"
    assert [one.id for one in stage.look(escrow.in_suspense)] == [lost.id], "it is in doubt again"


# ---- the same file, the same line, another account, another currency


@pytest.mark.on_both
def test_the_same_file_or_line_twice_changes_nothing(stage: Stage) -> None:
    desk = desk_of(stage)
    file = desk.statement(Entry([Part(1_000, reference=first(stage).reference)], name="A1"))
    kept = desk.read(file)
    stage.rest()
    file.seek(0)
    with pytest.raises(Conflict, match="read already"):
        desk.read(file)
    again = desk.read(desk.statement(Entry([Part(1_000)], name="A1"), kind="054"))
    stage.rest()
    assert (kept.new_lines, again.new_lines, len(deposits(stage))) == (1, 0, 1)


def test_a_line_told_whole_and_later_split_is_booked_once(stage: Stage) -> None:
    desk = desk_of(stage)
    parts = [Part(500, text="one"), Part(600, text="two")]
    desk.tell(Entry(parts, name="B1", details=False))
    desk.read(desk.statement(Entry(parts, name="B1"), kind="054"))
    stage.rest()
    assert [one.amount_cents for one in deposits(stage)] == [1_100]


def test_a_batch_pays_several_calls_in_one_line(stage: Stage) -> None:
    one, other = stage.issued  # type: ignore[attr-defined]
    desk_of(stage).tell(Entry([Part(call.total_cents, reference=call.reference) for call in (one, other)]))
    stage.rest()
    assert {stage.again(call).state for call in (one, other)} == {CallState.PAID}


@pytest.mark.on_both
def test_a_file_that_does_not_add_up_is_refused_whole(stage: Stage) -> None:
    desk = desk_of(stage)
    good = desk.statement(Entry([Part(1_000)], name="X")).getvalue()
    with pytest.raises(Refused, match="does not add up"):
        desk.read(
            type(desk.statement())(
                good.replace(
                    b"10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>",
                    b"10.01</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>",
                )
            )
        )
    assert stage.look(lambda db: db.exec(select(BankFile)).all()) == []
    assert stage.look(lambda db: db.exec(select(BankLine)).all()) == []


def test_collection_wrong_currency_is_never_booked(stage: Stage) -> None:
    desk = desk_of(stage)
    with pytest.raises(Refused, match="more than one currency"):
        desk.tell(Entry([Part(1_000, reference=first(stage).reference)], currency="USD"))
    assert deposits(stage) == []


def test_a_statement_of_a_strange_account_is_refused(stage: Stage) -> None:
    file = desk_of(stage).statement(Entry([Part(1_000)]))
    other = type(file)(file.getvalue().replace(b"FR7630001007941234567890185", b"DE89370400440532013000"))
    with pytest.raises(Refused, match="none of ours"):
        desk_of(stage).read(other)


def test_only_a_treasurer_brings_a_statement_in(stage: Stage) -> None:
    file = desk_of(stage).statement(Entry([Part(1_000)]))
    for who in (stage.officer, stage.auditor, stage.maker):
        with pytest.raises(Refused):
            stage.act(lambda db, who=who: bank_rail.bring_in(db, file, "x", by=who, at=stage.at))  # type: ignore[misc]


# ---- collection: called back by the payer's bank


def test_a_transfer_called_back_is_a_charge_back(stage: Stage) -> None:
    pay(stage)
    line = stage.look(lambda db: db.exec(select(BankLine)).one())
    desk_of(stage).take_back(line.public_id)
    stage.rest()
    assert first(stage).state == CallState.CHARGED_BACK
    assert deposits(stage)[0].state == DepositState.CHARGED_BACK
