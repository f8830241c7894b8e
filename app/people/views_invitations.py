"""Coming in: an organization applies, an invited person takes up their invitation."""

from flask import g, render_template

from app.kit.forms import read
from app.kit.rules import refuse, require
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.people import arriving, invitations, rules, signing_in
from app.people.access import ANYONE, SIGNED_IN, acting, at, only
from app.people.attempts import count_mail
from app.people.countries import countries
from app.people.entrance import Answer, bp, go, keep_language, let_in, settings, visit
from app.people.forms import AcceptForm, ApplyForm
from app.people.model import Organization, Person, PersonState
from app.people.passwords import hash_of, require_good
from app.people.signing_in import WAIT


@bp.get("/apply")
@only(ANYONE)
def apply_page() -> Answer:
    """The form of an organization that wants to come."""
    return render_template("people/apply.html", countries=countries())


@bp.post("/apply")
@only(ANYONE)
@refusals_on("people.apply_page")
def apply() -> Answer:
    """Take the application, and mail its first person."""
    form = read(ApplyForm)
    if not count_mail(g.db, form.person_email, visit(), at=at()):
        refuse(WAIT, field="")
    rules.apply(g.db, form, base_url=settings().base_url, at=at())
    return go("/apply/thanks")


@bp.get("/apply/thanks")
@only(ANYONE)
def applied() -> Answer:
    """What happens next. Says the same whoever asked, so that nobody learns who is here."""
    return render_template("people/applied.html")


@bp.get("/invitations/<token>")
@only(ANYONE)
def invitation(token: str) -> Answer:
    """What the link in the mail leads to: a password to choose, or why it no longer works."""
    invitation = invitations.invitation_of(g.db, token)
    person = g.db.get_one(Person, invitation.person_id)
    organization = g.db.get_one(Organization, invitation.organization_id)
    good = invitations.is_good(invitation, at()) and person.state != PersonState.DISABLED
    template = "people/invitation.html" if good else "people/invitation_ended.html"
    return render_template(
        template, token=token, invitation=invitation, person=person, organization=organization,
        roles=invitations.roles_of(invitation), is_new=person.state == PersonState.INVITED,
        may_renew=invitation.invited_by_id is None and person.state in (PersonState.INVITED, PersonState.EXPIRED),
        is_me=g.actor is not None and g.actor.person.id == person.id,
    )  # fmt: skip


@bp.post("/invitations/<token>")
@only(ANYONE)
@refusals_on("people.invitation")
def accept(token: str) -> Answer:
    """Choose a password, and be in."""
    form = read(AcceptForm)
    require(invitations.is_good(invitations.invitation_of(g.db, token), at()), ENDED, status=409)
    require_good(form.password)
    kept = hash_of(form.password, settings().argon2_memory_kib)
    actor = arriving.accept(g.db, token, name=form.name, language=form.language, password_hash=kept, at=at())
    _place, secret = signing_in.sign_in(g.db, actor.person, visit(), organization=actor.organization, at=at())
    return keep_language(let_in(go("/"), secret), form.language)


ENDED = "This invitation is no longer good."


@bp.post("/invitations/<token>/joining")
@only(SIGNED_IN)
@refusals_on("people.invitation")
def join(token: str) -> Answer:
    """Act for one more organization."""
    actor = arriving.join(g.db, token, by=acting(), at=at())
    signing_in.act_for(g.db, g.sign_in, actor.organization, by=actor)
    return go("/")


@bp.post("/invitations/<token>/renewal")
@only(ANYONE)
@refusals_on("people.invitation")
def renew(token: str) -> Answer:
    """Mail a new link to the first person of an organization, in the place of one that came too late."""
    person = g.db.get_one(Person, invitations.invitation_of(g.db, token).person_id)
    if not count_mail(g.db, person.email, visit(), at=at()):
        refuse(WAIT, field="")
    invitations.renew(g.db, token, base_url=settings().base_url, at=at())
    say(_("A new link is in your mail."))
    return go("/apply/thanks")
