"""The doors of backlogs: send a file, look at it row by row, post what is new."""

from typing import Any

from flask import g, redirect, request, url_for

from app.kit.htmx import page
from app.kit.rules import require
from app.kit.web import find, refusals_on, say
from app.kit.words import ngettext
from app.needs import posting, rules
from app.needs.doors import bp
from app.needs.model import Backlog
from app.needs.preview import Verdict, preview, require_own
from app.needs.shown import reason_words
from app.people.access import acting, at, only
from app.people.model import Role

SHOWN_ROWS = 200


@bp.get("/backlogs/new")
@only(Role.MEMBER)
def bring_in_page() -> Any:
    """The form to send a backlog."""
    rules.require_writer(acting())
    return page("needs/bring_in.html")


@bp.post("/backlogs")
@only(Role.MEMBER)
@refusals_on("needs.bring_in_page")
def bring_in() -> Any:
    """Take in a backlog, to be looked at before anything is posted."""
    file = request.files.get("file")
    require(file is not None and file.filename, "Please choose a file.", field="file")
    content, file_name = (file.read(), file.filename or "") if file else (b"", "")
    backlog = posting.bring_in(g.db, content, file_name=file_name, by=acting(), at=at())
    return redirect(url_for("needs.backlog", name=backlog.public_id), 303)


@bp.get("/backlogs/<name>")
@only(Role.MEMBER)
def backlog(name: str) -> Any:
    """A backlog row by row: what is new, double or wrong."""
    kept = find(Backlog, name)
    require_own(kept, acting())
    if kept.posted_at is not None:
        return page("needs/posted.html", backlog=kept)
    seen = preview(g.db, kept, reader=acting())
    only_these = request.args.get("show", "")
    after = request.args.get("after", "")
    rows = [judged for judged in seen.rows if not only_these or judged.verdict == only_these]
    rows = [judged for judged in rows if judged.row.line > (int(after) if after.isdecimal() else 0)]
    more = len(rows) > SHOWN_ROWS
    return page(
        "needs/backlog.html",
        backlog=kept,
        rows=[(judged, reason_words(judged)) for judged in rows[:SHOWN_ROWS]],
        next_url=url_for(".backlog", name=name, show=only_these or None, after=rows[SHOWN_ROWS - 1].row.line)
        if more
        else None,
        total=len(seen.rows),
        counts={verdict.value: count for verdict, count in seen.counts.items()},
        new=seen.counts[Verdict.NEW],
        only_these=only_these,
        unused=seen.unused,
    )


@bp.post("/backlogs/<name>/posting")
@only(Role.MEMBER)
@refusals_on("needs.backlog")
def post_backlog(name: str) -> Any:
    """Post the new needs of a backlog, once."""
    posted = posting.post_backlog(g.db, find(Backlog, name), by=acting(), at=at())
    say(ngettext("%(num)s need is posted.", "%(num)s needs are posted.", len(posted)))
    return redirect(url_for("needs.backlog", name=name), 303)
