"""A fund, a maintainer and backers on a secured campaign: how they come to be there, and how they visit pages."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from flask import Flask, g
from flask.testing import FlaskClient
from sqlmodel import Session

from app.campaigns import pledges as promises
from app.campaigns import round_rules
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Publicity
from app.campaigns.round_rules import PLAINEST, Chosen
from app.catalogue.model import Software
from app.estimates.model import Estimate, EstimateState, Milestone
from app.kit.db import Database
from app.kit.settings import Settings
from app.kit.words import set_language
from app.people.access import Actor, actor_for
from app.people.model import (
    Kind,
    Operator,
    Organization,
    OrganizationState,
    Person,
    PersonState,
    Role,
    RoleGrant,
)
from app.roadmap.model import ItemState, RoadmapItem
from app.worker import Worker
from tests.beginnings import begun
from tests.money_stage import NOW, Stage

ZONE = "Europe/Paris"


@dataclass(frozen=True)
class Backing:
    """A backer as a test wants it."""

    name: str
    cents: int
    publicity: str = Publicity.FULL
    is_public_body: bool = False
    rail: str = "sandbox"
    means: str = ""


TWO = (Backing("Banque Lumen", 500_000), Backing("Assurances du Port", 500_000))


def set_up(
    database: Database, settings: Settings, backings: Sequence[Backing] = TWO,
    prices: Sequence[int] = (600_000, 400_000), chosen: Chosen = PLAINEST, tranches: list[int] | None = None,
    lead: int | None = None, optional: int = 0, then: Callable[[Stage], object] | None = None,
) -> Stage:  # fmt: skip
    """A campaign that is secured because all of its estimate is pledged, or (with optional milestones) by the fund.

    What happens `then` is part of the beginning: played once, and copied for the tests that begin with the same.
    """
    worker = Worker(database, settings, sends_mails=False)

    def play() -> dict[str, Any]:
        stage = Stage(
            database, worker, **_secure(database, backings, prices, chosen, tranches, lead, optional)
        )
        assert stage.again(stage.campaign).state == "secured", "the backings have to add up to the prices"
        if then is not None:
            then(stage)
        return {name: told for name, told in vars(stage).items() if name not in ("database", "worker")}

    known = (
        tuple(backings),
        tuple(prices),
        chosen,
        tranches,
        lead,
        optional,
        then and (then.__module__, then.__qualname__),
    )
    return Stage(database, worker, **begun(database, f"secured: {known}", play))


def _secure(
    database: Database, backings: Sequence[Backing], prices: Sequence[int], chosen: Chosen,
    tranches: list[int] | None, lead: int | None, optional: int,
) -> dict[str, Any]:  # fmt: skip
    with database.writing() as db:
        fund = _organization(db, "Fonds des communs", Kind.FUND)
        db.add(Operator(id=1, organization_id=fund.id, zone=ZONE))
        officer = _person(db, "Omar", fund, Role.OFFICER)
        treasurer, colleague = (_person(db, name, fund, Role.TREASURER) for name in ("Tess", "Théo"))
        arbitrators = [_person(db, name, fund, Role.ARBITRATOR) for name in ("Alix", "Agathe", "Armand")]
        auditor = _person(db, "Aude", fund, Role.AUDITOR)
        shop = _organization(db, "Atelier Wiki", Kind.MAINTAINER, vat_number="FR96552100554")
        maker = _person(db, "Ada", shop, Role.MEMBER, Role.FINANCE)
        estimate = _estimate(db, shop, maker, prices, len(prices) - optional)
        campaign = campaigns.prepare(
            db,
            estimate,
            deadline_on=date(2026, 12, 15),
            by=officer,
            at=NOW,
            tranches=tranches,
            chosen=chosen if lead is None else PLAINEST,
        )
        houses = [_house(db, backing) for backing in backings]
        if lead is not None:
            round_rules.choose(db, campaign, replace(chosen, lead_id=houses[lead].id), by=officer, at=NOW)
        campaigns.open_round(db, campaign, by=officer, at=NOW)
        backers = [_backer(db, campaign, *both) for both in zip(backings, houses, strict=True)]
        milestones = campaigns.milestones_of(db, estimate.id)
        if optional and campaign.state == "open":
            campaigns.secure_early(db, campaign, by=officer, at=NOW)
    return {
        "officer": officer, "treasurer": treasurer, "colleague": colleague, "arbitrators": arbitrators,
        "auditor": auditor, "maker": maker, "backers": backers, "campaign": campaign, "milestones": milestones,
    }  # fmt: skip


def _organization(db: Session, name: str, kind: Kind, **more: Any) -> Organization:
    made = Organization(name=name, kind=kind, state=OrganizationState.VERIFIED, applied_at=NOW, **more)
    db.add(made)
    db.flush()
    return made


def _person(db: Session, name: str, into: Organization, *roles: Role, limit: int | None = None) -> Actor:
    address = f"{sha256(name.encode()).hexdigest()[:8]}-{into.id}@example.org"
    made = Person(name=name, email=address, state=PersonState.ACTIVE, created_at=NOW)
    db.add(made)
    db.flush()
    return join(db, made, into, *roles, limit=limit)


def join(db: Session, person: Person, into: Organization, *roles: Role, limit: int | None = None) -> Actor:
    """Give a person roles in an organization; returns them acting for it."""
    for role in roles:
        db.add(RoleGrant(
            person_id=person.id, organization_id=into.id, role=role, granted_at=NOW,
            limit_cents=limit if role == Role.BUYER else None,
        ))  # fmt: skip
    db.flush()
    return actor_for(db, person, into)


def outsider(stage: Stage, name: str, kind: Kind, *roles: Role, limit: int | None = None) -> Actor:
    """Somebody of an organization that has nothing to do with the campaign."""
    return stage.act(
        lambda db: _person(db, f"Zoé-{name}", _organization(db, name, kind), *roles, limit=limit)
    )


def _estimate(
    db: Session, shop: Organization, maker: Actor, prices: Sequence[int], required: int
) -> Estimate:
    software = Software(
        name="XWiki", name_key="xwiki", repository_url="https://example.org/xwiki", registered_at=NOW,
        maintainer_id=shop.id,
    )  # fmt: skip
    db.add(software)
    db.flush()
    item = RoadmapItem(
        software_id=software.id, organization_id=shop.id, title="Real-time editing", proposed_at=NOW,
        state=ItemState.PLANNED,
    )  # fmt: skip
    db.add(item)
    db.flush()
    estimate = Estimate(
        item_id=item.id, organization_id=shop.id, number="D-2026-0001", state=EstimateState.APPROVED, currency="EUR",
        vat_regime="domestic", vat_rate_basis_points=2000, valid_until=date(2027, 12, 31),
        prepared_by_id=maker.person.id, drafted_at=NOW, submitted_at=NOW, decided_at=NOW,
    )  # fmt: skip
    db.add(estimate)
    db.flush()
    for number, price in enumerate(prices, 1):
        db.add(Milestone(
            estimate_id=estimate.id, number=number, title=f"Step {number}", due_on=date(2027, 6, 30),
            criteria="Two persons edit one page.\nNo line is lost.", is_required=number <= required, price_cents=price,
        ))  # fmt: skip
    db.flush()
    return estimate


def _house(db: Session, backing: Backing) -> Organization:
    return _organization(db, backing.name, Kind.CORPORATE, is_public_body=backing.is_public_body)


def _backer(db: Session, campaign: Campaign, backing: Backing, into: Organization) -> Actor:
    buyer = _person(db, f"Buyer of {backing.name}", into, Role.BUYER, Role.FINANCE, limit=10**9)
    promise = promises.Promise(
        backing.cents, po_number="PO-1", publicity=backing.publicity, rail=backing.rail, means=backing.means
    )
    pledge = promises.draft(db, campaign, promise, by=buyer, at=NOW)
    promises.sign(db, pledge, text="I sign.", by=buyer, at=NOW)
    return buyer


@contextmanager
def visiting(
    app: Flask, actor: Actor | None, language: str = "en", at: datetime = NOW
) -> Iterator[FlaskClient]:
    """A browser in which this person (or nobody) is signed in, at this moment."""

    def enter(_db: Session) -> None:
        g.actor, g.at = actor, at
        set_language(language, ZONE)

    app.config["WTF_CSRF_ENABLED"] = False
    app.on_enter.append(enter)  # type: ignore[attr-defined]
    try:
        yield app.test_client()
    finally:
        app.on_enter.remove(enter)  # type: ignore[attr-defined]
