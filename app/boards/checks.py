"""The audit's lines, read for a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

VERDICT = 9  # the first letters of a line: "     ok  ", "  WRONG  ", "warning  "


@dataclass(frozen=True)
class Checked:
    """What must hold, whether it does, and the rows that break it (of a warning: those to look at)."""

    says: str
    holds: bool
    faults: tuple[str, ...] = ()

    @property
    def grade(self) -> int:
        """0 it fails, 1 somebody should look, 2 it holds: what is wrong is read first."""
        return 0 if not self.holds else 1 if self.faults else 2


@dataclass(frozen=True)
class Subject:
    """What some checks are about, those that fail first."""

    title: str
    checks: tuple[Checked, ...]

    @property
    def failing(self) -> int:
        """How many of its checks do not hold."""
        return sum(check.grade == 0 for check in self.checks)

    @property
    def to_look_at(self) -> int:
        """How many hold, but have something somebody should look at."""
        return sum(check.grade == 1 for check in self.checks)


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


def read_subjects(lines: Mapping[str, Iterable[str]]) -> list[Subject]:
    """The checks by what they are about: subjects where one fails first, else as they come."""
    read = [
        Subject(title, tuple(sorted(read_lines(said), key=lambda check: check.grade)))
        for title, said in lines.items()
    ]
    return sorted(read, key=lambda subject: min((check.grade for check in subject.checks), default=2))
