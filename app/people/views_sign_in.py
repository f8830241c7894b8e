"""Signing in and out, the demo's one-click doors, and for whom and in which language one is here."""

from flask import abort, g, render_template, request, session
from sqlmodel import Session

from app.kit.forms import read
from app.kit.rules import Refused
from app.kit.web import find, refusals_on
from app.people import demo_doors, signing_in
from app.people.access import ANYONE, SIGNED_IN, acting, at, only, organizations_of
from app.people.entrance import (
    HOME,
    Answer,
    bp,
    go,
    keep_language,
    let_in,
    let_out,
    own_path,
    page_before,
    refused,
    settings,
    visit,
)
from app.people.forms import LanguageForm, NameForm, SignInForm
from app.people.model import Organization, Person, SignIn


@bp.get("/sign-in")
@only(ANYONE)
def sign_in_page() -> Answer:
    """Sign in by password; in a demo, as one of its people."""
    wanted = own_path(request.values.get("next", ""))
    if g.actor is not None and g.get("refusal") is None:
        return go(wanted)
    groups = demo_doors.groups(g.db) if settings().demo else None
    return render_template("people/sign_in.html", next=wanted, groups=groups)


@bp.post("/sign-in")
@only(ANYONE)
@refusals_on("people.sign_in_page")
def sign_in() -> Answer:
    """Let somebody in by their password."""
    form = read(SignInForm)
    answer = signing_in.answer(g.db, form.email, visit(), password_is_right=g.password_is_right, at=at())
    if isinstance(answer, Refused):
        # An ordinary answer: raised, the refusal would take the counted attempt back with it.
        g.refusal, g.actor = answer, None
        return refused(sign_in_page())
    return _enter_as(g.db, answer, form.next)


@bp.post("/sign-in/demo")
@only(ANYONE)
def sign_in_demo() -> Answer:
    """In a demo: become one of its people with one click."""
    if not settings().demo:
        abort(404)
    person = demo_doors.person_named(g.db, read(NameForm).name)
    return _enter_as(g.db, person, "")


def _enter_as(db: Session, person: Person, wanted: str) -> Answer:
    if g.sign_in is not None:
        db.get_one(SignIn, g.sign_in.id).ended_at = at()
    _place, token = signing_in.sign_in(db, person, visit(), at=at())
    session.clear()  # what was there before, its form tokens too, is not carried over
    return keep_language(let_in(go(own_path(wanted)), token), person.language)


@bp.post("/sign-out")
@only(ANYONE)
def sign_out() -> Answer:
    """End the place one is signed in at."""
    if g.sign_in is not None:
        signing_in.leave(g.db, g.sign_in, at=at())
        g.sign_in = None
    session.clear()
    return let_out(go("/sign-in"))


@bp.get("/acting")
@only(SIGNED_IN)
def acting_page() -> Answer:
    """Choose for which of one's organizations to act."""
    return render_template(
        "people/acting.html",
        organizations=organizations_of(g.db, acting().person),
        current=acting().organization,
    )


@bp.post("/acting")
@only(SIGNED_IN)
@refusals_on("people.acting_page")
def act_for() -> Answer:
    """Act for another of one's organizations, in this browser."""
    organization = find(Organization, read(NameForm).name)
    signing_in.act_for(g.db, g.sign_in, organization, by=acting())
    return go(HOME)


@bp.post("/language")
@only(ANYONE)
def speak() -> Answer:
    """Speak French or English from now on."""
    code = read(LanguageForm).language
    if g.actor is not None:
        signing_in.choose_language(g.db, acting().person, code)
    return keep_language(go(page_before()), code)
