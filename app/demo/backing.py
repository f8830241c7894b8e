"""A grant and some work for an open round: who adds to pledges, and who codes instead of paying."""

from datetime import timedelta

from sqlmodel import Session

from app.campaigns import grants, in_kind, wording_backing
from app.campaigns import rules as campaigns
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Binding, Campaign, OnDefault, ShareKey
from app.campaigns.round_rules import Chosen
from app.demo.cast import Company
from app.demo.funding import OFFICER
from app.demo.round import Round
from app.demo.stage import Stage
from app.kit.words import use_language

RULES = Chosen(
    share_key=ShareKey.BY_USERS, in_kind_most_basis_points=2000, binding=Binding.MONEY, quorum_basis_points=3000,
    retention_basis_points=1000, is_cascade=True, on_default=OnDefault.TOP_UP,
)  # fmt: skip


def open_grant(
    stage: Stage, db: Session, terms: grants.GrantTerms, giver: Company, *, activate: bool = True
) -> MatchingGrant:
    """A buyer writes the grant down, an approver signs it, and the fund activates it."""
    at = stage.at
    with use_language("fr"):
        made = grants.prepare(
            db, terms, words=wording_backing.grant_text, by=stage.actor(db, giver.people[1]), at=at
        )
    grants.sign(db, made, by=stage.actor(db, giver.people[0]), at=at)
    return grants.activate(db, made, by=stage.actor(db, OFFICER), at=at) if activate else made


def a_grant_and_some_work(made: Round, giver: Company, worker: Company) -> None:
    """The giver adds half of what companies pledge from now on; the worker has signed the order for its days."""
    stage = made.stage

    def act(db: Session) -> None:
        campaign, at = db.get_one(Campaign, made.campaign_id), stage.at
        maker = stage.actor(db, made.quoter)
        grants.declare(db, campaign, amount_cents=0, by=maker, at=at)
        terms = grants.GrantTerms(
            "Communs numériques 2026",
            "CN-2026-41",
            6_000_000,
            5000,
            most_per_pledge_cents=1_000_000,
            after_backers=3,
        )
        open_grant(stage, db, terms, giver)
        first = campaigns.milestones_of(db, campaign.estimate_id)[0]
        offer = in_kind.Offer(
            first.id, "Deux développeurs écrivent le jeu d’essai de l’import et ses tests.", 40, 60_000, 600_000,
            at.date() + timedelta(days=90),
        )  # fmt: skip
        work = in_kind.offer(db, campaign, offer, by=stage.actor(db, worker.people[1]), at=at)
        in_kind.value(db, work, cents=400_000, by=maker, at=at)
        with use_language("fr", campaign.zone):
            text = wording_backing.order_text(db, work)
        by = stage.actor(db, worker.people[0])
        in_kind.agree(db, work, text=text, text_hash=campaigns.text_hash(text), by=by, at=at)

    stage.act(act)
