"""What happens to one invented case, from its reception to today?

Every step is a real wish, decided by the same rules as an agent's; what lies after `until` has not happened yet. The
clock notices what falls due as it does in a town.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from gru.demo import words
from gru.demo.draft import BY_HAND, Draft
from gru.demo.hardships import met
from gru.domain import case as cases
from gru.domain import clocks, difficulty
from gru.domain import events as e
from gru.domain.case import Case, CaseCommand, Given
from gru.domain.references import new_id, number_stream
from gru.domain.rights import Agent
from gru.domain.town import Town
from gru.storage.log import Fact

HOUR = 3600
DAY = 24 * HOUR
CLOCK = "clock"
MAILBOX = "mairie@val-des-tilleuls.example"


class _NotYet(Exception):
    """The next step lies after today."""


class Life:
    """One case lived through; `facts` in the order they happened. `neighbour` is a case of the same type, or ""."""

    def __init__(
        self, draft: Draft, town: Town, agents: dict[str, list[Agent]], until: datetime, neighbour: str
    ) -> None:
        self.facts: list[Fact] = []
        self._draft = draft
        self._refs = draft.promised_texts()
        self._town = town
        self._agents = agents
        self._until = until
        self._neighbour = neighbour
        self._chance = random.Random(draft.seed)
        self._case: Case | None = None
        self._at = draft.received_at
        self._last = draft.received_at

    def live(self, number: str) -> list[Fact]:
        try:
            self._receive(number)
            self._work()
        except _NotYet:
            pass
        return self.facts

    # --- time --------------------------------------------------------------------------------------------------------

    def _pass(self, seconds: float) -> None:
        """Time goes by whether or not anybody works."""
        self._at += timedelta(seconds=round(seconds))

    def _work_for(self, hours: float) -> None:
        """So many opening hours go by, spread as such things are: often less, sometimes much more."""
        spread = self._chance.lognormvariate(0, 0.8)
        department = self._case.department if self._case else self._town.reception
        calendar = self._town.calendar_of(department)
        self._at = clocks.add_working(calendar, self._at, round(hours * HOUR * spread) + 60)

    def _do(self, by: str, command: CaseCommand) -> None:
        self._go_on()
        self._record(self._at, by, command)

    def _go_on(self) -> None:
        """What falls due is noticed; what lies after today has not happened."""
        self._notice(min(self._at, self._until))
        if self._at > self._until:
            raise _NotYet

    def _record(self, at: datetime, by: str, command: CaseCommand) -> None:
        self._last = at
        for event in cases.decide(self._case, command, Given(at, self._town)):
            version = self._case.version + 1 if self._case else 1
            recorded = e.Recorded(self._draft.id, version, at, by, 0, b"", event)
            self._case = cases.evolve(self._case, recorded)
            self.facts.append(Fact(self._draft.id, at, by, event))

    def _notice(self, upto: datetime) -> None:
        """What the clock notices before this instant; what needs no notice any more decides nothing."""
        told: set[CaseCommand] = set()
        while due := min((d for d in self._falling_due(upto) if d[1] not in told), default=None, key=lambda d: d[0]):
            told.add(due[1])
            self._record(max(due[0], self._last), CLOCK, due[1])

    def _falling_due(self, upto: datetime) -> Iterator[tuple[datetime, CaseCommand]]:
        case = self._case
        if case is None or case.status == "closed":
            return
        for kind, promise in case.commitments.items():
            moment = promise.due if promise.warned else promise.warn_at
            if moment <= upto and promise.kept_at is None and not promise.breached:
                late = moment >= promise.due
                yield moment, cases.NoticeBreach(case_id=case.id, kind=kind, due=promise.due, late=late)
        for clock, day in case.legal.items():
            if day.due <= upto and not day.passed:
                yield day.due, cases.NoticeLegalDate(case_id=case.id, clock=clock, due=day.due)

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    def _new_id(self) -> str:
        return new_id(self._at, self._chance.randbytes(10))

    def _someone(self, department: str) -> str:
        found = self._agents.get(department) or self._agents[self._town.reception]
        return self._chance.choice(found).id

    @property
    def _department(self) -> str:
        return self._case.department if self._case else self._town.reception

    # --- reception ---------------------------------------------------------------------------------------------------

    def _receive(self, number: str) -> None:
        draft = self._draft
        by_hand = draft.channel in BY_HAND
        late = draft.channel in ("phone", "post") and self._happens(0.08)
        self._pass(self._chance.randint(60, 240) if by_hand else self._chance.randint(2, 20))
        if late:
            self._work_for(6)
        message = self._chance.randbytes(16).hex() if draft.channel == "email" else ""
        by = f"agent:{self._someone(self._town.reception)}" if by_hand else "system:intake"
        self._do(by, self._opening(number, message, late))
        self.facts.append(Fact(number_stream(number), self._at, by, e.NumberGiven(number=number, case=draft.id)))
        if message:
            self._take_in(message, "opened", draft.received_at)
        if not by_hand:
            self._acknowledge()

    def _opening(self, number: str, message: str, late: bool) -> cases.OpenCase:
        draft, refs = self._draft, self._refs
        by_hand = draft.channel in BY_HAND
        known_type = draft.channel != "email" and draft.channel != "facebook"
        return cases.OpenCase(
            case_id=draft.id,
            number=number,
            channel=draft.channel,
            site=draft.site,
            received_at=draft.received_at,
            requester=draft.person,
            message=message,
            title=refs["title"],
            text=refs["text"],
            place=refs.get("place"),
            district=draft.district,
            reply_channel=draft.reply_channel,
            late_reason="entered_later" if late else "",
            assisted=by_hand,
            consent=by_hand,
            proven=draft.channel == "email" and self._happens(0.9),
            type=draft.type if known_type else "",
            danger=known_type and self._is_danger(),
        )

    def _is_danger(self) -> bool:
        return bool(self._draft.street) and self._happens(0.05)

    def _take_in(self, message: str, outcome: e.MessageOutcome, received_at: datetime) -> None:
        taken_in = e.MessageTakenIn(
            source=MAILBOX, channel="email", outcome=outcome, received_at=received_at, case=self._draft.id
        )
        self.facts.append(Fact(message, self._at, "system:intake", taken_in))

    def _acknowledge(self) -> None:
        if self._draft.reply_channel == "tracking" or self._happens(0.01):
            withheld = cases.WithholdReply(case_id=self._draft.id, kind="receipt", reason="no_address")
            self._do("system:reactions", withheld)
        else:
            self._send("receipt", "system:reactions", human=False, seconds=4)

    def _send(self, kind: e.ReplyKind, by: str, *, human: bool, seconds: float) -> None:
        case_id, reply_id, channel = self._draft.id, self._new_id(), self._draft.reply_channel
        kept = self._words_kept(kind, human)
        write = cases.WriteReply(
            case_id=case_id,
            reply_id=reply_id,
            kind=kind,
            channel=channel,
            text=self._refs[kind],
            human=human,
            template=self._town.letters.get(kind, "") if kept is not None else "",
            words_kept=kept,
        )
        self._do(by, write)
        self._pass(seconds)
        if channel == "email" and self._happens(0.01):
            failure = cases.RecordFailure(case_id=case_id, reply_id=reply_id, reason="smtp_550", permanent=True)
            self._do("system:delivery", failure)
        else:
            sent = cases.RecordSent(case_id=case_id, reply_id=reply_id, sent_at=self._at)
            self._do("system:delivery", sent)

    def _words_kept(self, kind: e.ReplyKind, human: bool) -> int | None:
        """Half of what agents write begins with the town's letter; of a refusal little is left."""
        if not human or not self._happens(0.5):
            return None
        return self._chance.randint(15, 75) if kind == "refusal" else self._chance.randint(40, 100)

    # --- examination -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        if self._case is None or not self._case.type:
            self._work_for(1.2)
            reception = f"agent:{self._someone(self._town.reception)}"
            qualify = cases.QualifyCase(case_id=self._draft.id, type=self._draft.type, danger=self._is_danger())
            self._do(reception, qualify)
        if self._draft.type == "REL-INFO" and self._draft.channel in ("counter", "phone"):
            self._answer_and_close(f"agent:{self._someone(self._town.reception)}", seconds=30)
        elif not self._ends_early():
            self._examine()

    def _ends_early(self) -> bool:
        """Withdrawn, a duplicate, or another administration's."""
        case_id, kind = self._draft.id, self._town.types[self._draft.type]
        agent = f"agent:{self._someone(kind.department)}"
        if kind.code == "PRO-COLLECTE" and "EPCI" in self._town.bodies:
            self._work_for(4)
            self._do(agent, cases.CloseCase(case_id=case_id, outcome="redirected", body="EPCI"))
        elif self._neighbour and self._happens(0.025):
            self._work_for(5)
            self._do(agent, cases.LinkCase(case_id=case_id, other=self._neighbour))
            self._do(agent, cases.CloseCase(case_id=case_id, outcome="duplicate", main=self._neighbour))
        elif self._happens(0.02):
            self._work_for(12)
            self._do("resident", cases.CloseCase(case_id=case_id, outcome="withdrawn"))
        else:
            return False
        return True

    def _examine(self) -> None:
        danger = self._case is not None and self._case.danger
        self._work_for(0.2 if danger else 2)
        if self._happens(0.8) and self._draft.reply_channel != "tracking":
            self._send("acknowledgement", "system:reactions", human=False, seconds=4)
        if self._happens(0.07):
            self._transfer()
        holder = self._someone(self._department)
        agent = f"agent:{holder}"
        self._work_for(0.3 if danger else 3)
        self._do(agent, cases.AssignCase(case_id=self._draft.id, agent=holder))
        self._begin(agent, danger)
        self._wait(agent)
        self._work_for(self._target_hours() * 0.25)
        if self._happens(0.05):
            self._find_it_hard(holder)
        self._answer_and_close(agent, seconds=600)
        self._survey()
        self._reopen(agent)

    def _find_it_hard(self, holder: str) -> None:
        """A fact of the case and a difficulty of its own, as the button makes them."""
        signed, stream = self._happens(0.6), self._chance.randbytes(16).hex()
        by = f"agent:{holder}" if signed else "agent:"
        reason = self._draft.hardship
        text = self._refs["hard"] if self._happens(0.5) else None
        case_id = self._draft.id
        self._do(by, cases.DeclareDifficulty(case_id=case_id, difficulty_id=stream, reason=reason, text=text))
        staff = {agent.id: agent for each in self._agents.values() for agent in each}
        group = difficulty.group_of(staff[holder], staff.values(), signed=signed)
        raised = difficulty.Raise(stream=stream, reason=reason, department=group, case=case_id, text=text)
        self.facts += met(raised, self._at, by, list(staff.values()), self._until, self._chance)

    def _begin(self, agent: str, danger: bool) -> None:
        """First aid, a first word to the resident, a note, a day for the team."""
        case_id = self._draft.id
        if danger:
            self._work_for(1)
            self._do(agent, cases.MakeSafe(case_id=case_id, made_safe_at=self._at))
        if danger or self._happens(0.75):
            self._work_for(0.4 if danger else 2)
            self._send("delay", agent, human=True, seconds=12)
        if self._happens(0.35):
            self._work_for(1)
            self._do(agent, cases.AddNote(case_id=case_id, note_id=self._new_id(), text=self._refs["note"]))
        if self._draft.street and self._happens(0.3):
            day = (self._at + timedelta(days=self._chance.randint(1, 6))).date()
            self._do(agent, cases.PlanIntervention(case_id=case_id, day=day, moment="morning"))

    def _target_hours(self) -> float:
        promise = self._case.commitments.get("resolve") if self._case else None
        if promise is None:
            return 20.0
        calendar = self._town.calendars[promise.calendar]
        return max(1.0, clocks.working_seconds(calendar, self._draft.received_at, promise.due) / HOUR)

    def _transfer(self) -> None:
        others = [code for code in self._agents if code != self._department]
        command = cases.TransferCase(case_id=self._draft.id, department=self._chance.choice(others), reason="not_ours")
        before = self._department
        self._do(f"agent:{self._someone(before)}", command)
        self._work_for(3)
        if self._happens(0.2):
            back = cases.TransferCase(case_id=self._draft.id, department=before, reason="not_ours")
            self._do(f"agent:{self._someone(self._department)}", back)
            self._work_for(3)

    # --- waiting -----------------------------------------------------------------------------------------------------

    def _wait(self, agent: str) -> None:
        kinds: tuple[tuple[e.Party, float], ...] = (("resident", 0.14), ("service", 0.06), ("third_party", 0.07))
        for party, share in kinds:
            if self._happens(share):
                self._work_for(2)
                self._wait_on(party, agent)

    def _wait_on(self, party: e.Party, agent: str) -> None:
        case_id, wait_id = self._draft.id, self._new_id()
        reasons = {"resident": "documents", "service": "opinion", "third_party": "contractor"}
        if party == "resident":
            self._send("complement", agent, human=True, seconds=5)
        start = cases.StartWait(
            case_id=case_id,
            wait_id=wait_id,
            party=party,
            reason=reasons[party],
            indispensable=party == "resident" and self._happens(0.6),
            until=self._at + timedelta(days=15),
        )
        self._do(agent, start)
        self._work_for(18)
        if party == "resident" and self._happens(0.85):
            self._write_again()
            if self._happens(0.12):
                self._work_for(4)
                self._send("complement", agent, human=True, seconds=5)
        else:
            reason = "expired" if party == "resident" else "answered"
            self._do(agent, cases.EndWait(case_id=case_id, wait_id=wait_id, reason=reason))

    def _write_again(self) -> None:
        """The resident sends what was missing: by mail, or on the page where he follows his case."""
        by_mail = self._draft.email and self._happens(0.7)
        message = self._chance.randbytes(16).hex()
        adding = cases.AddMessage(
            case_id=self._draft.id,
            message=message,
            channel="email" if by_mail else "tracking",
            received_at=self._at,
            proof="signed_address" if by_mail else "tracking_link",
            author=self._draft.person,
            proven=by_mail,
            text=self._refs["more"],
        )
        self._do("system:intake" if by_mail else "resident", adding)
        if by_mail:
            self._take_in(message, "joined", self._at)

    # --- the end -----------------------------------------------------------------------------------------------------

    def _answer_and_close(self, agent: str, seconds: float) -> None:
        case_id = self._draft.id
        refused = self._happens(0.06)
        if self._case is not None and self._case.danger:
            self._do(agent, cases.MakeSafe(case_id=case_id, made_safe_at=self._at))
        self._send("refusal" if refused else "answer", agent, human=True, seconds=12)
        self._pass(self._chance.randint(2, 9) * DAY if self._happens(0.25) else seconds * self._chance.random())
        outcome: e.Outcome = "refused" if refused else "resolved"
        if self._happens(0.03):
            outcome = "no_reply" if self._happens(0.6) else "out_of_scope"
        self._do(agent, cases.CloseCase(case_id=case_id, outcome=outcome))

    def _survey(self) -> None:
        """About a third of those who are asked answer; some say it without being asked."""
        case = self._case
        if case is None or case.status != "closed":
            return
        self._pass(4 * DAY)
        asked = len(self.facts)
        self._do(CLOCK, cases.AskSurvey(case_id=case.id))
        if len(self.facts) > asked:
            self._pass(20)
            self._send("survey", "system:reactions", human=False, seconds=4)
        if not self._happens(0.34 if len(self.facts) > asked else 0.01):
            return
        self._pass(self._chance.randint(1, 60) * HOUR)
        score = min(10, self._chance.choices(range(12), words.SCORES)[0])
        text = self._refs["opinion"] if self._happens(0.3) else None
        delay, clarity = self._verdicts(score)
        self._do("resident", cases.RateCase(case_id=case.id, score=score, delay=delay, clarity=clarity, text=text))

    def _verdicts(self, score: int) -> tuple[e.Verdict, e.Verdict]:
        """Who is satisfied mostly found it fast and clear enough."""
        verdicts: tuple[e.Verdict, ...] = ("yes", "yes", "yes", "partly", "")
        if score < 7:
            verdicts = ("no", "no", "partly", "yes", "")
        delay, clarity = self._chance.choice(verdicts), self._chance.choice(verdicts)
        return ("no" if delay == "partly" else delay), clarity

    def _reopen(self, agent: str) -> None:
        if not self._happens(0.03):
            return
        case_id = self._draft.id
        self._pass(self._chance.randint(1, 20) * DAY)
        again = cases.ReopenCase(case_id=case_id, reason="not_solved", text=self._refs["again"], by_resident=True)
        self._do("resident", again)
        self._work_for(40)
        self._do(agent, cases.AssignCase(case_id=case_id, agent=agent.removeprefix("agent:")))
        self._work_for(8)
        self._send("answer", agent, human=True, seconds=12)
        self._do(agent, cases.CloseCase(case_id=case_id, outcome="resolved"))
