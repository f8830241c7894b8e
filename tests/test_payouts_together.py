"""Several payouts approved at once: by a second person, exactly as shown, all of them or none."""

import pytest
from sqlmodel import Session, select

from app.delivery import rules as deliveries
from app.escrow import receipts
from app.escrow.model import Deposit
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.payouts import rules
from app.payouts.model import Payout
from app.people.access import Actor
from tests import cast as c


def states(db: Session, payouts: list[Payout]) -> set[str]:
    """In which states they are."""
    return {db.get_one(Payout, payout.id).state for payout in payouts}


def test_together_all_are_approved_by_a_second_person_or_none_is(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign, asked = c.called(db, cast)
        for call in asked:
            c.pay(db, call, call.total_cents + (100 if call is asked[0] else 0))
        delivery = c.handed_in(db, cast, campaign)
        for buyer in cast.buyers[:2]:
            deliveries.answer(db, delivery, accepts=True, by=buyer, at=c.DECIDED)
        above = db.exec(select(Deposit).where(Deposit.excess_cents > 0)).one()
        receipts.give_back_excess(db, above, by=cast.treasurer, at=c.DECIDED)
        payouts = c.payouts_due(db, cast)
        assert len(payouts) >= 2
        rules.prepare(db, payouts[0], by=cast.second_treasurer, at=c.DECIDED)
        for payout in payouts[1:]:
            rules.prepare(db, payout, by=cast.treasurer, at=c.DECIDED)
        shown = [(payout, payout.pinned) for payout in payouts]

    def approve(by: Actor, pairs: list[tuple[Payout, str]]) -> None:
        with database.writing() as db:
            rules.approve_all(
                db, [(db.get_one(Payout, one.id), pinned) for one, pinned in pairs], by=by, at=c.DECIDED
            )

    for by, pairs in (
        (cast.treasurer, shown),
        (cast.second_treasurer, shown),
        (cast.officer, [*shown[:-1], (shown[-1][0], "another")]),
        (cast.officer, []),
    ):
        with pytest.raises((Conflict, Refused)):
            approve(by, pairs)
        with database.reading() as db:
            assert states(db, payouts) == {"prepared"}, "what is refused of one is refused of all"
    approve(cast.officer, shown)
    with database.reading() as db:
        assert states(db, payouts) == {"approved"}
