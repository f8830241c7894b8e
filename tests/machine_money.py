"""Random acts of those who promise and pay, of the bank, and of those who send money out."""

from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlmodel import Session, col, select

from app.campaigns import pledges
from app.campaigns import rules as campaigns
from app.campaigns.model import Binding, Campaign, OnDefault, Pledge
from app.campaigns.round_rules import Chosen
from app.demo.cast import WATCH
from app.demo.funding import OFFICER, SECOND, TREASURER
from app.escrow import calls, receipts
from app.escrow.model import Call, Deposit
from app.kit.rules import Refused
from app.payouts import payees
from app.payouts import rules as payouts
from app.payouts.model import PayeeAccount, Payout
from app.rails import sandbox
from app.rails.rail import Happened
from tests.machine import CENTS, EVERYBODY, LIKELY, NUMBERS, TREASURERS, Machine
from tests.playing import BACKERS

RULES = st.builds(
    Chosen, binding=st.sampled_from([Binding.MONEY, Binding.HEADS]), on_default=st.sampled_from(list(OnDefault)),
    quorum_basis_points=st.sampled_from([0, 3000]), retention_basis_points=st.sampled_from([0, 0, 500, 1000]),
    is_cascade=st.booleans(), default_days=st.sampled_from([1, 14, 60]),
)  # fmt: skip


class Promises(Machine):
    """Pledges and campaigns."""

    @rule(n=NUMBERS, backer=st.sampled_from(BACKERS), cents=CENTS, second=st.booleans(), sign=st.booleans())
    def pledge(self, n: int, backer: Any, cents: int, second: bool, sign: bool) -> None:
        def act(db: Session) -> None:
            who = backer.people[2] if second and len(backer.people) > 2 else backer.people[1]
            promise = pledges.Promise(cents, po_number="PO-1")
            by, at = self.by(db, who), self.play.at
            made = pledges.draft(db, self.pick(db, Campaign, n, "open"), promise, by=by, at=at)
            if sign:
                pledges.sign(db, made, text="I sign.", by=by, at=at)

        self.try_to(act)

    @rule(
        n=NUMBERS, verb=st.sampled_from(["sign", "approve", "refuse", "withdraw"]), anybody=st.integers(0, 40)
    )
    def on_a_pledge(self, n: int, verb: str, anybody: int) -> None:
        def act(db: Session) -> None:
            pledge = self.pick(db, Pledge, n, *LIKELY[verb])
            own = [c for c in BACKERS if self.by(db, c.people[0]).organization.id == pledge.organization_id]
            likely = own[0].people[0 if verb in ("approve", "refuse") else 1]
            by, at = self.by(db, likely if anybody % 4 else EVERYBODY[anybody % len(EVERYBODY)]), self.play.at
            if verb == "sign":
                pledges.sign(db, pledge, text="I sign.", by=by, at=at)
            elif verb == "approve":
                pledges.approve(db, pledge, by=by, at=at)
            else:
                getattr(pledges, verb)(db, pledge, reason="No.", by=by, at=at)

        self.try_to(act)

    @rule(
        prices=st.lists(st.integers(1, 300_000), min_size=1, max_size=4),
        optional=st.integers(0, 3),
        days=st.integers(1, 60),
        chosen=RULES,
    )
    def open_a_campaign(self, prices: list[int], optional: int, days: int, chosen: Chosen) -> None:
        with suppress(Refused):
            self.play.round(prices, days=days, optional=min(optional, len(prices) - 1), chosen=chosen)

    @rule(n=NUMBERS, verb=st.sampled_from(["secure_early", "decide", "secure_early", "cancel", "stop"]))
    def on_a_campaign(self, n: int, verb: str) -> None:
        def act(db: Session) -> None:
            campaign, by, at = self.pick(db, Campaign, n, *LIKELY[verb]), self.by(db, OFFICER), self.play.at
            if verb == "decide":
                campaigns.decide(db, campaign, at=at)
            elif verb == "secure_early":
                campaigns.secure_early(db, campaign, by=by, at=at)
            else:
                getattr(campaigns, verb)(db, campaign, reason="Enough.", by=by, at=at)

        self.try_to(act)


