"""What does one piece of work cost: processor time of this process and of the database, and how many statements?"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from sqlalchemy import event

from gru.bootstrap import Office

LOG_CALLS = ("history", "read", "raw", "head", "append")
_FRAMES = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


class Cost(msgspec.Struct, frozen=True):
    """`cpu` seconds of this process, `database` seconds of the server's processes (0 where it has none of its own)."""

    cpu: float
    database: float
    statements: int

    @property
    def whole(self) -> float:
        return self.cpu + self.database


class Costs:
    """The same work, many times."""

    def __init__(self) -> None:
        self.all: list[Cost] = []

    def add(self, cost: Cost) -> None:
        self.all.append(cost)

    @property
    def cpu(self) -> float:
        return statistics.median(cost.cpu for cost in self.all)

    @property
    def database(self) -> float:
        return statistics.median(cost.database for cost in self.all)

    @property
    def statements(self) -> int:
        """The most that were ever needed."""
        return max(cost.statements for cost in self.all)


class Reading:
    """Filled when the block it was given for ends."""

    cost: Cost = Cost(0, 0, 0)


class Meter:
    """Counts what one office says to its databases: a statement each, and each question to the log or save in it."""

    def __init__(self, office: Office) -> None:
        self._statements = 0
        databases = office.databases
        names = [databases.views.url.database, databases.keys.url.database]
        self._server = _Server(databases.log_url, names) if databases.kind == "postgresql" else None
        for engine in {id(e): e for e in (databases.views, databases.work, databases.archive, databases.keys)}.values():
            event.listen(engine, "before_cursor_execute", self._said)
        for name in LOG_CALLS:
            setattr(office.log, name, self._counted(getattr(office.log, name)))

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        found = Reading()
        said, server = self._statements, self._server
        before = server.seconds() if server else {}
        began = time.process_time()
        yield found
        cpu = time.process_time() - began
        after = server.seconds() if server else {}
        spent = sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())
        found.cost = Cost(cpu, spent, self._statements - said)

    def cost(self, work: Callable[[], object]) -> Cost:
        with self.reading() as found:
            work()
        return found.cost

    def close(self) -> None:
        if self._server:
            self._server.close()

    def _said(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(_FRAMES):
            self._statements += 1

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def counted(*args: Any, **named: Any) -> Any:
            self._statements += 1
            return call(*args, **named)

        return counted


class _Server:
    """The processor time of PostgreSQL's processes that serve this program; nothing if it runs on another machine."""

    def __init__(self, url: str, names: list[str | None]) -> None:
        self._own = psycopg.connect(url, autocommit=True)
        self._names = names
        self._near = self._seconds_of(self._own.info.backend_pid) > 0

    def seconds(self) -> dict[int, float]:
        if not self._near:
            return {}
        mine = self._own.info.backend_pid
        query = "SELECT pid FROM pg_stat_activity WHERE pid <> %s AND datname = ANY(%s)"
        return {pid: self._seconds_of(pid) for (pid,) in self._own.execute(query, (mine, self._names)).fetchall()}

    def close(self) -> None:
        self._own.close()

    @staticmethod
    def _seconds_of(pid: int) -> float:
        """From the scheduler's own account, which is exact to the nanosecond."""
        try:
            return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
        except (OSError, ValueError):
            return 0.0


class Pace:
    """How long the same few thousand steps of Python take, time after time: how quiet is the machine?"""

    STEPS = 20_000

    def __init__(self) -> None:
        self._seconds: list[float] = []

    def feel(self) -> None:
        began = time.process_time()
        total = 0
        for number in range(self.STEPS):
            total += number * number % 7
        self._seconds.append(time.process_time() - began)

    def slowness(self) -> float:
        """How many times as long the steps took in the middle as when the machine was at its quietest."""
        return statistics.median(self._seconds) / min(self._seconds) if self._seconds else 1.0


def middle_ratio(these: Sequence[float], those: Sequence[float]) -> float:
    """Of each pair how many times the second the first is; the median of that."""
    ratios = [this / that for this, that in zip(these, those, strict=True) if that]
    return statistics.median(ratios) if ratios else 0.0
