"""Short stories that together lead rows through every state: for the test that counts them, and for random acts."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from app.campaigns import motions, stopping
from app.campaigns.ballot import Motion
from app.campaigns.missing import Shortfall
from app.campaigns.model import Campaign, OnDefault, Pledge
from app.campaigns.round_rules import Chosen
from app.delivery import answering, reserves
from app.delivery.model import Reserve
from app.delivery.reserves import Defect
from app.demo.cast import BANK, GRID, INSURER
from app.demo.funding import ARBITRATOR, OFFICER, OTHER_ARBITRATOR, TREASURER, Step
from app.demo.round import Round
from app.escrow import calls, freezing, offers
from app.escrow.frozen import Freeze
from app.escrow.model import Call
from app.kit.rules import Missing
from app.kit.states import GRAPHS
from tests.playing import Play
from tests.walks_backing import give, help_out

THREE = {BANK.name: 50_000, INSURER.name: 50_000, GRID.name: 50_000}
Walk = Callable[[Play], object]


def _funded(play: Play, *prices: int, **chosen: Any) -> Round:
    """Three equal backers, the first tranche paid, its milestone handed in."""
    made = play.round(prices or (60_000, 90_000), THREE, chosen=Chosen(**chosen))
    made.call_and_pay()
    made.hand_in(1, "v1")
    return made


def _by(play: Play, who: Any, act: Callable[[Session, Any], Any]) -> Any:
    """Somebody acts, in a transaction of its own."""
    return play.act(lambda db: act(db, play.actor(db, who)))


def _newest(db: Session, kind: type[Any], made: Round) -> Any:
    """The newest row of a kind in a round."""
    query = select(kind).where(kind.campaign_id == made.campaign_id)
    found = db.exec(query.order_by(kind.id.desc())).first()
    if found is None:
        raise Missing
    return found


def _heard(play: Play) -> Round:
    """A refusal that both sides have said everything about."""
    made = _funded(play)
    made.answer((INSURER, GRID), accepts=False, reasons="No.")
    made.dispute("It does work.")
    made.hear((INSURER, GRID))
    return made


def award(play: Play) -> None:
    """Two arbitrators differ, then agree on a part; two others grant nothing."""
    for shares in ((4000, 6000, 4000), (0, 0)):
        made = _heard(play)
        for share, who in zip(shares, (ARBITRATOR, OTHER_ARBITRATOR, OTHER_ARBITRATOR), strict=False):
            made.opinion(who, share, "So.")


def settle(play: Play) -> None:
    """Both sides settle; of another dispute the maintainer takes its delivery back."""
    made = _heard(play)
    made.propose_to_settle(INSURER, 30_000, "Half of it.")
    _answer(play, made, BANK, GRID)
    _by(play, made.quoter, lambda db, by: motions.agree(db, _newest(db, Motion, made), by=by, at=play.at))
    play.work()
    other = _heard(play)
    other.take_back()


def _answer(play: Play, made: Round, *yes: Any, no: bool = False) -> None:
    for company in yes:
        _by(play, company.people[1], lambda db, by: motions.speak(
            db, _newest(db, Motion, made), is_yes=not no, by=by, at=play.at
        ))  # fmt: skip
    play.work()


def reserve(play: Play) -> None:
    """One reserve is mended and lifted, one kept by an arbitrator, one overtaken by a refusal."""
    for verb in ("lift", "keep", "refuse"):
        made = _funded(play, retention_basis_points=1000)
        defect = [Defect("A defect.", play.at.date() + timedelta(days=5))]
        _by(play, BANK.people[1], lambda db, by: answering.answer(
            db, made.last_delivery(db), accepts=True, reserves=defect, by=by, at=play.at  # noqa: B023
        ))  # fmt: skip
        made.answer((INSURER,), accepts=verb != "refuse", reasons="No.")
        if verb == "refuse":
            made.answer((GRID,), accepts=False, reasons="No.")
        if verb == "lift":
            _by(play, made.quoter, lambda db, by: reserves.mend(
                db, _reserve_of(db), words="Mended.", by=by, at=play.at
            ))  # fmt: skip
            _by(play, BANK.people[1], lambda db, by: reserves.answer_mended(
                db, _reserve_of(db), is_lifted=True, reason="", by=by, at=play.at
            ))  # fmt: skip
        elif verb == "keep":
            play.later(days=7)
            _by(play, ARBITRATOR, lambda db, by: reserves.decide_reserve(
                db, _reserve_of(db), is_lifted=False, reason="So.", by=by, at=play.at
            ))  # fmt: skip
        play.work()


def _reserve_of(db: Session) -> Reserve:
    found = db.exec(select(Reserve).order_by(col(Reserve.id).desc())).first()
    if found is None:
        raise Missing
    return found


def _unpaid(
    play: Play, rule: OnDefault, prices: tuple[int, ...], cents: tuple[int, ...], optional: int = 0
) -> Round:
    made = play.approved(prices, optional=optional)
    made.open(30, [1] * len(prices), chosen=Chosen(on_default=rule, default_days=10))
    for company, pledged in zip((BANK, GRID, INSURER), cents, strict=True):
        made.pledge(company, pledged)
    if play.campaign(made).state == "open":
        made.close_early()
    made.call()
    made.pay_calls(unpaid=(INSURER,))
    play.later(days=31)
    return made


def fill(play: Play) -> None:
    """What a backer does not pay is taken over."""
    made = _unpaid(play, OnDefault.TOP_UP, (60_000, 40_001), (50_000, 30_000, 20_001))
    _by(play, BANK.people[1], lambda db, by: offers.sign(
        db, _newest(db, Shortfall, made), amount_cents=20_001, rail="sandbox", text="I sign.", by=by, at=play.at
    ))  # fmt: skip


def cut(play: Play) -> None:
    """Optional milestones are cut."""
    _unpaid(play, OnDefault.CUT_OPTIONAL, (50_000, 20_000, 20_000), (45_000, 35_000, 10_000), 2)


def wait_and_pay(play: Play) -> None:
    """The fund waits on, then the money comes, in two payments; of another campaign everybody is refunded."""
    made = _unpaid(play, OnDefault.REFUND_ALL, (60_000,), (20_000, 20_000, 20_000))
    call = play.calls(made)[INSURER.name]
    _by(play, OFFICER, lambda db, by: calls.wait_on(
        db, db.get_one(Call, call.id), days=5, reason="A holiday.", by=by, at=play.at
    ))  # fmt: skip
    play.work()
    play.later(days=7)
    play.pay(call.reference, call.total_cents, INSURER.name)
    play.work()
    _unpaid(play, OnDefault.REFUND_ALL, (60_000,), (20_000, 20_000, 20_000))
    play.later(days=12)


def vote(play: Play) -> None:
    """A smaller scope is overtaken by a payment; an end is asked for, taken back, refused, and voted."""
    made = _unpaid(play, OnDefault.VOTE, (30_000, 30_000), (20_000, 20_000, 20_000))
    call = play.calls(made)[INSURER.name]
    play.pay(call.reference, call.total_cents, INSURER.name)
    play.work()

    def ask() -> None:
        _by(play, BANK.people[1], lambda db, by: stopping.propose_stop(
            db, db.get_one(Campaign, made.campaign_id), reason="Enough.", by=by, at=play.at
        ))  # fmt: skip

    ask()
    _by(play, BANK.people[1], lambda db, by: motions.withdraw(
        db, _newest(db, Motion, made), by=by, at=play.at
    ))  # fmt: skip
    ask()
    _answer(play, made, GRID, INSURER, no=True)
    ask()
    _answer(play, made, GRID)


def amend(play: Play) -> None:
    """A paid milestone is split."""
    made = play.round((60_000, 90_000), THREE)
    made.call_and_pay()
    days = (date(2030, 1, 1) - play.at.date()).days
    pieces = [Step("A", 20_001, days, "It works"), Step("B", 39_999, days, "It works")]
    made.amend(1, pieces, "Sooner.", yes=(BANK, GRID))


def freeze(play: Play) -> None:
    """Money is taken back after its release: paid again by one, lifted for another."""
    for lifts in (False, True):
        made = play.round((60_000, 90_000), THREE)
        payments = made.call_and_pay()
        made.hand_in(1, "v1")
        made.answer((INSURER, GRID))
        play.pay_out_all()
        play.take_back(payments[0], "Contested")
        play.work()
        if lifts:
            _by(play, TREASURER, lambda db, by: freezing.lift(
                db, _newest(db, Freeze, made), reason="We know them.", by=by, at=play.at  # noqa: B023
            ))  # fmt: skip
        made.pay_calls()
        play.work()


def promise(play: Play) -> None:
    """Promises that end before anybody pays: refused, withdrawn, lapsed; a campaign fails, another is cancelled."""
    from app.campaigns import pledges

    made = play.round((60_000, 90_000), {GRID.name: 10_000})
    made.pledge(BANK, 20_000)
    made.withdraw(BANK, "No.")
    waits = play.round((9_000_000,), {})
    waits.pledge(BANK, 8_000_000, approve=False)
    _by(play, BANK.people[0], lambda db, by: pledges.refuse(
        db, _newest(db, Pledge, waits), reason="No.", by=by, at=play.at
    ))  # fmt: skip
    waits.end("cancel", "No.")
    play.later(days=35)


def finish(play: Play) -> None:
    """One campaign comes to its end and is paid out, after a payment that fails and one of a part."""
    made = play.round((150_000,), THREE)
    made.call()
    call = play.calls(made)[BANK.name]
    play.pay(call.reference, 100, BANK.name, fails="no money")
    play.pay(call.reference, 100, BANK.name)
    play.work()
    made.pay_calls()
    made.hand_in(1, "v1")
    made.answer((INSURER, GRID))
    play.pay_out_all()


WALKS: tuple[Walk, ...] = (
    award, settle, reserve, fill, cut, wait_and_pay, vote, amend, freeze, promise, finish, give, help_out,
)  # fmt: skip

TABLES = (
    "Campaign", "Pledge", "Motion", "Call", "Deposit", "Shortfall", "Freeze", "Delivery", "Reserve", "Dispute",
    "Payout", "MatchingGrant", "InKindContribution",
)  # fmt: skip
# Reached elsewhere, or by nobody.
ELSEWHERE = {
    ("Call", "waiting"),  # a number the register has not confirmed: test_vat_waits
    ("Deposit", "pending"),  # only rails that promise money tell of it: test_stripe_money
    ("Deposit", "lost"),  # a contested card payment: test_stripe_money
    ("Payout", "on hold"), ("Payout", "bounced"), ("Payout", "settled"),  # test_story_payouts, test_story_charge_backs
}  # fmt: skip


def missed(reached: Mapping[str, Collection[str]]) -> set[tuple[str, str]]:
    """The states drawn in docs/states.md that none of these rows came to."""
    return {
        (table, str(state)) for table in TABLES for state in GRAPHS[table].states
        if state != GRAPHS[table].first and state not in reached.get(table, ()) and (table, str(state)) not in ELSEWHERE
    }  # fmt: skip
