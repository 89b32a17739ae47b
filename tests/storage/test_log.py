"""What does the log keep, in which order, and how does one read it?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gru.domain.events import CaseAssigned, CaseClosed, CaseQualified, CaseRegistered, Recorded
from gru.storage.databases import Databases
from gru.storage.log import DIGEST, Append, Fact, Log, LogUnavailable, LostRace, chained, open_log
from tests.storage.conftest import AT, new_stream, opened

REGISTERED = CaseRegistered(number="2026-000123")
QUALIFIED = CaseQualified(type="pothole", department="voirie", confidentiality="normal")


def write(log: Log, *events: object, stream: str = "", by: str = "resident") -> list[Recorded]:
    past = log.history(stream) if stream else []
    before = past[-1].digest if past else b""
    append = Append(stream or new_stream(), len(past), before, events)
    return log.append([append], at=AT, by=by)


def test_what_was_appended_is_what_is_read(log: Log) -> None:
    stream = new_stream()
    written = log.append([Append(stream, 0, b"", (opened(), REGISTERED))], at=AT, by="agent:x", cause="click")

    assert log.history(stream) == log.read(0, 10) == written
    first, second = written
    assert (first.stream_id, first.version, first.at, first.by, first.cause) == (stream, 1, AT, "agent:x", "click")
    assert (first.event, second.event, second.version) == (opened(), REGISTERED, 2)
    assert second.position > first.position


def test_an_empty_log_has_no_head_and_no_history(log: Log) -> None:
    assert (log.head(), log.read(0, 10), log.history(new_stream())) == (0, [], [])


def test_appending_nothing_writes_nothing(log: Log) -> None:
    assert log.append([], at=AT, by="clock") == []
    assert log.append([Append(new_stream(), 0, b"", ())], at=AT, by="clock") == []
    assert log.head() == 0


def test_the_log_is_still_there_when_it_is_opened_again(databases: Databases, log: Log) -> None:
    written = write(log, opened())
    again = open_log(databases.kind, databases.log_url)
    assert again.read(0, 10) == written
    again.close()


def test_history_can_be_read_from_a_version_and_up_to_one(log: Log) -> None:
    one, two, three = write(log, opened(), REGISTERED, QUALIFIED)
    stream = one.stream_id
    assert log.history(stream, after_version=1) == [two, three]
    assert log.history(stream, to_version=2) == [one, two]
    assert log.history(stream, after_version=1, to_version=2) == [two]


def test_many_histories_are_read_in_one_question(log: Log) -> None:
    first, second, nowhere = write(log, opened(), REGISTERED), write(log, opened()), new_stream()
    streams = (second[0].stream_id, first[0].stream_id, nowhere)
    assert log.histories(streams) == {streams[0]: second, streams[1]: first, nowhere: []}
    assert log.histories(()) == {}


def test_the_log_is_read_in_order_page_by_page_and_by_name(log: Log) -> None:
    written = [*write(log, opened(), REGISTERED), *write(log, opened()), *write(log, opened(), QUALIFIED)]
    first = log.read(0, 3)
    assert first + log.read(first[-1].position, 3) == written
    assert log.read(0, 10, {"case.registered", "case.qualified"}) == [written[1], written[4]]
    assert log.read(0, 1, ["case.qualified"]) == [written[4]]
    assert log.read(0, 10, []) == []
    assert log.head() == written[-1].position


@pytest.mark.parametrize("of", [1, 3, 256])
def test_the_parts_share_out_whole_streams_and_each_is_read_page_by_page(log: Log, of: int) -> None:
    for _ in range(9):
        write(log, opened(), REGISTERED)
    everything = log.raw(0, 100)
    shares = log.parts(of)
    parts = [log.raw_part(0, 100, share) for share in shares]

    assert sorted(raw for part in parts for raw in part) == everything
    streams = [{raw[1] for raw in part} for part in parts]
    assert sum(len(found) for found in streams) == len(set.union(*streams)) == 9
    assert len(shares) == min(of, 9) and all(parts)
    for share, (first, *rest) in zip(shares, parts, strict=True):
        assert log.raw_part(0, 1, share) == [first]
        assert log.raw_part(first[0], 100, share) == rest


def test_a_child_process_reads_on_connections_of_its_own(log: Log) -> None:
    written = write(log, opened())
    log.forget_connections()
    assert log.read(0, 10) == written


def test_each_digest_is_chained_to_the_one_before_in_its_stream(log: Log) -> None:
    first, second = write(log, opened(), REGISTERED)
    (third,) = write(log, QUALIFIED, stream=first.stream_id)
    before = b""
    for recorded, raw in zip([first, second, third], log.raw(0, 10), strict=True):
        position, stream, version, name, state = raw
        assert (position, stream, version) == (recorded.position, recorded.stream_id, recorded.version)
        assert recorded.digest == state[:DIGEST] == chained(stream, version, name, state[DIGEST:], before)
        before = recorded.digest


def test_no_two_events_have_the_same_bytes_under_their_digest() -> None:
    assert chained("ab", 1, "c", b"", b"") != chained("a", 1, "bc", b"", b"")
    assert chained("a", 1, "bc", b"", b"") != chained("a", 1, "b", b"c", b"")
    assert chained("a", 1, "b", b"cd", b"") != chained("a", 1, "b", b"c", b"d")


def test_several_streams_are_written_at_once_or_not_at_all(log: Log) -> None:
    one, two = new_stream(), new_stream()
    log.append([Append(one, 0, b"", (opened(),))], at=AT, by="resident")

    with pytest.raises(LostRace) as lost:
        log.append([Append(two, 0, b"", (opened(),)), Append(one, 0, b"", (opened(),))], at=AT, by="resident")
    assert lost.value.streams == (one,)
    assert log.history(two) == []

    written = log.append([Append(two, 0, b"", (opened(), REGISTERED)), Append(new_stream(), 0, b"", (opened(),))],
                         at=AT, by="resident")  # fmt: skip
    assert [recorded.version for recorded in written] == [1, 2, 1]
    assert log.read(1, 10)[-3:] == written


def test_a_lost_race_names_its_streams_and_writes_nothing(log: Log) -> None:
    first, _ = write(log, opened(), REGISTERED)
    late = Append(first.stream_id, 1, first.digest, (CaseAssigned(agent="a"), CaseClosed(outcome="resolved")))
    with pytest.raises(LostRace) as lost:
        log.append([late], at=AT, by="agent:late")
    assert lost.value.streams == (first.stream_id,)
    assert len(log.history(first.stream_id)) == 2


def test_a_save_must_know_the_digest_it_follows(log: Log) -> None:
    (first,) = write(log, opened())
    for expected, before in ((1, b""), (0, first.digest), (1, first.digest[:8])):
        with pytest.raises(ValueError, match="digest"):
            log.append([Append(first.stream_id, expected, before, (REGISTERED,))], at=AT, by="clock")


def test_instants_are_recorded_in_utc_and_need_a_zone(log: Log) -> None:
    paris = AT.astimezone(timezone(timedelta(hours=2)))
    (written,) = log.append([Append(new_stream(), 0, b"", (opened(),))], at=paris, by="resident")
    assert log.history(written.stream_id) == [written]
    assert (written.at, written.at.tzinfo) == (AT, UTC)
    with pytest.raises(ValueError, match="time zone"):
        log.append([Append(new_stream(), 0, b"", (opened(),))], at=datetime(2026, 1, 1), by="resident")


@pytest.mark.parametrize("stream", ["", "town", "0" * 31 + "G", "0" * 31 + "A", "{" + "0" * 30 + "}"])
def test_a_stream_id_is_32_lower_case_hex_digits(log: Log, stream: str) -> None:
    with pytest.raises(ValueError):
        log.append([Append(stream, 0, b"", (opened(),))], at=AT, by="resident")


def test_a_database_that_does_not_answer_is_told_as_such(databases: Databases) -> None:
    with pytest.raises(LogUnavailable):
        open_log(databases.kind, databases.log_url.replace("/gru_", "/no_").replace("/data/", "/no/such/"))


# --- in bulk -----------------------------------------------------------------------------------------------------


def interleaved(streams: list[str]) -> Iterator[Fact]:
    for number, event in enumerate([opened(), REGISTERED, QUALIFIED, CaseClosed(outcome="resolved")]):
        for stream in streams:
            yield Fact(stream, AT + timedelta(hours=number), f"agent:{number}", event, cause=f"import {number}")


def test_a_bulk_append_is_equal_to_single_ones(log: Log) -> None:
    streams = [new_stream() for _ in range(7)]
    assert log.append_many(interleaved(streams), batch=5) == 28
    in_bulk = log.read(0, 100)

    tails: dict[str, Recorded] = {}
    for fact, bulk in zip(interleaved(streams), in_bulk, strict=True):
        last = tails.get(fact.stream_id)
        append = Append(_twin(fact.stream_id), bulk.version - 1, last.digest if last else b"", (fact.event,))
        (single,) = log.append([append], at=fact.at, by=fact.by, cause=fact.cause)
        assert (single.version, single.at, single.by, single.cause, single.event) == (
            (bulk.version, bulk.at, bulk.by, bulk.cause, bulk.event)
        )
        tails[fact.stream_id] = single
    bodies = [raw[4][DIGEST:] for raw in log.raw(0, 100)]
    assert bodies[:28] == bodies[28:]


def _twin(stream: str) -> str:
    return stream[:-1] + format(int(stream[-1], 16) ^ 1, "x")


def test_a_bulk_append_goes_on_where_a_stream_stands(log: Log) -> None:
    first, second = write(log, opened(), REGISTERED)
    assert log.append_many([Fact(first.stream_id, AT, "system:intake", QUALIFIED)]) == 1
    third = log.history(first.stream_id)[-1]
    assert third.version == 3
    state = log.raw(second.position, 1)[0][4]
    assert third.digest == chained(first.stream_id, 3, "case.qualified", state[DIGEST:], second.digest)
    (fourth,) = log.append([Append(first.stream_id, 3, third.digest, (CaseAssigned(agent="a"),))], at=AT, by="clock")
    assert log.history(first.stream_id)[-1] == fourth


def test_a_bulk_append_may_insist_on_a_version(log: Log) -> None:
    (first,) = write(log, opened())
    fresh = new_stream()
    facts = [Fact(fresh, AT, "clock", opened(), expected=0), Fact(first.stream_id, AT, "clock", opened(), expected=0)]
    with pytest.raises(LostRace) as lost:
        log.append_many(facts)
    assert lost.value.streams == (first.stream_id,)
    assert log.history(fresh) == []


# --- following ---------------------------------------------------------------------------------------------------


def test_waiting_ends_at_once_when_something_is_there_and_in_time_when_not(log: Log) -> None:
    (written,) = write(log, opened())
    assert log.wait(0, 5)
    assert not log.wait(written.position, 0.05)


def test_a_subscription_by_name_passes_over_the_others(log: Log) -> None:
    write(log, opened(), REGISTERED)
    write(log, opened(), QUALIFIED)
    following = log.subscribe(0, {"case.qualified"})
    assert next(following).event == QUALIFIED
    (later,) = write(log, QUALIFIED, stream=log.read(0, 1)[0].stream_id)[-1:]
    assert next(following) == later


def test_a_closed_log_ends_its_subscriptions(log: Log) -> None:
    write(log, opened())
    following = log.subscribe(0)
    next(following)
    log.close()
    assert list(following) == []
    with pytest.raises(LogUnavailable):
        log.head()
