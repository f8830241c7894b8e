"""The doors of desktop programs: connected by a person on a page, signed in again by what they alone know."""

from typing import Any

from flask import abort, g, jsonify, render_template, request

from app.kit.forms import read
from app.kit.web import find, refusals_on
from app.people import devices, signing_in
from app.people.access import ANYONE, SIGNED_IN, acting, at, only
from app.people.entrance import Answer, bp, go, keep_language, let_in, visit
from app.people.forms import DeviceForm
from app.people.model import Device
from app.people.tokens import hash_of


@bp.get("/devices/connect")
@only(SIGNED_IN)
def connect_page() -> Answer:
    """Ask the person whether the program they came with may stay signed in."""
    return render_template(
        "people/connect.html",
        challenge=request.values.get("challenge", ""),
        name=request.values.get("name", "")[:120],
    )


@bp.post("/devices")
@only(SIGNED_IN)
@refusals_on("people.connect_page")
def allow_device() -> Answer:
    """Yes, it may."""
    form = read(DeviceForm)
    devices.allow(g.db, form.challenge, form.name, by=acting(), at=at())
    return go("/devices/connected")


@bp.get("/devices/connected")
@only(SIGNED_IN)
def connected_page() -> Answer:
    """Says that it is done; the program, which sees its window come here, fetches its token."""
    return render_template("people/connected.html")


@bp.post("/devices/<name>/end")
@only(SIGNED_IN)
@refusals_on("people.sessions")
def end_device(name: str) -> Answer:
    """Disconnect one of my programs."""
    devices.end_device(g.db, find(Device, name), by=acting(), at=at())
    return go("/sessions#programs")


@bp.post("/devices/token")
@only(ANYONE)
def fetch_token() -> Any:
    """The program shows the secret it began with."""
    token = devices.connect(g.db, _secret("verifier"), g.sign_in, at=at())
    if token is None:
        abort(400)
    return jsonify(token=token)


@bp.post("/devices/session")
@only(ANYONE)
def sign_in_again() -> Answer:
    """The program shows its token, and its window is signed in."""
    known = devices.device_with(g.db, _secret("token"), at=at())
    if known is None:
        abort(400)
    device, person, organization = known
    device.seen_at = at()
    _place, token = signing_in.sign_in(
        g.db, person, visit(), at=at(), organization=organization, device=device
    )
    return keep_language(let_in(jsonify(device=hash_of(device.public_id)[:12]), token), person.language)


def _secret(name: str) -> str:
    said = request.get_json(silent=True)
    value = said.get(name) if isinstance(said, dict) else None
    return value if isinstance(value, str) else ""
