"""Is a resident asked for his opinion once, and only where it may be?"""

from datetime import timedelta

import pytest

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.errors import BadInput, NotNow
from tests.domain.histories import CASE, MONDAY, PERSON, Story, hours

LATER = MONDAY + timedelta(days=4)
ASK = c.AskSurvey(case_id=CASE)


def closed(outcome: e.Outcome = "resolved", type: str = "VOI-CHAUSSEE", **opening: object) -> Story:
    story = Story(**opening)
    story.tell(c.QualifyCase(case_id=CASE, type=type), MONDAY + hours(1))
    body = "EPCI" if outcome == "redirected" else ""
    story.tell(c.CloseCase(case_id=CASE, outcome=outcome, main="x", body=body), MONDAY + hours(2))
    return story


def rate(score: int = 9) -> c.RateCase:
    return c.RateCase(case_id=CASE, score=score, delay="yes", clarity="partly")


def test_a_closed_case_is_asked_about_once() -> None:
    story = closed()
    assert story.tell(ASK, LATER, by="clock") == [e.SurveyAsked()]
    assert story.tell(ASK, LATER, by="clock") == []


@pytest.mark.parametrize("outcome", ["duplicate", "withdrawn", "no_reply"])
def test_nobody_is_asked_what_the_town_did_when_it_did_nothing(outcome: e.Outcome) -> None:
    assert closed(outcome).tell(ASK, LATER) == []


def test_nobody_is_asked_about_a_type_without_surveys_or_a_case_that_is_open() -> None:
    assert closed(type="SOC-AIDE").tell(ASK, LATER) == []
    assert Story().tell(ASK, LATER) == []


def test_nobody_is_asked_by_mail_who_has_none_or_whom_no_machine_may_write_to() -> None:
    assert closed(reply_channel="post").tell(ASK, LATER) == []
    assert closed(requester="").tell(ASK, LATER) == []
    story = closed()
    story.tell(c.WithholdReply(case_id=CASE, kind="receipt", reason="sender_asks_none"), LATER)
    assert story.tell(ASK, LATER) == []


def test_nobody_is_asked_who_refused_was_erased_or_has_said_it_already() -> None:
    for before in (c.RefuseSurveys(case_id=CASE), c.ErasePerson(case_id=CASE, person=PERSON), rate()):
        story = closed()
        story.tell(before, LATER)
        assert story.tell(ASK, LATER) == []


def test_an_opinion_is_given_once_after_the_closing_from_0_to_10() -> None:
    story = closed()
    for score in (-1, 11):
        with pytest.raises(BadInput):
            story.tell(rate(score), LATER)
    assert story.tell(rate(0), LATER) == [e.CaseRated(score=0, delay="yes", clarity="partly")]
    assert story.tell(rate(10), LATER) == []
    with pytest.raises(NotNow):
        Story().tell(rate(), LATER)


def test_a_refusal_is_recorded_once_and_names_whom_to_leave_alone() -> None:
    story = closed()
    refuse = c.RefuseSurveys(case_id=CASE)
    assert story.tell(refuse, LATER) == [e.SurveysRefused(person=PERSON)]
    assert story.tell(refuse, LATER) == []


def test_a_survey_may_be_written_though_the_case_is_closed_and_answers_nothing() -> None:
    story = closed()
    before = story.now.commitments
    write = c.WriteReply(
        case_id=CASE, reply_id="s", kind="survey", channel="email", text=e.TextRef("t", "d"), human=False
    )
    story.tell(write, LATER)
    story.tell(c.RecordSent(case_id=CASE, reply_id="s", sent_at=LATER), LATER)
    assert (story.now.status, story.now.commitments) == ("closed", before)
