"""How does the page of a report become a CSV, a workbook or a PDF that shows the same numbers?

The page is the one value all of them are made from. A cell that reads as a number is written as that number; a text
stays a text.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from gru.domain.town import Town
from gru.office.figures import day_seconds
from gru.office.papers import (
    Cell,
    Chapter,
    Document,
    Grid,
    PaperWords,
    Part,
    Picture,
    Press,
    as_csv,
    as_xlsx,
)
from gru.office.papers.documents import Unit
from gru.web.charts.printing import ink
from gru.web.i18n import decimal, t
from gru.web.reports import report_page as page

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_SPACES = "\u202f\u00a0 "
_NUMBER = re.compile(rf"([+\-−]?)(\d{{1,3}}(?:[{_SPACES}]\d{{3}})+|\d+)(?:,(\d+))?(?:[{_SPACES}]*(%|j))?")


def document_of(shown: page.ReportPage, town: Town) -> Document:
    """What the page shows, with how it was asked and what its words mean."""
    parts = tuple(part_of(section) for section in shown.sections)
    return Document(
        town=town.name,
        title=shown.title,
        subtitle=shown.cut,
        facts=((t("pilotage.arrete"), shown.policy), *_filters(shown)),
        chapters=(
            Chapter("figures", t("pilotage.chiffres"), parts=parts),
            Chapter("method", t("rapport.methode"), parts=(Part(paragraphs=definitions(town)),)),
        ),
    )


def _filters(shown: page.ReportPage) -> Iterator[tuple[str, str]]:
    for field in shown.filters:
        yield field.label, next((label for value, label in field.choices if value == field.value), field.value)


def definitions(town: Town) -> tuple[str, ...]:
    """What every figure of delay means."""
    hours = decimal(day_seconds(town) / 3600)
    return t("pilotage.def_jour", heures=hours), t("pilotage.def_part"), t("pilotage.def_petit")


def part_of(section: page.Section) -> Part:
    picture = Picture(str(section.chart), section.finding or section.title, section.key) if section.chart else None
    return Part(
        title=section.title,
        finding=section.finding,
        note=section.note,
        picture=picture,
        grid=grid_of(section.table) if section.table else None,
    )


def grid_of(table: page.DataTable) -> Grid:
    return Grid(table.caption, table.heads, tuple(tuple(cell_of(cell) for cell in row) for row in table.rows))


def cell_of(cell: page.Cell) -> Cell:
    """A cell as it is read, and the number or day it means."""
    if cell.day is not None:
        return Cell(cell.text, day=cell.day)
    number, unit = number_in(cell.text)
    return Cell(cell.text, cell.number if cell.number is not None else number, unit=unit)


def number_in(text: str) -> tuple[float | None, Unit]:
    """« 1 234 », « 87 % », « −4,5 j »: the number it says, and of what kind; nothing for anything else."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None, ""
    sign, whole, digits, unit = found.groups()
    value = float(re.sub(f"[{_SPACES}]", "", whole) + (f".{digits}" if digits else ""))
    kind: Unit = "percent" if unit == "%" else "signed" if sign == "+" else "days" if digits or unit == "j" else "count"
    return (-value if sign in ("-", "−") else value), kind


def words() -> PaperWords:
    return PaperWords(
        page=t("rapport.page", n="{n}", total="{total}"),
        about=t("rapport.feuille"),
        comment=t("rapport.commentaire"),
        figure=t("rapport.chiffre"),
        value=t("rapport.valeur"),
        target=t("rapport.cible"),
        trend=t("rapport.evolution"),
        count=t("rapport.sur"),
        sentence=t("rapport.phrase"),
    )


def made(document: Document, format: str, at: datetime, press: Press, short: str = "") -> bytes:
    """The bytes of one format."""
    if format == "csv":
        return as_csv(document)
    if format == "xlsx":
        return as_xlsx(document, words(), at)
    return press.document(document, words(), ink(), short or document.subtitle)
