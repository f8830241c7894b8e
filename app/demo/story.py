"""The story of the demonstration: fourteen months of a fund, told through the rules in some seconds."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from app.demo.cast import (
    BANK,
    CITY,
    CORPORATES,
    FUND_PEOPLE,
    GRID,
    INSURER,
    MAINTAINERS,
    MINISTRY,
    NEWCOMER,
    SHELL,
    WATCH,
    Company,
)
from app.demo.comparing import declared_ties
from app.demo.funding import OFFICER
from app.demo.rounds import (
    a_round_in_arbitration,
    an_open_round,
    an_unpaid_call,
    another_open_round,
    fifteen_companies,
    quotes_on_the_table,
    the_second_milestone,
)
from app.demo.rounds_past import (
    a_happy_round,
    a_missed_threshold,
    a_round_that_was_called_off,
    an_award,
    stopped_after_a_charge_back,
)
from app.demo.software import register_software
from app.demo.stage import Stage
from app.kit.clock import now
from app.kit.db import Database
from app.kit.settings import Settings
from app.needs import posting
from app.needs import rules as needs
from app.needs.forms import EndorsementForm
from app.needs.model import Need
from app.notices import desk
from app.payouts import payees
from app.people import rules as people
from app.people.model import Organization

FUND = "Fonds Commun (inventé)"
BACKLOG = Path(__file__).parent / "backlog.csv"


def play(database: Database, settings: Settings) -> None:
    """Fill an empty Jalon with the whole story, ending now. Nothing is written but by the rules."""
    stage = Stage(database, settings, now() - timedelta(days=420))
    stage.found_operator(FUND, FUND_PEOPLE)
    for company in (*CORPORATES, *MAINTAINERS):
        stage.welcome(company, OFFICER)
    _name_accounts(stage)
    register_software(stage)
    _post_backlogs(stage)
    _endorse(stage)
    a_happy_round(stage)
    a_missed_threshold(stage)
    an_award(stage)
    a_round_that_was_called_off(stage)
    stopped_after_a_charge_back(stage)
    large = fifteen_companies(stage)
    an_unpaid_call(stage)
    a_round_in_arbitration(stage)
    the_second_milestone(stage, large)
    declared_ties(stage, WATCH, BANK)
    an_open_round(stage)
    another_open_round(stage)
    quotes_on_the_table(stage)
    _newcomers(stage)
    stage.work()
    stage.act(desk.start_here)


def _name_accounts(stage: Stage) -> None:
    for place, maintainer in enumerate(MAINTAINERS, start=1):

        def name(db: Session, maintainer: Company = maintainer, place: int = place) -> None:
            payees.name_account(
                db,
                rail="sandbox",
                holder=maintainer.name,
                account=f"FR7630001007941234567890{185 + place}",
                by=stage.actor(db, maintainer.people[0]),
                at=stage.at,
            )

        stage.act(name)


def _post_backlogs(stage: Stage) -> None:
    """Five organizations bring their backlogs in, as files, each a fifth of the collection."""
    head, *lines = BACKLOG.read_text(encoding="utf-8").splitlines(keepends=True)
    owners = (BANK, INSURER, MINISTRY, GRID, CITY)
    for place, owner in enumerate(owners):
        text = head + "".join(lines[place :: len(owners)])

        def bring(db: Session, owner: Company = owner, text: str = text) -> None:
            by = stage.actor(db, owner.people[1])
            backlog = posting.bring_in(db, text.encode(), file_name="backlog.csv", by=by, at=stage.at)
            posting.post_backlog(db, backlog, by=by, at=stage.at)

        stage.act(bring)
        stage.later(days=1)


def _endorse(stage: Stage) -> None:
    """Others miss the same: most needs find one to eight companies, with their numbers of users."""
    with stage.database.reading() as db:
        wanted = list(db.exec(select(Need.id, Need.organization_id).order_by(col(Need.id))))
    for place, company in enumerate(CORPORATES):

        def endorse(db: Session, company: Company = company, place: int = place) -> None:
            by = stage.actor(db, company.people[1])
            for number, (need_id, owner_id) in enumerate(wanted):
                if owner_id == by.organization.id or (number * 7 + place * 5) % 11 > (2 + number % 4):
                    continue
                users = 40 + (number * 131 + place * 977) % 6200
                with_budget = (number + place) % 3 == 0
                needs.endorse(
                    db,
                    db.get_one(Need, need_id),
                    EndorsementForm(
                        users=users,
                        wording="Même besoin chez nous." if place % 2 else "",
                        budget=500_000 + (number * 37 % 40) * 25_000 if with_budget else None,
                        budget_year=stage.at.year + 1 if with_budget else None,
                    ),
                    by=by,
                    at=stage.at,
                )

        stage.act(endorse)


def _newcomers(stage: Stage) -> None:
    """One organization waits to be verified, another was turned down."""
    stage.welcome(NEWCOMER, None)
    stage.welcome(SHELL, None)

    def reject(db: Session) -> None:
        organization = db.exec(select(Organization).where(Organization.name == SHELL.name)).one()
        people.reject(
            db,
            organization,
            "Le numéro SIREN ne correspond à aucun établissement actif.",
            by=stage.actor(db, OFFICER),
            at=stage.at,
        )

    stage.act(reject)
