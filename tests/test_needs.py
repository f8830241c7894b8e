"""Needs: written, published, shared, withdrawn, and shown to whom they may be."""

import json
from datetime import date, timedelta

import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import event, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.catalogue.model import Software
from app.kit.db import Database
from app.kit.rules import Conflict, Missing, Refused
from app.needs import rules
from app.needs.forms import EndorsementForm
from app.needs.model import Endorsement, Need, NeedState
from app.people.access import Actor
from app.people.model import OrganizationState
from app.people.step import Step
from tests.needs_cast import NOW, Cast, gather, need_form, published, registered, shared, written
from tests.quoting_cast import visiting

pytestmark = pytest.mark.long_story


@pytest.fixture
def cast(db: Session) -> Cast:
    """The people, and a software."""
    cast = gather(db)
    registered(db, cast.bank)
    return cast


@pytest.fixture
def settled(database: Database) -> Cast:
    """The same, kept, for tests that open pages."""
    with database.writing() as db:
        cast = gather(db)
        registered(db, cast.bank)
        return cast


# ---- Writing ---------------------------------------------------------------------------------------------------


@pytest.mark.on_both
def test_a_need_is_written_published_and_withdrawn_each_with_its_step(db: Session, cast: Cast) -> None:
    need = written(db, cast.bank)
    rules.edit(db, need, need_form(title="Offline"), by=cast.bank, at=NOW)
    rules.publish(db, need, by=cast.bank, at=NOW)
    rules.withdraw(db, need, reason="Bought elsewhere", by=cast.bank, at=NOW)
    steps = db.exec(select(Step).where(Step.thing == "Need").order_by(col(Step.id))).all()
    assert [(step.act, step.before, step.after) for step in steps] == [
        ("write", "", "draft"), ("edit", "draft", "draft"), ("publish", "draft", "published"),
        ("withdraw", "published", "withdrawn"),
    ]  # fmt: skip
    assert json.loads(steps[-1].facts) == {"reason": "Bought elsewhere"}


def test_what_was_done_is_not_done_twice(db: Session, cast: Cast) -> None:
    need = published(db, cast.bank)
    with pytest.raises(Conflict):
        rules.publish(db, need, by=cast.bank, at=NOW)
    with pytest.raises(Conflict):
        rules.edit(db, need, need_form(title="Other"), by=cast.bank, at=NOW)
    rules.withdraw(db, need, reason="No longer", by=cast.bank, at=NOW)
    with pytest.raises(Conflict):
        rules.withdraw(db, need, reason="No longer", by=cast.bank, at=NOW)


def test_a_draft_without_a_summary_is_kept_but_not_published(db: Session, cast: Cast) -> None:
    need = written(db, cast.bank, summary="")
    with pytest.raises(Refused, match="what is missing") as refusal:
        rules.publish(db, need, by=cast.bank, at=NOW)
    assert refusal.value.field == "summary"


def test_only_members_of_verified_organizations_that_use_software_write(db: Session, cast: Cast) -> None:
    for by in (cast.maker, cast.officer):
        with pytest.raises(Refused) as refusal:
            written(db, by)
        assert refusal.value.status == 403
    cast.bank.organization.state = OrganizationState.SUSPENDED
    with pytest.raises(Refused, match="suspended"):
        written(db, cast.bank)
    cast.bank.organization.state = OrganizationState.APPLIED
    with pytest.raises(Refused, match="verified"):
        written(db, cast.bank)


def test_nobody_changes_anothers_need_nor_learns_of_its_draft(db: Session, cast: Cast) -> None:
    draft, open_to_all = written(db, cast.bank), published(db, cast.bank, title="Cursors")
    for act in (rules.publish, lambda *a, **k: rules.withdraw(*a, reason="x", **k)):
        with pytest.raises(Missing):
            act(db, draft, by=cast.insurer, at=NOW)
        with pytest.raises(Refused, match="Only the organization") as refusal:
            act(db, open_to_all, by=cast.insurer, at=NOW)
        assert refusal.value.status == 403
    with pytest.raises(Missing):
        shared(db, draft, cast.insurer)
    for reader in (None, cast.insurer, cast.officer):
        with pytest.raises(Missing):
            rules.require_visible(draft, reader)
    rules.withdraw(db, draft, reason="A mistake", by=cast.bank, at=NOW)
    with pytest.raises(Missing):
        rules.require_visible(draft, cast.insurer)
    rules.require_visible(draft, cast.bank)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://example.org", "example.org/x"])
