"""What may happen to work and to money on its way out: refused, disputed, certified, bounced, never delivered."""

from typing import Any

import pytest

from app.campaigns.model import Campaign
from app.delivery import rules as delivery
from app.demo.cast import BANK, CITY, GRID, INSURER, MINISTRY
from app.demo.funding import ARBITRATOR, OTHER_ARBITRATOR, TREASURER
from app.demo.round import Round
from app.estimates.model import Estimate
from app.kit.rules import Missing
from app.payouts.model import PayoutState
from app.people.model import Role, RoleGrant
from tests.playing import Play, refused
from tests.playing_cast import PRICES, THREE, paid

__all__ = ["paid"]
pytestmark = pytest.mark.long_story

WITH_PUBLIC = {MINISTRY.name: 700_000, BANK.name: 400_000, GRID.name: 400_000}


def test_more_than_half_of_the_money_accepts_and_every_paid_part_is_released(play: Play, paid: Round) -> None:
    paid.answer((INSURER,))
    assert play.delivery(paid).state == "handed in"
    with refused(play):
        paid.answer((INSURER,), accepts=False, reasons="Finalement non")
    paid.answer((GRID,))
    assert play.delivery(paid).state == "accepted"
    assert play.total("owed:") == 720_000
    with refused(play):
        paid.answer((BANK,))


def test_half_of_the_money_is_enough_to_refuse(play: Play) -> None:
    two = play.round((600_000,), {BANK.name: 300_000, GRID.name: 300_000})
    two.call_and_pay()
    two.hand_in(1, "v1")
    with refused(play):
        two.answer((BANK,), accepts=False, reasons=" ")
    two.answer((BANK,), accepts=False, reasons="Le tri manque")
    assert play.delivery(two).state == "refused"


def test_silence_for_ten_business_days_counts_as_acceptance(play: Play, paid: Round) -> None:
    paid.answer((BANK,), accepts=False, reasons="Lent")
    play.later(days=14)
    assert play.delivery(paid).state == "handed in"
    play.later(days=1)
    assert play.delivery(paid).state == "accepted"
    assert play.total("owed:") == 720_000


def test_a_refused_delivery_is_taken_back_and_handed_in_again(play: Play, paid: Round) -> None:
    with refused(play):
        paid.take_back()
    paid.answer((INSURER, GRID), accepts=False, reasons="Le tri manque")
    with refused(play):
        paid.hand_in(1, "v1.1")
    paid.take_back()
    paid.hand_in(1, "v1.1")
    paid.answer((INSURER, GRID))
    assert (play.delivery(paid).attempt, play.delivery(paid).state) == (2, "accepted")
    with refused(play):
        paid.hand_in(1, "v1.2")


def test_a_milestone_nobody_finances_is_not_handed_in(play: Play) -> None:
    short = play.round((500_000, 400_000), {BANK.name: 500_000}, optional=1)
    short.close_early()
    short.call_and_pay()
    with refused(play) as refusal:
        short.hand_in(2, "v1")
    assert "not financed" in str(refusal)


@pytest.mark.parametrize(
    ("percent", "state", "owed", "back"),
    [(0, "rejected", 0, 720_000), (40, "part accepted", 288_000, 432_000), (100, "accepted", 720_000, 0)],
)
def test_an_award_releases_its_share_of_every_part_and_gives_the_rest_back(
    play: Play, paid: Round, percent: int, state: str, owed: int, back: int
) -> None:
    paid.answer((INSURER, GRID), accepts=False, reasons="Le tri manque")
    paid.dispute("Le tri n’est pas un critère")
    with refused(play):
        paid.opinion(ARBITRATOR, 5000, "Avant d’avoir entendu les parties")
    paid.hear((INSURER, GRID))
    paid.opinion(ARBITRATOR, 5000, "La moitié")
    with refused(play):
        paid.opinion(ARBITRATOR, 5050, "Un demi pour cent")
    with refused(play):
        paid.opinion(OTHER_ARBITRATOR, 10_100, "Plus que tout")
    paid.opinion(OTHER_ARBITRATOR, percent * 100, "À peu près")
    assert play.delivery(paid).state == "disputed"
    paid.opinion(ARBITRATOR, percent * 100, "Je me range à cet avis")
    assert play.delivery(paid).state == state
    assert (play.total("owed:"), play.total("back:")) == (owed, back)
    with refused(play):
        paid.opinion(ARBITRATOR, 0, "Trop tard")
    play.pay_out_all()
    assert sum(payout.amount_cents for payout in play.payouts("paid")) == 720_000


@pytest.mark.on_both
def test_two_opinions_of_one_arbitrator_are_no_award(play: Play, paid: Round) -> None:
    paid.answer((INSURER, GRID), accepts=False, reasons="Le tri manque")
    paid.dispute("Si")
    play.later(days=16)
    paid.opinion(ARBITRATOR, 4000, "Un")
    paid.opinion(ARBITRATOR, 4000, "Deux")
    assert play.delivery(paid).state == "disputed"
    paid.take_back()
    assert play.delivery(paid).state == "returned"


def certify(play: Play, played: Round) -> None:
    played.certify(MINISTRY)
    play.work()


