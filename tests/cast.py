"""The people and builders of the money tests: a fund, a maintainer, three banks, a ministry, a campaign at any stage.

Everything from the need on goes through the rules. `check_book` is what every test that moves money calls at its end.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session, select

from app import audit
from app.campaigns import grants, pledges, wording_backing
from app.campaigns import rules as campaigns
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign, Pledge
from app.catalogue.model import Software
from app.catalogue.spelling import key
from app.delivery import rules as deliveries
from app.delivery.model import Delivery
from app.documents.vat import Regime
from app.escrow import calls
from app.escrow.model import Call
from app.estimates import rules as estimates
from app.estimates.model import Estimate
from app.estimates.terms import MilestoneTerms, Terms
from app.kit.db import Database, commit
from app.kit.money import Cents
from app.needs import rules as needs
from app.needs.forms import NeedForm
from app.payouts import clocks, payees
from app.payouts import rules as payouts
from app.payouts.model import Payout
from app.people.access import Actor, actor_for
from app.people.model import Kind, Operator, Organization, Person, Role, RoleGrant
from app.people.step import record
from app.rails.sandbox import SandboxLine
from app.roadmap import rules as roadmap
from tests.bank import DECIDED, charge_back, hear, pay, send

__all__ = ["charge_back", "hear", "pay", "send"]

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DEADLINE = date(2026, 12, 1)
LATER = datetime(2100, 1, 1, tzinfo=UTC)  # for the audit: the worker has had all the time it needs
PRICES = ((3_333_333, True), (2_000_001, True), (1_000_000, False))
PLEDGES = (2_000_000, 1_500_001, 900_000)
MINISTRY_PLEDGES = 1_200_000


@dataclass
class Cast:
    """Everybody, as they act."""

    officer: Actor
    treasurer: Actor
    second_treasurer: Actor
    arbitrator: Actor
    second_arbitrator: Actor
    maker: Actor
    ministry: Actor
    buyers: list[Actor] = field(default_factory=list)
    approvers: list[Actor] = field(default_factory=list)


def organization(db: Session, name: str, kind: Kind, **more: Any) -> Organization:
    """A verified organization."""
    made = Organization(name=name, kind=kind, applied_at=NOW, **more)
    db.add(made)
    db.flush()
    made.state = "verified"
    record(db, "verify", made, by=None, at=NOW, before="applied")
    return made


def person(db: Session, name: str, of: Organization, *roles: Role, limit_cents: Cents | None = None) -> Actor:
    """Somebody active, with these roles; the limit is a buyer's."""
    made = Person(name=name, email=f"{key(name).replace(' ', '.')}@example.org", created_at=NOW)
    db.add(made)
    db.flush()
    made.state = "active"
    record(db, "activate", made, by=None, at=NOW, before="invited")
    for role in roles:
        limit = limit_cents if role == Role.BUYER else None
        db.add(
            RoleGrant(person_id=made.id, organization_id=of.id, role=role, limit_cents=limit, granted_at=NOW)
        )
    db.flush()
    return actor_for(db, made, of)


def settle(db: Session) -> Cast:
    """The cast, in a house that runs."""
    fund = organization(db, "Chapitre de démonstration", Kind.FUND)
    db.add(Operator(id=1, organization_id=fund.id))
    maker = organization(db, "Atelier Wiki", Kind.MAINTAINER, vat_number="FR96552100554")
    state = organization(db, "Ministère de la Mer", Kind.CORPORATE, is_public_body=True)
    cast = Cast(
        officer=person(db, "Omar Officer", fund, Role.OFFICER),
        treasurer=person(db, "Tara Treasurer", fund, Role.TREASURER),
        second_treasurer=person(db, "Tom Treasurer", fund, Role.TREASURER),
        arbitrator=person(db, "Ari Arbitrator", fund, Role.ARBITRATOR),
        second_arbitrator=person(db, "Anna Arbitrator", fund, Role.ARBITRATOR),
        maker=person(db, "Ada Maker", maker, Role.MEMBER, Role.FINANCE),
        ministry=person(db, "Max Mer", state, Role.MEMBER, Role.BUYER, limit_cents=10**10),
    )
    for number in (1, 2, 3):
        bank = organization(db, f"Banque {number}", Kind.CORPORATE)
        cast.buyers.append(person(db, f"Bea {number}", bank, Role.BUYER, Role.MEMBER, limit_cents=5_000_000))
        cast.approvers.append(person(db, f"Abel {number}", bank, Role.APPROVER))
    return cast