class MoneyIn(Machine):
    """Calls, payments, charge-backs."""

    @rule(n=NUMBERS)
    def call_funds(self, n: int) -> None:
        self.try_to(lambda db: calls.call_funds(
            db, self.pick(db, Campaign, n, "secured"), by=self.by(db, OFFICER), at=self.play.at
        ))  # fmt: skip

    @rule(n=NUMBERS, how=st.sampled_from(["exact", "part", "above", "unknown", "fails", "cent"]))
    def pay(self, n: int, how: str) -> None:
        def act(db: Session) -> None:
            call = self.pick(db, Call, n, *calls.TAKES_MONEY)
            left = max(1, call.total_cents - call.paid_cents)
            cents = {"part": max(1, left * (1 + n % 9) // 10), "above": left + 1 + n, "cent": 1}.get(
                how, left
            )
            sandbox.pay_in(
                db, amount_cents=cents, currency="EUR", reference="HELLO" if how == "unknown" else call.reference,
                name="A payer", account=f"FR76{n:08d}", at=self.play.at, fails="no money" if how == "fails" else "",
            )  # fmt: skip

        self.try_to(act)

    @rule(n=NUMBERS, happened=st.sampled_from([Happened.CHARGED_BACK, Happened.PAID_OUT, Happened.BOUNCED]))
    def the_bank_turns_a_line(self, n: int, happened: Happened) -> None:
        self.try_to(lambda db: sandbox.turn(
            db, self.pick(db, sandbox.SandboxLine, n), happened, reason="so it is", at=self.play.at
        ))  # fmt: skip

    @rule(n=NUMBERS, m=NUMBERS)
    def match(self, n: int, m: int) -> None:
        def act(db: Session) -> None:
            deposit = self.pick(db, Deposit, n, likely=lambda row: not row.call_id)
            call = self.pick(db, Call, m, *calls.TAKES_MONEY)
            receipts.match(db, deposit, call, by=self.by(db, TREASURER), at=self.play.at)

        self.try_to(act)

    @rule(n=NUMBERS)
    def give_back_excess(self, n: int) -> None:
        def act(db: Session) -> None:
            deposit = self.pick(db, Deposit, n, likely=lambda row: row.call_id and row.excess_cents)
            receipts.give_back_excess(db, deposit, by=self.by(db, TREASURER), at=self.play.at)

        self.try_to(act)

    @rule(n=NUMBERS, days=st.integers(1, 90))
    def wait_on(self, n: int, days: int) -> None:
        self.try_to(lambda db: calls.wait_on(
            db, self.pick(db, Call, n, "defaulted"), days=days, reason="Soon.", by=self.by(db, OFFICER), at=self.play.at
        ))  # fmt: skip


class MoneyOut(Machine):
    """Payouts."""

    @rule(
        n=NUMBERS,
        who=st.sampled_from(TREASURERS),
        verb=st.sampled_from(["prepare", "approve", "take_back", "hold", "resume"]),
    )
    def on_a_payout(self, n: int, who: Any, verb: str) -> None:
        def act(db: Session) -> None:
            payout, by, at = self.pick(db, Payout, n, *LIKELY[verb]), self.by(db, who), self.play.at
            if verb in ("prepare", "resume"):
                getattr(payouts, verb)(db, payout, by=by, at=at)
            elif verb == "approve":
                payouts.approve(db, payout, pinned=payout.pinned, by=by, at=at)
            else:
                getattr(payouts, verb)(db, payout, reason="A check.", by=by, at=at)

        self.try_to(act)

    @rule()
    def pay_out_everything_due(self) -> None:
        with self.play.database.reading() as db:
            names = list(db.exec(select(Payout.id).where(Payout.state == "due").order_by(col(Payout.id))))
        for name in names:
            self.try_to(lambda db, n=name: payouts.prepare(
                db, db.get_one(Payout, n), by=self.by(db, TREASURER), at=self.play.at
            ))  # fmt: skip
            self.try_to(lambda db, n=name: payouts.approve(
                db, db.get_one(Payout, n), pinned=db.get_one(Payout, n).pinned, by=self.by(db, SECOND), at=self.play.at
            ))  # fmt: skip

    @rule(n=st.integers(0, 9))
    def name_another_account(self, n: int) -> None:
        self.try_to(lambda db: payees.name_account(
            db, rail="sandbox", holder="Veille", account=f"FR76000{n}", by=self.by(db, WATCH.people[0]), at=self.play.at
        ))  # fmt: skip

    @rule(n=NUMBERS, who=st.sampled_from(TREASURERS), confirms=st.booleans())
    def decide_on_a_changed_account(self, n: int, who: Any, confirms: bool) -> None:
        def act(db: Session) -> None:
            changed, by, at = (
                self.pick(db, PayeeAccount, n, "waiting", "checked"),
                self.by(db, who),
                self.play.at,
            )
            if confirms:
                payees.confirm_account(db, changed, by=by, at=at)
            else:
                payees.refuse_account(db, changed, reason="Not ours.", by=by, at=at)

        self.try_to(act)

    @rule()
    def confirm_a_changed_account_by_two(self) -> None:
        def act(db: Session) -> None:
            for changed in payees.changes(db):
                for who in (TREASURER, SECOND):
                    payees.confirm_account(db, changed, by=self.by(db, who), at=self.play.at)

        self.try_to(act)
