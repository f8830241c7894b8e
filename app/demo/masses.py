"""Needs and pledges by the hundred thousand, written in bulk for benchmarks.

What there is little of comes about by the rules; the many rows are written at once, each with the step that led to it.
Pages and audit find here what they find in any other Jalon.
"""

from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlmodel import Session

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Pledge, PledgeState
from app.demo.acts import step, tell
from app.demo.crowd import COMPANIES, FUND, MAINTAINER, SOFTWARE, START, acting_for, gather
from app.documents.vat import Regime
from app.estimates import rules as estimates
from app.estimates.terms import MilestoneTerms, Terms
from app.kit.clock import now
from app.kit.db import Database
from app.kit.money import Cents
from app.kit.public_id import public_id
from app.needs.model import Need, NeedState
from app.needs.search import search_text
from app.people.model import Operator
from app.people.step import record
from app.roadmap import rules as roadmap
from app.roadmap.model import RoadmapItem

BATCH = 5_000
PLEDGED: Cents = 10_000
OPEN_DAYS = 60
WORDS = "Written in bulk, to measure with."
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


def write(database: Database, *, needs: int, pledges: int, price_cents: Cents | None = None) -> None:
    """Write so many rows into an empty database; refuses one that has an operator already.

    A campaign costs `price_cents`, or twice what is pledged to it.
    """
    with database.writing() as db:
        if db.get(Operator, 1) is not None:
            raise SystemExit("This database is in use: bulk rows go into an empty one (set DATABASE_URL).")
        gather(db)
    for first in range(0, needs, BATCH):
        with database.writing() as db:
            _needs(db, first, min(BATCH, needs - first))
    opened_at = now() - timedelta(days=1)
    for first in range(0, pledges, BATCH):
        with database.writing() as db:
            count = min(BATCH, pledges - first)
            campaign = _campaign(db, first, price_cents or 2 * count * PLEDGED, opened_at)
            _pledges(db, campaign, first, count, opened_at)


def _needs(db: Session, first: int, count: int) -> None:
    needs = []
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
        needs.append(need)
    db.add_all(needs)
    db.flush()
    tell(db, [
        step(need, "publish", need.organization_id, at=need.written_at, before=NeedState.DRAFT) for need in needs
    ])  # fmt: skip


def _campaign(db: Session, first: int, price_cents: Cents, at: datetime) -> Campaign:
    """An open campaign for each batch: one milestone, quoted and approved; its rules are frozen as it opens."""
    maintainer, officer = acting_for(db, MAINTAINER), acting_for(db, FUND)
    until = at.date() + timedelta(days=OPEN_DAYS)
    item = RoadmapItem(software_id=1, organization_id=MAINTAINER, title=f"Item {first}", proposed_at=at)
    db.add(item)
    record(db, "propose", item, by=maintainer, at=at, title=item.title)
    roadmap.plan(db, item, planned_on=until, by=maintainer, at=at)
    terms = Terms(
        milestones=[
            MilestoneTerms(title="All of it", price_cents=price_cents, due_on=until, criteria=WORDS)
        ],
        vat_regime=Regime.DOMESTIC, vat_rate_basis_points=2000, license="EUPL-1.2", valid_until=until,
    )  # fmt: skip
    estimate = estimates.draft(db, item, terms, by=maintainer, at=at)
    estimates.approve(db, estimates.submit(db, estimate, by=maintainer, at=at), by=officer, at=at)
    campaign = campaigns.prepare(db, estimate, deadline_on=until, by=officer, at=at)
    return campaigns.open_round(db, campaign, by=officer, at=at)


def _pledges(db: Session, campaign: Campaign, first: int, count: int, opened_at: datetime) -> None:
    text_hash = campaigns.text_hash(WORDS)
    rows = []
    for n in range(first, first + count):
        at = opened_at + timedelta(milliseconds=n)
        rows.append(
            {
                "public_id": public_id(),
                "campaign_id": campaign.id,
                "organization_id": 1 + n % COMPANIES,
                "state": PledgeState.SIGNED,
                "amount_cents": PLEDGED,
                "currency": campaign.currency,
                "rail": "sandbox",
                "prepared_by_id": 1 + n % COMPANIES,
                "prepared_at": at,
                "signed_by_id": 1 + n % COMPANIES,
                "signed_at": at,
                "signed_text": WORDS,
                "signed_hash": text_hash,
            }
        )
    db.execute(insert(Pledge), rows)
    campaign.signed_cents = count * PLEDGED
    tell(db, [
        step(
            pledge, "sign", pledge.organization_id, at=pledge.prepared_at, before=PledgeState.DRAFTED,
            campaign_id=campaign.id, amount=PLEDGED, text=text_hash,
        )
        for pledge in campaigns.signed_pledges(db, campaign)
    ])  # fmt: skip
