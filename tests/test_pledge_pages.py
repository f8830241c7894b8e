"""A backer signs the very words that were read, within its limit, and may withdraw while the campaign is open."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, select

from app.campaigns import rules
from app.campaigns.model import Campaign, Pledge, PledgeState, Publicity
from app.campaigns.wording import promise_text, terms_of
from app.kit.db import Database
from app.kit.spoken import language_of
from app.kit.words import use_language
from tests import cast as c
from tests.campaign_pages_cast import address, again, backed, opened, settled, text_of, wrote
from tests.money_cast import visiting

pytestmark = pytest.mark.long_story

A_PURCHASE = {
    "needs_the_work": "yes", "wants_an_invoice": "yes", "will_check_it": "yes", "expects_a_tax_receipt": "no",
}  # fmt: skip
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


@pytest.fixture
def cast(database: Database) -> c.Cast:
    return settled(database)


@pytest.fixture
def campaign(database: Database, cast: c.Cast) -> Campaign:
    return opened(database, cast)


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
        assert "Signé en" not in page
        client.post(f"{path}/signature", data={"text": fingerprint(page)})
    with visiting(app, cast.buyers[0], "en") as client:
        page = text_of(client, path)
    assert "Signed in French: these words stand as they were signed." in page
    sealed = re.search(r'<div class="prose" lang="fr">(.*?)</div>', page, re.DOTALL)
    assert sealed
    assert "C’est un achat, pas un don" in sealed[1]
    assert language_of(the_pledge(database).signed_text) == "fr"
    assert language_of("7 000,00 €") is None


def test_another_pledge_signed_meanwhile_does_not_change_the_words(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    with visiting(app, cast.buyers[0]) as client:
        path = drafted(client, campaign)
        page = text_of(client, path)
        wrote(database, lambda db: c.pledge(db, db.get_one(Campaign, campaign.id), cast.buyers[1], 300_000))
        assert client.post(f"{path}/signature", data={"text": fingerprint(page)}).status_code == 303


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
