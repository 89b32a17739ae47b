"""What are the figures of a report now, and how is each said in French?"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gru.domain.report.words import filled
from gru.domain.rights import Agent
from gru.domain.town import Town
from gru.office import views
from gru.office.figures import Cut
from gru.office.figures.beside import Beside, beside
from gru.office.figures.committee import Summary, summary
from gru.office.figures.named import Named, registry
from gru.office.papers import Cell
from gru.office.papers.documents import Unit
from gru.storage.databases import snapshot
from gru.web import current
from gru.web.i18n import THIN, decimal, number, t

PATIENCE = 2.0
"""Seconds a page waits for what was just recorded to be counted."""

NOTHING = "—"
MINUS = "−"


@dataclass(frozen=True, slots=True)
class Live:
    """Everything counted in one snapshot, and the figures a text may name."""

    town: Town
    summary: Summary
    beside: Beside
    named: Mapping[str, Named]


@contextmanager
def cut_now() -> Iterator[tuple[Connection, Cut]]:
    """The reports as far as they have been folded, all of one moment."""
    office = current.office()
    office.projector.catch_up("later", seconds=PATIENCE)
    with snapshot(office.databases.views) as connection:
        yield connection, Cut(views.stood(connection, "later").position, current.now())


def live(first: date, last: date) -> Live:
    with cut_now() as (connection, cut):
        return counted_at(connection, cut, current.town(), current.agents().values(), first, last)


def counted_at(
    connection: Connection, cut: Cut, town: Town, agents: Collection[Agent], first: date, last: date
) -> Live:
    """The same for any cut: the tables must have been folded up to it."""
    found = summary(connection, town, first, last, cut)
    more = beside(connection, town, agents, found.period, found.before_period, cut)
    return Live(town, found, more, registry(found, more, town))


# --- in French ---------------------------------------------------------------------------------------------------


def percent(value: float | None) -> str:
    return NOTHING if value is None else f"{decimal(value, 0)}{THIN}%"


def in_days(value: float | None) -> str:
    """« 4,2 jours ouvrés »."""
    return NOTHING if value is None else t("rapport.jours", n=_singular(value), valeur=decimal(value))


def signed(value: float) -> str:
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{number(abs(round(value)))}"


def stated(unit: Unit, value: str) -> str:
    """A figure as it was noted beside a text."""
    return _written(unit, float(value)) if value else NOTHING


def _written(unit: Unit, value: float) -> str:
    match unit:
        case "percent":
            return percent(value)
        case "days":
            return in_days(value)
        case "signed":
            return signed(value)
        case _:
            return number(round(value))


def _singular(value: float) -> int:
    """French counts 1,9 as one."""
    return 1 if abs(value) < 2 else 2


def said(figure: Named) -> str:
    """In a sentence; a rate of few cases says of how many."""
    of_answers = "_avis" if figure.code.startswith("satisfaction.") else ""
    if figure.value is None:
        return t("rapport.sans_chiffre") if figure.of is None else t(f"rapport.trop_peu{of_answers}")
    written = _written(figure.unit, figure.value)
    return t(f"rapport.sur_peu{of_answers}", chiffre=written, n=figure.of) if figure.few else written


def meaning(code: str) -> str:
    return t(f"rapport.mesure.{code}")


def told(text: str, named: Mapping[str, Named]) -> tuple[str, ...]:
    """The paragraphs of a text with its figures in their places; a name that is none any more is left to be seen."""
    whole = filled(text, lambda name: said(named[name]) if name in named else f"[{name}]")
    return tuple(part.strip() for part in whole.split("\n\n") if part.strip())


# --- cells -------------------------------------------------------------------------------------------------------


def counted(value: int, href: str = "") -> Cell:
    return Cell(number(value), float(value), unit="count", href=href)


def share_cell(value: float | None, of: int) -> Cell:
    """« 87 % »; of fewer than five nothing is said."""
    shown = value if of >= 5 else None
    return Cell(percent(shown)) if shown is None else Cell(percent(shown), float(round(shown)), unit="percent")


def days_cell(value: float | None, of: int) -> Cell:
    shown = value if of >= 5 else None
    return Cell(NOTHING) if shown is None else Cell(decimal(shown), round(shown, 1), unit="days")
