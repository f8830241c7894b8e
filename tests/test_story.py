"""The road from a need to a payout, and every way in which a round may end before anybody pays."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.campaigns import pledges, rules
from app.campaigns.model import Campaign, Pledge, PledgeState
from app.demo.cast import BANK, CITY, FUND_PEOPLE, GRID, INSURER, MAINTAINERS, MINISTRY, WATCH
from app.demo.funding import OFFICER, OFFICER_TWO, Step
from app.demo.round import Round
from app.demo.stage import Stage
from app.kit.db import Database
from app.kit.rules import Missing, Refused
from app.needs import rules as needs
from app.needs.forms import NeedForm
from app.payouts import payees
from app.people import alarms
from app.people.model import Role, RoleGrant
from tests.playing import START, Play, refused, settings_for

REQUIRED = (620_000, 880_000)
WITH_OPTIONAL = (*REQUIRED, 700_000)
HALVES = {BANK.name: 900_000, INSURER.name: 600_000}


def test_one_need_travels_to_one_payout(database: Database, tmp_path: Path) -> None:
    stage = Stage(database, settings_for(str(database.url), tmp_path), START)
    stage.found_operator("Fonds", FUND_PEOPLE)
    for company in (BANK, INSURER, MAINTAINERS[2]):
        stage.welcome(company, OFFICER)

    def write(db) -> None:
        from app.catalogue import rules as catalogue
        from app.catalogue.forms import SoftwareForm

        by = stage.actor(db, BANK.people[1])
        catalogue.register(
            db, SoftwareForm(name="Veilleur", repository_url="https://forge.example/v"), by=by, at=stage.at
        )
        form = NeedForm(software="Veilleur", title="Recherche", summary="Elle manque.")
        needs.publish(db, needs.write(db, form, by=by, at=stage.at), by=by, at=stage.at)
        payees.name_account(
            db,
            rail="sandbox",
            holder="Veille",
            account="FR763000100",
            by=stage.actor(db, WATCH.people[0]),
            at=stage.at,
        )

    stage.act(write)
    road = Round(stage, WATCH).quote(
        "Recherche", ["Recherche"], [Step("Champ", 1_500_000, 80, "Trouve")], license_="MIT"
    )
    road.decide(True).open(20).pledge(BANK, 900_000).pledge(INSURER, 600_000)
    road.call_and_pay()
    road.hand_in(1, "v1.0")
    road.answer((BANK,))
    road.pay_out()
    seen = Play(database, settings_for(str(database.url), tmp_path), stage.at)
    seen.quietly()
    assert seen.campaign(road).state == "completed"
    (paid,) = seen.payouts("paid")
    assert (paid.kind, paid.amount_cents) == ("maintainer", 1_800_000)
    assert seen.total("owed:") == seen.total("held") == 0


def test_a_round_below_its_threshold_fails_at_the_deadline_and_every_pledge_ends(play: Play) -> None:
    missed = play.round(REQUIRED, {BANK.name: 900_000})
    play.later(days=30)
    assert play.campaign(missed).state == "open"
    play.later(days=1)
    assert play.campaign(missed).state == "failed"
    assert play.pledges(missed)[BANK.name].state == "lapsed"


def test_the_fund_secures_early_once_the_threshold_is_reached_and_not_before(play: Play) -> None:
    reached = play.round(WITH_OPTIONAL, {BANK.name: 900_000}, optional=1)
    with refused(play) as refusal:
        reached.close_early()
    assert "threshold is not reached" in str(refusal)
    reached.pledge(INSURER, 600_000)
    reached.close_early()
    assert play.campaign(reached).state == "secured"
    with refused(play):
        reached.close_early()


def test_a_round_with_its_threshold_reached_is_secured_at_the_deadline(play: Play) -> None:
    reached = play.round(WITH_OPTIONAL, {BANK.name: 900_000, INSURER.name: 700_000}, optional=1)
    play.later(days=31)
    assert play.campaign(reached).state == "secured"
    assert parts_by_number(play, reached) == {1: 620_000, 2: 880_000}


def test_a_round_is_secured_by_itself_when_everything_is_pledged(play: Play) -> None:
    full = play.round(WITH_OPTIONAL, {BANK.name: 900_000, INSURER.name: 1_300_000}, optional=1)
    assert play.campaign(full).state == "secured"
    assert parts_by_number(play, full) == {1: 620_000, 2: 880_000, 3: 700_000}
    with refused(play):
        full.pledge(GRID, 1)


def test_optional_milestones_come_in_order_and_stop_at_the_first_that_is_not_covered(play: Play) -> None:
    short = play.round((500_000, 400_000, 100_000), {BANK.name: 700_000}, optional=2)
    short.close_early()
    assert parts_by_number(play, short) == {1: 500_000}, "the third would fit, but the second comes before it"


def test_a_pledge_beyond_the_estimate_is_refused_with_what_is_still_open(play: Play) -> None:
    almost = play.round(REQUIRED, {BANK.name: 1_400_000})
    with refused(play) as refusal:
        almost.pledge(INSURER, 100_001)
    assert refusal.said
    assert refusal.said.params["left"].cents == 100_000
    almost.pledge(INSURER, 100_000)
    assert play.campaign(almost).state == "secured"


def test_a_signed_pledge_is_withdrawn_while_the_round_is_open_and_stands_afterwards(play: Play) -> None:
    open_round = play.round(REQUIRED, HALVES | {BANK.name: 800_000})
    open_round.withdraw(INSURER, "Budget reporté")
    assert play.campaign(open_round).signed_cents == 800_000
    with refused(play):
        open_round.withdraw(INSURER, "Encore")
    open_round.pledge(GRID, 700_000)
    with refused(play) as refusal:
        open_round.withdraw(BANK, "Trop tard")
    assert "now stands" in str(refusal)


def test_after_the_deadline_nothing_is_signed_or_withdrawn_even_if_the_worker_is_late(play: Play) -> None:
    late = play.round(REQUIRED, {BANK.name: 800_000})
    play.at += timedelta(days=31)
    for act in (lambda: late.pledge(INSURER, 100_000), lambda: late.withdraw(BANK, "Trop tard")):
        with refused(play):
            act()


def test_above_the_limit_of_the_year_an_approver_signs_and_until_then_nothing_counts(play: Play) -> None:
    karim = BANK.people[2]  # signs up to 10 000 alone
    above = play.round(REQUIRED)
    above.pledge(BANK, 700_000, who=karim)
    above.pledge(BANK, 300_001, who=karim, approve=False)
    waiting = play.pledges(above)[BANK.name]
    assert waiting.state == PledgeState.AWAITING_APPROVAL
    assert play.campaign(above).signed_cents == 700_000

    def approve(db, who) -> Pledge:
        return pledges.approve(db, db.get_one(Pledge, waiting.id), by=play.actor(db, who), at=play.at)

    for who in (karim, INSURER.people[0], BANK.people[1]):
        with pytest.raises((Refused, Missing)):
            play.act(lambda db, who=who: approve(db, who))
    play.act(lambda db: approve(db, BANK.people[0]))
    assert play.campaign(above).signed_cents == 1_000_001


def test_an_approver_says_no_with_a_reason(play: Play) -> None:
    asked = play.round(REQUIRED)
    asked.pledge(BANK, 1_200_000, who=BANK.people[2], approve=False)
    waiting = play.pledges(asked)[BANK.name]

    def refuse(db, reason: str) -> None:
        pledges.refuse(
            db, db.get_one(Pledge, waiting.id), reason=reason, by=play.actor(db, BANK.people[0]), at=play.at
        )

    with refused(play):
        play.act(lambda db: refuse(db, " "))
    play.act(lambda db: refuse(db, "Hors budget"))
    assert play.pledges(asked)[BANK.name].state == "refused"


def test_a_limit_counts_the_calendar_year_where_the_operator_lives(play: Play) -> None:
    karim = BANK.people[2]
    play.at = play.at.replace(year=2026, month=12, day=15)
    first = play.round(REQUIRED)
    first.pledge(BANK, 1_000_000, who=karim)
    play.at = play.at.replace(month=12, day=31, hour=22, minute=59)
    first.pledge(BANK, 1, who=karim, approve=False)
    assert play.pledges(first)[BANK.name].state == "awaiting approval"
    play.at = play.at.replace(hour=23, minute=1)  # in Paris the year has begun
    first.pledge(BANK, 400_000, who=karim, approve=False)
    assert play.pledges(first)[BANK.name].state == "signed"


def test_a_cancelled_round_ends_every_pledge_with_a_public_reason(play: Play) -> None:
    off = play.round(REQUIRED, {BANK.name: 800_000})
    with refused(play):
        off.end("cancel", "  ")
    off.end("cancel", "La fonction arrive en amont.")
    assert play.campaign(off).state == "cancelled"
    assert play.pledges(off)[BANK.name].state == "lapsed"
    with refused(play):
        off.end("stop", "Encore")


def test_a_public_body_needs_its_order_number(play: Play) -> None:
    def draft(db, number: str) -> None:
        campaign = db.get_one(Campaign, public.campaign_id)
        promise = pledges.Promise(100_000, po_number=number)
        pledges.draft(db, campaign, promise, by=play.actor(db, MINISTRY.people[1]), at=play.at)

    public = play.round(REQUIRED)
    with refused(play):
        play.act(lambda db: draft(db, " "))
    play.act(lambda db: draft(db, "EJ-1"))


def test_an_alarm_stops_new_pledges_and_nothing_else(play: Play) -> None:
    open_round = play.round(REQUIRED, {BANK.name: 800_000})
    play.act(lambda db: alarms.ring(db, "reconciliation", "the book and the bank disagree", at=play.at))
    with refused(play) as refusal:
        open_round.pledge(INSURER, 100_000)
    assert "the book and the bank disagree" in str(refusal)
    open_round.withdraw(BANK, "Quand même")
    play.act(lambda db: alarms.clear(db, "reconciliation", at=play.at))
    open_round.pledge(INSURER, 100_000)


def test_a_payout_that_waits_more_than_ten_business_days_rings_and_its_approval_stops_the_ringing(
    play: Play,
) -> None:
    waits = play.round((100_000,), {BANK.name: 100_000})
    waits.call_and_pay()
    waits.hand_in(1, "v1")
    waits.answer((BANK,))
    play.later(days=17)
    other = play.round(REQUIRED)
    with refused(play):
        other.pledge(BANK, 100_000)
    play.pay_out_all()
    other.pledge(BANK, 100_000)


def test_nobody_of_the_fund_decides_for_an_organization_they_belong_to(play: Play) -> None:
    def join(db) -> None:
        person, bank = play.actor(db, OFFICER).person, play.actor(db, BANK.people[0]).organization
        db.add(RoleGrant(person_id=person.id, organization_id=bank.id, role=Role.MEMBER, granted_at=play.at))

    tied = play.round(REQUIRED, HALVES | {BANK.name: 800_000})
    play.act(join)
    for act in (tied.close_early, lambda: tied.end("cancel", "Non"), tied.call):
        with refused(play) as refusal:
            act()
        assert "You belong to Banque Lumen" in str(refusal) or "threshold" in str(refusal)
    tied.pledge(GRID, 100_000)
    with refused(play) as refusal:
        tied.call()
    assert "You belong to Banque Lumen" in str(refusal)

    def call_by_another(db) -> None:
        from app.escrow import calls

        calls.call_funds(
            db, db.get_one(Campaign, tied.campaign_id), by=play.actor(db, OFFICER_TWO), at=play.at
        )

    play.act(call_by_another)
    assert play.calls(tied)[BANK.name].state == "issued"


def test_a_maintainer_cannot_pledge_for_its_own_work_nor_a_backer_act_for_the_fund(play: Play) -> None:
    own = play.round(REQUIRED, HALVES)
    with refused(play):
        own.pledge(WATCH, 1_000)
    with refused(play):
        play.act(lambda db: rules.stop(
            db, db.get_one(Campaign, own.campaign_id), reason="Non", by=play.actor(db, CITY.people[1]), at=play.at
        ))  # fmt: skip


def parts_by_number(play: Play, played: Round) -> dict[int, int]:
    """What the parts of each milestone sum to, by its number."""
    with play.database.reading() as db:
        campaign = db.get_one(Campaign, played.campaign_id)
        numbers = {m.id: m.number for m in rules.milestones_of(db, campaign.estimate_id)}
        sums: dict[int, int] = {}
        for part in rules.parts_of(db, campaign):
            number = numbers[part.milestone_id]
            sums[number] = sums.get(number, 0) + part.price_cents
    return sums
