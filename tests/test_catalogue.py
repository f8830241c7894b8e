"""The catalogue: software registered once for each repository, claimed by its maintainer, found by name."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from app.catalogue import rules
from app.catalogue.addresses import repository_address, repository_of_ticket, web_address
from app.catalogue.spelling import key, words
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.people.model import Kind, Role
from app.people.step import Step
from tests.needs_cast import NOW, gather, wiki
from tests.quoting_cast import join, organization, person, visiting


def test_a_repository_is_registered_once_however_it_is_written(db: Session) -> None:
    by = gather(db).bank
    software = rules.register(db, wiki(), by=by, at=NOW)
    with pytest.raises(Conflict, match="already registered, as “XWiki”") as refusal:
        rules.register(db, wiki("X-Wiki", "HTTPS://EXAMPLE.org:443/xwiki.git/"), by=by, at=NOW)
    assert refusal.value.field == "repository_url"
    assert rules.named(db, "xwiki") == software
    assert [step.act for step in db.exec(select(Step).where(Step.thing == "Software"))] == ["register"]


def test_only_a_maintainer_claims_and_only_once_until_the_fund_takes_it_back(db: Session) -> None:
    cast = gather(db)
    software = rules.register(db, wiki(), by=cast.bank, at=NOW)
    second = join(db, person(db, "Rita"), organization(db, "Code Libre", Kind.MAINTAINER), Role.MEMBER)
    with pytest.raises(Refused, match="Only a maintainer"):
        rules.claim(db, software, by=cast.insurer, at=NOW)
    rules.claim(db, software, by=cast.maker, at=NOW)
    with pytest.raises(Conflict):
        rules.claim(db, software, by=second, at=NOW)
    with pytest.raises(Refused):
        rules.end_claim(db, software, reason="Not theirs", by=second, at=NOW)
    rules.end_claim(db, software, reason="Not theirs", by=cast.officer, at=NOW)
    rules.claim(db, software, by=second, at=NOW)
    assert software.maintainer_id == second.organization.id


def test_two_software_of_one_name_are_told_apart_by_their_repository(db: Session) -> None:
    by = gather(db).bank
    one = rules.register(db, wiki("Élan", "https://example.org/one"), by=by, at=NOW)
    assert rules.named(db, "ELAN") == one
    two = rules.register(db, wiki("Elan", "https://example.org/two"), by=by, at=NOW)
    with pytest.raises(Refused, match="Several software are called"):
        rules.named(db, "élan")
    assert rules.named(db, "https://example.org/two/") == two
    assert rules.named(db, one.public_id) == one
    assert rules.words_for(db, one) == "https://example.org/one"


def test_the_list_is_cut_into_pages_by_name_without_a_gap(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PAGE", 3)
    by = gather(db).bank
    names = ["Zébu", "abeille", "Écureuil", "Abeille", "fourmi", "Œillet", "écureuil"]
    for number, name in enumerate(names):
        rules.register(db, wiki(name, f"https://example.org/{number}"), by=by, at=NOW)
    seen: list[str] = []
    after = ""
    while found := rules.find_software(db, after=after):
        seen += [software.name for software in found[:3]]
        after = found[:3][-1].public_id
    assert seen == ["abeille", "Abeille", "Écureuil", "écureuil", "fourmi", "Œillet", "Zébu"]
    assert [software.name for software in rules.find_software(db, "OEIL")] == ["Œillet"]
    assert rules.find_software(db, "%") == rules.find_software(db)


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)", "ftp://example.org/x", "https://", "example.org/x", "https://exa mple.org",
        "https://user:secret@example.org/x", "https://[::1", "https://example.org:port/x", "https://example.org/\x00",
        "https://example.org/" + "x" * 300, "",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(Refused):
        web_address(typed)


@given(st.text())
def test_any_text_is_an_address_or_refused(typed: str) -> None:
    try:
        address = repository_address(typed)
    except Refused:
        return
    assert address.startswith(("http://", "https://"))
    assert repository_address(address) == address


def test_a_ticket_tells_its_repository_on_every_forge() -> None:
    ticket = repository_of_ticket
    assert ticket("https://github.com/nextcloud/spreed/issues/9414") == "https://github.com/nextcloud/spreed"
    assert ticket("https://gitlab.com/a/b/c/-/issues/7#note_1") == "https://gitlab.com/a/b/c"
    assert ticket("https://codeberg.org/a/b/pulls/3") == "https://codeberg.org/a/b"
    assert ticket("https://jira.example.org/browse/WIKI-12") is None
    assert ticket("https://example.org/issues/12") is None
    assert ticket("nowhere") is None


@given(st.text())
def test_words_are_compared_the_same_however_often(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found
    assert all(word and "_" not in word and len(word) <= 40 for word in found)
    assert key(key(text)) == key(text)


def test_the_pages_say_what_is_there_and_offer_the_next_step(app: Flask, database: Database) -> None:
    with database.writing() as db:
        cast = gather(db)
    with visiting(app, cast.bank) as browser:
        assert "No software yet" in browser.get("/software").text
        typed = {
            "name": "XWiki",
            "repository_url": "https://example.org/xwiki",
            "license": "GPL 3",
            "about": "Wiki",
        }
        refused = browser.post("/software", data=typed)
        assert refused.status_code == 422
        assert "SPDX identifier" in refused.text
        assert 'value="https://example.org/xwiki"' in refused.text
        made = browser.post("/software", data=typed | {"license": "LGPL-2.1-or-later"})
        assert made.status_code == 303
        assert "LGPL-2.1-or-later" in browser.get(made.location).text
        assert browser.post("/software", data=typed | {"license": ""}).status_code == 409
        assert "We maintain this software" not in browser.get(made.location).text
        assert "XWiki" in browser.get("/software?q=xwi", headers={"HX-Request": "true"}).text
        assert browser.get("/software/nothing").status_code == 404
    with visiting(app, cast.maker) as browser:
        assert "We maintain this software" in browser.get(made.location).text
        assert browser.post(f"{made.location}/maintainer").status_code == 303
        assert browser.post(f"{made.location}/maintainer").status_code == 409
        assert "Atelier Wiki" in browser.get(made.location).text
    with visiting(app, None) as browser:
        assert "Atelier Wiki" in browser.get("/software").text
        assert browser.get("/software/new").status_code == 303
        assert browser.post("/software", data=typed).status_code == 401
