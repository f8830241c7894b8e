"""Grants and work of the access table, each in the state a form needs."""

from datetime import timedelta

from sqlmodel import Session, select

from app.campaigns import grants, in_kind, wording_backing, work
from app.campaigns import rules as campaigns
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.model import Campaign
from app.campaigns.round_rules import Chosen
from app.demo.cast import Company
from app.demo.funding import OFFICER
from app.demo.round import Round
from app.demo.stage import Stage
from app.kit.words import use_language

RULES = Chosen(in_kind_most_basis_points=10_000)


def give(stage: Stage, names: dict[str, str], bank: Company) -> None:
    """The bank gives three grants: one that nobody has signed, one offered, one active."""

    def act(db: Session) -> None:
        for name in ("prepared", "offered", "active"):
            terms = grants.GrantTerms("Commons", f"EU-{name}", 1_000, 10_000)
            grant = grants.prepare(
                db, terms, words=wording_backing.grant_text, by=stage.actor(db, bank.people[1]), at=stage.at
            )
            names[f"grant.{name}"], names[f"hash.grant.{name}"] = grant.public_id, grant.signed_hash
            if name != "prepared":
                grants.sign(db, grant, by=stage.actor(db, bank.people[3]), at=stage.at)
        grants.activate(db, grant, by=stage.actor(db, OFFICER), at=stage.at)

    stage.act(act)


def offer(stage: Stage, made: Round, names: dict[str, str], bank: Company, maintainer: Company) -> None:
    """The bank offers work to an open campaign, as far as it may come there."""
    made.open(20, chosen=RULES)

    def act(db: Session) -> None:
        buyer, maker = stage.actor(db, bank.people[1]), stage.actor(db, maintainer.people[1])
        campaign = db.get_one(Campaign, made.campaign_id)
        for name in ("offered", "valued"):
            found = in_kind.offer(db, campaign, _of(db, stage, campaign), by=buyer, at=stage.at)
            names[f"work.{name}"] = found.public_id
        in_kind.value(db, found, cents=1_000, by=maker, at=stage.at)
        with use_language("fr", campaign.zone):
            names["hash.valued"] = campaigns.text_hash(wording_backing.order_text(db, found))

    stage.act(act)


def work_for(
    stage: Stage, made: Round, names: dict[str, str], bank: Company, maintainer: Company, payer: Company
) -> None:
    """The bank's work for a secured campaign: agreed, all days done, handed over, and late."""
    made.open(20, chosen=RULES)

    def agree(db: Session) -> None:
        buyer, maker = stage.actor(db, bank.people[1]), stage.actor(db, maintainer.people[1])
        campaign = db.get_one(Campaign, made.campaign_id)
        for name in ("agreed", "full", "over", "late"):
            found = in_kind.offer(db, campaign, _of(db, stage, campaign), by=buyer, at=stage.at)
            in_kind.value(db, found, cents=1_000, by=maker, at=stage.at)
            in_kind.agree(db, found, text="We work.", text_hash="0" * 64, by=buyer, at=stage.at)
            names[f"work.{name}"] = found.public_id

    stage.act(agree)
    made.pledge(payer, 296_000)
    stage.work()

    def do(db: Session) -> None:
        buyer = stage.actor(db, bank.people[1])
        for name in ("full", "over"):
            found = db.exec(select(InKindContribution).where(
                InKindContribution.public_id == names[f"work.{name}"]
            )).one()  # fmt: skip
            day = stage.at.date()
            work.note(db, found, worked_on=day, quarter_days=1, what="Work", by=buyer, at=stage.at)
        work.hand_over(db, found, by=buyer, at=stage.at)
        late = db.exec(select(InKindContribution).where(
            InKindContribution.public_id == names["work.late"]
        )).one()  # fmt: skip
        work.count_time(db, late.id, late.due_at)

    stage.act(do)


def _of(db: Session, stage: Stage, campaign: Campaign) -> in_kind.Offer:
    [milestone] = campaigns.milestones_of(db, campaign.estimate_id)
    return in_kind.Offer(milestone.id, "We work.", 1, 4_000, 1_000, stage.at.date() + timedelta(days=90))
