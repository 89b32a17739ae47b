"""What would the same watchman write down of where the time went: in which stage, at which department, by whose doing?

He writes one sign a minute and reads them off in the end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from gru.domain import events as e
from gru.domain.town import Town
from tests.oracle.doors import MARK, door, instant, minute, opened

PARTIES = ("resident", "third_party", "service")
OWN = ("to_qualify", "to_assign", "in_progress", "answered")
STAGES = (*OWN, *(f"waiting_{party}" for party in PARTIES))
LETTER = dict(zip(STAGES, "QAPNRTS", strict=True))
CAUSES = {"o": "open", "c": "closed", "h": "holiday", "x": "closure"}
_RUNS = re.compile(rb"(.)\1*", re.DOTALL)


@dataclass
class Round:
    """From reception or a reopening to the closing; `own` are the town's stages, from which minute on, and where."""

    start: int
    own: list[tuple[int, str, str]]
    closed: int | None = None
    told: dict[str, tuple[e.WaitStarted, int | None]] = field(default_factory=dict)
    """The waits that had been told of when it was closed, and until when."""
    days: int = 0
    due: int | None = None
    """When it was to be solved, as it stood when it was closed."""
    human: int | None = None
    heard: int | None = None
    transfers: int = 0


@dataclass
class Rounds:
    """All rounds of a case, as its facts tell them."""

    told: list[Round] = field(default_factory=list)
    waits: dict[str, e.WaitStarted] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    written: dict[str, e.ReplyWritten] = field(default_factory=dict)
    qualified: bool = False
    agent: str = ""
    answered: bool = False
    days: int = 0

    def sees(self, fact: e.Recorded) -> None:
        event, at = fact.event, minute(fact.at)
        if isinstance(event, e.CaseOpened):
            begun = minute(event.received_at)
            self.told = [Round(begun, [(begun, "to_qualify", event.department)])]
            return
        now = self.told[-1]
        department = now.own[-1][2]
        match event:
            case e.CaseQualified():
                self.qualified, department = True, event.department
            case e.CaseTransferred():
                self.agent, department = "", event.department
                now.transfers += 1
            case e.CaseAssigned():
                self.agent = event.agent
            case e.MessageReceived():
                self.answered = False
            case e.WaitStarted():
                self.waits[event.wait_id], self.answered = event, False
            case e.WaitEnded():
                self.ended[event.wait_id] = minute(event.ended_at)
            case e.ReplyWritten():
                self.written[event.reply_id] = event
            case e.ReplySent():
                self._sent(now, self.written[event.reply_id], minute(event.sent_at))
            case e.CalendarCorrected():
                self.days = now.days = event.town_version
            case e.CaseClosed() | e.CaseMerged():
                now.closed = at
            case e.CaseUnmerged():
                now.closed = None
            case e.CaseReopened():
                self.answered = False
                now = Round(at, [], days=self.days)
                self.told.append(now)
        if now.closed is None:
            now.own.append((at, self._stage(), department))
        elif isinstance(event, e.CaseClosed | e.CaseMerged | e.CalendarCorrected):
            now.told = self._waited()

    def _waited(self) -> dict[str, tuple[e.WaitStarted, int | None]]:
        return {id: (event, self.ended.get(id)) for id, event in self.waits.items()}

    def _sent(self, now: Round, reply: e.ReplyWritten, at: int) -> None:
        if reply.human and now.human is None:
            now.human = at
        if (reply.human or reply.kind in ("receipt", "acknowledgement")) and now.heard is None:
            now.heard = at
        waiting = len(self.waits) > len(self.ended)
        if reply.human and reply.kind in ("answer", "refusal") and not waiting and now.closed is None:
            self.answered = True

    def _stage(self) -> str:
        if self.answered:
            return "answered"
        if not self.qualified:
            return "to_qualify"
        return "in_progress" if self.agent else "to_assign"

    # --- what it comes to ---------------------------------------------------------------------------------------

    def spans(
        self, start: int, end: int, told: dict[str, tuple[e.WaitStarted, int | None]] | None = None
    ) -> Iterator[tuple[e.WaitStarted, int, int]]:
        """The waits cut to a time, those that weigh least first; as they were `told` then, else as they are now."""
        waits = (self._waited() if told is None else told).values()
        for event, ended in sorted(waits, key=_weight, reverse=True):
            begins, ends = max(start, minute(event.since)), end if ended is None else min(end, ended)
            if begins < ends:
                yield event, begins - start, ends - start

    def spent(self, one: Round, town: Town) -> dict[str, object]:
        """The columns of a round that is over, by the hours of the department that closed it."""
        assert one.closed is not None
        start, end, last = one.start, one.closed, one.own[-1][2]
        marks = opened(town.calendars[town.departments[last].calendar])
        stages, places, stopped = self._signs(one, town)
        found: dict[str, object] = {"gross": (end - start) * 60, "gross_worked": marks.count(MARK, start, end) * 60}
        here = marks[start:end]
        found["net"] = stopped.count(b"\x00") * 60
        found["net_worked"] = _both(here, stopped.translate(_TURNED)) * 60
        for number, stage in enumerate(STAGES):
            in_stage = (marks.count(MARK, start + a, start + b) for a, b, n in runs(stages) if n == number)
            found[stage], found[f"{stage}_worked"] = stages.count(number) * 60, sum(in_stage) * 60
        other = [b for _, b, place in runs(places) if place != places[-1]]
        found["before_last"] = marks.count(MARK, start, start + max(other, default=0)) * 60
        both = bytes(stage * 16 + place for stage, place in zip(stages, places, strict=True)) if other else stages
        found["variant"] = "".join(LETTER[STAGES[n // 16 if other else n]] for _, _, n in runs(both))
        return found

    def stays(self, one: Round, town: Town) -> list[tuple[object, ...]]:
        """Stage, department, from when to when, elapsed and open seconds."""
        assert one.closed is not None
        marks = opened(town.calendars[town.departments[one.own[-1][2]].calendar])
        stages, places, _ = self._signs(one, town)
        names = {number: code for code, number in _PLACES.items()}
        both = bytes(stage * 16 + place for stage, place in zip(stages, places, strict=True))
        cut = ((one.start + a, one.start + b, STAGES[n // 16], names[n % 16]) for a, b, n in runs(both))
        return [
            (stage, place, instant(a), instant(b), (b - a) * 60, marks.count(MARK, a, b) * 60)
            for a, b, stage, place in cut
        ]

    def _signs(self, one: Round, town: Town) -> tuple[bytes, bytes, bytes]:
        """A sign for the stage, the department, and whether the town's clock is stopped, for each minute."""
        assert one.closed is not None
        length = one.closed - one.start
        stages, places, stopped = bytearray(length), bytearray(length), bytearray(length)
        for at, stage, place in one.own:
            since = max(0, at - one.start)
            stages[since:] = bytes([STAGES.index(stage)]) * max(0, length - since)
            places[since:] = bytes([_PLACES[place]]) * max(0, length - since)
        for event, begins, ends in self.spans(one.start, one.closed, one.told):
            stages[begins:ends] = bytes([STAGES.index(f"waiting_{event.party}")]) * (ends - begins)
            if stops(event, town):
                stopped[begins:ends] = MARK * (ends - begins)
        return bytes(stages), bytes(places), bytes(stopped)

    def explained(self, start: int, end: int, town: Town, department: str, net: bool) -> list[tuple[object, ...]]:
        """Every change of what stands on the door, of who is waited for, and of whether that stops the clock."""
        table: list[tuple[str, str]] = [(CAUSES[sign], "town") for sign in CAUSES]
        signs = bytearray(door(town.calendars[town.departments[department].calendar])[start:end].translate(_DOORS))
        for event, begins, ends in self.spans(start, end):
            stopping = f"pause:{event.party}:{event.reason}" if net and stops(event, town) else ""
            change = bytearray(range(256))
            for sign in set(signs[begins:ends]):
                new = (stopping or table[sign][0], event.party)
                if new not in table:
                    table.append(new)
                change[sign] = table.index(new)
            signs[begins:ends] = signs[begins:ends].translate(change)
        return [
            (instant(start + a), instant(start + b), not table[n][0].startswith("pause:"), *table[n])
            for a, b, n in runs(bytes(signs))
        ]


def _weight(waited: tuple[e.WaitStarted, int | None]) -> tuple[int, datetime, str]:
    event, _ = waited
    return PARTIES.index(event.party), event.since, event.reason


def stops(event: e.WaitStarted, town: Town) -> bool:
    incomplete = event.party == "resident" and event.indispensable
    return {"indispensable": incomplete, "resident": event.party == "resident", "none": False}[town.pauses]


def runs(signs: bytes) -> list[tuple[int, int, int]]:
    """From which minute to which the same sign was written."""
    return [(found.start(), found.end(), found[1][0]) for found in _RUNS.finditer(signs)]


def _both(first: bytes, second: bytes) -> int:
    """How many minutes are marked in both."""
    return (int.from_bytes(first, "big") & int.from_bytes(second, "big")).bit_count()


def at(number: int | None) -> datetime | None:
    return None if number is None else instant(number)


_TURNED = bytes([1, 0]) + bytes(254)
_DOORS = bytes(list(map(ord, CAUSES)).index(sign) if chr(sign) in CAUSES else 0 for sign in range(256))
_PLACES = {code: number for number, code in enumerate(("DRU", "POP", "EDU", "VOI", "ESV", "TRP", "SOC", "URB", "FIN"))}
