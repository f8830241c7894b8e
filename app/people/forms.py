"""What people type in this room, read into plain classes."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from app.kit.forms import AmountIfAny, Day, DayIfAny, Form, Line, LineIfAny, ShortLine, Text, TextIfAny, Tick
from app.kit.money import DECIMALS, BasisPoints
from app.kit.rules import Refused
from app.people.countries import CODES
from app.people.model import Kind, Role, TieKind

HIGHEST_FEE: BasisPoints = 2500
ADDRESS = re.compile(r"[^\s@<>,;:\"()\\]{1,64}@[^\s@<>,;:\"()\\]{1,120}\.[a-zA-Z0-9-]{2,}")
PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?")


def _wrong(refusal: Refused) -> PydanticCustomError:
    return PydanticCustomError("refused", "refused", {"refusal": refusal})


def _email(value: Any) -> str:
    text = str(value).strip().lower()
    if not text:
        raise _wrong(Refused("Please enter an e-mail address."))
    if len(text) > 180 or not ADDRESS.fullmatch(text):
        raise _wrong(
            Refused("“%(typed)s” is not an e-mail address. Write it like ada@example.org.", typed=text[:60])
        )
    return text


def _percent(value: Any) -> BasisPoints:
    if isinstance(value, int):
        return value
    text = re.sub(r"[\s\u00a0\u202f%]", "", str(value))
    match = PERCENT.fullmatch(text)
    rate = int(Decimal(f"{match[1]}.{match[2] or 0}") * 100) if match else HIGHEST_FEE + 1
    if rate > HIGHEST_FEE:
        raise _wrong(Refused("Please enter a percentage between 0 and 25, such as 5 or 2.5."))
    return rate


def _one_of(known: Any) -> AfterValidator:
    def checked(value: str) -> str:
        if value not in (known() if callable(known) else known):
            raise _wrong(Refused("Please choose one of the answers."))
        return value

    return AfterValidator(checked)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """The time zones an operator may live in."""
    return (*sorted(name for name in available_timezones() if name.startswith("Europe/")), "UTC")


Email = Annotated[str, BeforeValidator(_email)]
Percent = Annotated[int, BeforeValidator(_percent)]
Country = Annotated[str, _one_of(CODES)]
Password = Annotated[str, StringConstraints(max_length=1000)]
Language = Literal["fr", "en"]


class ContactForm(Form):
    """What an organization may always change about itself."""

    street: Line
    postcode: Annotated[Line, StringConstraints(max_length=20)]
    city: Annotated[Line, StringConstraints(max_length=60)]
    email: Email
    about: TextIfAny = ""


class IdentityForm(ContactForm):
    """All an organization says about itself: what the fund verifies, and how to reach it."""

    name: Annotated[Line, StringConstraints(max_length=160)]
    country: Country
    legal_form: Annotated[Line, StringConstraints(max_length=60)]
    registration_number: Annotated[ShortLine, StringConstraints(max_length=40)]
    vat_number: ShortLine = ""
    is_public_body: Tick = False


class ApplyForm(IdentityForm):
    """An organization that wants to come, with its first person."""

    kind: Literal[Kind.CORPORATE, Kind.MAINTAINER]
    person_name: Annotated[Line, StringConstraints(max_length=120)]
    person_email: Email
    language: Language = "fr"


class DonationsForm(Form):
    """Where gifts go, and what is told to who wants to give."""

    donations_address: Annotated[LineIfAny, StringConstraints(max_length=300)] = ""
    donations_words: Annotated[TextIfAny, StringConstraints(max_length=2000)] = ""


class StartForm(IdentityForm, DonationsForm):
    """The chapter that will run this Jalon, and its first person."""

    currency: Annotated[str, _one_of(DECIMALS)] = "EUR"
    languages: Literal["fr,en", "en,fr", "fr", "en"] = "fr,en"
    zone: Annotated[str, _one_of(zones)] = "Europe/Paris"
    fee: Percent
    legal_note: Annotated[TextIfAny, StringConstraints(max_length=1000)] = ""
    person_name: Annotated[Line, StringConstraints(max_length=120)]
    person_email: Email
    person_language: Language = "fr"


class StartDoorForm(StartForm):
    """The start form as it is sent: with the code the server printed, and a password."""

    start_code: ShortLine
    password: Password


class VatNumberForm(Form):
    """A VAT number put right."""

    vat_number: ShortLine


class ReasonForm(Form):
    """Why the fund decides against an organization."""

    reason: Annotated[Text, StringConstraints(max_length=1000)]


class RolesForm(Form):
    """What a person may do for one organization; a box for each role."""

    admin: Tick = False
    member: Tick = False
    buyer: Tick = False
    approver: Tick = False
    finance: Tick = False
    officer: Tick = False
    treasurer: Tick = False
    arbitrator: Tick = False
    auditor: Tick = False
    limit: AmountIfAny = None

    def roles(self) -> frozenset[Role]:
        """The roles whose box is ticked."""
        return frozenset(role for role in Role if getattr(self, role.value))


class InterestForm(Form):
    """A tie a person declares."""

    organization: Line
    kind: TieKind
    starts_on: Day
    ends_on: DayIfAny = None
    note: Annotated[TextIfAny, StringConstraints(max_length=500)] = ""


class EndForm(Form):
    """The last day of a tie."""

    ends_on: Day


class InviteForm(RolesForm):
    """Somebody invited to act for an organization."""

    name: Annotated[Line, StringConstraints(max_length=120)]
    email: Email
    language: Language = "fr"


class AcceptForm(Form):
    """The invited person's own answer: how they are called, and a password."""

    name: Annotated[Line, StringConstraints(max_length=120)]
    password: Password
    language: Language = "fr"


class SignInForm(Form):
    """Who comes in, and where they wanted to go."""

    email: Annotated[LineIfAny, StringConstraints(max_length=200)] = ""
    password: Password = ""
    next: Annotated[str, StringConstraints(max_length=2000)] = ""


class AddressForm(Form):
    """Somebody who forgot their password."""

    email: Email


class NewPasswordForm(Form):
    """A password chosen anew."""

    password: Password


class ChangePasswordForm(NewPasswordForm):
    """A password changed by the one who knows it."""

    current: Password


class LanguageForm(Form):
    """The language pages speak from now on."""

    language: Language


class DeviceForm(Form):
    """A desktop program to be connected, by the name its person gives that computer."""

    challenge: Annotated[str, StringConstraints(max_length=64)]
    name: Annotated[Line, StringConstraints(max_length=120)]


class NameForm(Form):
    """Points at one thing by its public name."""

    name: Annotated[str, StringConstraints(max_length=40)]
