"""What does a case make of words that were changed, taken back, or answered elsewhere?"""

from datetime import timedelta

import pytest

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.errors import NoSuchCase, NotNow
from gru.domain.policies import called_for
from tests.domain.histories import CASE, MONDAY, TEXT, Story, hours

LATER = MONDAY + hours(2)
OTHER = e.TextRef("01890000000070008000000000000009", "d2")
EDIT = c.RecordEdit(case_id=CASE, message="m1", edit="k1", edited_at=LATER, text=OTHER)
REMOVAL = c.RecordRemoval(case_id=CASE, message="m1", removal="k2", removed_at=LATER)
MISSING = c.RecordFileNotKept(case_id=CASE, message="m1", number=1, reason="expired")
ANSWER = c.RecordAnswerElsewhere(case_id=CASE, reply_id="r1", channel="facebook", text=TEXT, sent_at=LATER)


@pytest.mark.parametrize("wish", [EDIT, REMOVAL, MISSING, ANSWER])
def test_said_again_it_changes_nothing(wish: c.CaseCommand) -> None:
    story = Story(channel="facebook")
    assert story.tell(wish, LATER)
    assert story.tell(wish, LATER) == []


@pytest.mark.parametrize("kind", [c.RecordEdit, c.RecordRemoval, c.RecordFileNotKept])
def test_a_message_of_another_case_is_refused(kind: type) -> None:
    wish = next(one for one in (EDIT, REMOVAL, MISSING) if isinstance(one, kind))
    with pytest.raises(NotNow):
        Story(message="another").tell(wish, LATER)


def test_without_a_case_there_is_nothing_to_say() -> None:
    with pytest.raises(NoSuchCase):
        c.decide(None, ANSWER, c.Given(LATER, None))


def test_several_edits_stand_beside_the_first_words() -> None:
    story = Story(channel="facebook")
    story.tell(EDIT, LATER)
    again = c.RecordEdit(case_id=CASE, message="m1", edit="k3", edited_at=LATER, text=TEXT)
    assert story.tell(again, LATER) == [e.MessageEdited(message="m1", edit="k3", edited_at=LATER, text=TEXT)]


def test_a_message_is_taken_back_once_however_often_it_is_said() -> None:
    story = Story(channel="facebook")
    story.tell(REMOVAL, LATER)
    again = c.RecordRemoval(case_id=CASE, message="m1", removal="k9", removed_at=LATER)
    assert story.tell(again, LATER) == []


def test_an_answer_given_elsewhere_is_the_first_human_response_and_sends_nothing() -> None:
    story = Story(channel="facebook")
    written, sent = story.tell(ANSWER, LATER)
    assert isinstance(written, e.ReplyWritten) and (written.human, written.elsewhere) == (True, True)
    assert sent == e.ReplySent(reply_id="r1", sent_at=LATER)
    assert story.now.status == "answered"
    assert story.now.commitments["first_response"].kept_at == LATER
    assert all(called_for(fact) == () for fact in story.facts[-2:])


def test_what_a_foreign_clock_says_of_the_future_is_taken_for_now() -> None:
    story = Story(channel="facebook")
    ahead = LATER + timedelta(days=1)
    early = c.RecordAnswerElsewhere(case_id=CASE, reply_id="r1", channel="facebook", text=TEXT, sent_at=ahead)
    assert story.tell(early, LATER)[1] == e.ReplySent(reply_id="r1", sent_at=LATER)


def test_a_closed_case_learns_of_an_answer_all_the_same() -> None:
    story = Story(channel="facebook")
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), LATER)
    assert len(story.tell(ANSWER, LATER + hours(1))) == 2
    assert story.now.status == "closed"
