"""A stage for tests of money: people who are simply there, and rounds played through the rules as in the demo story."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import Session, col, select

from app import audit
from app.campaigns.model import Campaign, Pledge
from app.campaigns.round_rules import PLAINEST, Chosen
from app.catalogue.model import Software
from app.delivery.model import Delivery
from app.demo.cast import BANK, CITY, FUND_PEOPLE, GRID, INSURER, MINISTRY, OTHERS, WATCH, Company
from app.demo.funding import OFFICER, SECOND, TREASURER
from app.demo.numbers import vat_number
from app.demo.round import Round
from app.demo.stage import Stage
from app.documents.vat import Regime
from app.escrow.model import Call
from app.estimates import rules as estimates
from app.estimates.terms import MilestoneTerms, Terms
from app.kit.db import Database
from app.kit.rules import Refused
from app.kit.settings import Settings
from app.ledger import book
from app.payouts import payees, rules
from app.payouts.model import Payout, PayoutState
from app.people.model import Kind, Operator, Organization, Person, PersonState, Role, RoleGrant
from app.people.step import record
from app.roadmap.model import ItemState, RoadmapItem
from tests.beginnings import begun
from tests.book import check_book

NORDLICHT, SCALDIS = OTHERS[8], OTHERS[9]
BACKERS = (BANK, INSURER, GRID, MINISTRY, CITY, NORDLICHT, SCALDIS)
COMPANIES = (*BACKERS, WATCH)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
FUND = Company("Fonds Commun", Kind.FUND, "Association", "Paris", "75011", "15 rue du Jalon", FUND_PEOPLE)


def settings_for(url: str, folder: Path) -> Settings:
    """The settings of a demo on this database, with everything it writes in one folder."""
    return Settings(
        database_url=url, secret_key=SecretStr("a key for the tests that nobody else knows"), folder=folder,
        demo=True, mail_url=SecretStr((folder / "mails").as_uri()), heads_file=folder / "heads.txt",
        argon2_memory_kib=64,
    )  # fmt: skip


class Play(Stage):
    """The story's stage, with people who need not apply first, and a worker that may not fail unseen."""

    troubles: list[logging.LogRecord]

    def settle(self) -> "Play":
        """Everybody moves in: the fund, seven organizations that buy (two of them public bodies), a maintainer."""

        def move_in(db: Session) -> None:
            fund = self._move_in(db, FUND, 0)
            db.add(Operator(id=1, organization_id=fund.id))
            for place, company in enumerate(COMPANIES, start=1):
                self._move_in(db, company, place)
            maker = db.exec(select(Organization).where(Organization.name == WATCH.name)).one()
            db.add(Software(
                name="Veilleur", name_key="veilleur", repository_url="https://forge.example/veilleur",
                maintainer_id=maker.id, registered_at=self.at,
            ))  # fmt: skip
            payees.name_account(
                db, rail="sandbox", holder=WATCH.name, account="FR7630001007941234567890185",
                by=self.actor(db, WATCH.people[0]), at=self.at,
            )  # fmt: skip

        self.know()
        begun(self.database, f"everybody moved in at {self.at}", lambda: self.act(move_in))
        return self

    def _move_in(self, db: Session, company: Company, place: int) -> Organization:
        country = company.country
        made = Organization(
            name=company.name, kind=company.kind, state="verified", applied_at=self.at, country=country,
            is_public_body=company.is_public_body, vat_number=vat_number(country, 1000 + place),
        )  # fmt: skip
        db.add(made)
        record(db, "verify", made, by=None, at=self.at, before="applied")
        for who in company.people:
            person = Person(name=who.name, email=who.email, state=PersonState.ACTIVE, created_at=self.at)
            db.add(person)
            record(db, "activate", person, by=None, at=self.at, before="invited")
            roles = {*who.roles, *((Role.MEMBER,) if company.kind == Kind.MAINTAINER else ())}
            for role in sorted(roles):
                limit = who.limit_cents if role == Role.BUYER else None
                db.add(RoleGrant(
                    person_id=person.id, organization_id=made.id, role=role, limit_cents=limit, granted_at=self.at
                ))  # fmt: skip
        return made

    def know(self) -> "Play":
        """Who belongs where: people who move in now, or did before this database was copied."""
        for company in (FUND, *COMPANIES):
            self._belong(company.name, company.people)
        return self

    def begin(self, called: str, scene: Callable[[], Round]) -> Round:
        """A round as this scene leaves it; the scene is played once, and copied for the tests that begin with it."""

        def play() -> tuple[dict[str, Any], datetime]:
            told = vars(scene())
            return {name: fact for name, fact in told.items() if name != "stage"}, self.at

        facts, self.at = begun(self.database, f"{called} at {self.at}", play)
        made = Round(self, WATCH)
        vars(made).update(facts)
        return made

    def approved(
        self, prices: Sequence[int], *, optional: int = 0, due_in_days: int = 90,
        regime: Regime = Regime.DOMESTIC, rate: int = 2000,
    ) -> Round:  # fmt: skip
        """An approved estimate of these prices (cents), the last `optional` of them optional; no campaign yet."""
        made = Round(self, WATCH)
        today = self.at.date()

        def quote(db: Session) -> None:
            software = db.exec(select(Software)).one()
            by = self.actor(db, WATCH.people[-1])
            item = RoadmapItem(
                software_id=software.id, organization_id=by.organization.id, title="Recherche",
                state=ItemState.PLANNED, proposed_at=self.at,
            )  # fmt: skip
            db.add(item)
            record(db, "plan", item, by=by, at=self.at, before="proposed")
            milestones = [
                MilestoneTerms(
                    title=f"Jalon {place}", price_cents=cents, criteria="Fonctionne",
                    due_on=today + timedelta(days=due_in_days), is_required=place <= len(prices) - optional,
                )
                for place, cents in enumerate(prices, start=1)
            ]  # fmt: skip
            terms = Terms(
                milestones=milestones, vat_regime=regime, vat_rate_basis_points=rate, license="MIT",
                valid_until=today + timedelta(days=120),
            )  # fmt: skip
            drafted = estimates.draft(db, item, terms, by=by, at=self.at)
            estimates.submit(db, drafted, by=by, at=self.at)
            estimates.approve(db, drafted, by=self.actor(db, OFFICER), at=self.at)
            made.estimate_id = drafted.id

        self.act(quote)
        return made

    def round(
        self, prices: Sequence[int], pledges: Mapping[str, int] | None = None, *, days: int = 30,
        tranches: list[int] | None = None, chosen: Chosen = PLAINEST, **quoted: Any,
    ) -> Round:  # fmt: skip
        """An open campaign, pledged by these companies (by name, in cents)."""
        made = self.approved(prices, **quoted)
        made.open(days, tranches, chosen=chosen)
        by_name = {company.name: company for company in BACKERS}
        for name, cents in (pledges or {}).items():
            made.pledge(by_name[name], cents)
        return made

    def quietly(self) -> None:
        """The worker does what is due, to the end; then the whole book is checked against the bank."""
        self.work()
        check_book(self.database, at_rest=True)
        lines, is_right = audit.run(self.database, at=self.at)
        assert is_right, "\n".join(line for line in lines if not line.startswith("     ok"))

    def balance(self, code: str) -> int:
        """What stands on an account."""
        with self.database.reading() as db:
            return book.balance(db, code)

    def total(self, prefix: str) -> int:
        """What stands on all accounts whose code begins like this."""
        with self.database.reading() as db:
            return book.total(db, prefix)

    def calls(self, played: Round) -> dict[str, Call]:
        """The newest call of each organization in a round, by its name."""
        query = (
            select(Organization.name, Call)
            .join(Pledge, col(Pledge.organization_id) == col(Organization.id))
            .join(Call, col(Call.pledge_id) == col(Pledge.id))
            .where(Call.campaign_id == played.campaign_id)
        )
        with self.database.reading() as db:
            return dict(db.exec(query.order_by(col(Call.id))).all())

    def pledges(self, played: Round) -> dict[str, Pledge]:
        """The newest pledge of each organization in a round, by its name."""
        query = (
            select(Organization.name, Pledge)
            .join(Pledge, col(Pledge.organization_id) == col(Organization.id))
            .where(Pledge.campaign_id == played.campaign_id)
        )
        with self.database.reading() as db:
            return dict(db.exec(query.order_by(col(Pledge.id))).all())

    def campaign(self, played: Round) -> Campaign:
        """A round's campaign as it is now."""
        with self.database.reading() as db:
            return db.get_one(Campaign, played.campaign_id)

    def delivery(self, played: Round) -> Delivery:
        """A round's last delivery as it is now."""
        with self.database.reading() as db:
            return played.last_delivery(db)

    def payouts(self, state: str | None = None) -> list[Payout]:
        """The payouts, of one state or all."""
        query = select(Payout).order_by(col(Payout.id))
        with self.database.reading() as db:
            return list(db.exec(query.where(Payout.state == state) if state else query))

    def prepare(self, payout: Payout) -> Payout:
        """The treasurer prepares a payout."""
        return self.act(lambda db: rules.prepare(
            db, db.get_one(Payout, payout.id), by=self.actor(db, TREASURER), at=self.at
        ))  # fmt: skip

    def approve(self, payout: Payout) -> Payout:
        """Another treasurer approves it as it was prepared."""
        return self.act(lambda db: rules.approve(
            db, db.get_one(Payout, payout.id), pinned=payout.pinned, by=self.actor(db, SECOND), at=self.at
        ))  # fmt: skip

    def pay_out_all(self) -> None:
        """Everything due is prepared, approved, sent and settled."""
        self.work()
        for payout in self.payouts(PayoutState.DUE):
            prepared = self.prepare(payout)
            if prepared.state == PayoutState.PREPARED:
                self.approve(prepared)
        self.work()
        self.settle_payments()