def test_a_source_is_an_address_on_the_web(address: str) -> None:
    with pytest.raises(ValidationError):
        need_form(source_url=address)


def test_needs_of_one_moment_stand_in_the_order_they_were_published(db: Session, cast: Cast) -> None:
    needs = [published(db, cast.bank, title=f"Need {number}") for number in range(5)]
    later = published(db, cast.bank, at=NOW + timedelta(microseconds=1_000), title="Later")
    positions = [need.position for need in [*needs, later]]
    assert positions == sorted(set(positions))


# ---- Sharing ---------------------------------------------------------------------------------------------------


def test_each_other_organization_shares_a_need_once_and_the_sums_count_everybody(
    db: Session, cast: Cast
) -> None:
    need = published(db, cast.bank, users=50)
    shared(db, need, cast.insurer, users=200, wording="On trains, too")
    shared(db, need, cast.ministry, users=4000)
    with pytest.raises(Conflict, match="already"):
        shared(db, need, cast.insurer)
    with pytest.raises(Refused, match="your own"):
        shared(db, need, cast.bank)
    assert rules.support_of(db, [need]) == {need.id: rules.Support(organizations=3, users=4250)}
    alone = published(db, cast.region, title="Alone")
    assert rules.support_of(db, [alone])[alone.id] == rules.Support(organizations=1, users=0)
    assert rules.support_of(db, []) == {}


def test_the_database_itself_keeps_one_endorsement_an_organization(db: Session, cast: Cast) -> None:
    need = published(db, cast.bank)
    first = shared(db, need, cast.insurer)
    again = first.model_dump(exclude={"id"})
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(insert(Endorsement).values(**again))


def test_a_withdrawn_need_is_no_longer_shared(db: Session, cast: Cast) -> None:
    need = published(db, cast.bank)
    shared(db, need, cast.insurer)
    rules.withdraw(db, need, reason="Solved upstream", by=cast.bank, at=NOW)
    with pytest.raises(Conflict, match="withdrawn"):
        shared(db, need, cast.ministry)
    assert rules.support_of(db, [need])[need.id].organizations == 2


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"users": 0}, "users"),
        ({"users": 10, "budget": 0, "budget_year": 2027}, "budget"),
        ({"users": 10, "budget": 500_000}, "budget_year"),
        ({"users": 10, "budget_year": 2027}, "budget"),
        ({"users": 10, "budget": 500_000, "budget_year": 2025}, "budget_year"),
        ({"users": 10, "budget": 500_000, "budget_year": 2032}, "budget_year"),
    ],
)
def test_an_endorsement_counts_users_and_a_budget_has_its_year(
    db: Session, cast: Cast, typed: dict[str, int], field: str
) -> None:
    need = published(db, cast.bank)
    with pytest.raises(Refused) as refusal:
        rules.endorse(db, need, EndorsementForm(**typed), by=cast.insurer, at=NOW)
    assert refusal.value.field == field


def test_budgets_are_only_shown_as_a_sum_of_three(db: Session, cast: Cast) -> None:
    need = published(db, cast.bank)
    assert rules.budget_of(db, need, cast.officer) is None
    for by, budget in ((cast.insurer, 100_000), (cast.ministry, 200_000)):
        shared(db, need, by, budget=budget, budget_year=2027)
    for reader in (None, cast.bank, cast.insurer):
        assert rules.budget_of(db, need, reader) is None
    assert rules.budget_of(db, need, cast.officer) == 300_000
    shared(db, need, cast.region, budget=400_000, budget_year=2028)
    for reader in (None, cast.bank, cast.officer):
        assert rules.budget_of(db, need, reader) == 700_000


# ---- Pages -----------------------------------------------------------------------------------------------------