def test_a_public_body_commits_certifies_is_called_and_pays_after_the_others(play: Play) -> None:
    public = play.round(PRICES, WITH_PUBLIC)
    public.call()
    assert MINISTRY.name not in play.calls(public), "a public body is not called before acceptance"
    public.pay_calls()
    public.hand_in(1, "v1")
    with refused(play):
        certify(play, public)
    public.answer((MINISTRY, BANK))
    assert play.total("owed:") == 384_000
    play.pay_out_all()
    certify(play, public)
    with refused(play):
        certify(play, public)
    assert play.calls(public)[MINISTRY.name].price_cents == 280_000
    play.later(days=35)
    assert play.calls(public)[MINISTRY.name].state == "defaulted"
    call = play.calls(public)[MINISTRY.name]
    play.pay(call.reference, call.total_cents, MINISTRY.name)
    play.work()
    assert play.total("owed:") == 336_000
    play.pay_out_all()
    assert sum(payout.amount_cents for payout in play.payouts("paid")) == 720_000


def test_a_round_is_completed_only_when_the_public_body_has_paid(play: Play) -> None:
    public = play.round((600_000,), {MINISTRY.name: 300_000, CITY.name: 200_000, BANK.name: 100_000})
    public.call_and_pay()
    public.hand_in(1, "v1")
    public.answer((MINISTRY, CITY))
    for body in (MINISTRY, CITY):
        assert play.campaign(public).state == "secured"
        public.certify(body)
        public.pay_calls()
    assert play.campaign(public).state == "completed"


def test_a_public_body_pays_for_accepted_work_even_after_the_round_was_stopped(play: Play) -> None:
    public = play.round(PRICES, WITH_PUBLIC)
    public.call_and_pay()
    public.hand_in(1, "v1")
    public.answer((MINISTRY, BANK))
    public.end("stop", "La suite est abandonnée")
    certify(play, public)
    public.pay_calls()
    assert play.total("owed:") == 720_000
    assert play.total("held") == 0


def test_a_public_body_pays_the_awarded_share_only(play: Play) -> None:
    public = play.round((600_000,), {MINISTRY.name: 300_000, BANK.name: 300_000})
    public.call_and_pay()
    public.hand_in(1, "v1")
    public.answer((MINISTRY,), accepts=False, reasons="Incomplet")
    public.dispute("Complet")
    public.hear((MINISTRY,))
    for arbitrator in (ARBITRATOR, OTHER_ARBITRATOR):
        public.opinion(arbitrator, 2500, "Un quart")
    certify(play, public)
    assert play.calls(public)[MINISTRY.name].price_cents == 75_000
    public.pay_calls()
    assert (play.total("owed:"), play.campaign(public).state) == (180_000, "completed")


@pytest.mark.on_both
def test_what_nobody_delivers_goes_back_sixty_days_after_it_was_due(play: Play) -> None:
    late = play.round(PRICES, THREE, due_in_days=40)
    late.call_and_pay()
    play.later(days=100)
    assert play.total("back:") == 0
    play.later(days=1)
    assert (play.total("back:"), play.total("held")) == (720_000, 0)
    assert play.campaign(late).state == "completed", "the second milestone was due on the same day"
    with refused(play):
        late.hand_in(1, "v1")


def test_a_running_review_moves_the_long_stop(play: Play) -> None:
    late = play.round((600_000,), {BANK.name: 300_000, GRID.name: 300_000}, due_in_days=10)
    late.call_and_pay()
    play.later(days=69)
    late.hand_in(1, "v1")
    play.later(days=5)
    assert play.total("back:") == 0
    late.answer((BANK,), accepts=False, reasons="Incomplet")
    play.later(days=30)
    assert play.total("back:") == 0
    late.take_back()
    play.work()
    assert play.total("back:") == 720_000


def test_a_stopped_round_gives_each_backer_what_its_own_accounts_hold(play: Play, paid: Round) -> None:
    paid.end("stop", "La fonction arrive en amont")
    for act in (
        lambda: paid.answer((BANK,)),
        lambda: paid.hand_in(1, "v2"),
        lambda: paid.dispute("Si"),
        lambda: paid.take_back(),
    ):
        with refused(play):
            act()
    play.later(days=40)
    play.pay_out_all()
    assert [payout.amount_cents for payout in play.payouts("paid")] == [240_000] * 3


def test_nobody_of_the_fund_decides_on_money_of_an_organization_they_belong_to(
    play: Play, paid: Round
) -> None:
    def join(db: Any) -> None:
        bank = play.actor(db, BANK.people[0]).organization
        for who in (TREASURER, ARBITRATOR):
            person = play.actor(db, who).person
            db.add(
                RoleGrant(person_id=person.id, organization_id=bank.id, role=Role.MEMBER, granted_at=play.at)
            )

    paid.answer((INSURER, GRID), accepts=False, reasons="Le tri manque")
    paid.dispute("Si")
    paid.hear((INSURER, GRID))
    play.act(join)
    with refused(play) as refusal:
        paid.opinion(ARBITRATOR, 4000, "Je suis aussi de la banque")
    assert "You belong to Banque Lumen" in str(refusal)
    paid.end("stop", "Fin")
    with refused(play) as refusal:
        play.prepare(play.payouts(PayoutState.DUE)[0])
    assert "You belong to Banque Lumen" in str(refusal)


def test_another_maintainer_finds_nothing_here(play: Play, paid: Round) -> None:
    def hand_in(db: Any) -> None:
        campaign = db.get_one(Campaign, paid.campaign_id)
        db.get_one(Estimate, campaign.estimate_id)
        delivery.hand_in(
            db, campaign, db.merge(milestone), version="v1", evidence="https://forge.example/v1",
            by=play.actor(db, GRID.people[1]), at=play.at,
        )  # fmt: skip

    from app.campaigns import rules as campaigns

    with play.database.reading() as db:
        milestone = campaigns.scoped_milestones(db, play.campaign(paid))[1]
    with pytest.raises(Missing):
        play.act(hand_in)
