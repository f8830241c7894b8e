"""Random acts after a default, a refusal or an acceptance with reserves: votes, statements, settlements, take-overs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlmodel import Session, col, select

from app.campaigns import motions, stopping
from app.campaigns.ballot import Motion
from app.campaigns.missing import Shortfall
from app.campaigns.model import Campaign, Part
from app.delivery import amendments, answering, arbitration, disputes, extensions, reserves, retention
from app.delivery.model import Delivery, Dispute, Reserve
from app.delivery.reserves import Defect
from app.demo.cast import WATCH
from app.demo.funding import ARBITRATOR, OFFICER, TREASURER
from app.escrow import freezing, offers
from app.escrow.frozen import Freeze
from app.escrow.model import Call, Deposit, Release
from app.estimates.amending import Piece
from app.estimates.model import Milestone
from app.kit.rules import Missing
from app.rails import sandbox
from app.rails.rail import Happened
from tests.machine import CENTS, NUMBERS, Machine
from tests.playing import BACKERS

OPEN = ("stating", "deciding", "tied")


class After(Machine):
    """What may happen once something went wrong."""

    def _by(self, db: Session, who: int) -> Any:
        """The maintainer for 0, otherwise one of the backers."""
        return self.by(db, WATCH.people[-1] if who == 0 else BACKERS[who % len(BACKERS)].people[1])

    @rule(n=NUMBERS, backer=st.sampled_from(BACKERS), count=st.integers(1, 2), days=st.integers(1, 40))
    def accept_with_reserves(self, n: int, backer: Any, count: int, days: int) -> None:
        def act(db: Session) -> None:
            due = (self.play.at + timedelta(days=days)).date()
            answering.answer(
                db, self.pick(db, Delivery, n, "handed in"), accepts=True, reserves=[Defect("A defect.", due)] * count,
                by=self.by(db, backer.people[1]), at=self.play.at,
            )  # fmt: skip

        self.try_to(act)

    @rule(n=NUMBERS, verb=st.sampled_from(["mend", "lift", "lift", "reopen", "award"]), lifted=st.booleans())
    def on_a_reserve(self, n: int, verb: str, lifted: bool) -> None:
        def act(db: Session) -> None:
            one, at = self.pick(db, Reserve, n, "filed", "mended"), self.play.at
            filer = next(
                c for c in BACKERS if self.by(db, c.people[1]).organization.id == one.organization_id
            )
            if verb == "mend":
                reserves.mend(db, one, words="Mended.", by=self._by(db, 0), at=at)
            elif verb == "award":
                reserves.decide_reserve(
                    db, one, is_lifted=lifted, reason="So.", by=self.by(db, ARBITRATOR), at=at
                )
            else:
                reserves.answer_mended(
                    db, one, is_lifted=verb == "lift", reason="No.", by=self.by(db, filer.people[1]), at=at
                )

        self.try_to(act)

    @rule(n=NUMBERS, there=st.booleans())
    def the_release_comes(self, n: int, there: bool) -> None:
        def likely(row: Delivery) -> bool:
            return bool(row.retention_basis_points) and not row.upstream_seen_at

        def name(db: Session) -> None:
            of = self.pick(db, Delivery, n, likely=likely)
            retention.name_release(
                db, of, version="17", address="https://forge.example/17", by=self._by(db, 0), at=self.play.at
            )

        def see(db: Session) -> None:
            of = self.pick(db, Delivery, n, likely=likely)
            retention.see_release(db, of, is_there=there, by=self.by(db, OFFICER), at=self.play.at)

        if self.try_to(name):
            self.try_to(see)

    @rule(n=NUMBERS, who=st.integers(0, 6), last=st.booleans())
    def state_the_case(self, n: int, who: int, last: bool) -> None:
        self.try_to(lambda db: disputes.state_case(
            db, self.pick(db, Dispute, n, "stating"), text="So it was.", is_last=last, by=self._by(db, who),
            at=self.play.at,
        ))  # fmt: skip

    @rule(n=NUMBERS, who=st.integers(0, 6), cents=CENTS)
    def propose_to_settle(self, n: int, who: int, cents: int) -> None:
        self.try_to(lambda db: disputes.propose(
            db, self.pick(db, Dispute, n, *OPEN), cents=cents, words="Fair.", by=self._by(db, who), at=self.play.at
        ))  # fmt: skip

    @rule(n=NUMBERS, who=st.integers(0, 6))
    def read_before_it_is_published(self, n: int, who: int) -> None:
        self.try_to(lambda db: arbitration.read_text(
            db, self.pick(db, Dispute, n, "awarded"), by=self._by(db, who), at=self.play.at
        ))  # fmt: skip

    @rule(n=NUMBERS, backer=st.sampled_from(BACKERS), days=st.integers(1, 300), stops=st.booleans())
    def ask_the_backers(self, n: int, backer: Any, days: int, stops: bool) -> None:
        def act(db: Session) -> None:
            campaign, at = self.pick(db, Campaign, n, "secured"), self.play.at
            if stops:
                stopping.propose_stop(db, campaign, reason="Enough.", by=self.by(db, backer.people[1]), at=at)
                return
            own = list(db.exec(_milestones(campaign)))
            if not own:
                raise Missing
            milestone = own[n % len(own)]
            extensions.ask_for_time(
                db, campaign, milestone, until_on=milestone.due_on + timedelta(days=days), reason="Late.",
                by=self._by(db, 0), at=at,
            )  # fmt: skip

        self.try_to(act)

    @rule(n=NUMBERS, who=st.integers(1, 7), yes=st.booleans(), all_of_them=st.booleans())
    def answer_a_question(self, n: int, who: int, yes: bool, all_of_them: bool) -> None:
        def say(one: int) -> Callable[[Session], Any]:
            return lambda db: motions.speak(
                db, self.pick(db, Motion, n, "open"), is_yes=yes, by=self._by(db, one), at=self.play.at
            )

        for one in range(1, len(BACKERS) + 1) if all_of_them else (who,):
            self.try_to(say(one))

    @rule(n=NUMBERS, withdraw=st.booleans())
    def agree_or_take_back(self, n: int, withdraw: bool) -> None:
        verb = motions.withdraw if withdraw else motions.agree
        self.try_to(
            lambda db: verb(db, self.pick(db, Motion, n, "open"), by=self._by(db, 0), at=self.play.at)
        )

    @rule(n=NUMBERS, backer=st.sampled_from(BACKERS), share=st.integers(1, 3))
    def take_over(self, n: int, backer: Any, share: int) -> None:
        def act(db: Session) -> None:
            gap = self.pick(db, Shortfall, n, "open")
            offers.sign(
                db, gap, amount_cents=max(1, gap.offered_cents // share), rail="sandbox", text="I sign.",
                by=self.by(db, backer.people[1]), at=self.play.at,
            )  # fmt: skip

        self.try_to(act)

    @rule(
        n=NUMBERS,
        m=NUMBERS,
        cut=st.integers(0, 99),
        days=st.integers(1, 300),
        agreed=st.sampled_from([1, 1, 0]),
    )
    def propose_an_amendment(self, n: int, m: int, cut: int, days: int, agreed: int) -> None:
        """Another milestone in the place of one, or two where there is a cut; often everybody says yes at once."""

        def act(db: Session) -> None:
            campaign = self.pick(db, Campaign, n, "secured")
            own = list(db.exec(_milestones(campaign)))
            if not own:
                raise Missing
            milestone, due = own[m % len(own)], self.play.at.date() + timedelta(days=days)
            first = milestone.price_cents * cut // 100
            pieces = [
                Piece(title="A", criteria="It works", due_on=due, price_cents=price)
                for price in (first, milestone.price_cents - first)
                if price
            ]
            amendments.propose(
                db, campaign, milestone, pieces, reason="Better so.", by=self._by(db, 0), at=self.play.at
            )

        if self.try_to(act) and agreed:
            self.answer_a_question(0, 1, True, True)
            self.play.worker.round(self.play.at)

    @rule(n=NUMBERS)
    def take_back_what_was_released(self, n: int) -> None:
        """A payer's bank takes money back of which something was released: its backer is frozen."""

        def act(db: Session) -> None:
            released = select(col(Part.pledge_id)).join(Release, col(Release.part_id) == col(Part.id))
            paid = select(Deposit.outside_id).join(Call, col(Call.id) == col(Deposit.call_id))
            names = set(db.exec(paid.where(Deposit.state == "received", col(Call.pledge_id).in_(released))))
            line = self.pick(db, sandbox.SandboxLine, n, likely=lambda row: row.public_id in names)
            sandbox.turn(db, line, Happened.CHARGED_BACK, reason="so it is", at=self.play.at)

        if self.try_to(act):
            self.play.worker.round(self.play.at)
            if n % 3:
                self.lift_a_freeze(0)

    @rule(n=NUMBERS)
    def lift_a_freeze(self, n: int) -> None:
        self.try_to(lambda db: freezing.lift(
            db, self.pick(db, Freeze, n, "standing"), reason="We know them.", by=self.by(db, TREASURER), at=self.play.at
        ))  # fmt: skip


def _milestones(campaign: Campaign) -> Any:
    return select(Milestone).where(Milestone.estimate_id == campaign.estimate_id).order_by(col(Milestone.id))
