"""Is every change to the history noticed, and the event named?"""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, delete, select, update

from gru.domain.events import CaseAssigned, CaseClosed, CaseRegistered, Recorded
from gru.storage.databases import Databases, writing
from gru.storage.log import DIGEST, Append, Fact, Log, chained
from gru.storage.seals import SEAL, Anchor, Blocks, Fault, Sealer, verify
from tests.storage.conftest import AT, new_stream, opened

SECRET = b"the town's own secret"
EVENTS = (opened(), CaseRegistered(number="2026-000001"), CaseAssigned(agent="a"), CaseClosed(outcome="resolved"))


class Forger:
    """Changes the rows of the log behind its back."""

    def __init__(self, databases: Databases) -> None:
        self._lite = databases.kind == "sqlite"
        self._url = databases.log_url
        self.position = "rowid" if self._lite else "notification_id"

    def run(self, statement: str, *values: Any) -> None:
        statement = statement.replace("POSITION", self.position)
        if self._lite:
            with sqlite3.connect(self._url) as lite:
                lite.execute(statement.replace("%s", "?"), values)
            lite.close()
            return
        with psycopg.connect(self._url, options="-c search_path=log") as connection:
            connection.execute(statement, values)

    def remove(self, *positions: int) -> None:
        for position in positions:
            self.run("DELETE FROM event WHERE POSITION = %s", position)

    def put(self, column: str, value: Any, position: int) -> None:
        self.run(f"UPDATE event SET {column} = %s WHERE POSITION = %s", value, position)

    def insert(self, position: int, stream: str, version: int, name: str, state: bytes) -> None:
        columns = f"({self.position}, originator_id, originator_version, topic, state)"
        self.run(f"INSERT INTO event {columns} VALUES (%s, %s, %s, %s, %s)", position,
                 stream if self._lite else UUID(stream), version, name, state)  # fmt: skip


@pytest.fixture
def forger(databases: Databases) -> Forger:
    return Forger(databases)


@pytest.fixture
def work(databases: Databases) -> Engine:
    return databases.work


@pytest.fixture
def blocks(work: Engine) -> Blocks:
    return Blocks(work, SECRET)


@pytest.fixture
def history(log: Log, blocks: Blocks, forger: Forger) -> list[Recorded]:
    """Five cases side by side: 20 events in 3 sealed blocks with a hole behind the fourth, and 4 events unsealed."""
    streams = [new_stream() for _ in range(5)]
    log.append_many(facts(streams[:4], 1))
    log.append_many(facts([new_stream()], 1))
    forger.remove(log.head())
    log.append_many([*facts(streams[4:], 1), *facts(streams, 3)])
    sealer = Sealer(log, blocks, size=7)
    assert [sealer.seal(AT), sealer.seal(AT), sealer.seal(AT), sealer.seal(AT)] == [7, 7, 6, 0]
    log.append_many(facts([new_stream()], 4))
    return log.read(0, 100)


def facts(streams: list[str], count: int) -> Iterator[Fact]:
    for event in EVENTS[:count] if count != 3 else EVENTS[1:]:
        for stream in streams:
            yield Fact(stream, AT, "agent:x", event)


def named(fault: Fault | None) -> tuple[str, int, int]:
    assert fault
    return fault.stream_id, fault.version, fault.position


def name_of(recorded: Recorded) -> tuple[str, int, int]:
    return recorded.stream_id, recorded.version, recorded.position


# --- untouched ---------------------------------------------------------------------------------------------------


def test_an_untouched_log_has_no_fault(log: Log, blocks: Blocks, history: list[Recorded]) -> None:
    told: list[tuple[int, int]] = []
    assert verify(log, blocks, blocks.anchor(), progress=lambda *now: told.append(now)) is None
    assert len(history) == 24
    assert told[-1] == (log.head(), log.head())
    assert [block.count for block in blocks.upto(9)] == [7, 7, 6]


def test_an_empty_log_has_no_fault_and_nothing_to_seal(log: Log, blocks: Blocks) -> None:
    assert Sealer(log, blocks).seal(AT) == 0
    assert blocks.anchor() is None
    assert verify(log, blocks) is None


