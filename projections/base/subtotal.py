"""Which counts add up, week by week and department by department, so that what is counted once may be kept?

A question counts the rows of one table that one of their dates places in a part of the time. Its answer for a part and
a department is a tree of counts, which hangs on the rows of that part and department alone: as long as none of those
changes (`Dated`), it need not be counted again (`gru/office/subtotals.py`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, Table, func, select
from sqlalchemy.sql.selectable import CompoundSelect

from projections.base.periods import period_of

Row = dict[str, Any]
Tree = dict[Any, Any]
"""Counts under names and numbers, as deep as the question has parts; whole numbers at the ends."""
Selection = Select[Any] | CompoundSelect[Any]


class Dated(msgspec.Struct, frozen=True):
    """The column whose instant places a row, and all that questions which place it so read of the row besides."""

    name: str
    column: str
    counts: tuple[str, ...]

    def places(self, old: Row | None, new: Row | None) -> Iterable[tuple[str, datetime]]:
        """The departments and instants whose counts are others now that `new` stands where `old` stood."""
        if old is not None and new is not None and all(old[name] == new[name] for name in (self.column, *self.counts)):
            return
        for row in (old, new):
            if row is not None and row[self.column] is not None:
                yield row["department"], row[self.column]


class Question(msgspec.Struct, frozen=True):
    """`ask(edges, departments, *params)` selects for each part between two edges: its number, the department, the
    names under which the tree counts, and the number; or, where `numbers` names them, several numbers.

    `dated` is the name under which the projection places its rows; the selected columns are among its `counts`.
    """

    name: str
    projection: str
    dated: str
    ask: Callable[..., Selection]
    numbers: tuple[str, ...] = ()
    as_of: bool = False
    """`ask` is told besides, as `at`, the instant up to which the rows are looked at."""

    def tree(self, into: Tree, row: Sequence[Any]) -> None:
        """One row of the answer, without its part and department, into the tree."""
        depth = len(row) - (len(self.numbers) or 1)
        for name in row[: depth if self.numbers else depth - 1]:
            into = into.setdefault(name, {})
        if self.numbers:
            for name, number in zip(self.numbers, row[depth:], strict=True):
                into[name] = into.get(name, 0) + int(number)
        else:
            into[row[depth - 1]] = into.get(row[depth - 1], 0) + int(row[depth])


def added(trees: Iterable[Mapping[Any, Any]]) -> Tree:
    """All of them together."""
    total: Tree = {}
    for tree in trees:
        _add(total, tree)
    return total


def _add(into: Tree, tree: Mapping[Any, Any]) -> None:
    for name, below in tree.items():
        if isinstance(below, dict):
            _add(into.setdefault(name, {}), below)
        else:
            into[name] = into.get(name, 0) + below


Bounds = tuple[ColumnElement[int], tuple[ColumnElement[bool], ...]]


def placed(table: Table, column: str, edges: Sequence[datetime], departments: Sequence[str]) -> Bounds:
    """In which part a row lies, and that it lies in one, in one of these departments."""
    part, in_one = period_of(table.c[column], edges)
    return part.label("part"), (in_one, table.c.department.in_(departments))


def counting(table: Table, bounds: Bounds, *names: ColumnElement[Any]) -> Select[Any]:
    """How many rows there are, by part, department and these names."""
    part, conditions = bounds
    named = [name.label(f"name_{number}") for number, name in enumerate(names)]
    groups = (part, table.c.department, *named)
    query = select(*groups, func.count().label("number")).where(*conditions)
    return query.group_by("part", table.c.department, *(name.name for name in named))


def begun(seconds: ColumnElement[int], unit: int) -> ColumnElement[int]:
    """How many units of so many seconds, the last one counted whole."""
    return (seconds + (unit - 1)) // unit
