"""What follows from matching and from work elsewhere: who has a voice, and what the worker does by itself."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from app.audit import reasons
from app.audit.run import examine
from app.campaigns import binding, grants, in_kind_sums, rules
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.model import Part, Pledge
from app.campaigns.round_rules import Chosen
from app.delivery import rules as deliveries
from app.delivery.standing import weights_of
from app.escrow import calls
from app.kit.db import Database
from app.kit.rules import Refused
from app.kit.settings import Settings
from app.people.step import Step
from app.worker import Worker
from tests import cast as c
from tests.backing_cast import WORTH, agreed, rendered


@pytest.mark.parametrize("rule", ["money", "heads"])
def test_who_gives_a_grant_has_the_voice_of_what_it_pledged_itself_and_no_more(
    db: Session, rule: str
) -> None:
    cast = c.settle(db)
    estimate = c.estimate_approved(db, cast)
    campaign = rules.prepare(
        db, estimate, deadline_on=c.DEADLINE, chosen=Chosen(binding=rule), by=cast.officer, at=c.NOW
    )
    rules.open_round(db, campaign, by=cast.officer, at=c.NOW)
    grants.declare(db, campaign, amount_cents=0, by=cast.maker, at=c.NOW)
    terms = grants.GrantTerms("Commons", "EU-77", 3_000_000, 10_000)
    c.open_grant(db, cast, terms)
    # The giver pledges a little itself: its grant outweighs everyone, its own pledge does not.
    c.pledge(db, campaign, cast.buyers[0], 500_000)
    c.pledge(db, campaign, cast.buyers[1], 1_000_000)
    c.pledge(db, campaign, cast.buyers[2], campaign.room_cents // 2)
    rules.decide(db, campaign, at=c.DECIDED)
    stakes = binding.stakes_of(db, campaign)
    own = {
        buyer.organization.id: sum(db.exec(select(Part.price_cents).join(Pledge).where(
            Pledge.organization_id == buyer.organization.id, col(Pledge.grant_id).is_(None)
        )))
        for buyer in cast.buyers
    }  # fmt: skip
    assert stakes == own
    for call in calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED):
        c.pay(db, call)
    delivery = c.handed_in(db, cast, campaign)
    deliveries.answer(db, delivery, accepts=True, by=cast.buyers[0], at=c.DECIDED)
    assert delivery.state == "handed in", "the giver alone does not decide"
    deliveries.answer(db, delivery, accepts=True, by=cast.buyers[2], at=c.DECIDED)
    assert delivery.state == "accepted"
    lines, is_right = examine(db, reasons.CHECKS, at=c.LATER)
    assert is_right, "\n".join(lines)


def test_the_worker_ends_what_is_late_by_itself_once_and_after_a_week_away_too(
    database: Database, settings: Settings
) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        estimate = c.estimate_approved(db, cast)
        chosen = Chosen(in_kind_most_basis_points=2000)
        made = rules.prepare(db, estimate, deadline_on=c.DEADLINE, chosen=chosen, by=cast.officer, at=c.NOW)
        late = agreed(db, cast, rules.open_round(db, made, by=cast.officer, at=c.NOW))
        c.pledge(db, made, cast.buyers[1], made.minimum_cents - WORTH)
        rules.decide(db, made, at=c.DECIDED)
        name, due_at = late.id, late.due_at
    worker = Worker(database, settings, sends_mails=False)
    for at, state in (
        (due_at - timedelta(seconds=1), "agreed"), (due_at + timedelta(days=7), "defaulted"),
        (due_at + timedelta(days=8), "defaulted"),
    ):  # fmt: skip
        worker.round(at)
        with database.reading() as db:
            assert db.get_one(InKindContribution, name).state == state
            defaults = select(Step).where(Step.thing == "InKindContribution", Step.act == "default")
            assert len(db.exec(defaults).all()) == (state == "defaulted")


def test_who_works_on_a_milestone_does_not_answer_its_own_delivery(db: Session) -> None:
    """The third bank works and pays most; the second, with less money, decides alone."""
    cast = c.settle(db)
    campaign = rules.prepare(
        db, c.estimate_approved(db, cast), deadline_on=c.DEADLINE, chosen=Chosen(in_kind_most_basis_points=2000),
        by=cast.officer, at=c.NOW,
    )  # fmt: skip
    rules.open_round(db, campaign, by=cast.officer, at=c.NOW)
    made = agreed(db, cast, campaign)
    c.pledge(db, campaign, cast.buyers[1], 1_000_000)
    c.pledge(db, campaign, cast.buyers[2], campaign.minimum_cents - WORTH - 1_000_000)
    rules.decide(db, campaign, at=c.DECIDED)
    rendered(db, cast, made)
    for call in calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED):
        c.pay(db, call)
    delivery = c.handed_in(db, cast, campaign)
    assert set(weights_of(db, delivery)) == {cast.buyers[1].organization.id}
    with pytest.raises(Refused, match="Only the backers"):
        deliveries.answer(db, delivery, accepts=True, by=cast.buyers[2], at=c.DECIDED)
    deliveries.answer(db, delivery, accepts=True, by=cast.buyers[1], at=c.DECIDED)
    assert delivery.state == "accepted"
    lines, is_right = examine(db, reasons.CHECKS, at=c.LATER)
    assert is_right, lines


def test_where_nobody_else_pays_there_is_nobody_else_to_ask() -> None:
    assert in_kind_sums.without({1: 5, 2: 3}, {1}) == {2: 3}
    assert in_kind_sums.without({1: 5}, {1}) == {1: 5}
