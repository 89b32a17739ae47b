"""Which lives do cases lead? Any that the case itself allows: wishes are told at random, and what is refused is not."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from gru.domain import case as c
from gru.domain import difficulty as d
from gru.domain import events as e
from gru.domain.case import Case, CaseCommand, Given, OpenCase
from gru.domain.errors import Refused
from gru.domain.town import PAUSE_RULES, Town
from gru.storage.log import Fact
from tests.projections.places import MONDAY, RIGHT, Shelves, Somebody, version

CASES = tuple(f"0189000000007000800000000000000{n}" for n in "123")
PEOPLE = tuple(f"0189000000007000800000000000001{n}" for n in "123")
PAUSES = dict(zip(CASES, PAUSE_RULES, strict=True))
"""Each case is bound to a version that lets other waits stop the town's clock."""
TEXTS = tuple(f"0189000000007000800000000000002{n}" for n in "12345")
DIFFICULTIES = tuple(f"0189000000007000800000000000004{n}" for n in "12")
IDS = tuple(f"0189000000007000800000000000003{n}" for n in "1234")

ids, people = st.sampled_from(IDS), st.sampled_from(PEOPLE)
texts = st.sampled_from([e.TextRef(key, "d") for key in TEXTS])
files = st.sampled_from([(), (e.FileRef(IDS[0], "d", "image/jpeg", 12),)])
instants = st.integers(-60 * 24 * 5, 60 * 24 * 90).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
kinds = st.sampled_from(("receipt", "answer", "refusal", "complement", "closing", "survey"))
outcomes = st.sampled_from(("resolved", "refused", "duplicate", "withdrawn", "redirected"))
parties = st.sampled_from(("resident", "third_party", "service"))


