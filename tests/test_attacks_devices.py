"""A link that asks somebody to allow a program gives nothing to who wrote the link."""

import hashlib
from typing import Any

from flask.testing import FlaskClient

from tests.people_cast import ada
from tests.test_devices import window

__all__ = ["ada", "window"]


def test_the_secret_behind_a_link_sent_by_somebody_else_fetches_nothing_from_elsewhere(
    window: FlaskClient, client: Any
) -> None:
    stranger, verifier = client(), "what the stranger alone knows"
    challenge = hashlib.sha256(verifier.encode()).hexdigest()
    window.post("/devices", data={"challenge": challenge, "name": "Jalon"})
    assert stranger.post("/devices/token", json={"verifier": verifier}).status_code == 400
    assert window.post("/devices/token", json={"verifier": verifier}).status_code == 200
