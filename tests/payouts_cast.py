"""What is owed to a maintainer and what the bank was asked to send, for the tests of payouts."""

from sqlmodel import select

from app.payouts.model import Payout
from app.rails.sandbox import OUT, SandboxLine
from tests.money_stage import Stage


def the_payout(stage: Stage) -> Payout:
    """The maintainer's payout."""
    return stage.payouts()[0]


def sent_lines(stage: Stage) -> list[SandboxLine]:
    """What the bank was asked to send, in order."""
    query = select(SandboxLine).where(SandboxLine.direction == OUT).order_by(SandboxLine.id)  # type: ignore[arg-type]
    return stage.look(lambda db: list(db.exec(query)))


def owed(stage: Stage) -> None:
    """The first milestone is accepted, 7 200 owed to the maintainer, whose account is named."""
    stage.fund()
    stage.name_account()
    stage.accepted()