def estimate_approved(
    db: Session, cast: Cast, prices: tuple[tuple[Cents, bool], ...] = PRICES, name: str = "Wiki"
) -> Estimate:
    """A need answered, quoted and approved; `prices` with whether each milestone is required."""
    software = Software(
        name=name, name_key=key(name), repository_url=f"https://example.org/{key(name)}",
        maintainer_id=cast.maker.organization.id, registered_at=NOW,
    )  # fmt: skip
    db.add(software)
    db.flush()
    form = NeedForm(
        software=software.public_id,
        title="Offline mode",
        users=10,
        summary="We lack it.",
        criteria="It works.",
    )
    need = needs.publish(db, needs.write(db, form, by=cast.ministry, at=NOW), by=cast.ministry, at=NOW)
    item = roadmap.propose(
        db, software, title="Offline mode", needs=[need], planned_on=date(2027, 6, 1), by=cast.maker, at=NOW
    )
    milestones = [
        MilestoneTerms(
            title=f"Step {number}", price_cents=price, due_on=date(2027, 2, number), is_required=required,
            criteria="It works.",
        )
        for number, (price, required) in enumerate(prices, 1)
    ]  # fmt: skip
    terms = Terms(
        milestones=milestones, vat_regime=Regime.DOMESTIC, vat_rate_basis_points=2000, license="LGPL-2.1-or-later",
        valid_until=date(2027, 1, 31),
    )  # fmt: skip
    draft = estimates.draft(db, item, terms, by=cast.maker, at=NOW)
    return estimates.approve(db, estimates.submit(db, draft, by=cast.maker, at=NOW), by=cast.officer, at=NOW)


def campaign_open(db: Session, cast: Cast, **more: Any) -> Campaign:
    """A campaign that takes pledges; threshold 53 333.34, total 63 333.34."""
    estimate = estimate_approved(db, cast, **more)
    campaign = campaigns.prepare(db, estimate, deadline_on=DEADLINE, by=cast.officer, at=NOW)
    return campaigns.open_round(db, campaign, by=cast.officer, at=NOW)


def pledge(db: Session, campaign: Campaign, by: Actor, cents: Cents, **more: Any) -> Pledge:
    """A pledge, signed as far as its buyer may sign it."""
    promise = pledges.Promise(cents, **({"po_number": "PO-1"} | more))
    drafted = pledges.draft(db, campaign, promise, by=by, at=NOW)
    return pledges.sign(db, drafted, text="We pay our part.", by=by, at=NOW)


def open_grant(db: Session, cast: Cast, terms: grants.GrantTerms, *, number: int = 0) -> MatchingGrant:
    """A matching grant of a bank: its buyer writes it down, its approver signs it, the fund activates it."""
    made = grants.prepare(db, terms, words=wording_backing.grant_text, by=cast.buyers[number], at=NOW)
    grants.sign(db, made, by=cast.approvers[number], at=NOW)
    return grants.activate(db, made, by=cast.officer, at=NOW)


def secured(db: Session, cast: Cast, **more: Any) -> Campaign:
    """A campaign secured by three banks and a ministry."""
    campaign = campaign_open(db, cast, **more)
    for buyer, cents in zip(cast.buyers, PLEDGES, strict=True):
        pledge(db, campaign, buyer, cents)
    pledge(db, campaign, cast.ministry, MINISTRY_PLEDGES)
    return campaigns.decide(db, campaign, at=DECIDED)


def called(db: Session, cast: Cast, **more: Any) -> tuple[Campaign, list[Call]]:
    """A secured campaign whose first tranche is called."""
    campaign = secured(db, cast, **more)
    return campaign, calls.call_funds(db, campaign, by=cast.officer, at=DECIDED)


def paid(db: Session, cast: Cast, **more: Any) -> tuple[Campaign, list[SandboxLine]]:
    """A campaign whose first tranche is paid by everyone who pays in advance."""
    campaign, asked = called(db, cast, **more)
    return campaign, [pay(db, call) for call in asked]


def handed_in(db: Session, cast: Cast, campaign: Campaign, number: int = 1) -> Delivery:
    """A milestone (the first) with its backers."""
    milestone = campaigns.scoped_milestones(db, campaign)[number - 1]
    return deliveries.hand_in(
        db, campaign, milestone, version="v1", evidence="https://example.org/v1", by=cast.maker, at=DECIDED
    )


def accepted(db: Session, cast: Cast, **more: Any) -> tuple[Campaign, Delivery, list[SandboxLine]]:
    """A campaign whose first milestone is accepted by two of its banks and released."""
    campaign, lines = paid(db, cast, **more)
    delivery = handed_in(db, cast, campaign)
    for buyer in cast.buyers[:2]:
        deliveries.answer(db, delivery, accepts=True, by=buyer, at=DECIDED)
    return campaign, delivery, lines


def payouts_due(db: Session, cast: Cast) -> list[Payout]:
    """Every payout that is due, once the maintainer has said where it is paid."""
    payees.name_account(
        db, rail="sandbox", holder="Atelier Wiki", account="FR7612345678", by=cast.maker, at=DECIDED
    )
    clocks.gather(db, DECIDED)
    return list(db.exec(select(Payout).where(Payout.state == "due").order_by(Payout.id)))  # type: ignore[arg-type]


def approve(db: Session, cast: Cast, payout: Payout) -> str:
    """Prepare by one treasurer, approve by the other; returns the key it travels with."""
    payouts.prepare(db, payout, by=cast.treasurer, at=DECIDED)
    payouts.approve(db, payout, pinned=payout.pinned, by=cast.second_treasurer, at=DECIDED)
    return payouts.key_of(payout)


def check_book(db: Session | Database, at: datetime = LATER) -> None:
    """The post-condition of every test that moves money: keep what was done, then all promises of the audit hold."""
    if isinstance(db, Session):
        commit(db)
        lines, is_right = audit.examine(db, at=at)
    else:
        lines, is_right = audit.run(db, at=at)
    assert is_right, "\n".join(line for line in lines if not line.startswith("     ok"))
