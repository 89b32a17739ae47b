"""Does every event that was ever stored still load? `golden_events.jsonl` is appended to, never edited.

After a new event or version: `python -m tests.storage.test_log_golden` adds the lines that are missing.
"""

import json
import types
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from gru.domain.events import BY_NAME, UPCASTERS, Event, FileRef, TextRef, upcaster
from gru.storage.log import DIGEST, Append, Log, Unreadable, chained, read_out
from gru.storage.log.envelope import fold_in
from tests.storage.conftest import AT, new_stream

GOLDEN = Path(__file__).parent / "golden_events.jsonl"
STREAM = "0198f0a53c7b7c0e8a51d3b6f2e49a10"
BEFORE = bytes(range(DIGEST))
WRITTEN_AT = datetime(2026, 1, 5, 8, 15, 30, 250000, tzinfo=UTC)


class Line(msgspec.Struct, frozen=True):
    name: str
    v: int
    digest: str
    body: str


def lines() -> list[Line]:
    decode = msgspec.json.Decoder(Line).decode
    return [decode(line) for line in GOLDEN.read_text("utf-8").splitlines()]


def example(kind: Any) -> Any:
    """A fixed value of a type, other than any default."""
    values = {str: "é", int: 7, bool: True, datetime: AT, date: AT.date()}
    if kind in values:
        return values[kind]
    if kind is TextRef:
        return TextRef("text", "0f" * 32)
    if kind is FileRef:
        return FileRef("file", "0f" * 32, "application/pdf", 12345)
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return arguments[-1]
    if get_origin(kind) is tuple:
        return (example(arguments[0]),) * 2
    assert get_origin(kind) in (Union, types.UnionType), kind
    return example(arguments[0])


def example_event(kind: type[Event]) -> Event:
    hints = get_type_hints(kind)
    return kind(**{field: example(hints[field]) for field in kind.__struct_fields__})


def missing() -> Iterator[Line]:
    there = {(line.name, line.v) for line in lines()} if GOLDEN.exists() else set()
    for name, kind in BY_NAME.items():
        if (name, kind.VERSION) not in there:
            *_, state = fold_in(STREAM, 2, example_event(kind), WRITTEN_AT, "agent:golden", "cause", BEFORE)
            yield Line(name, kind.VERSION, state[:DIGEST].hex(), state[DIGEST:].decode())


GOLDEN_LINES = lines() if GOLDEN.exists() else []


@pytest.mark.parametrize("line", GOLDEN_LINES, ids=lambda line: f"{line.name}-{line.v}")
def test_every_event_ever_stored_still_loads(line: Line) -> None:
    recorded = read_out((31, STREAM, 2, line.name, bytes.fromhex(line.digest) + line.body.encode()))
    assert type(recorded.event) is BY_NAME[line.name]
    assert (recorded.at, recorded.by, recorded.cause) == (WRITTEN_AT, "agent:golden", "cause")
    assert (recorded.stream_id, recorded.version, recorded.position) == (STREAM, 2, 31)
    if line.v == BY_NAME[line.name].VERSION:
        stored = json.loads(line.body)["e"]
        loaded = json.loads(msgspec.json.encode(recorded.event))
        assert {field: loaded[field] for field in stored} == stored


@pytest.mark.parametrize("line", GOLDEN_LINES, ids=lambda line: f"{line.name}-{line.v}")
def test_the_digest_of_a_stored_event_is_for_ever(line: Line) -> None:
    assert chained(STREAM, 2, line.name, line.body.encode(), BEFORE).hex() == line.digest


def test_every_event_has_a_golden_line() -> None:
    assert [f"{line.name} {line.v}" for line in missing()] == []


# --- older and newer ---------------------------------------------------------------------------------------------


class PotholeMeasured(Event, frozen=True, kw_only=True):
    NAME: ClassVar[str] = "test.pothole_measured"
    centimetres: int


class PotholeMeasured3(Event, frozen=True, kw_only=True):
    NAME: ClassVar[str] = "test.pothole_measured"
    VERSION: ClassVar[int] = 3
    millimetres: int
    by_whom: str


def test_an_event_of_an_older_version_is_brought_up_step_by_step(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    name = PotholeMeasured.NAME
    monkeypatch.setitem(BY_NAME, name, PotholeMeasured)
    stream = new_stream()
    (old,) = log.append([Append(stream, 0, b"", (PotholeMeasured(centimetres=12),))], at=AT, by="resident")
    assert log.history(stream) == [old]

    monkeypatch.setitem(BY_NAME, name, PotholeMeasured3)
    monkeypatch.setitem(UPCASTERS, name, {})

    @upcaster(name, 1)
    def in_millimetres(content: dict[str, Any]) -> None:
        content["millimetres"] = 10 * content.pop("centimetres")

    @upcaster(name, 2)
    def with_a_witness(content: dict[str, Any]) -> None:
        content["by_whom"] = "nobody"

    (lifted,) = log.history(stream)
    assert lifted.event == PotholeMeasured3(millimetres=120, by_whom="nobody")
    assert (lifted.at, lifted.by, lifted.digest) == (old.at, old.by, old.digest)

    new = PotholeMeasured3(millimetres=5, by_whom="agent")
    written = log.append([Append(stream, 1, lifted.digest, (new,))], at=AT, by="agent:x")
    assert log.read(0, 10) == [lifted, *written]


def test_an_event_of_a_newer_program_is_refused_by_name(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BY_NAME, PotholeMeasured.NAME, PotholeMeasured3)
    event = PotholeMeasured3(millimetres=5, by_whom="agent")
    log.append([Append(new_stream(), 0, b"", (event,))], at=AT, by="agent:x")

    monkeypatch.setitem(BY_NAME, PotholeMeasured.NAME, PotholeMeasured)
    with pytest.raises(Unreadable, match="version 3"):
        log.read(0, 10)
    monkeypatch.delitem(BY_NAME, PotholeMeasured.NAME)
    with pytest.raises(Unreadable, match="pothole"):
        log.read(0, 10)
    assert len(log.raw(0, 10)) == 1


def test_an_event_stored_in_another_layout_loads_all_the_same() -> None:
    body = json.dumps({"e": {"number": "2026-000001"}, "cause": "", "by": "clock", "at": AT.isoformat(), "v": 1})
    recorded = read_out((1, STREAM, 1, "case.registered", BEFORE + body.encode()))
    assert (recorded.by, recorded.at, recorded.event) == ("clock", AT, BY_NAME["case.registered"](number="2026-000001"))


if __name__ == "__main__":
    with GOLDEN.open("a", encoding="utf-8") as file:
        for added in list(missing()):
            file.write(msgspec.json.encode(added).decode() + "\n")
            print("added", added.name, added.v)
