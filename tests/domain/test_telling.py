"""Does an answer that a person carries count when it is given, and is nobody forgotten whom no way reaches?"""

from typing import Any

import pytest

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.errors import BadInput, NotNow
from tests.domain.histories import CASE, MONDAY, TEXT, Story, hours

LATER = MONDAY + hours(2)


def to_tell(channel: e.Channel = "phone", **more: Any) -> Story:
    story = Story()
    story.tell(c.WriteReply(case_id=CASE, reply_id="r1", kind="answer", channel=channel, text=TEXT, **more), LATER)
    return story


def lost() -> Story:
    story = to_tell("email")
    story.tell(c.RecordFailure(case_id=CASE, reply_id="r1", reason="bounce_5", permanent=True), LATER)
    return story


def telling(at: Any = LATER) -> c.TellReply:
    return c.TellReply(case_id=CASE, reply_id="r1", told_at=at)


TRY = c.TryToTell(case_id=CASE, reply_id="r1", try_id="t1", tried_at=LATER)
GIVE_UP = c.GiveUpTelling(case_id=CASE, reply_id="r1", reason="unreachable")
SETTLE = c.SettleFailure(case_id=CASE, reply_id="r1", reason="told")


@pytest.mark.parametrize("channel", ["phone", "counter"])
def test_the_town_answered_when_it_was_said_not_when_it_was_written(channel: e.Channel) -> None:
    story = to_tell(channel)
    assert (story.now.status, story.now.commitments["first_response"].kept_at) == ("registered", None)
    called = MONDAY + hours(3)
    assert story.tell(telling(called), MONDAY + hours(4)) == [e.ReplySent(reply_id="r1", sent_at=called)]
    assert (story.now.status, story.now.commitments["first_response"].kept_at) == ("answered", called)


def test_a_call_that_was_noted_later_counts_from_when_it_was_made() -> None:
    story = to_tell()
    assert story.tell(telling(MONDAY + hours(1)), LATER) == [e.ReplySent(reply_id="r1", sent_at=MONDAY + hours(1))]


def test_each_thing_said_twice_is_said_once() -> None:
    story = to_tell()
    for command in (TRY, GIVE_UP, SETTLE):
        assert story.tell(command, LATER)
        assert story.tell(command, LATER) == []
    other = to_tell()
    assert other.tell(telling(), LATER) and other.tell(telling(), LATER) == []


def test_who_does_not_answer_is_called_again_and_the_answer_still_waits() -> None:
    story = to_tell()
    assert story.tell(TRY, LATER) == [e.TellingTried(reply_id="r1", try_id="t1", tried_at=LATER)]
    assert story.now.replies["r1"].state == "written"
    assert story.tell(telling(), LATER)


def test_who_cannot_be_reached_was_not_answered() -> None:
    story = to_tell()
    assert story.tell(GIVE_UP, LATER) == [e.DeliveryFailed(reply_id="r1", reason="unreachable", permanent=True)]
    assert story.now.commitments["first_response"].kept_at is None
    with pytest.raises(NotNow):
        story.tell(telling(), LATER)


def test_what_may_still_be_taken_back_is_not_told() -> None:
    for command in (telling(), TRY, GIVE_UP):
        story = to_tell(not_before=LATER + hours(1))
        with pytest.raises(NotNow, match="taken back"):
            story.tell(command, LATER)


def test_only_what_a_person_carries_is_told() -> None:
    for command in (telling(), TRY, GIVE_UP):
        with pytest.raises(NotNow, match="no such reply"):
            to_tell("email").tell(command, LATER)
    with pytest.raises(NotNow, match="telephone"):
        to_tell("counter").tell(TRY, LATER)


def test_nothing_was_said_tomorrow_and_no_reason_is_invented() -> None:
    with pytest.raises(BadInput, match="future"):
        to_tell().tell(telling(LATER + hours(1)), LATER)
    with pytest.raises(BadInput):
        to_tell().tell(c.GiveUpTelling(case_id=CASE, reply_id="r1", reason="x"), LATER)
    with pytest.raises(BadInput):
        lost().tell(c.SettleFailure(case_id=CASE, reply_id="r1", reason="x"), LATER)


def test_an_agent_says_that_nothing_more_is_done_about_what_did_not_arrive() -> None:
    story = lost()
    assert story.tell(SETTLE, LATER) == [e.FailureSettled(reply_id="r1", reason="told")]
    with pytest.raises(NotNow, match="no such reply"):
        to_tell().tell(SETTLE, LATER)


def test_what_fails_once_more_waits_once_more() -> None:
    story = lost()
    story.tell(SETTLE, LATER)
    story.tell(c.RecordSent(case_id=CASE, reply_id="r1", sent_at=LATER), LATER)
    story.tell(c.RecordFailure(case_id=CASE, reply_id="r1", reason="bounce_5", permanent=True), LATER)
    assert not story.now.replies["r1"].settled
    assert story.tell(SETTLE, LATER)


def test_the_way_somebody_wishes_to_be_answered_changes_also_once_the_case_is_closed() -> None:
    story = Story()
    wish = c.ChooseReplyWay(case_id=CASE, channel="phone")
    assert story.tell(wish, LATER) == [e.ReplyWayChosen(channel="phone")]
    assert story.tell(wish, LATER) == []
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), LATER)
    assert story.tell(c.ChooseReplyWay(case_id=CASE, channel="post"), LATER)
    assert story.now.reply_channel == "post"
    with pytest.raises(BadInput):
        story.tell(c.ChooseReplyWay(case_id=CASE, channel="facebook"), LATER)
