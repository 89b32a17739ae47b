"""How does a wish become history? Load, decide, append; decide anew when somebody was faster. The one door."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from gru.domain import case as cases
from gru.domain import events as e
from gru.domain import message as messages
from gru.domain.case import Case, CaseCommand, Given, OpenCase
from gru.domain.case.conflicts import matters
from gru.domain.errors import Refused
from gru.domain.message import Message, MessageCommand
from gru.domain.references import number_stream
from gru.domain.town import Town
from gru.office.town_hall import TownBook
from gru.storage.log import Append, Log, LostRace

ATTEMPTS = 8


class ChangedMeanwhile(Refused):
    """Something happened since the page was shown that matters to this wish: `recorded`, oldest first."""

    code = "changed_meanwhile"

    def __init__(self, recorded: Sequence[e.Recorded]) -> None:
        super().__init__("The case has changed since this page was shown.")
        self.recorded = tuple(recorded)


class Done(msgspec.Struct, frozen=True):
    """What was recorded, `()` when it was so already; `position` of the last fact, 0 for none."""

    recorded: tuple[e.Recorded, ...] = ()

    @property
    def position(self) -> int:
        return max((recorded.position for recorded in self.recorded), default=0)


class _Stream(msgspec.Struct):
    """One stream while a wish is decided: its state, what is stored and what is about to be."""

    id: str
    state: Case | Message | None
    version: int
    digest: bytes
    fresh: list[e.Event]


class Desk:
    """The only door through which a case changes."""

    def __init__(self, log: Log, town: TownBook, now: Callable[[], datetime]) -> None:
        self._log = log
        self._town = town
        self._now = now

    def case(self, case_id: str) -> Case | None:
        """The case as it is now; `None` when there is none."""
        return cases.replay(self._log.history(case_id))

    def case_numbered(self, number: str) -> str:
        """The id of the case that bears this number, `""` when none does."""
        for recorded in self._log.history(number_stream(number)):
            if isinstance(recorded.event, e.NumberGiven):
                return recorded.event.case
        return ""

    def execute(
        self, *commands: CaseCommand | MessageCommand, by: str, seen: int | None = None, cause: str = ""
    ) -> Done:
        """Carry the wishes out, all in one save; those on one stream see each other.

        `seen` is the version of the first command's case that the asker looked at. Raises `Refused` when a rule
        says no, `ChangedMeanwhile` when he must look again, `LostRace` after eight lost races.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._attempt(commands, by, seen, cause)
            except LostRace:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(random.uniform(0, 0.01 * attempt))
        raise AssertionError("unreachable")

    def _attempt(self, commands: Sequence[CaseCommand | MessageCommand], by: str, seen: int | None, cause: str) -> Done:
        now = self._now()
        streams: dict[str, _Stream] = {}
        for command in commands:
            stream = self._stream(command, streams, seen if command is commands[0] else None)
            self._decide(stream, command, now, by)
        appends = [_append(stream) for stream in streams.values() if stream.fresh]
        appends += [_given(stream) for stream in streams.values() if _registers(stream)]
        if not appends:
            return Done()
        return Done(tuple(self._log.append(appends, at=now, by=by, cause=cause)))

    def _stream(self, command: CaseCommand | MessageCommand, streams: dict[str, _Stream], seen: int | None) -> _Stream:
        stream_id = command.case_id if isinstance(command, cases.Command) else command.message_id
        if stream_id in streams:
            return streams[stream_id]
        history = self._log.history(stream_id)
        if seen is not None and isinstance(command, cases.Command):
            news = [r for r in history if r.version > seen and matters(command, r)]
            if news:
                raise ChangedMeanwhile(news)
        state = cases.replay(history) if isinstance(command, cases.Command) else messages.replay(history)
        last = history[-1] if history else None
        stream = _Stream(stream_id, state, last.version if last else 0, last.digest if last else b"", [])
        streams[stream_id] = stream
        return stream

    def _decide(self, stream: _Stream, command: CaseCommand | MessageCommand, now: datetime, by: str) -> None:
        if isinstance(command, cases.Command):
            case = stream.state if isinstance(stream.state, Case) else None
            fresh = cases.decide(case, command, Given(now, self._town_for(case, command)))
        else:
            message = stream.state if isinstance(stream.state, Message) else None
            fresh = messages.decide(message, command)
        for event in fresh:
            stream.fresh.append(event)
            version = stream.version + len(stream.fresh)
            recorded = e.Recorded(stream.id, version, now, by, 0, b"", event)
            if isinstance(command, cases.Command):
                case = stream.state if isinstance(stream.state, Case) else None
                stream.state = cases.evolve(case, recorded)
            else:
                message = stream.state if isinstance(stream.state, Message) else None
                stream.state = messages.evolve(message, recorded)

    def _town_for(self, case: Case | None, command: CaseCommand) -> Town:
        if case is not None:
            return self._town.version(case.town_version)
        received = command.received_at if isinstance(command, OpenCase) else self._now()
        return self._town.in_force(received)


def _append(stream: _Stream) -> Append:
    return Append(stream.id, stream.version, stream.digest, tuple(stream.fresh))


def _registers(stream: _Stream) -> bool:
    return any(isinstance(event, e.CaseRegistered) for event in stream.fresh)


def _given(stream: _Stream) -> Append:
    number = next(event.number for event in stream.fresh if isinstance(event, e.CaseRegistered))
    given = e.NumberGiven(number=number, case=stream.id)
    return Append(number_stream(number), 0, b"", (given,))
