"""Tables that break well: the head returns on each page, no line and no total is left alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Protocol

from reportlab.lib.units import mm
from reportlab.platypus.paragraph import Paragraph
from reportlab.platypus.tables import Table

from app.documents.ink import INK, LINE, LINE_STRONG, TABLE_FACE

# Letters a cell may hold before it goes on in a line of its own, in a column of WIDE points, and the height in
# points up to which lines stay together: a page is 680 points high, so that any text finds its place.
LONGEST_CELL, WIDE = 450, 270
TALLEST_BLOCK = 420


class Write(Protocol):
    """Makes a paragraph of a plain text in a named style, after a mark if there is one."""

    def __call__(self, text: str, style: str, mark: str | None = None) -> Paragraph: ...


@dataclass(frozen=True)
class Column:
    """A column with its width in millimeters; the one of width 0 takes the rest and the longest text."""

    title: str
    width: float = 0
    is_amount: bool = False


@dataclass(frozen=True)
class Row:
    """One line of a table and the details below its text, each after the mark if there is one."""

    cells: tuple[str, ...]
    below: tuple[str, ...] = ()
    mark: str | None = None


@dataclass(frozen=True)
class Band:
    """A line of its own that names the lines after it."""

    text: str


@dataclass(frozen=True)
class FootLine:
    """One line of the foot: its label, the amounts under the last columns, whether it is the sum."""

    label: str
    amounts: tuple[str, ...]
    is_sum: bool = False


class _Lines:
    """The table as reportlab wants it: cells, drawing rules, and which lines stay together."""

    def __init__(self, columns: Sequence[Column], widths: Sequence[float], write: Write) -> None:
        self.columns, self.widths, self.write = columns, widths, write
        self.main = next(rank for rank, column in enumerate(columns) if not column.width)
        self.cells: list[list[Any]] = []
        self.heights: list[float] = []
        self.blocks: list[tuple[int, int]] = []
        self.rules: list[tuple[Any, ...]] = [
            TABLE_FACE,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
            ("LEFTPADDING", (1, 0), (-1, -1), 2.5 * mm),
            ("TOPPADDING", (0, 0), (-1, -1), 2 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2 * mm),
        ]

    def head(self) -> None:
        styles = ["head_amount" if column.is_amount else "head" for column in self.columns]
        self._line(
            [self.write(column.title, style) for column, style in zip(self.columns, styles, strict=True)]
        )
        self.rules.append(("LINEBELOW", (0, 0), (-1, 0), 0.8, LINE_STRONG))

    def band(self, band: Band) -> None:
        at = self._line([self.write(band.text, "band")], across=len(self.columns))
        self.rules += [("SPAN", (0, at), (-1, at)), ("TOPPADDING", (0, at), (-1, at), 4 * mm)]
        self.blocks.append((at, at + 1))

    def row(self, row: Row) -> None:
        at = len(self.cells)
        cut = [
            pieces(cell, max(30, int(LONGEST_CELL * width / WIDE)))
            for cell, width in zip(row.cells, self.widths, strict=True)
        ]
        for line in zip_longest(*cut, fillvalue=""):
            self._line([self.write(piece, self._style(rank)) for rank, piece in enumerate(line)])
        for detail in row.below:
            for rank, piece in enumerate(pieces(detail)):
                text = self.write(piece, "below", row.mark if rank == 0 else None)
                self._line([*[""] * self.main, text])
        last = len(self.cells) - 1
        self.rules.append(("LINEBELOW", (0, last), (-1, last), 0.5, LINE))
        if last > at:
            self.rules += [
                ("BOTTOMPADDING", (0, at), (-1, last - 1), 0.5 * mm),
                ("TOPPADDING", (0, at + 1), (-1, last), 0.5 * mm),
            ]
            whole = self._height(at, last) <= TALLEST_BLOCK / 2
            self.blocks += [(at, last)] if whole else [(at, at + 1), (last - 1, last)]

    def foot(self, lines: Sequence[FootLine], notes: Sequence[str]) -> None:
        at = len(self.cells)
        for line in lines:
            self._foot_line(line)
        for rank, note in enumerate(notes):
            row = self._line([self.write(note, "small")], across=len(self.columns))
            above = 3 * mm if rank == 0 else 0
            self.rules += [("SPAN", (0, row), (-1, row)), ("TOPPADDING", (0, row), (-1, row), above)]
            self.rules.append(("BOTTOMPADDING", (0, row), (-1, row), 1 * mm))
        if lines or notes:
            self.rules.append(("TOPPADDING", (0, at), (-1, at), 2.5 * mm))
            self.blocks.append((at - 1, len(self.cells) - 1))

    def keep_blocks(self) -> None:
        """Turns the blocks into rules; those that touch become one, and one too tall gives up its earlier part."""
        kept: list[tuple[int, int]] = []
        for first, last in self.blocks:
            last = min(last, len(self.cells) - 1)
            if kept and first <= kept[-1][1] and self._height(kept[-1][0], last) <= TALLEST_BLOCK:
                first = kept.pop()[0]
            elif kept and first <= kept[-1][1]:
                earlier, _ = kept.pop()
                if first - 1 > earlier:
                    kept.append((earlier, first - 1))
            kept.append((first, last))
        self.rules += [("NOSPLIT", (0, first), (-1, last)) for first, last in kept if last > first]

    def _foot_line(self, line: FootLine) -> None:
        label, amount = ("total", "total_amount") if line.is_sum else ("cell", "amount")
        across = len(self.columns) - len(line.amounts)
        amounts = [self.write(text, amount) for text in line.amounts]
        row = self._line([self.write(line.label, label), *[""] * (across - 1), *amounts], across=across)
        self.rules += [
            ("SPAN", (0, row), (across - 1, row)),
            ("TOPPADDING", (0, row), (-1, row), 1 * mm),
            ("BOTTOMPADDING", (0, row), (-1, row), 1 * mm),
        ]
        if line.is_sum:
            self.rules.append(("LINEABOVE", (0, row), (-1, row), 0.8, INK))

    def _line(self, texts: Sequence[Paragraph | str], *, across: int = 1) -> int:
        """Adds a line and measures it; its first text goes across that many columns. Gives its rank."""
        self.cells.append([*texts, *[""] * (len(self.columns) - len(texts))])
        widths = [sum(self.widths[:across]), *self.widths[1:]]
        tall = [
            text.wrap(width - 5 * mm, TALLEST_BLOCK)[1]
            for text, width in zip(texts, widths, strict=False)
            if isinstance(text, Paragraph)
        ]
        self.heights.append(max(tall) + 4 * mm)
        return len(self.cells) - 1

    def _height(self, first: int, last: int) -> float:
        return sum(self.heights[first : last + 1])

    def _style(self, rank: int) -> str:
        if self.columns[rank].is_amount:
            return "amount"
        return "cell_strong" if rank == self.main else "cell"


def drawn_table(
    columns: Sequence[Column],
    rows: Sequence[Row | Band],
    foot: Sequence[FootLine],
    notes: Sequence[str],
    width: float,
    write: Write,
) -> Table:
    """The table at that width; `write` makes a paragraph of a plain text and a style name."""
    fixed = sum(column.width * mm for column in columns)
    widths = [column.width * mm or width - fixed for column in columns]
    lines = _Lines(columns, widths, write)
    lines.head()
    for row in rows:
        if isinstance(row, Band):
            lines.band(row)
        else:
            lines.row(row)
    lines.foot(foot, notes)
    lines.keep_blocks()
    return Table(lines.cells, colWidths=widths, repeatRows=1, style=lines.rules)


def pieces(text: str, longest: int = LONGEST_CELL) -> list[str]:
    """A text in pieces cut at words and lines: a table line longer than a page could not be printed."""
    found: list[str] = []
    for line in text.split("\n"):
        first, *rest = _cut(line, longest)
        if found and sum(max(len(one), 40) for one in found[-1].split("\n")) + max(len(first), 40) <= longest:
            found[-1] += "\n" + first
        else:
            found.append(first)
        found += rest
    return found


def _cut(line: str, longest: int) -> list[str]:
    parts = []
    while len(line) > longest:
        at = line.rfind(" ", 0, longest)
        at = at if at > 0 else longest
        parts.append(line[:at].rstrip())
        line = line[at:].lstrip()
    return [*parts, line]
