"""The parts a paper is made of, from the opening to the signatures. Every text goes in plain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from reportlab.lib.units import mm
from reportlab.platypus.flowables import CondPageBreak, Flowable, KeepTogether, Spacer
from reportlab.platypus.paragraph import Paragraph
from reportlab.platypus.tables import Table

from app.documents.codes import SIZE, square
from app.documents.ink import ACT, ACT_SOFT, LINE, LINE_STRONG, PAPER, TABLE_FACE, glyphs, styles
from app.documents.party import Party
from app.documents.spelling import legible, territory
from app.documents.tables import Band, Column, FootLine, Row, drawn_table, pieces
from app.documents.texts import Texts

GAP = 5 * mm
LONGEST_TERM = 1500


def marked_up(text: str) -> str:
    """Plain text as reportlab's mark-up: nothing a person typed is ever read as a tag."""
    return escape(legible(text, glyphs())).replace("\n", "<br/>")


@dataclass
class Sheet:
    """Collects the parts of one paper in reading order; `texts` gives the shared words of the house."""

    language: str
    on: date
    width: float

    def __post_init__(self) -> None:
        self.texts = Texts("house", self.language, self.on)
        self.story: list[Flowable] = []

    def opening(self, kind: str, title: str, below: str = "") -> None:
        """What the paper is, in the largest type of the page."""
        self.story += [_paragraph(kind, "kind"), Spacer(0, 1.5 * mm), _paragraph(title, "title")]
        if below:
            self.story.append(_paragraph(below, "below_title"))
        self.story.append(Spacer(0, 5 * mm))

    def facts(self, facts: Sequence[tuple[str, str]], columns: int = 4) -> None:
        """Short facts side by side, each under its label; empty ones are left out."""
        cells = [
            [_paragraph(label, "label"), _paragraph(_short(fact), "cell_strong")]
            for label, fact in facts
            if fact
        ]
        if not cells:
            return
        rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
        rows[-1] = rows[-1] + [[]] * (columns - len(rows[-1]))
        rules = [
            TABLE_FACE,
            ("LINEABOVE", (0, 0), (-1, 0), 0.9, ACT),
            ("LINEBELOW", (0, -1), (-1, -1), 0.5, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4 * mm),
            ("TOPPADDING", (0, 0), (-1, -1), 2 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2 * mm),
        ]
        self.story.append(Table(rows, colWidths=[self.width / columns] * columns, style=rules))

    def parties(self, parties: Sequence[tuple[str, Party]]) -> None:
        """Who is who, side by side, with address and identifiers."""
        share = self.width / len(parties)
        blocks = [self._party_block(role, party) for role, party in parties]
        rules = [
            TABLE_FACE,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 5 * mm),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ]
        self.story += [Spacer(0, GAP), Table([blocks], colWidths=[share] * len(parties), style=rules)]

    def heading(self, text: str, room: float = 32) -> None:
        """A heading that never stays alone at the foot of a page: it asks for `room` millimeters."""
        self.story += [CondPageBreak(room * mm), _paragraph(text, "heading")]

    def text(self, text: str) -> None:
        """A paragraph of ordinary text."""
        self.story.append(_paragraph(text, "text"))

    def small(self, text: str) -> None:
        """A paragraph that qualifies what stands above it."""
        self.story.append(_paragraph(text, "small"))

    def points(self, points: Sequence[tuple[str, str]]) -> None:
        """A list of short texts, one a line, each after its mark."""
        self.story += [_paragraph(text, "point", mark) for mark, text in points]

    def terms(self, terms: Sequence[tuple[str, str]]) -> None:
        """Conditions, each with its name at the left so that one finds it again; empty ones are left out."""
        rules = [
            TABLE_FACE,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0.4 * mm),
        ]
        for head, text in terms:
            if text:
                rows = [["", _paragraph(piece, "text")] for piece in pieces(text, LONGEST_TERM)]
                rows[0][0] = _paragraph(head, "cell_strong")
                self.story.append(Table(rows, colWidths=[34 * mm, self.width - 34 * mm], style=rules))

    def callout(self, headline: str, lines: Sequence[str] = ()) -> None:
        """What the reader came for, on a soft ground."""
        parts = [
            _paragraph(headline, "decision"),
            *[_paragraph(piece, "text") for line in lines if line for piece in pieces(line, LONGEST_TERM)],
        ]
        rules = [
            TABLE_FACE,
            ("BACKGROUND", (0, 0), (-1, -1), ACT_SOFT),
            ("LINEBEFORE", (0, 0), (0, -1), 2.5, ACT),
            ("LEFTPADDING", (0, 0), (-1, -1), 6 * mm),
            ("RIGHTPADDING", (0, 0), (-1, -1), 6 * mm),
            ("TOPPADDING", (0, 0), (-1, 0), 4 * mm),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 3 * mm),
            ("TOPPADDING", (0, 1), (-1, -1), 1 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -2), 0),
        ]
        rows = [[part] for part in parts]
        self.story += [Spacer(0, GAP), Table(rows, colWidths=[self.width], style=rules)]

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row | Band],
        foot: Sequence[FootLine] = (),
        notes: Sequence[str] = (),
    ) -> None:
        """A table whose head returns on each page and whose totals and notes stay with its last line."""
        self.story.append(drawn_table(columns, rows, foot, notes, self.width, _paragraph))

    def payment(self, facts: Sequence[tuple[str, str]], code: str, caption: str) -> None:
        """What to write on a transfer, and beside it the same as a code; where there is no code, the facts alone."""
        rows = [
            [_paragraph(label, "label"), _paragraph(_short(fact), "cell_strong")] for label, fact in facts
        ]
        side = SIZE * mm
        plain = [TABLE_FACE, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
        left = Table(rows, colWidths=[34 * mm, self.width - 40 * mm - side], style=plain)
        right: list[Flowable] = [square(code, side), _paragraph(caption, "detail")] if code else []
        beside = Table([[left, right]], colWidths=[self.width - side - 6 * mm, side + 6 * mm], style=plain)
        self.story.append(KeepTogether([beside]))

    def signatures(self, title: str, note: str, blanks: Sequence[Sequence[tuple[str, str]]]) -> None:
        """One box a signatory, of (label, what is already known); an unknown is left blank to write on.

        A box without a known date also gets room for a signature by hand.
        """
        parts: list[Flowable] = [_paragraph(title, "heading")]
        if note:
            parts += [_paragraph(note, "small"), Spacer(0, 1 * mm)]
        for start in range(0, len(blanks), 2):
            pair = [self._signature_box(lines) for lines in blanks[start : start + 2]]
            width = (self.width - GAP) / 2
            cells: list[Table | str] = [pair[0], "", pair[1] if len(pair) > 1 else ""]
            box = [
                TABLE_FACE,
                ("BOX", (0, 0), (0, 0), 0.6, LINE_STRONG),
                ("BACKGROUND", (0, 0), (0, 0), PAPER),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 4 * mm),
                ("TOPPADDING", (0, 0), (-1, -1), 3 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3 * mm),
            ]
            if len(pair) > 1:
                box += [("BOX", (2, 0), (2, 0), 0.6, LINE_STRONG), ("BACKGROUND", (2, 0), (2, 0), PAPER)]
            parts += [Table([cells], colWidths=[width, GAP, width], style=box), Spacer(0, 3 * mm)]
        head, rest = parts[:-2], parts[-2:]
        self.story.append(KeepTogether([*head, *rest]))

    def _party_block(self, role: str, party: Party) -> list[Flowable]:
        country = territory(party.country, self.language)
        block: list[Flowable] = [
            _paragraph(role, "label"),
            _paragraph(_short(party.full_name()), "cell_strong"),
        ]
        block += [_paragraph(_short(line), "cell") for line in (*party.address_lines, country) if line]
        block += [
            _paragraph(_short(line), "detail") for line in party.identifier_lines(self.texts("vat_number"))
        ]
        if party.email:
            block.append(_paragraph(_short(party.email), "detail"))
        return block

    def _signature_box(self, lines: Sequence[tuple[str, str]]) -> Table:
        by_hand = any(label == self.texts("signed_on") and not known for label, known in lines)
        rows = [[_paragraph(label, "label"), _paragraph(_short(known), "cell")] for label, known in lines]
        blank = [
            ("LINEBELOW", (1, at), (1, at), 0.4, LINE_STRONG)
            for at, (_, known) in enumerate(lines)
            if not known
        ]
        heights: list[float | None] = [None] * len(rows)
        if by_hand:
            rows.append([_paragraph(self.texts("signature"), "label"), _paragraph("", "cell")])
            heights.append(16 * mm)
        rules = [
            TABLE_FACE,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1.4 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.2 * mm),
            *blank,
        ]
        return Table(rows, colWidths=[30 * mm, 44 * mm], rowHeights=heights, style=rules)


def _paragraph(text: str, style: str, mark: str | None = None) -> Paragraph:
    return Paragraph(marked_up(text), styles()[style], bulletText=mark)


def _short(text: str) -> str:
    """A name or a fact that fits its corner of the page; no form of the house lets longer ones in."""
    return text if len(text) <= 250 else text[:249] + "…"