def test_a_log_without_seals_is_held_by_its_streams(log: Log, blocks: Blocks, forger: Forger) -> None:
    log.append_many(facts([new_stream(), new_stream()], 4))
    assert verify(log, blocks) is None
    target = log.read(0, 10)[1]
    forger.put("topic", "case.closed", target.position)
    assert named(verify(log, blocks)) == name_of(target)


def test_sealing_and_verifying_beside_writers_finds_no_fault(log: Log, blocks: Blocks) -> None:
    done = threading.Event()
    sealer = Sealer(log, blocks, size=20)

    def write() -> None:
        for _ in range(40):
            log.append([Append(new_stream(), 0, b"", EVENTS)], at=AT, by="resident")
        done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not done.is_set():
            sealer.seal(AT)
            assert verify(log, blocks, blocks.anchor()) is None
        writing.result()
    while sealer.seal(AT):
        pass
    assert verify(log, blocks, blocks.anchor()) is None
    assert sum(block.count for block in blocks.upto(1000)) == 160


def test_two_sealers_do_not_fork(log: Log, blocks: Blocks) -> None:
    log.append_many(facts([new_stream() for _ in range(50)], 4))
    together = threading.Barrier(2)

    def seal() -> int:
        sealer, sealed = Sealer(log, blocks, size=10), 0
        together.wait()
        while (anchor := blocks.anchor()) is None or anchor.position < log.head():
            sealed += sealer.seal(AT)
        return sealed

    with ThreadPoolExecutor(2) as pool:
        sealed = [future.result() for future in [pool.submit(seal), pool.submit(seal)]]
    assert sum(sealed) == 200
    assert [block.no for block in blocks.upto(100)] == list(range(1, 21))
    assert verify(log, blocks) is None


# --- one byte ----------------------------------------------------------------------------------------------------

BYTES = (0, 7, 8, DIGEST - 1, DIGEST, DIGEST + 30, -1)


@pytest.mark.parametrize("at", BYTES)
def test_one_altered_byte_is_found_wherever_it_is(
    log: Log, blocks: Blocks, history: list[Recorded], forger: Forger, at: int
) -> None:
    for recorded in history:
        state = log.raw(recorded.position - 1, 1)[0][4]
        altered = bytearray(state)
        altered[at] ^= 1
        forger.put("state", bytes(altered), recorded.position)
        fault = verify(log, blocks)
        assert named(fault) == name_of(recorded)
        assert "altered" in str(fault)
        forger.put("state", state, recorded.position)
    assert verify(log, blocks) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [("topic", "case.reopened"), ("originator_version", 9), ("originator_version", -1), ("originator_id", "0" * 32)],
)
@pytest.mark.parametrize("place", [0, 6, 19])
def test_another_name_version_or_stream_is_found(
    log: Log, blocks: Blocks, history: list[Recorded], forger: Forger, column: str, value: Any, place: int
) -> None:
    if column == "originator_id" and forger.position != "rowid":
        value = UUID(value)
    forger.put(column, value, history[place].position)
    assert named(verify(log, blocks)) == name_of(history[place])


def test_an_event_moved_into_a_hole_is_found(log: Log, blocks: Blocks, history: list[Recorded], forger: Forger) -> None:
    hole = history[3].position + 1
    assert history[4].position == hole + 1
    forger.put(forger.position, hole, history[4].position)
    assert named(verify(log, blocks)) == (history[4].stream_id, 1, hole)


def test_the_last_event_of_a_case_rewritten_with_a_fitting_digest_is_found(
    log: Log, blocks: Blocks, history: list[Recorded], forger: Forger
) -> None:
    last, before = history[19], history[14]
    assert (last.stream_id, last.version, before.version) == (before.stream_id, 4, 3)
    body = log.raw(last.position - 1, 1)[0][4][DIGEST:].replace(b"resolved", b"refused")
    digest = chained(last.stream_id, 4, "case.closed", body, before.digest)
    forger.put("state", digest + body, last.position)
    assert isinstance(log.history(last.stream_id)[-1].event, CaseClosed)
    assert named(verify(log, blocks)) == name_of(last)


