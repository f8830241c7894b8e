"""The first start: the operator says who they are, once."""

from collections.abc import Iterable

from flask import g, render_template

from app.kit.forms import read
from app.kit.money import DECIMALS
from app.kit.rules import Refused, refuse
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.people import donations, signing_in
from app.people.access import ANYONE, at, only
from app.people.attempts import count_wrong, has_to_wait
from app.people.countries import countries
from app.people.entrance import Answer, bp, go, keep_language, let_in, refused, settings, visit
from app.people.forms import StartDoorForm, zones
from app.people.operator import found_operator, is_start_code, operator_if_any
from app.people.passwords import hash_of, require_good
from app.people.signing_in import WAIT

START = "the start code"


def pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """Names as the answers of a choice."""
    return [(name, name) for name in names]


@bp.get("/start")
@only(ANYONE)
def start_page() -> Answer:
    """The form of the first start; once it is done, the home."""
    if operator_if_any(g.db) is not None and g.get("refusal") is None:
        return go("/")
    return render_template(
        "people/start.html", countries=countries(), zones=pairs(zones()), currencies=pairs(DECIMALS)
    )


@bp.post("/start")
@only(ANYONE)
@refusals_on("people.start_page")
def start() -> Answer:
    """Found the operator and sign its first person in."""
    form = read(StartDoorForm)
    if has_to_wait(g.db, START, visit(), at=at()):
        refuse(WAIT, field="")
    if not is_start_code(form.start_code, settings()):
        return _wrong_code()
    require_good(form.password)
    donations.require_safe(form.donations_address)
    actor = found_operator(
        g.db, form, password_hash=hash_of(form.password, settings().argon2_memory_kib), at=at()
    )
    _place, token = signing_in.sign_in(g.db, actor.person, visit(), organization=actor.organization, at=at())
    say(_("This Jalon is yours. Invite a treasurer next: payouts need two people."))
    return keep_language(let_in(go("/people/invite"), token), actor.person.language)


def _wrong_code() -> Answer:
    # Shown as an ordinary answer: a refusal would forget the attempt.
    count_wrong(g.db, START, visit(), at=at())
    g.refusal = Refused(
        "This is not the start code. It stands where the server was started.", field="start_code"
    )
    return refused(start_page())
