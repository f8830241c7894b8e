"""docs/money.md tells the truth: its example is played, and every figure in it is the book's."""

import pytest
from sqlmodel import Session

from app import house
from app.campaigns import rules as campaigns
from app.delivery import rules as deliveries
from app.escrow import calls, winding_up
from app.escrow.model import Call
from app.ledger.book import balance
from app.ledger.model import Account
from tests import cast as c

pytestmark = pytest.mark.long_story

PAGE = (house.DOCS / "money.md").read_text(encoding="utf-8")


def stands(db: Session, **expected: str) -> None:
    """These accounts stand at these amounts, written as on the page; and the page does name them."""
    for name, written in expected.items():
        code = name.replace("__", ":").replace("_", "-").replace("bank", "sandbox")
        assert balance(db, code) == int(written.replace(" ", "").replace(".", "")), code
        assert written in PAGE


@pytest.fixture
def called(db: Session) -> tuple[c.Cast, campaigns.Campaign, list[Call]]:
    """The campaign of the page: two backers, one milestone of 20 000.00."""
    cast = c.settle(db)
    campaign = c.campaign_open(db, cast, prices=((2_000_000, True),))
    for buyer, cents in zip(cast.buyers, (1_200_000, 800_000), strict=False):
        c.pledge(db, campaign, buyer, cents)
    return cast, campaign, calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)


def test_the_example_comes_in_is_released_and_charged_back_as_written(
    db: Session, called: tuple[c.Cast, campaigns.Campaign, list[Call]]
) -> None:
    cast, campaign, (first, second) = called
    assert (first.total_cents, second.total_cents) == (1_512_000, 1_008_000)
    c.pay(db, first, 1_500_000)
    stands(db, held__1__1__bank="12 000.00", held_vat__1__1__bank="2 400.00", held_fee__1__1__bank="600.00")
    c.pay(db, first, 15_000)
    theirs = c.pay(db, second)
    stands(db, outside__bank="25 230.00", suspense__bank="30.00", fees="1 000.00", vat="200.00")
    stands(db, held__1__2__bank="8 000.00", held_vat__1__2__bank="1 600.00")
    delivery = c.handed_in(db, cast, campaign)
    deliveries.answer(db, delivery, accepts=True, by=cast.buyers[0], at=c.DECIDED)
    assert balance(db, f"owed:{cast.maker.organization.id}:1:sandbox") == 1_440_000 + 960_000
    c.charge_back(db, theirs)
    stands(db, claim__2__bank="9 600.00", fees="600.00", vat="120.00")
    c.check_book(db)


def test_the_example_is_charged_back_before_release_and_refunded_as_written(
    db: Session, called: tuple[c.Cast, campaigns.Campaign, list[Call]]
) -> None:
    cast, campaign, (first, second) = called
    c.charge_back(db, c.pay(db, second))
    assert [balance(db, code) for code in ("outside:sandbox", "fees", "vat", "held:1:2:sandbox")] == [
        0,
        0,
        0,
        0,
    ]
    c.pay(db, first)
    c.pay(db, second)
    stopped = campaigns.stop(db, campaign, reason="Enough", by=cast.officer, at=c.DECIDED)
    winding_up.wind_up(db, stopped, at=c.DECIDED)
    assert balance(db, "back:2:sandbox") == 800_000 + 160_000
    c.check_book(db)


@pytest.mark.on_both
def test_every_account_of_the_book_is_explained(db: Session) -> None:
    cast = c.settle(db)
    _, _, lines = c.accepted(db, cast)
    c.charge_back(db, lines[0])
    for code in db.exec(c.select(Account.code)):
        assert f"| `{code.split(':')[0]}" in PAGE, code
