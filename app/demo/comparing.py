"""Several maintainers quote the same item: compared by those who miss it, awarded by the fund; and who stands aside."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session, select

from app.delivery import answering
from app.delivery.reserves import Defect
from app.demo.cast import CORPORATES, FUND_PEOPLE, Company
from app.demo.funding import OFFICER, Step
from app.demo.round import Round
from app.demo.stage import Stage
from app.documents.vat import Regime
from app.estimates import asking, awarding
from app.estimates import rules as estimates
from app.estimates.model import Estimate
from app.estimates.terms import LineTerms, MilestoneTerms, Terms
from app.kit.money import Cents
from app.people import declaring
from app.people.model import Organization, TieKind
from app.roadmap.model import RoadmapItem

DAY_RATE = 62_500
JUDGES = (("Prix clair, délai crédible.", 5), ("Le chiffrage des tests est léger.", 3), ("Bonne équipe.", 4))


def lines_for(cents: Cents) -> list[LineTerms]:
    """A price as most maintainers make it: days of two people, and what is fixed."""
    days = cents * 6 // 10 // DAY_RATE
    tests = cents * 3 // 10 // DAY_RATE
    rest = cents - (days + tests) * DAY_RATE
    return [
        LineTerms(label="Développement", day_hundredths=days * 100, day_rate_cents=DAY_RATE),
        LineTerms(label="Tests et documentation", day_hundredths=tests * 100, day_rate_cents=DAY_RATE),
        LineTerms(label="Recette et version amont", fixed_cents=rest),
    ]


def rival_quote(made: Round, maintainer: Company, steps: Sequence[Step], *, upkeep: int = 12) -> int:
    """Another maintainer quotes the same item, line by line; returns its estimate."""
    stage = made.stage

    def quote(db: Session) -> int:
        item = db.get_one(RoadmapItem, db.get_one(Estimate, made.estimate_id).item_id)
        by, today = stage.actor(db, maintainer.people[-1]), stage.at.date()
        terms = Terms(
            milestones=[
                MilestoneTerms(
                    title=step.title, price_cents=step.price_cents, criteria=step.criteria,
                    due_on=today + timedelta(days=step.due_in_days), is_required=step.is_required,
                    lines=lines_for(step.price_cents),
                )
                for step in steps
            ],
            vat_regime=Regime.DOMESTIC, vat_rate_basis_points=2000, license="AGPL-3.0-only",
            valid_until=today + timedelta(days=90), upkeep_months=upkeep, warranty_months=6, includes_review=True,
        )  # fmt: skip
        draft = estimates.draft(db, item, terms, by=by, at=stage.at)
        return estimates.submit(db, draft, by=by, at=stage.at).id

    return stage.act(quote)


def judged(made: Round, *estimate_ids: int) -> None:
    """Those who miss it give points; the maintainer asks, and everyone who quotes reads the answer."""
    stage = made.stage

    def judge(db: Session) -> None:
        item = db.get_one(RoadmapItem, db.get_one(Estimate, made.estimate_id).item_id)
        asking_ids = asking.asking_organizations(db, item)
        people = [stage.actor(db, company.people[1]) for company in CORPORATES]
        judges = [by for by in people if by.organization.id in asking_ids][: len(JUDGES)]
        for place, name in enumerate(estimate_ids):
            for by, (comment, points) in zip(judges, JUDGES, strict=False):
                asking.score(
                    db, db.get_one(Estimate, name), max(1, points - place), comment, by=by, at=stage.at
                )
        question = asking.ask(
            db,
            item,
            "Faut-il reprendre les données existantes ?",
            by=stage.actor(db, made.quoter),
            at=stage.at,
        )
        if judges:
            asking.reply(db, question, "Oui, celles des deux dernières versions.", by=judges[0], at=stage.at)

    stage.act(judge)


def awarded(made: Round, reasons: str) -> Round:
    """The fund chooses the round's own estimate among those that wait, with reasons everybody reads."""
    stage = made.stage
    stage.act(lambda db: awarding.award_work(
        db, db.get_one(Estimate, made.estimate_id), reasons=reasons, by=stage.actor(db, OFFICER), at=stage.at
    ))  # fmt: skip
    return made


def declared_ties(stage: Stage, maintainer: Company, backer: Company) -> None:
    """Two people of the fund declare ties: they stand aside from then on, and the records say so."""
    colleagues = [person for person in FUND_PEOPLE if person is not OFFICER][-2:]

    def declare(db: Session) -> None:
        for who, company, kind in (
            (colleagues[0], maintainer, TieKind.FAMILY), (colleagues[1], backer, TieKind.SHARES),
        ):  # fmt: skip
            organization = db.exec(select(Organization).where(Organization.name == company.name)).one()
            declaring.declare(
                db, organization, kind=kind, starts_on=stage.at.date() - timedelta(days=200),
                by=stage.actor(db, who), at=stage.at,
            )  # fmt: skip

    stage.act(declare)


def accept_with_reserves(made: Round, company: Company, *defects: str) -> None:
    """A backer accepts the delivery under review, with a list of what is to be mended."""
    stage = made.stage

    def answer(db: Session) -> None:
        due = stage.at.date() + timedelta(days=20)
        answering.answer(
            db, made.last_delivery(db), accepts=True, reserves=[Defect(text, due) for text in defects],
            by=stage.actor(db, company.people[1]), at=stage.at,
        )  # fmt: skip

    stage.act(answer)


def cheaper(steps: Sequence[Step], basis_points: int) -> list[Step]:
    """The same steps at another price."""
    return [replace(step, price_cents=step.price_cents * basis_points // 10_000) for step in steps]
