"""Money on screen: calls, money in doubt, where every euro is, and what anyone can verify without us."""

import csv
import io
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from app.campaigns.model import Campaign, Pledge, Publicity
from app.escrow import money_page, proofs, verify_chain
from app.escrow.doors import Sight
from app.escrow.lines import EFFECTS, by_pledge, flows, pledge_of, summed
from app.escrow.model import Call, CallState, Deposit
from app.kit.db import Database
from app.kit.settings import Settings
from app.kit.words import use_language
from app.people.access import Actor
from app.rails import sandbox
from app.rails.rail import Happened
from tests.money_cast import Backing, Stage, set_up, visiting

HIDDEN = re.compile(r"7[,\s\u00a0\u202f.]?777[.,]13|777713")
SIX = (
    Backing("Banque Voilée", 777_713, Publicity.NAME_ONLY),
    Backing("Banque Ouverte", 1_000_000),
    Backing("Assurances du Port", 900_000),
    Backing("Réseau Nord", 800_000),
    Backing("Cité Secrète", 500_000, Publicity.ANONYMOUS),
    Backing("Ministère", 1_022_287, is_public_body=True),
)
PRICES = (3_000_000, 2_000_000)


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """A secured campaign of six backers: one hides its amount, one its name too, one is a public body."""
    return set_up(database, settings, SIX, PRICES)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    """A page's words."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def page_of(stage: Stage, *more: str) -> str:
    """The address of the campaign's pages."""
    return "/".join(["", "campaigns", stage.campaign.public_id, *more])


def read(
    app: Flask, stage: Stage, reader: Actor | None, path: str, status: int = 200, language: str = "en"
) -> str:
    """A page as this person sees it now."""
    with visiting(app, reader, language, at=stage.at) as client:
        return text_of(client, path, status)


def post(app: Flask, stage: Stage, by: Actor, path: str, **typed: str) -> tuple[int, str]:
    """Send a form; the status and the page that answers."""
    with visiting(app, by, at=stage.at) as client:
        answer = client.post(path, data=typed)
        return answer.status_code, answer.get_data(as_text=True)


def pledges_of(stage: Stage) -> list[Pledge]:
    """The pledges, in the order of the backers."""
    return stage.look(lambda db: list(db.exec(select(Pledge).order_by(Pledge.id))))  # type: ignore[arg-type]


# ---- The figures -----------------------------------------------------------------------------------------------


def test_each_way_money_moves_keeps_both_sides_of_the_sum_equal() -> None:
    for pair, change in EFFECTS.items():
        came = change.get("received", 0) + change.get("claims", 0)
        is_now = sum(change.get(name, 0) for name in ("held", "released", "refunded", "fees"))
        assert came == is_now, pair


def test_accounts_say_whose_they_are() -> None:
    codes = {
        "held:3:17:sandbox": 17,
        "held-vat:3:17:sandbox": 17,
        "back:17:sandbox": 17,
        "claim:17:sandbox": 17,
    }
    assert {code: pledge_of(code) for code in codes} == codes
    assert pledge_of("owed:4:3:sandbox") is pledge_of("fees") is pledge_of("outside:sandbox") is None


def test_the_figures_are_those_of_the_book_at_every_turn(stage: Stage) -> None:
    def check() -> None:
        moneys = stage.look(lambda db: by_pledge(flows(db, stage.campaign.id)))
        total = summed(moneys.values())
        kinds = ("held", "held-vat", "held-fee")
        assert total.held == sum(stage.balance(f"{kind}:{stage.campaign.id}:") for kind in kinds)
        assert total.released - total.paid_out == stage.balance("owed:")
        assert total.refunded - total.paid_back == stage.balance("back:")
        assert total.fees == stage.balance("fees") + stage.balance("vat")
        assert total.claims == stage.balance("claim:")
        for money in moneys.values():
            if money.received or money.held:
                came = money.received + money.claims
                assert came == money.held + money.released + money.refunded + money.fees

    issued = stage.call()
    stage.pay(issued[0], 100_000)
    stage.rest()
    check()
    for call in issued:
        stage.pay(stage.again(call))
    stage.rest()
    check()
    stage.accepted()
    check()
    stage.turn(stage.paid[2], Happened.CHARGED_BACK)
    check()


