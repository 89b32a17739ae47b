"""Which lives do cases lead that cross every trouble of a calendar? Random ones, told at whole minutes.

Of a merge both cases are told, and one of them is watched: the duplicate, or the main one.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random

from msgspec.structs import replace

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.clocks import Amount, Calendar, SpecialDay
from gru.domain.errors import Refused
from gru.domain.town import PAUSE_RULES, Town
from tests.domain.histories import CASE, PERSON, TEXT, Story
from tests.domain.towns import sample_town

ZONES = ("Europe/Paris", "America/Miquelon")
NIGHTS = {
    "Europe/Paris": (date(2027, 3, 28), date(2027, 10, 31)),
    "America/Miquelon": (date(2027, 3, 14), date(2027, 11, 7)),
}
"""The nights in which the clocks change."""
TYPES = ("VOI-CHAUSSEE", "EC-ELEC", "EDU-INSC", "ODP-DEMEN", "TRP-VOISIN", "EDU-CANT", "LOG-DEM", "REL-INFO", "URB-DP")
DEPARTMENTS = ("VOI", "ESV", "SOC", "DRU", "TRP", "POP")
PLAIN: tuple[tuple[int, int], ...] = ((510, 720), (810, 1050))
NIGHTLY: tuple[tuple[int, int], ...] = ((0, 150), (165, 360), (1320, 1440))
"""It shuts for a quarter of an hour in the hour that is lost, or comes twice."""
WEEKS: dict[str, tuple[tuple[tuple[int, int], ...], ...]] = {
    "bureaux": (PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, ((540, 720),), ()),
    "technique": (NIGHTLY,) * 7,
    "tranquillite": (((0, 1440),),) * 7,
    "ccas": ((), ((540, 720),), (), ((840, 1140),), ((495, 500),), (), ()),
}


@cache
def town(zone: str, pauses: str, right: bool) -> Town:
    """The sample town under other hours; the `right` one has the days that had been forgotten."""
    base = sample_town()
    types = {code: replace(kind, targets=TARGETS.get(code, kind.targets)) for code, kind in base.types.items()}
    calendars = {code: _calendar(code, zone, right) for code in base.calendars}
    departments = {**base.departments, "ESV": replace(base.departments["ESV"], calendar="tranquillite")}
    made = replace(base, types=types, calendars=calendars, departments=departments, pauses=pauses, timezone=zone)
    return replace(made, number=2) if right else made


@cache
def corrected(zone: str, pauses: str) -> Town:
    """The town of which it has been said that its days were wrong."""
    return town(zone, pauses, False).with_days_of(town(zone, pauses, True))


def _calendar(code: str, zone: str, right: bool) -> Calendar:
    """Its own closures and special days around both nights, Easter, Ascension, All Saints and Armistice."""
    holidays = [date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17), date(2027, 11, 1), date(2027, 11, 11)]
    turn = sorted(WEEKS).index(code)
    bridges = [date(2027, 3, 30), date(2027, 5, 7), date(2027, 11, 2), date(2027, 11, 12)][turn:]
    special = [
        SpecialDay(NIGHTS[zone][turn % 2], ((60, 200), (230, 300))),
        SpecialDay(date(2027, 11, 11), ((600, 660),)),
        SpecialDay(date(2027, 4, 1 + turn), ()),
    ]
    if right:
        holidays += [date(2027, 4, 7), date(2027, 11, 5)]
        special += [SpecialDay(date(2027, 11, 15), ((0, 1),))]
    closed = sorted({*(holidays if turn < 3 else holidays[:1]), *bridges})
    return Calendar(code, zone, WEEKS[code], tuple(closed), tuple(special), tuple(sorted(holidays)))


TARGETS = {
    "TRP-VOISIN": replace(
        sample_town().types["TRP-VOISIN"].targets, first_response=Amount(20, "h"), resolve=Amount(6, "ouvrables")
    ),
    "EDU-CANT": replace(sample_town().types["EDU-CANT"].targets, resolve=Amount(4, "francs")),
    "LOG-DEM": replace(sample_town().types["LOG-DEM"].targets, resolve=Amount(1, "month"), acknowledge=Amount(3, "h")),
}


class Life:
    """One random history; `told` are the facts that each wish led to."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.zone = self.dice.choice(ZONES)
        pauses = self.dice.choice(PAUSE_RULES)
        self.wrong, self.right = town(self.zone, pauses, False), corrected(self.zone, pauses)
        night = datetime.combine(self.dice.choice(NIGHTS[self.zone]), datetime.min.time(), UTC)
        self.at = night + timedelta(minutes=self.dice.randint(-6 * 1440, 1440))
        self.known_wrong = False
        """Whether it has been said that the days were wrong."""
        self.others: dict[str, Story] = {}
        """The cases it was merged into, or absorbed."""

    def batches(self) -> Iterator[tuple[Story, list[e.Recorded]]]:
        """The story after each wish that led to anything, with the facts that followed from it."""
        dice = self.dice
        channel = dice.choice(("email", "web", "counter", "post", "facebook"))
        received = self.at - timedelta(minutes=dice.choice((0, 0, 1, 90, 700)))
        story = Story(
            self.at, self.wrong, channel=channel, site="EN-LIGNE" if channel in ("email", "web", "facebook") else "HDV",
            received_at=received, late_reason="x", type=dice.choice(("", *TYPES)), danger=False,
        )  # fmt: skip
        yield story, list(story.facts)
        for _ in range(dice.randint(4, 22)):
            self.at += timedelta(minutes=dice.choice((0, 0, 3, 47, 240, 600, 1440, dice.randint(1, 5000))))
            known = len(story.facts)
            for wish in self._wishes(story):
                try:
                    self._tell(story, wish)
                except Refused:
                    continue
            if story.facts[known:]:
                yield story, story.facts[known:]

    def _tell(self, story: Story, wish: c.CaseCommand | c.PairCommand) -> None:
        """A case takes the right days over when it is told so, or begins again after others were."""
        begins = self.known_wrong and isinstance(wish, c.CorrectCalendar | c.ReopenCase)
        story.town = self.right if begins or story.now.days_of else self.wrong
        if not isinstance(wish, c.PairCommand):
            story.tell(wish, self.at)
        elif wish.case_id == CASE:
            story.tell(wish, self.at, main=self.others[wish.main])
        else:
            self.others[wish.case_id].tell(wish, self.at, main=story)

    def _wishes(self, story: Story) -> list[c.CaseCommand | c.PairCommand]:
        dice, case, id = self.dice, story.now, f"{len(story.facts)}"
        past = self.at - timedelta(minutes=dice.choice((0, 0, 5, 120, 1440, dice.randint(0, 4000))))
        match dice.choices(
            ("qualify", "assign", "transfer", "wait", "end", "message", "reply", "safe", "name", "close", "reopen",
             "correct", "merge", "absorb", "part", "pass"),
            (2, 2, 2, 5, 4, int(not case.main), 2, 1, 1, 2, 1 + 9 * (case.status == "closed"), 1, 1, 2,
             3 + 7 * bool(case.main) if case.main or case.absorbed else 0, 1),
        )[0]:  # fmt: skip
            case "qualify":
                place = dice.choice(("", *DEPARTMENTS))
                danger = dice.random() < 0.2
                return [c.QualifyCase(case_id=CASE, type=dice.choice(TYPES), department=place, danger=danger)]
            case "assign":
                return [c.AssignCase(case_id=CASE, agent=dice.choice(("", "a1", "a2")))]
            case "transfer":
                return [c.TransferCase(case_id=CASE, department=dice.choice(DEPARTMENTS), reason="x")]
            case "wait":
                return [self._wait(id, past)]
            case "end":
                wait = dice.choice(sorted(case.waits)) if case.waits else "none"
                return [c.EndWait(case_id=CASE, wait_id=wait, ended_at=past)]
            case "message":
                return [
                    c.AddMessage(
                        case_id=CASE,
                        message=id,
                        channel="email",
                        received_at=past,
                        proof="known_sender",
                        author=PERSON,
                        via=dice.choice(("", *case.absorbed)),
                    )
                ]
            case "reply":
                unsent = [reply for reply, one in case.replies.items() if one.state == "written"]
                if unsent and dice.random() < 0.7:
                    return [c.RecordSent(case_id=CASE, reply_id=dice.choice(unsent), sent_at=past)]
                return self._reply(id, past)
            case "safe":
                return [c.MakeSafe(case_id=CASE, made_safe_at=past)]
            case "name":
                due = self.at + timedelta(minutes=dice.randint(1, 30_000))
                kind = dice.choice(tuple(case.commitments))
                return [c.ProlongCommitment(case_id=CASE, kind=kind, due=due, explanation=TEXT)]
            case "close":
                outcome = dice.choice(("resolved", "resolved", "refused", "withdrawn", "duplicate"))
                return [c.CloseCase(case_id=CASE, outcome=outcome, main="other" if outcome == "duplicate" else "")]
            case "reopen":
                return [c.ReopenCase(case_id=CASE, reason="x")]
            case "correct":
                self.known_wrong = True
                return [c.CorrectCalendar(case_id=CASE)]
            case "merge":
                return [c.MergeCases(case_id=CASE, main=self._other(id, self.at))]
            case "absorb":
                earlier = timedelta(minutes=dice.choice((0, 1, 90, 1440, dice.randint(1, 15_000))))
                since = dice.choice((case.received_at - earlier, case.received_at - earlier, past))
                return [c.MergeCases(case_id=self._other(id, since), main=CASE)]
            case "part" if case.main:
                return [c.UndoMerge(case_id=CASE, main=case.main)]
            case "part":
                return [c.UndoMerge(case_id=dice.choice(sorted(case.absorbed)), main=CASE)]
        return [c.NoticeLegalDate(case_id=CASE, clock=clock, due=day.due) for clock, day in case.legal.items()]

    def _other(self, id: str, received: datetime) -> str:
        """Another case, received then."""
        self.others[id] = Story(
            self.at, self.wrong, id=id, channel="counter", site="HDV", received_at=received, late_reason="x", message=""
        )
        return id

    def _wait(self, id: str, past: datetime) -> c.StartWait:
        dice = self.dice
        return c.StartWait(
            case_id=CASE,
            wait_id=id,
            party=dice.choice(("resident", "resident", "resident", "third_party", "service")),
            reason=dice.choice(("document", "works")),
            since=past,
            indispensable=dice.random() < 0.7,
            until=dice.choice((None, self.at + timedelta(minutes=dice.randint(0, 20_000)))),
        )

    def _reply(self, id: str, past: datetime) -> list[c.CaseCommand | c.PairCommand]:
        kind = self.dice.choice(("answer", "answer", "refusal", "complement", "receipt", "acknowledgement"))
        human = kind != "receipt" and self.dice.random() < 0.8
        write = c.WriteReply(case_id=CASE, reply_id=id, kind=kind, channel="email", text=TEXT, human=human)
        sent = c.RecordSent(case_id=CASE, reply_id=id, sent_at=past)
        return [write] if self.dice.random() < 0.3 else [write, sent]
