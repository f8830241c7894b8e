"""Random acts of those who deliver and decide, and the road itself, so that a story comes far."""

from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlmodel import Session, col, select

from app.campaigns import pledges
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Pledge
from app.delivery import arbitration, disputes
from app.delivery import rules as delivery
from app.delivery.model import Delivery, Dispute
from app.demo.cast import WATCH
from app.demo.funding import ARBITRATOR, OFFICER, OTHER_ARBITRATOR
from app.escrow import calls
from app.escrow.model import Call, Tranche
from app.kit.rules import Missing, Refused
from app.people.access import actor_for
from app.people.model import Organization, Person
from app.rails import sandbox
from tests.machine import NUMBERS
from tests.machine_after import After
from tests.machine_backing import Backing
from tests.machine_money import MoneyIn, MoneyOut, Promises
from tests.playing import BACKERS
from tests.walks import WALKS, Walk


class Work(Promises, MoneyIn, MoneyOut, After):
    """Deliveries, answers, disputes, certificates."""

    @rule(n=NUMBERS, m=st.integers(0, 3))
    def hand_in(self, n: int, m: int) -> None:
        def act(db: Session) -> None:
            campaign = db.get_one(Campaign, self.pick(db, Tranche, n).campaign_id)
            milestones = campaigns.milestones_of(db, campaign.estimate_id)
            delivery.hand_in(
                db, campaign, milestones[m % len(milestones)], version="v1", evidence="https://forge.example/v1",
                by=self.by(db, WATCH.people[-1]), at=self.play.at,
            )  # fmt: skip

        self.try_to(act)

    @rule(n=NUMBERS, backer=st.sampled_from(BACKERS), accepts=st.booleans())
    def answer(self, n: int, backer: Any, accepts: bool) -> None:
        def act(db: Session) -> None:
            of, by = self.pick(db, Delivery, n, "handed in"), self.by(db, backer.people[1])
            delivery.answer(db, of, accepts=accepts, reasons="So.", by=by, at=self.play.at)

        self.try_to(act)

    @rule(n=NUMBERS, accepts=st.booleans())
    def everybody_answers(self, n: int, accepts: bool) -> None:
        for backer in BACKERS:
            self.answer(n, backer, accepts)

    @rule(n=NUMBERS, verb=st.sampled_from(["take_back", "dispute", "dispute"]))
    def after_a_refusal(self, n: int, verb: str) -> None:
        def act(db: Session) -> None:
            of, by = self.pick(db, Delivery, n, "refused", "disputed"), self.by(db, WATCH.people[-1])
            if verb == "dispute":
                disputes.dispute(db, of, reasons="It works.", by=by, at=self.play.at)
            else:
                disputes.take_back(db, of, by=by, at=self.play.at)

        self.try_to(act)

    @rule(n=NUMBERS, share=st.sampled_from([0, 1, 33, 40, 99, 100]), both=st.booleans())
    def write_opinions(self, n: int, share: int, both: bool) -> None:
        for who in (ARBITRATOR, OTHER_ARBITRATOR) if both else (ARBITRATOR,):

            def act(db: Session, who: Any = who) -> None:
                of, by = self.pick(db, Dispute, n, "deciding", "tied"), self.by(db, who)
                arbitration.write_opinion(db, of, share=share * 100, reason="So.", by=by, at=self.play.at)

            self.try_to(act)

    @rule(n=NUMBERS, m=NUMBERS, public=st.sampled_from([c for c in BACKERS if c.is_public_body]))
    def certify(self, n: int, m: int, public: Any) -> None:
        def act(db: Session) -> None:
            by, of = self.by(db, public.people[1]), self.pick(db, Delivery, n, "accepted", "part accepted")
            own = select(Pledge).where(
                Pledge.organization_id == by.organization.id, Pledge.campaign_id == of.campaign_id
            )
            rows = list(db.exec(own.order_by(col(Pledge.id))))
            if not rows:
                raise Missing
            delivery.certify(db, of, rows[m % len(rows)], by=by, at=self.play.at)

        self.try_to(act)


