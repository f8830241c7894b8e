"""One round of co-financing on the stage: from the needs behind it to the money paid, verb by verb."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from app.campaigns import pledges, wording
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Pledge, PledgeState, Publicity
from app.catalogue.model import Software
from app.delivery import disputes
from app.delivery import rules as delivery
from app.delivery.model import Delivery, Dispute
from app.demo.cast import FUND_PEOPLE, Company, Invented
from app.demo.stage import Stage
from app.documents.vat import Regime
from app.escrow import calls
from app.escrow.model import Call, CallState
from app.estimates import rules as estimates
from app.estimates.model import Estimate
from app.estimates.terms import MilestoneTerms, Terms
from app.kit.words import use_language
from app.needs.model import Need
from app.payouts import rules as payouts
from app.payouts.model import Payout, PayoutState
from app.people.model import Organization
from app.roadmap import rules as roadmap

OFFICER, TREASURER, SECOND, ARBITRATOR, OTHER_ARBITRATOR, OFFICER_TWO, _AUDITOR = FUND_PEOPLE


@dataclass(frozen=True)
class Step:
    """A milestone as the story prices it (cents excluding VAT; due so many days from the quote)."""

    title: str
    price_cents: int
    due_in_days: int
    criteria: str
    is_required: bool = True


@dataclass
class Round:
    """What a scene needs to know about a round already on its way."""

    stage: Stage
    maintainer: Company
    campaign_id: int = 0
    estimate_id: int = 0

    @property
    def quoter(self) -> Invented:
        """Who acts for the maintainer."""
        return self.maintainer.people[-1]

    def quote(
        self,
        title: str,
        need_titles: list[str],
        steps: list[Step],
        *,
        license_: str,
        valid_days: int = 120,
        summary: str = "",
        submit: bool = True,
    ) -> "Round":
        """The maintainer plans an item that answers these needs and quotes it."""
        stage = self.stage

        def quote(db: Session) -> None:
            by = stage.actor(db, self.quoter)
            needs = list(db.exec(select(Need).where(col(Need.title).in_(need_titles)).order_by(col(Need.id))))
            assert len(needs) >= len(need_titles), need_titles
            software = db.get_one(Software, needs[0].software_id)
            today = stage.at.date()
            item = roadmap.propose(
                db,
                software,
                title=title,
                summary=summary,
                needs=[need for need in needs if need.software_id == software.id],
                planned_on=today + timedelta(days=steps[-1].due_in_days),
                by=by,
                at=stage.at,
            )
            terms = Terms(
                milestones=[
                    MilestoneTerms(
                        title=step.title,
                        price_cents=step.price_cents,
                        criteria=step.criteria,
                        due_on=today + timedelta(days=step.due_in_days),
                        is_required=step.is_required,
                    )
                    for step in steps
                ],
                vat_regime=Regime.DOMESTIC,
                vat_rate_basis_points=2000,
                license=license_,
                valid_until=today + timedelta(days=valid_days),
                assumptions="Travail proposé en amont ; la branche principale reste la référence.",
            )
            estimate = estimates.draft(db, item, terms, by=by, at=stage.at)
            self.estimate_id = estimate.id
            if submit:
                estimates.submit(db, estimate, by=by, at=stage.at)

        stage.act(quote)
        return self

    def decide(self, approved: bool, reason: str = "") -> "Round":
        """The fund approves or rejects the estimate."""
        stage = self.stage

        def decide(db: Session) -> None:
            estimate = db.get_one(Estimate, self.estimate_id)
            by = stage.actor(db, OFFICER)
            if approved:
                estimates.approve(db, estimate, by=by, at=stage.at)
            else:
                estimates.reject(db, estimate, reason=reason, by=by, at=stage.at)

        stage.act(decide)
        return self

    def open(self, days: int, tranches: list[int] | None = None, *, draft_only: bool = False) -> "Round":
        """The fund opens the campaign for so many days."""
        stage = self.stage

        def open_it(db: Session) -> None:
            by = stage.actor(db, OFFICER)
            campaign = campaigns.prepare(
                db,
                db.get_one(Estimate, self.estimate_id),
                deadline_on=stage.at.date() + timedelta(days=days),
                tranches=tranches,
                by=by,
                at=stage.at,
            )
            self.campaign_id = campaign.id
            if not draft_only:
                campaigns.open_round(db, campaign, by=by, at=stage.at)

        stage.act(open_it)
        return self

    def pledge(
        self,
        company: Company,
        cents: int,
        *,
        who: Invented | None = None,
        publicity: str = Publicity.FULL,
        order: str = "",
        sign: bool = True,
        approve: bool = True,
    ) -> "Round":
        """A buyer promises and signs; above the limit the head of the house signs (unless `approve` is off)."""
        stage = self.stage

        def pledge(db: Session) -> None:
            by = stage.actor(db, who or company.people[1])
            campaign = db.get_one(Campaign, self.campaign_id)
            number = order or f"PO-{stage.at.year}-{4000 + (cents // 1000) % 6000}"
            promise = pledges.Promise(cents, po_number=number, cost_center="DSI", publicity=publicity)
            made = pledges.draft(db, campaign, promise, by=by, at=stage.at)
            if not sign:
                return
            with use_language("fr", campaign.zone):
                text = wording.promise_text(wording.terms_of(db, made))
            pledges.sign(db, made, text=text, by=by, at=stage.at)
            if made.state == PledgeState.AWAITING_APPROVAL and approve:
                pledges.approve(db, made, by=stage.actor(db, company.people[0]), at=stage.at)

        stage.act(pledge)
        return self

    def withdraw(self, company: Company, reason: str) -> None:
        """A backer takes its pledge back while the campaign is open."""
        stage = self.stage

        def withdraw(db: Session) -> None:
            by = stage.actor(db, company.people[1])
            query = select(Pledge).where(
                Pledge.campaign_id == self.campaign_id, Pledge.organization_id == by.organization.id
            )
            pledges.withdraw(db, db.exec(query).one(), reason=reason, by=by, at=stage.at)

        stage.act(withdraw)

    def close_early(self) -> None:
        """The fund secures the campaign because the threshold is reached."""
        stage = self.stage
        stage.act(
            lambda db: campaigns.secure_early(
                db, db.get_one(Campaign, self.campaign_id), by=stage.actor(db, OFFICER), at=stage.at
            )
        )
        stage.work()

    def end(self, verb: str, reason: str) -> None:
        """The fund cancels or stops the campaign, with a reason."""
        stage = self.stage
        act = {"cancel": campaigns.cancel, "stop": campaigns.stop}[verb]
        stage.act(
            lambda db: act(
                db,
                db.get_one(Campaign, self.campaign_id),
                reason=reason,
                by=stage.actor(db, OFFICER),
                at=stage.at,
            )
        )
        stage.work()

    def call_and_pay(self, *, unpaid: tuple[Company, ...] = ()) -> list[str]:
        """The fund calls the next tranche; everyone but those named pays it."""
        self.call()
        return self.pay_calls(unpaid=unpaid)

    def call(self) -> None:
        """The fund calls the next tranche."""
        stage = self.stage
        stage.act(
            lambda db: calls.call_funds(
                db, db.get_one(Campaign, self.campaign_id), by=stage.actor(db, OFFICER), at=stage.at
            )
        )

    def pay_calls(
        self, *, unpaid: tuple[Company, ...] = (), above: dict[str, int] | None = None
    ) -> list[str]:
        """Pay every open call of this round, those of the named companies apart; some pay above it (cents)."""
        stage = self.stage
        out = {company.name for company in unpaid}
        with stage.database.reading() as db:
            rows = db.exec(
                select(Call, Organization)
                .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
                .join(Organization, col(Organization.id) == col(Pledge.organization_id))
                .where(
                    Call.campaign_id == self.campaign_id,
                    col(Call.state).in_([CallState.ISSUED, CallState.PART_PAID, CallState.CHARGED_BACK]),
                )
                .order_by(col(Call.id))
            )
            due = [(call.reference, call.total_cents - call.paid_cents, payer.name) for call, payer in rows]
        above = above or {}
        payments = [
            stage.pay(reference, cents + above.get(name, 0), name)
            for reference, cents, name in due
            if name not in out
        ]
        stage.work()
        return payments

    def hand_in(self, number: int, version: str) -> None:
        """The maintainer hands a milestone in."""
        stage = self.stage

        def hand_in(db: Session) -> None:
            campaign = db.get_one(Campaign, self.campaign_id)
            milestone = campaigns.milestones_of(db, campaign.estimate_id)[number - 1]
            delivery.hand_in(
                db,
                campaign,
                milestone,
                version=version,
                evidence=f"https://forge.example/{version}/merge\nhttps://forge.example/{version}/release",
                message="Tous les critères sont couverts par des tests ; l’instance d’essai est ouverte.",
                by=stage.actor(db, self.quoter),
                at=stage.at,
            )

        stage.act(hand_in)

    def answer(self, companies: tuple[Company, ...], *, accepts: bool = True, reasons: str = "") -> None:
        """These backers answer the delivery under review."""
        stage = self.stage
        for company in companies:

            def answer(db: Session, company: Company = company) -> None:
                delivery.answer(
                    db,
                    self.last_delivery(db),
                    accepts=accepts,
                    reasons=reasons,
                    by=stage.actor(db, company.people[1]),
                    at=stage.at,
                )

            stage.act(answer)
        stage.work()

    def certify(self, company: Company) -> None:
        """A public body certifies the service for the last delivery."""
        stage = self.stage

        def certify(db: Session) -> None:
            by = stage.actor(db, company.people[1])
            query = select(Pledge).where(
                Pledge.campaign_id == self.campaign_id, Pledge.organization_id == by.organization.id
            )
            delivery.certify(db, self.last_delivery(db), db.exec(query).one(), by=by, at=stage.at)

        stage.act(certify)

    def take_back(self) -> None:
        """The maintainer takes a refused delivery back."""
        stage = self.stage
        stage.act(
            lambda db: disputes.take_back(
                db, self.last_delivery(db), by=stage.actor(db, self.quoter), at=stage.at
            )
        )

    def dispute(self, reasons: str) -> None:
        """The maintainer asks the fund to arbitrate."""
        stage = self.stage
        stage.act(
            lambda db: disputes.dispute(
                db, self.last_delivery(db), reasons=reasons, by=stage.actor(db, self.quoter), at=stage.at
            )
        )

    def opinion(self, arbitrator: Invented, share: int, reason: str) -> None:
        """An arbitrator writes what they would grant (basis points)."""
        stage = self.stage

        def write(db: Session) -> None:
            query = select(Dispute).where(Dispute.delivery_id == self.last_delivery(db).id)
            disputes.write_opinion(
                db,
                db.exec(query).one(),
                share=share,
                reason=reason,
                by=stage.actor(db, arbitrator),
                at=stage.at,
            )

        stage.act(write)
        stage.work()

    def last_delivery(self, db: Session) -> Delivery:
        """The newest delivery of this round."""
        query = (
            select(Delivery).where(Delivery.campaign_id == self.campaign_id).order_by(col(Delivery.id).desc())
        )
        found = db.exec(query).first()
        assert found is not None
        return found

    def pay_out(self, *, approve: bool = True) -> None:
        """The treasurers prepare and approve what is due, and the bank carries it out."""
        stage = self.stage
        stage.work()
        with stage.database.reading() as db:
            query = select(Payout.id).where(
                Payout.campaign_id == self.campaign_id, Payout.state == PayoutState.DUE
            )
            due = list(db.exec(query.order_by(col(Payout.id))))
        for name in due:
            stage.act(
                lambda db, n=name: payouts.prepare(  # type: ignore[misc]
                    db, db.get_one(Payout, n), by=stage.actor(db, TREASURER), at=stage.at
                )
            )
            if approve:
                stage.act(lambda db, n=name: self._approve(db, n))  # type: ignore[misc]
        stage.work()
        if approve:
            stage.settle_payments()

    def _approve(self, db: Session, name: int) -> None:
        payout = db.get_one(Payout, name)
        if payout.state == PayoutState.PREPARED:
            payouts.approve(
                db, payout, pinned=payout.pinned, by=self.stage.actor(db, SECOND), at=self.stage.at
            )
