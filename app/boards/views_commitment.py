"""The page of a year: what was meant and what was done, for one's own organization or, at the fund, for all of them."""

import csv
import io
import re
from typing import Annotated

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import StringConstraints

from app.boards import commitments
from app.boards.doors import bp, harmless
from app.estimates.shown import written_amount
from app.kit.forms import Amount, Count, Form, ShortLine, read
from app.kit.rules import Missing, require
from app.kit.web import refusals_on, say
from app.kit.words import _, local_day
from app.people.access import SIGNED_IN, acting, at, only
from app.people.commitments import MAY_COMMIT, commit_to
from app.people.model import Kind

COLUMNS = (
    "organization", "year", "currency", "developers", "per developer", "meant", "paid", "returned", "given", "worked",
    "done", "missing", "matched",
)  # fmt: skip


class CommitmentForm(Form):
    """So many developers, so much for each."""

    year: Annotated[ShortLine, StringConstraints(pattern=r"^20\d\d$")]
    developers: Count
    per_developer: Amount


@bp.get("/commitment")
@only(SIGNED_IN)
def commitment() -> ResponseReturnValue:
    """A year of our organization, or of every organization for the fund."""
    year, rows = _asked()
    ours = None if acting().sees_everything else rows[0]
    present = local_day(at()).year
    return render_template(
        "boards/commitment.html",
        year=str(year), rows=rows, ours=ours, total=commitments.total(rows), currency=g.operator.currency,
        year_tabs=[
            {"label": str(one), "url": url_for(".commitment", year=one), "current": one == year}
            for one in (present - 1, present, present + 1)
        ],
        per_developer_typed=written_amount(ours.commitment.per_developer_cents) if ours and ours.commitment else "",
        may_commit=ours is not None and acting().has(*MAY_COMMIT) and acting().is_verified,
    )  # fmt: skip


@bp.post("/commitment")
@only(*MAY_COMMIT)
@refusals_on("boards.commitment")
def commit() -> ResponseReturnValue:
    """Say what our organization means to put in."""
    if acting().organization.kind != Kind.CORPORATE:
        raise Missing
    form = read(CommitmentForm)
    commit_to(
        g.db,
        int(form.year),
        developers=form.developers,
        per_developer_cents=form.per_developer,
        by=acting(),
        at=at(),
    )
    say(_("What your organization means to put in is kept."))
    return redirect(url_for(".commitment", year=form.year), 303)


@bp.get("/commitment.csv")
@only(SIGNED_IN)
def commitment_file() -> ResponseReturnValue:
    """The same as a file: amounts without VAT and fee, with a point before the cents."""
    year, rows = _asked()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        said = row.commitment
        amounts = (
            said.per_developer_cents if said else 0, row.meant_cents, row.paid_cents, row.returned_cents,
            row.given_cents, row.worked_cents, row.done_cents, row.missing_cents, row.matched_cents,
        )  # fmt: skip
        written = [_written(cents) for cents in amounts]
        writer.writerow((
            harmless(row.organization.name), year, g.operator.currency, said.developers if said else 0, *written,
        ))  # fmt: skip
    return Response(
        # With the mark that tells spreadsheets it is UTF-8.
        "\ufeff" + text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="commitment-{year}.csv"'},
    )


def _asked() -> tuple[int, list[commitments.OneYear]]:
    actor = acting()
    present = local_day(at()).year
    typed = request.args.get("year", "")
    is_year = re.fullmatch(r"2[01]\d\d", typed) is not None
    require(not typed or is_year, "“%(typed)s” is not a year. Write it like 2026.", typed=typed[:40])
    year = int(typed) if typed else present
    if actor.sees_everything:
        return year, commitments.years_of(g.db, year, g.operator.zone)
    if actor.organization.kind != Kind.CORPORATE:
        raise Missing
    return year, commitments.years_of(g.db, year, g.operator.zone, actor.organization.id)


def _written(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
