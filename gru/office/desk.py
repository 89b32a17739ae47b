"""How does a wish become history? Load, decide, append; decide anew when somebody was faster. The one door."""

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from gru.domain import case as cases
from gru.domain import difficulty, reception
from gru.domain import events as e
from gru.domain import message as messages
from gru.domain import report as reports
from gru.domain.case import Case, CaseCommand, CorrectCalendar, Given, OpenCase, PairCommand, ReopenCase
from gru.domain.case.conflicts import matters
from gru.domain.errors import Refused
from gru.domain.message import MessageCommand, TakeIn
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


class _Stream(ABC):
    """One stream while wishes are decided: what is stored, and what is about to be."""

    def __init__(self, stream_id: str, history: Sequence[e.Recorded]) -> None:
        self.id = stream_id
        self.history = history
        self.fresh: list[e.Event] = []

    @property
    def append(self) -> Append:
        last = self.history[-1] if self.history else None
        return Append(self.id, last.version if last else 0, last.digest if last else b"", tuple(self.fresh))

    def take(self, events: Sequence[e.Event], now: datetime, by: str) -> None:
        """These facts will be recorded; the next wish of the same save sees them."""
        for event in events:
            self.fresh.append(event)
            version = self.append.expected + len(self.fresh)
            self.evolve(e.Recorded(self.id, version, now, by, 0, b"", event))

    @abstractmethod
    def evolve(self, recorded: e.Recorded) -> None:
        """The state after one more fact."""


class _CaseStream(_Stream):
    def __init__(self, stream_id: str, history: Sequence[e.Recorded]) -> None:
        super().__init__(stream_id, history)
        self.state = cases.replay(history)

    def evolve(self, recorded: e.Recorded) -> None:
        self.state = cases.evolve(self.state, recorded)


class _MessageStream(_Stream):
    def __init__(self, stream_id: str, history: Sequence[e.Recorded]) -> None:
        super().__init__(stream_id, history)
        self.state = messages.replay(history)

    def evolve(self, recorded: e.Recorded) -> None:
        self.state = messages.evolve(self.state, recorded)


class Topic(Protocol):
    """A module of the domain whose streams are apart from cases and messages."""

    def replay(self, history: Sequence[e.Recorded], /) -> Any: ...

    def evolve(self, state: Any, recorded: e.Recorded, /) -> Any: ...

    def decide(self, state: Any, command: Any, /) -> list[e.Event]: ...


class _OwnStream(_Stream):
    def __init__(self, stream_id: str, history: Sequence[e.Recorded], topic: Topic) -> None:
        super().__init__(stream_id, history)
        self.topic = topic
        self.state = topic.replay(history)

    def evolve(self, recorded: e.Recorded) -> None:
        self.state = self.topic.evolve(self.state, recorded)


OwnCommand = reception.Command | reports.Command | difficulty.Command
Command = CaseCommand | PairCommand | MessageCommand | OwnCommand
Wish = Sequence[Command]
_OWN = (reception.Wish, reports.Wish, difficulty.Wish)
_Streams = dict[str, _CaseStream | _MessageStream | _OwnStream]
_Histories = Mapping[str, Sequence[e.Recorded]]


