"""How is a table counted by the ends of an index alone?

Grouping makes a database sort all it reads. Where an index leads through the groups down to an instant, the groups
are found by leaping from one to the next, and each is counted between two ends: nothing is sorted, and nothing is read
that lies outside of the time asked for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Column, ColumnElement, Integer, Select, Table, and_, column, func, select, true, values

from projections.base.fold import Instant

Part = tuple[datetime, datetime]
"""From an instant to before another one."""


def counted(
    table: Table,
    groups: Sequence[str],
    first: Sequence[Any] | None,
    at: str,
    parts: Sequence[Part],
    *where: ColumnElement[bool],
) -> Select[Any]:
    """For each group and each number of a part how many rows there are: the groups' columns, the number, the count.

    `groups` are columns in the order of an index that goes on to `at`; of their first one the `first` values count, or
    all of them.
    """
    known = _present(table, groups, first, *where)
    time = between(parts, "_".join(groups))
    mine = and_(*where, *(table.c[name] == known.c[name] for name in groups))
    number = select(func.count()).where(mine, table.c[at] >= time.c.begins, table.c[at] < time.c.ends)
    named = (known.c[name] for name in groups)
    found = select(*named, time.c.part, number.correlate(known, time).scalar_subquery())
    return found.select_from(known.join(time, true())).where(known.c[groups[-1]].is_not(None))


def between(parts: Sequence[Part], called: str) -> CTE:
    """The parts as a table: `part` is the number, from 0, of what lasts from `begins` to before `ends`."""
    shape = values(column("part", Integer), column("begins", Instant()), column("ends", Instant()), name="time_parts")
    return shape.data([(number, *part) for number, part in enumerate(parts)]).cte(f"parts_{called}")


def _present(table: Table, groups: Sequence[str], first: Sequence[Any] | None, *where: ColumnElement[bool]) -> CTE:
    """Which groups there are; the last column is NULL once for each of those before."""
    found: CTE | None = None
    for depth, name in enumerate(groups):
        if first is not None and depth == 0:
            one = values(column(name, table.c[name].type), name=f"each_{name}").data(
                [(value,) for value in dict.fromkeys(first)]
            )
            found = one.cte(f"first_{'_'.join(groups)}")
        else:
            found = _deeper(table, groups, depth, found, *where)
    assert found is not None
    return found


def _deeper(table: Table, groups: Sequence[str], depth: int, before: CTE | None, *where: ColumnElement[bool]) -> CTE:
    """One column more: of each group before, its least value, and from each value the next."""
    *outer, name = groups[: depth + 1]
    mine: Column[Any] = table.c[name]

    def least(group: CTE | None, *further: ColumnElement[bool]) -> ColumnElement[Any]:
        same = () if group is None else (table.c[one] == group.c[one] for one in outer)
        found = select(func.min(mine)).where(*where, *same, *further)
        return (found if group is None else found.correlate(group)).scalar_subquery().label(name)

    begins = select(least(before))
    if before is not None:
        begins = select(*(before.c[one] for one in outer), least(before)).where(before.c[outer[-1]].is_not(None))
    steps = begins.cte(f"group_{depth}_{'_'.join(groups)}", recursive=True)
    following = select(*(steps.c[one] for one in outer), least(steps, mine > steps.c[name]))
    return steps.union_all(following.where(steps.c[name].is_not(None)))
