"""Which things are true of every case, whatever is asked of it and in whatever order?"""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gru.domain import case as c
from gru.domain import clocks
from gru.domain import events as e
from gru.domain.case import CaseCommand
from gru.domain.errors import Refused
from gru.domain.message import LinkMessage, PutAside, TakeIn
from gru.domain.message import decide as decide_message
from gru.domain.town import Town
from tests.domain.histories import CASE, MONDAY, OTHER, PERSON, TEXT, Story
from tests.domain.towns import sample_town
from tests.examples import examples

TYPES = ("VOI-CHAUSSEE", "ODP-DEMEN", "EDU-INSC", "REL-INFO", "NO-SUCH-TYPE")
IDS = ("i1", "i2", "i3")
ids = st.sampled_from(IDS)


def about(command: type[CaseCommand], **values: st.SearchStrategy[object]) -> st.SearchStrategy[CaseCommand]:
    return st.builds(command, case_id=st.just(CASE), **values)


def just(value: object) -> st.SearchStrategy[object]:
    return st.just(value)


instants = st.integers(-60 * 24 * 5, 60 * 24 * 90).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
refs = just(TEXT)
commands: st.SearchStrategy[CaseCommand] = st.one_of(
    about(
        c.AddMessage,
        message=ids,
        channel=just("email"),
        received_at=instants,
        proof=just("known_sender"),
        author=just(PERSON),
        text=refs,
    ),
    about(c.IdentifyRequester, person=ids),
    about(c.SetPlace, place=refs),
    about(c.QualifyCase, type=st.sampled_from(TYPES), danger=st.booleans()),
    about(c.AssignCase, agent=st.sampled_from(("", "a1", "a2"))),
    about(c.TransferCase, department=st.sampled_from(("VOI", "ESV", "NOWHERE")), reason=st.sampled_from(("", "x"))),
    about(c.PlanIntervention, day=just(MONDAY.date())),
    about(c.MakeSafe, made_safe_at=instants),
    about(
        c.StartWait,
        wait_id=ids,
        party=st.sampled_from(("resident", "service", "third_party")),
        reason=just("x"),
        since=st.none() | instants,
        indispensable=st.booleans(),
    ),
    about(c.EndWait, wait_id=ids, ended_at=st.none() | instants),
    about(
        c.WriteReply,
        reply_id=ids,
        kind=st.sampled_from(("answer", "complement", "closing", "receipt")),
        channel=just("email"),
        text=refs,
        human=st.booleans(),
    ),
    about(c.AcknowledgeReceipt, reply_id=ids, channel=just("email"), to=just(PERSON), text=refs, template=just("t")),
    about(c.WithholdReply, kind=just("receipt"), reason=just("x")),
    about(c.WithdrawReply, reply_id=ids),
    about(c.RecordSent, reply_id=ids, sent_at=instants),
    about(c.RecordFailure, reply_id=ids, reason=just("x"), permanent=st.booleans()),
    about(
        c.RecordReached,
        reply_ids=st.lists(ids, max_size=3).map(tuple),
        reached_at=instants,
        read=st.booleans(),
    ),
    about(c.RecordEdit, message=st.sampled_from(("m1", *IDS)), edit=ids, edited_at=instants, text=refs),
    about(c.RecordRemoval, message=st.sampled_from(("m1", *IDS)), removal=ids, removed_at=instants),
    about(c.RecordFileNotKept, message=st.sampled_from(("m1", *IDS)), number=st.integers(1, 2), reason=just("x")),
    about(c.RecordAnswerElsewhere, reply_id=ids, channel=just("facebook"), text=refs, sent_at=instants),
    about(c.AddNote, note_id=ids, text=refs),
    about(c.DeclareDifficulty, difficulty_id=ids, reason=just("tool")),
    about(c.LinkCase, other=st.sampled_from((CASE, OTHER))),
    about(c.UnlinkCase, other=just(OTHER)),
    about(c.ProlongCommitment, kind=just("resolve"), due=instants, explanation=refs),
    about(c.NoticeBreach, kind=just("resolve"), due=instants, late=st.booleans()),
    about(c.NoticeLegalDate, clock=just("silence"), due=instants),
    about(
        c.WriteReply,
        reply_id=ids,
        kind=just("answer"),
        channel=just("post"),
        text=refs,
        human=st.booleans(),
    ),
    about(
        c.WriteReply,
        reply_id=ids,
        kind=just("answer"),
        channel=st.sampled_from(("phone", "counter")),
        text=refs,
        human=st.booleans(),
    ),
    about(c.ChooseReplyWay, channel=st.sampled_from(("email", "phone", "facebook"))),
    about(c.TellReply, reply_id=ids, told_at=instants),
    about(c.TryToTell, reply_id=ids, try_id=ids, tried_at=instants),
    about(c.GiveUpTelling, reply_id=ids, reason=st.sampled_from(("wrong_number", "x"))),
    about(c.SettleFailure, reply_id=ids, reason=st.sampled_from(("told", "x"))),
    about(c.PrintLetter, reply_id=ids, batch=ids),
    about(c.SignLetter, reply_id=ids),
    about(c.PostLetter, reply_id=ids, posted_at=instants),
    about(c.ReturnLetter, reply_id=ids, reason=just("moved")),
    about(c.CheckDocuments, received=just(tuple(sample_town().documents)[:1]), originals_returned=st.booleans()),
    about(c.ErasePerson, person=just(PERSON)),
    about(c.RenewLinks, generation=st.integers(1, 3)),
    about(c.RedactText, id=ids, reason=just("x")),
    about(
        c.CloseCase,
        outcome=st.sampled_from(("resolved", "refused", "duplicate", "withdrawn", "redirected")),
        main=st.sampled_from(("", OTHER)),
        body=st.sampled_from(("", "EPCI")),
    ),
    about(c.ReopenCase, reason=just("x"), by_resident=st.booleans()),
    about(c.AskSurvey),
    about(c.RateCase, score=st.integers(-1, 11), text=refs),
    about(c.RefuseSurveys),
    about(c.CorrectCalendar),
)
steps = st.lists(st.tuples(commands, st.integers(0, 60 * 24 * 4)), max_size=30)
CHANNELS = ("email", "web", "counter", "phone")


