"""A book with something for every check of the audit, for the tests of the audit, the heads and the export."""

from datetime import date, timedelta

from sqlmodel import Session, select

from app.campaigns import grants, in_kind, motions
from app.campaigns import rules as campaigns
from app.campaigns.model import OnDefault
from app.campaigns.round_rules import Chosen
from app.delivery import amendments, answering, arbitration, disputes
from app.delivery import rules as deliveries
from app.delivery.reserves import Defect
from app.escrow import bank_rail, receipts, shortfalls, winding_up
from app.escrow.model import Call, Deposit
from app.estimates.amending import Piece
from app.kit.db import Database
from app.payouts import legs
from app.payouts.model import Payout
from app.people.model import Organization, Person
from app.rails import inbox
from app.rails.bank.bank import Bank
from app.rails.bank.model import Basis
from tests import cast as c
from tests.beginnings import begun
from tests.statements import OUR_IBAN, Book, Entry, Part


def fill(database: Database) -> None:
    """A book with something for every check: a stopped campaign with a claim and refunds sent, and a disputed one."""
    begun(database, "a full book", lambda: _play(database))


def _play(database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign, asked = c.called(db, cast)
        lines = [c.pay(db, call, call.total_cents + (100 if call is asked[0] else 0)) for call in asked]
        delivery = c.handed_in(db, cast, campaign)
        for buyer in cast.buyers[:2]:
            deliveries.answer(db, delivery, accepts=True, by=buyer, at=c.DECIDED)
        due = [(payout.id, c.approve(db, cast, payout)) for payout in c.payouts_due(db, cast)]
        legs.cut(db, db.get_one(Payout, due[0][0]), due[0][1])
    for payout_id, key in due:
        c.send(database, payout_id, key)
    with database.writing() as db:
        c.charge_back(db, db.merge(lines[1]))
        stopped = campaigns.stop(db, db.merge(campaign), reason="Enough", by=cast.officer, at=c.DECIDED)
        winding_up.wind_up(db, stopped, at=c.DECIDED)
        excess = db.exec(select(Deposit).where(Deposit.id == 1)).one()
        receipts.give_back_excess(db, excess, by=cast.treasurer, at=c.DECIDED)
        dispute(db, cast)
        backed(db, cast)
        unhappy(db, cast)
        for payout in c.payouts_due(db, cast):
            if payout.kind == "refund":
                key = c.approve(db, cast, payout)
                payout_id = payout.id
                break
    c.send(database, payout_id, key)
    tell_by_bank(database, cast)


def tell_by_bank(database: Database, cast: c.Cast) -> None:
    """A bank account in use, and a statement of it with two payments nobody expected."""
    naming = bank_rail.Naming(OUR_IBAN, "", "Fonds", "", "", Basis.AGENT, "Register 12")
    with database.writing() as db:
        account = bank_rail.name_account(db, naming, by=cast.treasurer, at=c.NOW)
        bank_rail.confirm_account(db, account, by=cast.second_treasurer, at=c.NOW)
        book = Book([Entry([Part(12_000, text="One")]), Entry([Part(3_000, text="Two")])], opening=50_000)
        bank_rail.bring_in(db, book.write(), "camt.xml", by=cast.treasurer, at=c.NOW)
    bank = Bank(database)
    with database.writing() as db:
        for event in inbox.waiting(db):
            receipts.take_in(db, event.rail, bank.fetch(event.outside_id), at=c.NOW)
            inbox.settle(event, at=c.NOW)


def dispute(db: Session, cast: c.Cast) -> None:
    """A second campaign whose first milestone two arbitrators grant by 60 %, the second paid and held."""
    campaign, _ = c.paid(db, cast, name="Second")
    delivery = c.handed_in(db, cast, campaign)
    for buyer in cast.buyers[:2]:
        deliveries.answer(db, delivery, accepts=False, reasons="No", by=buyer, at=c.DECIDED)
    opened = disputes.dispute(db, delivery, reasons="It works", by=cast.maker, at=c.DECIDED)
    disputes.end_statements(db, opened, at=opened.statements_end_at)
    for arbitrator in (cast.arbitrator, cast.second_arbitrator):
        arbitration.write_opinion(db, opened, share=6000, reason="Most of it", by=arbitrator, at=c.DECIDED)
    for call in c.calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED):
        c.pay(db, call)