# ---- Who sees what of the money --------------------------------------------------------------------------------


def money_pages(stage: Stage) -> list[str]:
    """Every page about the campaign's money that strangers may open."""
    figures = ("", "received", "held", "released", "refunded", "fees")
    return [
        page_of(stage, "money"), page_of(stage, "money", "piece"), page_of(stage, "trail"), page_of(stage),
        page_of(stage, "money", "chain.csv"), "/verify", f"/verify?campaign={stage.campaign.public_id}",
        *(page_of(stage, "money", f"entries?figure={figure}") for figure in figures),
    ]  # fmt: skip


def test_no_page_tells_strangers_or_other_backers_a_hidden_amount_or_name(app: Flask, stage: Stage) -> None:
    stage.fund()
    stage.accepted()
    hidden = stage.look(lambda db: by_pledge(flows(db, stage.campaign.id)))[pledges_of(stage)[0].id]
    written = {
        f"{cents // 100:,}.{cents % 100:02d}" for cents in (hidden.received, hidden.released, hidden.fees)
    }
    for reader in (None, stage.backers[1], stage.backers[5]):
        for path in money_pages(stage):
            page = read(app, stage, reader, path)
            assert not HIDDEN.search(page), path
            assert not any(amount in page for amount in written), path
            assert "Cité Secrète" not in page, path


def test_a_backer_sees_its_own_lines_and_the_fund_and_the_auditor_all(app: Flask, stage: Stage) -> None:
    stage.fund()
    path = page_of(stage, "money")
    stranger, own = read(app, stage, None, path), read(app, stage, stage.backers[0], path)
    assert "Banque Voilée" not in stranger
    assert "Banque Voilée" in own
    assert HIDDEN.search(own)
    assert "Banque Ouverte" not in own
    for reader in (stage.officer, stage.auditor):
        page = read(app, stage, reader, path)
        assert all(backing.name in page for backing in SIX)
        assert HIDDEN.search(page)


def test_strangers_read_sums_that_tell_no_single_backer(app: Flask, stage: Stage) -> None:
    stage.fund()
    page = read(app, stage, None, page_of(stage, "money"))
    received = stage.look(lambda db: summed(by_pledge(flows(db, stage.campaign.id)).values())).received
    assert f"€{received // 100:,}.{received % 100:02d}" in page
    assert "not shown" not in page


def test_a_sum_is_not_shown_while_one_who_hides_its_amount_is_treated_like_no_other(
    app: Flask, stage: Stage
) -> None:
    issued = stage.call()
    stage.pay(issued[0])
    stage.rest()
    page = read(app, stage, None, page_of(stage, "money"))
    assert "not shown" in page, "only the one who hides has paid: what is received is its call"
    called = sum(call.total_cents for call in issued)
    assert f"€{called // 100:,}.{called % 100:02d}" in page
    maker = read(app, stage, stage.maker, page_of(stage, "money"))
    assert "not shown" not in maker, "who does the work has to know what is held"
    for call in issued[1:]:
        stage.pay(call)
    stage.rest()
    assert "not shown" not in read(app, stage, None, page_of(stage, "money"))


def test_the_picture_sums_up_on_both_sides(stage: Stage) -> None:
    stage.fund()
    stage.accepted()

    def sides(exactly: bool) -> tuple[int, int]:
        def work(db: Any) -> tuple[int, int]:
            campaign = db.get_one(Campaign, stage.campaign.id)
            sight = Sight(lines=exactly, sums=exactly, organization_id=None)
            shown = money_page.money_of(db, campaign, stage.maker.organization.id, sight)
            sources, uses = money_page.flow_picture(shown, exactly=exactly)
            return sum(cents for _, cents in sources), sum(cents for _, cents in uses)

        return stage.look(work)

    for exactly in (True, False):
        came, is_now = sides(exactly)
        assert came == is_now > 0


