"""The stage of the story: time that passes, actors who act, the practice bank and the worker between two scenes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session, select

from app.demo.cast import Company, Invented
from app.demo.numbers import registration_number, vat_number
from app.kit.db import Database
from app.kit.settings import Settings
from app.people import arriving, invitations, operator, persons
from app.people import rules as people
from app.people.access import Actor, actor_for
from app.people.forms import ApplyForm, InviteForm, StartForm
from app.people.model import Kind, Organization, Person, Role
from app.rails import sandbox
from app.rails.rail import Happened
from app.worker import Worker

Answer = TypeVar("Answer")
# Nobody signs in with it: the sign-in page of a demonstration lets people in by a click.
NOBODY_KNOWS = "!"


class Stage:
    """Where the story is played; `at` is the story's present."""

    def __init__(self, database: Database, settings: Settings, at: datetime) -> None:
        self.database = database
        self.worker = Worker(database, settings, sends_mails=False)
        self.base_url = settings.base_url
        self.at = at
        self._place = 0
        self._company_of: dict[str, str] = {}

    def later(self, days: int = 0, hours: int = 0) -> None:
        """Let time pass, and the worker do what is due."""
        self.at += timedelta(days=days, hours=hours)
        self.worker.until_quiet(self.at)

    def work(self) -> None:
        """Let the worker catch up."""
        self.worker.until_quiet(self.at)

    def act(self, scene: Callable[[Session], Answer]) -> Answer:
        """Play a scene in one transaction."""
        return self.database.run(scene)

    def actor(self, db: Session, who: Invented) -> Actor:
        """An invented person acting for their organization, with the roles of this moment."""
        found = db.exec(select(Person).where(Person.email == who.email)).one()
        name = self._company_of[who.email]
        organization = db.exec(select(Organization).where(Organization.name == name)).one()
        return actor_for(db, found, organization)

    def found_operator(self, name: str, people_of: tuple[Invented, ...]) -> None:
        """The chapter is founded by its first person, who invites the others."""
        first = people_of[0]
        form = StartForm.model_validate(
            {
                "name": name,
                "country": "FR",
                "legal_form": "Association loi 1901",
                "registration_number": self._number("FR"),
                "vat_number": self._vat("FR"),
                "street": "15 rue du Jalon",
                "postcode": "75011",
                "city": "Paris",
                "email": "bonjour@fonds.example",
                "fee": "5",
                "person_name": first.name,
                "person_email": first.email,
                "about": "Organisation inventée pour la démonstration.",
            }
        )
        self._place += 1
        self._belong(name, people_of)
        self.act(lambda db: operator.found_operator(db, form, password_hash=NOBODY_KNOWS, at=self.at))
        for colleague in people_of[1:]:
            self._invite(first, colleague)

    def welcome(self, company: Company, officer: Invented | None) -> None:
        """An organization applies, is verified by the fund (or waits, without an officer), and invites its people."""
        first = company.people[0]
        form = ApplyForm.model_validate(
            {
                "name": company.name,
                "kind": company.kind,
                "country": company.country,
                "legal_form": company.legal_form,
                "registration_number": self._number(company.country),
                "vat_number": self._vat(company.country),
                "street": company.street,
                "postcode": company.postcode,
                "city": company.city,
                "email": f"contact@{first.email.split('@')[1]}",
                "about": company.about,
                "is_public_body": company.is_public_body,
                "person_name": first.name,
                "person_email": first.email,
                "language": "fr",
            }
        )
        self._place += 1
        self._belong(company.name, company.people)

        def apply(db: Session) -> None:
            invited = people.apply(db, form, base_url=self.base_url, at=self.at)
            assert invited is not None
            arriving.accept(
                db, invited.token, name=first.name, language="fr", password_hash=NOBODY_KNOWS, at=self.at
            )
            if officer:
                organization = db.exec(select(Organization).where(Organization.name == company.name)).one()
                people.verify(db, organization, by=self.actor(db, officer), at=self.at)

        self.act(apply)
        if officer is None:
            return
        self._give_roles(company, first)
        for colleague in company.people[1:]:
            self._invite(first, colleague)

    def _give_roles(self, company: Company, first: Invented) -> None:
        held = first.roles | ({Role.MEMBER} if company.kind == Kind.MAINTAINER else frozenset())

        def give(db: Session) -> None:
            by = self.actor(db, first)
            persons.change_roles(db, by.person, frozenset(held), first.limit_cents, by=by, at=self.at)

        self.act(give)

    def _invite(self, by: Invented, colleague: Invented) -> None:
        ticked = {role.value: True for role in colleague.roles}

        def invite(db: Session) -> None:
            form = InviteForm(
                name=colleague.name,
                email=colleague.email,
                language="fr",
                limit=colleague.limit_cents,
                **ticked,
            )
            invited = invitations.invite(db, form, base_url=self.base_url, by=self.actor(db, by), at=self.at)
            arriving.accept(
                db, invited.token, name=colleague.name, language="fr", password_hash=NOBODY_KNOWS, at=self.at
            )

        self.act(invite)

    def _belong(self, name: str, people_of: tuple[Invented, ...]) -> None:
        self._company_of |= {somebody.email: name for somebody in people_of}

    def _number(self, country: str) -> str:
        return registration_number(
            country, 1_000_003 + 7919 * self._place if country == "FR" else self._place
        )

    def _vat(self, country: str) -> str:
        return vat_number(country, 1_000_003 + 7919 * self._place if country == "FR" else self._place)

    def pay(self, reference: str, cents: int, name: str, *, fails: str = "") -> str:
        """Play a payer at the practice bank; the bank's name of the payment."""
        account = f"FR76{abs(hash_of(name)) % 10**19:019d}"

        def pay(db: Session) -> str:
            return sandbox.pay_in(
                db,
                amount_cents=cents,
                currency="EUR",
                reference=reference,
                name=name,
                account=account,
                at=self.at,
                fails=fails,
            ).public_id

        return self.act(pay)

    def take_back(self, payment: str, reason: str) -> None:
        """The payer's bank takes a payment back."""
        self._turn(payment, Happened.CHARGED_BACK, reason)

    def settle_payments(self) -> None:
        """The practice bank carries out everything it was asked to send."""

        def settle(db: Session) -> None:
            for line in sandbox.on_its_way(db):
                sandbox.turn(db, line, Happened.PAID_OUT, at=self.at)

        self.act(settle)
        self.work()

    def bounce_payments(self, reason: str) -> None:
        """The practice bank sends everything on its way back."""

        def bounce(db: Session) -> None:
            for line in sandbox.on_its_way(db):
                sandbox.turn(db, line, Happened.BOUNCED, reason=reason, at=self.at)

        self.act(bounce)
        self.work()

    def _turn(self, payment: str, happened: Happened, reason: str) -> None:
        def turn(db: Session) -> None:
            line = db.exec(select(sandbox.SandboxLine).where(sandbox.SandboxLine.public_id == payment)).one()
            sandbox.turn(db, line, happened, reason=reason, at=self.at)

        self.act(turn)
        self.work()


def hash_of(name: str) -> int:
    """The same number for the same name in every run, unlike Python's own hash."""
    value = 7
    for sign in name:
        value = (value * 131 + ord(sign)) % 10**19
    return value
