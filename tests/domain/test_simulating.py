"""What would other rules have promised in a past case, and do the same rules promise what its history says?"""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.case import CaseCommand
from gru.domain.errors import Refused
from gru.domain.simulating import (
    Judge,
    official,
    past_of,
)
from tests.domain.histories import CASE, MONDAY, OTHER, TEXT
from tests.domain.test_case_properties import CHANNELS, about, ids, instants, just, lived, steps
from tests.domain.test_merging import MERGE, UNDO, Pair
from tests.domain.towns import sample_town

DAY = timedelta(days=1)
HEAD = 10_000


def agree(facts: list[e.Recorded], state: c.Case) -> None:
    """Judged by the version it is bound to, a case is promised exactly what its history says, as of each fact."""
    past, judge = past_of(facts), Judge(sample_town())
    verdict = judge.verdict(past)
    assert {kind: (one.due, one.kept_at) for kind, one in verdict.items()} == {
        kind: (one.due, one.kept_at) for kind, one in state.commitments.items()
    }
    assert verdict == official(past)
    for fact in facts:
        if _is_settled(facts, fact):
            assert judge.verdict(past, fact.position) == official(past, fact.position)


def _is_settled(facts: list[e.Recorded], fact: e.Recorded) -> bool:
    """The last fact of one act: between those of an act the promises are being moved."""
    following = facts[fact.version : fact.version + 1]
    return not following or following[0].at != fact.at


@settings(max_examples=400, deadline=None)
@given(steps, st.sampled_from(CHANNELS))
def test_the_same_rules_promise_what_the_history_says(told: list[tuple[CaseCommand, int]], channel: str) -> None:
    story = lived(told, channel)
    agree(story.facts, story.now)


moving: st.SearchStrategy[CaseCommand] = st.one_of(
    about(c.QualifyCase, type=st.sampled_from(("VOI-CHAUSSEE", "ODP-DEMEN", "REL-INFO")), danger=st.booleans()),
    about(c.TransferCase, department=st.sampled_from(("VOI", "ESV", "ETC")), reason=just("x")),
    about(
        c.StartWait,
        wait_id=ids,
        party=just("resident"),
        reason=just("x"),
        since=st.none() | instants,
        indispensable=st.booleans(),
    ),
    about(c.EndWait, wait_id=ids, ended_at=st.none() | instants),
    about(c.AddMessage, message=ids, channel=just("email"), received_at=instants, proof=just("known_sender"),
          author=just("")),
    about(c.MakeSafe, made_safe_at=instants),
    about(c.WriteReply, reply_id=ids, kind=st.sampled_from(("answer", "receipt")), channel=just("email"),
          text=just(TEXT), human=st.booleans()),
    about(c.RecordSent, reply_id=ids, sent_at=instants),
    about(c.ProlongCommitment, kind=st.sampled_from(("first_response", "resolve")), due=instants,
          explanation=just(TEXT)),
    about(c.CloseCase, outcome=st.sampled_from(("resolved", "withdrawn"))),
    about(c.ReopenCase, reason=just("x")),
)  # fmt: skip
paired = st.lists(
    st.tuples(st.sampled_from(("main", "other", "merge", "undo")), moving, st.integers(0, 60 * 24 * 4)), max_size=25
)


@settings(max_examples=250, deadline=None)
@given(paired, st.integers(-3, 5))
def test_so_they_do_when_cases_are_merged_and_released(told: list[tuple[str, CaseCommand, int]], earlier: int) -> None:
    pair, at = Pair(), MONDAY
    pair.open(OTHER, MONDAY - earlier * DAY)
    pair.open(CASE, MONDAY)
    for who, command, minutes in told:
        at += timedelta(minutes=minutes)
        try:
            if who in ("merge", "undo"):
                pair.both(MERGE if who == "merge" else UNDO, at)
            else:
                pair.tell(replace(command, case_id=CASE if who == "main" else OTHER), at)
        except Refused:
            continue
    for state in (pair.main, pair.other):
        facts = [fact for fact in pair.facts if fact.stream_id == state.id]
        agree(facts, state)
