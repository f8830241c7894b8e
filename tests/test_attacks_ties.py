"""Who pays, who is named and who works are parties too; who was suspended promises nothing more."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session, select

from app.boards.ties import is_free_of_ties
from app.campaigns import grants, matching, work
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.kit.db import Database
from app.kit.rules import Refused
from app.people import declaring
from app.people.model import Kind, Organization, OrganizationState, Role, RoleGrant, TieKind
from tests import backing_cast as backing
from tests import cast as c

pytestmark = pytest.mark.long_story


def pledged_for(role: str) -> Callable[[Session, c.Cast], tuple[Campaign, Organization]]:
    """A campaign one of whose pledges another organization of its buyer pays, or is named for."""

    def begin(db: Session, cast: c.Cast) -> tuple[Campaign, Organization]:
        campaign, buyer = c.campaign_open(db, cast), cast.buyers[0]
        other = c.organization(db, "Holding", Kind.CORPORATE)
        db.add(RoleGrant(
            person_id=buyer.person.id, organization_id=other.id, role=Role.MEMBER, granted_at=c.NOW
        ))  # fmt: skip
        db.flush()
        c.pledge(db, campaign, buyer, 2_000_000, **{role: other.id})
        return campaign, other

    return begin


def worked_for(db: Session, cast: c.Cast) -> tuple[Campaign, Organization]:
    """A campaign to which the third bank gives work, and nothing else."""
    _made, campaign = backing.backed(db, cast)
    return campaign, cast.buyers[2].organization


@pytest.mark.on_both
@pytest.mark.parametrize("begin", [pledged_for("payer_id"), pledged_for("credit_id"), worked_for],
                         ids=["payer", "credit", "work"])  # fmt: skip
def test_an_officer_tied_to_who_pays_is_named_or_works_decides_nothing_about_the_campaign(
    database: Database, begin: Callable[[Session, c.Cast], tuple[Campaign, Organization]]
) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign, other = begin(db, cast)
        waits = select(Campaign).where(is_free_of_ties(cast.officer, c.DECIDED))
        assert db.exec(waits).all() == [campaign]
        declaring.declare(
            db, other, kind=TieKind.SHARES, starts_on=date(2026, 1, 1), by=cast.officer, at=c.NOW
        )
        assert db.exec(waits).all() == []
        decide = campaigns.stop if campaign.state == "secured" else campaigns.cancel
        with pytest.raises(Refused, match="tie"):
            decide(db, campaign, reason="Over.", by=cast.officer, at=c.DECIDED)


def test_a_maintainer_tied_to_who_works_neither_takes_the_work_nor_sends_it_back(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        made, _campaign = backing.backed(db, cast)
        made.state, made.ended_at = "handed over", None
        declaring.declare(
            db, cast.buyers[2].organization, kind=TieKind.SHARES, starts_on=date(2026, 1, 1), by=cast.maker,
            at=c.NOW,
        )  # fmt: skip
        with pytest.raises(Refused, match="tie"):
            work.accept(db, made, by=cast.maker, at=c.DECIDED)
        with pytest.raises(Refused, match="tie"):
            work.send_back(db, made, reason="More.", by=cast.maker, at=c.DECIDED)


def test_the_grant_of_a_suspended_organization_matches_nothing(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign = c.campaign_open(db, cast)
        grants.declare(db, campaign, amount_cents=0, by=cast.maker, at=c.NOW)
        terms = grants.GrantTerms("Digital commons", "EU-77", 1_000_000, 5000)
        c.open_grant(db, cast, terms)
        cast.approvers[0].organization.state = OrganizationState.SUSPENDED
        made = c.pledge(db, campaign, cast.buyers[1], 1_000_000)
        assert matching.followers(db, made) == []
        cast.approvers[0].organization.state = OrganizationState.VERIFIED
        made = c.pledge(db, campaign, cast.buyers[2], 1_000_000)
        assert [match.amount_cents for match in matching.followers(db, made)] == [500_000]
