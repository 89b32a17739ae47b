"""How do open cases come to count the right days? In batches, and it may be stopped and run again."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
import structlog
from sqlalchemy import Engine

from gru.domain.case import CorrectCalendar
from gru.domain.events import CommitmentMoved, LegalDateSet
from gru.office.desk import Desk, Done
from gru.office.projector import Projector
from gru.storage.databases import reading
from projections import commitments

BATCH = 50
PATIENCE_SECONDS = 600.0

Progress = Callable[[int, int], None]

logger = structlog.get_logger()


class Corrected(msgspec.Struct, frozen=True):
    """What was looked at and what moved; `failed` are the cases to look at by hand."""

    cases: int = 0
    moved: int = 0
    dates: int = 0
    failed: tuple[str, ...] = ()


class Correcting:
    """Cases that count the right days already say nothing: asked again, it goes on where it was stopped.

    A case that is opened or reopened meanwhile counts the right days by itself.
    """

    def __init__(self, *, desk: Desk, views: Engine, projector: Projector) -> None:
        self._desk = desk
        self._views = views
        self._projector = projector

    def correct(self, *, by: str, progress: Progress | None = None) -> Corrected:
        """Every case whose dates are still to come counts the days the town holds for right."""
        self._projector.catch_up("later", seconds=PATIENCE_SECONDS)
        with reading(self._views) as connection:
            total = commitments.count_open(connection)
        done = Corrected()
        for cases in self._batches():
            done = self._batch(done, cases, by)
            if progress:
                progress(min(done.cases, total), total)
        return done

    def _batches(self) -> Iterator[tuple[str, ...]]:
        after = ""
        while True:
            with reading(self._views) as connection:
                cases = commitments.open_cases(connection, after, BATCH)
            if not cases:
                return
            yield cases
            after = cases[-1]

    def _batch(self, done: Corrected, cases: Sequence[str], by: str) -> Corrected:
        """All in one save; where one of them cannot be corrected, each by itself: it holds up no other."""
        try:
            said = [self._desk.execute_each([[CorrectCalendar(case_id=case)] for case in cases], by=by)]
            failed: list[str] = []
        except Exception:
            said, failed = self._each(cases, by)
        events = [recorded.event for one in said for recorded in one.recorded]
        return Corrected(
            done.cases + len(cases),
            done.moved + sum(isinstance(event, CommitmentMoved) for event in events),
            done.dates + sum(isinstance(event, LegalDateSet) for event in events),
            (*done.failed, *failed),
        )

    def _each(self, cases: Sequence[str], by: str) -> tuple[list[Done], list[str]]:
        said, failed = [], []
        for case in cases:
            try:
                said.append(self._desk.execute(CorrectCalendar(case_id=case), by=by))
            except Exception as error:
                logger.error("calendar of a case cannot be corrected", case=case, error=type(error).__name__)
                failed.append(case)
        return said, failed
