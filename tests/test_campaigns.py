"""Campaigns and pledges on screen: what is promised, what one signs, who sees what."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlmodel import Session, col, select

from app.campaigns import progress, rules
from app.campaigns.forecast import Rates, Step, foresee, foresee_pledge
from app.campaigns.model import Campaign, CampaignState, Part, Pledge, PledgeState, Publicity
from app.campaigns.wording import promise_text, terms_of
from app.escrow import calls
from app.estimates.model import Estimate
from app.kit.db import Database
from app.kit.words import use_language
from app.people.access import Actor
from app.people.model import Role
from tests import cast as c
from tests.beginnings import begun
from tests.money_cast import visiting

CANARY = 777_713
A_PURCHASE = {
    "needs_the_work": "yes", "wants_an_invoice": "yes", "will_check_it": "yes", "expects_a_tax_receipt": "no",
}  # fmt: skip
HIDDEN = re.compile(r"7[,\s\u00a0\u202f.]?777[.,]13|777713")


@pytest.fixture
def cast(database: Database) -> c.Cast:
    return begun(database, "settled", lambda: wrote(database, c.settle))


@pytest.fixture
def campaign(database: Database, cast: c.Cast) -> Campaign:
    """An open campaign: 53 333.34 required, 63 333.34 in all."""
    return begun(database, "open", lambda: wrote(database, lambda db: c.campaign_open(db, cast)))


def wrote(database: Database, work: Callable[[Session], Any]) -> Any:
    """Do something in a transaction of its own."""
    with database.writing() as db:
        return work(db)


def again(database: Database, row: Any) -> Any:
    """The row as it is now."""
    with database.reading() as db:
        return db.get_one(type(row), row.id)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    """A page's words."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def plain(page: str) -> str:
    """A page without the token that differs each second."""
    return re.sub(r"[\w-]{40,}\.[\w-]{6}\.[\w-]{27}", "", page)


def address(row: Any, *more: str) -> str:
    """Where a campaign or pledge stands."""
    folder = {"Campaign": "campaigns", "Pledge": "pledges"}[type(row).__name__]
    return "/".join(["", folder, row.public_id, *more])


def backed(database: Database, campaign: Campaign, cast: c.Cast, *kinds: str) -> list[Pledge]:
    """The banks pledge, each with its publicity; the first of them the canary's amount."""
    amounts = (CANARY, 1_500_000, 900_000)
    with database.writing() as db:
        found = db.get_one(Campaign, campaign.id)
        return [
            c.pledge(db, found, buyer, cents, publicity=kind)
            for buyer, cents, kind in zip(cast.buyers, amounts, kinds, strict=False)
        ]


# ---- The forecast ----------------------------------------------------------------------------------------------

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


# ---- Who sees what ---------------------------------------------------------------------------------------------


def pages_of(campaign: Campaign, estimate: Estimate, item: str) -> list[str]:
    """Every public page that speaks of this campaign."""
    return [
        "/", "/campaigns", address(campaign), address(campaign, "backers"), address(campaign, "money"),
        address(campaign, "money", "entries"), address(campaign, "money", "chain.csv"), address(campaign, "trail"),
        f"/campaigns/of-item/{item}", f"/campaigns/of-estimate/{estimate.public_id}",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [Publicity.NAME_ONLY, Publicity.ANONYMOUS])
def test_a_hidden_amount_appears_on_no_page_of_others(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign, kind: Publicity
) -> None:
    (hidden, *_others) = backed(database, campaign, cast, kind, Publicity.FULL, Publicity.FULL)
    with database.reading() as db:
        estimate = db.get_one(Estimate, campaign.estimate_id)
        item = _item(db, estimate)
    for reader in (None, cast.buyers[1], cast.ministry):
        for language in ("en", "fr"):
            with visiting(app, reader, language) as client:
                for path in pages_of(campaign, estimate, item):
                    page = text_of(client, path)
                    assert not HIDDEN.search(page), path
                    assert ("Banque 1" in page) <= (kind == Publicity.NAME_ONLY), path
    for reader in (cast.buyers[0], cast.officer):
        with visiting(app, reader) as client:
            page = text_of(client, address(campaign))
            assert HIDDEN.search(page)
            assert "Banque 1" in page
            assert HIDDEN.search(text_of(client, address(hidden)))


