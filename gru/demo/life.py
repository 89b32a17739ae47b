"""What happens to one invented case, from its reception to today?

Every step is a real wish, decided by the same rules as an agent's; what lies after `until` has not happened yet.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from gru.demo import words
from gru.domain import case as cases
from gru.domain import clocks
from gru.domain import events as e
from gru.domain.case import Case, CaseCommand, Given
from gru.domain.references import new_id, number_stream
from gru.domain.rights import Agent
from gru.domain.town import Town
from gru.storage.archive import NewText
from gru.storage.log import Fact

HOUR = 3600
BY_HAND: frozenset[e.Channel] = frozenset({"counter", "phone", "post"})


class Draft:
    """What a case is about, before anybody has worked on it; `texts` are written to the archive beforehand."""

    def __init__(
        self, chance: random.Random, town: Town, at: datetime, person: str, email: bool, street: str, district: str
    ) -> None:
        self.received_at = at
        self.id = new_id(at, chance.randbytes(10))
        self.person = person
        self.type = chance.choices(list(town.types), [weight(code) for code in town.types])[0]
        kind = town.types[self.type]
        self.channel = _channel(chance, email, kind.channels)
        self.site = _site(chance, town, self.channel)
        self.street = street if kind.location != "none" else ""
        self.district = district if self.street else ""
        self.seed = chance.getrandbits(64)
        title, text = words.ask(chance, self.type, kind.label, street)
        self.texts = {
            "title": title,
            "text": text,
            "place": f"{chance.randint(1, 98)} {street}" if self.street else "",
            "receipt": f"Objet : Nous avons reçu votre message\n\nNous avons bien reçu votre message : {title}.",
            "acknowledgement": f"Objet : Votre demande est enregistrée\n\nLe service chargé de : {kind.label}.",
            "answer": chance.choice(words.ANSWERS),
            "refusal": chance.choice(words.REFUSALS),
            "complement": chance.choice(words.COMPLEMENTS),
            "more": chance.choice(words.RESIDENT_REPLIES),
            "note": chance.choice(words.NOTES),
            "again": chance.choice(words.THANKS),
        }

    def promised_texts(self) -> dict[str, e.TextRef]:
        """Stand-ins by name, until `settled` knows which texts were needed at all."""
        return {name: e.TextRef(name, "") for name, text in self.texts.items() if text}


def needed(draft: Draft, facts: list[Fact]) -> list[NewText]:
    """The texts these facts speak of, each once."""
    names = {stand_in.id: None for fact in facts for stand_in in _stand_ins(fact.event).values()}
    return [NewText(draft.texts[name], draft.person, draft.id, at=draft.received_at) for name in names]


def settled(facts: list[Fact], written: Iterator[e.TextRef]) -> list[Fact]:
    """The facts with the references of the texts that `needed` named, in its order."""
    names = {stand_in.id: None for fact in facts for stand_in in _stand_ins(fact.event).values()}
    true = {name: next(written) for name in names}
    return [
        replace(fact, event=replace(fact.event, **{f: true[r.id] for f, r in found.items()})) if found else fact
        for fact in facts
        for found in (_stand_ins(fact.event),)
    ]


def _stand_ins(event: e.Event) -> dict[str, e.TextRef]:
    found = {}
    for field in ("title", "text", "place"):
        value = getattr(event, field, None)
        if isinstance(value, e.TextRef) and not value.digest:
            found[field] = value
    return found


def weight(type_code: str) -> float:
    """How often a type is asked for, beside the others."""
    usual = {"VOI-CHAUSSEE": 9, "PRO-DEPOT": 8, "REL-INFO": 14, "EC-ACTE": 8, "VOI-ECLAIR": 5, "EDU-CANT": 6}
    seldom = {"URB-PC": 0.6, "ASS-SUBV": 0.7, "HYG-LOGEMENT": 0.6, "SOC-DOM": 0.7, "JUR-RGPD": 0.3}
    return usual.get(type_code) or seldom.get(type_code) or 2.0


def _channel(chance: random.Random, email: bool, allowed: tuple[e.Channel, ...]) -> e.Channel:
    usual: dict[e.Channel, float] = {"web": 18, "counter": 20, "phone": 17, "facebook": 6, "post": 3}
    if email:
        usual["email"] = 36
    open_doors = {channel: share for channel, share in usual.items() if not allowed or channel in allowed}
    return chance.choices(list(open_doors), list(open_doors.values()))[0] if open_doors else "counter"


def _site(chance: random.Random, town: Town, channel: e.Channel) -> str:
    if channel not in BY_HAND:
        return town.virtual_site
    real = [site.code for site in town.sites.values() if site.code != town.virtual_site]
    return chance.choices(real, [4.0] + [1.0] * (len(real) - 1))[0]


class _NotYet(Exception):
    """The next step lies after today."""


class Life:
    """One case lived through; `facts` in the order they happened."""

    def __init__(
        self,
        draft: Draft,
        town: Town,
        agents: dict[str, list[Agent]],
        until: datetime,
        neighbour: str,
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
        if self._at > self._until:
            raise _NotYet
        given = Given(self._at, self._town)
        for event in cases.decide(self._case, command, given):
            version = self._case.version + 1 if self._case else 1
            recorded = e.Recorded(self._draft.id, version, self._at, by, 0, b"", event)
            self._case = cases.evolve(self._case, recorded)
            self.facts.append(Fact(self._draft.id, self._at, by, event))

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    def _new_id(self) -> str:
        return new_id(self._at, self._chance.randbytes(10))

    def _someone(self, department: str) -> str:
        found = self._agents.get(department) or self._agents[self._town.reception]
        return self._chance.choice(found).id

    # --- the steps ---------------------------------------------------------------------------------------------------

    def _receive(self, number: str) -> None:
        draft, refs = self._draft, self._refs
        late = draft.channel in ("phone", "post") and self._happens(0.08)
        by_hand = draft.channel in BY_HAND
        self._pass(self._chance.randint(60, 240) if by_hand else self._chance.randint(2, 20))
        if late:
            self._work_for(6)
        message = self._chance.randbytes(16).hex() if draft.channel == "email" else ""
        by = f"agent:{self._someone(self._town.reception)}" if by_hand else "system:intake"
        known_type = by_hand or draft.channel == "web"
        opening = cases.OpenCase(
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
            reply_channel="email" if draft.channel in ("email", "web") else draft.channel,
            late_reason="entered_later" if late else "",
            assisted=by_hand,
            consent=by_hand,
            proven=draft.channel == "email" and self._happens(0.9),
            type=draft.type if known_type else "",
            danger=known_type and self._happens(0.03),
        )
        self._do(by, opening)
        self.facts.append(Fact(number_stream(number), self._at, by, e.NumberGiven(number=number, case=draft.id)))
        if message:
            self.facts.append(Fact(message, self._at, by, self._taken_in(message)))
        self._acknowledge()

    def _taken_in(self, message: str) -> e.MessageTakenIn:
        return e.MessageTakenIn(
            source="mairie@val-des-tilleuls.example",
            channel="email",
            outcome="opened",
            received_at=self._draft.received_at,
            case=self._draft.id,
        )

    def _acknowledge(self) -> None:
        if self._draft.channel not in ("email", "web"):
            return
        if self._happens(0.015):
            self._do(
                "system:reactions", cases.WithholdReply(case_id=self._draft.id, kind="receipt", reason="no_address")
            )
            return
        self._send("receipt", "system:reactions", human=False, seconds=4)

    def _send(self, kind: e.ReplyKind, by: str, *, human: bool, seconds: float) -> None:
        reply_id = self._new_id()
        channel = self._case.reply_channel if self._case else "email"
        write = cases.WriteReply(
            case_id=self._draft.id,
            reply_id=reply_id,
            kind=kind,
            channel=channel,
            text=self._refs[kind if kind in self._refs else "answer"],
            human=human,
        )
        self._do(by, write)
        self._pass(seconds)
        if channel == "email" and self._happens(0.01):
            failure = cases.RecordFailure(case_id=self._draft.id, reply_id=reply_id, reason="smtp_550", permanent=True)
            self._do("system:delivery", failure)
        else:
            sent = cases.RecordSent(case_id=self._draft.id, reply_id=reply_id, sent_at=self._at)
            self._do("system:delivery", sent)

    def _work(self) -> None:
        case_id, town = self._draft.id, self._town
        if self._case is None or not self._case.type:
            self._work_for(1.2)
            reception = f"agent:{self._someone(town.reception)}"
            self._do(reception, cases.QualifyCase(case_id=case_id, type=self._draft.type))
        if self._draft.type == "REL-INFO" and self._draft.channel in ("counter", "phone"):
            self._answer_and_close(f"agent:{self._someone(town.reception)}", seconds=30)
            return
        if self._ends_early():
            return
        self._examine()

    def _ends_early(self) -> bool:
        """Withdrawn, a duplicate, or another administration's."""
        case_id, kind = self._draft.id, self._town.types[self._draft.type]
        if kind.code == "PRO-COLLECTE" and "EPCI" in self._town.bodies:
            self._work_for(4)
            agent = f"agent:{self._someone(kind.department)}"
            self._do(agent, cases.CloseCase(case_id=case_id, outcome="redirected", body="EPCI"))
            return True
        if self._neighbour and self._happens(0.025):
            self._work_for(5)
            agent = f"agent:{self._someone(kind.department)}"
            self._do(agent, cases.LinkCase(case_id=case_id, other=self._neighbour))
            self._do(agent, cases.CloseCase(case_id=case_id, outcome="duplicate", main=self._neighbour))
            return True
        if self._happens(0.02):
            self._work_for(12)
            self._do("resident", cases.CloseCase(case_id=case_id, outcome="withdrawn"))
            return True
        return False

    def _examine(self) -> None:
        case_id, kind = self._draft.id, self._town.types[self._draft.type]
        self._work_for(2)
        if self._happens(0.8):
            self._send("acknowledgement", "system:reactions", human=False, seconds=4)
        if self._happens(0.07):
            self._transfer()
        department = self._case.department if self._case else kind.department
        holder = self._someone(department)
        agent = f"agent:{holder}"
        self._work_for(3)
        self._do(agent, cases.AssignCase(case_id=case_id, agent=holder))
        if self._happens(0.35):
            self._work_for(1)
            self._do(agent, cases.AddNote(case_id=case_id, note_id=self._new_id(), text=self._refs["note"]))
        self._wait(agent)
        self._work_for(self._target_hours() * 0.3)
        if self._happens(0.05):
            reason = self._chance.choice(words.DIFFICULTIES)
            self._do(agent, cases.DeclareDifficulty(case_id=case_id, difficulty_id=self._new_id(), reason=reason))
        self._answer_and_close(agent, seconds=600)
        self._reopen(agent)

    def _target_hours(self) -> float:
        promise = self._case.commitments.get("resolve") if self._case else None
        if promise is None:
            return 20.0
        calendar = self._town.calendars[promise.calendar]
        return max(1.0, clocks.working_seconds(calendar, self._draft.received_at, promise.due) / HOUR)

    def _transfer(self) -> None:
        others = [code for code in self._agents if self._case is None or code != self._case.department]
        command = cases.TransferCase(case_id=self._draft.id, department=self._chance.choice(others), reason="not_ours")
        self._do(f"agent:{self._someone(self._case.department if self._case else '')}", command)
        self._work_for(3)

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
            message = self._chance.randbytes(16).hex()
            self._do("system:intake", self._message(message))
            self.facts.append(Fact(message, self._at, "system:intake", self._joined(message)))
        else:
            reason = "expired" if party == "resident" else "answered"
            self._do(agent, cases.EndWait(case_id=case_id, wait_id=wait_id, reason=reason))

    def _message(self, message: str) -> cases.AddMessage:
        return cases.AddMessage(
            case_id=self._draft.id,
            message=message,
            channel="email",
            received_at=self._at,
            proof="signed_address",
            author=self._draft.person,
            proven=True,
            text=self._refs["more"],
        )

    def _joined(self, message: str) -> e.MessageTakenIn:
        return e.MessageTakenIn(
            source="mairie@val-des-tilleuls.example",
            channel="email",
            outcome="joined",
            received_at=self._at,
            case=self._draft.id,
        )

    def _answer_and_close(self, agent: str, seconds: float) -> None:
        refused = self._happens(0.06)
        if self._case is not None and self._case.danger:
            self._do(agent, cases.MakeSafe(case_id=self._draft.id, made_safe_at=self._at))
        self._send("refusal" if refused else "answer", agent, human=True, seconds=12)
        self._pass(seconds * self._chance.random())
        outcome: e.Outcome = "refused" if refused else "resolved"
        if self._happens(0.03):
            outcome = "no_reply" if self._happens(0.6) else "out_of_scope"
        self._do(agent, cases.CloseCase(case_id=self._draft.id, outcome=outcome))

    def _reopen(self, agent: str) -> None:
        if not self._happens(0.03):
            return
        self._pass(self._chance.randint(1, 20) * 24 * HOUR)
        reopening = cases.ReopenCase(
            case_id=self._draft.id, reason="not_solved", text=self._refs["again"], by_resident=True
        )
        self._do("resident", reopening)
        self._work_for(8)
        self._send("answer", agent, human=True, seconds=12)
        self._do(agent, cases.CloseCase(case_id=self._draft.id, outcome="resolved"))
