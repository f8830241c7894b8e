"""A whole house for the tests of boards and notices: everybody, and one campaign brought forward step by step."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from app.campaigns import pledges as promises
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Pledge, Publicity
from app.catalogue.model import Software
from app.catalogue.spelling import key
from app.delivery import rules as deliveries
from app.delivery.model import Delivery
from app.documents.vat import Regime
from app.escrow import calls as funds
from app.escrow import receipts
from app.escrow.model import Call
from app.estimates import rules as estimates
from app.estimates.model import Estimate
from app.estimates.terms import MilestoneTerms, Terms
from app.needs import rules as needs
from app.needs.forms import NeedForm
from app.needs.model import Need
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
from app.rails.rail import Happened, Movement
from app.roadmap import rules as roadmap
from app.roadmap.model import RoadmapItem

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ZONE = "Europe/Paris"
DEADLINE = date(2026, 12, 15)
AFTER_DEADLINE = datetime(2026, 12, 16, 9, 0, tzinfo=UTC)


@dataclass
class House:
    """Everybody as they act, by name, and the things of the story."""

    people: dict[str, Actor] = field(default_factory=dict)
    software: Any = None
    needs: list[Need] = field(default_factory=list)
    item: Any = None

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None


def organization(db: Session, name: str, kind: Kind, **more: Any) -> Organization:
    """A verified organization."""
    facts = {
        "state": OrganizationState.VERIFIED,
        "applied_at": NOW,
        "email": f"{key(name).replace(' ', '')}@example.org",
    }
    made = Organization(name=name, kind=kind, **(facts | more))
    db.add(made)
    db.flush()
    return made


def join(
    db: Session,
    house: House,
    who: str,
    into: Organization,
    *roles: Role,
    limit: int | None = None,
    language: str = "en",
) -> Actor:
    """Somebody new with these roles."""
    person = Person(
        name=f"{who.capitalize()} Martin", email=f"{who}@example.org", language=language,
        state=PersonState.ACTIVE, created_at=NOW,
    )  # fmt: skip
    db.add(person)
    db.flush()
    for role in roles:
        limit_cents = limit if role == Role.BUYER else None
        db.add(RoleGrant(
            person_id=person.id, organization_id=into.id, role=role, limit_cents=limit_cents, granted_at=NOW
        ))  # fmt: skip
    db.flush()
    house.people[who] = actor_for(db, person, into)
    return house.people[who]


def build(db: Session) -> House:
    """The people, a software, three published needs and a planned item."""
    house = House()
    fund = organization(db, "Chapitre de démonstration", Kind.FUND)
    db.add(Operator(id=1, organization_id=fund.id, zone=ZONE))
    for who, role in (
        ("olga", Role.OFFICER), ("tom", Role.TREASURER), ("tina", Role.TREASURER), ("ari", Role.ARBITRATOR),
        ("abel", Role.ARBITRATOR), ("audrey", Role.AUDITOR),
    ):  # fmt: skip
        join(db, house, who, fund, role)
    wiki = organization(db, "Atelier Wiki", Kind.MAINTAINER, vat_number="FR96552100554")
    join(db, house, "mia", wiki, Role.MEMBER)
    join(db, house, "moneta", wiki, Role.FINANCE, language="fr")
    bank = organization(db, "Banque Lumen", Kind.CORPORATE)
    join(db, house, "ada", bank, Role.BUYER, Role.MEMBER, limit=5_000_000, language="fr")
    join(db, house, "ben", bank, Role.BUYER, limit=1_000_00)
    join(db, house, "paul", bank, Role.APPROVER)
    join(db, house, "fay", bank, Role.FINANCE)
    port = organization(db, "Assurances du Port", Kind.CORPORATE)
    join(db, house, "ines", port, Role.BUYER, limit=5_000_000)
    grid = organization(db, "Réseau Nord", Kind.CORPORATE)
    join(db, house, "rolf", grid, Role.BUYER, limit=5_000_000)
    ministry = organization(db, "Ministère de l’Exemple", Kind.CORPORATE, is_public_body=True)
    join(db, house, "max", ministry, Role.BUYER, limit=50_000_000)
    house.software = Software(
        name="XWiki", name_key=key("XWiki"), repository_url="https://example.org/xwiki", maintainer_id=wiki.id,
        registered_at=NOW,
    )  # fmt: skip
    db.add(house.software)
    db.flush()
    house.needs = [
        need(db, house, title)
        for title in ("Several persons edit one page", "Pages above 5 MB", "Offline mode")
    ]
    house.item = roadmap.propose(
        db, house.software, title="Real-time editing", needs=house.needs[:1], planned_on=date(2027, 6, 30),
        by=house.mia, at=NOW,
    )  # fmt: skip
    return house


def need(db: Session, house: House, title: str, *, is_draft: bool = False) -> Need:
    """A need of the bank."""
    form = NeedForm(
        software=house.software.public_id, title=title, users=50, summary="We lack it.", criteria="It works."
    )
    written = needs.write(db, form, by=house.ada, at=NOW)
    return written if is_draft else needs.publish(db, written, by=house.ada, at=NOW)


def item(db: Session, house: House, title: str) -> RoadmapItem:
    """One more planned item, for the second need."""
    needed, planned_on = house.needs[1:2], date(2027, 6, 30)
    return roadmap.propose(
        db, house.software, title=title, needs=needed, planned_on=planned_on, by=house.mia, at=NOW
    )


def submitted(db: Session, house: House, for_item: RoadmapItem | None = None) -> Estimate:
    """A submitted estimate: 12 000 and 18 000 required, 10 000 optional."""
    milestones = [
        MilestoneTerms(
            title=title, price_cents=cents, due_on=due_on, is_required=required, criteria="It works."
        )
        for title, cents, due_on, required in (
            ("Shared cursor", 1_200_000, date(2027, 2, 15), True),
            ("Large pages", 1_800_000, date(2027, 4, 30), True),
            ("Offline", 1_000_000, date(2027, 9, 30), False),
        )
    ]
    terms = Terms(
        milestones=milestones, vat_regime=Regime.DOMESTIC, vat_rate_basis_points=2000, license="LGPL-2.1-or-later",
        valid_until=date(2027, 1, 31),
    )  # fmt: skip
    draft = estimates.draft(db, for_item or house.item, terms, by=house.mia, at=NOW)
    return estimates.submit(db, draft, by=house.mia, at=NOW)


def opened(db: Session, house: House, for_item: RoadmapItem | None = None) -> Campaign:
    """An open campaign with the deadline of 15 December."""
    estimate = estimates.approve(db, submitted(db, house, for_item), by=house.olga, at=NOW)
    campaign = campaigns.prepare(db, estimate, deadline_on=DEADLINE, by=house.olga, at=NOW)
    return campaigns.open_round(db, campaign, by=house.olga, at=NOW)


def pledge(
    db: Session,
    campaign: Campaign,
    by: Actor,
    cents: int,
    publicity: str = Publicity.FULL,
    *,
    signs: bool = True,
) -> Pledge:
    """A pledge, signed by who wrote it unless told otherwise."""
    promise = promises.Promise(cents, po_number=f"PO-{by.person.id}", publicity=publicity)
    written = promises.draft(db, campaign, promise, by=by, at=NOW)
    return promises.sign(db, written, text="I promise.", by=by, at=NOW) if signs else written


def backed(db: Session, house: House, campaign: Campaign) -> None:
    """Four pledges above the minimum: the insurer's is anonymous, the ministry pays after acceptance."""
    pledge(db, campaign, house.ada, 1_000_000)
    pledge(db, campaign, house.ines, 800_000, Publicity.ANONYMOUS)
    pledge(db, campaign, house.rolf, 700_000, Publicity.NAME_ONLY)
    pledge(db, campaign, house.max, 600_000)