def _item(db: Session, estimate: Estimate) -> str:
    from app.roadmap.model import RoadmapItem

    return db.get_one(RoadmapItem, estimate.item_id).public_id


def test_one_hidden_amount_hides_two_others_in_the_sum_and_the_sum_is_shown(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.NAME_ONLY, Publicity.FULL, Publicity.FULL)
    with visiting(app, None) as client:
        page = text_of(client, address(campaign))
    assert "€31,777.13" in page
    assert page.count("in the sum") == 2
    assert "€15,000" not in page
    assert "€9,000" not in page


def test_fewer_than_three_backers_one_of_whom_hides_show_no_sum(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.ANONYMOUS, Publicity.FULL)
    with visiting(app, None) as client:
        page, listed = text_of(client, address(campaign)), text_of(client, "/campaigns")
        assert "22,777" not in text_of(client, "/")
    assert "The sum is shown once three organizations have signed" in page
    assert "€22,777" not in page
    assert "not shown: fewer than three organizations" in listed
    with visiting(app, cast.maker) as client:
        assert "€22,777.13" in text_of(client, address(campaign)), (
            "the maintainer has to know before it starts"
        )


def test_where_nobody_hides_each_amount_stands_by_itself(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.FULL, Publicity.FULL)
    with visiting(app, None) as client:
        page = text_of(client, address(campaign))
    assert "€15,000" in page
    assert HIDDEN.search(page)
    assert "in the sum" not in page


def test_what_public_bodies_commit_is_told_apart_from_what_is_paid_in_advance(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.FULL)
    wrote(database, lambda db: c.pledge(db, db.get_one(Campaign, campaign.id), cast.ministry, 1_200_000))
    with visiting(app, None) as client:
        page = text_of(client, address(campaign))
    assert "Committed by public bodies, paid after acceptance €12,000" in page
    assert "Pledged, paid in advance €7,777.13" in page


