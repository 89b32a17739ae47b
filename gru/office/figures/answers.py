"""How long until the town said something: a first word, or a person's answer?

Told as `delays` tells resolution: what was answered in the period, and what was received, followed in cohorts with
what still waits as censored. What was closed without an answer is among those that left.
"""

import msgspec
from sqlalchemy import Connection

from gru.domain.statistics import LogRank, histogram, logrank
from gru.domain.town import Town
from gru.office.figures.asked import Asked, day_seconds
from gru.office.figures.delays import Cohort, Spread, cohort_edges, followed
from gru.office.figures.stages import TENTHS
from projections import durations
from projections.durations import Answer


class Answers(msgspec.Struct, frozen=True):
    waited: Spread
    cohorts: tuple[Cohort, ...]
    compared: LogRank | None
    """The cohorts by the log-rank test."""


def answers(connection: Connection, asked: Asked, town: Town, answer: Answer) -> Answers:
    day, edges, at = day_seconds(town), cohort_edges(asked.period), asked.cut.at
    period = asked.period.start, asked.until
    waited = durations.answered(connection, answer, *period, asked.departments, day // TENTHS)
    ended = durations.answers(connection, answer, edges, at, asked.departments, day)
    still = durations.unanswered(connection, answer, edges[0], edges[-1], at, asked.departments)
    counts, cohorts = followed(ended, still, asked, town)
    return Answers(Spread(histogram(waited)), cohorts, logrank(counts))
