"""What would somebody write down who sat beside a case and looked at the clock every minute?

He reads what happened (a request came in, was qualified, waited, was answered, merged, closed, reopened) and what the
town's catalogue says, never what the product concluded from it. From that he counts every promise and every date of the
law.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from gru.domain import events as e
from gru.domain.clocks import Amount, Calendar
from gru.domain.town import Town
from tests.oracle.doors import MARK, day_of, end_of, minute, opened, reach, stretches, without
from tests.oracle.limits import by_days, last_day, plain

PAUSED = ("first_response", "resolve")
RESOLVING = ("resolved", "refused", "no_reply", "out_of_scope")
MEETS = {
    "receipt": ("receipt", "acknowledgement", "answer", "refusal", "complement"),
    "acknowledgement": ("acknowledgement", "answer", "refusal"),
    "silence": ("answer", "refusal"),
}
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Waited:
    id: str
    party: str
    reason: str
    since: int
    town: bool
    law: bool
    until: int | None = None
    ended: int | None = None


@dataclass(frozen=True)
class Promised:
    """`start` is what it is counted from; `due` stands still once it is `kept`, `named` is a date an agent gave.

    `limit` is how far a pause that ran when it was kept would have moved it.
    """

    rule: str
    amount: Amount
    calendar: str
    start: int
    due: int = 0
    limit: int = 0
    kept: int | None = None
    named: int | None = None
    named_at: int = 0
    early: "Promised | None" = None
    """The same promise from the reception of a duplicate that came in earlier, where that ends sooner."""


@dataclass(frozen=True)
class Legal:
    day: date
    passed: bool = False


@dataclass
class Watchman:
    town: Town
    right: Town
    """The town with the days that prove right, once they do."""
    zone: str = ""
    opened: e.CaseOpened | None = None
    type: str = ""
    danger: bool = False
    department: str = ""
    received: int = 0
    reopened: int | None = None
    closed: int | None = None
    merged: bool = False
    absorbed: dict[str, int] = field(default_factory=dict)
    censored: set[str] = field(default_factory=set)
    """What was not kept when the case was closed without being solved, or merged."""
    promises: dict[str, Promised] = field(default_factory=dict)
    law: dict[str, Legal] = field(default_factory=dict)
    waits: dict[str, Waited] = field(default_factory=dict)
    running: dict[str, set[str]] = field(default_factory=lambda: {"town": set(), "law": set()})
    """By clock, the waits of the pause that runs: its time is given back when all of it is over."""
    replies: dict[str, e.ReplyWritten] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)

    # --- what happens -------------------------------------------------------------------------------------------

    def sees(self, facts: list[e.Recorded]) -> None:
        """All that followed from one wish."""
        for fact in facts:
            self._sees(fact)
        if self.closed is None or self.merged:
            self._count_again()

    def _sees(self, fact: e.Recorded) -> None:
        at = minute(fact.at)
        match fact.event:
            case e.CaseOpened() as event:
                self.opened, self.received, self.department = event, minute(event.received_at), event.department
                self.zone = self.town.calendars[self.town.departments[self.town.reception].calendar].timezone
                self._promise_all(self.received, ("acknowledge", "first_response", "resolve", "make_safe"))
                self._count_law()
            case e.CaseQualified() as event:
                changed = (self.type, self.danger) != (event.type, event.danger)
                self.type, self.danger, self.department = event.type, event.danger, event.department
                if changed:
                    self._requalified()
            case e.CaseTransferred() as event:
                self.department = event.department
            case e.CalendarCorrected():
                self.town = self.right
                self._count_law(again=True)
            case e.WaitStarted() as event:
                self._waits(event)
            case e.WaitEnded() as event:
                self._ends(event)
            case e.ReplyWritten() as event:
                self.replies[event.reply_id] = event
            case e.ReplySent() as event:
                self._sent(self.replies[event.reply_id], minute(event.sent_at))
            case e.MadeSafe() as event:
                self._keep("make_safe", minute(event.made_safe_at))
            case e.CommitmentMoved(reason="prolongation") as event:
                one = self.promises[event.kind]
                self.promises[event.kind] = replace(one.early or one, named=minute(event.due), named_at=at)
            case e.LegalDatePassed() as event:
                self.law[event.clock] = replace(self.law[event.clock], passed=True)
            case e.CaseClosed() as event:
                self._closes(event, at)
            case e.CaseReopened():
                self._reopens(at)
            case e.CaseMerged():
                self.closed, self.merged, self.censored = at, True, self._unkept()
            case e.CaseUnmerged():
                self.closed, self.merged, self.censored = None, False, set()
            case e.CaseAbsorbed() as event:
                self._absorbs(event.other, minute(event.received_at))
            case e.CaseReleased() as event:
                self._releases(event.other)

    def _requalified(self) -> None:
        starts = {kind: self._begun(kind) for kind in ("acknowledge", "first_response", "resolve", "make_safe")}
        wanted = {kind: one for kind, start in starts.items() if (one := self._promised(kind, start))}
        stay = {kind: one for kind, one in self.promises.items() if one.kept is not None}
        stay |= {kind: one for kind, one in self.promises.items() if one.named is not None and kind in wanted}
        self.promises = {kind: self._hastened(kind, one) for kind, one in wanted.items()} | stay
        self._count_law()

    def _waits(self, event: e.WaitStarted) -> None:
        law = event.party == "resident" and event.indispensable
        town = {"indispensable": law, "resident": event.party == "resident", "none": False}[self.town.pauses]
        until = minute(event.until) if event.until else None
        one = Waited(event.wait_id, event.party, event.reason, minute(event.since), town, law, until)
        self.waits[one.id] = one
        for clock, stops in (("town", town), ("law", law)):
            if stops:
                self.running[clock].add(one.id)

    def _ends(self, event: e.WaitEnded) -> None:
        self.waits[event.wait_id] = replace(self.waits[event.wait_id], ended=minute(event.ended_at))
        for clock, pause in self.running.items():
            if event.wait_id in pause and all(self.waits[id].ended is not None for id in pause):
                over = tuple(pause)
                pause.clear()
                if clock == "town":
                    self._give_back_to_named(over)
                else:
                    self._count_law()

    def _sent(self, reply: e.ReplyWritten, at: int) -> None:
        if reply.human or reply.kind in ("receipt", "acknowledgement"):
            self._keep("acknowledge", at)
        if reply.human:
            self._keep("first_response", at)
        self.met |= {clock for clock, kinds in MEETS.items() if reply.kind in kinds}

    def _closes(self, event: e.CaseClosed, at: int) -> None:
        if event.outcome in RESOLVING:
            self._keep("resolve", at)
            self._keep("make_safe", at)
        self._count_again()
        self.closed, self.censored = at, set() if event.outcome in RESOLVING else self._unkept()

    def _unkept(self) -> set[str]:
        return {kind for kind, one in self.promises.items() if one.kept is None}

    def _reopens(self, at: int) -> None:
        self.closed, self.reopened, self.censored = None, at, set()
        for kind in PAUSED:
            if kind in self.promises and (one := self._promised(kind, at)):
                self.promises[kind] = one

    # --- what was asked for before, too -------------------------------------------------------------------------

    def _absorbs(self, other: str, received: int) -> None:
        """Nothing moves unless none of those that are followed here came in so early."""
        sooner = received < min((self.received, *self.absorbed.values()))
        self.absorbed[other] = received
        if sooner:
            self.promises = {kind: self._hastened(kind, one) for kind, one in self.promises.items()}

    def _releases(self, other: str) -> None:
        """What was counted from its reception is counted from the earliest that is left, or from its own beginning."""
        del self.absorbed[other]
        for kind, one in self.promises.items():
            if one.kept is None and one.early and one.early.start not in self.absorbed.values():
                again = self._hastened(kind, replace(one, early=None))
                self.promises[kind] = replace(again, due=self._date(kind, again))

    def _hastened(self, kind: str, one: Promised) -> Promised:
        """What is open, and not named by an agent, from the earliest reception: by the strictest rule from there, in
        the hours of who has the case now."""
        start = min((self.received, *self.absorbed.values()))
        anew = kind in PAUSED and self.reopened is not None
        if start == self.received or anew or one.kept is not None or one.named is not None:
            return one
        early = self._promised(kind, start)
        return replace(one, early=early) if early and self.due(kind, early) < self._date(kind, one) else one

    # --- what is promised ---------------------------------------------------------------------------------------

    def _begun(self, kind: str) -> int:
        return self.reopened if self.reopened is not None and kind in PAUSED else self.received

    def _promise_all(self, start: int, kinds: tuple[str, ...]) -> None:
        self.promises = {kind: one for kind in kinds if (one := self._promised(kind, start))}

    def _promised(self, kind: str, start: int) -> Promised | None:
        """Of all rules for this kind of promise the one that ends first, in the hours of who has the case."""
        calendar = self.town.departments[self.department].calendar
        found = [Promised(rule, amount, calendar, start) for rule, amount in self._rules(kind)]
        return min(found, key=lambda one: self._without_pause(one), default=None)

    def _rules(self, kind: str) -> Iterator[tuple[str, Amount]]:
        assert self.opened is not None
        town, type = self.town, self.town.types.get(self.type)
        own = getattr(type.targets, kind, None) if type else None
        general = getattr(town.default_targets, kind, None)
        if own:
            yield f"type/{self.type}/{kind}", own
        elif general:
            yield f"default/{kind}", general
        channel = getattr(town.channel_targets.get(self.opened.channel), kind, None)
        if channel:
            yield f"channel/{self.opened.channel}/{kind}", channel
        if self.danger and kind in ("first_response", "make_safe"):
            urgent = type.urgent if type and type.urgent else None
            scope = f"type/{self.type}/urgent" if urgent else "default/urgent"
            yield f"{scope}/{kind}", getattr(urgent or town.default_urgent, kind)

    def _without_pause(self, one: Promised) -> int:
        return plain(self.town.calendars[one.calendar], one.start, one.amount)

    def given_back(self, kind: str, until: int | None = None) -> Spans:
        """The minutes in which the clock of this promise stood still; `until`: the pause that runs as far as that."""
        if kind not in PAUSED:
            return ()
        begun, spans = self._begun(kind), []
        for wait in self.waits.values():
            if not wait.town or (wait.id in self.running["town"] and until is None):
                continue
            ended = wait.ended if wait.ended is not None else until
            if wait.id in self.running["town"] and until is not None:
                ended = until if ended is None else min(ended, until)
            since = max(wait.since, begun)
            if ended is not None and since < ended:
                spans.append((since, ended))
        return tuple(spans)

    def due(self, kind: str, one: Promised, until: int | None = None) -> int:
        """When as many minutes were counted as the rule says, of those that are open and in which the clock runs."""
        limit, spans = self._without_pause(one), self.given_back(kind, until)
        calendar = self.town.calendars[one.calendar]
        if one.amount.unit in ("h", "jo"):
            number = opened(calendar).count(MARK, one.start, limit)
            return reach(without(opened(calendar), spans), one.start, number)
        return by_days(calendar.timezone, limit, stretches(spans))

    def sooner(self, kind: str, one: Promised, until: int | None = None) -> Promised:
        """By itself again, once it ends sooner so than from an earlier reception, which other hours may have."""
        if one.early and self.due(kind, one, until) < self.due(kind, one.early, until):
            return replace(one, early=None)
        return one

    def _date(self, kind: str, one: Promised, until: int | None = None) -> int:
        return self.due(kind, one.early or one, until)

    def warning(self, kind: str, one: Promised) -> tuple[int, int]:
        """Minute and second at which four fifths of the open time are used."""
        calendar, limit = self.town.calendars[one.calendar], self._without_pause(one)
        number = opened(calendar).count(MARK, one.start, limit)
        whole, rest = divmod(round(0.8 * 60 * number), 60)
        runs = without(opened(calendar), self.given_back(kind))
        at = (reach(runs, one.start, whole + 1) - 1, rest) if rest else (reach(runs, one.start, whole), 0)
        return min(at, (self.due(kind, one), 0))

    def _count_again(self) -> None:
        for kind, one in self.promises.items():
            if one.kept is None:
                one = self.sooner(kind, one)
                due = one.named if one.named is not None else self._date(kind, one)
                self.promises[kind] = replace(one, due=due)

    def _keep(self, kind: str, at: int) -> None:
        """Kept after its date, in a pause that runs: that has moved it as far as then."""
        one = self.promises.get(kind)
        if one is not None and one.kept is None:
            one = self.sooner(kind, one)
            due = one.named if one.named is not None else self._date(kind, one)
            one = one if at <= due else self.sooner(kind, one, at)
            limit = self._named(one, kind, at) if one.named is not None else self._date(kind, one, at)
            self.promises[kind] = replace(one, due=due if at <= due else limit, limit=limit, kept=at)

    # --- a date an agent named ----------------------------------------------------------------------------------

    def _give_back_to_named(self, over: tuple[str, ...]) -> None:
        for kind in PAUSED:
            one = self.promises.get(kind)
            if one is not None and one.named is not None and one.kept is None:
                self.promises[kind] = replace(one, named=self._pushed(one, kind, over, None))

    def _named(self, one: Promised, kind: str, until: int) -> int:
        return self._pushed(one, kind, tuple(self.running["town"]), until) if kind in PAUSED else one.named or 0

    def _pushed(self, one: Promised, kind: str, pause: tuple[str, ...], until: int | None) -> int:
        """The open minutes of a pause that began before the date are added to it, those since it was named."""
        marks, due = opened(self.town.calendars[one.calendar]), one.named or 0
        begun = max(self._begun(kind), one.named_at)
        spans = []
        for id in pause:
            wait = self.waits[id]
            ends = [at for at in (wait.ended, until) if at is not None]
            if max(wait.since, begun) < min(ends):
                spans.append((max(wait.since, begun), min(ends)))
        for begins, ends_at in stretches(tuple(spans)):
            if begins < due:
                due = reach(marks, due, marks.count(MARK, begins, ends_at))
        return due

    # --- the law ------------------------------------------------------------------------------------------------

    @property
    def legal_calendar(self) -> Calendar:
        return self.town.calendars[self.town.departments[self.town.reception].calendar]

    def _count_law(self, again: bool = False) -> None:
        wanted = {clock: day for clock, (day, _) in self.law_counted().items()}
        for clock, day in wanted.items():
            if clock not in self.law or again or not self.law[clock].passed:
                same = clock in self.law and self.law[clock].day == day
                self.law[clock] = Legal(day, passed=same and self.law[clock].passed)
        self.law = {clock: one for clock, one in self.law.items() if clock in wanted or one.passed}

    def law_counted(self) -> dict[str, tuple[date, Amount]]:
        assert self.opened is not None
        channel, cal, received = self.opened.channel, self.legal_calendar, day_of(self.zone, self.received)
        found = {
            clock: (last_day(cal, received, rule.amount), rule.amount)
            for clock, rule in self.town.legal.items()
            if channel in rule.channels
        }
        type = self.town.types.get(self.type)
        by_hand = channel in ("counter", "phone", "post")
        seizes = type is not None and (channel in self.town.silence_channels if type.electronic == "open" else by_hand)
        if type is None or not seizes or type.legal.regime in ("none", "exempt"):
            return found
        delay = type.legal.delay or self.town.regimes[type.legal.regime].delay
        if delay:
            found["silence"] = (self._silence(type.legal.regime, delay), delay)
        return found

    def incomplete(self) -> list[Waited]:
        over = (wait for id, wait in self.waits.items() if wait.law and id not in self.running["law"])
        return [wait for wait in over if wait.ended is not None]

    def _silence(self, regime: str, delay: Amount) -> date:
        waits = self.incomplete()
        if waits and regime == "acceptance":
            complete = max(wait.ended or 0 for wait in waits)
            return last_day(self.legal_calendar, day_of(self.zone, complete), delay)
        plain = last_day(self.legal_calendar, day_of(self.zone, self.received), delay)
        limit = by_days(self.zone, end_of(self.zone, plain), stretches(self.allowed()))
        return day_of(self.zone, limit - 1)

    def allowed(self) -> Spans:
        """What the incomplete file suspends: until it was complete, and not longer than the time allowed for that."""
        spans = []
        for wait in self.incomplete():
            ended = wait.ended or 0
            if wait.until is not None:
                ended = min(ended, wait.until)
            if wait.since < ended:
                spans.append((wait.since, ended))
        return tuple(spans)
