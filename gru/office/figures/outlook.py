"""What is to be expected of the next six weeks, if nothing changes?

Read from the whole weeks before this one; those before the town's first request tell nothing, nor does the one in
which it came, which was not a whole one.
"""

from datetime import datetime

import msgspec
from msgspec import structs
from sqlalchemy import Connection

from gru.domain.statistics import Forecast, forecast
from gru.office.figures.asked import Asked, Period
from gru.office.figures.kept import standings
from gru.office.figures.weekly import counts
from projections.volumes import MOVED


class Outlook(msgspec.Struct, frozen=True):
    """Each week's number since `weeks[0]`, and what follows; `None` where the history is too short."""

    weeks: tuple[datetime, ...]
    came: tuple[int, ...]
    broken: tuple[int, ...]
    coming: Forecast | None
    breaking: Forecast | None


def outlook(connection: Connection, asked: Asked) -> Outlook:
    edges = asked.period.edges[:-1]
    over = structs.replace(asked, period=Period(edges))
    came, broken = [0] * (len(edges) - 1), [0] * (len(edges) - 1)
    for week in counts(connection, over, (MOVED, ())):
        came[week.part] += week.counts.get("opened", 0)
    for one in standings(connection, over, "resolve"):
        broken[one.part] += one.number * (one.judged and not one.kept)
    first = next((number + 1 for number, one in enumerate(came) if one), len(came))
    if first == 1:
        first = 0
    came, broken = came[first:], broken[first:]
    return Outlook(edges[first:-1], tuple(came), tuple(broken), forecast(came), forecast(broken))
