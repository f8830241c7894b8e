"""Bank debits by mandate: given, signed, announced, filed, paid; returned, tried once more, revoked, lapsed."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from sqlmodel import select

from app.audit import acts
from app.audit.run import OF_MONEY, examine
from app.escrow import mandates, saved
from app.escrow.announced import being_pulled
from app.escrow.mandates import Given
from app.escrow.model import Call, CallState
from app.escrow.model_outside import CollectionState, MeansStanding, PaymentMeans
from app.escrow.pulling import is_pulled
from app.kit.clock import is_business_day
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.kit.settings import Settings
from app.payouts import batches
from app.people.access import Actor
from app.rails.bank import orders
from app.rails.bank.model import BankBatch, OrderState
from app.rails.bank.model_mandates import BankMandate, MandateState
from tests.debit_cast import CREDITOR, Debited, debit_stage
from tests.statements import PAYER_IBAN

pytestmark = pytest.mark.long_story

OURS = ("BankMandate", "PaymentMeans", "Collection", "Call", "Deposit", "BankBatch")


@pytest.fixture
def stage(database: Database, settings: Settings) -> Debited:
    """Everybody, before anything is left."""
    return debit_stage(database, settings)


def check(stage: Debited) -> None:
    """The book passes its audit, and each of our rows stands where its last step left it."""
    with stage.database.reading() as db:
        lines, is_right = examine(db, OF_MONEY, at=stage.at)
        lost = [one for one in acts.unrecorded_states(db, stage.at) if one.startswith(OURS)]
    assert is_right, "\n".join(line for line in lines if "WRONG" in line or line.startswith("         "))
    assert not lost


def give(stage: Debited, by: Actor, **changes: object) -> None:
    """Write a mandate down as somebody."""
    given = Given(**({"holder": "Lumen", "iban": PAYER_IBAN, "scheme": "CORE"} | changes))  # type: ignore[arg-type]
    stage.act(lambda db: mandates.give(db, given, by=by, at=stage.at))


# ---- The mandate


def test_only_who_pays_gives_a_mandate_of_an_account_banks_know_by_one_of_two_schemes(stage: Debited) -> None:
    payer = stage.backers[0]
    with pytest.raises(Refused, match="check digits"):
        give(stage, payer, iban=PAYER_IBAN[:-1] + "1")
    with pytest.raises(Refused, match="this country"):
        give(stage, payer, iban="GE29NB0000000101904917")
    with pytest.raises(Refused, match="one of the answers"):
        give(stage, payer, scheme="COR1")
    with pytest.raises(Refused, match="Between 1 and 14"):
        give(stage, payer, notice_days=15)
    for other in (stage.officer, stage.maker):
        with pytest.raises(Refused) as refused:
            give(stage, other)
        assert refused.value.status == 403
    give(stage, payer)
    with pytest.raises(Conflict, match="waits for its signed paper already"):
        give(stage, payer)


def test_a_mandate_debits_nothing_before_the_fund_has_its_signed_paper(stage: Debited) -> None:
    mandate = stage.give()
    assert (mandate.reference, mandate.creditor_id) == ("JALON-M2026-0001", CREDITOR)
    stage.called()
    assert stage.waiting() == []
    assert stage.collections() == []
    stage.confirm(mandate)
    stage.worker.until_quiet(stage.at)
    assert [order.amount_cents for order in stage.waiting()] == [stage.collections()[0].amount_cents]
    check(stage)


@pytest.mark.on_both
def test_between_businesses_the_payers_bank_confirms_first(stage: Debited) -> None:
    mandate = stage.give("B2B")
    with pytest.raises(Refused, match="has to confirm the mandate first"):
        stage.confirm(mandate)
    confirmed = stage.confirm(mandate, bank_confirmed_on=stage.at.date())
    assert (confirmed.state, stage.means().state) == (MandateState.ACTIVE, MeansStanding.ACTIVE)


def test_a_paper_that_is_not_right_is_refused_with_a_reason_and_another_can_be_given(stage: Debited) -> None:
    mandate = stage.give()
    with pytest.raises(Refused, match="reason"):
        stage.act(lambda db: mandates.refuse(db, mandate, reason=" ", by=stage.officer, at=stage.at))
    stage.act(lambda db: mandates.refuse(db, mandate, reason="Not signed", by=stage.officer, at=stage.at))
    assert (stage.means().state, stage.means().reason) == (MeansStanding.FAILED, "Not signed")
    with pytest.raises(Conflict):
        stage.confirm(mandate)
    assert stage.give().reference == "JALON-M2026-0002"
    check(stage)


def test_a_mandate_nobody_used_for_36_months_is_not_used_any_more(stage: Debited) -> None:
    mandate = stage.confirm(stage.give())
    today = stage.at.date()
    assert stage.look(lambda db: mandates.to_lapse(db, stage.at.replace(year=today.year + 3))) == []
    late = stage.at.replace(year=today.year + 3) + timedelta(days=1)
    assert stage.look(lambda db: mandates.to_lapse(db, late)) == [mandate.id]
    stage.act(lambda db: mandates.lapse(db, mandate.id, at=late))
    assert (stage.again(mandate).state, stage.means().state) == (MandateState.LAPSED, MeansStanding.ENDED)
    check(stage)


# ---- From the call to the money


def test_a_debit_is_announced_pulled_and_paid(stage: Debited) -> None:
    _mandate, call = stage.agreed()
    wanted = stage.collections()[0]
    order = stage.waiting()[0]
    assert wanted.pull_on
    assert wanted.pull_on >= stage.at.date() + timedelta(days=14)
    assert wanted.pull_on <= call.due_on
    assert is_business_day(wanted.pull_on)
    assert order.due_on == wanted.pull_on
    told = stage.mails("Collection_announce")
    assert [(one["to"], one["facts"]["pull_on"]) for one in told] == [
        (stage.backers[0].person.email, wanted.pull_on.isoformat())
    ]
    with pytest.raises(Refused, match="was announced to its payer for"):
        stage.make_file(on=wanted.pull_on - timedelta(days=1 if wanted.pull_on.weekday() else 3))
    batch = stage.make_file()
    tree = ElementTree.fromstring(stage.take_out(batch))
    said = {one.tag.partition("}")[2]: one.text for one in tree.iter()}
    assert (said["MndtId"], said["SeqTp"], said["Cd"], said["ReqdColltnDt"]) == (
        "JALON-M2026-0001", "FRST", "SCOR", wanted.pull_on.isoformat()
    )  # fmt: skip
    with pytest.raises(Conflict, match="handed out already"):
        stage.take_out(batch)
    assert stage.collections()[0].state == CollectionState.PROCESSING
    stage.go_to(wanted.pull_on)
    stage.desk.carry_out(order.public_id, is_credit=True)
    stage.worker.until_quiet(stage.at)
    assert (stage.again(call).state, stage.collections()[0].state) == (CallState.PAID, CollectionState.PAID)
    check(stage)


@pytest.mark.on_both
def test_who_left_a_mandate_is_not_in_default_while_the_debit_is_on_its_way(stage: Debited) -> None:
    _mandate, call = stage.agreed()
    stage.go_to(call.due_on + timedelta(days=2))
    stage.worker.until_quiet(stage.at)
    assert stage.again(call).state == CallState.ISSUED
    assert stage.again(call).reminded == 0
    pulled = stage.collections()[0].pull_on
    assert pulled is not None
    assert stage.look(lambda db: list(db.exec(select(Call.id).where(being_pulled(stage.at))))) == [call.id]
    stage.go_to(pulled + timedelta(days=31))
    stage.worker.until_quiet(stage.at)
    assert stage.again(call).state == CallState.DEFAULTED, "a debit nobody filed is on its way no more"


def test_a_debit_without_cover_is_announced_anew_and_tried_once_more_then_transferred(stage: Debited) -> None:
    _mandate, call, order = stage.agreed_and_debited()
    stage.send_back(order, "AM04")
    assert stage.again(call).state == CallState.CHARGED_BACK
    assert stage.look(lambda db: is_pulled(db, stage.again(call))), "nobody is asked to send it as well"
    [first] = stage.collections()
    assert (first.state, first.reason[:5]) == (CollectionState.TAKEN_BACK, "AM04:")
    stage.at += timedelta(days=7)
    stage.worker.until_quiet(stage.at)
    second = stage.collections()[1]
    assert second.pull_on
    assert second.pull_on >= stage.at.date() + timedelta(days=14)
    stage.send_back(again := stage.debited(), "AM04")
    assert again.state == OrderState.DONE
    assert not stage.look(lambda db: is_pulled(db, stage.again(call))), "from now on it is to be sent"
    stage.at += timedelta(days=30)
    stage.worker.until_quiet(stage.at)
    assert len(stage.collections()) == 2
    assert stage.waiting() == []
    stage.desk.pay_in(call.total_cents, call.reference)
    stage.worker.until_quiet(stage.at)
    assert stage.again(call).state == CallState.PAID
    check(stage)


@pytest.mark.parametrize("code", ["MD01", pytest.param("MD06", marks=pytest.mark.on_both), "MS02", "AC04"])
def test_a_disputed_mandate_or_a_closed_account_is_never_debited_again(stage: Debited, code: str) -> None:
    mandate, call, order = stage.agreed_and_debited()
    stage.send_back(order, code)
    assert (stage.again(call).state, stage.again(mandate).state) == (
        CallState.CHARGED_BACK,
        MandateState.BLOCKED,
    )
    assert stage.again(mandate).reason.startswith(f"{code}:")
    stage.at += timedelta(days=30)
    stage.worker.until_quiet(stage.at)
    assert len(stage.collections()) == 1
    assert stage.means().state == MeansStanding.ENDED
    check(stage)


@pytest.mark.on_both
def test_the_second_debit_of_a_mandate_is_a_recurring_one(stage: Debited) -> None:
    mandate = stage.confirm(stage.give(notice_days=1))
    stage.called()
    stage.debited()
    assert stage.again(mandate).last_used_on == stage.at.date()
    assert not any(
        row.is_first
        for row in stage.look(
            lambda db: batches.about(db, orders.orders_of(db, db.exec(select(BankBatch)).one()))
        )
    )


# ---- Revoked


def test_revoked_before_a_file_nothing_is_debited_and_the_call_is_transferred(stage: Debited) -> None:
    _mandate, call = stage.agreed()
    stage.revoke()
    stage.worker.until_quiet(stage.at)
    assert [one.state for one in stage.collections()] == [CollectionState.DROPPED]
    assert stage.waiting() == []
    stage.desk.pay_in(call.total_cents, call.reference)
    stage.worker.until_quiet(stage.at)
    assert stage.again(call).state == CallState.PAID
    with pytest.raises(Conflict, match="not used any more"):
        stage.revoke()
    check(stage)


@pytest.mark.on_both
def test_revoked_while_its_file_is_not_out_the_file_is_not_handed_out(stage: Debited) -> None:
    stage.agreed()
    order = stage.waiting()[0]
    assert order.due_on
    stage.go_to(order.due_on - timedelta(days=4))
    batch = stage.make_file()
    stage.revoke()
    stage.worker.until_quiet(stage.at)
    with pytest.raises(Conflict, match="not in force any more"):
        stage.take_out(batch)
    stage.act(
        lambda db: batches.give_up(db, db.get_one(BankBatch, batch.id), by=stage.treasurer, at=stage.at)
    )
    stage.worker.until_quiet(stage.at)
    assert stage.again(order).state == OrderState.CALLED_OFF
    assert stage.waiting() == []
    assert stage.look(lambda db: db.exec(select(BankMandate)).one()).used_at is None
    check(stage)


# ---- Cards


@pytest.mark.on_both
def test_a_card_that_ends_is_told_once_and_then_used_no_more(stage: Debited) -> None:
    card = stage.act(lambda db: _card(db, stage))
    soon = stage.at + timedelta(days=3)
    assert stage.look(lambda db: saved.to_warn(db, soon - timedelta(days=4))) == []
    for _again in range(2):
        for name in stage.look(lambda db: saved.to_warn(db, soon)):
            stage.act(lambda db, n=name: saved.warn(db, db.get_one(PaymentMeans, n), at=soon))  # type: ignore[misc]
    assert len(stage.mails("PaymentMeans_end_soon")) == 1
    late = stage.at + timedelta(days=34)
    stage.worker.until_quiet(late)
    assert stage.again(card).state == MeansStanding.ENDED
    check(stage)


def _card(db, stage: Debited) -> PaymentMeans:  # type: ignore[no-untyped-def]
    from app.people.step import record

    card = PaymentMeans(
        organization_id=stage.backers[0].organization.id, rail="stripe", means="card", shown="Visa … 4242",
        expires_on=(stage.at + timedelta(days=33)).date(), asked_by_id=stage.backers[0].person.id, asked_at=stage.at,
    )  # fmt: skip
    db.add(card)
    record(db, "ask for", card, by=stage.backers[0], at=stage.at)
    saved.go(db, card, MeansStanding.ACTIVE, by=None, at=stage.at, act="active")
    return card
