"""Does the log lose, double or disorder anything when several write, and when a line breaks?"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import OperationalError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from gru.domain.events import CaseAssigned, CaseRegistered, Recorded
from gru.storage.databases import Databases, Kind
from gru.storage.log import Append, Fact, Log, LogUnavailable, LostRace, open_log
from gru.storage.log.envelope import fold_in
from gru.storage.log.postgresql import PostgresqlStore
from tests.forked import forked
from tests.servers import Database
from tests.servers.line import Line
from tests.storage.conftest import AT, new_stream, opened

WRITERS = 4
SAVES = 60


def begin(log: Log, stream: str, *more: CaseRegistered) -> list[Recorded]:
    return log.append([Append(stream, 0, b"", (opened(), *more))], at=AT, by="resident")


# --- one stream, several writers ---------------------------------------------------------------------------------


def test_a_stream_begun_twice_at_once_is_begun_once(log: Log) -> None:
    for _ in range(10):
        stream = new_stream()
        together = threading.Barrier(2)

        def try_to_begin(stream: str = stream, together: threading.Barrier = together) -> list[Recorded] | None:
            together.wait()
            with suppress(LostRace):
                return begin(log, stream)
            return None

        with ThreadPoolExecutor(2) as pool:
            results = [future.result() for future in [pool.submit(try_to_begin) for _ in range(2)]]
        (winner,) = [result for result in results if result]
        assert log.history(stream) == winner


def test_writers_of_one_case_all_get_their_turn(log: Log) -> None:
    stream = new_stream()
    begin(log, stream)

    def assign(agent: int) -> None:
        for turn in range(10):
            while True:
                last = log.history(stream)[-1]
                event = CaseAssigned(agent=f"{agent}/{turn}")
                with suppress(LostRace):
                    log.append([Append(stream, last.version, last.digest, (event,))], at=AT, by=f"agent:{agent}")
                    break

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(assign, range(4)))
    history = log.history(stream)
    assert [recorded.version for recorded in history] == list(range(1, 42))
    agents = [recorded.event.agent for recorded in history if isinstance(recorded.event, CaseAssigned)]
    assert sorted(agents) == sorted(f"{agent}/{turn}" for agent in range(4) for turn in range(10))
    assert [recorded.position for recorded in history] == sorted(recorded.position for recorded in history)


def test_a_log_opened_by_several_at_once_is_made_once(databases: Databases) -> None:
    together = threading.Barrier(4)

    def open_and_begin(_: int) -> int:
        together.wait()
        log = open_log(databases.kind, databases.log_url)
        begin(log, new_stream())
        log.close()
        return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(open_and_begin, range(4))) == 4
    log = open_log(databases.kind, databases.log_url)
    assert len(log.read(0, 10)) == 4
    log.close()


def test_no_save_overtakes_one_that_is_still_being_written(databases: Databases, log: Log) -> None:
    other = open_log(databases.kind, databases.log_url)
    stream = new_stream()
    with ThreadPoolExecutor(1) as pool:
        with log._store.bulk() as bulk:
            bulk.tails([stream])
            bulk.write([fold_in(stream, 1, opened(), AT, "clock", "", b"")])
            overtaking = pool.submit(begin, other, new_stream())
            time.sleep(0.3)
            assert not overtaking.done()
            assert log.read(0, 10) == []
        last = overtaking.result()
    assert [recorded.stream_id for recorded in log.read(0, 10)] == [stream, last[0].stream_id]
    other.close()


# --- several processes, one who follows --------------------------------------------------------------------------


def write_in_a_process(kind: Kind, url: str, writer: int) -> None:
    log = open_log(kind, url)
    for save in range(SAVES):
        if save % 20 == 0:
            log.append_many([Fact(new_stream(), AT, f"agent:{writer}", opened()) for _ in range(50)], batch=25)
        appends = [Append(new_stream(), 0, b"", (opened(), CaseRegistered(number="2026-000001")))] * (1 + save % 2)
        with suppress(LostRace):
            log.append(appends[:1], at=AT, by=f"agent:{writer}")
            log.append(appends, at=AT, by=f"agent:{writer}")  # always lost: on PostgreSQL it leaves a hole
    log.close()


def test_who_follows_four_writing_processes_misses_nothing(databases: Databases, log: Log) -> None:
    followed: list[Recorded] = []
    following = threading.Thread(target=lambda: followed.extend(log.subscribe(0, page=7)))
    following.start()
    job = [(databases.kind, databases.log_url, writer) for writer in range(WRITERS)]
    writers = [forked().Process(target=write_in_a_process, args=arguments) for arguments in job]
    for process in writers:
        process.start()
    for process in writers:
        process.join()
    assert [process.exitcode for process in writers] == [0] * WRITERS

    expected = WRITERS * (2 * SAVES + 50 * (SAVES // 20))
    deadline = time.monotonic() + 30
    while len(followed) < expected and time.monotonic() < deadline:
        time.sleep(0.05)
    written = log.read(0, 2 * expected)
    log.close()
    following.join()
    assert len(written) == expected
    assert followed == written


@pytest.mark.parametrize("writer", ["here", "elsewhere"])
def test_who_waits_is_woken_by_a_write(databases: Databases, log: Log, writer: str) -> None:
    other = log if writer == "here" else open_log(databases.kind, databases.log_url)
    begin(log, new_stream())
    log.wait(0, 5)
    for _ in range(3):
        head = log.head()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(log.wait, head, 30)
            time.sleep(0.1)
            assert not waiting.done()
            begin(other, new_stream())
            asked = time.monotonic()
            assert waiting.result()
            assert time.monotonic() - asked < 1.5  # sooner than by looking again every two seconds
    other.close()


# --- a line that breaks ------------------------------------------------------------------------------------------


@dataclass
class Broken:
    """A log on PostgreSQL whose next save loses its connection before or after the commit."""

    log: Log
    monkeypatch: pytest.MonkeyPatch

    def lose_the_answer(self, rival: Any = None) -> None:
        store = self.log._store
        assert isinstance(store, PostgresqlStore)
        datastore = store._datastore
        connection_of = datastore.get_connection
        lost: list[bool] = []

        @contextmanager
        def losing() -> Iterator[Any]:
            if rival and not lost:
                lost.append(True)
                rival()
                raise OperationalError("the connection was lost before the commit")
            with connection_of() as connection:
                yield connection
            if not lost:
                lost.append(True)
                raise OperationalError("the connection was lost after the commit")

        self.monkeypatch.setattr(datastore, "get_connection", losing)


@pytest.fixture
def broken(postgres_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broken]:
    log = open_log("postgresql", postgres_database.dsn)
    yield Broken(log, monkeypatch)
    log.close()


def test_a_save_whose_answer_was_lost_after_the_commit_succeeds(broken: Broken) -> None:
    stream, other = new_stream(), new_stream()
    broken.lose_the_answer()
    appends = [Append(stream, 0, b"", (opened(), CaseRegistered(number="2026-000001"))),
               Append(other, 0, b"", (opened("annexe"),))]  # fmt: skip
    written = broken.log.append(appends, at=AT, by="resident")
    assert broken.log.read(0, 10) == written
    assert len(written) == 3


def test_a_save_that_was_lost_before_the_commit_while_another_won_is_a_lost_race(
    broken: Broken, postgres_database: Database
) -> None:
    stream = new_stream()
    rival = open_log("postgresql", postgres_database.dsn)
    broken.lose_the_answer(rival=lambda: begin(rival, stream, CaseRegistered(number="2026-000009")))
    with pytest.raises(LostRace):
        broken.log.append([Append(stream, 0, b"", (opened("annexe"),))], at=AT, by="resident")
    assert len(broken.log.history(stream)) == 2
    rival.close()


def test_a_cut_line_is_mended_without_anybody_noticing(postgres_database: Database) -> None:
    server = conninfo_to_dict(postgres_database.dsn)
    line = Line(int(server["port"] or 0))
    log = open_log("postgresql", make_conninfo(postgres_database.dsn, port=line.port))
    following = log.subscribe(0)
    for _ in range(3):
        written = begin(log, new_stream())
        assert next(following) == written[0]
        line.cut()
        assert log.history(written[0].stream_id) == written
        line.cut()
    log.close()
    line.close()


def test_a_server_that_is_away_for_a_moment_is_waited_for(postgres_database: Database) -> None:
    server = conninfo_to_dict(postgres_database.dsn)
    line = Line(int(server["port"] or 0))
    log = open_log("postgresql", make_conninfo(postgres_database.dsn, port=line.port))
    begin(log, new_stream())
    line.down()
    threading.Timer(1, line.up).start()
    assert len(begin(log, new_stream())) == 1
    assert len(log.read(0, 10)) == 2
    log.close()
    line.close()


def test_a_bulk_append_whose_server_goes_away_undoes_the_batch_in_hand(postgres_database: Database) -> None:
    log = open_log("postgresql", postgres_database.dsn)

    def facts() -> Iterator[Fact]:
        for number in range(30):
            yield Fact(new_stream(), AT, "clock", opened())
            if number == 19:
                with psycopg.connect(postgres_database.dsn, autocommit=True) as admin:
                    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                                  " AND datname = current_database()")  # fmt: skip

    with suppress(LogUnavailable):  # a pool may notice in time and mend it
        log.append_many(facts(), batch=10)
    assert len(log.read(0, 100)) in (10, 20, 30)
    log.close()
