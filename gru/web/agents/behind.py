"""Which cases stand behind a figure of a report, as its address says?

`compte` names the figure, `du` and `au` the days; `plus-de` leaves those that took no longer than so many working
days, in `etape` where it is named. A passage names its `etape` and the `suivante`, a hand-over goes `de` one
department `vers` another, and `chemin` is a way through the stages. The filters of the queue narrow further, and its
scope has the last word.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gru.domain.town import Town
from gru.office.figures import Asked, Cut, Period, day_seconds
from gru.office.figures.asked import TENTHS
from gru.office.figures.bulk import lots
from gru.office.figures.opinions import HIGH
from gru.web.forms import local_instant
from projections import durations, ratings, stages, volumes
from projections.base import LETTERS, Stage
from projections.durations import Sort
from projections.queue import Filter
from projections.volumes import Move

MOVES: dict[str, Move] = {"entrees": "opened", "sorties": "closed", "retours": "reopened"}
ENDED: dict[str, Sort] = {"closes": "", "en-retard": "late", "transmises": "handed", "retournees": "back", "chemin": ""}
COUNTED = {
    "entrees": "compte.entrees",
    "sorties": "compte.sorties",
    "retours": "compte.retours",
    "resolues": "compte.resolues",
    "nettes": "compte.nettes",
    "recues": "compte.recues",
    "repondues": "compte.repondues",
    "accusees": "compte.accusees",
    "premieres": "compte.premieres",
    "revenues": "compte.revenues",
    "redemandees": "compte.redemandees",
    "lots": "compte.lots",
    "closes": "compte.closes",
    "en-retard": "compte.en_retard",
    "transmises": "compte.transmises",
    "retournees": "compte.retournees",
    "chemin": "compte.chemin",
    "passage": "compte.passage",
    "mains": "compte.mains",
    "ouvertes": "compte.ouvertes",
    "notes-basses": "compte.notes_basses",
}
NEEDED = {"chemin": ("chemin",), "passage": ("etape", "suivante"), "mains": ("de", "vers")}
"""What an address must say besides, for its figure to be one."""
LONGER = "plus-de"
STAGES: dict[str, Stage] = {
    "a-qualifier": "to_qualify",
    "a-attribuer": "to_assign",
    "en-instruction": "in_progress",
    "attente-usager": "waiting_resident",
    "attente-tiers": "waiting_third_party",
    "attente-service": "waiting_service",
    "repondue": "answered",
}
SLUGS = {stage: slug for slug, stage in STAGES.items()}
CLOSED = "close"
FOLLOWING: dict[str, str] = {**STAGES, CLOSED: ""}
_LONGEST = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class Behind:
    """A figure and its time; `longer` in working days."""

    counted: str
    start: datetime
    end: datetime
    longer: Decimal = Decimal(0)
    stage: Stage | None = None
    following: str = ""
    way: str = ""
    giver: str = ""
    taker: str = ""


def read(values: Mapping[str, tuple[str, ...]], zone: ZoneInfo) -> Behind | None:
    """What the address says, when it says all of it."""

    def said(name: str) -> str:
        return values.get(name, ("",))[0]

    counted = said("compte")
    start, end = (local_instant(said(name), zone) for name in ("du", "au"))
    if counted not in COUNTED or start is None or end is None:
        return None
    if not all(said(name) for name in NEEDED.get(counted, ())):
        return None
    return Behind(
        counted,
        start,
        end + timedelta(days=1),
        days_of(said(LONGER)) or Decimal(0),
        stage=STAGES.get(said("etape")),
        following=FOLLOWING.get(said("suivante"), ""),
        way=said("chemin"),
        giver=said("de"),
        taker=said("vers"),
    )


def days_of(written: str) -> Decimal | None:
    """« 6,2 » working days; nothing where that is no number."""
    try:
        days = Decimal(written.replace(",", "."))
    except InvalidOperation:
        return None
    return days if days.is_finite() and 0 < days <= _LONGEST else None


def way_of(letters: str) -> tuple[Stage, ...]:
    """The stages of a way, as far as each letter is one."""
    named = {letter: stage for stage, letter in LETTERS.items()}
    return tuple(named[letter] for letter in letters if letter in named)


def cases(connection: Connection, one: Behind, wanted: Filter, town: Town) -> tuple[str, ...]:
    """Counted by the department of then, as the figure was."""
    departments = wanted.departments or None
    narrowed = {
        "type": wanted.types,
        "channel": wanted.channels,
        "site": wanted.sites,
        "district": wanted.districts,
    }
    if move := MOVES.get(one.counted):
        return volumes.cases(connection, move, one.start, one.end, departments, narrowed=narrowed)
    longer = int(one.longer * TENTHS) * (day_seconds(town) // TENTHS)
    if (sort := ENDED.get(one.counted)) is not None:
        return durations.ended_cases(
            connection, one.start, one.end, departments, sort, way=one.way, stage=one.stage, longer=longer
        )
    if found := _OTHERS.get(one.counted):
        return found(connection, one, departments)
    if one.counted == "lots":
        return _in_lots(connection, one, tuple(departments or town.departments))
    return _rounds(connection, one, departments, longer, narrowed)


def _in_lots(connection: Connection, one: Behind, departments: tuple[str, ...]) -> tuple[str, ...]:
    asked = Asked(period=Period((one.start, one.end)), cut=Cut(0, one.end), departments=departments)
    found = lots(connection, asked)
    query = durations.cases_in_lots(found).limit(1000)
    return tuple(dict.fromkeys(connection.execute(query).scalars())) if found else ()


_Departments = Sequence[str] | None


def _rounds(
    connection: Connection, one: Behind, departments: _Departments, longer: int, narrowed: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    bounds = (one.start, one.end, departments)
    match one.counted:
        case "repondues":
            return durations.answer_cases(connection, "human", *bounds, longer=longer, narrowed=narrowed)
        case "accusees" | "premieres":
            begun = one.counted == "premieres"
            return durations.answer_cases(connection, "heard", *bounds, begun=begun, longer=longer, narrowed=narrowed)
        case "revenues" | "redemandees":
            return durations.cases_back(connection, *bounds, again=one.counted == "redemandees", narrowed=narrowed)
        case _:
            begun, net = one.counted == "recues", one.counted == "nettes"
            return durations.cases(connection, *bounds, begun=begun, longer=longer, net=net, narrowed=narrowed)


def _passed(connection: Connection, one: Behind, departments: _Departments) -> tuple[str, ...]:
    if one.stage is None:
        return ()
    return stages.passed(connection, one.start, one.end, departments, one.stage, one.following)


def _handed_over(connection: Connection, one: Behind, departments: _Departments) -> tuple[str, ...]:
    return stages.handed_over(connection, one.start, one.end, one.giver, one.taker)


def _open(connection: Connection, one: Behind, departments: _Departments) -> tuple[str, ...]:
    return durations.open_cases(connection, one.end, departments)


def _low(connection: Connection, one: Behind, departments: _Departments) -> tuple[str, ...]:
    return ratings.low(connection, one.start, one.end, departments, HIGH)


_OTHERS: dict[str, Callable[[Connection, Behind, _Departments], tuple[str, ...]]] = {
    "passage": _passed,
    "mains": _handed_over,
    "ouvertes": _open,
    "notes-basses": _low,
}
