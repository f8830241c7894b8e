"""What people type about needs."""

from typing import Literal

from app.catalogue.forms import WebAddressIfAny
from app.kit.forms import AmountIfAny, Count, CountIfAny, DayIfAny, Form, Line, TextIfAny
from app.needs.model import NeedKind


class NeedForm(Form):
    """A need in its organization's words. `software` is a name, a repository's address or a public name."""

    software: Line
    title: Line
    kind: NeedKind = NeedKind.FEATURE
    summary: TextIfAny = ""
    users: CountIfAny = None
    workaround: TextIfAny = ""
    criteria: TextIfAny = ""
    wanted_on: DayIfAny = None
    source_url: WebAddressIfAny = ""
    then: Literal["keep", "publish"] = "keep"


class EndorsementForm(Form):
    """Another organization misses the same: its words, its users and, if it likes, what it might put in."""

    users: Count
    wording: TextIfAny = ""
    budget: AmountIfAny = None
    budget_year: CountIfAny = None
