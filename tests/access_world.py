"""The people and things of the access table: each role alone in one person, each thing in the state a form needs.

Everything comes in by the rules, as in the story of the demonstration.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from app.campaigns import stopping, wording
from app.campaigns.ballot import Motion, MotionKind
from app.campaigns.missing import Shortfall
from app.campaigns.model import Campaign, OnDefault, Pledge
from app.campaigns.round_rules import PLAINEST, Chosen
from app.campaigns.rules import milestones_of, text_hash
from app.catalogue import rules as catalogue
from app.catalogue.forms import SoftwareForm
from app.catalogue.model import Software
from app.delivery import answering, disputes
from app.delivery.model import Reserve
from app.delivery.reserves import Defect
from app.demo.cast import FUND_PEOPLE, GRID, IDENTITY, INSURER, NEWCOMER, OFFICE, Company, Invented, person
from app.demo.funding import OFFICER, SECOND, TREASURER, Step
from app.demo.round import Round
from app.demo.stage import Stage
from app.escrow.frozen import Freeze
from app.escrow.model import Call, CallState, Deposit
from app.estimates import asking
from app.estimates.model import Estimate
from app.kit.clock import now
from app.kit.db import Database
from app.kit.settings import Settings
from app.kit.words import use_language
from app.needs import posting
from app.needs import rules as needs
from app.needs.forms import NeedForm
from app.needs.model import Need
from app.payouts import payees
from app.payouts import rules as payouts
from app.payouts.model import Payout
from app.people import devices, invitations, persons, signing_in
from app.people import rules as people
from app.people.attempts import Visit
from app.people.forms import InviteForm
from app.people.model import Interest, Kind, Organization, PasswordLink, Person, Role, TieKind
from app.people.tokens import hash_of, new_token
from app.rails.sandbox import SandboxLine
from app.roadmap import rules as roadmap
from app.roadmap.model import RoadmapItem
from tests import access_bank
from tests.access_backing import give, offer, work_for

ALL = (Role.ADMIN, Role.APPROVER, Role.BUYER, Role.MEMBER, Role.FINANCE)
PASSWORD = "eleven green herons"
ABSENT = "0" * 32
REASON = "A reason."


def _company(name: str, domain: str, *who: Invented, public: bool = False) -> Company:
    return Company(name, Kind.CORPORATE, "SA", "Lyon", "69002", "1 rue des Essais", who, "FR", public)


BANK = _company(
    "Banque des Essais", "banque",
    person("Alix Un", "banque", Role.ADMIN),
    person("Bea Deux", "banque", Role.BUYER, limit=1_500_000),
    person("Max Trois", "banque", Role.MEMBER),
    person("Paula Quatre", "banque", Role.APPROVER),
    person("Finn Cinq", "banque", Role.FINANCE),
    person("Dora Six", "banque", *ALL, limit=1_000_000),
)  # fmt: skip
# Holds every role, and is a public body: only who it belongs to keeps it out.
STRANGER = _company(
    "Ville Voisine", "voisine",
    person("Sam Sept", "voisine", *ALL, limit=5_000_000), person("Suzy Huit", "voisine", Role.BUYER, limit=5_000_000),
    public=True,
)  # fmt: skip
SUSPENDED = _company("Maison Suspendue", "suspendue", person("Ugo Neuf", "suspendue", *ALL, limit=1_000_000))

PERSONS: dict[str, Invented | None] = {
    "nobody": None,
    "member": BANK.people[2],
    "buyer": BANK.people[1],
    "approver": BANK.people[3],
    "finance": BANK.people[4],
    "admin": BANK.people[0],
    "stranger": STRANGER.people[0],
    "maker": OFFICE.people[1],
    "rival": IDENTITY.people[0],
    "officer": FUND_PEOPLE[5],
    "treasurer": TREASURER,
    "arbitrator": FUND_PEOPLE[3],
    "auditor": FUND_PEOPLE[6],
    "newcomer": NEWCOMER.people[0],
    "suspended": SUSPENDED.people[0],
    "disabled": BANK.people[5],
}


@dataclass
class World:
    """What the table speaks of: secrets of those signed in, and the public name of each thing."""

    stage: Stage
    secrets: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    rounds: dict[str, Round] = field(default_factory=dict)


def build(database: Database, settings: Settings) -> World:
    """Everybody has come in, and everything stands where a form of the table needs it."""
    world = World(Stage(database, settings, now() - timedelta(days=60)))
    stage = world.stage
    stage.found_operator("Fonds des essais", FUND_PEOPLE)
    for company in (BANK, STRANGER, SUSPENDED, GRID, INSURER, OFFICE, IDENTITY):
        stage.welcome(company, OFFICER)
    stage.welcome(NEWCOMER, None)
    _write_needs(world)
    _play(world)
    _quote(world)
    _promise(world)
    give(stage, world.names, BANK)
    offer(stage, _round(world, "worked", 900_000).decide(True), world.names, BANK, OFFICE)
    work_for(stage, _round(world, "building", 300_000).decide(True), world.names, BANK, OFFICE, GRID)
    _pay_out(world)
    stage.act(lambda db: _name_everything(db, world))
    stage.act(lambda db: access_bank.furnish(db, stage.actor(db, SECOND), world.names))
    stage.act(lambda db: _let_in(db, world))
    return world


def _write_needs(world: World) -> None:
    stage = world.stage

    def write(db: Session) -> None:
        maker, member = stage.actor(db, OFFICE.people[0]), stage.actor(db, BANK.people[2])
        for title in ("Writer", "Unclaimed"):
            address = f"https://forge.example/{title.lower()}"
            made = catalogue.register(
                db, SoftwareForm(name=title, repository_url=address), by=maker, at=stage.at
            )
            world.names[f"software.{title.lower()}"] = made.public_id
            if title == "Writer":
                catalogue.claim(db, made, by=maker, at=stage.at)
        for title in ("draft", "published", "wanted"):
            need = needs.write(
                db,
                NeedForm(software="Writer", title=f"A {title} need", summary=REASON),
                by=member,
                at=stage.at,
            )
            if title != "draft":
                needs.publish(db, need, by=member, at=stage.at)
            world.names[f"need.{title}"] = need.public_id
        content = b"software,title,summary\nWriter,Brought in,We lack it.\n"
        backlog = posting.bring_in(db, content, file_name="backlog.csv", by=member, at=stage.at)
        world.names["backlog"] = backlog.public_id
        for company, number in ((OFFICE, 185), (IDENTITY, 186)):
            payees.name_account(
                db, rail="sandbox", holder=company.name, account=f"FR7630001007941234567890{number}",
                by=stage.actor(db, company.people[0]), at=stage.at,
            )  # fmt: skip

    stage.act(write)


def _round(world: World, name: str, *cents: int, submit: bool = True) -> Round:
    """An item with an estimate of its own: the first price is required, the others are not."""
    stage = world.stage

    def miss(db: Session) -> None:
        by = stage.actor(db, BANK.people[2])
        need = needs.write(
            db, NeedForm(software="Writer", title=f"Need {name}", summary=REASON), by=by, at=stage.at
        )
        needs.publish(db, need, by=by, at=stage.at)

    stage.act(miss)
    steps = [
        Step(f"Step {number}", price, 120 + number, "It works", is_required=number == 1)
        for number, price in enumerate(cents, 1)
    ]
    made = Round(stage, OFFICE).quote(
        f"Item {name}", [f"Need {name}"], steps, license_="MIT", valid_days=170, submit=submit
    )
    world.rounds[name] = made
    return made


def _secured(world: World, name: str, *backers: Company, chosen: Chosen = PLAINEST) -> Round:
    """A campaign whose only milestone is pledged in full."""
    share = 100_000
    made = _round(world, name, share * len(backers)).decide(True).open(20, chosen=chosen)
    for company in backers:
        made.pledge(company, share)
    world.stage.work()
    return made


def _play(world: World) -> None:
    stage = world.stage
    unpaid = _secured(world, "defaulted", BANK, GRID)
    unpaid.call()
    unpaid.pay_calls(unpaid=(BANK,), above={GRID.name: 500})
    missing = _secured(
        world, "missing", BANK, GRID, chosen=Chosen(on_default=OnDefault.TOP_UP, default_days=90)
    )
    missing.call()
    missing.pay_calls(unpaid=(GRID,))
    half = [Step("Half", 100_000, 150, "It works"), Step("Rest", 100_000, 160, "It works")]
    missing.amend(1, half, REASON, yes=(BANK, GRID))
    accepted = [_secured(world, name, STRANGER, GRID, INSURER) for name in ("due", "prepared", "held")]
    stage.later(days=32)
    for name in ("ready", "handed_in", "refused", "disputed", "heard", "voted", "reserved"):
        _secured(world, name, BANK, GRID).call_and_pay()
    for made in accepted:
        payments = made.call_and_pay()
    stage.later(days=25)
    for made in accepted:
        made.hand_in(1, "v1")
        made.answer((GRID, INSURER))
    stage.take_back(payments[0], REASON)
    made.pay_calls()
    for name in ("handed_in", "refused", "disputed", "heard", "voted", "reserved"):
        world.rounds[name].hand_in(1, "v1")
    for name in ("refused", "disputed", "heard", "voted"):
        world.rounds[name].answer((GRID,), accepts=False, reasons=REASON)
    for name in ("disputed", "heard", "voted"):
        world.rounds[name].dispute(REASON)
    world.rounds["heard"].hear((GRID,))
    _ask_backers(world)
    _reserve(world)
    stage.pay("NOTHING", 1_500, GRID.name)
    stage.work()


def _reserve(world: World) -> None:
    """A milestone one backer accepts with a reserve."""
    stage, made = world.stage, world.rounds["reserved"]
    defects = [Defect(REASON, (stage.at + timedelta(days=20)).date())]

    def accept(db: Session) -> None:
        by = stage.actor(db, BANK.people[1])
        answering.answer(db, made.last_delivery(db), accepts=True, reserves=defects, by=by, at=stage.at)
        world.names["reserve.filed"] = db.exec(select(Reserve)).one().public_id

    stage.act(accept)
    made.answer((GRID,))


def _ask_backers(world: World) -> None:
    """What backers are asked: a settlement one of them proposed, and the end of a campaign."""
    stage = world.stage

    def ask(db: Session) -> None:
        grid, bank = stage.actor(db, GRID.people[1]), stage.actor(db, BANK.people[1])
        of = world.rounds["voted"].last_dispute(db)
        asked = disputes.propose(db, of, cents=100, words=REASON, by=grid, at=stage.at)
        world.names["motion.settlement"] = asked.public_id
        ready = db.get_one(Campaign, world.rounds["ready"].campaign_id)
        asked = stopping.propose_stop(db, ready, reason=REASON, by=bank, at=stage.at)
        world.names["motion.stop"] = asked.public_id

    stage.act(ask)


def _quote(world: World) -> None:
    stage = world.stage
    _round(world, "draft", 300_000, submit=False)
    _round(world, "submitted", 300_000)
    _round(world, "approved", 300_000).decide(True)
    _round(world, "unopened", 300_000).decide(True).open(20, draft_only=True)
    _secured(world, "secured", BANK, GRID)
    _round(world, "reached", 200_000, 200_000).decide(True).open(20).pledge(GRID, 250_000)

    def plan(db: Session) -> None:
        by = stage.actor(db, OFFICE.people[1])
        software = db.exec(select(Software).where(Software.name == "Writer")).one()
        wanted = db.exec(select(Need).where(Need.public_id == world.names["need.wanted"])).one()
        item = roadmap.propose(db, software, title="Proposed", needs=[wanted], by=by, at=stage.at)
        world.names["item.proposed"] = item.public_id
        quoted = db.exec(select(Estimate).where(Estimate.state == "submitted")).one()
        asked = asking.ask(db, db.get_one(RoadmapItem, quoted.item_id), "Which database?", by=by, at=stage.at)
        world.names["question"] = asked.public_id

    stage.act(plan)


def _promise(world: World) -> None:
    made = _round(world, "open", 9_000_000).decide(True).open(20)
    made.pledge(BANK, 100_000)
    made.pledge(BANK, 2_000_000, approve=False)
    made.pledge(BANK, 100_000, sign=False)


def _pay_out(world: World) -> None:
    stage = world.stage

    def move(db: Session) -> None:
        for name in ("prepared", "held"):
            query = select(Payout).where(Payout.campaign_id == world.rounds[name].campaign_id)
            payout = db.exec(query).one()
            if name == "prepared":
                payouts.prepare(db, payout, by=stage.actor(db, SECOND), at=stage.at)
            else:
                payouts.hold(db, payout, reason=REASON, by=stage.actor(db, SECOND), at=stage.at)

    stage.act(move)


def _name_everything(db: Session, world: World) -> None:
    """The public names the table uses, and the two hashes forms carry."""
    names = world.names
    for name, made in world.rounds.items():
        estimate = db.get_one(Estimate, made.estimate_id)
        names[f"estimate.{name}"] = estimate.public_id
        names[f"item.{name}"] = db.get_one(RoadmapItem, estimate.item_id).public_id
        names[f"milestone.{name}"] = milestones_of(db, made.estimate_id)[0].public_id
        if made.campaign_id:
            names[f"campaign.{name}"] = db.get_one(Campaign, made.campaign_id).public_id
    for name in ("handed_in", "refused", "disputed", "heard", "reserved", "due"):
        names[f"delivery.{name}"] = world.rounds[name].last_delivery(db).public_id
    promised = db.exec(_of(Pledge, world.rounds["open"])).all()
    names |= dict(
        zip(
            ("pledge.signed", "pledge.awaiting", "pledge.drafted"),
            (p.public_id for p in promised),
            strict=True,
        )
    )
    with use_language("fr", db.get_one(Campaign, world.rounds["open"].campaign_id).zone):
        names["hash.drafted"] = text_hash(wording.promise_text(wording.terms_of(db, promised[2])))
    names["hash.awaiting"] = promised[1].signed_hash
    names["pledge.public"] = db.exec(_of(Pledge, world.rounds["due"])).first().public_id  # type: ignore[union-attr]
    for name in ("due", "prepared", "held"):
        names[f"payout.{name}"] = db.exec(_of(Payout, world.rounds[name])).one().public_id
    names["hash.prepared"] = db.exec(_of(Payout, world.rounds["prepared"])).one().pinned
    amended = select(Motion).where(Motion.kind == MotionKind.AMENDMENT)
    names["motion.amendment"] = db.exec(amended).one().public_id
    names["freeze.settled"] = db.exec(select(Freeze)).one().public_id
    names["shortfall.open"] = db.exec(_of(Shortfall, world.rounds["missing"])).one().public_id
    unpaid = db.exec(_of(Call, world.rounds["defaulted"]).where(Call.state == CallState.DEFAULTED)).one()
    names |= {"call.defaulted": unpaid.public_id, "number.defaulted": unpaid.number}
    deposits = db.exec(select(Deposit).where(Deposit.excess_cents > 0).order_by(col(Deposit.id))).all()
    names |= dict(zip(("deposit.above", "deposit.unknown"), (d.public_id for d in deposits), strict=True))
    line = db.exec(select(SandboxLine).order_by(col(SandboxLine.id))).first()
    names["line"] = line.public_id  # type: ignore[union-attr]


def _of(kind: type[Any], made: Round) -> Any:
    return select(kind).where(kind.campaign_id == made.campaign_id).order_by(kind.id)


def _let_in(db: Session, world: World) -> None:
    """Everybody signs in; then one account is closed, one organization suspended; links wait in the mail."""
    at, stage, names = now(), world.stage, world.names
    admin = stage.actor(db, BANK.people[0])
    aside = Organization(name="Maison à Part", kind=Kind.MAINTAINER, state="verified", applied_at=at)
    db.add(aside)
    db.flush()
    for who, invented in PERSONS.items():
        if invented is None:
            continue
        found = db.exec(select(Person).where(Person.email == invented.email)).one()
        place, world.secrets[who] = signing_in.sign_in(db, found, Visit("192.0.2.0/24"), at=at)
        device = devices.allow(db, hash_of(who), "A laptop", by=stage.actor(db, invented), at=at)
        names |= {f"person.{who}": found.public_id, f"session.{who}": place.public_id}
        names[f"device.{who}"] = device.public_id
        interest = Interest(
            person_id=found.id,
            organization_id=aside.id,
            kind=TieKind.FAMILY,
            starts_on=at.date(),
            declared_at=at,
        )
        db.add(interest)
        db.flush()
        names[f"interest.{who}"] = interest.public_id
    for name, company in {
        "bank": BANK,
        "stranger": STRANGER,
        "suspended": SUSPENDED,
        "applied": NEWCOMER,
    }.items():
        found_one = db.exec(select(Organization).where(Organization.name == company.name)).one()
        names[f"organization.{name}"] = found_one.public_id
        if name == "suspended":
            people.suspend(db, found_one, REASON, by=stage.actor(db, OFFICER), at=at)
    persons.disable(db, stage.actor(db, BANK.people[5]).person, by=admin, at=at)
    form = InviteForm(name="Ivy", email="ivy@banque.example", language="en", member=True)
    invited = invitations.invite(db, form, base_url="http://localhost", by=admin, at=at)
    names |= {"invitation": invited.token, "person.invited": invited.person.public_id}
    # A colleague from elsewhere may join as well: the same door, by another form.
    form = InviteForm(name="Max", email=STRANGER.people[0].email, language="en", member=True)
    names["invitation.stranger"] = invitations.invite(
        db, form, base_url="http://localhost", by=admin, at=at
    ).token
    token = new_token()
    link = PasswordLink(
        token_hash=hash_of(token),
        person_id=admin.person.id,
        created_at=at,
        expires_at=at + timedelta(hours=1),
    )
    db.add(link)
    names["password.link"] = token