class Acts(Work, Backing):
    """Everything anybody can do, and what usually comes next."""

    @rule(n=st.integers(0, 5), accepts=st.sampled_from([True, True, True, False]))
    def go_on_somehow(self, n: int, accepts: bool) -> None:
        """One step, whatever the backers say."""
        self.go_on(n, accepts)

    def go_on(self, n: int, accepts: bool) -> None:
        """The next thing that usually happens to a campaign."""
        with self.play.database.reading() as db:
            found = list(db.exec(select(Campaign).where(col(Campaign.state).in_(["open", "secured"]))))
            if not found:
                return
            campaign = found[n % len(found)]
        if campaign.state == "open":
            self.fill_up(campaign.id)
            return
        steps = (
            self.pay_calls_of,
            self.hand_in_of,
            lambda name: self.answers_of(name, accepts),
            self.certify_of,
            self.call_funds_of,
        )
        for step in steps:
            if step(campaign.id):
                self.play.worker.round(self.play.at)
                return

    @rule(n=st.integers(0, 5))
    def go_on_well(self, n: int) -> None:
        """Twice more, and nobody refuses."""
        for _ in range(2):
            self.go_on(n, True)

    @rule(n=st.integers(0, 5), times=st.integers(1, 4))
    def go_on_for_a_while(self, n: int, times: int) -> None:
        """And more, with the bank and the treasurers at work."""
        for _ in range(times):
            self.go_on(n, times != 3)
        self.pay_out_everything_due()
        self.play.worker.round(self.play.at)

    def fill_up(self, name: int) -> bool:
        """Two organizations promise what is missing, and the fund closes."""

        def act(db: Session) -> None:
            campaign, at = db.get_one(Campaign, name), self.play.at
            missing = campaign.minimum_cents - campaign.signed_cents - campaign.in_kind_required_cents
            for backer, cents in ((BACKERS[0], missing // 2), (BACKERS[3], missing - missing // 2)):
                if cents > 0:
                    by = self.by(db, backer.people[1])
                    made = pledges.draft(db, campaign, pledges.Promise(cents, po_number="PO"), by=by, at=at)
                    pledges.sign(db, made, text="I sign.", by=by, at=at)
            campaigns.secure_early(db, campaign, by=self.by(db, OFFICER), at=at)

        return self.try_to(act)

    def pay_calls_of(self, name: int) -> bool:
        """Everybody pays this campaign's calls."""

        def act(db: Session) -> None:
            query = select(Call).where(Call.campaign_id == name, col(Call.state).in_(calls.TAKES_MONEY))
            due = list(db.exec(query.order_by(col(Call.id))))
            if not due:
                raise Missing
            for call in due:
                sandbox.pay_in(
                    db, amount_cents=call.total_cents - call.paid_cents, currency="EUR", reference=call.reference,
                    name="A payer", account="FR7612345", at=self.play.at,
                )  # fmt: skip

        return self.try_to(act)

    def hand_in_of(self, name: int) -> bool:
        """The maintainer hands the next milestone in."""

        def act(db: Session, m: int = 0) -> None:
            campaign = db.get_one(Campaign, name)
            milestone = campaigns.milestones_of(db, campaign.estimate_id)[m]
            delivery.hand_in(
                db, campaign, milestone, version="v1", evidence="https://forge.example/v1",
                by=self.by(db, WATCH.people[-1]), at=self.play.at,
            )  # fmt: skip

        with self.play.database.reading() as db:
            count = len(campaigns.scoped_milestones(db, db.get_one(Campaign, name)))
        return any(self.try_to(lambda db, m=m: act(db, m)) for m in range(count))

    def answers_of(self, name: int, accepts: bool) -> bool:
        """The next of its backers answers."""

        def act(db: Session, who: Any) -> None:
            query = select(Delivery).where(Delivery.campaign_id == name, Delivery.state == "handed in")
            of = db.exec(query).first()
            if of is None:
                raise Missing
            delivery.answer(db, of, accepts=accepts, reasons="So.", by=self.by(db, who), at=self.play.at)

        return any(self.try_to(lambda db, who=c.people[1]: act(db, who)) for c in BACKERS)

    def certify_of(self, name: int) -> bool:
        """Its public bodies certify what was accepted."""

        def act(db: Session, pledge_id: int, delivery_id: int) -> None:
            pledge, of = db.get_one(Pledge, pledge_id), db.get_one(Delivery, delivery_id)
            who = db.get_one(Person, pledge.signed_by_id)
            by = actor_for(db, who, db.get_one(Organization, pledge.organization_id))
            delivery.certify(db, of, pledge, by=by, at=self.play.at)

        with self.play.database.reading() as db:
            public = list(db.exec(select(Pledge.id).where(
                Pledge.campaign_id == name, col(Pledge.is_after_acceptance), Pledge.state == "signed"
            )))  # fmt: skip
            accepted = list(db.exec(select(Delivery.id).where(
                Delivery.campaign_id == name, col(Delivery.state).in_(["accepted", "part accepted"])
            )))  # fmt: skip
        return any(self.try_to(lambda db, p=p, d=d: act(db, p, d)) for p in public for d in accepted)

    def call_funds_of(self, name: int) -> bool:
        """The fund calls its next tranche."""
        return self.try_to(lambda db: calls.call_funds(
            db, db.get_one(Campaign, name), by=self.by(db, OFFICER), at=self.play.at
        ))  # fmt: skip


class Walking(Acts):
    """The same, and short stories that lead far: for the long loops, which have to come to every state."""

    @rule(walk=st.sampled_from(WALKS))
    def walk_a_short_story(self, walk: Walk) -> None:
        """Several acts in a row that lead far, as far as they go here."""
        with suppress(Refused, Missing):
            walk(self.play)
