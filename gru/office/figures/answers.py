"""How long until the town said something: a first word, or a person's answer?

Told as `delays` tells resolution: what was answered in the period, and what was received, followed in cohorts with
what still waits as censored. What was closed without an answer is among those that left.
"""

from bisect import bisect_right

import msgspec
from sqlalchemy import Connection

from gru.domain.statistics import LogRank, histogram, logrank
from gru.domain.town import Town
from gru.office.figures.asked import TENTHS, Asked, day_seconds
from gru.office.figures.delays import Cohort, Spread, cohort_edges, followed, marks
from gru.office.figures.weekly import counts, together
from projections.durations import ANSWERED, FOLLOWED, Answer, unanswered


class Answers(msgspec.Struct, frozen=True):
    waited: Spread
    cohorts: tuple[Cohort, ...]
    compared: LogRank | None
    """The cohorts by the log-rank test."""


def answers(connection: Connection, asked: Asked, town: Town, answer: Answer) -> Answers:
    day, edges = day_seconds(town), cohort_edges(asked.period)
    waited = together(connection, asked, (ANSWERED[answer], (day // TENTHS, answer)))
    ended = [
        (bisect_right(edges, asked.period.edges[week.part]) - 1, units, *((number, 0) if given else (0, number)))
        for week in counts(connection, asked, (FOLLOWED, (day, answer)))
        for given, lengths in week.counts.items()
        for units, number in lengths.items()
    ]
    still = unanswered(connection, answer, edges, asked.cut.at, marks(asked, town))
    found, cohorts = followed(ended, still, asked)
    return Answers(Spread(histogram(waited.items())), cohorts, logrank(found))
