"""One's own account: where one is signed in, the password, and what to do when it is forgotten."""

from flask import g, render_template

from app.kit.forms import read
from app.kit.rules import Conflict, Refused
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.people import devices, new_password, persons, signing_in
from app.people.access import ANYONE, SIGNED_IN, acting, at, only
from app.people.entrance import Answer, bp, go, refused, settings, visit
from app.people.forms import AddressForm, ChangePasswordForm, NewPasswordForm
from app.people.model import SignIn
from app.people.passwords import hash_of, require_good


@bp.get("/sessions")
@only(SIGNED_IN)
def sessions() -> Answer:
    """The places where I am signed in."""
    found = signing_in.places(g.db, acting().person, at=at())
    programs = devices.devices_of(g.db, acting().person, at=at())
    return render_template("people/sessions.html", places=found, here=g.sign_in, programs=programs)


@bp.post("/sessions/<name>/end")
@only(SIGNED_IN)
@refusals_on("people.sessions")
def end_session(name: str) -> Answer:
    """Sign out one of the places."""
    signing_in.end(g.db, find(SignIn, name), by=acting(), at=at())
    return go("/sessions")


@bp.post("/sessions/others/end")
@only(SIGNED_IN)
@refusals_on("people.sessions")
def end_other_sessions() -> Answer:
    """Sign out everywhere but here."""
    persons.end_sign_ins(g.db, acting().person, at=at(), but=g.sign_in)
    say(_("You are signed in only here now."))
    return go("/sessions")


@bp.get("/password")
@only(SIGNED_IN)
def password_page() -> Answer:
    """Change one's password."""
    return render_template("people/password.html")


@bp.post("/password")
@only(SIGNED_IN)
@refusals_on("people.password_page")
def change_password() -> Answer:
    """Keep a new password, known the old one."""
    form, person = read(ChangePasswordForm), acting().person
    right = signing_in.is_right(
        g.db, person.email, form.current, visit(), memory_kib=settings().argon2_memory_kib, at=at()
    )
    answer = signing_in.answer(g.db, person.email, visit(), password_is_right=right, at=at())
    if isinstance(answer, Refused):
        # An ordinary answer: raised, the refusal would take the counted attempt back with it.
        is_wrong = answer.message == signing_in.WRONG
        g.refusal = Refused("This is not your present password.", field="current") if is_wrong else answer
        return refused(password_page())
    require_good(form.password)
    kept = hash_of(form.password, settings().argon2_memory_kib)
    new_password.change_password(g.db, person, kept, here=g.sign_in, by=acting(), at=at())
    say(_("Your password is changed. You are signed in only here now."))
    return go("/sessions")


@bp.get("/password/forgotten")
@only(ANYONE)
def forgotten_page() -> Answer:
    """Ask for a link."""
    return render_template("people/forgotten.html")


@bp.post("/password/forgotten")
@only(ANYONE)
@refusals_on("people.forgotten_page")
def forget() -> Answer:
    """Mail a link, if there is such an account."""
    email = read(AddressForm).email
    new_password.ask_for_link(g.db, email, visit(), base_url=settings().base_url, at=at())
    return go("/password/forgotten/sent")


@bp.get("/password/forgotten/sent")
@only(ANYONE)
def link_sent() -> Answer:
    """Says the same whether there is such an account or not."""
    return render_template("people/link_sent.html")


@bp.get("/password/<token>")
@only(ANYONE)
def new_password_page(token: str) -> Answer:
    """What the link in the mail leads to."""
    try:
        new_password.link_of(g.db, token, at=at())
    except Conflict:
        return render_template("people/link_ended.html"), 200 if g.get("refusal") else 410
    return render_template("people/new_password.html", token=token)


@bp.post("/password/<token>")
@only(ANYONE)
@refusals_on("people.new_password_page")
def choose_password(token: str) -> Answer:
    """Keep the password chosen by the link."""
    form = read(NewPasswordForm)
    new_password.link_of(g.db, token, at=at())
    require_good(form.password)
    kept = hash_of(form.password, settings().argon2_memory_kib)
    new_password.choose_password(g.db, token, kept, at=at())
    say(_("Your password is changed. Please sign in with it."))
    return go("/sign-in")
