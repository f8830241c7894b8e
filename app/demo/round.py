"""One whole round of co-financing on the stage: after its money is there, the work and the payouts."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from app.campaigns import motions
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion
from app.campaigns.model import Campaign, Pledge
from app.delivery import amendments, arbitration, disputes
from app.delivery import rules as delivery
from app.delivery.model import Delivery, Dispute
from app.demo.cast import Company, Invented
from app.demo.funding import SECOND, TREASURER, Funding, Step
from app.estimates.amending import Piece
from app.payouts import rules as payouts
from app.payouts.model import Payout, PayoutState


class Round(Funding):
    """A round whose milestones are delivered, decided and paid."""

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

    def hear(self, refusing: tuple[Company, ...]) -> None:
        """The maintainer and everybody who refused say the last they have to say: the arbitrators begin."""
        stage = self.stage
        speakers = [self.quoter, *(company.people[1] for company in refusing)]
        for who in speakers:
            stage.act(
                lambda db, who=who: disputes.state_case(  # type: ignore[misc]
                    db, self.last_dispute(db), text="Tout est dans les pièces jointes à la livraison.", is_last=True,
                    by=stage.actor(db, who), at=stage.at,
                )
            )  # fmt: skip

    def propose_to_settle(self, company: Company, cents: int, words: str) -> None:
        """A backer proposes to settle for so much of the price."""
        stage = self.stage
        stage.act(
            lambda db: disputes.propose(
                db, self.last_dispute(db), cents=cents, words=words,
                by=stage.actor(db, company.people[1]), at=stage.at,
            )
        )  # fmt: skip

    def amend(self, number: int, pieces: Sequence[Step], reason: str, *, yes: Sequence[Company]) -> None:
        """The maintainer proposes other milestones in the place of one; these backers say yes."""
        stage = self.stage

        def propose(db: Session) -> int:
            campaign = db.get_one(Campaign, self.campaign_id)
            milestone = campaigns.milestones_of(db, campaign.estimate_id)[number - 1]
            wanted = [
                Piece(
                    title=step.title, criteria=step.criteria, price_cents=step.price_cents,
                    due_on=stage.at.date() + timedelta(days=step.due_in_days),
                )
                for step in pieces
            ]  # fmt: skip
            by = stage.actor(db, self.quoter)
            return amendments.propose(db, campaign, milestone, wanted, reason=reason, by=by, at=stage.at).id

        asked = stage.act(propose)
        for company in yes:
            stage.act(lambda db, who=company: motions.speak(  # type: ignore[misc]
                db, db.get_one(Motion, asked), is_yes=True, by=stage.actor(db, who.people[1]), at=stage.at
            ))  # fmt: skip
        stage.work()

    def last_dispute(self, db: Session) -> Dispute:
        """The dispute over the newest delivery."""
        return db.exec(select(Dispute).where(Dispute.delivery_id == self.last_delivery(db).id)).one()

    def opinion(self, arbitrator: Invented, share: int, reason: str) -> None:
        """An arbitrator writes what they would grant (basis points)."""
        stage = self.stage

        def write(db: Session) -> None:
            arbitration.write_opinion(
                db,
                self.last_dispute(db),
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
