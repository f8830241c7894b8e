"""What papers are printed with: typeface, colors, paragraph styles and the surveyor's pole."""

from functools import cache
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent / "fonts"
REGULAR, SEMIBOLD = "SourceSansPro", "SourceSansPro-Semibold"
# Tables set a face for empty cells too: without this rule Helvetica slips in, and it is not embedded.
TABLE_FACE = ("FONTNAME", (0, 0), (-1, -1), REGULAR)

INK, INK_SECOND = HexColor("#1c242c"), HexColor("#55606b")
LINE, LINE_STRONG = HexColor("#ddd7ca"), HexColor("#bfb7a6")
PAPER, ACT, ACT_SOFT = HexColor("#f7f5f0"), HexColor("#0f4c63"), HexColor("#e3eef2")
POLE, DRAFT = HexColor("#c23b22"), HexColor("#efebe2")


@cache
def glyphs() -> frozenset[int]:
    """Loads the typeface once a process; gives the characters that both of its styles can draw."""
    covered = []
    for name, file in ((REGULAR, "SourceSansPro-Regular.ttf"), (SEMIBOLD, "SourceSansPro-Semibold.ttf")):
        font = TTFont(name, str(FONTS / file))
        pdfmetrics.registerFont(font)
        covered.append(frozenset(font.face.charToGlyph))
    return covered[0] & covered[1]


def _style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
    options: dict[str, Any] = {
        "fontName": REGULAR,
        "textColor": INK,
        "allowWidows": 0,
        "allowOrphans": 0,
        "bulletFontName": REGULAR,
    }
    return ParagraphStyle(name, fontSize=size, leading=leading, **(options | more))


@cache
def styles() -> dict[str, ParagraphStyle]:
    """The paragraph styles by name; a paper uses no other."""
    glyphs()
    second: dict[str, Any] = {"textColor": INK_SECOND}
    strong: dict[str, Any] = {"fontName": SEMIBOLD}
    known = [
        _style("kind", 11, 14, textColor=ACT, **strong),
        _style("title", 23, 27, spaceAfter=2 * mm, **strong),
        _style("below_title", 11, 15, **second),
        _style("heading", 13, 17, spaceBefore=7 * mm, spaceAfter=2.5 * mm, **strong),
        _style("text", 9.5, 13.5, spaceAfter=1.5 * mm),
        _style("point", 9.5, 13.5, spaceAfter=0.8 * mm, leftIndent=4.5 * mm, bulletFontSize=9.5),
        _style("cell", 9.5, 13),
        _style("cell_strong", 9.5, 13, **strong),
        _style("amount", 9.5, 13, alignment=TA_RIGHT),
        _style("amount_strong", 9.5, 13, alignment=TA_RIGHT, **strong),
        _style("head", 8.5, 11, **second, **strong),
        _style("head_amount", 8.5, 11, alignment=TA_RIGHT, **second, **strong),
        _style("label", 8.5, 11, **second),
        _style("small", 8.5, 11.5, spaceAfter=1.2 * mm, **second),
        _style("below", 9, 12, leftIndent=4.5 * mm, bulletFontSize=9, bulletColor=INK_SECOND, **second),
        _style("band", 9, 12, textColor=ACT, **strong),
        _style("detail", 8.5, 11.5, **second),
        _style("total", 10.5, 15, **strong),
        _style("total_amount", 10.5, 15, alignment=TA_RIGHT, **strong),
        _style("foot", 7.2, 9.2, **second),
        _style("decision", 15, 19, textColor=ACT, **strong),
    ]
    return {style.name: style for style in known}


def draw_pole(canvas: Any, x: float, y: float, height: float) -> None:
    """The surveyor's red and white pole, standing on its point at (x, y)."""
    width = height * 0.19
    point = height * 0.14
    band = (height - point) / 5
    canvas.saveState()
    canvas.setLineWidth(0.35)
    canvas.setStrokeColor(POLE)
    for rank in range(5):
        canvas.setFillColor(POLE if rank % 2 == 0 else HexColor("#ffffff"))
        canvas.rect(x - width / 2, y + point + rank * band, width, band, stroke=1, fill=1)
    tip = canvas.beginPath()
    tip.moveTo(x - width / 2, y + point)
    tip.lineTo(x + width / 2, y + point)
    tip.lineTo(x, y)
    tip.close()
    canvas.setFillColor(INK)
    canvas.drawPath(tip, stroke=0, fill=1)
    canvas.restoreState()
