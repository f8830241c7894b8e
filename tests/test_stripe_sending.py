"""Stripe's side of the failure table: money sent on and back, disputes, notices, and what is kept secret."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
import stripe
from pydantic import SecretStr

from app.kit.setting_refused import SettingRefused
from app.kit.stripe_settings import stripe_settings
from app.rails.abilities import Evidence, NoticeForged
from app.rails.rail import (
    Happened,
    Payee,
    PayeeStanding,
    RailRefused,
    RailSilent,
)
from tests.fake_stripe import (
    ERROR,
    KEY,
    SECRETS,
)
from tests.stripe_bench import AtStripe, database_url, movement, order, refund, there

__all__ = ["database_url", "there"]

NOW = datetime.now(UTC)


# ---- Sending -----------------------------------------------------------------------------------------------


def test_a_transfer_is_tied_to_its_charge_and_never_above_it(there: AtStripe) -> None:
    charge = there.pay_in(10_000, "RF11A")
    there.rail.send(order(there, charge), NOW)
    [sent] = there.fake.changes("/v1/transfers")
    assert (sent.params["source_transaction"], sent.params["transfer_group"]) == (charge, "campaign-1")
    with pytest.raises(RailRefused):
        there.rail.send(order(there, charge, key="payout:1:2:1", cents=6_001), NOW)


def test_release_payee_restricted_later_is_refused_and_told(there: AtStripe) -> None:
    charge = there.pay_in(10_000, "RF11A")
    there.fake.world.restrict(there.payee, "external_account")
    assert there.heard()[-1] == there.payee
    told = there.rail.fetch(there.payee)
    assert told == PayeeStanding("", there.payee, is_ready=False, missing=("external_account",))
    with pytest.raises(RailRefused):
        there.rail.send(order(there, charge), NOW)
    there.fake.world.restrict(there.payee)
    there.rail.send(order(there, charge), NOW)


def test_a_payee_is_named_once_and_gets_a_fresh_page_each_time(there: AtStripe) -> None:
    payee = Payee("org-9", "Atelier", "hello@atelier.example", "DE")
    first = there.rail.onboard("payee:org-9", payee)
    assert (first.is_ready, first.key) == (False, "payee:org-9")
    assert there.rail.onboard("payee:org-9", payee) == first
    [made] = there.fake.changes("/v1/accounts")
    assert "type" not in made.params
    assert there.rail.onboarding_url(first.outside_id, "http://localhost/back").startswith("https://connect")


def test_a_payout_is_recalled_as_far_as_the_payee_has_it(there: AtStripe) -> None:
    sent = there.rail.send(order(there, there.pay_in(10_000, "RF11A")), NOW)
    assert movement(there, sent).happened == Happened.PAID_OUT
    there.rail.recall("recall:1", sent, 4_000)
    there.rail.recall("recall:1", sent, 4_000)
    assert movement(there, sent).happened == Happened.BOUNCED
    with pytest.raises(RailRefused):
        there.rail.recall("recall:2", sent, 1)


def test_refund_is_on_its_way_then_arrives_or_comes_back(there: AtStripe) -> None:
    charge = there.pay_in(10_000, "RF11A")
    first = there.rail.send(refund(charge), NOW)
    assert there.rail.fetch(first) is None, "on its way, there is nothing new"
    there.fake.world.end_refund(first)
    assert movement(there, first).happened == Happened.PAID_OUT
    second = there.rail.send(refund(charge, key="payout:2:2:1"), NOW)
    there.fake.world.end_refund(second, "failed", "account_closed")
    told = movement(there, second)
    assert (told.happened, told.reason) == (Happened.BOUNCED, "The account is closed.")
    with pytest.raises(RailRefused):
        there.rail.send(refund(charge, key="payout:2:3:1", cents=6_001), NOW)


# ---- Held --------------------------------------------------------------------------------------------------


def test_held_platform_payout_drains_the_balance_so_it_is_set_to_manual_and_checked(there: AtStripe) -> None:
    assert there.rail.keep_still() is False, "it was daily, and is manual now"
    assert there.fake.world.settings["interval"] == "manual"
    assert there.rail.keep_still() is True


def test_dispute_is_told_of_its_charge_with_the_deadline_answered_once_and_won_or_lost(
    there: AtStripe,
) -> None:
    charge = there.pay_in(10_000, "RF11A")
    dispute = there.fake.world.dispute(charge)
    told = movement(there, dispute)
    assert told == movement(there, charge)
    assert (told.happened, told.outside_id, told.dispute_id) == (Happened.CHARGED_BACK, charge, dispute)
    assert told.answer_by is not None
    papers = {"contract": b"%PDF-1", "acceptance": b"%PDF-2", "call": b"%PDF-3"}
    there.rail.contest(
        "contest:1", dispute, Evidence("Work", "Accepted.", "Nantes", "Banque", "2026-11-22", papers)
    )
    [handed] = there.fake.changes(f"/v1/disputes/{dispute}")
    assert handed.params["evidence"]["service_documentation"].startswith("file_")
    assert handed.params["submit"] == "true"
    assert movement(there, charge).answer_by is None, "it is answered"
    there.fake.world.end_dispute(dispute, "won")
    assert movement(there, charge).happened == Happened.WON_BACK
    there.fake.world.objects[dispute]["status"] = "lost"
    assert movement(there, charge).happened == Happened.LOST


# ---- Notices -----------------------------------------------------------------------------------------------


def test_webhook_forged_old_of_another_door_or_mode_is_refused(there: AtStripe) -> None:
    there.pay_in(10_000, "RF11A")
    event = there.fake.world.events[-1]
    body, header = there.fake.signed(event)

    def refused(door: str, body: bytes, header: str | None) -> None:
        with pytest.raises(NoticeForged):
            there.rail.read_notice(door, {"Stripe-Signature": header} if header is not None else {}, body)

    refused("account", body, None)
    refused("account", body, "t=1,v1=00")
    refused("account", body.replace(b"10000", b"99999"), header)
    refused("connect", body, header)
    refused("account", *there.fake.signed(event, secret=SECRETS["connect"]))
    refused("account", *there.fake.signed(event, at=NOW.timestamp() - 600))
    refused("account", *there.fake.signed(event | {"livemode": True}))
    assert there.rail.read_notice("account", {"Stripe-Signature": header}, body).event_id == event["id"]


def test_an_object_of_the_other_mode_is_not_believed(there: AtStripe) -> None:
    charge = there.pay_in(10_000, "RF11A")
    there.fake.world.objects[charge]["livemode"] = True
    with pytest.raises(RailSilent):
        there.rail.fetch(charge)


# ---- Settings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": None}, "STRIPE_API_KEY"), ({"key": "pk_test_1"}, "STRIPE_API_KEY"),
        ({"secret": None}, "STRIPE_WEBHOOK_SECRET"), ({"connect_secret": None}, "STRIPE_CONNECT_WEBHOOK_SECRET"),
        ({"connect_secret": "whsec_a"}, "equals"), ({"base": "http://example.org"}, "not safe"),
        ({"base": "http://127.0.0.1:1", "key": "sk_live_1"}, "not safe"), ({"base": "there"}, "STRIPE_API_BASE"),
    ],
)  # fmt: skip
def test_what_is_unsafe_about_stripes_settings_stops_jalon(changes: dict[str, str | None], said: str) -> None:
    given = {"key": "sk_test_1", "base": None, "secret": "whsec_a", "connect_secret": "whsec_b"} | changes
    with pytest.raises(SettingRefused, match=said):
        stripe_settings(**{  # type: ignore[arg-type]
            name: SecretStr(text) if text and name != "base" else text for name, text in given.items()
        })  # fmt: skip


def test_no_key_or_secret_is_printed_logged_or_told_and_no_identifier_is_kept(
    there: AtStripe, caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with caplog.at_level(logging.DEBUG):
        charge = there.pay_in(10_000, "RF11A")
        there.fake.faults.append(ERROR)
        with pytest.raises(RailSilent) as silent:
            there.rail.send(order(there, charge), NOW)
    words = f"{caplog.text} {there.fake.settings()!r} {silent.value} {silent.value.__cause__}"
    for secret in (KEY, *SECRETS.values(), "FR1420041010050500013M02606"):
        assert secret not in words
    assert stripe.enable_telemetry is False
    assert not list(tmp_path.rglob("telemetry*"))
