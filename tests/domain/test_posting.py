"""Does a letter leave as a town hall's letters leave: printed, signed, posted, and sometimes brought back?"""

from typing import Any

import pytest

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.errors import BadInput, NotNow
from tests.domain.histories import CASE, MONDAY, TEXT, Story, hours
from tests.domain.towns import sample_town

LATER = MONDAY + hours(2)
BATCH = "b" * 32


def letter(story: Story, *, human: bool = True, **more: Any) -> None:
    story.tell(
        c.WriteReply(case_id=CASE, reply_id="r1", kind="answer", channel="post", text=TEXT, human=human, **more), LATER
    )


def told(*, human: bool = True) -> Story:
    story = Story()
    letter(story, human=human)
    return story


def printing(batch: str = BATCH) -> c.PrintLetter:
    return c.PrintLetter(case_id=CASE, reply_id="r1", batch=batch)


def posting(at: Any = LATER) -> c.PostLetter:
    return c.PostLetter(case_id=CASE, reply_id="r1", posted_at=at, registered="RK 1")


SIGN = c.SignLetter(case_id=CASE, reply_id="r1")
RETURN = c.ReturnLetter(case_id=CASE, reply_id="r1", reason="moved")


def test_the_reply_counts_as_sent_on_the_day_it_is_posted_not_when_it_is_printed() -> None:
    story = told()
    assert story.tell(printing(), LATER) == [e.LetterPrinted(reply_id="r1", batch=BATCH)]
    assert story.tell(SIGN, LATER) == [e.LetterSigned(reply_id="r1")]
    assert story.now.commitments["first_response"].kept_at is None
    posted = MONDAY + hours(5)
    assert story.tell(posting(posted), MONDAY + hours(6)) == [
        e.LetterPosted(reply_id="r1", posted_at=posted, registered="RK 1"),
        e.ReplySent(reply_id="r1", sent_at=posted),
    ]
    assert story.now.commitments["first_response"].kept_at == posted
    assert story.now.status == "answered"


def test_each_step_told_twice_changes_nothing() -> None:
    story = told()
    for command in (printing(), SIGN, posting(), RETURN):
        assert story.tell(command, LATER)
        assert story.tell(command, LATER) == []


def test_what_a_person_wrote_is_signed_before_it_leaves_and_what_a_machine_wrote_need_not_be() -> None:
    story = told()
    story.tell(printing(), LATER)
    with pytest.raises(NotNow, match="signed"):
        story.tell(posting(), LATER)
    automatic = told(human=False)
    automatic.tell(printing(), LATER)
    assert len(automatic.tell(posting(), LATER)) == 2


def test_nothing_is_signed_or_posted_that_was_not_printed() -> None:
    for command in (SIGN, posting()):
        with pytest.raises(NotNow, match="not printed"):
            told().tell(command, LATER)


def test_a_letter_is_printed_again_until_it_is_posted() -> None:
    story = told()
    story.tell(printing(), LATER)
    assert story.tell(printing("c" * 32), LATER) == [e.LetterPrinted(reply_id="r1", batch="c" * 32)]
    story.tell(SIGN, LATER)
    story.tell(posting(), LATER)
    with pytest.raises(NotNow):
        story.tell(printing("d" * 32), LATER)


def test_a_letter_that_may_still_be_taken_back_is_not_printed() -> None:
    story = Story()
    letter(story, not_before=LATER + hours(1))
    with pytest.raises(NotNow, match="taken back"):
        story.tell(printing(), LATER)
    assert story.tell(printing(), LATER + hours(1))


def test_a_letter_is_not_posted_tomorrow() -> None:
    story = told(human=False)
    story.tell(printing(), LATER)
    with pytest.raises(BadInput, match="future"):
        story.tell(posting(LATER + hours(1)), LATER)


def test_a_letter_that_comes_back_did_not_reach_its_reader() -> None:
    story = told(human=False)
    story.tell(printing(), LATER)
    with pytest.raises(NotNow, match="not posted"):
        story.tell(RETURN, LATER)
    story.tell(posting(), LATER)
    assert story.tell(RETURN, LATER) == [
        e.LetterReturned(reply_id="r1", reason="moved"),
        e.DeliveryFailed(reply_id="r1", reason="returned", permanent=True),
    ]
    assert story.now.replies["r1"].state == "failed"


def test_a_mail_is_no_letter() -> None:
    story = Story()
    story.tell(c.WriteReply(case_id=CASE, reply_id="r1", kind="answer", channel="email", text=TEXT), LATER)
    for command in (printing(), SIGN, posting(), RETURN):
        with pytest.raises(NotNow, match="no such letter"):
            story.tell(command, LATER)


def test_documents_shown_are_remembered_and_said_again_when_more_is_brought() -> None:
    story = Story()
    one, other, *_ = sample_town().documents
    wish = c.CheckDocuments(case_id=CASE, received=(one,), missing=(other,), before=LATER, originals_returned=True)
    (said,) = story.tell(wish, LATER)
    assert said == e.DocumentsChecked(received=(one,), missing=(other,), before=LATER, originals_returned=True)
    assert story.tell(wish, LATER) == []
    assert story.now.documents == said
    complete = c.CheckDocuments(case_id=CASE, received=(one, other), before=LATER)
    assert story.tell(complete, LATER) == [e.DocumentsChecked(received=(one, other))]


def test_a_document_the_catalogue_does_not_know_is_refused() -> None:
    with pytest.raises(BadInput, match="catalogue"):
        Story().tell(c.CheckDocuments(case_id=CASE, missing=("une-piece-inconnue",)), LATER)
