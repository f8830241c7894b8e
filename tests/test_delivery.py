"""Milestones: handed in, accepted, refused, disputed, certified; and what each of it does to the money."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlmodel import Session, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Publicity
from app.delivery import arbitration, disputes
from app.delivery import rules as deliveries
from app.delivery.model import Acceptance, Delivery, DeliveryState, Dispute
from app.delivery.seen import backers_of, tally_of
from app.delivery.stages import Stage as MilestoneStage
from app.delivery.stages import standing_of
from app.escrow.model import CallState, Refund, Release
from app.kit.clock import day_of
from app.kit.db import Database
from app.kit.rules import Conflict, Missing, Refused
from app.kit.settings import Settings
from app.people.model import Kind, Role
from app.rails.rail import Happened
from tests.money_cast import EVIDENCE, NOW, TWO, ZONE, Backing, Stage, join, outsider, set_up, visiting

PUBLIC = (*TWO[:1], Backing("Ministère", 500_000, is_public_body=True))
THREE = (
    Backing("Banque Lumen", 400_000),
    Backing("Assurances du Port", 300_000),
    Backing("Réseau Nord", 300_000),
)


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """Two backers with half of the money each, the first tranche paid."""
    return set_up(database, settings, then=Stage.fund)


def where(stage: Stage, number: int = 1) -> MilestoneStage:
    """The stage of a milestone now."""
    milestone = stage.milestones[number - 1]
    return stage.look(lambda db: standing_of(db, db.get_one(Campaign, stage.campaign.id), milestone).stage)


def opinion(stage: Stage, delivery: Delivery, who: int, percent: int) -> Dispute:
    """An arbitrator writes an opinion."""

    def work(db: Session) -> Dispute:
        found = db.exec(select(Dispute).where(Dispute.delivery_id == delivery.id)).one()
        return arbitration.write_opinion(
            db, found, share=percent * 100, reason="I read both.", by=stage.arbitrators[who], at=stage.at
        )

    return stage.act(work)


# ---- The happy road --------------------------------------------------------------------------------------------


def test_a_milestone_travels_from_waiting_to_released_and_the_last_one_completes_the_campaign(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings)
    assert where(stage) == MilestoneStage.TO_CALL
    calls = stage.call()
    assert where(stage) == MilestoneStage.TO_PAY
    with pytest.raises(Refused, match="not complete yet"):
        stage.hand_in()
    for call in calls:
        stage.pay(call)
    stage.rest()
    assert where(stage) == MilestoneStage.TO_DO
    delivery = stage.hand_in()
    assert where(stage) == MilestoneStage.IN_REVIEW
    stage.answer(delivery, 0, accepts=True)
    assert stage.balance("owed:") == 0, "half of the money is not more than half"
    delivery = stage.answer(delivery, 1, accepts=True)
    assert delivery.state == DeliveryState.ACCEPTED
    assert stage.balance("owed:") == 720_000, "the price and its VAT, of both backers"
    stage.rest()
    stage.fund()
    stage.accepted(2)
    assert stage.again(stage.campaign).state == "completed"
    assert (stage.balance("held"), stage.balance("owed:")) == (0, 1_200_000)


def test_the_road_is_walked_on_the_pages(stage: Stage, app: Flask) -> None:
    page = f"/milestones/{stage.milestones[0].public_id}"
    with visiting(app, stage.maker) as browser:
        assert "Hand in" in browser.get(page).text
        form = browser.get(f"{page}/deliveries").text
        assert "Two persons edit one page." in form
        assert "until the end of 7 December 2026" in form
        answer = browser.post(
            f"{page}/deliveries", data={"version": "v1", "evidence": EVIDENCE, "message": ""}
        )
        assert answer.status_code == 303
        delivery_page = answer.location
    for who, backer in enumerate(stage.backers):
        with visiting(app, backer) as browser:
            shown = browser.get(delivery_page).text
            assert "€3,600.00 of yours" in shown
            assert "If you do not answer by the end of 7 December 2026, it counts as acceptance." in shown
            answer = browser.post(f"{delivery_page}/answer", data={"answer": "accept", "reasons": ""})
            assert answer.status_code == 303, answer.text
            again = browser.post(f"{delivery_page}/answer", data={"answer": "accept"})
            assert again.status_code == 409
            assert ("has answered already" if who == 0 else "was decided already") in again.text
    with visiting(app, None) as browser:
        assert "by the campaign&#39;s rule" in browser.get(delivery_page).text
        assert "Accepted" in browser.get(page).text
        assert "€7,200.00" in browser.get(f"/payouts/of-milestone/{stage.milestones[0].public_id}").text
    stage.rest()


# ---- Handing in ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        ("javascript:alert(1)", "not an address"),
        ("ftp://example.org/file", "not an address"),
        ("https://example.org/a b", "not an address"),
        ("see the wiki", "not an address"),
        ("https://user:secret@example.org", "not an address"),
        (" \n ", "at least one address"),
        ("\n".join(f"https://example.org/{n}" for n in range(21)), "at most 20"),
    ],
)
def test_evidence_is_addresses_of_the_web(stage: Stage, evidence: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        stage.act(lambda db: deliveries.hand_in(
            db, db.get_one(Campaign, stage.campaign.id), stage.milestones[0], version="v1", evidence=evidence,
            by=stage.maker, at=NOW,
        ))  # fmt: skip
    assert refused.value.field == "evidence"


def test_what_is_handed_in_is_not_handed_in_twice(stage: Stage, app: Flask) -> None:
    stage.hand_in()
    with visiting(app, stage.maker) as browser:
        answer = browser.post(
            f"/milestones/{stage.milestones[0].public_id}/deliveries",
            data={"version": "v1", "evidence": EVIDENCE},
        )
        assert answer.status_code == 409
        assert "is with its backers already" in answer.text
        assert "v1" in answer.text, "what was typed is still there"


def test_only_the_maintainer_hands_in_and_others_find_nothing(stage: Stage, app: Flask) -> None:
    stranger = outsider(stage, "Code Libre", Kind.MAINTAINER, Role.MEMBER)
    page = f"/milestones/{stage.milestones[0].public_id}/deliveries"
    with visiting(app, stranger) as browser:
        assert browser.get(page).status_code == 404
        assert browser.post(page, data={"version": "v1", "evidence": EVIDENCE}).status_code == 404
    with visiting(app, stage.backers[0]) as browser:
        assert browser.get(page).status_code == 403
    with visiting(app, None) as browser:
        assert browser.get("/deliveries/nothing").status_code == 404
        assert browser.get(f"/milestones/{stage.milestones[0].public_id}").status_code == 200


# ---- Votes -----------------------------------------------------------------------------------------------------


def test_exactly_half_accepting_is_not_enough_and_exactly_half_refusing_is(stage: Stage) -> None:
    delivery = stage.hand_in()
    stage.answer(delivery, 0, accepts=True)
    assert stage.again(delivery).state == DeliveryState.HANDED_IN
    stage.answer(delivery, 1, accepts=False, reasons="Lines are lost.")
    assert stage.again(delivery).state == DeliveryState.REFUSED
    assert (stage.balance("owed:"), stage.balance("held:")) == (0, 600_000)
    stage.rest()


def test_refusing_takes_reasons(stage: Stage, app: Flask) -> None:
    delivery = stage.hand_in()
    with visiting(app, stage.backers[0]) as browser:
        answer = browser.post(
            f"/deliveries/{delivery.public_id}/answer", data={"answer": "refuse", "reasons": " "}
        )
        assert answer.status_code == 422
        assert "Please say which criteria are not met." in answer.text


def test_who_backs_nothing_here_does_not_answer(stage: Stage, app: Flask) -> None:
    delivery = stage.hand_in()
    stranger = outsider(stage, "Cité Numérique", Kind.CORPORATE, Role.BUYER)
    with visiting(app, stranger) as browser:
        assert "Your answer" not in browser.get(f"/deliveries/{delivery.public_id}").text
        answer = browser.post(f"/deliveries/{delivery.public_id}/answer", data={"answer": "accept"})
        assert answer.status_code == 403
        assert "Only the backers" in answer.text


@pytest.mark.parametrize(
    ("handed_in", "last_day"),
    [
        (datetime(2026, 12, 18, 10, tzinfo=UTC), date(2027, 1, 5)),
        (datetime(2027, 3, 19, 10, tzinfo=UTC), date(2027, 4, 6)),
        # Half past midnight in Paris is still the evening before in UTC.
        (datetime(2026, 11, 29, 23, 30, tzinfo=UTC), date(2026, 12, 14)),
    ],
    ids=["Christmas", "Easter", "midnight"],
)
def test_silence_is_acceptance_after_ten_business_days_of_target(
    stage: Stage, handed_in: datetime, last_day: date
) -> None:
    stage.at = handed_in
    delivery = stage.hand_in()
    assert day_of(delivery.review_ends_at - timedelta(seconds=1), ZONE) == last_day
    stage.at = delivery.review_ends_at - timedelta(seconds=1)
    stage.rest()
    assert stage.again(delivery).state == DeliveryState.HANDED_IN
    stage.at = delivery.review_ends_at
    with pytest.raises(Conflict, match="silence counted as acceptance"):
        stage.answer(delivery, 0, accepts=False, reasons="Too late.")
    stage.rest()
    assert stage.again(delivery).state == DeliveryState.ACCEPTED
    silent = stage.look(lambda db: list(db.exec(select(Acceptance).where(Acceptance.by_silence))))
    assert len(silent) == 2
    assert stage.balance("owed:") == 720_000


def test_one_refusal_below_half_is_outvoted_by_silence(database: Database, settings: Settings) -> None:
    stage = set_up(database, settings, THREE)
    stage.fund()
    delivery = stage.hand_in()
    stage.answer(delivery, 0, accepts=False, reasons="Too slow.")
    stage.at = delivery.review_ends_at
    stage.rest()
    assert stage.again(delivery).state == DeliveryState.ACCEPTED
    assert stage.balance("owed:") == 720_000, "who refused pays as well: more than half decides"


# ---- After a refusal -------------------------------------------------------------------------------------------


def test_refused_then_taken_back_then_handed_in_again_and_accepted(stage: Stage, app: Flask) -> None:
    delivery = stage.refused()
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, stage.maker) as browser:
        assert "Take the delivery back" in browser.get(page).text
        assert browser.post(f"{page}/return").status_code == 303
        again = browser.post(f"{page}/return")
        assert again.status_code == 409
        assert "already decided" in again.text
    assert where(stage) == MilestoneStage.RETURNED
    second = stage.hand_in(version="v2")
    assert second.attempt == 2
    stage.answer(second, 0, accepts=True)
    assert stage.answer(second, 1, accepts=True).state == DeliveryState.ACCEPTED
    assert stage.balance("owed:") == 720_000
    stage.rest()


@pytest.mark.parametrize(("percent", "released", "state"), [
    (0, 0, DeliveryState.REJECTED), (40, 240_000, DeliveryState.PART_ACCEPTED), (100, 600_000, DeliveryState.ACCEPTED),
])  # fmt: skip
def test_two_arbitrators_who_write_alike_make_the_award(
    stage: Stage, percent: int, released: int, state: DeliveryState
) -> None:
    delivery = stage.heard()
    opinion(stage, delivery, 0, 55)
    assert opinion(stage, delivery, 1, percent).state == "tied"
    assert stage.balance("owed:") == 0, "two who differ decide nothing"
    assert opinion(stage, delivery, 0, percent).state == "awarded"
    assert stage.again(delivery).state == state
    stage.rest()
    assert stage.balance("owed:") == released * 12 // 10
    assert stage.balance("back:") == (600_000 - released) * 12 // 10
    assert stage.balance("held") == 0
    with pytest.raises(Conflict, match="has ended"):
        opinion(stage, delivery, 2, percent)


def test_an_arbitrator_alone_decides_nothing_however_often_they_write(stage: Stage) -> None:
    delivery = stage.heard()
    opinion(stage, delivery, 0, 40)
    assert opinion(stage, delivery, 0, 40).state == "deciding"


@pytest.mark.parametrize("typed", ["101", "4.5", "-1", "", "forty"])
def test_an_opinion_is_a_whole_percentage(stage: Stage, app: Flask, typed: str) -> None:
    delivery = stage.heard()
    with visiting(app, stage.arbitrators[0]) as browser:
        answer = browser.post(
            f"/deliveries/{delivery.public_id}/opinions", data={"percent": typed, "reason": "So."}
        )
        assert answer.status_code == 422
        assert "field-wrong" in answer.text


def test_an_arbitrator_who_belongs_to_a_backer_stands_aside(stage: Stage, app: Flask) -> None:
    delivery = stage.heard()
    stage.act(lambda db: join(db, stage.arbitrators[0].person, stage.backers[0].organization, Role.MEMBER))
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, stage.arbitrators[0]) as browser:
        assert "You stand aside" in browser.get(f"{page}/dispute").text
        answer = browser.post(f"{page}/opinions", data={"percent": "40", "reason": "Mine."})
        assert answer.status_code == 403
        assert "Banque Lumen" in answer.text


def test_everybody_reads_the_dispute_and_what_was_said_in_it_only_after_both_sides_read_it(
    stage: Stage, app: Flask
) -> None:
    delivery = stage.refused()
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, stage.maker) as browser:
        assert browser.post(f"{page}/dispute", data={"reasons": "It does work."}).status_code == 303
        assert browser.post(f"{page}/dispute", data={"reasons": "It does work."}).status_code == 409
        said = {"text": "The log shows it.", "evidence": "https://example.org/log", "is_last": "yes"}
        assert browser.post(f"{page}/statements", data=said).status_code == 303
    with visiting(app, stage.backers[0]) as browser:
        said = {"text": "Not on our machines.", "is_last": "yes"}
        assert browser.post(f"{page}/statements", data=said).status_code == 303
        assert browser.post(f"{page}/statements", data=said).status_code == 409, "the arbitrators decide now"
    for arbitrator in stage.arbitrators[:2]:
        with visiting(app, arbitrator) as browser:
            opinion = {"percent": "", "amount": "1 234,56", "reason": "Half a page, and a secret."}
            assert browser.post(f"{page}/opinions", data=opinion).status_code == 303
    stage.rest()
    assert stage.balance("owed:") == 148_148
    with visiting(app, None) as browser:
        shown = browser.get(f"{page}/dispute").text
        assert all(words in shown for words in ("It does work.", "It does not work.", "1,234.56"))
        assert not any(words in shown for words in ("Half a page", "The log shows it", "Alix"))
    with visiting(app, stage.backers[1]) as browser:
        shown = browser.get(f"{page}/dispute").text
        assert all(words in shown for words in ("Half a page", "The log shows it", "Alix"))
        assert browser.post(f"{page}/readings", data={"wish": "The secret."}).status_code == 303
    with visiting(app, stage.arbitrators[1]) as browser:
        assert "The secret." in browser.get(f"{page}/dispute").text
        assert browser.post(f"{page}/public-text", data={"text": "Half a page."}).status_code == 303
    for side in (stage.maker, stage.backers[0]):
        with visiting(app, side) as browser:
            assert browser.post(f"{page}/readings", data={"wish": ""}).status_code == 303
    with visiting(app, None) as browser:
        shown = browser.get(f"{page}/dispute").text
        assert "Half a page." in shown
        assert "secret" not in shown


def test_strangers_neither_take_back_nor_dispute(stage: Stage, app: Flask) -> None:
    delivery = stage.refused()
    stranger = outsider(stage, "Code Libre", Kind.MAINTAINER, Role.MEMBER)
    with visiting(app, stranger) as browser:
        assert browser.post(f"/deliveries/{delivery.public_id}/return").status_code == 404
        assert (
            browser.post(f"/deliveries/{delivery.public_id}/dispute", data={"reasons": "x"}).status_code
            == 404
        )
        assert browser.get(f"/deliveries/{delivery.public_id}/dispute").status_code == 404, "there is none"


def test_a_stopped_campaign_decides_nothing_any_more_and_gives_everything_back(stage: Stage) -> None:
    delivery = stage.hand_in()
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="The maintainer gave up.", by=stage.officer, at=stage.at
    ))  # fmt: skip
    with pytest.raises(Conflict, match="has ended"):
        stage.answer(delivery, 0, accepts=True)
    stage.at = delivery.review_ends_at
    stage.rest()
    assert stage.again(delivery).state == DeliveryState.HANDED_IN
    assert where(stage) == MilestoneStage.STOPPED
    assert (stage.balance("owed:"), stage.balance("held"), stage.balance("back:")) == (0, 0, 720_000)


# ---- Public bodies ---------------------------------------------------------------------------------------------


def test_a_public_body_is_called_by_its_own_certificate_and_released_when_it_pays(
    database: Database, settings: Settings, app: Flask
) -> None:
    stage = set_up(database, settings, PUBLIC)
    assert len(stage.fund()) == 1, "a public body is not called before acceptance"
    delivery = stage.accepted()
    assert where(stage) == MilestoneStage.AWAITS_PAYMENT
    assert stage.balance("owed:") == 360_000
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, stage.maker) as browser:
        assert "Ministère, not certified yet" in browser.get(page).text
    with visiting(app, stage.backers[1]) as browser:
        shown = browser.get(page).text
        assert "Silence never certifies." in shown
        assert "€3,780.00" in shown, "3 000 and 600 of VAT, the fee of 150 and 30 of VAT on it"
        pledge = shown.split('name="pledge" value="')[1].split('"')[0]
        assert browser.post(f"{page}/certificates", data={"pledge": pledge}).status_code == 303
        again = browser.post(f"{page}/certificates", data={"pledge": pledge})
        assert again.status_code == 409
        assert "certified already" in again.text
    with visiting(app, stage.backers[0]) as browser:
        assert browser.post(f"{page}/certificates", data={"pledge": pledge}).status_code == 404
    call = stage.look(lambda db: db.exec(select(Delivery)).one() and _last_call(db))
    assert call.total_cents == 378_000
    stage.pay(call)
    stage.rest()
    assert where(stage) == MilestoneStage.ACCEPTED
    assert stage.balance("owed:") == 720_000


def _last_call(db: Session) -> Any:
    from app.escrow.model import Call

    return db.exec(select(Call).order_by(Call.id.desc())).first()  # type: ignore[attr-defined]


def test_silence_of_a_public_body_accepts_the_work_but_never_calls_its_money(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings, PUBLIC)
    stage.fund()
    delivery = stage.hand_in()
    stage.at = delivery.review_ends_at
    stage.rest()
    assert stage.again(delivery).state == DeliveryState.ACCEPTED
    assert stage.look(lambda db: _last_call(db).pledge_id) != stage.look(
        lambda db: next(p.id for p in campaigns.signed_pledges(db, stage.campaign) if p.is_after_acceptance)
    )


def test_an_award_in_part_is_what_a_public_body_is_called_for(database: Database, settings: Settings) -> None:
    stage = set_up(database, settings, PUBLIC)
    stage.fund()
    delivery = stage.heard()
    for who in (0, 1):
        opinion(stage, delivery, who, 40)
    stage.rest()
    call = stage.certify(delivery, 1)
    assert (call.price_cents, call.vat_cents) == (120_000, 24_000)
    stage.pay(call)
    stage.rest()
    assert stage.balance("owed:") == 288_000
    assert stage.balance("back:") == 216_000, "only who paid in advance gets something back"


# ---- Charge-backs ----------------------------------------------------------------------------------------------


def test_charged_back_before_it_is_handed_in_work_waits_for_the_money(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings)
    calls = stage.fund()
    stage.turn(stage.paid[0], Happened.CHARGED_BACK)
    assert where(stage) == MilestoneStage.TO_PAY
    with pytest.raises(Refused, match="not complete yet"):
        stage.hand_in()
    stage.pay(stage.again(calls[0]))
    stage.rest()
    assert where(stage) == MilestoneStage.TO_DO


def test_charged_back_during_the_review_only_the_paid_parts_are_released_and_the_rest_when_it_is_paid_again(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings)
    calls = stage.fund()
    delivery = stage.hand_in()
    stage.turn(stage.paid[0], Happened.CHARGED_BACK)
    for who in (0, 1):
        stage.answer(delivery, who, accepts=True)
    stage.rest()
    assert stage.balance("owed:") == 360_000
    stage.pay(stage.again(calls[0]))
    stage.rest()
    assert stage.balance("owed:") == 720_000
    assert stage.balance("claim:") == 0


def test_charged_back_after_the_release_becomes_a_claim_and_the_maintainer_keeps_what_is_owed(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings)
    calls = stage.fund()
    stage.accepted()
    stage.turn(stage.paid[0], Happened.CHARGED_BACK)
    assert (stage.balance("owed:"), stage.balance("claim:")) == (720_000, 360_000)
    assert stage.again(calls[0]).state == CallState.CHARGED_BACK
    stage.pay(stage.again(calls[0]))
    stage.rest()
    assert (stage.balance("claim:"), stage.again(calls[0]).state) == (0, CallState.PAID)
    assert stage.look(lambda db: len(list(db.exec(select(Release))))) == 2, "released once, not twice"
    assert stage.look(lambda db: len(list(db.exec(select(Refund))))) == 0


# ---- What others may see ---------------------------------------------------------------------------------------

SHY = (
    Backing("Banque Lumen", 400_000),
    Backing("Assurances du Port", 300_000, Publicity.ANONYMOUS),
    Backing("Réseau Nord", 300_000, Publicity.NAME_ONLY),
)


def test_weights_that_would_tell_a_hidden_amount_are_kept_from_the_public(
    database: Database, settings: Settings, app: Flask
) -> None:
    stage = set_up(database, settings, SHY)
    stage.fund()
    delivery = stage.hand_in()
    stage.answer(delivery, 1, accepts=True)
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, None) as browser:
        shown = browser.get(page).text
        assert "Assurances du Port" not in shown
        assert "An organization" in shown
        assert "30%" not in shown
        assert "40%" not in shown
        assert "1 of 3 backers accepts, nobody refuses." in shown
    with visiting(app, stage.backers[1]) as browser:
        shown = browser.get(page).text
        assert "Assurances du Port" in shown
        assert "30%" in shown, "one's own weight"
        assert "40%" not in shown, "it would tell Réseau Nord's"
    with visiting(app, stage.auditor) as browser:
        shown = browser.get(page).text
        assert all(words in shown for words in ("Assurances du Port", "40%", "30%"))


def test_three_who_hide_their_amounts_hide_in_one_sum(database: Database, settings: Settings) -> None:
    shy = [replace(one, publicity=Publicity.NAME_ONLY) for one in THREE]
    stage = set_up(
        database, settings, [Backing("Banque Ouverte", 1_000_000), *shy], prices=(1_200_000, 800_000)
    )
    stage.fund()
    delivery = stage.hand_in()
    stage.answer(delivery, 0, accepts=False, reasons="Not yet.")

    def tally(db: Session) -> Any:
        return tally_of(db, delivery, backers_of(db, delivery, None))

    seen = stage.look(tally)
    assert (seen.accepting_basis_points, seen.refusing_basis_points) == (0, 5000)


# ---- The certificate -------------------------------------------------------------------------------------------


def text_of(pdf: bytes) -> str:
    """What a reader sees on the paper."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Acceptance certificate"), ("fr", "Procès-verbal de recette")]
)
def test_the_certificate_says_what_was_released_in_the_language_asked_for(
    stage: Stage, app: Flask, language: str, title: str
) -> None:
    delivery = stage.accepted()
    with visiting(app, None) as browser:
        answer = browser.get(f"/deliveries/{delivery.public_id}/certificate.pdf?language={language}")
        assert answer.mimetype == "application/pdf"
        assert browser.get(f"/deliveries/{delivery.public_id}/certificate.pdf?language=xx").status_code == 404
    words = text_of(answer.data)
    assert title in words
    assert "Banque Lumen" in words
    assert "D-2026-0001-1" in words


