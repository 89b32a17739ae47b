"""What does a document of figures say, before it is a page, a PDF, a workbook or a table of text?

One value for all of them, so that each shows the same numbers. It holds finished words and typed cells, and can be
kept as canonical JSON.
"""

from datetime import date
from typing import Literal

import msgspec

Unit = Literal["", "count", "percent", "days", "signed"]
"""How a number is written: whole, of a hundred, in days with one decimal, with its sign."""


Mood = Literal["", "good", "bad"]


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """`text` as it is read; `number` or `day` when it is one, rounded as it is shown."""

    text: str
    number: float | None = None
    day: date | None = None
    unit: Unit = ""
    href: str = ""


class Grid(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table; the first cell of each row names it."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Picture(msgspec.Struct, frozen=True, omit_defaults=True):
    """An SVG whose colours are classes; `key` names those classes."""

    svg: str
    alt: str
    key: tuple[tuple[str, str], ...] = ()


class KeyFigure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the first page: what it is, what it should be, how it moved, of how many, in one sentence."""

    name: str
    value: Cell
    target: str
    trend: str
    count: str
    sentence: str
    mood: Mood = ""


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    title: str = ""
    finding: str = ""
    note: str = ""
    picture: Picture | None = None
    grid: Grid | None = None
    paragraphs: tuple[str, ...] = ()


class Chapter(msgspec.Struct, frozen=True, omit_defaults=True):
    """`figures` are those of a first page; `comment` what people wrote beside the numbers."""

    code: str
    title: str
    figures: tuple[KeyFigure, ...] = ()
    parts: tuple[Part, ...] = ()
    comment: tuple[str, ...] = ()
    new_page: bool = False


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """`facts` are what a figure can be found again by: the cut, the version of the town, the filters."""

    town: str
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    chapters: tuple[Chapter, ...]

    def grids(self) -> tuple[Grid, ...]:
        return tuple(part.grid for chapter in self.chapters for part in chapter.parts if part.grid)


class PaperWords(msgspec.Struct, frozen=True):
    """What the maker of a paper says of its own; `page` has the places of a number and of how many there are."""

    page: str
    about: str
    comment: str
    figure: str
    value: str
    target: str
    trend: str
    count: str
    sentence: str
