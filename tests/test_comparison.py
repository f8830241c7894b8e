"""Several maintainers quote the same item: compared, asked, scored, and awarded to one with published reasons."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlmodel import Session, select

from app.estimates import asking, awarding, rules
from app.estimates.model import Estimate, EstimateState, LineKind, WorkAward
from app.estimates.terms import LineTerms
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.people import declaring
from app.people.model import TieKind
from app.people.step import Step
from app.roadmap.model import RoadmapItem
from tests.quoting_cast import (
    NOW,
    Cast,
    join,
    milestone,
    person,
    planned_item,
    settle,
    submitted,
    terms,
    visiting,
)

LATER = NOW + timedelta(hours=1)


def two_quotes(db: Session, cast: Cast) -> tuple[RoadmapItem, Estimate, Estimate]:
    """One item quoted by the maker, without lines, and by the rival, with lines and upkeep."""
    item = planned_item(db, cast)
    ours = submitted(db, cast, item)
    lines = (
        LineTerms(label="All of it", day_hundredths=3_000, day_rate_cents=60_000),
        LineTerms(label="Upkeep", kind=LineKind.UPKEEP, fixed_cents=100_000),
    )
    steps = [milestone("Everything", 1_900_000, lines=lines, due_on=date(2027, 5, 1))]
    draft = rules.draft(db, item, terms(milestones=steps, upkeep_months=12), by=cast.rival, at=NOW)
    return item, ours, rules.submit(db, draft, by=cast.rival, at=NOW)


def test_estimates_stand_side_by_side_the_lowest_first(db: Session) -> None:
    cast = settle(db)
    item, ours, theirs = two_quotes(db, cast)
    asking.score(db, ours, 5, by=cast.bank, at=NOW)
    asking.score(db, ours, 2, by=cast.insurer, at=NOW)
    asking.score(db, ours, 4, "On second thought.", by=cast.bank, at=NOW)
    first, second = awarding.compared(db, item)
    assert [first.estimate.id, second.estimate.id] == [theirs.id, ours.id]
    assert (first.total_cents, first.with_vat_cents, first.made_of.day_hundredths) == (
        1_900_000,
        2_280_000,
        3_000,
    )
    assert (first.made_of.upkeep_cents, first.last_due_on, first.score_hundredths) == (
        100_000,
        date(2027, 5, 1),
        None,
    )
    assert (second.minimum_cents, second.made_of.day_hundredths, second.last_due_on) == (
        1_500_000, None, date(2027, 4, 30),
    )  # fmt: skip
    assert (second.score_hundredths, len(second.scores)) == (300, 2)


def test_the_award_approves_one_rejects_the_others_and_publishes_the_reasons(db: Session) -> None:
    cast = settle(db)
    item, ours, theirs = two_quotes(db, cast)
    tied = join(db, person(db, "Tia"), cast.officer.organization, *cast.officer.roles)
    shares(db, tied, theirs)
    with pytest.raises(Conflict, match="compare their estimates"):
        rules.approve(db, ours, by=cast.officer, at=LATER)
    with pytest.raises(Refused, match="reasons"):
        awarding.award_work(db, ours, reasons=" ", by=cast.officer, at=LATER)
    award = awarding.award_work(db, ours, reasons="It is there first.", by=cast.officer, at=LATER)
    assert (ours.state, theirs.state) == (EstimateState.APPROVED, EstimateState.REJECTED)
    assert ours.decision_reason == theirs.decision_reason == "It is there first."
    assert (award.compared, award.stood_aside) == (f"{ours.number},{theirs.number}", 1)
    facts = db.exec(select(Step.facts).where(Step.act == "award work")).one()
    assert tied.person.pseudonym in facts
    with pytest.raises(Conflict, match="any more"):
        awarding.award_work(db, theirs, reasons="Again.", by=cast.officer, at=LATER)
    assert awarding.award_of(db, item) == award


def shares(db: Session, by: object, of: Estimate) -> None:
    from app.people.model import Organization

    declaring.declare(
        db, db.get_one(Organization, of.organization_id), kind=TieKind.SHARES, starts_on=date(2024, 1, 1),
        by=by, at=NOW,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_tie_to_any_of_those_who_quote_keeps_out_of_the_award_and_of_the_points(db: Session) -> None:
    cast = settle(db)
    _item, ours, theirs = two_quotes(db, cast)
    shares(db, cast.officer, theirs)
    shares(db, cast.bank, theirs)
    for act in (
        lambda: awarding.award_work(db, ours, reasons="Ours.", by=cast.officer, at=LATER),
        lambda: awarding.award_work(db, theirs, reasons="Theirs.", by=cast.officer, at=LATER),
        lambda: asking.score(db, ours, 1, by=cast.bank, at=LATER),
        lambda: asking.score(db, theirs, 5, by=cast.bank, at=LATER),
    ):
        with pytest.raises(Refused, match="You declared a tie"):
            act()
    assert db.exec(select(WorkAward)).all() == []


def test_nobody_awards_what_they_prepared_even_among_the_others(db: Session) -> None:
    cast = settle(db)
    _item, ours, theirs = two_quotes(db, cast)
    theirs.prepared_by_id = cast.officer.person.id
    db.flush()
    with pytest.raises(Refused, match="prepared"):
        awarding.award_work(db, ours, reasons="Ours.", by=cast.officer, at=LATER)


def test_only_those_who_share_the_need_give_points_and_only_before_the_award(db: Session) -> None:
    cast = settle(db)
    _item, ours, _theirs = two_quotes(db, cast)
    for actor in (cast.rival, cast.officer):
        with pytest.raises(Refused):
            asking.score(db, ours, 3, by=actor, at=NOW)
    with pytest.raises(Refused, match="1 to 5"):
        asking.score(db, ours, 6, by=cast.bank, at=NOW)
    awarding.award_work(db, ours, reasons="Ours.", by=cast.officer, at=LATER)
    with pytest.raises(Conflict, match="waits for the award"):
        asking.score(db, ours, 3, by=cast.bank, at=LATER)


def test_questions_and_answers_are_for_everybody_who_quotes(db: Session) -> None:
    cast = settle(db)
    item, ours, _theirs = two_quotes(db, cast)
    asked = asking.ask(db, item, "Which database?", by=cast.rival, at=NOW)
    about = asking.ask(db, item, "Who reviews?", about=ours, by=cast.bank, at=NOW)
    with pytest.raises(Refused, match="share the need"):
        asking.reply(db, asked, "Mine.", by=cast.maker, at=NOW)
    asking.reply(db, asked, "PostgreSQL.", by=cast.bank, at=NOW)
    asking.reply(db, about, "We do.", by=cast.maker, at=NOW)
    shown = asking.questions_of(db, item)
    assert [(one.question.text, [said.text for said, _who in one.replies]) for one in shown] == [
        ("Which database?", ["PostgreSQL."]), ("Who reviews?", ["We do."]),
    ]  # fmt: skip
    assert shown[1].about == ours


def test_the_road_from_question_to_award_goes_through_the_screen(app: Flask, database: Database) -> None:
    with database.writing() as db:
        cast = settle(db)
        item, _ours, theirs = two_quotes(db, cast)
        page, chosen = f"/estimates/comparison/{item.public_id}", theirs.public_id
    with visiting(app, cast.rival) as browser:
        browser.post(f"{page}/questions", data={"question": "Which database?"})
    with visiting(app, cast.bank) as browser:
        name = asked_name(database)
        assert browser.post(f"/estimates/questions/{name}/replies", data={"reply": "Any."}).status_code == 303
        assert browser.post(f"{page}/scores", data={"estimate": chosen, "points": "5"}).status_code == 303
    with visiting(app, cast.officer) as browser:
        shown = browser.get(page).text
        for said in (
            "Which database?",
            "Any.",
            "Atelier Wiki",
            "Code Libre",
            "€22,000.00",
            "12 months",
            "lowest",
        ):
            assert said in shown, said
        assert "Compare the estimates" in browser.get(f"/estimates/{chosen}").text
        wrong = browser.post(f"{page}/award", data={"estimate": chosen, "reasons": ""})
        assert (wrong.status_code, "Please fill this in." in wrong.text) == (422, True)
        assert (
            browser.post(f"{page}/award", data={"estimate": chosen, "reasons": "Cheaper."}).status_code == 303
        )
    with visiting(app, None, language="fr") as browser:
        shown = browser.get(page).text
        assert "Le travail a été attribué" in shown
        assert "Cheaper." in shown


def asked_name(database: Database) -> str:
    from app.estimates.model import Question

    with database.reading() as db:
        return db.exec(select(Question.public_id)).one()
