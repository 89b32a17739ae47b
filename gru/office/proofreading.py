"""Are the words and files in the archive still those of which the history speaks?

The log proves itself (`gru/storage/seals.py`); a fact holds keyed digests of what lies in the archive. What is gone
must have been erased by a fact: to a page, a row that somebody deleted looks the same.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

from gru.domain import events as e
from gru.domain.events import Recorded
from gru.storage.archive import Archive
from gru.storage.log import Log

BATCH = 2000
STREAMS = 500

Fault = Literal["changed", "missing", "erased by no fact"]


class Misfit(msgspec.Struct, frozen=True):
    """A word or file that is not what its fact says, by the archive's id; never its content."""

    id: str
    stream_id: str
    version: int
    position: int
    fault: Fault

    def __str__(self) -> str:
        return f"event {self.version} of {self.stream_id}, position {self.position}: {self.id} is {self.fault}"


class Proofread(msgspec.Struct, frozen=True):
    fitting: int
    erased: int
    misfits: tuple[Misfit, ...]


def proofread(log: Log, archive: Archive, progress: Callable[[int, int], None] = lambda done, of: None) -> Proofread:
    """Every word and file of every fact, up to the head as it is now. Files are read whole, one at a time."""
    fitting, misfits, gone = 0, list[Misfit](), list[Misfit]()
    after, head = 0, log.head()
    while after < head and (batch := log.read(after, BATCH)):
        for found, misfit in _judged(archive, batch):
            if found == "fits":
                fitting += 1
            elif found == "erased":
                gone.append(misfit)
            else:
                misfits.append(misfit)
        after = batch[-1].position
        progress(min(after, head), head)
    misfits += _unexplained(log, gone)
    return Proofread(fitting, len(gone), tuple(sorted(misfits, key=lambda one: one.position)))


def _judged(archive: Archive, batch: Iterable[Recorded]) -> Iterator[tuple[str, Misfit]]:
    named = [(one, ref) for one in batch for ref in _refs(one.event)]
    texts = archive.check_texts([ref for _, ref in named if isinstance(ref, e.TextRef)])
    for one, ref in named:
        found = archive.check_file(ref) if isinstance(ref, e.FileRef) else texts[ref.id]
        fault: Fault = "missing" if found == "missing" else "changed"
        yield found, Misfit(ref.id, one.stream_id, one.version, one.position, fault)


def _refs(event: e.Event) -> Iterator[e.TextRef | e.FileRef]:
    for name in event.__struct_fields__:
        value = getattr(event, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, e.TextRef | e.FileRef):
                yield one


def _unexplained(log: Log, gone: list[Misfit]) -> Iterator[Misfit]:
    """What was erased in a stream that says neither that this was, nor that a person of it was."""
    streams = sorted({one.stream_id for one in gone})
    for start in range(0, len(streams), STREAMS):
        told = {stream: _erased(facts) for stream, facts in log.histories(streams[start : start + STREAMS]).items()}
        for one in gone:
            if one.stream_id in told and not told[one.stream_id] & {one.id, ""}:
                yield msgspec.structs.replace(one, fault="erased by no fact")


def _erased(facts: Iterable[Recorded]) -> set[str]:
    """The ids that were masked, and `""` when a person was forgotten."""
    masked = {one.event.id for one in facts if isinstance(one.event, e.TextRedacted)}
    return masked | {"" for one in facts if isinstance(one.event, e.PersonErased)}
