"""What an estimate's prices are made of: lines, team, upkeep; and what a revision says differently."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlmodel import Session, select

from app.estimates import history, rules
from app.estimates.model import Estimate, EstimateState, LineKind
from app.estimates.paper import quote_pdf
from app.estimates.reading import effort, lines_of, team_of, terms_of
from app.estimates.terms import LineTerms, MemberTerms
from app.kit.db import Database
from app.kit.money import split
from app.kit.rules import Conflict, Refused
from tests.quoting_cast import NOW, Cast, milestone, planned_item, settle, submitted, terms, visiting

pytestmark = pytest.mark.long_story

ADA, LIN = (
    MemberTerms(name="Ada", task="Backend", share_basis_points=6_667),
    MemberTerms(name="Lin", share_basis_points=3_333),
)
LINES = (
    LineTerms(label="Merge of edits", who="Ada", day_hundredths=750, day_rate_cents=62_000),
    LineTerms(label="Review", kind=LineKind.REVIEW, day_hundredths=125, day_rate_cents=60_001),
    LineTerms(label="A year of upkeep", kind=LineKind.UPKEEP, fixed_cents=80_000),
)
PRICE = 465_000 + 75_001 + 80_000


def with_lines(**changes: Any) -> Any:
    """Terms of one milestone made of lines, with a team."""
    usual = {
        "milestones": [milestone("Shared cursor", PRICE, lines=LINES)], "team": (ADA, LIN), "upkeep_months": 12,
        "warranty_months": 6, "includes_review": True, "exclusions": "Training.",
    }  # fmt: skip
    return usual | changes


def test_lines_make_the_price_and_are_kept_with_the_team(db: Session) -> None:
    cast = settle(db)
    estimate = submitted(db, cast, **with_lines())
    [only] = rules.milestones_of(db, estimate)
    made_of = lines_of(db, [only])[only.id]
    assert only.price_cents == sum(line.price_cents for line in made_of) == PRICE
    assert [(line.label, line.who, line.price_cents) for line in made_of] == [
        ("Merge of edits", "Ada", 465_000), ("Review", "", 75_001), ("A year of upkeep", "", 80_000),
    ]  # fmt: skip
    assert effort(made_of).day_hundredths == 875
    assert (effort(made_of).upkeep_cents, effort(made_of).review_cents) == (80_000, 75_001)
    assert [one.name for one in team_of(db, estimate)] == ["Ada", "Lin"]
    assert split(PRICE, [one.share_basis_points for one in team_of(db, estimate)]) == [413_355, 206_646]


@given(hundredths=st.integers(1, 999_999), rate=st.integers(1, 1_000_000))
def test_days_at_a_rate_come_to_whole_cents_never_half_a_cent_off(hundredths: int, rate: int) -> None:
    price = LineTerms(label="x", day_hundredths=hundredths, day_rate_cents=rate).price_cents
    assert -50 <= hundredths * rate - 100 * price < 50


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"milestones": [milestone("A", PRICE + 1, lines=LINES)]}, "do not add up"),
        ({"team": (ADA,)}, "100%"),
        ({"team": (ADA, ADA, LIN)}, "stands once"),
        ({"team": ()}, "is not in the team"),
        ({"milestones": [milestone("A", 1, lines=[LineTerms(label="x")])]}, "days and a rate, or a fixed price"),
        (
            {"milestones": [milestone("A", 1, lines=[LineTerms(label="x", day_hundredths=100, fixed_cents=1)])]},
            "days and a rate, or a fixed price",
        ),
        ({"warranty_months": 121}, "Between 0 and 120 months"),
    ],
)  # fmt: skip
def test_what_does_not_add_up_is_refused(db: Session, changes: dict[str, Any], sentence: str) -> None:
    cast = settle(db)
    with pytest.raises(Refused, match=sentence):
        rules.draft(db, planned_item(db, cast), terms(**with_lines(**changes)), by=cast.maker, at=NOW)


def test_upkeep_has_to_be_priced_or_declared_absent_to_submit(db: Session) -> None:
    cast = settle(db)
    draft = rules.draft(db, planned_item(db, cast), terms(upkeep_months=None), by=cast.maker, at=NOW)
    with pytest.raises(Refused, match="kept working"):
        rules.submit(db, draft, by=cast.maker, at=NOW)
    rules.revise(db, draft, terms(upkeep_months=0), by=cast.maker, at=NOW)
    assert rules.submit(db, draft, by=cast.maker, at=NOW).state == EstimateState.SUBMITTED


@pytest.mark.on_both
def test_a_draft_rewritten_has_only_its_new_lines_and_team(db: Session) -> None:
    cast = settle(db)
    draft = rules.draft(db, planned_item(db, cast), terms(**with_lines()), by=cast.maker, at=NOW)
    rules.revise(db, draft, terms(), by=cast.maker, at=NOW)
    assert not any(lines_of(db, rules.milestones_of(db, draft)).values())
    assert team_of(db, draft) == []


# ---- Revisions -------------------------------------------------------------------------------------------------


def test_a_revision_begins_with_what_was_said_and_tells_what_changed(db: Session) -> None:
    cast = settle(db)
    first = submitted(db, cast, **with_lines())
    second = history.begin_revision(db, first, by=cast.maker, at=NOW)
    said = terms_of(db, first, rules.milestones_of(db, first))
    assert terms_of(db, second, rules.milestones_of(db, second)) == said
    assert history.changes(db, first, second) == []
    with pytest.raises(Conflict, match="already"):
        history.begin_revision(db, first, by=cast.maker, at=NOW)
    cheaper = [milestone("Shared cursor", 600_000, due_on=date(2027, 3, 1)), milestone("Docs", 5_000)]
    revised = terms(**with_lines(milestones=cheaper, team=(), upkeep_months=0))
    rules.revise(db, second, revised, by=cast.maker, at=NOW)
    rules.submit(db, second, by=cast.maker, at=NOW)
    assert (first.state, second.state) == (EstimateState.SUPERSEDED, EstimateState.SUBMITTED)
    assert [one.id for one in history.revisions(db, second)] == [second.id, first.id]
    changed = {change.what: (change.before, change.after) for change in history.changes(db, first, second)}
    assert changed["Upkeep"] == ("12 months", "none")
    assert changed["Shared cursor · Price"] == ("€6,200.01", "€6,000.00")
    assert "Warranty" not in changed
    assert changed["Docs"][0] == ""
    assert changed["Team"][1] == ""


def test_only_what_was_submitted_and_not_approved_is_revised_and_only_by_its_maintainer(db: Session) -> None:
    cast = settle(db)
    estimate = submitted(db, cast)
    with pytest.raises(Refused, match="another maintainer"):
        history.begin_revision(db, estimate, by=cast.rival, at=NOW)
    rules.approve(db, estimate, by=cast.officer, at=NOW)
    with pytest.raises(Conflict, match="not approved"):
        history.begin_revision(db, estimate, by=cast.maker, at=NOW)


# ---- On paper and on screen ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"), [("en", "12 months after acceptance"), ("fr", "pendant 12 mois")]
)
def test_the_quote_says_what_the_prices_are_made_of(db: Session, language: str, words: str) -> None:
    estimate = submitted(db, settle(db), **with_lines())
    text = "".join(
        page.extract_text() for page in PdfReader(BytesIO(quote_pdf(db, estimate, language))).pages
    )
    plain = " ".join(text.replace("\u00a0", " ").split())
    for said in ("Merge of edits (Ada)", "A year of upkeep", "Training.", "Ada 66", words):
        assert said in plain, said
    assert ("7.5" if language == "en" else "7,5") in plain
    assert plain.count("6,200.01" if language == "en" else "6 200,01") >= 3


FORM = {
    "vat_regime": "domestic", "vat_rate": "20", "license": "EUPL-1.2", "valid_until": "2027-01-31",
    "upkeep": "months", "upkeep_months": "12", "warranty_months": "6", "includes_review": "yes",
    "milestone-0-title": "Shared cursor", "milestone-0-price": "", "milestone-0-due_on": "2027-02-15",
    "milestone-0-criteria": "No line is lost.", "milestone-0-is_required": "yes",
    "milestone-0-line-0-label": "Merge of edits", "milestone-0-line-0-kind": "work",
    "milestone-0-line-0-who": "Ada", "milestone-0-line-0-days": "7.5", "milestone-0-line-0-rate": "620",
    "milestone-0-line-1-label": "Upkeep", "milestone-0-line-1-kind": "upkeep", "milestone-0-line-1-fixed": "800",
    "milestone-0-line-2-kind": "work", "milestone-0-line-2-label": "",
    "member-0-name": "Ada", "member-0-share": "100",
}  # fmt: skip


@pytest.mark.on_both
def test_lines_team_and_a_revision_go_through_the_screen(app: Flask, database: Database) -> None:
    with database.writing() as db:
        cast: Cast = settle(db)
        item = planned_item(db, cast)
    with visiting(app, cast.maker) as browser:
        wrong = browser.post(
            f"/estimates/new?item={item.public_id}",
            data=FORM | {"milestone-0-price": "1", "milestone-0-line-0-days": "seven", "upkeep_months": ""},
        )
        assert wrong.status_code == 422
        assert "is not a number of days" in wrong.text
        assert "Say for how many months." in wrong.text
        assert 'value="seven"' in wrong.text
        wrong = browser.post(f"/estimates/new?item={item.public_id}", data=FORM | {"milestone-0-price": "1"})
        assert "The lines add up to €5,450.00" in wrong.text
        page = browser.post(f"/estimates/new?item={item.public_id}", data=FORM).location
        edit = browser.get(f"{page}/edit").text
        for value in ("7.5", "620.00", "800.00", "100"):
            assert f'value="{value}"' in edit
        assert browser.post(f"{page}/submission").status_code == 303
        shown = browser.get(page).text
        for said in ("Merge of edits", "€5,450.00", "12 months, €800.00", "6 months", "7.5"):
            assert said in shown, said
        revision = browser.post(f"{page}/revisions").location.removesuffix("/edit")
        browser.post(f"{revision}/edit", data=FORM | {"milestone-0-line-1-fixed": "900"})
        assert browser.post(f"{revision}/submission").status_code == 303
    with visiting(app, None, language="fr") as browser:
        changed = browser.get(f"{revision}/differences").text
        assert "Ce qui a changé" in changed
        assert "5\u202f450,00" in changed
        assert browser.get(f"{page}/differences").status_code == 404
    with database.reading() as db:
        assert len(db.exec(select(Estimate)).all()) == 2