class Desk:
    """The only door through which a case changes."""

    def __init__(self, log: Log, town: TownBook, now: Callable[[], datetime]) -> None:
        self._log = log
        self._town = town
        self._now = now

    def case(self, case_id: str) -> Case | None:
        """The case as it is now; `None` when there is none."""
        return cases.replay(self._log.history(case_id))

    def main_of(self, case_id: str) -> str:
        """The case this one is followed in: the main case of a merged one, else itself."""
        case = self.case(case_id)
        return case.main if case is not None and case.main else case_id

    def case_numbered(self, number: str) -> str:
        """The id of the case that bears this number, `""` when none does."""
        for recorded in self._log.history(number_stream(number)):
            if isinstance(recorded.event, e.NumberGiven):
                return recorded.event.case
        return ""

    def execute(self, *commands: Command, by: str, seen: int | None = None, cause: str = "") -> Done:
        """Carry the wishes out, all in one save; those on one stream see each other.

        `seen` is the version of the first command's case that the asker looked at; it holds for every wish about
        that case. Raises `Refused` when a rule says no, `ChangedMeanwhile` when he must look again, `LostRace` after
        eight lost races.
        """
        return self._race(lambda: self._attempt([commands], by, seen, cause))

    def execute_each(self, wishes: Sequence[Wish], *, by: str) -> Done:
        """Many wishes in one save; no two of them may speak of the same stream."""
        return self._race(lambda: self._attempt(wishes, by, None, ""))

    def _race(self, act: Callable[[], Done]) -> Done:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return act()
            except LostRace:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(random.uniform(0, 0.01 * attempt))
        raise AssertionError("unreachable")

    def _attempt(self, wishes: Sequence[Wish], by: str, seen: int | None, cause: str) -> Done:
        now = self._now()
        commands = [command for wish in wishes for command in wish]
        histories = self._log.histories({stream for command in commands for stream in _streams_of(command)})
        appends = [append for wish in wishes for append in self._decided(wish, histories, now, by, seen)]
        if not appends:
            return Done()
        return Done(tuple(self._log.append(appends, at=now, by=by, cause=cause)))

    def _decided(self, wish: Wish, histories: _Histories, now: datetime, by: str, seen: int | None) -> list[Append]:
        """What is to be saved for one wish; nothing when its message was taken in meanwhile, perhaps otherwise."""
        streams: _Streams = {}
        for command in wish:
            looked = seen if _streams_of(command)[0] == _streams_of(wish[0])[0] else None
            if isinstance(command, PairCommand):
                case, main = (_case_stream(streams, one, histories) for one in _streams_of(command))
                self._decide_pair(case, main, command, now, by, looked)
            elif isinstance(command, cases.Command):
                self._decide_case(_case_stream(streams, command.case_id, histories), command, now, by, looked)
            elif isinstance(command, _OWN):
                own = _own_stream(streams, command, histories)
                own.take(own.topic.decide(own.state, command), now, by)
            elif not self._decide_message(_message_stream(streams, command, histories), command, now, by):
                return []
        appends = [stream.append for stream in streams.values() if stream.fresh]
        return appends + [given for stream in streams.values() if (given := _number_given(stream))]

    def _decide_case(self, stream: _CaseStream, command: CaseCommand, now: datetime, by: str, seen: int | None) -> None:
        """What is so already needs no look; anything else does, when something that matters happened since `seen`."""
        news = _news(stream, command, seen)
        try:
            fresh = cases.decide(stream.state, command, Given(now, self._town_for(stream.state, command)))
        except Refused:
            if news:
                raise ChangedMeanwhile(news) from None
            raise
        if fresh and news:
            raise ChangedMeanwhile(news)
        stream.take(fresh, now, by)

    def _decide_pair(
        self, stream: _CaseStream, main: _CaseStream, command: PairCommand, now: datetime, by: str, seen: int | None
    ) -> None:
        """A wish about two cases, decided from both; `seen` is that of the one it begins with."""
        news = _news(stream, command, seen)
        given, given_main = (Given(now, self._town_for(one.state, command)) for one in (stream, main))
        try:
            fresh, fresh_main = cases.decide_both(stream.state, main.state, command, given, given_main)
        except Refused:
            if news:
                raise ChangedMeanwhile(news) from None
            raise
        if fresh and news:
            raise ChangedMeanwhile(news)
        stream.take(fresh, now, by)
        main.take(fresh_main, now, by)

    def _decide_message(self, stream: _MessageStream, command: MessageCommand, now: datetime, by: str) -> bool:
        """False when the message was taken in meanwhile."""
        if stream.state is not None and isinstance(command, TakeIn):
            return False
        stream.take(messages.decide(stream.state, command), now, by)
        return True

    def _town_for(self, case: Case | None, command: CaseCommand | PairCommand) -> Town:
        """With the days the case counts; it takes over what was corrected when it begins, begins again, or is told."""
        if case is None:
            received = command.received_at if isinstance(command, OpenCase) else self._now()
            return self._town.corrected(self._town.in_force(received).number)
        if isinstance(command, ReopenCase | CorrectCalendar):
            return self._town.corrected(case.town_version)
        return self._town.counting(case.town_version, case.days_of)


def _streams_of(command: Command) -> tuple[str, ...]:
    if isinstance(command, PairCommand):
        return command.case_id, command.main
    if isinstance(command, cases.Command):
        return (command.case_id,)
    return (command.stream if isinstance(command, _OWN) else command.message_id,)


def _case_stream(streams: _Streams, case_id: str, histories: _Histories) -> _CaseStream:
    stream = streams.get(case_id)
    if not isinstance(stream, _CaseStream):
        stream = streams[case_id] = _CaseStream(case_id, histories[case_id])
    return stream


def _own_stream(streams: _Streams, command: OwnCommand, histories: _Histories) -> _OwnStream:
    stream = streams.get(command.stream)
    if not isinstance(stream, _OwnStream):
        stream = streams[command.stream] = _OwnStream(command.stream, histories[command.stream], _topic_of(command))
    return stream


def _topic_of(command: OwnCommand) -> Topic:
    match command:
        case reception.Wish():
            return reception
        case reports.Wish():
            return reports
        case _:
            return difficulty


def _message_stream(streams: _Streams, command: MessageCommand, histories: _Histories) -> _MessageStream:
    stream = streams.get(command.message_id)
    if not isinstance(stream, _MessageStream):
        stream = streams[command.message_id] = _MessageStream(command.message_id, histories[command.message_id])
    return stream


def _news(stream: _CaseStream, command: CaseCommand | PairCommand, seen: int | None) -> list[e.Recorded]:
    """What happened since the asker looked that he must know first."""
    return [r for r in stream.history if seen is not None and r.version > seen and matters(command, r)]


def _number_given(stream: _Stream) -> Append | None:
    """The number of a case that is being registered, in a stream of its own: it can be given once."""
    for event in stream.fresh:
        if isinstance(event, e.CaseRegistered):
            given = e.NumberGiven(number=event.number, case=stream.id)
            return Append(number_stream(event.number), 0, b"", (given,))
    return None
