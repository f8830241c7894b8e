"""Random acts of those who give grants, and of those who work instead of paying."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlmodel import Session, col, select

from app.campaigns import grants, in_kind, keys, pledges, work
from app.campaigns import rules as campaigns
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign, OnDefault, ShareKey
from app.campaigns.round_rules import Chosen
from app.demo.backing import open_grant
from app.demo.cast import WATCH
from app.demo.funding import OFFICER
from app.kit.rules import Missing, Refused
from app.people.access import Actor
from app.people.model import Organization
from tests.machine import CENTS, NUMBERS, Machine
from tests.playing import BACKERS

MAKER = WATCH.people[-1]


def words(_db: Session, _grant: MatchingGrant) -> str:
    """What is signed."""
    return "We give."


class Backing(Machine):
    """Grants, and the work of developers."""

    @rule(
        backer=st.sampled_from(BACKERS), total=CENTS, factor=st.sampled_from([1, 3_333, 5_000, 10_000, 30_000]),
        caps=st.tuples(st.none() | CENTS, st.none() | CENTS), after=st.sampled_from([1, 1, 2]), activate=st.booleans(),
        signed=st.sampled_from([True, True, False]),
    )  # fmt: skip
    def offer_a_grant(
        self, backer: Any, total: int, factor: int, caps: Any, after: int, activate: bool, signed: bool
    ) -> None:
        def act(db: Session) -> None:
            terms = grants.GrantTerms(
                "Commons", f"G-{total}", total, factor, most_per_pledge_cents=caps[0],
                most_per_organization_cents=caps[1], after_backers=after,
            )  # fmt: skip
            if signed:
                open_grant(self.play, db, terms, backer, activate=activate)
            else:
                by = self.by(db, backer.people[0] if activate else backer.people[1])
                grants.prepare(db, terms, words=words, by=by, at=self.play.at)

        self.try_to(act)

    @rule(
        n=NUMBERS,
        verb=st.sampled_from(["activate", "close", "declare", "sign", "refuse"]),
        other=st.booleans(),
    )
    def on_a_grant(self, n: int, verb: str, other: bool) -> None:
        def act(db: Session) -> None:
            by, at = self.by(db, OFFICER), self.play.at
            if verb == "declare":
                campaign, maker = self.pick(db, Campaign, n, "open"), self.by(db, MAKER)
                grants.declare(
                    db,
                    campaign,
                    amount_cents=n if other else 0,
                    source="Region",
                    reference=f"G-{n}",
                    by=maker,
                    at=at,
                )
            elif verb in ("sign", "refuse"):
                grant = self.pick(db, MatchingGrant, n, "prepared")
                giver = self._of(db, grant, 0)
                if verb == "sign":
                    grants.sign(db, grant, by=giver, at=at)
                else:
                    grants.refuse(db, grant, reason="No.", by=giver, at=at)
            elif verb == "activate":
                grants.activate(db, self.pick(db, MatchingGrant, n, "offered"), by=by, at=at)
            else:
                grants.close(db, self.pick(db, MatchingGrant, n, "active"), reason="Spent.", by=by, at=at)

        self.try_to(act)

    @rule(
        prices=st.lists(st.integers(1_000, 300_000), min_size=1, max_size=3), key=st.sampled_from(list(ShareKey)),
        on_default=st.sampled_from(list(OnDefault)), most=st.sampled_from([500, 5_000, 10_000]),
    )  # fmt: skip
    def open_a_campaign_with_rules(self, prices: list[int], key: str, on_default: str, most: int) -> None:
        with suppress(Refused):
            made = self.play.approved(prices, optional=len(prices) // 3)
            chosen = Chosen(share_key=key, on_default=on_default, in_kind_most_basis_points=most)
            made.open(30, chosen=chosen)
            self.try_to(lambda db: grants.declare(
                db, db.get_one(Campaign, made.campaign_id), amount_cents=0, by=self.by(db, MAKER), at=self.play.at
            ))  # fmt: skip

    @rule(n=NUMBERS, backer=st.sampled_from(BACKERS), users=st.integers(0, 500), leaves=st.booleans())
    def join(self, n: int, backer: Any, users: int, leaves: bool) -> None:
        def act(db: Session) -> None:
            campaign, by = self.pick(db, Campaign, n, "open"), self.by(db, backer.people[1])
            if leaves:
                keys.leave(db, campaign, by=by, at=self.play.at)
            else:
                keys.join(db, campaign, size=users, users=users, by=by, at=self.play.at)

        self.try_to(act)

    @rule(n=NUMBERS, m=NUMBERS, backer=st.sampled_from(BACKERS), days=st.integers(1, 40), agree=st.booleans())
    def offer_work(self, n: int, m: int, backer: Any, days: int, agree: bool) -> None:
        def act(db: Session) -> None:
            at, by = self.play.at, self.by(db, backer.people[1])
            campaign = self.pick(db, Campaign, n, "open")
            milestones = campaigns.milestones_of(db, campaign.estimate_id)
            milestone = milestones[m % len(milestones)]
            due_on = at.date() + timedelta(days=days + 40)
            offered = in_kind.Offer(milestone.id, "We work.", days, 1 + n * 7, 100_000, due_on)
            made = in_kind.offer(db, campaign, offered, by=by, at=at)
            if agree:
                worth = min(in_kind.worth(days, made.day_rate_cents), 100_000, milestone.price_cents // 3)
                in_kind.value(db, made, cents=worth, by=self.by(db, MAKER), at=at)
                in_kind.agree(db, made, text="We work.", text_hash="0" * 64, by=by, at=at)

        self.try_to(act)

    @rule(n=NUMBERS, verb=st.sampled_from(["value", "agree", "decline", "wait_for"]))
    def on_some_work(self, n: int, verb: str) -> None:
        def act(db: Session) -> None:
            likely = {"value": ("offered",), "agree": ("valued",), "decline": ("offered", "valued")}
            made = self.pick(db, InKindContribution, n, *likely.get(verb, ("defaulted",)))
            at, maker = self.play.at, self.by(db, MAKER)
            if verb == "value":
                in_kind.value(db, made, cents=1 + n, by=maker, at=at)
            elif verb == "agree":
                in_kind.agree(db, made, text="We.", text_hash="0" * 64, by=self.head_of(db, made), at=at)
            elif verb == "decline":
                in_kind.decline(db, made, reason="No.", by=maker, at=at)
            else:
                work.wait_for(db, made, days=20, reason="Soon.", by=self.by(db, OFFICER), at=at)

        self.try_to(act)

    @rule(n=NUMBERS, done=st.booleans(), answer=st.sampled_from(["accept", "send_back", "silence"]))
    def do_some_work(self, n: int, done: bool, answer: str) -> None:
        def act(db: Session) -> None:
            made = self.pick(db, InKindContribution, n, "agreed", "handed over")
            at, by, maker = self.play.at, self.buyer_of(db, made), self.by(db, MAKER)
            if made.state == "agreed":
                quarters = made.quarter_days if done else 1
                work.note(db, made, worked_on=at.date(), quarter_days=quarters, what="Work", by=by, at=at)
                work.hand_over(db, made, by=by, at=at)
            elif answer == "accept":
                work.accept(db, made, by=maker, at=at)
            elif answer == "send_back":
                work.send_back(db, made, reason="Not yet.", by=maker, at=at)

        self.try_to(act)

    @rule(
        total=st.integers(1, 60_000),
        days=st.integers(1, 20),
        what_next=st.sampled_from(["late", "done", "silence"]),
    )
    def play_a_round_with_a_grant_and_work(self, total: int, days: int, what_next: str) -> None:
        """All of it in a row, so that a story comes far: matched, worked for, secured, and done or not in time."""
        made = self.play.approved([150_000, 80_000], optional=1)
        made.open(30, chosen=Chosen(in_kind_most_basis_points=5_000))
        giver, worker, payer = BACKERS[2], BACKERS[0], BACKERS[1]

        def back(db: Session) -> None:
            campaign, at = db.get_one(Campaign, made.campaign_id), self.play.at
            grants.declare(db, campaign, amount_cents=0, by=self.by(db, MAKER), at=at)
            terms = grants.GrantTerms("Commons", "EU-1", total, 10_000)
            open_grant(self.play, db, terms, giver)
            first = campaigns.milestones_of(db, campaign.estimate_id)[0]
            due_on = at.date() + timedelta(days=60)
            offer = in_kind.Offer(first.id, "We work.", days, 1_000, 50_000, due_on)
            work_offered = in_kind.offer(db, campaign, offer, by=self.by(db, worker.people[1]), at=at)
            other = in_kind.offer(db, campaign, offer, by=self.by(db, worker.people[1]), at=at)
            in_kind.decline(db, other, reason="Once is enough.", by=self.by(db, MAKER), at=at)
            worth = in_kind.worth(days, 1_000)
            in_kind.value(db, work_offered, cents=worth, by=self.by(db, MAKER), at=at)
            by = self.by(db, worker.people[0])
            in_kind.agree(db, work_offered, text="We work.", text_hash="0" * 64, by=by, at=at)
            buyer = self.by(db, payer.people[1])
            pledge = pledges.draft(db, campaign, pledges.Promise(60_000, po_number="PO"), by=buyer, at=at)
            pledges.sign(db, pledge, text="I sign.", by=buyer, at=at)

        if self.try_to(back) and self.fill_up(made.campaign_id):
            self.go_on_with_work(made.campaign_id, what_next)

    def go_on_with_work(self, name: int, what_next: str) -> None:
        """The days are worked and handed over, or nobody does them in time."""
        if what_next == "late":
            self.go_to_the_due_day_of_some_work()
            return

        def do(db: Session) -> None:
            made = db.exec(_agreed_work(name)).one()
            at, by = self.play.at, self.buyer_of(db, made)
            work.note(
                db, made, worked_on=at.date(), quarter_days=made.quarter_days, what="Work", by=by, at=at
            )
            work.hand_over(db, made, by=by, at=at)
            if what_next == "done":
                work.accept(db, made, by=self.by(db, MAKER), at=at)

        self.try_to(do)

    def fill_up(self, name: int) -> bool:
        """Others promise what is missing, and the fund closes."""
        raise NotImplementedError

    @rule()
    def go_to_the_due_day_of_some_work(self) -> None:
        with self.play.database.reading() as db:
            due = db.exec(
                select(InKindContribution.due_at)
                .join(Campaign, col(Campaign.id) == col(InKindContribution.campaign_id))
                .where(InKindContribution.state == "agreed", Campaign.state == "secured")
            ).first()
        if due is not None and due > self.play.at:
            self.play.at = due
            self.play.worker.round(self.play.at)

    def buyer_of(self, db: Session, made: InKindContribution) -> Actor:
        """The buyer of the organization that works."""
        return self._of(db, made, 1)

    def head_of(self, db: Session, made: InKindContribution) -> Actor:
        """Who signs above the limit there."""
        return self._of(db, made, 0)

    def _of(self, db: Session, made: InKindContribution | MatchingGrant, place: int) -> Actor:
        name = db.get_one(Organization, made.organization_id).name
        found = [company for company in BACKERS if company.name == name]
        if not found:
            raise Missing
        return self.by(db, found[0].people[place])


def _agreed_work(name: int) -> Any:
    """The work agreed in a campaign: beside it another offer was declined."""
    return select(InKindContribution).where(
        InKindContribution.campaign_id == name, InKindContribution.state == "agreed"
    )