def lived(told: list[tuple[CaseCommand, int]], channel: str = "email", town: Town | None = None) -> Story:
    """A case to which all this was said, minutes apart; what was refused did not happen."""
    story = Story(town=town, channel=channel, site="EN-LIGNE" if channel in ("email", "web") else "HDV")
    at = MONDAY
    for command, minutes in told:
        at += timedelta(minutes=minutes)
        try:
            story.tell(command, at)
        except Refused:
            continue
    return story


@settings(max_examples=examples(150), deadline=None)
@given(steps, st.sampled_from(CHANNELS))
def test_replaying_the_history_gives_the_live_state(told: list[tuple[CaseCommand, int]], channel: str) -> None:
    story = lived(told, channel)
    assert c.replay(story.facts) == story.case


@settings(max_examples=examples(150), deadline=None)
@given(steps)
def test_a_case_is_closed_with_an_outcome_or_open_without(told: list[tuple[CaseCommand, int]]) -> None:
    case = lived(told).now
    assert (case.status == "closed") is bool(case.outcome) is (case.closed_at is not None)
    assert case.status != "closed" or not case.open_waits
    assert (case.status == "waiting") is bool(case.open_waits)


@settings(max_examples=examples(150), deadline=None)
@given(steps)
def test_each_second_of_a_life_is_charged_to_exactly_one_party(told: list[tuple[CaseCommand, int]]) -> None:
    story = lived(told)
    end = story.facts[-1].at + timedelta(days=1)
    pauses = [
        clocks.Pause(wait.since, wait.ended_at, wait.party, wait.reason, wait.stopping)
        for wait in story.now.waits.values()
    ]
    charged = clocks.charge(story.now.received_at, end, pauses)
    assert sum(charged.values()) == int((end - story.now.received_at).total_seconds())


@settings(max_examples=examples(150), deadline=None)
@given(steps)
def test_saying_everything_twice_in_a_row_is_like_saying_it_once(told: list[tuple[CaseCommand, int]]) -> None:
    once = lived(told)
    twice = lived([pair for command, minutes in told for pair in ((command, minutes), (command, 0))])
    assert [fact.event for fact in twice.facts] == [fact.event for fact in once.facts]


@settings(max_examples=examples(150), deadline=None)
@given(steps)
def test_a_promise_once_kept_stays_kept_until_the_case_is_reopened(told: list[tuple[CaseCommand, int]]) -> None:
    story = lived(told)
    kept: dict[str, object] = {}
    case: c.Case | None = None
    for fact in story.facts:
        case = c.evolve(case, fact)
        if isinstance(fact.event, e.CommitmentMoved) and fact.event.reason == "reopening":
            kept.pop(fact.event.kind, None)
        for kind, commitment in case.commitments.items():
            assert kept.get(kind) in (None, commitment.kept_at)
            if commitment.kept_at:
                kept[kind] = commitment.kept_at


def test_a_message_has_one_outcome_and_one_case() -> None:
    take_in = TakeIn(message_id="m", source="box", channel="email", outcome="to_link", received_at=MONDAY)
    [taken] = decide_message(None, take_in)
    from gru.domain.message import evolve

    message = evolve(None, e.Recorded("m", 1, MONDAY, "system:intake", 1, b"", taken))
    assert decide_message(message, take_in) == []
    linked = decide_message(message, LinkMessage(message_id="m", case=CASE))
    message = evolve(message, e.Recorded("m", 2, MONDAY, "agent:1", 2, b"", linked[0]))
    with pytest.raises(Refused, match="belongs"):
        decide_message(message, PutAside(message_id="m", reason="spam"))


def test_the_sample_town_promises_something_for_each_of_its_types() -> None:
    town = sample_town()
    for code, kind in town.types.items():
        kinds = {promise.kind for promise in town.promises(code, kind.department, "email", MONDAY)}
        assert {"first_response", "resolve"} <= kinds, code