def test_the_certificate_keeps_the_name_of_who_backs_without_it_and_waits_while_its_sums_would_tell_an_amount(
    database: Database, settings: Settings, app: Flask
) -> None:
    shy_state = (TWO[0], Backing("Ministère", 500_000, Publicity.ANONYMOUS, is_public_body=True))
    stage = set_up(database, settings, shy_state)
    stage.fund()
    delivery = stage.accepted()
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, None) as browser:
        assert "Ministère" not in browser.get(page).text
        assert browser.get(f"{page}/certificate.pdf").status_code == 404
    with visiting(app, stage.auditor) as browser:
        assert "Ministère" in text_of(browser.get(f"{page}/certificate.pdf").data)
    stage.pay(stage.certify(delivery, 1))
    stage.rest()
    with visiting(app, None) as browser:
        words = text_of(browser.get(f"{page}/certificate.pdf").data)
        assert "Ministère" not in words
        assert "An organization" in words


def test_what_is_not_decided_has_no_certificate(stage: Stage, app: Flask) -> None:
    delivery = stage.hand_in()
    with visiting(app, stage.maker) as browser:
        assert browser.get(f"/deliveries/{delivery.public_id}/certificate.pdf").status_code == 404


# ---- Lists -----------------------------------------------------------------------------------------------------


