"""The first half of a round on the stage: from the needs behind it to the calls paid, verb by verb."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from sqlmodel import Session, col, select

from app.campaigns import pledges, wording
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Pledge, PledgeState, Publicity
from app.campaigns.round_rules import PLAINEST, Chosen
from app.catalogue.model import Software
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
class Funding:
    """What a scene needs to know about a round on its way to its money."""

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
    ) -> Self:
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

    def decide(self, approved: bool, reason: str = "") -> Self:
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

    def open(
        self, days: int, tranches: list[int] | None = None, *, draft_only: bool = False, chosen: Chosen = PLAINEST
    ) -> Self:  # fmt: skip
        """The fund opens the campaign for so many days."""
        stage = self.stage

        def open_it(db: Session) -> None:
            by = stage.actor(db, OFFICER)
            campaign = campaigns.prepare(
                db,
                db.get_one(Estimate, self.estimate_id),
                deadline_on=stage.at.date() + timedelta(days=days),
                tranches=tranches,
                chosen=chosen,
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
    ) -> Self:
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
        # VAT numbers of other countries are looked up, and their calls go out.
        stage.work()

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
