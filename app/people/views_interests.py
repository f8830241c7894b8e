"""Ties of interest: one's own to declare and end, and the register of those one may read."""

from flask import g, render_template, request, url_for

from app.kit.forms import read
from app.kit.web import find, refusals_on, say
from app.kit.words import _, local_day
from app.people import declaring
from app.people.access import SIGNED_IN, acting, at, only, organizations_of
from app.people.entrance import Answer, bp, go
from app.people.forms import EndForm, InterestForm
from app.people.model import Interest, Organization, TieKind
from app.people.wording import kind_word, tie_meaning, tie_word


@bp.get("/interests")
@only(SIGNED_IN)
def interests() -> Answer:
    """What I declared, and a form to declare one more."""
    wanted = request.args.get("organization", "")
    meant = find(Organization, wanted).name if wanted else ""
    return render_template(
        "people/interests.html", declared=declaring.own(g.db, acting()),
        kind_options=[(kind.value, tie_word(kind), tie_meaning(kind)) for kind in TieKind],
        belongs_facts=[
            {"label": kind_word(found), "value": found.name, "url": url_for("people.show", name=found.public_id)}
            for found in organizations_of(g.db, acting().person)
        ],
        suggestions=declaring.suggestions(g.db), today=local_day(at()), meant=meant,
    )  # fmt: skip


@bp.post("/interests")
@only(SIGNED_IN)
@refusals_on("people.interests")
def declare_interest() -> Answer:
    """Declare a tie."""
    form = read(InterestForm)
    meant = declaring.organization_called(g.db, form.organization)
    declaring.declare(
        g.db, meant, kind=form.kind, starts_on=form.starts_on, ends_on=form.ends_on, note=form.note,
        by=acting(), at=at(),
    )  # fmt: skip
    say(_("Your tie to %(organization)s is declared.", organization=meant.name))
    return go("/interests")


@bp.post("/interests/<name>/end")
@only(SIGNED_IN)
@refusals_on("people.interests")
def end_interest(name: str) -> Answer:
    """Say when a tie ends."""
    interest = declaring.require_own(find(Interest, name), acting())
    declaring.end(g.db, interest, ends_on=read(EndForm).ends_on, by=acting(), at=at())
    say(_("The last day of this tie is kept."))
    return go("/interests")


@bp.get("/interests/register")
@only(SIGNED_IN)
def interests_register() -> Answer:
    """The ties declared by our people; for the fund and its auditors, by everybody."""
    found, further = declaring.register(g.db, acting(), before=request.args.get("after", "")[:40])
    return render_template(
        "people/interests_register.html", rows=found, further=further, today=local_day(at()),
        of_everybody=acting().sees_everything,
    )  # fmt: skip
