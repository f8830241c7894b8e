"""Who looks at the pages, and what the story leaves out that some of them show."""

from datetime import timedelta

from sqlmodel import Session, col, select

from app.campaigns import stopping
from app.campaigns.model import Campaign, Pledge
from app.catalogue.model import Software
from app.demo.cast import BANK, FUND_PEOPLE, IDENTITY, MINISTRY, WATCH, Invented
from app.documents.vat import Regime
from app.estimates import asking
from app.estimates import rules as estimates
from app.estimates.model import Estimate
from app.estimates.terms import MilestoneTerms, Terms
from app.kit.clock import now
from app.kit.db import Database
from app.needs import posting
from app.needs import rules as needs
from app.needs.forms import NeedForm
from app.people import invitations, signing_in
from app.people.access import actor_for
from app.people.attempts import Visit
from app.people.forms import InviteForm
from app.people.model import Organization, PasswordLink, Person
from app.people.operator import fund_of
from app.people.tokens import hash_of
from app.roadmap.model import RoadmapItem
from tests import access_bank
from tests.browser.pages_named import TOKENS

OFFICER, TREASURER, SECOND, _ARBITRATOR, ARBITRATOR, _OFFICER_TWO, AUDITOR = FUND_PEOPLE
PEOPLE: dict[str, Invented | None] = {
    "nobody": None, "buyer": BANK.people[1], "head": BANK.people[0], "public": MINISTRY.people[1],
    "maker": IDENTITY.people[1], "watcher": WATCH.people[1], "watched": WATCH.people[0], "officer": OFFICER,
    "treasurer": TREASURER, "arbitrator": ARBITRATOR, "auditor": AUDITOR,
}  # fmt: skip


def prepare(database: Database) -> None:
    """Add what the story leaves out: a draft, a backlog brought in, links in the mail."""

    def work(db: Session) -> None:
        bank = db.exec(select(Organization).where(Organization.name == BANK.name)).one()
        buyer, head = (
            actor_for(db, db.exec(select(Person).where(Person.email == one.email)).one(), bank)
            for one in (BANK.people[1], BANK.people[0])
        )
        software = db.exec(select(Software).limit(1)).one()
        needs.write(db, NeedForm(software=software.public_id, title="A draft"), by=buyer, at=now())
        content = f"software,title\n{software.name},New\n{software.name},\nUnheard of,Strange\n".encode()
        posting.bring_in(db, content, file_name="backlog.csv", by=buyer, at=now())
        form = InviteForm(name="Ivy", email="ivy@lumen.example", language="en", member=True)
        invited = invitations.invite(db, form, base_url="http://127.0.0.1", by=head, at=now())
        invited.invitation.token_hash = hash_of(TOKENS["token:invitation"])
        db.add(PasswordLink(
            token_hash=hash_of(TOKENS["token:password"]), person_id=head.person.id, created_at=now(),
            expires_at=now() + timedelta(hours=1),
        ))  # fmt: skip

    database.run(work)
    database.run(quote_again)
    database.run(furnish_bank)
    database.run(ask_backers)


def ask_backers(db: Session) -> None:
    """One of its backers asks the others to stop a campaign."""
    bank = db.exec(select(Organization).where(Organization.name == BANK.name)).one()
    buyer = actor_for(db, db.exec(select(Person).where(Person.email == BANK.people[1].email)).one(), bank)
    query = select(Campaign).join(Pledge, col(Pledge.campaign_id) == col(Campaign.id)).where(
        Campaign.state == "secured", Pledge.state == "signed", Pledge.organization_id == bank.id
    )  # fmt: skip
    stopping.propose_stop(db, db.exec(query).first(), reason="It is late.", by=buyer, at=now())


def furnish_bank(db: Session) -> None:
    """Something of everything that is spoken about with a bank."""
    second = db.exec(select(Person).where(Person.email == SECOND.email)).one()
    access_bank.furnish(db, actor_for(db, second, fund_of(db)), {})


def quote_again(db: Session) -> None:
    """Approve a new estimate for the item whose first one was rejected: a campaign can be prepared for it."""
    rejected = db.exec(select(Estimate).where(Estimate.state == "rejected").limit(1)).one()
    office = db.get_one(Organization, rejected.organization_id)
    maker = actor_for(db, db.get_one(Person, rejected.prepared_by_id), office)
    fund = db.exec(select(Organization).where(Organization.kind == "fund")).one()
    officer = actor_for(db, db.exec(select(Person).where(Person.email == OFFICER.email)).one(), fund)
    in_spring = now().date() + timedelta(days=150)
    step = MilestoneTerms(title="Smaller", price_cents=900_000, due_on=in_spring, criteria="It can be tried.")
    terms = Terms(
        milestones=[step], vat_regime=Regime.DOMESTIC, vat_rate_basis_points=2000, license="MIT", valid_until=in_spring
    )  # fmt: skip
    item = db.get_one(RoadmapItem, rejected.item_id)
    draft = estimates.draft(db, item, terms, succeeds=rejected, by=maker, at=now())
    asking.ask(db, item, "Which database?", by=maker, at=now())
    estimates.approve(db, estimates.submit(db, draft, by=maker, at=now()), by=officer, at=now())


def cookie_of(database: Database, who: str, language: str) -> str | None:
    """Sign somebody in who reads this language; the secret of their cookie."""
    invented = PEOPLE[who]
    if invented is None:
        return None
    email = invented.email

    def enter(db: Session) -> str:
        person = db.exec(select(Person).where(Person.email == email)).one()
        signing_in.choose_language(db, person, language)
        return signing_in.sign_in(db, person, Visit("127.0.0.0/24"), at=now())[1]

    return database.run(enter)