def test_entries_tell_that_money_moved_and_how_much_only_to_whom_it_belongs(app: Flask, stage: Stage) -> None:
    stage.fund()
    path = page_of(stage, "money", "entries?figure=received")
    stranger = read(app, stage, None, path)
    assert "Money came in" in stranger
    assert "€" not in stranger.split("<tbody>")[1].split("</tbody>")[0]
    own = read(app, stage, stage.backers[0], path).split("<tbody>")[1]
    assert own.count("held for Banque Voilée") == 2 + 1  # price, VAT (“VAT held for …”) and fee
    assert "held for Banque Ouverte" not in own
    pledge = pledges_of(stage)[1].public_id
    assert "Banque Ouverte" in read(app, stage, stage.auditor, f"{path}&pledge={pledge}")
    read(app, stage, stage.backers[0], f"{path}&pledge={pledge}", 404)
    read(app, stage, None, page_of(stage, "money", "entries?figure=nonsense"), 404)


def test_the_trail_names_no_backer_that_keeps_its_name_and_the_clock_as_itself(
    app: Flask, stage: Stage
) -> None:
    stage.fund()
    stage.accepted()
    stranger = read(app, stage, None, page_of(stage, "trail"))
    assert "A pledge was signed" in stranger
    assert "Banque Voilée" in stranger
    assert "Cité Secrète" not in stranger
    assert "the clock" in stranger
    assert "milestone 1" in stranger
    assert "A call was issued" not in stranger
    assert "A call was issued" in read(app, stage, stage.backers[4], page_of(stage, "trail"))
    assert "Cité Secrète" in read(app, stage, stage.auditor, page_of(stage, "trail"))
    french = read(app, stage, None, page_of(stage, "trail"), language="fr")
    assert "l’horloge" in french


# ---- Verifying -------------------------------------------------------------------------------------------------


