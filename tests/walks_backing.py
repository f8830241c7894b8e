"""Two short stories of those who give grants and of those who work, through every state of both."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from app.campaigns import grants, in_kind, wording_backing, work
from app.campaigns import rules as campaigns
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign
from app.campaigns.round_rules import Chosen
from app.demo.backing import open_grant
from app.demo.cast import BANK, CITY, GRID, INSURER
from app.demo.round import Round
from tests.playing import Play

PRICES = (60_000, 90_000)


def give(play: Play) -> None:
    """A grant is all promised, has something left again and is closed; another is refused, a third never signed."""
    made = play.approved(PRICES)
    made.open(40)

    def prepare(db: Session, number: int) -> MatchingGrant:
        terms = grants.GrantTerms("Commons", f"G-{number}", 20_000, 10_000)
        by = play.actor(db, CITY.people[1])
        return grants.prepare(db, terms, words=wording_backing.grant_text, by=by, at=play.at)

    def begin(db: Session) -> int:
        campaign, giver = db.get_one(Campaign, made.campaign_id), play.actor(db, CITY.people[0])
        grants.declare(db, campaign, amount_cents=0, by=play.actor(db, made.quoter), at=play.at)
        grants.refuse(db, prepare(db, 1), reason="No budget.", by=giver, at=play.at)
        prepare(db, 2)
        return open_grant(play, db, grants.GrantTerms("Commons", "G-3", 20_000, 10_000), CITY).id

    opened = play.act(begin)
    made.pledge(BANK, 20_000)
    made.withdraw(BANK, "No.")
    play.act(lambda db: grants.close(
        db, db.get_one(MatchingGrant, opened), reason="The year is over.", by=play.actor(db, CITY.people[0]), at=play.at
    ))  # fmt: skip
    play.later(days=32)


def help_out(play: Play) -> None:
    """Some work is declined, some done and accepted, some ordered and late, some never ordered."""
    made = play.approved(PRICES)
    made.open(30, chosen=Chosen(in_kind_most_basis_points=5_000))
    declined, done, late, left = (_offer(play, made) for _ in range(4))

    def answer(db: Session) -> None:
        maker, worker = play.actor(db, made.quoter), play.actor(db, GRID.people[1])
        in_kind.decline(db, _of(db, declined), reason="Once is enough.", by=maker, at=play.at)
        for name in (done, late, left):
            in_kind.value(db, _of(db, name), cents=10_000, by=maker, at=play.at)
        for name in (done, late):
            in_kind.agree(db, _of(db, name), text="We work.", text_hash="0" * 64, by=worker, at=play.at)

    play.act(answer)
    made.pledge(BANK, 65_000).pledge(INSURER, 65_000)
    play.work()

    def do(db: Session) -> None:
        maker, worker, found = play.actor(db, made.quoter), play.actor(db, GRID.people[1]), _of(db, done)
        facts: dict[str, Any] = {"worked_on": play.at.date(), "what": "Work"}
        work.note(db, found, quarter_days=found.quarter_days, by=worker, at=play.at, **facts)
        work.hand_over(db, found, by=worker, at=play.at)
        work.accept(db, found, by=maker, at=play.at)

    play.act(do)
    play.later(days=46)


def _offer(play: Play, made: Round) -> int:
    def offer(db: Session) -> int:
        campaign = db.get_one(Campaign, made.campaign_id)
        first = campaigns.milestones_of(db, campaign.estimate_id)[0]
        due_on = play.at.date() + timedelta(days=45)
        offered = in_kind.Offer(first.id, "We work.", 4, 60_000, 10_000, due_on)
        return in_kind.offer(db, campaign, offered, by=play.actor(db, GRID.people[1]), at=play.at).id

    return play.act(offer)


def _of(db: Session, name: int) -> InKindContribution:
    return db.get_one(InKindContribution, name)