def test_the_sums_in_the_list_are_told_by_the_same_rule_as_the_pledges_one_by_one(
    database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    from app.campaigns.disclosure import tell

    backed(database, campaign, cast, Publicity.NAME_ONLY, Publicity.ANONYMOUS, Publicity.FULL)
    with database.reading() as db:
        found = db.get_one(Campaign, campaign.id)
        rows = progress.backings_of(db, found)
        told = tell([progress.backing(pledge) for pledge, _ in rows])
        sums = progress.sums_of(db, [(found, cast.maker.organization.id)], None)[found.id]
    assert (sums.promised_cents is not None, sums.committed_cents is not None) == (told.total, told.by_kind)
    assert sums.organizations == 3


def test_a_campaign_that_never_opened_is_seen_by_the_fund_and_its_maintainer_alone(
    app: Flask, database: Database, cast: c.Cast
) -> None:
    def prepared(db: Session) -> Campaign:
        estimate = c.estimate_approved(db, cast)
        return rules.prepare(db, estimate, deadline_on=c.DEADLINE, by=cast.officer, at=c.NOW)

    draft = wrote(database, prepared)
    for reader in (None, cast.buyers[0]):
        with visiting(app, reader, at=c.NOW) as client:
            for path in (
                address(draft),
                address(draft, "backers"),
                address(draft, "money"),
                address(draft, "trail"),
            ):
                text_of(client, path, 404)
            assert draft.public_id not in text_of(client, "/campaigns")
    for reader in (cast.officer, cast.maker):
        with visiting(app, reader, at=c.NOW) as client:
            assert "being prepared" in text_of(client, address(draft))
            assert draft.public_id in text_of(client, "/campaigns")


def test_a_pledge_is_seen_by_its_organization_and_the_fund_and_by_nobody_else(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    (pledge,) = backed(database, campaign, cast, Publicity.FULL)
    for reader in (cast.buyers[0], cast.approvers[0], cast.officer, cast.treasurer):
        with visiting(app, reader) as client:
            text_of(client, address(pledge))
    for reader in (cast.buyers[1], cast.ministry, cast.maker):
        with visiting(app, reader) as client:
            absent = text_of(client, "/pledges/" + "0" * 32, 404)
            assert plain(text_of(client, address(pledge), 404)) == plain(absent)
            for act in ("signature", "withdrawal"):
                if reader.has(Role.BUYER):
                    answer = client.post(address(pledge, act), data={"reason": "x", "text": "x"})
                    assert answer.status_code == 404
    with visiting(app, None) as client:
        assert client.get(address(pledge)).status_code == 303


def test_the_list_of_pledges_is_one_s_own_and_the_fund_s_is_everyone_s(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.FULL, Publicity.FULL)
    with visiting(app, cast.buyers[1]) as client:
        page = text_of(client, "/pledges")
    assert "€15,000.00" in page
    assert not HIDDEN.search(page)
    with visiting(app, cast.officer) as client:
        page = text_of(client, "/pledges")
    assert "€15,000.00" in page
    assert HIDDEN.search(page)


def test_a_longer_list_of_campaigns_costs_no_more_questions(
    app: Flask, database: Database, cast: c.Cast
) -> None:
    def one(db: Session, number: int) -> None:
        campaign = c.campaign_open(db, cast, name=f"Wiki {number}")
        c.pledge(db, campaign, cast.buyers[0], 10_000)

    asked: list[str] = []

    def note(*facts: Any) -> None:
        asked.append(facts[2])

    counts = []
    event.listen(Engine, "before_cursor_execute", note)
    try:
        with visiting(app, cast.buyers[0]) as client:
            for more in (range(1), range(1, 7)):
                for number in more:
                    wrote(database, partial(one, number=number))
                text_of(client, "/campaigns")
                for path in ("/campaigns", "/pledges"):
                    asked.clear()
                    text_of(client, path)
                    counts.append(len(asked))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert counts[:2] == counts[2:]
    assert min(counts) > 1


# ---- Preparing, opening, closing -------------------------------------------------------------------------------


def test_an_officer_prepares_opens_closes_and_calls_and_a_second_click_changes_nothing(
    app: Flask, database: Database, cast: c.Cast
) -> None:
    estimate = wrote(database, lambda db: c.estimate_approved(db, cast))
    asked = {"deadline_on": "2026-12-01", "collection_days": "20"}
    tranches = {f"tranche-{place}-number": str(number) for place, number in enumerate((1, 1, 2))}
    with visiting(app, cast.officer, at=c.NOW) as client:
        path = f"/campaigns/new?estimate={estimate.public_id}"
        assert "Step 3" in text_of(client, path)
        gap = client.post(path, data=asked | tranches | {"tranche-2-number": "3"})
        assert gap.status_code == 422
        assert "without a gap" in gap.get_data(as_text=True)
        late = client.post(path, data=asked | tranches | {"deadline_on": "2027-02-01"})
        assert late.status_code == 422
        assert "2027-02-01" in late.get_data(as_text=True)
        assert "cannot be later" in late.get_data(as_text=True)
        made = client.post(path, data=asked | tranches)
        assert made.status_code == 303
        assert client.get(path).status_code == 303, "the estimate has its campaign already"
        campaign = wrote(database, lambda db: db.exec(select(Campaign)).one())
        assert campaign.collection_days == 20
        assert client.post(address(campaign, "opening")).status_code == 303
        assert client.post(address(campaign, "opening")).status_code == 409
        early = client.post(address(campaign, "closing"))
        assert early.status_code == 422
        assert "The threshold is not reached" in early.get_data(as_text=True)
        wrote(database, lambda db: _pledge_all(db, campaign, cast))
        assert "Close and secure now" in text_of(client, address(campaign))
        assert client.post(address(campaign, "closing")).status_code == 303
        assert client.post(address(campaign, "closing")).status_code == 409
        for status, count in ((303, 1), (409, 1)):
            answer = client.post(address(campaign, "tranches"), data={"tranche": "1"})
            assert answer.status_code == status
            assert wrote(database, lambda db: len(db.exec(select(calls.Tranche)).all())) == count


def _pledge_all(db: Session, campaign: Campaign, cast: c.Cast) -> None:
    found = db.get_one(Campaign, campaign.id)
    for buyer, cents in zip(cast.buyers, (2_000_000, 2_000_000, 2_000_000), strict=True):
        c.pledge(db, found, buyer, cents)


def test_only_the_fund_s_officers_decide(app: Flask, cast: c.Cast, campaign: Campaign) -> None:
    for reader in (cast.buyers[0], cast.maker, cast.treasurer):
        with visiting(app, reader) as client:
            assert "Decide for the fund" not in text_of(client, address(campaign))
            for act in ("opening", "cancellation", "closing", "stop", "tranches"):
                assert client.post(address(campaign, act), data={"reason": "x"}).status_code == 403


def test_a_campaign_is_cancelled_with_a_reason_everyone_reads(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    (pledge,) = backed(database, campaign, cast, Publicity.FULL)
    with visiting(app, cast.officer) as client:
        empty = client.post(address(campaign, "cancellation"), data={"reason": " "})
        assert empty.status_code == 422
        assert again(database, campaign).state == CampaignState.OPEN
        done = client.post(address(campaign, "cancellation"), data={"reason": "The software is abandoned."})
        assert done.status_code == 303
        second = client.post(address(campaign, "cancellation"), data={"reason": "Again."})
        assert second.status_code == 409
    assert again(database, pledge).state == PledgeState.LAPSED
    with visiting(app, None) as client:
        page = text_of(client, address(campaign))
    assert "The software is abandoned." in page
    assert "no money moved" in page
    with visiting(app, cast.buyers[0]) as client:
        assert "The campaign was cancelled." in text_of(client, address(pledge))


def test_a_missed_minimum_says_that_nobody_pays(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.FULL)
    with visiting(app, None, at=c.DECIDED) as client:
        assert "no more pledges are taken" in text_of(client, address(campaign))
        wrote(database, lambda db: rules.decide(db, campaign, at=c.DECIDED))
        page = text_of(client, address(campaign))
    assert "Minimum missed" in page
    assert "nobody was called to pay" in page


def test_a_stopped_campaign_says_what_becomes_of_the_money(
    app: Flask, database: Database, cast: c.Cast
) -> None:
    campaign = wrote(database, lambda db: c.called(db, cast)[0])
    with visiting(app, cast.officer, at=c.DECIDED) as client:
        assert client.post(address(campaign, "stop"), data={"reason": ""}).status_code == 422
        assert client.post(address(campaign, "stop"), data={"reason": "Nobody delivers."}).status_code == 303
        assert client.post(address(campaign, "stop"), data={"reason": "Again."}).status_code == 409
    with visiting(app, None, at=c.DECIDED) as client:
        page = text_of(client, address(campaign))
    assert "Nobody delivers." in page
    assert "exactly what was still held of its own money" in page


def test_an_officer_finds_the_way_to_prepare_a_campaign_where_the_estimate_stands(
    app: Flask, database: Database, cast: c.Cast
) -> None:
    estimate = wrote(database, lambda db: c.estimate_approved(db, cast))
    path = f"/campaigns/of-estimate/{estimate.public_id}"
    with visiting(app, cast.officer) as client:
        assert f"/campaigns/new?estimate={estimate.public_id}" in text_of(client, path)
    with visiting(app, cast.buyers[0]) as client:
        assert "Prepare a campaign" not in text_of(client, path)
        piece = client.get(path, headers={"HX-Request": "true"})
        assert "<html" not in piece.get_data(as_text=True)
        assert "No campaign yet" in piece.get_data(as_text=True)


# ---- Pledging --------------------------------------------------------------------------------------------------


def drafted(client: FlaskClient, campaign: Campaign, **typed: str) -> str:
    """Write a promise down; the address of its page."""
    form = {"amount": "20 000,00", "po_number": "PO-4711", "publicity": "full"} | A_PURCHASE | typed
    answer = client.post(address(campaign, "pledges"), data=form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def fingerprint(page: str) -> str:
    """The hash of the words on the page."""
    found = re.search(r'name="text" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def the_pledge(database: Database) -> Pledge:
    """The newest pledge."""
    return wrote(database, lambda db: db.exec(select(Pledge).order_by(col(Pledge.id).desc())).first())


def test_a_buyer_signs_the_words_that_were_read_and_they_are_kept(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    with visiting(app, cast.buyers[0]) as client:
        path = drafted(client, campaign)
        page = text_of(client, path)
        assert "This is a purchase, not a gift" in page
        assert "for at most €20,000.00 excluding VAT" in page
        assert "Sign the pledge" in page
        unread = client.post(f"{path}/signature", data={"text": "0" * 64})
        assert unread.status_code == 409
        assert "please read them again" in unread.get_data(as_text=True)
        assert again(database, campaign).signed_cents == 0
        signed = client.post(f"{path}/signature", data={"text": fingerprint(page)})
        assert signed.status_code == 303
        second = client.post(f"{path}/signature", data={"text": fingerprint(page)})
        assert second.status_code == 409
        assert "already signed" in second.get_data(as_text=True)
    pledge = the_pledge(database)
    assert (pledge.state, again(database, campaign).signed_cents) == (PledgeState.SIGNED, 2_000_000)
    assert pledge.signed_hash == fingerprint(page) == rules.text_hash(pledge.signed_text)
    for paragraph in pledge.signed_text.split("\n\n"):
        assert paragraph.replace("“", "").split("”")[0][:40] in page.replace("“", "")


def test_the_words_are_in_the_reader_s_language_and_stay_so(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    with visiting(app, cast.buyers[0], "fr") as client:
        path = drafted(client, campaign)
        page = text_of(client, path)
        assert "C’est un achat, pas un don" in page
        client.post(f"{path}/signature", data={"text": fingerprint(page)})
    with visiting(app, cast.buyers[0], "en") as client:
        assert "C’est un achat, pas un don" in text_of(client, path)


def test_another_pledge_signed_meanwhile_does_not_change_the_words(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    with visiting(app, cast.buyers[0]) as client:
        path = drafted(client, campaign)
        page = text_of(client, path)
        wrote(database, lambda db: c.pledge(db, db.get_one(Campaign, campaign.id), cast.buyers[1], 300_000))
        assert client.post(f"{path}/signature", data={"text": fingerprint(page)}).status_code == 303


REFUSED = {
    "two readings": ({"amount": "1.234"}, "can be read two ways"),
    "nothing": ({"amount": ""}, "Please enter an amount."),
    "negative": ({"amount": "-5"}, "is negative"),
    "other currency": ({"amount": "$500"}, "another currency"),
    "above the estimate": ({"amount": "63 333,35"}, "Only €63,333.34 of the estimate is still open"),
    "no such publicity": ({"publicity": "loud"}, "Please choose one of the answers."),
    "no such rail": ({"rail": "pigeon"}, "Please choose one of the answers."),
    "not asked": ({"signed_by_id": "1"}, "This form does not ask for “signed_by_id”."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_promise_is_shown_again_as_it_was_typed(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign, case: str
) -> None:
    typed, sentence = REFUSED[case]
    form = {"amount": "20 000,00", "po_number": "PO-typed-9", "publicity": "full"} | A_PURCHASE | typed
    with visiting(app, cast.buyers[0]) as client:
        answer = client.post(address(campaign, "pledges"), data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{form["amount"]}"' in page
    assert 'value="PO-typed-9"' in page
    assert the_pledge(database) is None


def test_a_public_body_reads_that_it_pays_after_acceptance_and_needs_an_order(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    with visiting(app, cast.ministry) as client:
        typed = {"amount": "12000,00", "publicity": "full"} | A_PURCHASE
        refused = client.post(address(campaign, "pledges"), data=typed)
        assert refused.status_code == 422
        assert "purchase order number" in refused.get_data(as_text=True)
        page = text_of(client, drafted(client, campaign))
    assert "is a public body and pays after acceptance only" in page
    assert "calls the money tranche by tranche" not in page
    assert "The first call, once milestone 1 is accepted" in page
    pledge = the_pledge(database)
    with database.reading() as db, use_language("en"):
        assert "firm commitment" in promise_text(terms_of(db, pledge))


def test_above_the_limit_an_approver_signs_the_same_words(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    buyer, approver = cast.buyers[0], cast.approvers[0]
    with visiting(app, buyer) as client:
        path = drafted(client, campaign, amount="50 000,01")
        page = text_of(client, path)
        assert "Send to an approver" in page
        assert approver.person.name in page
        assert client.post(f"{path}/signature", data={"text": fingerprint(page)}).status_code == 303
        assert again(database, campaign).signed_cents == 0
        assert client.post(f"{path}/approval", data={"text": "x"}).status_code == 403
    with visiting(app, approver, "fr") as client:
        theirs = text_of(client, path)
        assert fingerprint(theirs) == fingerprint(page)
        assert "This is a purchase, not a gift" in theirs, "the words stay those the buyer read"
        assert client.post(f"{path}/approval", data={"text": "0" * 64}).status_code == 409
        assert client.post(f"{path}/approval", data={"text": fingerprint(page)}).status_code == 303
        assert client.post(f"{path}/approval", data={"text": fingerprint(page)}).status_code == 409
    assert again(database, campaign).signed_cents == 5_000_001


def test_an_approver_declines_with_a_reason_the_colleagues_read(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    with visiting(app, cast.buyers[0]) as client:
        path = drafted(client, campaign, amount="50 000,01")
        client.post(f"{path}/signature", data={"text": fingerprint(text_of(client, path))})
    with visiting(app, cast.approvers[0]) as client:
        empty = client.post(f"{path}/refusal", data={"reason": ""})
        assert empty.status_code == 422
        assert client.post(f"{path}/refusal", data={"reason": "Not this year."}).status_code == 303
        assert client.post(f"{path}/refusal", data={"reason": "Not this year."}).status_code == 409
        assert "Not this year." in text_of(client, path)
    assert the_pledge(database).state == PledgeState.REFUSED


def test_a_signed_pledge_is_withdrawn_while_the_campaign_is_open(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    (pledge,) = backed(database, campaign, cast, Publicity.FULL)
    with visiting(app, cast.buyers[0], at=campaign.deadline_at) as client:
        assert "Withdraw the pledge" not in text_of(client, address(pledge))
        late = client.post(address(pledge, "withdrawal"), data={"reason": "Changed our mind."})
        assert late.status_code == 409
    with visiting(app, cast.buyers[0], at=campaign.deadline_at - timedelta(seconds=1)) as client:
        assert client.post(address(pledge, "withdrawal"), data={"reason": " "}).status_code == 422
        assert client.post(address(pledge, "withdrawal"), data={"reason": "No budget."}).status_code == 303
        assert client.post(address(pledge, "withdrawal"), data={"reason": "No budget."}).status_code == 409
        assert "No budget." in text_of(client, address(pledge))
    assert again(database, campaign).signed_cents == 0


def test_nobody_pledges_after_the_deadline_or_for_its_own_work(
    app: Flask, cast: c.Cast, campaign: Campaign
) -> None:
    form = {"amount": "1000,00", "publicity": "full"} | A_PURCHASE
    with visiting(app, cast.buyers[0], at=campaign.deadline_at) as client:
        assert "Review and sign" not in text_of(client, address(campaign))
        assert client.post(address(campaign, "pledges"), data=form).status_code == 409
    with visiting(app, cast.maker) as client:
        assert "Review and sign" not in text_of(client, address(campaign))
        assert client.post(address(campaign, "pledges"), data=form).status_code == 403


def test_the_text_to_be_signed_fits_where_it_is_kept(
    database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    (pledge,) = backed(database, campaign, cast, Publicity.ANONYMOUS)
    with database.reading() as db:
        terms = terms_of(db, pledge)
        for language in ("en", "fr"):
            with use_language(language):
                assert len(promise_text(terms)) < 5000


def test_the_last_day_and_the_days_left_are_said(app: Flask, cast: c.Cast, campaign: Campaign) -> None:
    def said(day: date) -> str:
        at = c.NOW.replace(year=day.year, month=day.month, day=day.day)
        with visiting(app, None, at=at) as client:
            return text_of(client, address(campaign))

    assert "Open, 29 days left" in said(c.NOW.date())
    assert "Open, 1 day left" in said(c.DEADLINE - timedelta(days=1))
    assert "Open, last day" in said(c.DEADLINE)


def actors(cast: c.Cast) -> list[Actor]:
    """One of each kind."""
    return [cast.officer, cast.treasurer, cast.maker, cast.ministry, cast.buyers[0], cast.approvers[0]]


def test_every_page_opens_for_everybody_in_both_languages(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.FULL, Publicity.NAME_ONLY, Publicity.ANONYMOUS)
    for reader in (None, *actors(cast)):
        for language in ("en", "fr"):
            with visiting(app, reader, language) as client:
                for path in (
                    "/campaigns",
                    "/campaigns?state=open",
                    "/campaigns?state=nonsense",
                    address(campaign),
                ):
                    text_of(client, path)
                if reader:
                    text_of(client, "/pledges")
