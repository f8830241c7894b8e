"""What people type about software."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from app.catalogue.addresses import repository_address, web_address
from app.kit.forms import Form, Text, TextIfAny
from app.kit.rules import Refused, require

# An identifier of the SPDX list, or several joined by AND, OR and WITH.
SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")


def refusable(check: Callable[[str], str]) -> Callable[[Any], str]:
    """A rule about one field, as pydantic wants it: its sentence goes beside the field."""

    def checked(value: Any) -> str:
        try:
            return check(str(value or ""))
        except Refused as refusal:
            raise PydanticCustomError("refused", "refused", {"refusal": refusal}) from None

    return checked


def _address_if_any(text: str) -> str:
    return web_address(text) if text.strip() else ""


def _license(text: str) -> str:
    typed = " ".join(text.split())
    require(
        not typed or SPDX.fullmatch(typed),
        "Write the license as its SPDX identifier, like LGPL-2.1-or-later.",
    )
    return typed


WebAddressIfAny = Annotated[str, BeforeValidator(refusable(_address_if_any))]
RepositoryAddress = Annotated[str, BeforeValidator(refusable(repository_address))]
License = Annotated[str, BeforeValidator(refusable(_license)), StringConstraints(max_length=60)]
Name = Annotated[
    str,
    BeforeValidator(
        lambda value: " ".join("".join(c for c in str(value) if c.isprintable() or c.isspace()).split())
    ),
    StringConstraints(min_length=1, max_length=120),
]


def _reason(text: str) -> str:
    require(len(text) <= 1000, "This is too long: %(most)s characters at most.", most=1000)
    return text


Reason = Annotated[Text, AfterValidator(refusable(_reason))]


class SoftwareForm(Form):
    """A software as it is registered."""

    name: Name
    repository_url: RepositoryAddress
    license: License = ""
    about: TextIfAny = ""


class ReasonForm(Form):
    """Why somebody does what others will ask about."""

    reason: Reason
