"""How does a document become a workbook, or a table of text, that any spreadsheet reads and none runs?

Dates are dates and numbers are numbers. What people wrote is never a formula: in a workbook it is stored as text, in a
CSV a sign that begins a formula is put behind an apostrophe.
"""

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from gru.office.papers.documents import Cell, Document, Grid, PaperWords

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Signs with which a spreadsheet begins to calculate."""

_FORMATS = {"": "General", "count": "#,##0", "percent": "0 %", "days": "0.0", "signed": "+0;-0;0"}
_WIDEST = 60
_LONGEST = 32_000
"""Signs in one cell of a workbook."""


def as_csv(document: Document) -> bytes:
    """Semicolons, UTF-8 with its mark, decimal commas, days as ISO 8601; each table after its name."""
    out = StringIO()
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    lines.writerow([safe(document.title)])
    lines.writerows([safe(label), safe(said)] for label, said in (("", document.subtitle), *document.facts) if said)
    for grid in document.grids():
        lines.writerow([])
        lines.writerow([safe(grid.caption)])
        lines.writerow([safe(head) for head in grid.heads])
        lines.writerows([_plain(cell) for cell in row] for row in grid.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def safe(text: str) -> str:
    """Never read as a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _plain(cell: Cell) -> str:
    if cell.day is not None:
        return cell.day.isoformat()
    if cell.number is not None:
        return f"{cell.number:.6f}".rstrip("0").rstrip(".").replace(".", ",")
    return safe(cell.text)


def as_xlsx(document: Document, words: PaperWords, made: datetime) -> bytes:
    """One sheet a table after a sheet that says what it is; the same document gives the same bytes."""
    from xlsxwriter import Workbook  # only who exports a table waits for it to be imported

    out = BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": document.title, "author": document.town, "created": made.replace(tzinfo=None)})
    book.set_calc_mode("manual")
    sheets = _Sheets(book)
    sheets.cover(words.about, document)
    figures = _figures(document, words)
    for grid in (*([figures] if figures else []), *document.grids()):
        sheets.table(grid)
    book.close()
    return out.getvalue()


def _figures(document: Document, words: PaperWords) -> Grid | None:
    """The figures of the first page as a table."""
    found = [figure for chapter in document.chapters for figure in chapter.figures]
    if not found:
        return None
    heads = (words.figure, words.value, words.target, words.trend, words.count, words.sentence)
    rows = tuple(
        (Cell(one.name), one.value, Cell(one.target), Cell(one.trend), Cell(one.count), Cell(one.sentence))
        for one in found
    )
    title = next(chapter.title for chapter in document.chapters if chapter.figures)
    return Grid(title, heads, rows)


class _Sheets:
    """The sheets of one workbook, each under a name of its own."""

    def __init__(self, book: "Workbook") -> None:
        self._book = book
        self._names: set[str] = set()
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._text = book.add_format({"text_wrap": True, "valign": "top"})
        self._day = book.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
        self._numbers = {unit: book.add_format({"num_format": format}) for unit, format in _FORMATS.items()}

    def _sheet(self, wanted: str) -> "Worksheet":
        plain = re.sub(r"[\[\]:*?/\\']", " ", wanted).strip()[:28].strip() or "Table"
        name = next(name for name in _numbered(plain) if name.casefold() not in self._names)
        self._names.add(name.casefold())
        return self._book.add_worksheet(name)

    def cover(self, name: str, document: Document) -> None:
        """What it is, when its figures were cut off, and every word people wrote."""
        sheet = self._sheet(name)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 100)
        sheet.write_string(0, 0, document.title, self._title)
        sheet.write_string(1, 0, document.subtitle)
        row = 3
        for label, said in (*document.facts, *_said(document)):
            sheet.write_string(row, 0, label, self._head if label else self._text)
            sheet.write_string(row, 1, said[:_LONGEST], self._text)
            row += 1

    def table(self, grid: Grid) -> None:
        sheet = self._sheet(grid.caption)
        sheet.write_string(0, 0, grid.caption, self._title)
        for column, head in enumerate(grid.heads):
            sheet.write_string(2, column, head, self._head)
        for number, cells in enumerate(grid.rows, start=3):
            for column, cell in enumerate(cells):
                self._cell(sheet, number, column, cell)
        for column in range(len(grid.heads)):
            longest = max((len(row[column].text) for row in grid.rows if column < len(row)), default=8)
            sheet.set_column(column, column, min(_WIDEST, max(10, longest + 2)))
        sheet.freeze_panes(3, 1)
        if grid.rows and grid.heads:
            sheet.autofilter(2, 0, 2 + len(grid.rows), len(grid.heads) - 1)
        sheet.repeat_rows(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

    def _cell(self, sheet: "Worksheet", row: int, column: int, cell: Cell) -> None:
        if cell.day is not None:
            sheet.write_datetime(row, column, datetime.combine(cell.day, datetime.min.time()), self._day)
        elif cell.number is not None:
            share = cell.number / 100 if cell.unit == "percent" else cell.number
            sheet.write_number(row, column, share, self._number(cell))
        else:
            sheet.write_string(row, column, cell.text[:_LONGEST])

    def _number(self, cell: Cell) -> "Format":
        return self._numbers[cell.unit]


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name[:26]} {number}" for number in range(2, 1000))


def _said(document: Document) -> Iterator[tuple[str, str]]:
    """What stands in words beside the tables."""
    for chapter in document.chapters:
        words = [*chapter.comment]
        for part in chapter.parts:
            words += [said for said in (part.finding, part.note, *part.paragraphs) if said]
        for number, said in enumerate(words):
            yield ("" if number else chapter.title), said
