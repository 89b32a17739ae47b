"""Are residents satisfied, and how many of those who were asked said so?"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from gru.office.figures.asked import Asked
from projections import ratings
from projections.ratings import By, Opinion, Said

HIGH = 8
"""From this score on somebody is counted as satisfied (domain notes, Services Publics+)."""

FEWEST = 5
OTHERS = ""
NOBODY = Opinion("", 0, (0,) * 11)


class Opinions(msgspec.Struct, frozen=True):
    """`unasked` are scores that nobody had asked for: they count in no rate."""

    whole: Opinion
    unasked: tuple[int, ...]
    said: tuple[Said, ...]


def opinions(connection: Connection, asked: Asked) -> Opinions:
    """Of the letters that left in the period, what had come back by the cut."""
    start, end, cut, only = asked.period.start, asked.period.end, asked.cut.at, _only(asked)
    return Opinions(
        whole=opinion(connection, asked),
        unasked=ratings.unasked(connection, start, end, cut, asked.departments, only=only),
        said=ratings.verdicts(connection, start, end, cut, asked.departments, only=only),
    )


def opinion(connection: Connection, asked: Asked) -> Opinion:
    """All of them together."""
    bounds = (asked.period.start, asked.period.end, asked.cut.at)
    found = ratings.opinions(connection, *bounds, asked.departments, only=_only(asked))
    return found[0] if found else NOBODY


def opinions_by(connection: Connection, asked: Asked, by: By) -> tuple[Opinion, ...]:
    """By group; those with fewer than five answers are one, keyed `OTHERS`, with so many that none can be deduced."""
    bounds = (asked.period.start, asked.period.end, asked.cut.at)
    return hidden(ratings.opinions(connection, *bounds, asked.departments, by, _only(asked)))


def hidden(groups: Sequence[Opinion]) -> tuple[Opinion, ...]:
    """The same groups without those that are too small to stand by themselves."""
    found = sorted(groups, key=lambda one: (one.answered, one.key))
    few = [one for one in found if one.answered < FEWEST]
    told = found[len(few) :]
    while told and 0 < sum(one.answered for one in few) < FEWEST:
        few.append(told.pop(0))
    return (*told, together(few)) if few else tuple(told)


def together(found: Sequence[Opinion]) -> Opinion:
    """All of them as one, keyed `OTHERS`."""
    if not found:
        return NOBODY
    scores = tuple(map(sum, zip(*(one.scores for one in found), strict=True)))
    return Opinion(OTHERS, sum(one.asked for one in found), scores)


def _only(asked: Asked) -> dict[str, str]:
    return {"type": asked.type, "channel": asked.channel, "site": asked.site}
