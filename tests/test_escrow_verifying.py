"""A backer verifies its lines offline, without us, and any change is found."""

import csv
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.escrow import proofs, verify_chain
from app.kit.db import Database
from app.kit.settings import Settings
from app.rails.rail import Happened
from tests.escrow_cast import PRICES, SIX, page_of, pledges_of, read
from tests.money_cast import set_up, visiting
from tests.money_stage import Stage

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """A secured campaign of six backers: one hides its amount, one its name too, one is a public body."""
    return set_up(database, settings, SIX, PRICES)


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


@pytest.mark.on_both
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
