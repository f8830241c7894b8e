"""What people type in this room: reasons, and the account they are paid on."""

from typing import Annotated

from pydantic import StringConstraints

from app.kit.forms import Form, Line, ShortLine


class ReasonForm(Form):
    """Why a payout is taken back or held."""

    reason: Annotated[Line, StringConstraints(max_length=200)]


class ApprovalForm(Form):
    """What was shown when it was approved: the hash of exactly that."""

    pinned: Annotated[Line, StringConstraints(max_length=64)]


class ChosenForm(Form):
    """The payouts prepared together, by public name."""

    chosen: Annotated[str, StringConstraints(max_length=4000)] = ""


class ProviderForm(Form):
    """The provider one makes oneself known to."""

    rail: ShortLine


class AccountForm(Form):
    """Where an organization is paid."""

    rail: ShortLine
    holder: Annotated[Line, StringConstraints(max_length=160)]
    account: Annotated[Line, StringConstraints(max_length=60)]
    # The password, once more; a demonstration has none.
    current: Annotated[str, StringConstraints(max_length=200)] = ""
