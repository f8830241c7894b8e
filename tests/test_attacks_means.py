"""What was revoked pulls nothing more, not even what was wanted a moment before."""

import pytest

from app.escrow import collecting, saved
from app.escrow.model_outside import Collection, MeansStanding, PaymentMeans
from app.kit.db import Database
from tests import cast as c


@pytest.mark.long_story
def test_a_mandate_revoked_before_the_rail_was_asked_is_not_pulled_from(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        _campaign, asked = c.called(db, cast)
        left = PaymentMeans(
            organization_id=cast.buyers[0].organization.id, rail="sandbox", means="debit", state=MeansStanding.ACTIVE,
            token="pm_1", asked_by_id=cast.buyers[0].person.id, asked_at=c.NOW,
        )  # fmt: skip
        db.add(left)
        db.flush()
        wanted = Collection(
            call_id=asked[0].id, rail="sandbox", means="debit", amount_cents=asked[0].total_cents,
            payment_means_id=left.id, wanted_at=c.DECIDED,
        )  # fmt: skip
        db.add(wanted)
        db.flush()
        told = collecting.demand_for(db, wanted.id, "https://jalon.example")
        assert told is not None
        assert told[1].token == "pm_1"
        saved.revoke(db, left, by=cast.buyers[0], at=c.DECIDED)
        told = collecting.demand_for(db, wanted.id, "https://jalon.example")
        assert told is None or told[1].token == ""
