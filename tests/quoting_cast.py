"""The people of the roadmap's and the estimates' tests: a fund, two maintainers, three organizations with needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask, g
from flask.testing import FlaskClient
from sqlmodel import Session

from app.catalogue.model import Software
from app.catalogue.spelling import key
from app.documents.vat import Regime
from app.estimates import rules as estimates
from app.estimates.model import Estimate
from app.estimates.terms import MilestoneTerms, Terms
from app.kit.words import set_language
from app.needs import rules as needs
from app.needs.forms import EndorsementForm, NeedForm
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
from app.roadmap import rules as roadmap
from app.roadmap.model import RoadmapItem

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ZONE = "Europe/Paris"


@dataclass
class Cast:
    """Everybody, as they act."""

    officer: Actor
    maker: Actor
    rival: Actor
    bank: Actor
    insurer: Actor
    ministry: Actor
    software: Software
    needs: list[Need]


def organization(db: Session, name: str, kind: Kind, **more: Any) -> Organization:
    """A verified organization."""
    made = Organization(name=name, kind=kind, state=OrganizationState.VERIFIED, applied_at=NOW, **more)
    db.add(made)
    db.flush()
    return made


def join(db: Session, person: Person, into: Organization, *roles: Role) -> Actor:
    """Give a person roles in an organization; returns them acting for it."""
    for role in roles:
        db.add(RoleGrant(person_id=person.id, organization_id=into.id, role=role, granted_at=NOW))
    db.flush()
    return actor_for(db, person, into)


def person(db: Session, name: str) -> Person:
    """Somebody who can sign in."""
    made = Person(name=name, email=f"{name.lower()}@example.org", state=PersonState.ACTIVE, created_at=NOW)
    db.add(made)
    db.flush()
    return made


def settle(db: Session) -> Cast:
    """The cast, with three published needs: the first missed by three organizations, the others by one."""
    fund = organization(db, "Chapitre de démonstration", Kind.FUND)
    db.add(Operator(id=1, organization_id=fund.id, zone=ZONE))
    wiki = organization(
        db, "Atelier Wiki", Kind.MAINTAINER, legal_form="SAS", registration_number="552100554",
        street="3 rue du Port", postcode="44000", city="Nantes", vat_number="FR96552100554",
    )  # fmt: skip
    maker = join(db, person(db, "Ada"), wiki, Role.MEMBER)
    rival = join(db, person(db, "Rita"), organization(db, "Code Libre", Kind.MAINTAINER), Role.MEMBER)
    officer = join(db, person(db, "Omar"), fund, Role.OFFICER)
    bank, insurer, ministry = (
        join(db, person(db, who), organization(db, name, Kind.CORPORATE), Role.MEMBER)
        for who, name in (("Béa", "Banque Lumen"), ("Ines", "Assurances du Port"), ("Max", "Ministère"))
    )
    software = Software(
        name="XWiki", name_key=key("XWiki"), repository_url="https://example.org/xwiki",
        maintainer_id=wiki.id, registered_at=NOW,
    )  # fmt: skip
    db.add(software)
    db.flush()
    titles = (("Several persons edit one page", 5000), ("Pages above 5 MB", 800), ("Offline mode", 100))
    published = [need(db, bank, software, title, users) for title, users in titles]
    for actor, users, budget in ((insurer, 2000, 1_000_000), (ministry, 40_000, 5_000_000)):
        form = EndorsementForm(users=users, budget=budget, budget_year=2027)
        needs.endorse(db, published[0], form, by=actor, at=NOW)
    return Cast(officer, maker, rival, bank, insurer, ministry, software, published)


def need(
    db: Session, by: Actor, software: Software, title: str, users: int = 10, *, is_draft: bool = False
) -> Need:
    """A need of this organization, published unless it is a draft."""
    form = NeedForm(
        software=software.public_id, title=title, users=users, summary="We lack it.", criteria="It works."
    )
    written = needs.write(db, form, by=by, at=NOW)
    return written if is_draft else needs.publish(db, written, by=by, at=NOW)


def planned_item(
    db: Session, cast: Cast, by: Actor | None = None, title: str = "Real-time editing"
) -> RoadmapItem:
    """An item that answers the first need, planned."""
    return roadmap.propose(
        db, cast.software, title=title, summary="Cursors of everybody in one page.", needs=cast.needs[:1],
        planned_on=date(2027, 6, 30), by=by or cast.maker, at=NOW,
    )  # fmt: skip


def milestone(title: str = "Shared cursor", price_cents: int = 620_000, **changes: Any) -> MilestoneTerms:
    """A milestone that may be submitted, with these changes."""
    usual: dict[str, Any] = {
        "due_on": date(2027, 2, 15),
        "criteria": "Two persons edit one page.\nNo line is lost.",
    }
    return MilestoneTerms(title=title, price_cents=price_cents, **(usual | changes))


def terms(**changes: Any) -> Terms:
    """Terms that may be submitted, with these changes: 6 200 and 8 800 required, 7 000 optional."""
    usual: dict[str, Any] = {
        "milestones": [
            milestone(),
            milestone("Offline mode", 700_000, is_required=False, due_on=date(2027, 9, 30)),
            milestone("Large pages", 880_000, due_on=date(2027, 4, 30)),
        ],
        "vat_regime": Regime.DOMESTIC,
        "vat_rate_basis_points": 2000,
        "license": "LGPL-2.1-or-later",
        "assumptions": "The upstream protocol stays as it is.",
        "valid_until": date(2027, 1, 31),
    }
    return Terms(**(usual | changes))


def submitted(db: Session, cast: Cast, item: RoadmapItem | None = None, **changes: Any) -> Estimate:
    """A submitted estimate of the maker."""
    item = item or planned_item(db, cast)
    draft = estimates.draft(db, item, terms(**changes), by=cast.maker, at=NOW)
    return estimates.submit(db, draft, by=cast.maker, at=NOW)


@contextmanager
def visiting(app: Flask, actor: Actor | None, language: str = "en") -> Iterator[FlaskClient]:
    """A browser in which this person (or nobody) is signed in, at the moment of these tests."""

    def enter(_db: Session) -> None:
        g.actor, g.at = actor, NOW
        set_language(language, ZONE)

    app.config["WTF_CSRF_ENABLED"] = False
    app.on_enter.append(enter)  # type: ignore[attr-defined]
    try:
        yield app.test_client()
    finally:
        app.on_enter.remove(enter)  # type: ignore[attr-defined]