def verified(folder: Path, *texts: str) -> subprocess.CompletedProcess[str]:
    """Run the script offline, as whoever downloaded it would, on these files."""
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"{number}.csv")
        paths[-1].write_bytes(text.encode())
    command = [sys.executable, "-I", str(Path(verify_chain.__file__)), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def downloads(app: Flask, stage: Stage, who: int) -> tuple[str, str]:
    """The chain, and the lines of one backer."""
    chain = read(app, stage, None, page_of(stage, "money", "chain.csv"))
    return chain, read(app, stage, stage.backers[who], page_of(stage, "money", "my-lines.csv"))


def test_a_backer_verifies_its_lines_offline_and_any_change_is_found(
    app: Flask, stage: Stage, tmp_path: Path
) -> None:
    stage.fund()
    stage.accepted()
    stage.turn(stage.paid[0], Happened.CHARGED_BACK)
    chain, lines = downloads(app, stage, 0)
    said = verified(tmp_path, chain, lines)
    assert said.returncode == 0, said.stdout
    assert "The chain holds" in said.stdout
    assert "Your lines are in the chain" in said.stdout
    assert "claim:" in said.stdout
    assert verified(tmp_path, chain).returncode == 0
    rows = lines.split("\r\n")
    entry = next(row for row in rows if ",entry," in row)
    broken = {
        "a digest of the chain": (chain.replace(chain.split("\r\n")[3].split(",")[2], "0" * 64), lines),
        "a line of the chain": (chain.replace(chain.split("\r\n")[3] + "\r\n", ""), lines),
        "the content of a line": (chain, lines.replace("Received by sandbox", "Received by nobody")),
        "a line left out": (chain, lines.replace(entry + "\r\n", "")),
        "a balance": (chain, re.sub(r"(,balance,,held:[^,]*,,,)[^,]*", r"\g<1>99.99", lines)),
    }
    for what, texts in broken.items():
        said = verified(tmp_path, *texts)
        assert said.returncode == 1, what
        assert "WRONG" in said.stdout, what


def test_one_s_lines_hold_nothing_of_another_backer(app: Flask, stage: Stage) -> None:
    stage.fund()
    stage.accepted()
    _chain, lines = downloads(app, stage, 1)
    own = pledges_of(stage)[1].id
    for row in csv.DictReader(io.StringIO(lines)):
        said = row["content"] + row["what"]
        accounts = re.findall(r"held(?:-vat|-fee)?:\d+:(\d+):|(?:back|claim):(\d+):", said)
        assert {int(a or b) for a, b in accounts} <= {own}
    read(app, stage, stage.officer, page_of(stage, "money", "my-lines.csv"), 404)
    with visiting(app, None, at=stage.at) as client:
        assert client.get(page_of(stage, "money", "my-lines.csv")).status_code == 303


def test_the_script_is_served_as_it_is_and_the_page_says_how_to_run_it(app: Flask, stage: Stage) -> None:
    assert read(app, stage, None, "/verify/verify_chain.py") == Path(verify_chain.__file__).read_text("utf-8")
    page = read(app, stage, stage.backers[0], f"/verify?campaign={stage.campaign.public_id}")
    assert "python3 verify_chain.py chain.csv my-lines.csv" in page
    assert stage.campaign.title in read(app, stage, None, "/verify")
    assert "import app" not in Path(verify_chain.__file__).read_text("utf-8")


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-5", "@cmd", "\tx"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert proofs.safe(cell) == f"'{cell}"
    assert proofs.safe("1.50") == "1.50"


# ---- Calls -----------------------------------------------------------------------------------------------------


def test_a_call_says_what_by_when_and_how_and_is_seen_by_whom_it_concerns(app: Flask, stage: Stage) -> None:
    call = stage.call()[0]
    path = f"/calls/{call.public_id}"
    page = read(app, stage, stage.backers[0], path)
    for told in (
        call.number,
        "PO-1",
        "XX00 JALON SANDBOX",
        "VAT of 20%",
        "5% of the parts",
        "23 December 2026",
    ):
        assert told in page
    assert f"€{call.total_cents // 100:,}.{call.total_cents % 100:02d}" in page
    reference = re.sub(r"(.{4})", r"\1 ", call.reference).strip()
    assert reference in page
    read(app, stage, stage.auditor, path)
    for reader in (stage.backers[1], stage.maker):
        read(app, stage, reader, path, 404)
        assert call.number not in read(app, stage, reader, "/calls")
    assert call.number in read(app, stage, stage.backers[0], "/calls")
    listed = read(app, stage, stage.treasurer, "/calls")
    assert "Banque Voilée" in listed
    assert "Ministère" not in listed, "a public body is called after acceptance only"


def test_what_came_in_and_what_is_missing_is_said(app: Flask, stage: Stage) -> None:
    call = stage.call()[1]
    stage.pay(call, 100_000)
    stage.rest()
    page = read(app, stage, stage.backers[1], f"/calls/{call.public_id}")
    assert "€1,000.00 came in" in page
    assert "Part paid" in page
    stage.pay(stage.again(call))
    stage.rest()
    page = read(app, stage, stage.backers[1], f"/calls/{call.public_id}")
    assert "Paid in full" in page
    assert "How to pay" not in page
    stage.turn(stage.paid[0], Happened.CHARGED_BACK, "Contested")
    page = read(app, stage, stage.backers[1], f"/calls/{call.public_id}")
    assert "unpaid again" in page
    assert "Contested" in page


def test_an_unpaid_call_is_waited_on_with_a_reason_and_a_second_click_changes_nothing(
    app: Flask, stage: Stage
) -> None:
    call = stage.call()[0]
    path = f"/calls/{call.public_id}"
    stage.at = call.window_ends_at + timedelta(minutes=1)
    stage.worker.until_quiet(stage.at)
    assert stage.again(call).state == CallState.DEFAULTED
    assert "Not paid in time" in read(app, stage, stage.backers[0], path)
    assert "Wait on" not in read(app, stage, stage.treasurer, path)
    status, page = post(app, stage, stage.officer, f"{path}/extension", days="91", reason="They merge.")
    assert status == 422
    assert 'value="91"' in page
    assert "They merge." in page
    assert "Between 1 and 90 more days" in page
    assert stage.again(call).state == CallState.DEFAULTED
    assert post(app, stage, stage.officer, f"{path}/extension", days="10", reason="They merge.")[0] == 303
    assert post(app, stage, stage.officer, f"{path}/extension", days="10", reason="They merge.")[0] == 409
    page = read(app, stage, stage.backers[0], path)
    assert "They merge." in page
    assert "3 January 2027" in page
    assert "They merge." in read(app, stage, None, page_of(stage, "trail")), "everyone can read why"
    for reader in (stage.backers[0], stage.treasurer):
        assert post(app, stage, reader, f"{path}/extension", days="5", reason="x")[0] == 403


def test_a_void_call_says_not_to_pay_it(app: Flask, stage: Stage) -> None:
    call = stage.call()[0]
    assert post(app, stage, stage.officer, page_of(stage, "stop"), reason="Nobody delivers.")[0] == 303
    stage.rest()
    page = read(app, stage, stage.backers[0], f"/calls/{call.public_id}")
    assert "please do not pay it" in page
    assert "How to pay" not in page


# ---- Money in doubt --------------------------------------------------------------------------------------------


def stray(stage: Stage, cents: int, reference: str = "no idea") -> Deposit:
    """Money that names no call."""
    stage.act(lambda db: sandbox.pay_in(
        db, amount_cents=cents, currency="EUR", reference=reference, name="Somebody", account="XX1", at=stage.at
    ))  # fmt: skip
    stage.rest()
    return stage.look(lambda db: db.exec(select(Deposit)).all()[-1])


def test_the_treasurer_matches_money_in_doubt_once_and_gives_back_what_is_above(
    app: Flask, stage: Stage
) -> None:
    call = stage.call()[1]
    deposit = stray(stage, call.total_cents + 5_000)
    path = f"/suspense/{deposit.public_id}"
    assert "Somebody" in read(app, stage, stage.treasurer, "/suspense")
    status, page = post(app, stage, stage.treasurer, f"{path}/match", number="2026-9999")
    assert status == 422
    assert 'value="2026-9999"' in page
    assert "There is no call with this number" in page
    assert post(app, stage, stage.treasurer, f"{path}/match", number=f" {call.number} ")[0] == 303
    assert post(app, stage, stage.treasurer, f"{path}/match", number=call.number)[0] == 409
    assert stage.again(call).state == CallState.PAID
    assert "Give it back" in read(app, stage, stage.treasurer, "/suspense")
    assert post(app, stage, stage.treasurer, f"{path}/return")[0] == 303
    assert post(app, stage, stage.treasurer, f"{path}/return")[0] == 409
    assert stage.balance("suspense:") == 0
    assert stage.balance(f"back:{call.pledge_id}:") == 5_000
    assert "No money in doubt" in read(app, stage, stage.treasurer, "/suspense")


def test_money_in_doubt_is_the_fund_s_to_see_and_the_treasurer_s_to_match(app: Flask, stage: Stage) -> None:
    deposit = stray(stage, 1_000)
    assert "Match it" not in read(app, stage, stage.auditor, "/suspense")
    for reader in (stage.backers[0], stage.maker):
        read(app, stage, reader, "/suspense", 403)
    assert post(app, stage, stage.officer, f"/suspense/{deposit.public_id}/match", number="1")[0] == 403
    assert post(app, stage, stage.treasurer, f"/suspense/{'0' * 32}/match", number="1")[0] == 404
    assert post(app, stage, stage.treasurer, f"/suspense/{deposit.public_id}/return")[0] == 422


def test_every_page_speaks_both_languages_in_every_state(app: Flask, stage: Stage) -> None:
    def everyone_reads() -> None:
        own = stage.look(lambda db: list(db.exec(select(Call))))
        for language in ("en", "fr"):
            for reader in (None, stage.backers[0], stage.officer):
                with visiting(app, reader, language, at=stage.at) as client:
                    for path in money_pages(stage):
                        text_of(client, path)
                    if reader:
                        for call in own:
                            assert client.get(f"/calls/{call.public_id}").status_code in (200, 404)

    everyone_reads()
    stage.fund()
    everyone_reads()
    with use_language("fr"):
        assert "Appels de fonds" in read(app, stage, stage.officer, "/calls", language="fr")
