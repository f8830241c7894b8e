"""Organizations: their list for the fund, a page each, the fund's decisions, their own details."""

from flask import g, render_template, request

from app.kit.forms import read
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.people import persons, rules, vat_checks
from app.people.access import ANYONE, SIGNED_IN, acting, at, only
from app.people.countries import countries, country_name
from app.people.entrance import Answer, bp, go
from app.people.forms import ContactForm, IdentityForm, ReasonForm, VatNumberForm
from app.people.interests import ties
from app.people.invitations import waiting_invitations
from app.people.model import Kind, Organization, OrganizationState, Role


@bp.get("/organizations")
@only(SIGNED_IN)
def index() -> Answer:
    """Every organization, the newest first; for the fund and its auditors."""
    if not acting().sees_everything:
        raise Missing
    state = request.args.get("state", "")
    if state not in {*OrganizationState, ""}:
        raise Missing
    text = request.args.get("q", "").strip()[:100]
    found, further = rules.list_organizations(
        g.db, state=state, text=text, before=request.args.get("after", "")[:40]
    )
    return render_template(
        "people/organizations.html", organizations=found, further=further, state_shown=state, q=text,
        counts=rules.count_by_state(g.db),
    )  # fmt: skip


@bp.get("/organizations/<name>")
@only(ANYONE)
def show(name: str) -> Answer:
    """One organization: who it is for everybody, its details for the fund and its own people."""
    found = find(Organization, name)
    actor = g.actor
    sees_all = rules.require_visible(g.db, found, actor)
    is_officer = actor is not None and actor.is_fund and actor.has(Role.OFFICER) and found.kind != Kind.FUND
    tied = ties(g.db, actor, {found.id}, at=at(), roles=[Role.OFFICER]) if is_officer else []
    return render_template(
        "people/organization.html", organization=found, sees_all=sees_all,
        country=country_name(found.country),
        decides=is_officer and not tied,
        tied=tied,
        edits=actor is not None and actor.organization.id == found.id and actor.has(Role.ADMIN),
        people=persons.colleagues(g.db, found) if sees_all else [],
        waiting=len(waiting_invitations(g.db, found, at())) if sees_all else 0,
        looked_up=vat_checks.latest(g.db, found) if sees_all else None,
        found_word=vat_checks.found_word,
        is_in_register=vat_checks.is_registered_there(found),
        asks_register=is_officer and vat_checks.is_registered_there(found),
        corrects_number=actor is not None and actor.organization.id == found.id and actor.has(Role.ADMIN)
        and vat_checks.may_correct(g.db, found),
    )  # fmt: skip


def _decidable(name: str) -> Organization:
    found = find(Organization, name)
    rules.require_visible(g.db, found, acting())
    return found


@bp.post("/organizations/<name>/verification")
@only(Role.OFFICER)
@refusals_on("people.show")
def verify(name: str) -> Answer:
    """Let an organization act."""
    found = rules.verify(g.db, _decidable(name), by=acting(), at=at())
    say(_("%(name)s is verified and can take part from now on.", name=found.name))
    return go(f"/organizations/{name}")


@bp.post("/organizations/<name>/rejection")
@only(Role.OFFICER)
@refusals_on("people.show")
def reject(name: str) -> Answer:
    """Turn an application down."""
    rules.reject(g.db, _decidable(name), read(ReasonForm).reason, by=acting(), at=at())
    return go(f"/organizations/{name}")


@bp.post("/organizations/<name>/suspension")
@only(Role.OFFICER)
@refusals_on("people.show")
def suspend(name: str) -> Answer:
    """Stop an organization from taking on anything new."""
    rules.suspend(g.db, _decidable(name), read(ReasonForm).reason, by=acting(), at=at())
    return go(f"/organizations/{name}")


@bp.post("/organizations/<name>/reinstatement")
@only(Role.OFFICER)
@refusals_on("people.show")
def reinstate(name: str) -> Answer:
    """Let a suspended organization act again."""
    rules.reinstate(g.db, _decidable(name), by=acting(), at=at())
    return go(f"/organizations/{name}")


@bp.post("/organizations/<name>/vat-lookup")
@only(Role.OFFICER)
@refusals_on("people.show")
def look_up_vat(name: str) -> Answer:
    """Have the register asked about the VAT number once more."""
    vat_checks.ask_again(g.db, _decidable(name), by=acting(), at=at())
    say(_("VIES is being asked. Its answer appears here within a minute."))
    return go(f"/organizations/{name}")


@bp.post("/organizations/<name>/vat-number")
@only(Role.ADMIN)
@refusals_on("people.show")
def correct_vat(name: str) -> Answer:
    """Put a VAT number right that the register does not know."""
    vat_checks.correct(g.db, _own(name), read(VatNumberForm).vat_number, by=acting(), at=at())
    say(_("The number is kept, and VIES is being asked."))
    return go(f"/organizations/{name}")


def _own(name: str) -> Organization:
    found = find(Organization, name)
    if found.id != acting().organization.id:
        raise Missing
    return found


@bp.get("/organizations/<name>/details")
@only(Role.ADMIN)
def details_page(name: str) -> Answer:
    """The details of one's own organization, to change."""
    found = _own(name)
    return render_template(
        "people/details.html", organization=found, countries=countries(), country=country_name(found.country),
        all_of_it=rules.may_change_identity(found),
    )  # fmt: skip


@bp.post("/organizations/<name>/details")
@only(Role.ADMIN)
@refusals_on("people.details_page")
def change_details(name: str) -> Answer:
    """Keep what was changed."""
    found = _own(name)
    if rules.may_change_identity(found):
        rules.change_identity(g.db, found, read(IdentityForm), by=acting(), at=at())
    else:
        rules.change_contact(g.db, found, read(ContactForm), by=acting(), at=at())
    say(_("The details are kept."))
    return go(f"/organizations/{name}")
