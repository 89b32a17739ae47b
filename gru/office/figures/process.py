"""How do requests really go: what follows what, from whose hands into whose, by which ways?"""

import csv
import hmac
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from xml.sax.saxutils import quoteattr

import msgspec
from sqlalchemy import Connection

from gru.domain.statistics import histogram, percentile
from gru.office.figures.asked import TENTHS, Asked
from gru.office.figures.stages import by_department
from gru.office.figures.weekly import counts, together
from projections import durations, stages
from projections.base import Stage, Tree, added
from projections.stages import Visit

MOST_VARIANTS = 10
XES = "http://www.xes-standard.org/"


class Edge(msgspec.Struct, frozen=True):
    """`following` (`""`: the closing) came `times` right after `stage`, after a median stay in tenths of a day."""

    stage: Stage
    following: str
    times: int
    median: int | None


class HandOver(msgspec.Struct, frozen=True):
    """How often one department handed cases to another, after having had them for a median time."""

    department: str
    following: str
    times: int
    median: int | None


class Variant(msgspec.Struct, frozen=True):
    """A way through the stages, one letter each, how many rounds went it, and their median time."""

    letters: str
    rounds: int
    median: int | None


class Process(msgspec.Struct, frozen=True):
    """The directly-follows graph, the hand-over matrix and the ways most often gone; medians in tenths of a day."""

    edges: tuple[Edge, ...]
    stays: dict[Stage, tuple[int, int | None]]
    """By stage: how many stays, and their median."""
    hand_overs: tuple[HandOver, ...]
    variants: tuple[Variant, ...]


def process(connection: Connection, asked: Asked, day: int) -> Process:
    """Of what ended in the period; `day` is a working day in open seconds."""
    tenth = day // TENTHS
    follows = together(connection, asked, (stages.FOLLOWS, (tenth,)))
    hands = by_department(counts(connection, asked, (stages.HAND_OVERS, (tenth,))))
    ways = together(connection, asked, (durations.WAYS, (tenth,)))
    return Process(
        edges=tuple(
            Edge(stage, following, *_told(lengths))
            for stage, after in sorted(follows.items())
            for following, lengths in sorted(after.items())
        ),
        stays={stage: _told(added(after.values())) for stage, after in follows.items()},
        hand_overs=_often(
            HandOver(source, target, *_told(lengths)) for source, to in hands.items() for target, lengths in to.items()
        ),
        variants=_often_gone(ways),
    )


def _told(lengths: Mapping[int, int]) -> tuple[int, int | None]:
    """How many there were, and their median."""
    return sum(lengths.values()), percentile(histogram(lengths.items()), 50)


def _often(hands: Iterable[HandOver]) -> tuple[HandOver, ...]:
    return tuple(sorted(hands, key=lambda one: (-one.times, one.department, one.following)))


def _often_gone(ways: Tree) -> tuple[Variant, ...]:
    often = sorted(ways, key=lambda letters: (-sum(ways[letters].values()), letters))
    return tuple(Variant(letters, *_told(ways[letters])) for letters in often[:MOST_VARIANTS])


# --- for programs that mine processes --------------------------------------------------------------------------------

HEADS = ("case", "activity", "start", "complete", "resource", "type", "channel", "open_seconds")


def as_csv(connection: Connection, asked: Asked, secret: bytes, names: Mapping[Stage, str]) -> Iterator[str]:
    """One line a stay, in UTC (ISO 8601), commas between; the cases under names that lead back to nobody, the stages
    under those by which people know them."""
    yield _line(HEADS)
    for visit in _visits(connection, asked):
        yield _line(
            (
                pseudonym(secret, visit.case_id),
                names[visit.stage],
                visit.entered_at.isoformat(),
                visit.left_at.isoformat(),
                visit.department,
                visit.type,
                visit.channel,
                visit.worked,
            )
        )


def as_xes(connection: Connection, asked: Asked, secret: bytes, names: Mapping[Stage, str]) -> Iterator[str]:
    """The same as an XES log (IEEE 1849-2016): a trace for each case, and in it the beginning and end of each stay."""
    yield _XES_HEAD
    for case_id, told in groupby(_visits(connection, asked), key=lambda visit: visit.case_id):
        yield "<trace>" + _said("string", "concept:name", pseudonym(secret, case_id))
        for visit in told:
            yield from _events(visit, names[visit.stage])
        yield "</trace>\n"
    yield "</log>\n"


def pseudonym(secret: bytes, case_id: str) -> str:
    """The same for the same case, and of use to nobody who does not hold the town's secret."""
    return hmac.digest(secret, f"process:{case_id}".encode(), "sha256").hex()[:16]


def _visits(connection: Connection, asked: Asked) -> Iterator[Visit]:
    return stages.visits(connection, asked.period.start, asked.period.end, asked.departments)


def _line(values: Iterable[object]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(values)
    return written.getvalue()


_XES_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="{XES}">
<extension name="Concept" prefix="concept" uri="{XES}concept.xesext"/>
<extension name="Time" prefix="time" uri="{XES}time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="{XES}lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="{XES}org.xesext"/>
<classifier name="Activity" keys="concept:name"/>
"""


def _events(visit: Visit, name: str) -> Iterator[str]:
    for transition, at in (("start", visit.entered_at), ("complete", visit.left_at)):
        yield (
            "<event>"
            + "".join(
                (
                    _said("string", "concept:name", name),
                    _said("string", "lifecycle:transition", transition),
                    _said("date", "time:timestamp", at.isoformat()),
                    _said("string", "org:group", visit.department),
                    _said("string", "type", visit.type),
                    _said("string", "channel", visit.channel),
                    _said("int", "open_seconds", str(visit.worked if transition == "complete" else 0)),
                )
            )
            + "</event>\n"
        )


def _said(kind: str, key: str, value: str) -> str:
    return f"<{kind} key={quoteattr(key)} value={quoteattr(value)}/>"
