"""The house style: a paper goes in as plain facts and comes out as a PDF, always the same bytes."""

import time
from calendar import timegm
from collections.abc import Callable
from datetime import date
from functools import partial
from io import BytesIO
from typing import Any, Protocol

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.doctemplate import BaseDocTemplate, PageTemplate
from reportlab.platypus.frames import Frame
from reportlab.platypus.paragraph import Paragraph

from app.documents.ink import DRAFT, INK, INK_SECOND, LINE, REGULAR, SEMIBOLD, draw_pole, glyphs, styles
from app.documents.party import Party
from app.documents.sheet import Sheet, marked_up
from app.documents.spelling import legible
from app.documents.texts import LANGUAGES, Texts

SIDE, TOP, BOTTOM = 20 * mm, 30 * mm, 27 * mm
WIDTH = A4[0] - 2 * SIDE


class Paper(Protocol):
    """What every paper offers: who issues it, when, in which language, its name, and how it is drawn."""

    @property
    def language(self) -> str: ...
    @property
    def operator(self) -> Party: ...
    @property
    def issued_on(self) -> date: ...
    @property
    def is_draft(self) -> bool: ...

    def name(self) -> str:
        """Its kind and number, for the head of each page and the title of the file."""

    def draw(self, sheet: Sheet) -> None:
        """Puts its parts on the sheet, in reading order."""


def render(paper: Paper) -> bytes:
    """The paper as PDF bytes. The clock is never read: the file carries the paper's own date.

    Raises ValueError for a language papers are not written in.
    """
    if paper.language not in LANGUAGES:
        raise ValueError(f"Papers are written in {' or '.join(LANGUAGES)}, not in {paper.language!r}.")
    styles()
    sheet = Sheet(paper.language, paper.issued_on, WIDTH)
    paper.draw(sheet)
    page = _Page(paper)
    file = BytesIO()
    template = BaseDocTemplate(
        file,
        pagesize=A4,
        invariant=1,
        lang={"fr": "fr-FR", "en": "en-GB"}[paper.language],
        title=page.name,
        author=page.operator_name,
        subject=page.name,
        creator="Jalon",
        producer="Jalon",
        initialFontName=REGULAR,
        displayDocTitle=True,
    )
    frame = Frame(SIDE, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
    template.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, _: page.draw_head(canvas)))
    template.build(
        sheet.story, canvasmaker=partial(_CountedPages, issued_on=paper.issued_on, foot=page.draw_foot)
    )
    return file.getvalue()


class _Page:
    """What stands on every page around the text: operator, name of the paper, mentions, page x of n."""

    def __init__(self, paper: Paper) -> None:
        self.texts = Texts("house", paper.language, paper.issued_on)
        self.name = legible(paper.name(), glyphs())
        self.operator_name = legible(paper.operator.name, glyphs())
        self.mentions = paper.operator.mentions(self.texts("vat_number"))
        self.is_draft = paper.is_draft

    def draw_head(self, canvas: Any) -> None:
        if self.is_draft:
            self._draw_draft(canvas)
        base = A4[1] - 17 * mm
        draw_pole(canvas, SIDE + 1.2 * mm, base - 1.6 * mm, 8.6 * mm)
        canvas.setFillColor(INK)
        canvas.setFont(SEMIBOLD, 11.5)
        canvas.drawString(SIDE + 5 * mm, base, _fitted(self.operator_name, SEMIBOLD, 11.5, WIDTH * 0.55))
        canvas.setFillColor(INK_SECOND)
        canvas.setFont(REGULAR, 8.5)
        canvas.drawRightString(SIDE + WIDTH, base, _fitted(self.name, REGULAR, 8.5, WIDTH * 0.38))

    def draw_foot(self, canvas: Any, page: int, pages: int) -> None:
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.line(SIDE, BOTTOM - 6 * mm, SIDE + WIDTH, BOTTOM - 6 * mm)
        mentions = Paragraph(marked_up(self.mentions), styles()["foot"])
        _, height = mentions.wrap(WIDTH - 30 * mm, BOTTOM)
        mentions.drawOn(canvas, SIDE, BOTTOM - 8 * mm - min(height, 17 * mm))
        canvas.setFillColor(INK_SECOND)
        canvas.setFont(REGULAR, 8)
        label = self.texts("page", page=str(page), pages=str(pages))
        canvas.drawRightString(SIDE + WIDTH, BOTTOM - 8 * mm - 7.2, label)

    def _draw_draft(self, canvas: Any) -> None:
        canvas.saveState()
        canvas.setFillColor(DRAFT)
        canvas.setFont(SEMIBOLD, 120)
        canvas.translate(A4[0] / 2, A4[1] / 2 - 40)
        canvas.rotate(52)
        canvas.drawCentredString(0, 0, self.texts("draft"))
        canvas.restoreState()


class _CountedPages(Canvas):
    """Keeps the pages until the end, because only then is the number of pages known."""

    def __init__(
        self, *options: Any, issued_on: date, foot: Callable[[Any, int, int], None], **named: Any
    ) -> None:
        super().__init__(*options, **named)
        self._foot = foot
        self._kept: list[dict[str, Any]] = []
        self._date_file(issued_on)

    def showPage(self) -> None:  # noqa: N802  (reportlab's name)
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._kept, start=1):
            self.__dict__.update(page)
            self._foot(self, number, len(self._kept))
            super().showPage()
        super().save()

    def _date_file(self, issued_on: date) -> None:
        """Gives the file the paper's date through reportlab's own stamp, which no other thread sees."""
        stamp: Any = self._doc._timeStamp
        stamp.t = float(timegm(issued_on.timetuple()))
        stamp.lt = time.gmtime(stamp.t)
        stamp.YMDhms = tuple(stamp.lt)[:6]
        stamp.tzname, stamp.dhh, stamp.dmm = "UTC", 0, 0


def _fitted(text: str, font: str, size: float, width: float) -> str:
    """One line of the page's head; the full name also stands in the text and in the foot."""
    line = text.replace("\n", " ")
    if stringWidth(line, font, size) <= width:
        return line
    while line and stringWidth(line + "…", font, size) > width:
        line = line[:-1]
    return line.rstrip() + "…"
