"""Every page of Jalon after its story, as somebody with business there sees it; and what pages do for hands and eyes.

The pages stand in one table: who looks, the address, the thing. A route that answers GET and is missing fails a test.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, col, select

from app.campaigns import stopping
from app.campaigns.ballot import Motion
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.missing import Shortfall
from app.campaigns.model import Campaign, Pledge
from app.catalogue.model import Software
from app.delivery.model import Delivery
from app.demo.cast import BANK, FUND_PEOPLE, IDENTITY, MINISTRY, WATCH, Invented
from app.documents.vat import Regime
from app.escrow.frozen import Freeze
from app.escrow.model import Call, Deposit, SuspenseReturn
from app.escrow.model_left import LeftOver
from app.escrow.model_outside import BankDispute, PaymentMeans
from app.estimates import asking
from app.estimates import rules as estimates
from app.estimates.model import Estimate, Milestone, Question
from app.estimates.terms import MilestoneTerms, Terms
from app.kit.clock import now
from app.kit.db import Database
from app.needs import posting
from app.needs import rules as needs
from app.needs.forms import NeedForm
from app.needs.model import Backlog, Need
from app.payouts.model import PayeeAccount, Payout
from app.people import invitations, signing_in
from app.people.access import actor_for
from app.people.attempts import Visit
from app.people.forms import InviteForm
from app.people.model import Organization, PasswordLink, Person
from app.people.operator import fund_of
from app.people.tokens import hash_of
from app.rails.bank.model import BankAccount, BankBatch, BankFile, BankOrder
from app.rails.bank.model_mandates import BankMandate
from app.rails.sandbox import SandboxLine
from app.roadmap.model import RoadmapItem
from tests import access_bank
from tests.browser.conftest import Visitor

TABLE = """
nobody     /
buyer      /
public     /
maker      /
officer    /
treasurer  /
arbitrator /
auditor    /
auditor    /audit
nobody     /source
nobody     /sign-in
buyer      /acting
nobody     /apply
nobody     /apply/thanks
nobody     /invitations/<token>             token:invitation
buyer      /sessions
buyer      /devices/connect
buyer      /devices/connected
buyer      /password
nobody     /password/<token>                token:password
nobody     /password/forgotten
nobody     /password/forgotten/sent
officer    /organizations
officer    /organizations/<name>            organization:applied
buyer      /organizations/<name>            organization:verified
head       /organizations/<name>/details    organization:own
head       /people
head       /people/<name>                   person:active
head       /people/invite
officer    /donations
officer    /interests
auditor    /interests/register
nobody     /software
maker      /software/new
nobody     /software/<name>                 software
nobody     /needs
buyer      /needs/new
buyer      /needs/<name>                    need:published
buyer      /needs/<name>/edit               need:draft
buyer      /needs/backlogs/new
buyer      /needs/backlogs/<name>           backlog
nobody     /roadmap
maker      /roadmap/new                     ?software=software
nobody     /roadmap/<name>                  item:planned
maker      /roadmap/<name>/needs            item:planned
maker      /roadmap/answers/<name>          need:published
maker      /roadmap/answers/<name>/decline  need:published
nobody     /estimates
watcher    /estimates/new                   ?item=item:planned
officer    /estimates/<name>                estimate:submitted
nobody     /estimates/<name>                estimate:approved
watcher    /estimates/<name>                estimate:draft
watcher    /estimates/<name>/edit           estimate:draft
nobody     /estimates/of-item/<name>        item:planned
nobody     /estimates/<name>/differences    estimate:revised
officer    /estimates/comparison/<name>     item:quoted
buyer      /estimates/questions/<name>      question
nobody     /campaigns
officer    /campaigns/new                   ?estimate=estimate:free
officer    /campaigns/what-if/<name>        estimate:free
officer    /campaigns/<name>                campaign:draft
buyer      /campaigns/<name>                campaign:open
nobody     /campaigns/<name>                campaign:secured
buyer      /campaigns/<name>                campaign:completed
nobody     /campaigns/<name>                campaign:stopped
nobody     /campaigns/<name>                campaign:failed
nobody     /campaigns/<name>                campaign:cancelled
officer    /campaigns/<name>/rules          campaign:draft
buyer      /campaigns/<name>/pledging       campaign:open
buyer      /campaigns/<name>/work           campaign:open
officer    /work/<name>                     work
nobody     /matching
head       /matching/new
nobody     /matching/<name>                 grant
nobody     /campaigns/<name>/backers        campaign:secured
nobody     /campaigns/of-item/<name>        item:planned
officer    /campaigns/of-estimate/<name>    estimate:approved
buyer      /pledges
head       /pledges/<name>                  pledge:awaiting_approval
public     /calls
buyer      /calls/<name>                    call:own
officer    /calls/<name>                    call:defaulted
treasurer  /suspense
treasurer  /suspense/<name>                 deposit:received
treasurer  /returns/<name>                  return:prepared
treasurer  /left-over/<name>                left:open
treasurer  /desk
treasurer  /desk/<rail>                     token:rail
treasurer  /movements/<name>                movement
officer    /held/<name>                     call:own
treasurer  /charge-backs
treasurer  /charge-backs/<name>             chargeback
treasurer  /payee-accounts
treasurer  /payee-accounts/<name>           payee:waiting
treasurer  /bank
treasurer  /bank/accounts/<name>            bank:named
treasurer  /statements
treasurer  /statements/<name>               file
buyer      /means-of-payment
buyer      /means-of-payment/<name>         means:asked
treasurer  /mandates
treasurer  /mandates/<name>                 mandate:asked
treasurer  /bank/files
treasurer  /bank/files/selection            ?order=order:waiting
treasurer  /bank/files/<name>               batch
treasurer  /bank/orders/<name>              order:waiting
nobody     /campaigns/<name>/money          campaign:secured
buyer      /campaigns/<name>/money          campaign:completed
nobody     /campaigns/<name>/money/piece    campaign:secured
auditor    /campaigns/<name>/money/entries  campaign:secured
nobody     /campaigns/<name>/trail          campaign:secured
nobody     /campaigns/<name>/consortium     campaign:secured
officer    /campaigns/<name>/calendar       campaign:secured
buyer      /verify                          ?campaign=campaign:completed
nobody     /milestones
nobody     /milestones/<name>               milestone:started
nobody     /milestones/of-campaign/<name>   campaign:secured
watcher    /milestones/<name>/deliveries    milestone:started
buyer      /deliveries/<name>               delivery:handed_in
nobody     /deliveries/<name>               delivery:accepted
nobody     /deliveries/<name>/dispute       delivery:part_accepted
arbitrator /deliveries/<name>/dispute       delivery:disputed
nobody     /deliveries/<name>/reserves      delivery:accepted
watcher    /milestones/<name>/extension     milestone:started
watcher    /milestones/<name>/amendment     milestone:started
nobody     /milestones/<name>/amendments    milestone:started
nobody     /milestones/of-campaign/<name>/amendments campaign:amended
buyer      /motions/<name>/amendment        motion:done
buyer      /motions/<name>                  motion:done
buyer      /motions/<name>                  motion:open
nobody     /motions/of-campaign/<name>      campaign:secured
nobody     /shortfalls/of-campaign/<name>   campaign:secured
buyer      /shortfalls/<name>               shortfall:open
treasurer  /freezes/<name>                  freeze:settled
treasurer  /payouts
treasurer  /payouts/<name>                  payout:paid
treasurer  /payouts/selection
treasurer  /payouts/approvals
nobody     /payouts/of-milestone/<name>     milestone:paid
watched    /payee-account
buyer      /commitment
buyer      /next
officer    /next
officer    /commitment
buyer      /sandbox
buyer      /sandbox/payments/<name>         line
nobody     /nothing/here
"""
# What answers GET without being a page: files, and doors that only lead elsewhere.
NO_PAGES = {
    "/health", "/waiting.json", "/papers.json", "/campaigns/<name>/papers.json",
    "/our-campaigns.csv", "/commitment.csv", "/source/jalon.tar.gz", "/campaigns/<name>/money/chain.csv",
    "/campaigns/<name>/calendar.ics",
    "/campaigns/<name>/money/my-lines.csv", "/verify/verify_chain.py", "/estimates/<name>/quote.pdf",
    "/deliveries/<name>/certificate.pdf", "/payee-account/provider/<rail>", "/reserves/<name>",
    "/calls/<name>/call.pdf", "/charge-backs/<name>/evidence", "/mandates/<name>/mandate.pdf",
    "/means-of-payment/<name>/provider", "/pledges/<name>/means", "/start", "/needs/of-software/<name>",
}  # fmt: skip

OFFICER, TREASURER, SECOND, _ARBITRATOR, ARBITRATOR, _OFFICER_TWO, AUDITOR = FUND_PEOPLE
PEOPLE: dict[str, Invented | None] = {
    "nobody": None, "buyer": BANK.people[1], "head": BANK.people[0], "public": MINISTRY.people[1],
    "maker": IDENTITY.people[1], "watcher": WATCH.people[1], "watched": WATCH.people[0], "officer": OFFICER,
    "treasurer": TREASURER, "arbitrator": ARBITRATOR, "auditor": AUDITOR,
}  # fmt: skip
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


@dataclass(frozen=True)
class Seen:
    """One line of the table: who looks at which address, about which thing."""

    who: str
    rule: str
    thing: str = ""

    def __str__(self) -> str:
        return " ".join((self.who, self.rule, self.thing)).strip()


PAGES = [Seen(*line.split()) for line in TABLE.strip().splitlines()]


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


LISTS = ["/needs", "/software"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_follows_the_typing_and_the_typing_goes_on(visitor: Visitor, path: str) -> None:
    page = visitor()
    page.goto(path)
    search = page.locator("[data-search]")
    search.focus()
    with page.expect_response(lambda answer: "q=pro" in answer.url):
        page.keyboard.type("pro")
    page.wait_for_url(re.compile("q=pro"))
    page.keyboard.type("v")
    page.wait_for_url(re.compile("q=prov"))
    assert search.input_value() == "prov"
    assert search.evaluate("field => field === document.activeElement")


@pytest.mark.parametrize("path", LISTS)
def test_the_same_search_works_by_its_button(visitor: Visitor, path: str) -> None:
    page = visitor(javascript=False)
    page.goto(path)
    page.locator("[data-search]").fill("prov")
    page.locator("form[role=search] button").first.click()
    assert "q=prov" in page.url
    assert page.locator("[data-search]").input_value() == "prov"


def test_the_keyboard_reaches_the_content_at_once(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/campaigns")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('skip')")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#content').contains(document.activeElement)")


def test_a_page_that_came_by_htmx_starts_at_its_heading(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/needs")
    page.locator("a[href$='/campaigns']").first.click()
    page.wait_for_url(re.compile("/campaigns$"))
    expect(page.locator("main h1")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without"])
def test_a_refused_form_starts_at_its_mistakes_and_leads_to_each(visitor: Visitor, javascript: bool) -> None:
    page = visitor(javascript=javascript, width=360)
    page.goto("/apply")
    page.locator("form[action$='/apply'] button").last.click()
    summary = page.locator(".mistakes")
    expect(summary).to_be_in_viewport()
    if javascript:
        expect(summary).to_be_focused()
    link = summary.locator("a").last
    link.click()
    expect(page.locator(str(link.get_attribute("href")))).to_be_focused()


def test_a_printed_page_has_no_menu_and_its_links_tell_where_they_lead(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/")
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    written = page.evaluate("getComputedStyle(document.querySelector('.card-head a'), '::after').content")
    assert "/campaigns" in written or "attr(href)" in written
