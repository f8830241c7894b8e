"""Money a provider will not hold much longer: what was kept back of accepted work is released, and only by the fund."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.campaigns.round_rules import Chosen
from app.delivery import retention
from app.delivery import rules as deliveries
from app.delivery.standing import holds_retention
from app.escrow import hold_limits
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.ledger.book import total
from tests import cast as c


def paid_with_retention(db: Session, cast: c.Cast) -> Campaign:
    """A campaign that keeps a tenth back, its first tranche paid."""
    estimate = c.estimate_approved(db, cast, name="Kept")
    chosen = Chosen(retention_basis_points=1000)
    campaign = campaigns.prepare(
        db, estimate, deadline_on=c.DEADLINE, chosen=chosen, by=cast.officer, at=c.NOW
    )
    campaigns.open_round(db, campaign, by=cast.officer, at=c.NOW)
    for buyer, cents in zip(cast.buyers, c.PLEDGES, strict=True):
        c.pledge(db, campaign, buyer, cents)
    c.pledge(db, campaign, cast.ministry, c.MINISTRY_PLEDGES)
    secured = campaigns.decide(db, campaign, at=c.DECIDED)
    for call in c.calls.call_funds(db, secured, by=cast.officer, at=c.DECIDED):
        c.pay(db, call)
    return secured


def test_what_is_kept_back_is_released_before_the_limit_by_an_officer_with_a_reason(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold_limits, "hold_days", lambda _rail: 90)
    near = c.DECIDED + timedelta(days=61)
    with database.writing() as db:
        cast = c.settle(db)
        campaign = paid_with_retention(db, cast)
        delivery = c.handed_in(db, cast, campaign)
        for buyer in cast.buyers[:2]:
            deliveries.answer(db, delivery, accepts=True, by=buyer, at=c.DECIDED)
        owed = total(db, "owed:")
        assert holds_retention(delivery)
        for by, at, reason, refusal in (
            (cast.officer, c.DECIDED, "The limit.", "nothing to decide yet"),
            (cast.officer, near, " ", "give the reason"),
            (cast.treasurer, near, "The limit.", "role"),
            (cast.maker, near, "The limit.", "role"),
        ):
            with pytest.raises((Conflict, Refused), match=refusal):
                retention.release_before_limit(db, delivery, reason=reason, by=by, at=at)
        retention.release_before_limit(db, delivery, reason="The limit.", by=cast.officer, at=near)
        assert not holds_retention(delivery)
        assert total(db, "owed:") > owed
    c.check_book(database, near + timedelta(hours=2))
