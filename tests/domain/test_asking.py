"""What is asked of somebody outside the town, and what follows from his answer or his silence?"""

from datetime import timedelta

import pytest

from gru.domain import case as c
from gru.domain import clocks
from gru.domain import events as e
from gru.domain.errors import BadInput, CaseIsClosed, NotNow
from tests.domain.histories import CASE, MONDAY, PERSON, TEXT, Story, hours

FIRM = "01890000000070008000000000000007"
DUE = MONDAY + timedelta(days=10)
ASK = c.AskThirdParty(case_id=CASE, request_id="r1", to=FIRM, text=TEXT, reason="works", due=DUE)


def told(*commands: c.CaseCommand) -> Story:
    story = Story()
    for number, command in enumerate((ASK, *commands)):
        story.tell(command, MONDAY + hours(number))
    return story


def answer(said: e.ThirdPartyAnswer = "done", **more: object) -> c.AnswerThirdParty:
    values = {"request_id": "r1", "answer_id": "a1", "answer": said, "channel": "web"} | more
    return c.AnswerThirdParty(case_id=CASE, **values)


def test_asking_begins_a_wait_on_the_third_party_that_stops_no_clock() -> None:
    story = Story()
    wait, asked = story.tell(ASK, MONDAY)
    assert isinstance(wait, e.WaitStarted) and (wait.party, wait.wait_id, wait.until) == ("third_party", "r1", DUE)
    assert isinstance(asked, e.ThirdPartyAsked) and MONDAY < asked.remind_at < DUE < asked.expires
    assert not asked.named and story.now.paused_since is None and story.now.status == "waiting"
    assert story.tell(ASK, MONDAY) == []


def test_his_time_is_charged_to_him_until_he_has_answered() -> None:
    story = told()
    story.tell(answer(), MONDAY + hours(30))
    pauses = [clocks.Pause(w.since, w.ended_at, w.party, w.reason, w.stopping) for w in story.now.waits.values()]
    charged = clocks.charge(MONDAY, MONDAY + hours(40), pauses)
    assert (charged["third_party"], charged["town"]) == (30 * 3600, 10 * 3600)
    assert story.now.open_requests == {} == story.now.open_waits


def test_nobody_is_asked_without_a_date_ahead_or_in_the_requesters_own_name() -> None:
    story = Story()
    for due in (MONDAY, MONDAY + timedelta(days=400)):
        with pytest.raises(BadInput, match="date"):
            story.tell(c.AskThirdParty(case_id=CASE, request_id="r", to=FIRM, text=TEXT, reason="x", due=due), MONDAY)
    with pytest.raises(BadInput, match="somebody else"):
        story.tell(c.AskThirdParty(case_id=CASE, request_id="r", to=PERSON, text=TEXT, reason="x", due=DUE), MONDAY)
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY)
    with pytest.raises(CaseIsClosed):
        story.tell(ASK, MONDAY)


def test_a_reminder_comes_once_however_often_it_is_asked_for() -> None:
    story = told()
    remind = c.RemindThirdParty(case_id=CASE, request_id="r1", number=1)
    assert story.tell(remind, MONDAY) == [e.ThirdPartyReminded(request_id="r1", number=1)]
    assert story.tell(remind, MONDAY) == []
    story.tell(answer(), MONDAY)
    assert story.tell(c.RemindThirdParty(case_id=CASE, request_id="r1", number=2), MONDAY) == []


def test_silence_is_recorded_once_at_the_date_it_was_read_and_ends_nothing() -> None:
    story = told()
    notice = c.NoticeSilence(case_id=CASE, request_id="r1", due=DUE)
    assert story.tell(notice, DUE - hours(1)) == []
    assert story.tell(c.NoticeSilence(case_id=CASE, request_id="r1", due=DUE - hours(1)), DUE) == []
    assert story.tell(notice, DUE) == [e.ThirdPartySilent(request_id="r1", due=DUE)]
    assert story.tell(notice, DUE) == []
    assert story.now.open_waits
    story.tell(answer(), DUE + hours(1))
    assert not story.now.open_waits


def test_a_plan_puts_the_date_off_and_names_a_day_ahead() -> None:
    story = told()
    end = DUE + timedelta(days=4)
    for more in ({}, {"day": DUE.date()}, {"day": MONDAY.date(), "day_end": MONDAY}):
        with pytest.raises(BadInput):
            story.tell(answer("planned", **more), MONDAY + hours(1))
    story.tell(answer("planned", day=end.date(), day_end=end), MONDAY + hours(1))
    request = story.now.open_requests["r1"]
    assert request.due == end and story.now.open_waits
    assert story.tell(c.NoticeSilence(case_id=CASE, request_id="r1", due=DUE), DUE) == []
    assert story.tell(c.NoticeSilence(case_id=CASE, request_id="r1", due=end), end)


def test_the_same_answer_twice_is_one_and_a_revoked_request_hears_none() -> None:
    story = told(answer())
    assert story.tell(answer(), MONDAY + hours(5)) == []
    story = told(c.RevokeThirdParty(case_id=CASE, request_id="r1"))
    assert not story.now.open_waits
    with pytest.raises(NotNow):
        story.tell(answer(), MONDAY + hours(5))
    with pytest.raises(NotNow):
        story.tell(answer(request_id="r9"), MONDAY + hours(5))


def test_his_mail_is_his_answer_and_answers_nothing_the_resident_was_asked() -> None:
    story = told(c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="documents"))
    mail = c.AddMessage(
        case_id=CASE,
        message="n1",
        channel="email",
        received_at=MONDAY + hours(2),
        proof="signed_address",
        author=FIRM,
        text=TEXT,
    )
    _, answered, ended = story.tell(mail, MONDAY + hours(2))
    assert isinstance(answered, e.ThirdPartyAnswered) and answered.answer == "words"
    assert isinstance(ended, e.WaitEnded) and ended.wait_id == "r1"
    assert list(story.now.open_waits) == ["w"]


def test_a_closed_case_still_hears_its_third_party_but_reminds_nobody() -> None:
    story = told(c.CloseCase(case_id=CASE, outcome="resolved"))
    assert story.tell(c.RemindThirdParty(case_id=CASE, request_id="r1", number=1), MONDAY + hours(2)) == []
    assert story.tell(c.NoticeSilence(case_id=CASE, request_id="r1", due=DUE), DUE) == []
    assert [event.NAME for event in story.tell(answer(), DUE)] == ["case.third_party_answered"]


def test_the_letter_to_him_keeps_no_promise_to_the_resident() -> None:
    story = told()
    before = story.now.commitments
    write = c.WriteThirdParty(case_id=CASE, request_id="r1", reply_id="x", text=TEXT, template="t")
    (written,) = story.tell(write, MONDAY + hours(1))
    assert isinstance(written, e.ReplyWritten) and (written.to, written.kind, written.human) == (
        FIRM,
        "third_party",
        False,
    )
    assert story.tell(write, MONDAY + hours(1)) == []
    story.tell(c.RecordSent(case_id=CASE, reply_id="x", sent_at=MONDAY), MONDAY + hours(2))
    assert story.now.commitments == before
