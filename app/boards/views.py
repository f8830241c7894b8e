"""The doors of the boards: our campaigns as a file, the audit, the source; home stands beside them."""

import csv
import io
from importlib import import_module

from flask import Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from app.boards import (
    figures,
    figures_house,
    views_commitment,
    views_consortium,
    views_front,
    views_next,
    views_program,
)
from app.boards.checks import Subject, read_subjects
from app.boards.doors import bp, harmless
from app.boards.rail import last_act
from app.boards.source import source_archive
from app.kit.rules import Missing
from app.people.access import ANYONE, acting, at, only
from app.people.alarms import ringing
from app.people.model import Kind, Role

__all__ = ["bp", "views_commitment", "views_consortium", "views_front", "views_next", "views_program"]

Answer = ResponseReturnValue
COLUMNS = ("campaign", "software", "state", "currency", "pledged", "called", "paid", "released", "given back")


@bp.get("/our-campaigns.csv")
@only(Role.MEMBER, Role.BUYER, Role.APPROVER, Role.FINANCE, Role.ADMIN)
def our_campaigns() -> Answer:
    """The table of our campaigns as a file: amounts without VAT and fee, with a point before the cents."""
    if acting().organization.kind != Kind.CORPORATE:
        raise Missing
    rows = figures.backing(g.db, acting(), at(), g.operator.zone).campaigns
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        sums = row.amounts
        amounts = (sums.pledged or 0, sums.called, sums.paid, sums.released, sums.refunded)
        writer.writerow((
            harmless(row.campaign.title), harmless(row.software), row.campaign.state, row.campaign.currency,
            *(f"{cents // 100}.{cents % 100:02d}" for cents in amounts),
        ))  # fmt: skip
    return Response(
        # With the mark that tells spreadsheets it is UTF-8.
        "\ufeff" + text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="our-campaigns.csv"'},
    )


@bp.get("/audit")
@only(Role.AUDITOR, Role.OFFICER, Role.TREASURER, Role.ARBITRATOR)
def audit() -> Answer:
    """The alarms that ring, and every check of the book on demand."""
    subjects = _subjects() if request.args.get("check") == "now" else None
    return render_template(
        "boards/audit.html",
        alarms=ringing(g.db),
        subjects=subjects,
        book=figures_house.house_book(g.db, last_act(g.db)),
        rails=figures_house.rails(),
        currency=g.operator.currency,
    )


def _subjects() -> list[Subject]:
    # The audit stands above this room and reads them all, this one included: it is reached by name.
    by_subject = import_module("app.audit").by_subject
    return read_subjects(by_subject(current_app.database, current_app.config["SETTINGS"].heads_file))  # type: ignore[attr-defined]


@bp.get("/source")
@only(ANYONE)
def source() -> Answer:
    """Under which license Jalon is, and its source."""
    return render_template("boards/source.html")


@bp.get("/source/jalon.tar.gz")
@only(ANYONE)
def source_file() -> Answer:
    """The program exactly as it runs here."""
    return Response(
        source_archive(),
        mimetype="application/gzip",
        headers={"Content-Disposition": 'attachment; filename="jalon.tar.gz"'},
    )
