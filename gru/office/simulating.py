"""What would the last twelve months have looked like under other rules?

A simulation reads the cases received in that time in batches, as the log held them at one position, judges each under
the rules in force at its reception (as its own history says) and under the others, and counts. How far it has come is
a row, so that it may be stopped and gone on with; it writes nothing but rows of *work*.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy import Engine

from gru.domain.errors import NotNow
from gru.domain.rights import Scope
from gru.domain.simulating import (
    BY_DEPARTMENT,
    BY_TYPE,
    BY_WEEK,
    BetterOrWorse,
    Changes,
    Judge,
    Tally,
    Unjudged,
    changed,
    compare,
    official,
)
from gru.office.deeds import NotYet
from gru.office.town_hall import TownBook
from gru.storage.databases import reading
from gru.storage.schema import flips
from gru.storage.simulations import Flipped, Run, Simulations, TriedRule
from gru.storage.work import Effect, Work
from projections import promises
from projections.base import within
from projections.promises import PastCase, Place

KIND = "simulate"
MONTHS = timedelta(days=365)
BATCH = 1000
SLICE_SECONDS = 5.0
"""A worker gives way to others after so long; the next slice goes on."""

KEPT = timedelta(days=30)
"""How long what a simulation found can be looked at."""

MOST_AT_ONCE = 3
PAGE = 50


class Simulating:
    def __init__(
        self,
        *,
        views: Engine,
        work: Work,
        simulations: Simulations,
        town: TownBook,
        projected: Callable[[], int],
        now: Callable[[], datetime],
        batch: int = BATCH,
    ) -> None:
        self._batch_size = batch
        self._views = views
        self._work = work
        self._simulations = simulations
        self._town = town
        self._projected = projected
        self._now = now

    # --- asking ---

    def ask(self, changes: Changes, base: int, by: str, pauses: TriedRule = "version", *, queued: bool = True) -> Run:
        """Begin one over the last twelve months, cut where the log is read up to now; a worker does it if `queued`."""
        at = [run for run in self._simulations.latest() if run.asked_by == by and run.state in ("waiting", "running")]
        if queued and len(at) >= MOST_AT_ONCE:
            raise NotNow("Others that were asked for are still running: wait for one to end, or stop it.", field="busy")
        now, position = self._now(), self._projected()
        changed(self._town.version(base), changes)
        start = now - MONTHS
        with reading(self._views) as connection:
            total = promises.count(connection, start, now, position)
        run = Run(
            id=secrets.token_hex(16),
            asked_by=by,
            asked_at=now,
            start_at=start,
            end_at=now,
            ends_at=now + KEPT,
            position=position,
            town_version=base,
            changes=changes,
            pauses=pauses,
            behind_at=start,
            total=total,
            tally=Tally(),
        )
        self._simulations.begin(run)
        if queued:
            self._queue(run.id)
        return run

    def stop(self, id: str) -> bool:
        return self._simulations.turn(id, "stopped", from_=("waiting", "running"))

    def go_on(self, id: str, *, queued: bool = True) -> bool:
        """Begin again where it was stopped or given up."""
        if not self._simulations.turn(id, "waiting", from_=("stopped", "failed")):
            return False
        if queued:
            self._queue(id)
        return True

    def _queue(self, id: str) -> None:
        now = self._now()
        key = f"{KIND}:{id}:{secrets.token_hex(4)}"
        self._work.add_effects([Effect(key=key, kind=KIND, payload={"case": id, "reply": ""}, next_at=now)])

    # --- doing ---

    def perform(self, id: str, reply: str, cause: str) -> None:
        """One slice of it, as an effect; `NotYet` while something is left."""
        run = self._simulations.run(id)
        if run is None or run.state not in ("waiting", "running"):
            return
        if self.go(run, SLICE_SECONDS).state in ("waiting", "running"):
            raise NotYet(self._now())

    def give_up(self, id: str, reply: str, cause: str) -> None:
        self._simulations.turn(id, "failed", from_=("waiting", "running"))

    def go(
        self, run: Run, seconds: float = float("inf"), progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Run:
        """Go on with it for some time, one batch at least; how it stands after."""
        town = self._town.version(run.town_version)
        rule = None if run.pauses == "version" else run.pauses
        judge, zone = Judge(changed(town, run.changes), rule), town.legal_calendar.zone
        until = time.monotonic() + seconds
        while run.state in ("waiting", "running"):
            after = self._batch(run, judge, zone)
            if after is None:
                return self._simulations.run(run.id) or run
            run = after
            progress(run.done, run.total)
            if time.monotonic() >= until:
                break
        return run

    def _batch(self, run: Run, judge: Judge, zone: ZoneInfo) -> Run | None:
        began = time.process_time()
        with reading(self._views) as connection:
            place = Place(run.behind_at, run.behind_case)
            cases = promises.received(connection, place, run.end_at, run.position, self._batch_size)
        found = [flip for case in cases for flip in _judged(case, run, judge, zone)]
        after = replace(
            run,
            state="running" if len(cases) == self._batch_size else "done",
            behind_at=cases[-1].past.received_at if cases else run.behind_at,
            behind_case=cases[-1].past.case_id if cases else run.behind_case,
            done=run.done + len(cases),
            flips=run.flips + len(found),
            milliseconds=run.milliseconds + round((time.process_time() - began) * 1000),
        )
        return after if self._simulations.advance(run, after, found) else None

    # --- showing ---

    def flipped(
        self, id: str, way: BetterOrWorse, kind: str, scope: Scope, page: int, size: int = PAGE
    ) -> tuple[int, list[Flipped]]:
        """The promises that flip this way, of the cases within this scope."""
        return self._simulations.flipped(id, way, kind, within(flips, scope), page, size)


def _judged(case: PastCase, run: Run, judge: Judge, zone: ZoneInfo) -> Iterator[Flipped]:
    """Count one case; what flips in it."""
    was = official(case.past, run.position)
    try:
        would_be = judge.verdict(case.past, run.position)
    except Unjudged:
        run.tally.unjudged += 1
        would_be = was
    comparison = compare(was, would_be, run.end_at)
    week = week_of(case.past.received_at, zone)
    run.tally.add(comparison, {BY_DEPARTMENT: case.department, BY_TYPE: case.type, BY_WEEK: week})
    for flip in comparison.flips:
        yield Flipped(
            case_id=case.past.case_id,
            number=case.number,
            kind=flip.kind,
            way=flip.way,
            type=case.type,
            department=case.department,
            site=case.site,
            confidentiality=case.confidentiality,
            official_due=flip.official_due,
            simulated_due=flip.simulated_due,
            kept_at=flip.kept_at,
        )


def week_of(instant: datetime, zone: ZoneInfo) -> str:
    """The town's week, called by its Monday: `2026-03-02`."""
    day = instant.astimezone(zone).date()
    return (day - timedelta(days=day.weekday())).isoformat()
