"""A grant is written by one and signed by another, and ends when nobody signs it."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.campaigns import grants, matching, rules, wording_backing
from app.campaigns.grants import GrantTerms
from app.campaigns.matching_model import MatchingGrant
from app.kit.rules import Conflict, Missing, Refused
from app.notices import about_backing
from app.people.step import Step
from tests import cast as c
from tests.matching_cast import giver, granted, right


@pytest.fixture
def cast(db: Session) -> c.Cast:
    return c.settle(db)


def written(db: Session, by: c.Actor) -> MatchingGrant:
    terms = GrantTerms("Commons", "R-1", 1_000, 10_000)
    return grants.prepare(db, terms, words=wording_backing.grant_text, by=by, at=c.NOW)


def test_a_grant_is_written_by_one_and_signed_by_another_who_may(db: Session, cast: c.Cast) -> None:
    for nobody in (cast.maker, cast.officer):
        with pytest.raises(Refused):
            written(db, nobody)
    grant = written(db, giver(cast))
    assert (grant.state, grant.signed_hash) == ("prepared", rules.text_hash(grant.signed_text))
    assert "at most €10.00 excluding VAT in all" in grant.signed_text
    with pytest.raises(Refused, match="prepared"):
        grants.sign(db, grant, by=giver(cast), at=c.NOW)
    with pytest.raises(Refused, match="role"):
        grants.sign(db, grant, by=cast.buyers[0], at=c.NOW)
    with pytest.raises(Missing):
        grants.sign(db, grant, by=cast.approvers[1], at=c.NOW)
    with pytest.raises(Conflict):
        grants.activate(db, grant, by=cast.officer, at=c.NOW)
    other = written(db, cast.buyers[0])
    assert grants.sign(db, other, by=giver(cast), at=c.NOW).state == "offered"
    assert (other.offered_by_id, other.signed_by_id) == (cast.buyers[0].person.id, giver(cast).person.id)
    right(db)


def test_a_grant_nobody_signs_is_refused_taken_back_or_ends_by_itself(db: Session, cast: c.Cast) -> None:
    with pytest.raises(Refused, match="passed"):
        granted(db, cast, valid_until=c.NOW.date() - timedelta(days=1))
    refused, taken_back, late = (written(db, cast.buyers[0]) for _ in range(3))
    with pytest.raises(Refused, match="say why"):
        grants.refuse(db, refused, reason=" ", by=giver(cast), at=c.NOW)
    grants.refuse(db, refused, reason="No budget.", by=giver(cast), at=c.NOW)
    grants.refuse(db, taken_back, reason="A typing error.", by=cast.buyers[0], at=c.NOW)
    assert (refused.state, taken_back.state, refused.end_reason) == ("refused", "refused", "No budget.")
    assert late.lapses_at is not None
    assert grants.unsigned(db, late.lapses_at - timedelta(seconds=1)) == []
    assert grants.unsigned(db, late.lapses_at) == [late.id]
    with pytest.raises(Conflict, match="does not wait"):
        grants.sign(db, late, by=giver(cast), at=late.lapses_at)
    grants.lapse(db, late, at=late.lapses_at)
    assert late.state == "lapsed"
    with pytest.raises(Conflict):
        grants.close(db, late, reason="It never began.", by=giver(cast), at=c.NOW)


def test_who_may_sign_is_told_of_a_grant_and_who_wrote_it_of_its_end(db: Session, cast: c.Cast) -> None:
    written(db, cast.buyers[0])
    refused, late = written(db, cast.buyers[0]), written(db, cast.buyers[0])
    grants.refuse(db, refused, reason="No.", by=giver(cast), at=c.NOW)
    grants.lapse(db, late, at=late.lapses_at or c.NOW)
    told: dict[str, set[int]] = {}
    for step in db.exec(select(Step).where(Step.thing == "MatchingGrant")).all():
        told[step.act] = {copy.person.id for copy in about_backing.matching_grant(db, step, "http://jalon")}
    assert told == {
        "prepare": {giver(cast).person.id}, "refuse": {cast.buyers[0].person.id}, "lapse": {cast.buyers[0].person.id},
    }  # fmt: skip


def test_only_who_may_activates_and_closes(db: Session, cast: c.Cast) -> None:
    grant = grants.sign(db, written(db, cast.buyers[0]), by=giver(cast), at=c.NOW)
    with pytest.raises(Refused):
        grants.activate(db, grant, by=giver(cast), at=c.NOW)
    grants.activate(db, grant, by=cast.officer, at=c.NOW)
    with pytest.raises(Conflict):
        grants.activate(db, grant, by=cast.officer, at=c.NOW)
    grants.close(db, grant, reason="Spent elsewhere.", by=giver(cast), at=c.NOW + timedelta(days=1))
    assert grant.state == "closed"
    assert not matching.grants_for(db, c.campaign_open(db, cast), at=c.NOW)
