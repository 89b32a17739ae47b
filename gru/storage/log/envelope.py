"""How does an event look in the log, and what proves that it was not touched?

Stored is a 32-byte digest, then JSON: `{"v": version, "at": …, "by": …, "cause": …, "e": the event's own fields}`.
The digest covers the stored bytes and the digest before it in its stream, never upcast data.
"""

from datetime import UTC, datetime
from hashlib import sha256
from struct import Struct
from typing import Any, cast

import msgspec

from gru.domain.events import BY_NAME, UPCASTERS, Event, Recorded

Row = tuple[str, int, str, bytes]
Raw = tuple[int, str, int, str, bytes]

DIGEST = 32
_LENGTHS = Struct(">IQIII")


class Unreadable(Exception):
    """An event this version of the program does not know: it was written by a newer one."""


class _Envelope(msgspec.Struct, frozen=True):
    v: int
    at: datetime
    by: str
    cause: str
    e: Event


class _Shape(msgspec.Struct, frozen=True):
    """How one class of events is read; `start` is how its present version begins as we write it."""

    envelope: type[_Envelope]
    decoder: msgspec.json.Decoder[_Envelope]
    start: bytes


_encode = msgspec.json.Encoder().encode
_shapes: dict[type[Event], _Shape] = {}


def chained(stream_id: str, version: int, name: str, body: bytes, before: bytes) -> bytes:
    """The digest of one event. Every part is preceded by its length, so no two events can be written the same."""
    stream, title = stream_id.encode(), name.encode()
    lengths = _LENGTHS.pack(len(stream), version, len(title), len(body), len(before))
    return sha256(b"".join((lengths, stream, title, body, before))).digest()


def fold_in(stream_id: str, version: int, event: Event, at: datetime, by: str, cause: str, before: bytes) -> Row:
    """The row of an event that follows the digest `before`; `at` must be UTC (see `utc`)."""
    kind = type(event)
    body = _encode(_Envelope(kind.VERSION, at, by, cause, event))
    return stream_id, version, kind.NAME, chained(stream_id, version, kind.NAME, body, before) + body


def read_out(raw: Raw) -> Recorded:
    """The event of a stored row, brought to the present version of its class."""
    position, stream_id, version, name, state = raw
    envelope = _open(name, state)
    return Recorded(stream_id, version, envelope.at, envelope.by, position, state[:DIGEST], envelope.e, envelope.cause)


def utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone cannot be recorded")
    return at.astimezone(UTC)


def _open(name: str, state: bytes) -> _Envelope:
    kind = BY_NAME.get(name)
    if kind is None:
        raise Unreadable(f"no event is called {name!r}: this log was written by a newer version")
    shape = _shapes.get(kind) or _shape(kind)
    if state.startswith(shape.start, DIGEST):
        return shape.decoder.decode(state[DIGEST:])
    return _upcast(kind, shape.envelope, msgspec.json.decode(state[DIGEST:]))


def _shape(kind: type[Event]) -> _Shape:
    envelope = cast("type[_Envelope]", msgspec.defstruct(kind.__name__, [("e", kind)], bases=(_Envelope,), frozen=True))
    shape = _Shape(envelope, msgspec.json.Decoder(envelope), b'{"v":%d,' % kind.VERSION)
    _shapes[kind] = shape
    return shape


def _upcast(kind: type[Event], envelope: type[_Envelope], content: dict[str, Any]) -> _Envelope:
    if content["v"] > kind.VERSION:
        raise Unreadable(f"{kind.NAME!r} has version {content['v']}, known is {kind.VERSION}")
    for version in range(content["v"], kind.VERSION):
        UPCASTERS[kind.NAME][version](content["e"])
    return msgspec.convert({**content, "v": kind.VERSION}, envelope)
