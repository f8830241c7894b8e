"""Needs and pledges by the hundred thousand, written in bulk for benchmarks."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from app.campaigns.model import Campaign, CampaignState, Pledge, PledgeState
from app.catalogue.model import Software
from app.estimates.model import Estimate, EstimateState, Milestone
from app.kit.clock import now
from app.kit.db import Database
from app.kit.public_id import public_id
from app.needs.model import Need, NeedState
from app.needs.search import search_text
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

BATCH = 5_000
START = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)
THINGS = (
    "keyboard",
    "export",
    "screen reader",
    "inventory",
    "calendar",
    "sign-in",
    "search",
    "archive",
    "audit",
)
WANTS = ("support for", "faster", "accessible", "bulk", "scheduled", "documented", "safer", "shared")
COMPANIES = 200
SOFTWARE = 50


def write(database: Database, *, needs: int, pledges: int) -> None:
    """Write so many rows into an empty database; refuses one that has an operator already."""
    with database.writing() as db:
        if db.get(Operator, 1) is not None:
            raise SystemExit("This database is in use: bulk rows go into an empty one (set DATABASE_URL).")
        _people(db)
    for first in range(0, needs, BATCH):
        with database.writing() as db:
            _needs(db, first, min(BATCH, needs - first))
    for first in range(0, pledges, BATCH):
        with database.writing() as db:
            _pledges(db, first, min(BATCH, pledges - first))


def _rows(db: Session, table: type[SQLModel], rows: list[dict[str, object]]) -> None:
    db.execute(insert(table), rows)


def _people(db: Session) -> None:
    companies = [
        {
            "name": f"Company {n}",
            "kind": Kind.CORPORATE,
            "state": OrganizationState.VERIFIED,
            "applied_at": START,
        }
        for n in range(COMPANIES)
    ]
    for kind, name in ((Kind.FUND, "Fund"), (Kind.MAINTAINER, "Maintainer")):
        companies.append(
            {"name": name, "kind": kind, "state": OrganizationState.VERIFIED, "applied_at": START}
        )
    db.add_all([Organization.model_validate(company) for company in companies])
    db.flush()
    db.add(Operator(id=1, organization_id=COMPANIES + 1))
    for n in range(1, COMPANIES + 3):
        person = Person(
            name=f"Person {n}", email=f"person{n}@bulk.example", state=PersonState.ACTIVE, created_at=START
        )
        db.add(person)
        db.flush()
        role = Role.BUYER if n <= COMPANIES else Role.OFFICER if n == COMPANIES + 1 else Role.MEMBER
        db.add(
            RoleGrant(person_id=person.id, organization_id=n, role=role, limit_cents=10**14, granted_at=START)
        )
    for n in range(SOFTWARE):
        db.add(
            Software(
                name=f"Software {n}",
                name_key=f"software {n}",
                repository_url=f"https://forge.example/{n}",
                registered_at=START,
            )
        )


def _needs(db: Session, first: int, count: int) -> None:
    rows = []
    for n in range(first, first + count):
        title = f"{WANTS[n % 8]} {THINGS[(n // 8) % 9]} {n}".capitalize()
        at = START + timedelta(seconds=n * 20)
        need = Need(
            organization_id=1 + n % COMPANIES,
            software_id=1 + n % SOFTWARE,
            title=title,
            title_key=title.lower(),
            position=int(at.timestamp()) * 1_000_000 + n,
            summary=f"Our people need {title} every day.",
            users=n % 5000,
            state=NeedState.PUBLISHED,
            written_at=at,
            published_at=at,
        )
        need.search_text = search_text(need, "")
        rows.append(need.model_dump(exclude={"id"}))
    _rows(db, Need, rows)


def _pledges(db: Session, first: int, count: int) -> None:
    campaign_id = _campaign(db, first, count)
    rows: list[dict[str, object]] = []
    for n in range(first, first + count):
        at = START + timedelta(seconds=n)
        rows.append(
            {
                "public_id": public_id(),
                "campaign_id": campaign_id,
                "organization_id": 1 + n % COMPANIES,
                "state": PledgeState.SIGNED,
                "amount_cents": 10_000,
                "currency": "EUR",
                "rail": "sandbox",
                "prepared_by_id": 1 + n % COMPANIES,
                "prepared_at": at,
                "signed_by_id": 1 + n % COMPANIES,
                "signed_at": at,
            }
        )
    _rows(db, Pledge, rows)


def _campaign(db: Session, first: int, count: int) -> int:
    """One open campaign for each batch, with room for as much again."""
    total = count * 20_000
    item = RoadmapItem(
        software_id=1,
        organization_id=COMPANIES + 2,
        title=f"Item {first}",
        state=ItemState.PLANNED,
        proposed_at=START,
    )
    db.add(item)
    db.flush()
    until = now() + timedelta(days=60)
    estimate = Estimate(
        item_id=item.id,
        organization_id=COMPANIES + 2,
        number=f"BULK-{first}",
        state=EstimateState.APPROVED,
        currency="EUR",
        vat_regime="domestic",
        vat_rate_basis_points=2000,
        valid_until=until.date(),
        prepared_by_id=COMPANIES + 2,
        drafted_at=START,
    )
    db.add(estimate)
    db.flush()
    db.add(
        Milestone(
            estimate_id=estimate.id, number=1, title="All of it", due_on=until.date(), price_cents=total
        )
    )
    campaign = Campaign(
        estimate_id=estimate.id,
        title=item.title,
        state=CampaignState.OPEN,
        currency="EUR",
        minimum_cents=total,
        total_cents=total,
        signed_cents=count * 10_000,
        fee_basis_points=500,
        zone="Europe/Paris",
        deadline_on=until.date(),
        deadline_at=until,
        prepared_by_id=COMPANIES + 1,
        drafted_at=START,
        opened_at=START,
    )
    db.add(campaign)
    db.flush()
    return campaign.id