def kept(database: Database, by: Actor, *, is_draft: bool = False, **changes: object) -> Need:
    """A need that stands in the database."""
    with database.writing() as db:
        return (written if is_draft else published)(db, by, **changes)


def test_a_need_is_written_through_its_form_and_a_mistake_loses_nothing(app: Flask, settled: Cast) -> None:
    typed = {
        "software": "xwiki", "title": "Offline mode", "kind": "feature", "summary": "", "users": "1 200",
        "workaround": "", "criteria": "", "wanted_on": "31/12/2026", "source_url": "example.org", "then": "publish",
    }  # fmt: skip
    with visiting(app, settled.bank) as browser:
        assert browser.get("/needs/new").status_code == 200
        refused = browser.post("/needs", data=typed)
        assert refused.status_code == 422
        assert "is not a web address" in refused.text
        assert 'value="1 200"' in refused.text
        refused = browser.post("/needs", data=typed | {"source_url": ""})
        assert "Please say what is missing before you publish." in refused.text
        assert browser.get("/needs?state=draft").text.count("Offline mode") == 0
        made = browser.post("/needs", data=typed | {"source_url": "", "summary": "On trains"})
        assert made.status_code == 303
        shown = browser.get(made.location).text
        assert "31 December 2026" in shown
        assert "1,200" in shown
        assert browser.post(f"{made.location}/publication").status_code == 409
        assert browser.post("/needs", data=typed | {"software": "Nowhere"}).status_code == 422
        assert browser.post("/needs", data=typed | {"state": "published"}).status_code == 422


def test_who_does_not_write_needs_is_told_so_at_the_door(app: Flask, settled: Cast) -> None:
    for reader, status in ((None, 303), (settled.maker, 403), (settled.officer, 403), (settled.bank, 200)):
        with visiting(app, reader) as browser:
            for page in ("/needs/new", "/needs/backlogs/new"):
                assert browser.get(page).status_code == status
    with visiting(app, settled.maker) as browser:
        assert browser.post("/needs", data={"software": "XWiki", "title": "Ours"}).status_code == 403
        assert "Write a need" not in browser.get("/needs").text


@pytest.mark.on_both
def test_a_draft_is_changed_and_only_its_organization_finds_it(
    app: Flask, database: Database, settled: Cast
) -> None:
    need = kept(database, settled.bank, is_draft=True)
    address = f"/needs/{need.public_id}"
    with visiting(app, settled.bank) as browser:
        assert "only your organization sees it" in browser.get(address).text
        assert "Offline mode" in browser.get("/needs?state=draft").text
        form = {"software": "XWiki", "title": "Offline, too", "summary": "On trains"}
        assert browser.post(address, data=form).status_code == 303
        assert "Offline, too" in browser.get(f"{address}/edit").text
    for reader in (None, settled.insurer, settled.officer, settled.maker):
        with visiting(app, reader) as browser:
            assert browser.get(address).status_code == 404
            assert "Offline" not in browser.get("/needs?state=draft").text
            assert "Offline" not in browser.get("/needs?state=draft&q=offline").text
            assert "Offline" not in browser.get("/needs?state=withdrawn").text
    with visiting(app, settled.insurer) as browser:
        assert browser.get(f"{address}/edit").status_code == 404
        assert browser.post(f"{address}/endorsements", data={"users": "5"}).status_code == 404


def test_another_organization_says_on_the_page_that_it_misses_this(
    app: Flask, database: Database, settled: Cast
) -> None:
    need = kept(database, settled.bank)
    address = f"/needs/{need.public_id}"
    with visiting(app, settled.insurer) as browser:
        assert "We miss this too" in browser.get(address).text
        typed = {"users": "many", "wording": "Trains", "budget": "1.234"}
        refused = browser.post(f"{address}/endorsements", data=typed)
        assert refused.status_code == 422
        assert "“many” is not a whole number." in refused.text
        assert "Trains</textarea>" in refused.text
        form = {"users": "200", "wording": "Trains", "budget": "12 000", "budget_year": "2027"}
        assert browser.post(f"{address}/endorsements", data=form).status_code == 303
        shown = browser.get(address).text
        assert "intends €12,000 in 2027" in shown
        assert browser.post(f"{address}/endorsements", data=form).status_code == 409
    with visiting(app, None) as browser:
        shown = browser.get(address).text
        assert "Trains" in shown
        assert "Sign in to say so" in shown
        assert "12,000" not in shown
    with visiting(app, settled.officer) as browser:
        assert browser.get(address).text.count("€12,000") == 2


