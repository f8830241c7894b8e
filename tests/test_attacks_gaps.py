"""One gap never hides another, and a debt for work that was taken is no gap at all."""

from datetime import UTC, datetime

from sqlmodel import col, select

from app.campaigns import rules as campaigns
from app.campaigns import work
from app.campaigns.missing import Shortfall
from app.campaigns.model import OnDefault
from app.campaigns.round_rules import Chosen
from app.delivery import rules as deliveries
from app.escrow import calls, opening, shortfalls
from app.escrow.model import Call
from app.kit.db import Database
from tests import backing_cast as backing
from tests import cast as c

CALLED = datetime(2027, 2, 19, 9, 0, tzinfo=UTC)
WORK_LATE = datetime(2027, 2, 22, 9, 0, tzinfo=UTC)
CALL_LATE = datetime(2027, 3, 25, 9, 0, tzinfo=UTC)


def test_a_gap_that_work_left_hides_no_call_that_is_not_paid(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        chosen = Chosen(in_kind_most_basis_points=2000, on_default=OnDefault.TOP_UP, default_days=90)
        estimate = c.estimate_approved(db, cast)
        campaign = campaigns.prepare(
            db, estimate, deadline_on=c.DEADLINE, chosen=chosen, by=cast.officer, at=c.NOW
        )
        campaigns.open_round(db, campaign, by=cast.officer, at=c.NOW)
        made = backing.agreed(db, cast, campaign)
        for buyer in cast.buyers[:2]:
            c.pledge(db, campaign, buyer, (campaign.minimum_cents - backing.WORTH) // 2)
        campaigns.decide(db, campaign, at=c.DECIDED)
        asked = calls.call_funds(db, campaign, by=cast.officer, at=CALLED)
        work.count_time(db, made.id, WORK_LATE)
        assert opening.work_to_open(db, WORK_LATE) == [made.id]
        shortfalls.open_for_work(db, made, at=WORK_LATE)
        for call in asked:
            calls.default_on(db, call, at=CALL_LATE)
        assert opening.to_open(db, CALL_LATE) == [call.id for call in asked]


def test_what_a_public_body_owes_for_accepted_work_is_no_gap_for_others_to_fill(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        estimate = c.estimate_approved(db, cast, ((3_333_333, True), (2_000_001, True)))
        campaign = campaigns.prepare(
            db, estimate, deadline_on=c.DEADLINE, chosen=Chosen(on_default=OnDefault.TOP_UP), by=cast.officer,
            at=c.NOW,
        )  # fmt: skip
        campaigns.open_round(db, campaign, by=cast.officer, at=c.NOW)
        for buyer, cents in zip([*cast.buyers, cast.ministry], (1_500_000, 1_500_000, 1_333_334, 1_000_000),
                                strict=True):  # fmt: skip
            pledged = c.pledge(db, campaign, buyer, cents)
        for call in calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED):
            c.pay(db, call)
        delivery = c.handed_in(db, cast, campaign)
        for buyer in cast.buyers:
            if delivery.state == "handed in":
                deliveries.answer(db, delivery, accepts=True, by=buyer, at=c.DECIDED)
        owed = deliveries.certify(db, delivery, pledged, by=cast.ministry, at=c.DECIDED)
        unpaid, *others = calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)
        for call in others:
            c.pay(db, call)
        for call in (owed, unpaid):
            calls.default_on(db, call, at=CALLED)
        shortfalls.open_shortfall(db, unpaid, at=CALLED)
        gaps = list(db.exec(select(Shortfall).order_by(col(Shortfall.id))))
        assert [gap.call_id for gap in gaps] == [unpaid.id]
        assert db.get_one(Call, owed.id).state == "defaulted", "it is owed as before"