def secured(db: Session, house: House) -> Campaign:
    """The campaign, secured at its deadline, its first tranche called."""
    campaign = opened(db, house)
    backed(db, house, campaign)
    campaigns.decide(db, campaign, at=AFTER_DEADLINE)
    funds.call_funds(db, campaign, by=house.olga, at=AFTER_DEADLINE)
    return campaign


def pay(
    db: Session,
    call: Call,
    *,
    name: str = "A payer",
    happened: Happened = Happened.MONEY_IN,
    at: datetime = AFTER_DEADLINE,
) -> None:
    """The bank tells that a call was paid (or taken back)."""
    movement = Movement(
        outside_id=f"out-{call.id}", happened=happened, amount_cents=call.total_cents, currency=call.currency,
        reference=call.reference, other_name=name, other_account="FR7612345", at=at,
    )  # fmt: skip
    receipts.take_in(db, "sandbox", movement, at=at)


def calls_of(db: Session, campaign: Campaign) -> list[Call]:
    """The campaign's calls."""
    return list(db.exec(select(Call).where(Call.campaign_id == campaign.id).order_by(Call.id)))  # type: ignore[arg-type]


def handed_in(db: Session, house: House) -> Delivery:
    """The first milestone, paid for and handed in."""
    campaign = secured(db, house)
    for call in calls_of(db, campaign):
        pay(db, call)
    first = campaigns.milestones_of(db, campaign.estimate_id)[0]
    return deliveries.hand_in(
        db, campaign, first, version="v1", evidence="https://example.org/v1", by=house.mia,
        at=AFTER_DEADLINE + timedelta(days=1),
    )  # fmt: skip
