"""The audit's lines, read for a page."""

from collections.abc import Iterable
from dataclasses import dataclass

VERDICT = 9  # the first letters of a line: "     ok  ", "  WRONG  ", "warning  "


@dataclass(frozen=True)
class Checked:
    """What must hold, whether it does, and the rows that break it (of a warning: those to look at)."""

    says: str
    holds: bool
    faults: tuple[str, ...] = ()


def read_lines(lines: Iterable[str]) -> list[Checked]:
    """One check for each line with a verdict; the lines below belong to it."""
    found: list[Checked] = []
    for line in lines:
        verdict = line[:VERDICT].strip()
        if verdict:
            found.append(Checked(line[VERDICT:], verdict != "WRONG"))
        elif found:
            last = found[-1]
            found[-1] = Checked(last.says, last.holds, (*last.faults, line.strip()))
    return found
