"""What does the report tell beside delays: what hinders the agents, what residents think, what is to be expected?

The same figures as on their own pages, over the period of the report; what is to be expected is read from the weeks
before the cut.
"""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection

from gru.domain.rights import Agent
from gru.domain.town import Town
from gru.office.figures import difficulties, opinions
from gru.office.figures.asked import Asked, Cut, Period, weeks
from gru.office.figures.difficulties import Declared, Groups, Observed
from gru.office.figures.opinions import OTHERS
from gru.office.figures.outlook import Outlook, outlook
from projections import ratings
from projections.ratings import Opinion
from projections.rework import Rewritten

WEEKS = 26
"""From so many weeks the next ones are foreseen, as on their page."""


class Beside(msgspec.Struct, frozen=True):
    """`opinion` is the town's, `before` that of the period before, `opinions` those of departments that may be told."""

    groups: Groups
    declared: Declared
    observed: tuple[Observed, ...]
    rewritten: tuple[Rewritten, ...]
    opinion: Opinion
    before: Opinion
    opinions: dict[str, Opinion]
    outlook: Outlook


def beside(
    connection: Connection, town: Town, agents: Collection[Agent], period: Period, before: Period, cut: Cut
) -> Beside:
    """Of the whole town, whoever reads it."""
    asked = Asked(period=period, cut=cut, departments=tuple(sorted(town.departments)))
    earlier = msgspec.structs.replace(asked, period=before)
    ahead = msgspec.structs.replace(asked, period=weeks(cut.at, WEEKS, town.legal_calendar.zone))
    known = difficulties.groups(town.departments, agents)
    bounds = (period.start, period.end, cut.at)
    said = ratings.opinions(connection, *bounds, asked.departments, "department")
    return Beside(
        groups=known,
        declared=difficulties.declared(connection, asked, known),
        observed=difficulties.observed(connection, asked, known),
        rewritten=difficulties.rewritten(connection, asked),
        opinion=opinions.together(said),
        before=opinions.opinion(connection, earlier),
        opinions={one.key: one for one in opinions.hidden(said) if one.key != OTHERS},
        outlook=outlook(connection, ahead),
    )
