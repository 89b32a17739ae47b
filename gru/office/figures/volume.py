"""What came in, went out and stands open, by channel, site of reception, type or district?

Groups in which fewer than five moved or stand are told together as one (`OTHERS`), with so many that no other can be
deduced from the whole.
"""

import msgspec
from sqlalchemy import Connection

from gru.office.figures.asked import Asked
from gru.office.figures.weekly import together
from projections import durations
from projections.durations import Part
from projections.volumes import MOVED_BY

FEWEST = 5
OTHERS = "*"


class Volume(msgspec.Struct, frozen=True):
    """`before` + `opened` + `reopened` − `closed` = `now`."""

    value: str
    opened: int
    reopened: int
    closed: int
    now: int

    @property
    def before(self) -> int:
        return self.now - self.opened - self.reopened + self.closed

    @property
    def size(self) -> int:
        return self.opened + self.reopened + self.closed + self.now


def volume(connection: Connection, asked: Asked, part: Part) -> tuple[Volume, ...]:
    """The largest first, the small ones together as the last."""
    moved = together(connection, asked, (MOVED_BY, (part,)))
    still = durations.open_by(connection, part, asked.cut.at, asked.departments)
    found = []
    for value in {*moved, *still}:
        opened, reopened, closed = (moved.get(value, {}).get(move, 0) for move in ("opened", "reopened", "closed"))
        found.append(Volume(value, opened, reopened, closed, still.get(value, 0)))
    return _shown(sorted(found, key=lambda one: (-one.opened, -one.size, one.value)))


def _shown(found: list[Volume]) -> tuple[Volume, ...]:
    few = [one for one in found if one.size < FEWEST]
    told = [one for one in found if one.size >= FEWEST]
    while told and 0 < sum(one.size for one in few) < FEWEST:
        few.append(told.pop())
    if not few:
        return tuple(told)
    sums = (sum(getattr(one, name) for one in few) for name in ("opened", "reopened", "closed", "now"))
    return (*told, Volume(OTHERS, *sums))
