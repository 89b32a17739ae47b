"""Does the machinery keep up: what waits, since when, and which part has not been heard of?"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Engine, func, select

from gru.office import views
from gru.office.projector import Projector
from gru.office.reactions import POSITION
from gru.storage.access import Access
from gru.storage.archive import Archive
from gru.storage.databases import reading
from gru.storage.log import Log
from gru.storage.seals import Blocks
from gru.storage.work import Sign, Work
from projections.commitments import commitments

MAILBOX = "mailbox:"
"""Begins the name under which a mailbox gives its signs of life; a process has its own name."""

OUTGOING = "outgoing:"
"""Begins the name of a way out: it is heard of only when something leaves, so its silence says nothing."""

PARTS = {"process:worker": "worker", "process:projector": "projector", "process:clock": "clock"}
"""The processes a town cannot do without, by the name of their sign."""

SILENT = timedelta(minutes=15)
"""A mailbox that was not asked for so long is not read; some are asked more seldom than others."""

BLIP = timedelta(minutes=5)
"""A failure that is over within this calls nobody."""

FULL = "is full"
"""What a mailbox says of itself that is read all the same, and takes no new mail: nobody waits for it to pass."""

REFUSED = "facebook_refused"
"""As what it is counted when something came that Meta did not sign."""

A_DAY = timedelta(days=1)

FORGOTTEN = timedelta(days=30)
"""A part not heard of for so long was taken away."""


def in_trouble(sign: Sign, at: datetime) -> bool:
    """Whether somebody must look after this mailbox or way out: it fails for a while, or a mailbox fell silent."""
    idle = at - sign.worked_at if sign.worked_at else None
    if sign.is_failing and FULL in sign.failure:
        return True
    if sign.is_failing:
        return idle is None or idle > BLIP
    return sign.name.startswith(MAILBOX) and idle is not None and idle > SILENT


class Reading(msgspec.Struct, frozen=True):
    """What was seen at one instant. Positions are the log's; `reactions` is `None` when they refuse to start."""

    at: datetime
    position: int
    sealed: int
    reactions: int | None
    lag: dict[str, int]
    parked: int
    effects: int
    failed_effects: int
    oldest_effect: datetime | None
    oldest_message: datetime | None
    timers: int
    oldest_timer: datetime | None
    signs: tuple[Sign, ...]
    unsigned: int = 0

    def age(self, since: datetime | None) -> float:
        """In seconds; 0 for what does not wait."""
        return max(0.0, (self.at - since).total_seconds()) if since else 0.0


class Vitals:
    """Few cheap questions: they may be asked every few seconds."""

    def __init__(
        self,
        *,
        log: Log,
        archive: Archive,
        work: Work,
        projector: Projector,
        blocks: Blocks,
        access: Access,
        views: Engine,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._access = access
        self._archive = archive
        self._work = work
        self._projector = projector
        self._blocks = blocks
        self._views = views
        self._now = now

    def read(self) -> Reading:
        now = self._now()
        backlog = self._work.backlog()
        anchor = self._blocks.anchor()
        timers, oldest_timer = self._timers(now)
        lag: dict[str, int] = {group: self._projector.lag(group) for group in self._projector.groups}
        return Reading(
            at=now,
            position=self._log.head(),
            sealed=anchor.position if anchor else 0,
            reactions=self._work.position(POSITION),
            lag=lag,
            parked=self._parked(),
            effects=backlog.pending,
            failed_effects=backlog.failed,
            oldest_effect=_gone_by(backlog.oldest, now),
            oldest_message=self._archive.oldest_pending(),
            timers=timers,
            oldest_timer=oldest_timer,
            signs=tuple(sign for sign in self._work.signs() if _is_recent(sign, now)),
            unsigned=self._access.attempts(REFUSED, "", A_DAY),
        )

    def metrics(self) -> bytes:
        """The same for Prometheus; no name of a resident and no content stands in it."""
        registry = CollectorRegistry()
        seen = self.read()
        for name, meaning, label, values in _gauges(seen):
            gauge = Gauge(name, meaning, [label] if label else [], registry=registry)
            for value_of, value in values.items():
                (gauge.labels(value_of) if label else gauge).set(value)
        return generate_latest(registry)

    def _parked(self) -> int:
        with reading(self._views) as connection:
            return int(connection.scalar(select(func.count()).select_from(views.parked)) or 0)

    def _timers(self, now: datetime) -> tuple[int, datetime | None]:
        """Promises and legal dates whose warning or end has come and that no clock has noticed."""
        due = commitments.c.next_notice_at
        query = select(func.count(), func.min(due)).where(due.is_not(None), due <= now)
        with reading(self._views) as connection:
            count, oldest = connection.execute(query).one()
        return int(count), oldest


GaugeOf = tuple[str, str, str, dict[str, float]]
"""Name, meaning, name of the label (`""`: none), and the value for each label."""


def _gauges(seen: Reading) -> Iterator[GaugeOf]:
    def one(name: str, meaning: str, value: float) -> GaugeOf:
        return name, meaning, "", {"": value}

    yield one("gru_log_position", "Last position of the log.", seen.position)
    yield one("gru_sealed_position", "Last position that is sealed.", seen.sealed)
    yield one("gru_reactions_lag", "Positions no reaction has looked at; -1: they refuse to start.", _lag(seen))
    lag: dict[str, float] = {group: positions for group, positions in seen.lag.items()}
    yield "gru_projection_lag", "Positions the pages (inline) or reports (later) do not show yet.", "group", lag
    yield one("gru_facts_parked", "Facts a projection could not fold.", seen.parked)
    yield one("gru_effects_pending", "Things to be done: letters to send, receipts to write.", seen.effects)
    yield one("gru_effects_failed", "Things given up or held, waiting for an operator.", seen.failed_effects)
    yield one(
        "gru_effects_oldest_seconds", "How long the oldest thing to be done is overdue.", seen.age(seen.oldest_effect)
    )
    yield one(
        "gru_messages_oldest_seconds",
        "How long the oldest message waits to be taken in.",
        seen.age(seen.oldest_message),
    )
    yield one("gru_timers_late", "Dates that have come and were not noticed.", seen.timers)
    yield one("gru_timers_oldest_seconds", "How long the oldest of these dates is past.", seen.age(seen.oldest_timer))
    heard = [sign for sign in seen.signs if not sign.name.startswith(OUTGOING)]
    yield one("gru_facebook_unsigned", "Webhooks of the last day that Meta did not sign.", seen.unsigned)
    worked = {sign.name: seen.age(sign.worked_at or sign.failed_at) for sign in heard}
    yield "gru_part_silence_seconds", "Since a mailbox or process last worked.", "part", worked
    came = {
        sign.name.removeprefix(MAILBOX): seen.age(sign.message_at)
        for sign in seen.signs
        if sign.name.startswith(MAILBOX) and sign.message_at
    }
    yield "gru_mailbox_silence_seconds", "Since the last message came from a mailbox.", "mailbox", came
    failing: dict[str, float] = {sign.name: float(sign.is_failing) for sign in seen.signs}
    yield "gru_part_failing", "1 when what was last heard of a mailbox or process is a failure.", "part", failing


def _lag(seen: Reading) -> float:
    return -1 if seen.reactions is None else max(0, seen.position - seen.reactions)


def _gone_by(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at <= now else None


def _is_recent(sign: Sign, now: datetime) -> bool:
    return any(at is not None and now - at < FORGOTTEN for at in (sign.worked_at, sign.failed_at))
