"""Estimates: drafted, submitted and then frozen, decided by the fund, printed as a quote."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlmodel import Session, select

from app.documents.vat import Regime
from app.estimates import rules
from app.estimates.completeness import LARGEST_TOTAL
from app.estimates.model import Estimate, EstimateState
from app.estimates.paper import quote_pdf
from app.kit.db import Database
from app.kit.rules import Conflict, Missing, Refused
from app.people.model import OrganizationState, Role
from app.people.step import Step
from app.roadmap import rules as roadmap
from app.roadmap.model import RoadmapItem
from tests.beginnings import begun
from tests.quoting_cast import NOW, Cast, join, milestone, planned_item, settle, submitted, terms, visiting

pytestmark = pytest.mark.long_story

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def cast(database: Database) -> Cast:
    def come_in() -> Cast:
        with database.writing() as db:
            return settle(db)

    return begun(database, "come in", come_in)


def drafted(db: Session, cast: Cast, **changes: Any) -> Estimate:
    return rules.draft(db, planned_item(db, cast), terms(**changes), by=cast.maker, at=NOW)


# ---- Drafting --------------------------------------------------------------------------------------------------


def test_required_milestones_come_first_and_make_the_minimum(db: Session) -> None:
    cast = settle(db)
    milestones = rules.milestones_of(db, drafted(db, cast))
    assert [(m.number, m.title, m.is_required) for m in milestones] == [
        (1, "Shared cursor", True),
        (2, "Large pages", True),
        (3, "Offline mode", False),
    ]
    assert rules.minimum_cents(milestones) == 1_500_000
    assert rules.total_cents(milestones) == 2_200_000


def test_numbers_of_a_year_have_no_gap_even_where_drafts_are_withdrawn(db: Session) -> None:
    cast = settle(db)
    item = planned_item(db, cast)
    first = rules.draft(db, item, terms(), by=cast.maker, at=NOW)
    rules.withdraw(db, first, by=cast.maker, at=NOW)
    second = rules.draft(db, item, terms(), by=cast.maker, at=NOW)
    # 23:30 in UTC on the last day of the year is next year where the operator lives.
    third = rules.draft(db, item, terms(), by=cast.maker, at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert [e.number for e in (first, second, third)] == ["D-2026-0001", "D-2026-0002", "D-2027-0001"]


@pytest.mark.on_both
def test_a_draft_may_be_incomplete_and_is_written_anew(db: Session) -> None:
    cast = settle(db)
    estimate = drafted(db, cast, milestones=[], license="", valid_until=None)
    rules.revise(db, estimate, terms(), by=cast.maker, at=NOW)
    assert len(rules.milestones_of(db, estimate)) == 3
    rules.revise(db, estimate, terms(milestones=[milestone("Only one")]), by=cast.maker, at=NOW)
    assert [m.title for m in rules.milestones_of(db, estimate)] == ["Only one"]


def test_even_a_draft_has_at_most_twenty_milestones_and_a_rate_for_domestic_vat(db: Session) -> None:
    cast = settle(db)
    item = planned_item(db, cast)
    with pytest.raises(Refused) as refused:
        rules.draft(db, item, terms(milestones=[milestone()] * 21), by=cast.maker, at=NOW)
    assert "at most 20" in str(refused.value)
    with pytest.raises(Refused, match="rate") as refused:
        rules.draft(db, item, terms(vat_rate_basis_points=0), by=cast.maker, at=NOW)
    assert refused.value.field == "vat_rate"


def test_an_exempt_seller_has_no_rate(db: Session) -> None:
    estimate = drafted(db, settle(db), vat_regime=Regime.EXEMPT)
    assert estimate.vat_rate_basis_points == 0


def test_only_a_planned_item_is_quoted_and_only_by_maintainers(db: Session) -> None:
    cast = settle(db)
    item = roadmap.propose(db, cast.software, title="Maybe", needs=cast.needs[1:2], by=cast.maker, at=NOW)
    with pytest.raises(Refused, match="planned"):
        rules.draft(db, item, terms(), by=cast.maker, at=NOW)
    planned = planned_item(db, cast)
    for actor in (cast.bank, cast.officer):
        with pytest.raises(Refused) as refused:
            rules.draft(db, planned, terms(), by=actor, at=NOW)
        assert refused.value.status == 403


# ---- Submitting ------------------------------------------------------------------------------------------------

INCOMPLETE: dict[str, tuple[dict[str, Any], str]] = {
    "validity passed": ({"valid_until": date(2026, 11, 22)}, "was valid until"),
    "no validity": ({"valid_until": None}, "until which day"),
    "no license": ({"license": " "}, "license"),
    "due in the past": ({"milestones": [milestone(due_on=date(2026, 11, 22))]}, "has passed"),
    "nothing required": ({"milestones": [milestone(is_required=False)]}, "must be required"),
    "no milestone": ({"milestones": []}, "must be required"),
    "no criterion": ({"milestones": [milestone(criteria=" \n ")]}, "no acceptance criterion"),
    "a cent too much": ({"milestones": [milestone(price_cents=1_000_000_001)]}, "10,000,000"),
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_what_is_incomplete_past_or_too_large_is_not_submitted(db: Session, case: str) -> None:
    changes, sentence = INCOMPLETE[case]
    cast = settle(db)
    estimate = drafted(db, cast, **changes)
    with pytest.raises(Refused) as refused:
        rules.submit(db, estimate, by=cast.maker, at=NOW)
    from app.kit.words import translate

    assert sentence in translate(refused.value)
    assert estimate.state == EstimateState.DRAFT


def test_the_largest_estimate_and_its_last_day_are_still_taken(db: Session) -> None:
    cast = settle(db)
    today = NOW.date()
    whole = [milestone(price_cents=LARGEST_TOTAL, due_on=today)]
    estimate = drafted(db, cast, milestones=whole, valid_until=today)
    assert rules.submit(db, estimate, by=cast.maker, at=NOW).state == EstimateState.SUBMITTED


def written(db: Session, estimate: Estimate) -> list[dict[str, Any]]:
    """The estimate and its milestones as the database has them now."""
    rows = [estimate, *rules.milestones_of(db, estimate)]
    for row in rows:
        db.flush()
        db.refresh(row)
    return [row.model_dump() for row in rows]


WRITES: dict[str, Callable[[Session, Estimate, Cast], Any]] = {
    "revise": lambda db, estimate, cast: rules.revise(db, estimate, terms(), by=cast.maker, at=LATER),
    "submit": lambda db, estimate, cast: rules.submit(db, estimate, by=cast.maker, at=LATER),
    "withdraw": lambda db, estimate, cast: rules.withdraw(db, estimate, by=cast.maker, at=LATER),
}


@pytest.mark.parametrize("verb", WRITES)
def test_a_submitted_estimate_is_frozen(db: Session, verb: str) -> None:
    cast = settle(db)
    estimate = submitted(db, cast)
    before = written(db, estimate)
    with pytest.raises(Conflict):
        WRITES[verb](db, estimate, cast)
    assert written(db, estimate) == before


@pytest.mark.on_both
def test_a_new_submission_takes_the_place_of_the_same_maintainers_earlier_one(db: Session) -> None:
    cast = settle(db)
    item = planned_item(db, cast)
    first = submitted(db, cast, item)
    other = rules.draft(db, item, terms(), by=cast.rival, at=NOW)
    rules.submit(db, other, by=cast.rival, at=NOW)
    second = submitted(db, cast, item)
    assert [e.state for e in (first, other, second)] == [
        EstimateState.SUPERSEDED,
        EstimateState.SUBMITTED,
        EstimateState.SUBMITTED,
    ]


def test_a_dropped_item_stops_its_estimates(db: Session) -> None:
    cast = settle(db)
    item = planned_item(db, cast)
    draft = rules.draft(db, item, terms(), by=cast.rival, at=NOW)
    waiting = submitted(db, cast, item)
    roadmap.drop(db, item, reason="Upstream does it.", by=cast.maker, at=NOW)
    with pytest.raises(Refused, match="planned"):
        rules.submit(db, draft, by=cast.rival, at=NOW)
    with pytest.raises(Refused, match="dropped"):
        rules.approve(db, waiting, by=cast.officer, at=NOW)


# ---- Deciding --------------------------------------------------------------------------------------------------


def test_the_fund_approves_once(db: Session) -> None:
    cast = settle(db)
    estimate = rules.approve(db, submitted(db, cast), by=cast.officer, at=LATER)
    assert (estimate.state, estimate.decided_by_id) == (EstimateState.APPROVED, cast.officer.person.id)
    with pytest.raises(Conflict):
        rules.approve(db, estimate, by=cast.officer, at=LATER)
    with pytest.raises(Conflict):
        rules.reject(db, estimate, reason="On second thoughts.", by=cast.officer, at=LATER)


def test_the_fund_rejects_with_a_reason(db: Session) -> None:
    cast = settle(db)
    estimate = submitted(db, cast)
    with pytest.raises(Refused, match="say why"):
        rules.reject(db, estimate, reason=" ", by=cast.officer, at=LATER)
    rules.reject(db, estimate, reason="Too vague.", by=cast.officer, at=LATER)
    assert estimate.decision_reason == "Too vague."
    step = db.exec(select(Step).where(Step.act == "reject")).one()
    assert (step.before, step.after) == ("submitted", "rejected")


def test_only_an_officer_without_a_tie_decides(db: Session) -> None:
    cast = settle(db)
    estimate = submitted(db, cast)
    for actor in (cast.maker, cast.rival, cast.bank):
        with pytest.raises(Refused) as refused:
            rules.approve(db, estimate, by=actor, at=LATER)
        assert refused.value.status == 403
    join(db, cast.officer.person, cast.maker.organization, Role.FINANCE)
    for decide in (rules.approve, rules.reject):
        with pytest.raises(Refused, match="You belong to"):
            decide(db, estimate, reason="Looks fine to me.", by=cast.officer, at=LATER)
    assert estimate.state == EstimateState.SUBMITTED


def test_nobody_decides_what_they_prepared(db: Session) -> None:
    cast = settle(db)
    estimate = submitted(db, cast)
    estimate.prepared_by_id = cast.officer.person.id
    db.flush()
    with pytest.raises(Refused, match="You prepared"):
        rules.approve(db, estimate, by=cast.officer, at=LATER)


def test_a_suspended_maintainers_estimate_is_not_approved(db: Session) -> None:
    cast = settle(db)
    estimate = submitted(db, cast)
    cast.maker.organization.state = OrganizationState.SUSPENDED
    db.add(cast.maker.organization)
    with pytest.raises(Refused, match="not verified at the moment"):
        rules.approve(db, estimate, by=cast.officer, at=LATER)


def test_the_fund_does_not_see_drafts(db: Session) -> None:
    cast = settle(db)
    with pytest.raises(Missing):
        rules.approve(db, drafted(db, cast), by=cast.officer, at=NOW)


@pytest.mark.on_both
def test_the_clock_closes_estimates_after_their_last_day_and_only_once(db: Session) -> None:
    cast = settle(db)
    estimate = submitted(db, cast, valid_until=date(2027, 1, 31))
    # Half past ten in the evening in UTC is still that day in winter where the operator lives; an hour later not.
    assert rules.expire_overdue(db, datetime(2027, 1, 31, 22, 30, tzinfo=UTC)) == 0
    after = datetime(2027, 1, 31, 23, 30, tzinfo=UTC)
    with pytest.raises(Refused, match="was valid until"):
        rules.approve(db, estimate, by=cast.officer, at=after)
    assert rules.expire_overdue(db, after) == 1
    assert estimate.state == EstimateState.EXPIRED
    assert rules.expire_overdue(db, after) == 0
    assert db.exec(select(Step).where(Step.act == "expire")).one().pseudonym == "clock"
    with pytest.raises(Conflict):
        rules.approve(db, estimate, by=cast.officer, at=NOW)


def test_an_approved_estimate_does_not_expire(db: Session) -> None:
    cast = settle(db)
    estimate = rules.approve(db, submitted(db, cast), by=cast.officer, at=LATER)
    assert rules.expire_overdue(db, NOW + timedelta(days=400)) == 0
    assert estimate.state == EstimateState.APPROVED


# ---- On paper --------------------------------------------------------------------------------------------------


def text_of(pdf: bytes) -> str:
    pages = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return pages.replace("\u202f", " ").replace("\u00a0", " ")


def test_the_quote_holds_number_prices_parties_and_criteria(db: Session) -> None:
    cast = settle(db)
    estimate = submitted(db, cast)
    french = text_of(quote_pdf(db, estimate, "fr"))
    for said in ("D-2026-0001", "6 200,00 €", "15 000,00 €", "22 000,00 €", "4 400,00 €", "26 400,00 €",
                 "Atelier Wiki", "No line is lost.", "LGPL-2.1-or-later", "Several persons edit one page"):  # fmt: skip
        assert said in french, said
    assert "€22,000.00" in text_of(quote_pdf(db, estimate, "en"))


def test_the_quote_is_the_same_file_each_time(db: Session) -> None:
    estimate = submitted(db, settle(db))
    assert quote_pdf(db, estimate, "fr") == quote_pdf(db, estimate, "fr")


def test_a_draft_is_no_quote(db: Session) -> None:
    with pytest.raises(Missing):
        quote_pdf(db, drafted(db, settle(db)), "fr")


# ---- On screen -------------------------------------------------------------------------------------------------


def form(**changes: str) -> dict[str, str]:
    """The form as a maintainer fills it in, with these changes (`_` in row names stands for `-`)."""
    usual = {
        "vat_regime": "domestic", "vat_rate": "20", "license": "EUPL-1.2", "valid_until": "2027-01-31",
        "assumptions": "", "upkeep": "none",
        "milestone-0-title": "Shared cursor", "milestone-0-price": "6 200,00", "milestone-0-due_on": "2027-02-15",
        "milestone-0-criteria": "No line is lost.", "milestone-0-is_required": "yes",
        "milestone-1-title": "", "milestone-1-price": "", "milestone-1-due_on": "", "milestone-1-criteria": "",
        "milestone-1-is_required": "yes",
    }  # fmt: skip
    return usual | changes


@pytest.fixture
def item(database: Database, cast: Cast) -> RoadmapItem:
    with database.writing() as db:
        return planned_item(db, cast)


@pytest.mark.on_both
def test_an_estimate_goes_from_draft_to_approved_on_the_screen(
    app: Flask, cast: Cast, item: RoadmapItem
) -> None:
    with visiting(app, cast.maker) as browser:
        kept = browser.post(f"/estimates/new?item={item.public_id}", data=form())
        assert kept.status_code == 303
        assert 'value="6200.00"' in browser.get(f"{kept.location}/edit").text
        assert browser.post(f"{kept.location}/edit", data=form(license="MIT")).status_code == 303
        assert browser.post(f"{kept.location}/submission").status_code == 303
        assert browser.post(f"{kept.location}/edit", data=form()).status_code == 409
        assert browser.post(f"{kept.location}/withdrawal").status_code == 409
        assert "Approve the estimate" not in browser.get(kept.location).text
        assert browser.post(f"{kept.location}/approval", data={"reason": ""}).status_code == 403
    with visiting(app, cast.officer) as browser:
        assert "Approve the estimate" in browser.get(kept.location).text
        assert browser.post(f"{kept.location}/rejection", data={"reason": ""}).status_code == 422
        assert browser.post(f"{kept.location}/approval", data={"reason": "Fair."}).status_code == 303
        assert browser.post(f"{kept.location}/approval", data={"reason": "Fair."}).status_code == 409
    with visiting(app, None, "fr") as browser:
        page = browser.get(kept.location).text
        assert "Approuvé" in page
        assert "6\u202f200,00" in page
        assert "Atelier Wiki" in browser.get(f"/estimates/of-item/{item.public_id}").text
        assert "Real-time editing" in browser.get("/estimates?state=approved").text


def test_bad_rows_keep_what_was_typed_and_say_it_at_the_field(
    app: Flask, cast: Cast, item: RoadmapItem
) -> None:
    wrong = form(**{
        "milestone-0-due_on": "soon", "milestone-1-title": "Offline mode", "milestone-1-price": "-5",
        "milestone-1-due_on": "2027-09-30", "vat_rate": "twenty",
    })  # fmt: skip
    with visiting(app, cast.maker) as browser:
        page = browser.post(f"/estimates/new?item={item.public_id}", data=wrong)
    assert page.status_code == 422
    for kept in ("Shared cursor", "6 200,00", "soon", "Offline mode", "-5", "twenty"):
        assert f'value="{kept}"' in page.text, kept
    for field in ("milestone-0-due_on", "milestone-1-price", "vat_rate"):
        assert f'id="f-{field}-mistake"' in page.text, field
    assert 'id="f-milestone-0-price-mistake"' not in page.text
    assert "negative" in page.text


def test_an_amount_of_two_readings_is_refused_with_both(app: Flask, cast: Cast, item: RoadmapItem) -> None:
    with visiting(app, cast.maker) as browser:
        page = browser.post(
            f"/estimates/new?item={item.public_id}", data=form(**{"milestone-0-price": "1.234"})
        ).text
    mistake = page.split('id="f-milestone-0-price-mistake"')[1].split("</p>")[0]
    assert "€1,234.00" in mistake
    assert "1,234." in mistake


def test_a_row_is_added_without_losing_a_word(app: Flask, cast: Cast, item: RoadmapItem) -> None:
    with visiting(app, cast.maker) as browser:
        page = browser.post(
            f"/estimates/new?item={item.public_id}", data=form(**{"milestone-add": "1", "license": "Half"})
        )
    assert page.status_code == 200
    assert 'value="6 200,00"' in page.text
    assert 'value="Half"' in page.text
    assert 'name="milestone-2-title"' in page.text
    assert 'name="milestone-3-title"' not in page.text


@pytest.mark.on_both
def test_drafts_are_there_for_their_own_organization_alone(app: Flask, cast: Cast, item: RoadmapItem) -> None:
    with visiting(app, cast.maker) as browser:
        address = browser.post(f"/estimates/new?item={item.public_id}", data=form()).location
        assert browser.get(address).status_code == 200
        assert "D-2026-0001" in browser.get("/estimates?mine=yes").text
        assert browser.get(f"{address}/quote.pdf").status_code == 404
    for actor in (cast.rival, cast.officer, cast.bank, None):
        with visiting(app, actor) as browser:
            assert browser.get(address).status_code == 404
            assert browser.get(f"{address}/quote.pdf").status_code == 404
            assert "D-2026-0001" not in browser.get("/estimates").text
            assert "D-2026-0001" not in browser.get(f"/estimates/of-item/{item.public_id}").text
    with visiting(app, cast.rival) as browser:
        assert browser.get(f"{address}/edit").status_code == 404
        assert browser.post(f"{address}/edit", data=form()).status_code == 404
        assert browser.post(f"{address}/submission").status_code == 404
    with visiting(app, cast.officer) as browser:
        assert browser.post(f"{address}/approval", data={"reason": ""}).status_code == 404


def test_the_quote_comes_as_a_file_in_the_language_asked_for(
    app: Flask, cast: Cast, item: RoadmapItem, database: Database
) -> None:
    with database.writing() as db:
        estimate = submitted(db, cast, item)
    with visiting(app, None, "en") as browser:
        answer = browser.get(f"/estimates/{estimate.public_id}/quote.pdf")
        assert answer.mimetype == "application/pdf"
        assert "quote-D-2026-0001.pdf" in answer.headers["Content-Disposition"]
        french = browser.get(f"/estimates/{estimate.public_id}/quote.pdf?language=fr")
        assert "devis-D-2026-0001.pdf" in french.headers["Content-Disposition"]
        assert "Valable jusqu’au" in text_of(french.data)
        assert browser.get(f"/estimates/{estimate.public_id}/quote.pdf?language=xx").status_code == 404


def test_a_refusal_on_submission_stands_on_the_page_of_the_estimate(
    app: Flask, cast: Cast, item: RoadmapItem
) -> None:
    with visiting(app, cast.maker) as browser:
        address = browser.post(f"/estimates/new?item={item.public_id}", data=form(license="")).location
        page = browser.post(f"{address}/submission")
        assert page.status_code == 422
        assert "under which license" in page.text
        assert "Draft" in page.text