# --- a row gone, a row too many ----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 6, 7, 13, 19])
def test_a_removed_event_is_named_though_it_is_gone(
    log: Log, blocks: Blocks, history: list[Recorded], forger: Forger, place: int
) -> None:
    forger.remove(history[place].position)
    fault = verify(log, blocks)
    assert named(fault) == name_of(history[place])
    assert "removed" in str(fault)


def test_an_event_removed_before_it_was_sealed_is_missed_by_its_successor(
    log: Log, blocks: Blocks, history: list[Recorded], forger: Forger
) -> None:
    forger.remove(history[21].position)
    fault = verify(log, blocks)
    assert named(fault) == (history[21].stream_id, history[21].version, history[22].position)
    assert "removed" in str(fault)


def forged(log: Log, stream: str) -> tuple[str, int, str, bytes]:
    """An event that fits its stream perfectly."""
    past = log.history(stream)
    state = log.raw(0, 1)[0][4]
    before = past[-1].digest if past else b""
    digest = chained(stream, len(past) + 1, "case.opened", state[DIGEST:], before)
    return stream, len(past) + 1, "case.opened", digest + state[DIGEST:]


@pytest.mark.parametrize("where", ["in a hole", "before the first", "far before the first"])
@pytest.mark.parametrize("whose", ["a new case", "an old case"])
def test_a_perfectly_forged_event_inserted_into_what_is_sealed_is_found(
    log: Log, blocks: Blocks, history: list[Recorded], forger: Forger, where: str, whose: str
) -> None:
    places = {"in a hole": history[3].position + 1, "before the first": 0, "far before the first": -1_000_000}
    stream = new_stream() if whose == "a new case" else history[0].stream_id
    row = forged(log, stream)
    forger.insert(places[where], *row)
    fault = verify(log, blocks)
    assert named(fault) == (stream, row[1], places[where])
    assert "inserted" in str(fault)


def test_a_forged_event_behind_the_last_seal_is_found_by_its_digest(
    log: Log, blocks: Blocks, history: list[Recorded], forger: Forger
) -> None:
    stream = new_stream()
    forger.insert(log.head() + 1, stream, 1, "case.opened", bytes(DIGEST) + log.raw(0, 1)[0][4][DIGEST:])
    assert named(verify(log, blocks)) == (stream, 1, log.head())


# --- the seals themselves ----------------------------------------------------------------------------------------


def test_any_altered_part_of_a_seal_is_noticed_by_its_signature(
    log: Log, blocks: Blocks, history: list[Recorded], work: Engine
) -> None:
    second = list(blocks.upto(2))[1]
    altered: dict[str, Any] = {
        "first_position": second.first_position - 1,
        "last_position": second.last_position + 1,
        "count": second.count + 1,
        "events": bytes(len(second.events)),
        "digest": bytes(DIGEST),
        "signature": bytes(64),
        "sealed_at": second.sealed_at + timedelta(microseconds=1),
    }
    for column, value in altered.items():
        with writing(work) as connection:
            connection.execute(update(SEAL).where(SEAL.c.no == 2).values({column: value}))
        fault = verify(log, blocks)
        assert fault and (fault.block, fault.what) == (2, "the seal of a block was altered")
        with writing(work) as connection:
            connection.execute(update(SEAL).where(SEAL.c.no == 2).values({column: getattr(second, column)}))
    assert verify(log, blocks) is None


def test_a_history_sealed_anew_without_the_secret_is_found(
    log: Log, blocks: Blocks, history: list[Recorded], work: Engine
) -> None:
    with writing(work) as connection:
        connection.execute(delete(SEAL))
    Sealer(log, Blocks(work, b"another secret")).seal(AT)
    fault = verify(log, blocks)
    assert fault and fault.what == "the seal of a block was altered"