def _wish(command: type[Any], **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(command, case_id=st.sampled_from(CASES), **values)


_email, _x = st.just("email"), st.just("x")
wishes: st.SearchStrategy[CaseCommand | c.PairCommand] = st.one_of(
    _wish(
        c.AddMessage,
        message=ids,
        channel=_email,
        received_at=instants,
        proof=st.just("known_sender"),
        author=st.one_of(st.just(""), people),
        text=texts,
        files=files,
    ),
    _wish(c.IdentifyRequester, person=people),
    _wish(c.SetPlace, place=texts, district=st.sampled_from(("CENTRE", "NORD"))),
    _wish(c.QualifyCase, type=st.sampled_from(("VOI-CHAUSSEE", "ODP-DEMEN", "EDU-INSC")), danger=st.booleans()),
    _wish(c.AssignCase, agent=st.sampled_from(("", "a1", "a2"))),
    _wish(c.TransferCase, department=st.sampled_from(("VOI", "ESV")), reason=_x),
    _wish(c.PlanIntervention, day=st.just(MONDAY.date())),
    _wish(c.MakeSafe, made_safe_at=instants),
    _wish(c.StartWait, wait_id=ids, party=parties, reason=_x, since=instants, indispensable=st.booleans()),
    _wish(c.EndWait, wait_id=ids),
    _wish(
        c.WriteReply,
        reply_id=ids,
        kind=kinds,
        channel=_email,
        text=texts,
        files=files,
        human=st.booleans(),
        words_kept=st.sampled_from((None, 12, 80)),
    ),
    _wish(c.WriteReply, reply_id=ids, kind=st.just("answer"), channel=st.just("post"), text=texts, human=st.booleans()),
    _wish(
        c.WriteReply,
        reply_id=ids,
        kind=st.just("answer"),
        channel=st.sampled_from(("phone", "counter")),
        text=texts,
        human=st.booleans(),
    ),
    _wish(c.ChooseReplyWay, channel=st.sampled_from(("email", "phone"))),
    _wish(c.TellReply, reply_id=ids, told_at=instants),
    _wish(c.TryToTell, reply_id=ids, try_id=ids, tried_at=instants),
    _wish(c.GiveUpTelling, reply_id=ids, reason=st.just("unreachable")),
    _wish(c.SettleFailure, reply_id=ids, reason=st.just("told")),
    _wish(c.PrintLetter, reply_id=ids, batch=ids),
    _wish(c.SignLetter, reply_id=ids),
    _wish(c.PostLetter, reply_id=ids, posted_at=instants),
    _wish(c.ReturnLetter, reply_id=ids, reason=st.just("moved")),
    _wish(c.CheckDocuments, originals_returned=st.booleans()),
    _wish(c.WithholdReply, kind=st.just("receipt"), reason=_x),
    _wish(c.WithdrawReply, reply_id=ids),
    _wish(c.RecordSent, reply_id=ids, sent_at=instants),
    _wish(c.RecordFailure, reply_id=ids, reason=_x, permanent=st.booleans()),
    _wish(c.RecordEdit, message=ids, edit=ids, edited_at=instants, text=texts),
    _wish(c.RecordRemoval, message=ids, removal=ids, removed_at=instants),
    _wish(c.RecordFileNotKept, message=ids, number=st.integers(1, 2), reason=_x),
    _wish(c.RecordAnswerElsewhere, reply_id=ids, channel=st.just("facebook"), text=texts, sent_at=instants),
    _wish(c.AddNote, note_id=ids, text=texts, files=files),
    _wish(c.DeclareDifficulty, difficulty_id=ids, reason=st.just("tool")),
    _wish(c.LinkCase, other=st.sampled_from(CASES)),
    _wish(c.UnlinkCase, other=st.sampled_from(CASES)),
    _wish(c.ProlongCommitment, kind=st.just("resolve"), due=instants, explanation=texts),
    _wish(c.ErasePerson, person=people),
    _wish(c.RedactText, id=st.sampled_from(TEXTS), reason=_x),
    _wish(c.RenewLinks, generation=st.integers(1, 3)),
    _wish(c.CloseCase, outcome=outcomes, main=st.just(IDS[0]), body=st.just("EPCI")),
    _wish(c.ReopenCase, reason=_x),
    _wish(c.CorrectCalendar),
    _wish(c.MergeCases, main=st.sampled_from(CASES)),
    _wish(c.UndoMerge, main=st.sampled_from(CASES)),
    _wish(c.FollowCase, person=people, channel=st.just("web")),
    _wish(c.UnfollowCase, person=people),
    _wish(
        c.AskThirdParty,
        request_id=ids,
        to=people,
        text=texts,
        reason=_x,
        due=st.integers(60, 60 * 24 * 200).map(lambda minutes: MONDAY + timedelta(minutes=minutes)),
    ),
    _wish(c.RemindThirdParty, request_id=ids, number=st.integers(1, 3)),
    _wish(
        c.AnswerThirdParty,
        request_id=ids,
        answer_id=ids,
        answer=st.sampled_from(("done", "not_done", "planned", "words")),
        channel=st.just("web"),
        day=st.just(MONDAY.date()),
        day_end=instants,
        text=texts,
    ),
    _wish(c.RevokeThirdParty, request_id=ids),
    _wish(c.AskSurvey),
    _wish(c.RateCase, score=st.integers(0, 10), delay=st.sampled_from(("yes", "no", "")), text=texts),
    _wish(c.RefuseSurveys),
)
_of = st.sampled_from(DIFFICULTIES)
met: st.SearchStrategy[d.Command] = st.one_of(
    st.builds(d.Raise, stream=_of, reason=st.sampled_from(d.REASONS), case=st.sampled_from(("", *CASES)), text=texts),
    st.builds(d.Answer, stream=_of, answer_id=ids, text=texts),
    st.builds(d.Settle, stream=_of),
    st.builds(d.Remind, stream=_of, number=st.integers(1, 4)),
    st.builds(d.Redact, stream=_of, id=st.sampled_from(TEXTS), reason=_x),
)
_told = st.tuples(
    st.one_of(wishes, wishes, wishes, met),
    st.integers(0, 60 * 24 * 3),
    st.sampled_from(("agent:a1", "resident", "clock")),
)
told = st.one_of(st.lists(_told), st.lists(_told, min_size=20, max_size=60))


def archive() -> Shelves:
    shelves = Shelves()
    words = ("Fuite d’eau rue de l’École", "Dépôt sauvage", "14 place du Marché", "Réponse", "2026-004817")
    shelves.written = dict(zip(TEXTS, words, strict=True))
    shelves.known = {
        key: Somebody(name) for key, name in zip(PEOPLE, ("Claire Lefèvre", "Ali HADDAD", "Zoé"), strict=True)
    }
    return shelves


def lived(wishes_told: list[tuple[CaseCommand | c.PairCommand | d.Command, int, str]]) -> list[Fact]:
    """What three cases and two difficulties went through, one fact after the other as the log would hold them."""
    hard: dict[str, d.Difficulty | None] = dict.fromkeys(DIFFICULTIES)
    given: dict[str, Case | None] = dict.fromkeys(CASES)
    facts: list[Fact] = []
    at = MONDAY
    for command, minutes, by in wishes_told:
        at += timedelta(minutes=minutes)
        if isinstance(command, d.Wish):
            hard[command.stream] = _tell_of(hard[command.stream], command, at, by, facts)
            continue
        if given[command.case_id] is None:
            opening = _opening(command.case_id)
            given[command.case_id] = _tell(None, opening, at, "system:intake", facts)
        try:
            if isinstance(command, c.PairCommand):
                _tell_both(given, command, at, by, facts)
                continue
            given[command.case_id] = _tell(given[command.case_id], command, at, by, facts)
            if isinstance(command, c.WriteReply):
                _notice(given[command.case_id], command.case_id, at, facts)
        except Refused:
            continue
    return facts


def _tell_of(state: d.Difficulty | None, command: d.Command, at: Any, by: str, facts: list[Fact]) -> Any:
    try:
        events = d.decide(state, command)
    except Refused:
        return state
    for event in events:
        facts.append(Fact(command.stream, at, by, event))
        state = d.evolve(state, e.Recorded(command.stream, 1, at, by, 0, b"", event))
    return state


def _opening(case_id: str) -> OpenCase:
    number = CASES.index(case_id)
    return OpenCase(
        case_id=case_id,
        channel=("email", "web", "counter")[number],
        site="HDV",
        received_at=MONDAY,
        number=f"2026-00000{number + 1}",
        requester=("", PEOPLE[0], PEOPLE[1])[number],
        message=("", IDS[3], "")[number],
        title=e.TextRef(TEXTS[0], "d"),
        text=e.TextRef(TEXTS[1], "d"),
        late_reason="x",
    )


def _notice(case: Case | None, case_id: str, at: Any, facts: list[Fact]) -> None:
    """The clock looks in from time to time."""
    for kind, commitment in (case.commitments if case else {}).items():
        command = c.NoticeBreach(case_id=case_id, kind=kind, due=commitment.due, late=commitment.due <= at)
        _tell(case, command, at, "clock", facts)


def _tell(case: Case | None, command: CaseCommand, at: Any, by: str, facts: list[Fact]) -> Case | None:
    return _take(case, command.case_id, c.decide(case, command, Given(at, _town(case, command, facts))), at, by, facts)


def _town(case: Case | None, command: CaseCommand, facts: list[Fact]) -> Town:
    """The days of a case are put right when it is told so, or begins again after others were."""
    known = any(isinstance(fact.event, e.CalendarCorrected) for fact in facts)
    right = isinstance(command, c.CorrectCalendar) or (known and isinstance(command, c.ReopenCase))
    town = version(1, RIGHT.number if right or (case is not None and case.days_of) else 0)
    return replace(town, pauses=PAUSES[command.case_id])


def _tell_both(given: dict[str, Case | None], command: c.PairCommand, at: Any, by: str, facts: list[Fact]) -> None:
    both = (command.case_id, command.main)
    told, to_main = (Given(at, version(1, case.days_of if (case := given[one]) is not None else 0)) for one in both)
    events = c.decide_both(given[both[0]], given[both[1]], command, told, to_main)
    for case_id, fresh in zip(both, events, strict=True):
        given[case_id] = _take(given[case_id], case_id, fresh, at, by, facts)


def _take(case: Case | None, case_id: str, events: list[e.Event], at: Any, by: str, facts: list[Fact]) -> Case | None:
    for event in events:
        facts.append(Fact(case_id, at, by, event))
        version = case.version + 1 if case else 1
        recorded = e.Recorded(case_id, version, at, by, len(facts), b"", event)
        case = c.evolve(case, recorded)
    return case


def recorded(facts: list[Fact]) -> list[e.Recorded]:
    """The same as the log would give them back."""
    versions: dict[str, int] = {}
    found = []
    for position, fact in enumerate(facts, 1):
        version = versions[fact.stream_id] = versions.get(fact.stream_id, 0) + 1
        found.append(e.Recorded(fact.stream_id, version, fact.at, fact.by, position, b"", fact.event))
    return found