@pytest.mark.on_both
def test_a_withdrawn_need_says_why_on_its_page(app: Flask, database: Database, settled: Cast) -> None:
    need = kept(database, settled.bank)
    address = f"/needs/{need.public_id}"
    with visiting(app, settled.bank) as browser:
        assert browser.post(f"{address}/withdrawal", data={"reason": " "}).status_code == 422
        assert browser.post(f"{address}/withdrawal", data={"reason": "Solved upstream"}).status_code == 303
    with visiting(app, None, "fr") as browser:
        assert "Solved upstream" in browser.get(address).text
        assert "Offline mode" not in browser.get("/needs").text
        assert "Offline mode" in browser.get("/needs?state=withdrawn").text


def test_the_list_is_a_page_for_browsers_and_a_part_for_htmx(
    app: Flask, database: Database, settled: Cast
) -> None:
    kept(database, settled.bank, title="Cursors of everybody")
    kept(database, settled.bank, title="Offline mode")
    with visiting(app, None) as browser:
        whole = browser.get("/needs?q=curs")
        part = browser.get("/needs?q=curs", headers={"HX-Request": "true"})
        for shown in (whole.text, part.text):
            assert "Cursors" in shown
            assert "Offline" not in shown
        assert "<html" in whole.text
        assert part.text.lstrip().startswith('<div id="list"')
        assert "HX-Request" in whole.headers["Vary"]
        assert "Nothing found" in browser.get("/needs?q=nowhere").text
        assert "Nothing found" in browser.get("/needs?software=Nowhere").text
        for strange in (
            "?before=x",
            "?before=9999999999999999999999",
            "?kind=x&state=y",
            "?q=%00%27%22*()",
            "?q=___",
        ):
            assert browser.get(f"/needs{strange}").status_code == 200


def test_a_page_of_needs_costs_the_same_questions_however_long_it_is(
    app: Flask, database: Database, settled: Cast
) -> None:
    asked: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    def cost() -> int:
        asked.clear()
        with visiting(app, settled.bank) as browser:
            # The list alone: what stands around it is counted by the boards.
            assert browser.get("/needs", headers={"HX-Request": "true"}).status_code == 200
        return len(asked)

    readers = app.database._readers  # type: ignore[attr-defined]
    event.listen(readers, "before_cursor_execute", count)
    first = kept(database, settled.bank, title="Need 0")
    with database.writing() as db:
        shared(db, db.get_one(Need, first.id), settled.insurer)
    cost()  # the first time the shell asks for more
    short = cost()
    for number in range(1, 60):
        kept(database, settled.bank, title=f"Need {number}")
    assert cost() == short, asked


def test_a_software_shows_its_needs(app: Flask, database: Database, settled: Cast) -> None:
    kept(database, settled.bank, title="Offline mode")
    with database.reading() as db:
        software = db.exec(select(Software)).one()
    address = f"/needs/of-software/{software.public_id}"
    with visiting(app, None) as browser:
        assert address in browser.get(f"/software/{software.public_id}").text
        assert "Offline mode" in browser.get(address, headers={"HX-Request": "true"}).text
        assert browser.get(address).status_code == 303
        assert "Offline mode" in browser.get(f"/needs?software={software.public_id}").text


def test_a_french_reader_gets_french(app: Flask, database: Database, settled: Cast) -> None:
    need = kept(database, settled.bank, users=1200, wanted_on=date(2027, 1, 1))
    with visiting(app, settled.insurer, "fr") as browser:
        shown = browser.get(f"/needs/{need.public_id}").text
        assert "Cela nous manque aussi" in shown
        assert "1er janvier 2027" in shown
        assert need.state == NeedState.PUBLISHED