@pytest.mark.parametrize("no", [1, 2])
def test_a_removed_seal_is_found(log: Log, blocks: Blocks, history: list[Recorded], work: Engine, no: int) -> None:
    with writing(work) as connection:
        connection.execute(delete(SEAL).where(SEAL.c.no == no))
    fault = verify(log, blocks)
    assert fault and (fault.block, fault.what) == (no, "the seal of a block was removed")


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("column", "value"),
    [("topic", "CAST(x'ff41' AS TEXT)"), ("originator_id", "'pas un identifiant'"), ("topic", "x'41'")],
)
def test_a_row_that_only_sqlite_would_keep_is_named(
    log: Log, blocks: Blocks, history: list[Recorded], forger: Forger, column: str, value: str
) -> None:
    forger.run(f"UPDATE event SET {column} = {value} WHERE POSITION = %s", history[8].position)
    assert named(verify(log, blocks)) == name_of(history[8])


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_sqlite_refuses_a_state_that_is_no_longer_bytes(history: list[Recorded], forger: Forger) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        forger.put("state", "text", history[0].position)


# --- the tail, and an anchor -------------------------------------------------------------------------------------


def test_a_cut_tail_is_named_by_the_seals(log: Log, blocks: Blocks, history: list[Recorded], forger: Forger) -> None:
    forger.remove(*(recorded.position for recorded in history[16:]))
    assert named(verify(log, blocks)) == name_of(history[16])


def test_a_tail_cut_together_with_its_seals_is_found_by_an_anchor_kept_elsewhere(
    log: Log, blocks: Blocks, history: list[Recorded], forger: Forger, work: Engine
) -> None:
    anchor = blocks.anchor()
    assert anchor
    forger.remove(*(recorded.position for recorded in history[14:]))
    with writing(work) as connection:
        connection.execute(delete(SEAL).where(SEAL.c.no > 2))
    assert verify(log, blocks) is None
    fault = verify(log, blocks, Anchor.parse(str(anchor)))
    assert fault and (fault.position, fault.block) == (history[13].position, 2)


def test_seals_of_facts_that_an_older_log_lacks_are_dropped_and_no_others(
    log: Log, blocks: Blocks, history: list[Recorded], forger: Forger
) -> None:
    anchor = blocks.anchor()
    assert blocks.drop_behind(log.head()) == 0
    forger.remove(*(recorded.position for recorded in history[12:]))
    assert blocks.drop_behind(log.head()) == 2
    assert [block.no for block in blocks.upto(9)] == [1]
    assert verify(log, blocks) is None
    log.append_many(facts([new_stream() for _ in range(5)], 4))
    while Sealer(log, blocks).seal(AT):
        pass
    assert verify(log, blocks) is None
    assert verify(log, blocks, anchor)


def test_a_history_rewritten_with_the_secret_itself_is_found_by_an_anchor(
    log: Log, blocks: Blocks, history: list[Recorded], work: Engine
) -> None:
    anchor = blocks.anchor()
    with writing(work) as connection:
        connection.execute(delete(SEAL))
        assert connection.execute(select(SEAL)).all() == []
    while Sealer(log, blocks, size=6).seal(AT):
        pass
    assert verify(log, blocks) is None
    fault = verify(log, blocks, anchor)
    assert fault and "anchor" in fault.what


def test_an_anchor_is_one_line_and_reads_back() -> None:
    anchor = Anchor(1234, 7, bytes(range(32)))
    assert Anchor.parse(f" {anchor}\n") == anchor
    assert str(anchor).startswith("gru-anchor 1234 7 000102")
    for wrong in ("", "gru-anchor 1 2", "other 1 2 " + "00" * 32, "gru-anchor 1 2 00", "gru-anchor x 2 " + "00" * 32):
        with pytest.raises(ValueError):
            Anchor.parse(wrong)


def test_a_fault_is_a_sentence() -> None:
    assert (
        str(Fault("an event was altered", 12, "ab", 3, 4))
        == "an event was altered: event 3 of ab, position 12, block 4"
    )
    assert str(Fault("the seals end before the anchor", 12)) == "the seals end before the anchor: position 12"
