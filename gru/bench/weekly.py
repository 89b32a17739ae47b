"""What does it cost to count a year by the week, for the pages of figures, and to see that all of it is at hand?"""

import math
from dataclasses import dataclass

from gru.bench.meter import Cost
from gru.bench.towns import Town
from gru.office.figures.weekly import plan
from gru.office.subtotals import refresh


@dataclass(frozen=True)
class Kept:
    anew: Cost
    again: Cost


def kept(town: Town) -> Kept:
    """As the clock keeps them, all at once."""
    office = town.office
    whole = plan(office.town.in_force(office.now()), office.now())

    def count() -> None:
        refresh(office.databases.views, whole, office.now, math.inf)

    return Kept(town.meter.cost(count), town.meter.cost(count))