@dataclass
class Refusal:
    """What a refused act said."""

    said: Refused | None = None

    def __str__(self) -> str:
        return str(self.said)


@contextmanager
def refused(play: Play) -> Iterator[Refusal]:
    """The act inside is refused with a sentence, and changes nothing."""
    before, refusal = heads(play.database), Refusal()
    with pytest.raises(Refused) as caught:
        yield refusal
    refusal.said = caught.value
    assert heads(play.database) == before, "a refused act left something behind"


def heads(database: Database) -> dict[str, Any]:
    """How far every chain has come: any change of state or money moves one of them."""
    from app.kit.links import ChainHead

    with database.reading() as db:
        return {head.chain: (head.number, head.head) for head in db.exec(select(ChainHead))}


@contextmanager
def watchful(name: str = "jalon.worker") -> Iterator[list[logging.LogRecord]]:
    """What the worker could not do inside this block: it goes on after a failure, a test must not."""
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    keep = Keep(logging.ERROR)
    log = logging.getLogger(name)
    log.addHandler(keep)
    try:
        yield records
    finally:
        log.removeHandler(keep)


@contextmanager
def on_stage(database: Database, folder: Path) -> Iterator[Play]:
    """A stage for one test; at the end the worker finishes, and the whole book is checked."""
    with watchful() as troubles:
        stage = Play(database, settings_for(str(database.url), folder), START).settle()
        stage.troubles = troubles
        yield stage
        stage.quietly()
    assert not troubles, [record.getMessage() for record in troubles]
