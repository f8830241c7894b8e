"""The things that pages are about, by the names their addresses want."""

from typing import Any

from sqlmodel import Session, col, select

from app.campaigns.ballot import Motion
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.missing import Shortfall
from app.campaigns.model import Campaign, Pledge
from app.catalogue.model import Software
from app.delivery.model import Delivery
from app.demo.cast import BANK, IDENTITY, WATCH
from app.escrow.frozen import Freeze
from app.escrow.model import Call, Deposit, SuspenseReturn
from app.escrow.model_left import LeftOver
from app.escrow.model_outside import BankDispute, PaymentMeans
from app.estimates.model import Estimate, Milestone, Question
from app.needs.model import Backlog, Need
from app.payouts.model import PayeeAccount, Payout
from app.people.model import Organization, Person
from app.rails.bank.model import BankAccount, BankBatch, BankFile, BankOrder
from app.rails.bank.model_mandates import BankMandate
from app.rails.sandbox import SandboxLine
from app.roadmap.model import RoadmapItem
from tests.browser.pages import Seen

KINDS: dict[str, type[Any]] = {
    "organization": Organization, "person": Person, "software": Software, "need": Need, "backlog": Backlog,
    "item": RoadmapItem, "estimate": Estimate, "campaign": Campaign, "pledge": Pledge, "call": Call,
    "question": Question, "deposit": Deposit, "delivery": Delivery, "payout": Payout, "line": SandboxLine,
    "grant": MatchingGrant, "work": InKindContribution,
    "bank": BankAccount, "file": BankFile, "batch": BankBatch, "order": BankOrder, "return": SuspenseReturn,
    "motion": Motion, "shortfall": Shortfall, "freeze": Freeze, "payee": PayeeAccount,
    "chargeback": BankDispute,
    "left": LeftOver, "mandate": BankMandate, "means": PaymentMeans,
}  # fmt: skip
TOKENS = {
    "token:rail": "sandbox",
    "token:invitation": "an-invitation-for-the-pages",
    "token:password": "a-password-link-for-the-pages",
}


def address_of(seen: Seen, db: Session) -> str:
    """The address of a line, with the name of its thing as the story left it."""
    if not seen.thing:
        return seen.rule
    key, is_asked, thing = seen.thing.lstrip("?").rpartition("=")
    name = TOKENS.get(thing) or name_of(thing, db)
    if is_asked:
        return f"{seen.rule}?{key}={name}"
    return seen.rule.replace("<name>", name).replace("<token>", name).replace("<rail>", name)


def name_of(thing: str, db: Session) -> str:
    """The public name of the newest thing of a kind in a state; a movement of money is named by its rail."""
    if thing == "movement":
        received = db.exec(select(Deposit).where(col(Deposit.call_id).is_not(None)).limit(1)).one()
        return f"{received.rail}:{received.outside_id}"
    if thing in SPECIAL:
        found = db.exec(SPECIAL[thing]().limit(1)).one()
    else:
        kind, _colon, state = thing.partition(":")
        query = select(KINDS[kind]).order_by(col(KINDS[kind].id).desc())
        if state:
            query = query.where(KINDS[kind].state == state.replace("_", " "))
        found = db.exec(query.limit(1)).one()
    name: str = found.public_id
    return name


def _milestones() -> Any:
    return (
        select(Milestone)
        .join(Campaign, col(Campaign.estimate_id) == col(Milestone.estimate_id))
        .join(Estimate, col(Estimate.id) == col(Milestone.estimate_id))
        .order_by(col(Milestone.id).desc())
    )


def _of_the_bank(kind: type[Any]) -> Any:
    return (
        select(kind)
        .join(Organization, kind.organization_id == Organization.id)
        .where(Organization.name == BANK.name)
    )


SPECIAL = {
    "organization:own": lambda: select(Organization).where(Organization.name == BANK.name),
    "person:active": lambda: select(Person).where(Person.email == BANK.people[1].email),
    "estimate:free": lambda: select(Estimate).where(
        Estimate.state == "approved", col(Estimate.id).not_in(select(Campaign.estimate_id))
    ),
    "item:planned": lambda: select(RoadmapItem).join(
        Organization, col(Organization.id) == col(RoadmapItem.organization_id)
    ).where(Organization.name == IDENTITY.name, RoadmapItem.state == "planned").order_by(col(RoadmapItem.id)),
    "item:quoted": lambda: select(RoadmapItem).join(Question, col(Question.item_id) == col(RoadmapItem.id)),
    "estimate:revised": lambda: select(Estimate).where(col(Estimate.succeeds_id).is_not(None)),
    "call:own": lambda: select(Call).join(Pledge, col(Pledge.id) == col(Call.pledge_id)).where(
        col(Pledge.id).in_(_of_the_bank(Pledge).with_only_columns(Pledge.id))
    ),
    "milestone:started": lambda: _milestones().join(
        Organization, col(Organization.id) == col(Estimate.organization_id)
    ).where(Organization.name == WATCH.name, Campaign.state == "secured"),
    "campaign:amended": lambda: select(Campaign).join(
        Motion, col(Motion.campaign_id) == col(Campaign.id)
    ).where(Motion.kind == "amendment", Motion.state == "done"),
    "milestone:paid": lambda: _milestones().where(Campaign.state == "completed"),
}  # fmt: skip
