"""Rows of the failure table that hold on every rail alike: rules alone, without a page and without an outside."""

import pytest
from sqlmodel import Session, select

from app.campaigns import grants, pledges
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Part, Pledge
from app.escrow import rules, winding_up
from app.escrow.model import Call, Deposit, Release
from app.kit.db import Database
from app.kit.money import split
from app.kit.rules import Conflict, Refused
from app.ledger.book import BelowZero, balance, total
from app.payouts.model import Payout
from tests import cast as c


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough: the races of these rows run on both elsewhere."""
    return sqlite_url


def test_threshold_two_pledges_cross_it_at_once_and_a_withdrawal_comes_after_the_call(
    database: Database,
) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign = c.secured(db, cast)
        secured_at, parts = campaign.secured_at, len(db.exec(select(Part)).all())
        campaigns.decide(db, campaign, at=c.DECIDED)
        assert (campaign.secured_at, len(db.exec(select(Part)).all())) == (secured_at, parts), "decided once"
        asked = c.calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)
        pledge = db.get_one(Pledge, asked[0].pledge_id)
        with pytest.raises(Conflict, match="a signed pledge now stands"):
            pledges.withdraw(db, pledge, reason="Too late", by=cast.buyers[0], at=c.DECIDED)
        assert {call.pledge_id for call in asked} <= set(db.exec(select(Part.pledge_id))), "of a frozen list"
    c.check_book(database)


def test_release_beyond_the_balance_is_never_booked_and_accepted_twice_is_released_once(
    database: Database,
) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign, _lines = c.paid(db, cast)
        part = db.exec(select(Part).where(Part.campaign_id == campaign.id)).first()
        assert part is not None
        due = (part.price_cents * 10, part.vat_cents * 10)
        first = rules.release(db, part, cause="test", due=due, at=c.DECIDED)
        again = rules.release(db, part, cause="test", due=due, at=c.DECIDED)
        other = rules.release(db, part, cause="another", due=due, at=c.DECIDED)
        assert first is again
        assert other is None, "nothing of it is left"
        assert first is not None
        assert (first.price_cents, first.vat_cents) == (part.price_cents, part.vat_cents)
        assert len(db.exec(select(Release)).all()) == 1
        from app.escrow import moves

        pledge = db.get_one(Pledge, part.pledge_id)
        beyond = Release(**{**first.model_dump(), "id": None, "cause": "by hand", "price_cents": 10**12})
        with pytest.raises(BelowZero):
            moves.release(db, beyond, part, pledge, at=c.DECIDED)
        db.rollback()


def test_refund_of_a_debit_and_then_a_charge_back_costs_nobody_else_a_cent(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign, lines = c.paid(db, cast)
        campaigns.stop(db, campaign, reason="Enough", by=cast.officer, at=c.DECIDED)
        winding_up.wind_up(db, campaign, at=c.DECIDED)
        payout = next(one for one in c.payouts_due(db, cast) if one.kind == "refund")
        payout_id, key = payout.id, c.approve(db, cast, payout)
    c.send(database, payout_id, key)
    with database.writing() as db:
        sent = db.get_one(Payout, payout_id)
        held = total(db, "back:")
        deposit = db.exec(
            select(Deposit).join(Call, Call.id == Deposit.call_id).where(Call.pledge_id == sent.pledge_id)  # type: ignore[arg-type]
        ).one()
        line = next(one for one in lines if one.public_id == deposit.outside_id)
        c.charge_back(db, db.merge(line))
        pledge = db.get_one(Pledge, sent.pledge_id)
        assert balance(db, f"claim:{pledge.id}:sandbox") == sent.amount_cents
        assert total(db, "back:") == held, "what the others are owed is untouched"
    c.check_book(database)


def test_refund_amounts_do_not_divide_the_largest_remainders_get_the_cents_and_the_sum_is_exact() -> None:
    for cents, weights in ((777_777, (1, 1, 1)), (100, (3, 3, 3, 1)), (1, (5, 5)), (0, (1, 2))):
        shares = split(cents, weights)
        assert sum(shares) == cents
        whole = sum(weights)
        assert all(
            abs(share * whole - cents * weight) < whole for share, weight in zip(shares, weights, strict=True)
        )


def test_match_a_sponsors_pool_smaller_than_promises_is_never_promised_above(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign = c.campaign_open(db, cast)
        grants.declare(
            db, campaign, amount_cents=100, source="Region", reference="R-1", by=cast.maker, at=c.NOW
        )
        grant = c.open_grant(db, cast, grants.GrantTerms("Commons", "EU-77", 150_000, 10_000))
        for buyer in cast.buyers[1:]:
            c.pledge(db, campaign, buyer, 100_000)
        matches = [one.amount_cents for one in db.exec(select(Pledge)) if one.follows_id]
        assert matches == [100_000, 50_000]
        assert grant.reserved_cents == grant.total_cents == 150_000
        assert _signed(db, campaign) == 350_000
        with pytest.raises(Refused):
            grants.activate(db, grant, by=cast.officer, at=c.NOW)
    c.check_book(database)


def _signed(db: Session, campaign: Campaign) -> int:
    return db.get_one(Campaign, campaign.id).signed_cents
