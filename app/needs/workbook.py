"""Reads a backlog kept in an Excel workbook (XLSX): its cells as they show, formulas as what they came to.

Whatever the file holds, the answer is the text of one table or one `Refused`: it is looked at as an archive before
anything in it is unpacked, and read row by row, no further than a backlog goes.
"""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from app.kit.rules import Refused, refuse, require

LARGEST_UNPACKED = 40 * 1024 * 1024
MOST_PARTS = 500
MOST_SHEETS = 20
MOST_COLUMNS = 100
LAST_ROW = 20_000  # empty rows below a table are common, so many of them are not
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# The first line of a text whose lines are the rows of a sheet, however many lines their cells have.
BY_ROWS = "rows=,"

Row = list[str]


def text_of_workbook(content: bytes, is_ours: Callable[[Row], bool], most_rows: int) -> str:
    """The first visible sheet whose headings are ours, else the first with anything in it, as text with commas.

    Raises `Refused` for what is no workbook, is too large unpacked, or has more than `most_rows` rows.
    """
    _look_at(content)
    first: list[Row] = []
    try:
        for rows in _sheets(content, most_rows):
            headings = next((row for row in rows if any(row)), None)
            if headings and is_ours(headings):
                return _written(rows)
            first = first or (rows if headings else [])
    except Refused:
        raise
    except Exception:  # a workbook can be broken in more ways than anybody could list
        refuse(
            "This workbook cannot be read. In Excel, save it again, or save it as “CSV UTF-8”.", field="file"
        )
    require(first, "This workbook is empty.", field="file")
    return _written(first)


def _look_at(content: bytes) -> None:
    """Refuse what would not be a workbook, or would fill the memory, before anything of it is unpacked."""
    try:
        parts = ZipFile(BytesIO(content)).infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        parts = []
    require(
        any(part.filename == "xl/workbook.xml" for part in parts),
        "This file is not an Excel workbook (XLSX) that can be read. Save it as “CSV UTF-8” and send that file.",
        field="file",
    )
    # No part gives more than it says here: the archive is read no further.
    unpacked = sum(part.file_size for part in parts)
    require(
        len(parts) <= MOST_PARTS and unpacked <= LARGEST_UNPACKED,
        "This workbook is too large: copy the table of needs alone into a new one.",
        field="file",
    )


def _sheets(content: bytes, most_rows: int) -> Iterator[list[Row]]:
    """Each visible sheet with its rows; the empty ones above and between them are kept, so that numbers stay right."""
    # defusedxml stands beside it, and refuses what would unfold in the text.
    from openpyxl.reader.excel import load_workbook

    book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in shown[:MOST_SHEETS]:
            sheet.reset_dimensions()  # a sheet may say it is a million rows long
            yield _rows(sheet, most_rows)
    finally:
        book.close()


def _rows(sheet: Any, most_rows: int) -> list[Row]:
    rows: list[Row] = []
    filled = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)):
        row = [_shown(cell) for cell in cells]
        while row and not row[-1].strip():
            row.pop()
        if row:
            filled += 1
            rows.extend([] for _ in range(number - len(rows)))
            rows.append(row)
        too_many = filled > most_rows + 1 or number >= LAST_ROW
        require(
            not too_many,
            "This file has more than %(most)s rows: please split it.",
            field="file",
            most=most_rows,
        )
    return rows


def _shown(cell: Any) -> str:
    """A cell as people would type it; what a formula came to, and no time of day behind a date."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, timedelta):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return CONTROL.sub("", str(cell))


def _written(rows: list[Row]) -> str:
    """The rows as text; all of them as long as the longest."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    width = max(len(row) for row in rows)
    for row in rows:
        writer.writerow(row + [""] * (width - len(row)))
    return f"{BY_ROWS}\n{text.getvalue()}"
