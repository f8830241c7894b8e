"""The forecast of a pledge is what is cut and called, to the cent."""

import pytest
from sqlmodel import Session, select

from app.campaigns import rules
from app.campaigns.forecast import Rates, Step, foresee, foresee_pledge
from app.campaigns.model import Part
from app.escrow import calls
from tests import cast as c

TWENTY = Rates(work_basis_points=2000, fee_basis_points=500, fee_vat_basis_points=2000)
STEPS = (Step(1, 3_333_333, True, 1), Step(2, 2_000_001, True, 2), Step(3, 1_000_000, False, 3))


def test_below_the_minimum_the_forecast_takes_what_is_missing_from_others() -> None:
    forecast = foresee([533_334], 0, STEPS, TWENTY, after_acceptance=False)
    assert not forecast.is_reached
    assert forecast.parts == {1: 333_334, 2: 200_000}
    call = forecast.first_call
    assert call is not None
    assert (call.milestones, call.price_cents, call.vat_cents) == ((1,), 333_334, 66_667)
    assert (call.fee_cents, call.fee_vat_cents, call.total_cents) == (16_667, 3_333, 420_001)


def test_a_tranche_of_two_milestones_is_one_call_but_a_public_body_pays_each_after_acceptance() -> None:
    steps = [Step(1, 600_000, True, 1), Step(2, 400_000, True, 1)]
    together = foresee([1_000_000], 0, steps, TWENTY, after_acceptance=False).first_call
    alone = foresee([1_000_000], 0, steps, TWENTY, after_acceptance=True).first_call
    assert together is not None
    assert alone is not None
    assert (together.milestones, together.price_cents) == ((1, 2), 1_000_000)
    assert (alone.milestones, alone.price_cents) == ((1,), 600_000)


def test_an_option_is_foreseen_once_it_is_covered() -> None:
    whole = foresee([5_333_334, 1_000_000], 1, STEPS, TWENTY, after_acceptance=False)
    assert set(whole.parts) == {1, 2, 3}
    assert set(foresee([5_333_334, 999_999], 1, STEPS, TWENTY, after_acceptance=False).parts) == {1, 2}


@pytest.mark.parametrize(
    "amounts", [(2_000_000, 1_500_001, 1_900_000), (5_000_000, 333_334, 7), (4_444_443, 1, 999_999)]
)
def test_the_forecast_is_what_is_cut_and_called_to_the_cent(db: Session, amounts: tuple[int, ...]) -> None:
    cast = c.settle(db)
    campaign = c.campaign_open(db, cast)
    signed = [c.pledge(db, campaign, buyer, cents) for buyer, cents in zip(cast.buyers, amounts, strict=True)]
    foreseen = {pledge.id: foresee_pledge(db, pledge, at=c.NOW) for pledge in signed}
    if campaign.signed_cents < campaign.minimum_cents:
        assert not any(forecast.is_reached for forecast in foreseen.values())
        return
    rules.decide(db, campaign, at=c.DECIDED)
    numbers = {m.id: m.number for m in rules.milestones_of(db, campaign.estimate_id)}
    for pledge in signed:
        parts = db.exec(select(Part).where(Part.pledge_id == pledge.id)).all()
        assert {numbers[p.milestone_id]: p.price_cents for p in parts} == foreseen[pledge.id].parts
    for call in calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED):
        first = foreseen[call.pledge_id].first_call
        assert first is not None
        assert call.total_cents == first.total_cents
