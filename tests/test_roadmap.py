"""The roadmap: items that answer needs, needs that are declined, and what one sees of both."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.kit.db import Database
from app.kit.rules import Conflict, Missing, Refused
from app.needs import rules as needs
from app.people.model import Kind, OrganizationState, Role
from app.people.step import Step
from app.roadmap import rules
from app.roadmap.demand import demand_of_items, demand_of_needs, unanswered
from app.roadmap.model import Answer, ItemState, Verdict
from tests.beginnings import begun
from tests.quoting_cast import NOW, Cast, join, need, organization, person, planned_item, settle, visiting

pytestmark = pytest.mark.long_story


@pytest.fixture
def cast(database: Database) -> Cast:
    def come_in() -> Cast:
        with database.writing() as db:
            return settle(db)

    return begun(database, "come in", come_in)


def test_one_item_answers_several_needs_and_is_planned_with_a_day(db: Session) -> None:
    cast = settle(db)
    item = rules.propose(
        db, cast.software, title="Real-time editing", needs=cast.needs, planned_on=date(2027, 6, 30),
        by=cast.maker, at=NOW,
    )  # fmt: skip
    assert item.state == ItemState.PLANNED
    assert rules.needs_of(db, item) == cast.needs
    acts = [step.act for step in db.exec(select(Step).where(Step.thing == "RoadmapItem").order_by(Step.id))]
    assert acts == ["propose", "plan"]


def test_without_a_day_an_item_is_only_proposed_until_it_is_planned(db: Session) -> None:
    cast = settle(db)
    item = rules.propose(db, cast.software, title="Cursors", needs=cast.needs[:1], by=cast.maker, at=NOW)
    assert item.state == ItemState.PROPOSED
    rules.plan(db, item, planned_on=date(2027, 6, 30), by=cast.maker, at=NOW)
    assert item.state == ItemState.PLANNED
    with pytest.raises(Conflict):
        rules.plan(db, item, planned_on=date(2027, 7, 30), by=cast.maker, at=NOW)


def test_an_item_needs_a_need_of_its_software_and_a_day_to_come(db: Session) -> None:
    cast = settle(db)
    with pytest.raises(Refused, match="at least one need"):
        rules.propose(db, cast.software, title="Cursors", needs=[], by=cast.maker, at=NOW)
    with pytest.raises(Refused, match="day has passed"):
        rules.propose(
            db, cast.software, title="Cursors", needs=cast.needs, planned_on=date(2026, 11, 22),
            by=cast.maker, at=NOW,
        )  # fmt: skip


@pytest.mark.on_both
def test_a_maintainer_answers_a_need_once_and_another_may_answer_it_too(db: Session) -> None:
    cast = settle(db)
    item = planned_item(db, cast)
    with pytest.raises(Conflict, match="already"):
        rules.answer(db, item, cast.needs[:1], by=cast.maker, at=NOW)
    with pytest.raises(Conflict, match="already"):
        rules.decline(db, cast.needs[0], reason="Out of scope.", by=cast.maker, at=NOW)
    rules.decline(db, cast.needs[0], reason="Better as a plugin.", by=cast.rival, at=NOW)
    assert [answer.verdict for answer in db.exec(select(Answer).order_by(Answer.id))] == [
        Verdict.ANSWERED,
        Verdict.DECLINED,
    ]


def test_the_database_itself_keeps_one_answer_for_a_need_and_a_maintainer(db: Session) -> None:
    cast = settle(db)
    for _ in range(2):
        db.add(Answer(
            need_id=cast.needs[0].id, organization_id=cast.maker.organization.id, verdict=Verdict.DECLINED,
            reason="No.", pseudonym="p-1", at=NOW,
        ))  # fmt: skip
    with pytest.raises(IntegrityError):
        db.flush()
    db.rollback()
    db.info.clear()


def test_declining_takes_a_reason(db: Session) -> None:
    cast = settle(db)
    with pytest.raises(Refused, match="say why") as refused:
        rules.decline(db, cast.needs[0], reason="  ", by=cast.maker, at=NOW)
    assert refused.value.field == "reason"


def test_drafts_and_withdrawn_needs_cannot_be_answered(db: Session) -> None:
    cast = settle(db)
    draft = need(db, cast.bank, cast.software, "Still being written", is_draft=True)
    with pytest.raises(Missing):
        rules.decline(db, draft, reason="No.", by=cast.maker, at=NOW)
    withdrawn = needs.withdraw(db, cast.needs[2], reason="Solved.", by=cast.bank, at=NOW)
    with pytest.raises(Refused, match="withdrawn"):
        rules.propose(db, cast.software, title="Offline", needs=[withdrawn], by=cast.maker, at=NOW)


def test_only_members_of_verified_maintainers_plan(db: Session) -> None:
    cast = settle(db)
    for actor in (cast.bank, cast.officer):
        with pytest.raises(Refused) as refused:
            planned_item(db, cast, by=actor)
        assert refused.value.status == 403
    cast.maker.organization.state = OrganizationState.SUSPENDED
    with pytest.raises(Refused, match="suspended"):
        planned_item(db, cast)


def test_an_item_is_changed_by_its_own_maintainer_alone(db: Session) -> None:
    cast = settle(db)
    item = planned_item(db, cast)
    with pytest.raises(Refused, match="another maintainer"):
        rules.drop(db, item, reason="I would rather not.", by=cast.rival, at=NOW)
    with pytest.raises(Refused, match="another maintainer"):
        rules.answer(db, item, cast.needs[1:], by=cast.rival, at=NOW)


def test_a_dropped_item_is_over_and_its_reason_is_kept(db: Session) -> None:
    cast = settle(db)
    item = planned_item(db, cast)
    with pytest.raises(Refused, match="say why"):
        rules.drop(db, item, reason="", by=cast.maker, at=NOW)
    rules.drop(db, item, reason="Upstream does it.", by=cast.maker, at=NOW)
    assert item.state == ItemState.DROPPED
    with pytest.raises(Conflict):
        rules.drop(db, item, reason="Again.", by=cast.maker, at=NOW)
    with pytest.raises(Conflict, match="dropped"):
        rules.answer(db, item, cast.needs[1:], by=cast.maker, at=NOW)


@pytest.mark.on_both
def test_a_need_whose_item_was_dropped_is_answered_again(db: Session) -> None:
    cast = settle(db)
    first, mine = cast.needs[0], cast.maker.organization
    item = planned_item(db, cast)
    rules.drop(db, item, reason="Too much at once.", by=cast.maker, at=NOW)
    assert first in unanswered(db, cast.software, mine)
    smaller = rules.propose(db, cast.software, title="Smaller", needs=[first], by=cast.maker, at=NOW)
    assert rules.needs_of(db, smaller) == [first]
    with pytest.raises(Conflict, match="already"):
        rules.decline(db, first, reason="Out of scope.", by=cast.maker, at=NOW)
    rules.drop(db, smaller, reason="No.", by=cast.maker, at=NOW)
    rules.decline(db, first, reason="Out of scope.", by=cast.maker, at=NOW)
    assert first not in unanswered(db, cast.software, mine)
    said = db.exec(select(Answer).where(Answer.need_id == first.id).order_by(Answer.id)).all()
    assert [(answer.number, answer.verdict) for answer in said] == [
        (1, Verdict.ANSWERED), (2, Verdict.ANSWERED), (3, Verdict.DECLINED),
    ]  # fmt: skip


def test_an_organization_counts_once_with_its_largest_number_of_users(db: Session) -> None:
    cast = settle(db)
    item = rules.propose(db, cast.software, title="All", needs=cast.needs, by=cast.maker, at=NOW)
    demand = demand_of_items(db, [item.id])[item.id]
    assert (demand.organizations, demand.users) == (3, 5000 + 2000 + 40_000)


def test_budgets_are_summed_from_three_organizations_on(db: Session) -> None:
    cast = settle(db)
    first = cast.needs[0]
    assert demand_of_needs(db, [first.id])[first.id].budget_cents is None
    third = join(db, person(db, "Lou"), organization(db, "Réseau Nord", Kind.CORPORATE), Role.MEMBER)
    needs.endorse(
        db, first, needs.EndorsementForm(users=5, budget=200_000, budget_year=2027), by=third, at=NOW
    )
    assert demand_of_needs(db, [first.id])[first.id].budget_cents == 6_200_000


@pytest.mark.on_both
def test_needs_to_answer_come_by_how_many_wait_and_by_words(db: Session) -> None:
    cast = settle(db)
    mine = cast.maker.organization
    assert unanswered(db, cast.software, mine)[0] == cast.needs[0]
    assert unanswered(db, cast.software, mine, words="PAGES 5") == [cast.needs[1]]
    planned_item(db, cast)
    assert cast.needs[0] not in unanswered(db, cast.software, mine)
    assert cast.needs[0] in unanswered(db, cast.software, cast.rival.organization)


# ---- On screen -------------------------------------------------------------------------------------------------


@pytest.mark.on_both
def test_a_maintainer_plans_on_the_screen_and_everyone_reads_it(app: Flask, cast: Cast) -> None:
    ticked = {f"need-{one.public_id}": "yes" for one in cast.needs[:2]}
    with visiting(app, cast.maker) as browser:
        page = browser.get(f"/roadmap/new?need={cast.needs[0].public_id}").text
        assert f'name="need-{cast.needs[0].public_id}" value="yes" checked' in page
        answer = browser.post(
            f"/roadmap/new?software={cast.software.public_id}",
            data={"title": "Real-time editing", "summary": "", "planned_on": "2027-06-30", **ticked},
        )
        assert answer.status_code == 303
    with visiting(app, None, "fr") as browser:
        page = browser.get(answer.location).text
        assert "Real-time editing" in page
        assert "Pages above 5 MB" in page
        assert "Planifié" in page
        assert "Abandonner" not in page
        assert "Real-time editing" in browser.get("/roadmap?state=planned").text
        assert "Real-time editing" not in browser.get("/roadmap?state=dropped").text


def test_searching_needs_keeps_what_was_typed_and_ticked(app: Flask, cast: Cast) -> None:
    with visiting(app, cast.maker) as browser:
        page = browser.post(
            f"/roadmap/new?software={cast.software.public_id}",
            data={
                "title": "Half a title", "need-words": "offline", "need-find": "1",
                f"need-{cast.needs[0].public_id}": "yes",
            },
        )  # fmt: skip
    assert page.status_code == 200
    assert 'value="Half a title"' in page.text
    assert f'name="need-{cast.needs[0].public_id}" value="yes" checked' in page.text
    assert "Offline mode" in page.text
    assert "Pages above 5 MB" not in page.text


@pytest.mark.on_both
def test_an_item_without_a_need_is_refused_where_the_needs_stand(app: Flask, cast: Cast) -> None:
    with visiting(app, cast.maker) as browser:
        page = browser.post(
            f"/roadmap/new?software={cast.software.public_id}", data={"title": "Kept title", "planned_on": ""}
        )
    assert page.status_code == 422
    assert 'value="Kept title"' in page.text
    assert 'id="needs-mistake"' in page.text


@pytest.mark.on_both
def test_answers_show_on_the_needs_page_and_doors_open_to_maintainers_alone(app: Flask, cast: Cast) -> None:
    address = f"/roadmap/answers/{cast.needs[0].public_id}"
    with visiting(app, cast.maker) as browser:
        piece = browser.get(address, headers={"HX-Request": "true"}).text
        assert "<html" not in piece
        assert "Plan an item for it" in piece
        refused = browser.post(f"{address}/decline", data={"reason": " "})
        assert refused.status_code == 422
        declined = browser.post(f"{address}/decline", data={"reason": "Better as a plugin."})
        assert declined.status_code == 303
        assert browser.post(f"{address}/decline", data={"reason": "Again."}).status_code == 409
    with visiting(app, None) as browser:
        page = browser.get(address).text
        assert "<html" in page
        assert "Better as a plugin." in page
        assert "Plan an item for it" not in page
        assert browser.post(f"{address}/decline", data={"reason": "No."}).status_code == 401
    with visiting(app, cast.bank) as browser:
        assert browser.get(f"{address}/decline").status_code == 403


def test_a_draft_need_is_not_told_from_one_that_is_not_there(
    app: Flask, cast: Cast, database: Database
) -> None:
    with database.writing() as db:
        draft = need(db, cast.bank, cast.software, "Secret wish", is_draft=True)
    with visiting(app, cast.maker) as browser:
        assert browser.get(f"/roadmap/answers/{draft.public_id}").status_code == 404
        assert browser.get("/roadmap/answers/nothing").status_code == 404
        assert "Secret wish" not in browser.get(f"/roadmap/new?software={cast.software.public_id}").text


@pytest.mark.on_both
def test_the_roadmap_turns_pages_without_losing_an_item(app: Flask, cast: Cast, database: Database) -> None:
    with database.writing() as db:
        for number in range(31):
            one = need(db, cast.bank, cast.software, f"Need {number}")
            rules.propose(db, cast.software, title=f"Item {number:02d}", needs=[one], by=cast.maker, at=NOW)
    with visiting(app, None) as browser:
        first = browser.get("/roadmap").text
        following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        second = browser.get(following).text
    shown = {f"Item {number:02d}" for number in range(31) if f"Item {number:02d}" in first}
    assert len(shown) == 30
    assert sum(f"Item {number:02d}" in second for number in range(31)) == 1