def test_the_list_shows_each_person_their_next_step_and_filters(stage: Stage, app: Flask) -> None:
    needle = "On these you have a next step"
    with visiting(app, stage.maker) as browser:
        assert needle in browser.get("/milestones").text
    delivery = stage.hand_in()
    with visiting(app, stage.maker, "fr") as browser:
        assert "Jalons" in browser.get("/milestones").text
    with visiting(app, stage.backers[0]) as browser:
        assert needle in browser.get("/milestones").text
        assert "Step 1" in browser.get("/milestones?state=review").text
        assert "Step 1" not in browser.get("/milestones?state=ended").text
        assert "Step 2" in browser.get("/milestones?mine=1").text
    stage.answer(delivery, 0, accepts=True)
    with visiting(app, stage.backers[0]) as browser:
        assert needle not in browser.get("/milestones").text
    with visiting(app, None) as browser:
        assert browser.get("/milestones?state=nonsense&after=zzz").status_code == 200
        piece = browser.get(
            f"/milestones/of-campaign/{stage.campaign.public_id}", headers={"HX-Request": "true"}
        ).text
        assert "Step 2" in piece
        assert "<html" not in piece


def test_no_rule_lets_a_stranger_decide(stage: Stage) -> None:
    delivery = stage.refused()
    stranger = outsider(stage, "Code Libre", Kind.MAINTAINER, Role.MEMBER)
    acts: list[Callable[[Session], Any]] = [
        lambda db: disputes.take_back(db, db.get_one(Delivery, delivery.id), by=stranger, at=NOW),
        lambda db: disputes.dispute(db, db.get_one(Delivery, delivery.id), reasons="x", by=stranger, at=NOW),
    ]
    for act in acts:
        with pytest.raises(Missing):
            stage.act(act)
