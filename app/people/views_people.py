"""The people of the organization acted for: their list, invitations, roles, closed accounts."""

from flask import g, render_template

from app.kit.forms import read
from app.kit.money import Cents
from app.kit.web import find, refusals_on, say
from app.kit.words import _, language
from app.people import invitations, persons
from app.people.access import SIGNED_IN, acting, at, only
from app.people.entrance import Answer, bp, go, settings
from app.people.forms import InviteForm, RolesForm
from app.people.model import ROLES_OF, Kind, Person, Role


def _roles() -> tuple[Role, ...]:
    return ROLES_OF[Kind(acting().organization.kind)]


def _typed_amount(cents: Cents | None) -> str:
    """An amount as the reader would type it, to stand in a field."""
    if cents is None:
        return ""
    text = f"{cents // 100:,}.{cents % 100:02d}"
    return text.translate(str.maketrans(",.", "\u202f,")) if language() == "fr" else text


@bp.get("/people")
@only(SIGNED_IN)
def people() -> Answer:
    """Everybody who acts for the organization, and those invited."""
    organization = acting().organization
    return render_template(
        "people/people.html", organization=organization, people=persons.colleagues(g.db, organization),
        invited=persons.invited(g.db, organization), is_admin=acting().has(Role.ADMIN), at=at(),
    )  # fmt: skip


@bp.get("/people/invite")
@only(Role.ADMIN)
def invite_page() -> Answer:
    """The form to invite somebody, for those whose invitation would be sent."""
    invitations.require_may_invite(acting())
    return render_template("people/invite.html", organization=acting().organization, roles=_roles())


@bp.post("/people/invite")
@only(Role.ADMIN)
@refusals_on("people.invite_page")
def invite() -> Answer:
    """Mail a link to somebody who shall act for the organization."""
    form = read(InviteForm)
    invitations.invite(g.db, form, base_url=settings().base_url, by=acting(), at=at())
    say(_("The invitation is on its way to %(email)s.", email=form.email))
    return go("/people")


@bp.get("/people/<name>")
@only(SIGNED_IN)
def person(name: str) -> Answer:
    """One person of the organization: their roles, to change for its administrator."""
    found = persons.colleague(g.db, find(Person, name), acting())
    return render_template(
        "people/person.html", colleague=found, person=found.person, organization=acting().organization,
        limit_text=_typed_amount(found.limit_cents), roles=_roles(), is_admin=acting().has(Role.ADMIN),
        is_me=found.person.id == acting().person.id,
    )  # fmt: skip


@bp.post("/people/<name>/roles")
@only(Role.ADMIN)
@refusals_on("people.person")
def change_roles(name: str) -> Answer:
    """Give and end roles."""
    form = read(RolesForm)
    found = find(Person, name)
    persons.change_roles(g.db, found, form.roles(), form.limit, by=acting(), at=at())
    if not form.roles():
        say(_("%(name)s holds no role here any more.", name=found.name))
        return go("/people")
    say(_("The roles of %(name)s are kept.", name=found.name))
    return go(f"/people/{name}")


@bp.post("/people/<name>/closing")
@only(Role.ADMIN)
@refusals_on("people.person")
def disable(name: str) -> Answer:
    """Close a person's account."""
    found = find(Person, name)
    persons.disable(g.db, found, by=acting(), at=at())
    say(_("The account of %(name)s is closed, and every sign-in of theirs has ended.", name=found.name))
    return go("/people")


@bp.post("/people/<name>/invitation")
@only(Role.ADMIN)
@refusals_on("people.people")
def send_again(name: str) -> Answer:
    """Mail a new link; the earlier one stops working."""
    invited = invitations.send_again(
        g.db, find(Person, name), base_url=settings().base_url, by=acting(), at=at()
    )
    say(_("A new link is on its way to %(email)s.", email=invited.person.email))
    return go("/people")


@bp.post("/people/<name>/invitation/end")
@only(Role.ADMIN)
@refusals_on("people.people")
def take_back(name: str) -> Answer:
    """Make an invitation's link useless."""
    invitations.take_back(g.db, find(Person, name), by=acting(), at=at())
    say(_("The invitation was taken back."))
    return go("/people")
