"""The catalogue's doors."""

from typing import Any

from flask import Blueprint, g, redirect, request, url_for

from app.catalogue import rules
from app.catalogue.forms import ReasonForm, SoftwareForm
from app.catalogue.model import Software
from app.kit.forms import read
from app.kit.htmx import page
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.people.access import ANYONE, Actor, acting, at, only, require_role
from app.people.model import Kind, Organization, Role

bp = Blueprint("catalogue", __name__, url_prefix="/software")

LICENSES = (
    "AGPL-3.0-or-later", "Apache-2.0", "BSD-3-Clause", "EUPL-1.2", "GPL-2.0-or-later", "GPL-3.0-or-later",
    "LGPL-2.1-or-later", "LGPL-3.0-or-later", "MIT", "MPL-2.0", "PostgreSQL",
)  # fmt: skip


@bp.get("")
@only(ANYONE)
def index() -> Any:
    """The catalogue by name."""
    text = request.args.get("q", "")
    found = rules.find_software(g.db, text, after=request.args.get("after", ""))
    shown, more = found[: rules.PAGE], len(found) > rules.PAGE
    return page(
        "catalogue/index.html",
        "list",
        text=text,
        shown=shown,
        maintainers=rules.maintainers_of(g.db, shown),
        next_url=url_for("catalogue.index", q=text or None, after=shown[-1].public_id) if more else None,
        is_later=bool(request.args.get("after")),
        may_register=_may_register(g.get("actor")),
    )


def _may_register(actor: Actor | None) -> bool:
    return actor is not None and actor.is_verified and actor.has(Role.MEMBER, Role.OFFICER)


@bp.get("/new")
@only(Role.MEMBER, Role.OFFICER)
def register_page() -> Any:
    """The form to register a software, for those whose software would be taken."""
    require_role(acting(), Role.MEMBER, Role.OFFICER)
    return page("catalogue/register.html", licenses=LICENSES, name=request.args.get("name", ""))


@bp.post("")
@only(Role.MEMBER, Role.OFFICER)
@refusals_on("catalogue.register_page")
def register() -> Any:
    """Register a software."""
    software = rules.register(g.db, read(SoftwareForm), by=acting(), at=at())
    say(_("“%(name)s” is registered.", name=software.name))
    return redirect(url_for("catalogue.show", name=software.public_id), 303)


@bp.get("/<name>")
@only(ANYONE)
def show(name: str) -> Any:
    """One software: where it lives, who maintains it, what is missing in it."""
    software = find(Software, name)
    actor: Actor | None = g.get("actor")
    is_maintainer = actor is not None and actor.is_verified and actor.organization.kind == Kind.MAINTAINER
    return page(
        "catalogue/show.html",
        software=software,
        maintainer=g.db.get(Organization, software.maintainer_id) if software.maintainer_id else None,
        may_claim=is_maintainer
        and software.maintainer_id is None
        and actor is not None
        and actor.has(Role.MEMBER),
        may_end_claim=actor is not None and actor.has(Role.OFFICER) and software.maintainer_id is not None,
        may_write=actor is not None and actor.has(Role.MEMBER) and actor.organization.kind == Kind.CORPORATE,
    )


@bp.post("/<name>/maintainer")
@only(Role.MEMBER)
@refusals_on("catalogue.show")
def claim(name: str) -> Any:
    """Say that one's organization maintains it."""
    software = rules.claim(g.db, find(Software, name), by=acting(), at=at())
    say(_("Your organization now stands as the maintainer of “%(name)s”.", name=software.name))
    return redirect(url_for("catalogue.show", name=name), 303)


@bp.post("/<name>/maintainer/end")
@only(Role.OFFICER)
@refusals_on("catalogue.show")
def end_claim(name: str) -> Any:
    """Take back who maintains it."""
    rules.end_claim(g.db, find(Software, name), reason=read(ReasonForm).reason, by=acting(), at=at())
    say(_("No maintainer is named any more."))
    return redirect(url_for("catalogue.show", name=name), 303)
