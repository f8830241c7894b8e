"""A round of three backers and two milestones, on the story's stage: where tests of its money begin."""

from typing import Any

import pytest

from app.demo.cast import BANK, GRID, INSURER
from app.demo.round import Round
from app.escrow.model import Call
from tests.playing import Play

PRICES = (600_000, 900_000)
THREE = {BANK.name: 500_000, INSURER.name: 500_000, GRID.name: 500_000}


@pytest.fixture
def secured(play: Play) -> Round:
    """Three backers, two milestones, secured and its first tranche called: 200 000 each, with VAT and fee 252 000."""

    def call() -> Round:
        made = play.round(PRICES, THREE)
        made.call()
        return made

    return play.begin("called", call)


@pytest.fixture
def paid(play: Play) -> Round:
    """Three backers, two milestones, the first tranche paid and its milestone handed in."""

    def hand_in() -> Round:
        made = play.round(PRICES, THREE)
        made.call_and_pay()
        made.hand_in(1, "v1")
        return made

    return play.begin("handed in", hand_in)


def pay(play: Play, played: Round, who: str, cents: int | None = None, **more: Any) -> str:
    """A backer pays its call, or so many cents of it; the worker hears of it."""
    call = play.calls(played)[who]
    name = play.pay(
        call.reference, call.total_cents - call.paid_cents if cents is None else cents, who, **more
    )
    play.work()
    return name


def call_of(play: Play, played: Round, who: str = BANK.name) -> Call:
    """A backer's call, as it is now."""
    return play.calls(played)[who]