def backed(db: Session, cast: c.Cast) -> None:
    """A third campaign, open: two of its pledges are matched, and work is done for its first milestone."""
    estimate = c.estimate_approved(db, cast, name="Matched")
    chosen = Chosen(in_kind_most_basis_points=2000)
    campaign = campaigns.prepare(
        db, estimate, deadline_on=c.DEADLINE, chosen=chosen, by=cast.officer, at=c.NOW
    )
    campaigns.open_round(db, campaign, by=cast.officer, at=c.NOW)
    grants.declare(db, campaign, amount_cents=100, source="Region", reference="R-1", by=cast.maker, at=c.NOW)
    terms = grants.GrantTerms("Commons", "EU-77", 1_000_000, 5000, most_per_organization_cents=600_000)
    c.open_grant(db, cast, terms)
    for buyer in cast.buyers[1:]:
        c.pledge(db, campaign, buyer, 200_000)
    milestone = campaigns.milestones_of(db, estimate.id)[0]
    offer = in_kind.Offer(milestone.id, "We work.", 4, 60_000, 60_000, date(2027, 1, 1))
    work_done = in_kind.offer(db, campaign, offer, by=cast.buyers[0], at=c.NOW)
    in_kind.value(db, work_done, cents=60_000, by=cast.maker, at=c.NOW)
    in_kind.agree(db, work_done, text="We work.", text_hash="x" * 64, by=cast.buyers[0], at=c.NOW)


def unhappy(db: Session, cast: c.Cast) -> None:
    """A fourth campaign: a backer did not pay, a milestone is accepted with a reserve, another is split."""
    estimate = c.estimate_approved(
        db, cast, ((300_000, True), (200_000, True), (100_000, False)), name="Unhappy"
    )
    chosen = Chosen(on_default=OnDefault.TOP_UP, retention_basis_points=1000)
    campaign = campaigns.prepare(
        db, estimate, deadline_on=c.DEADLINE, chosen=chosen, by=cast.officer, at=c.NOW
    )
    campaigns.open_round(db, campaign, by=cast.officer, at=c.NOW)
    for buyer, cents in zip(cast.buyers, (400_000, 150_000, 30_000), strict=True):
        c.pledge(db, campaign, buyer, cents)
    campaigns.secure_early(db, campaign, by=cast.officer, at=c.DECIDED)
    *_paid, late = issued = c.calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)
    for call in issued[:2]:
        c.pay(db, call)
    at = late.window_ends_at
    c.calls.default_on(db, late, at=at)
    shortfalls.open_shortfall(db, late, at=at)
    for call in db.exec(select(Call).where(Call.campaign_id == campaign.id, Call.state == "issued")):
        c.pay(db, call)
    first, second = campaigns.scoped_milestones(db, campaign)[:2]
    delivery = deliveries.hand_in(
        db, campaign, first, version="v1", evidence="https://example.org/v1", by=cast.maker, at=at
    )
    defects = [Defect("It is slow.", at.date() + timedelta(days=9))]
    answering.answer(db, delivery, accepts=True, reserves=defects, by=cast.buyers[0], at=at)
    pieces = [
        Piece(title=title, criteria="It works", due_on=date(2027, 9, 1), price_cents=cents)
        for title, cents in (("A", 120_001), ("B", 79_999))
    ]
    asked = amendments.propose(db, campaign, second, pieces, reason="Sooner.", by=cast.maker, at=at)
    motions.speak(db, asked, is_yes=True, by=cast.buyers[0], at=at)
    amendments.amend_as_voted(db, asked, at=at)


def again(db: Session) -> c.Cast:
    """The same people, found again."""

    def actor(name: str) -> c.Actor:
        someone = db.exec(select(Person).where(Person.name == name)).one()
        grant = db.exec(select(c.RoleGrant).where(c.RoleGrant.person_id == someone.id)).first()
        assert grant is not None
        return c.actor_for(db, someone, db.get_one(Organization, grant.organization_id))

    fund = ("Omar Officer", "Tara Treasurer", "Tom Treasurer", "Ari Arbitrator", "Anna Arbitrator")
    return c.Cast(
        *map(actor, (*fund, "Ada Maker")),
        ministry=actor("Max Mer"), buyers=[actor(f"Bea {number}") for number in (1, 2, 3)],
    )  # fmt: skip
