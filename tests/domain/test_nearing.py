"""Is the town told in time that a legal date nears, each warning once?"""

from datetime import timedelta

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.case.nearing import next_warning, reached, warnings
from tests.domain.histories import CASE, MONDAY, TEXT, Story, hours
from tests.domain.towns import sample_town

DAY = timedelta(days=1)


def silent() -> Story:
    kind = next(
        one for one in sample_town().types.values() if one.legal.regime == "acceptance" and one.electronic == "open"
    )
    return Story(type=kind.code)


def notice(story: Story, clock: str, before: timedelta) -> list[e.Event]:
    due = story.now.legal[clock].due
    return story.tell(c.NoticeLegalDate(case_id=CASE, clock=clock, due=due), due - before, by="clock")


def test_silence_is_announced_fifteen_and_three_days_before_and_noticed_when_it_has_decided() -> None:
    story = silent()
    due = story.now.legal["silence"].due

    assert notice(story, "silence", 16 * DAY) == []
    assert notice(story, "silence", 15 * DAY) == [e.LegalDateNear(clock="silence", due=due, hours=360)]
    assert notice(story, "silence", 14 * DAY) == []
    assert notice(story, "silence", 2 * DAY) == [e.LegalDateNear(clock="silence", due=due, hours=72)]
    assert notice(story, "silence", DAY) == []
    assert notice(story, "silence", 0 * DAY) == [e.LegalDatePassed(clock="silence", due=due)]


def test_a_clock_that_slept_says_only_the_last_warning() -> None:
    story = silent()
    due = story.now.legal["silence"].due

    assert notice(story, "silence", DAY) == [e.LegalDateNear(clock="silence", due=due, hours=72)]


def test_nothing_is_announced_once_the_town_has_answered_or_while_the_file_is_incomplete() -> None:
    answered, waiting = silent(), silent()
    answered.tell(c.WriteReply(case_id=CASE, reply_id="r", kind="answer", channel="email", text=TEXT), MONDAY)
    answered.tell(c.RecordSent(case_id=CASE, reply_id="r", sent_at=MONDAY), MONDAY)
    wait = c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="documents", indispensable=True)
    waiting.tell(wait, MONDAY + hours(1))

    assert notice(answered, "silence", DAY) == []
    assert notice(waiting, "silence", DAY) == []


def test_a_file_completed_since_is_announced_by_its_new_date() -> None:
    story = silent()
    notice(story, "silence", DAY)
    late = story.now.legal["silence"].due - hours(12)
    wait = c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="documents", indispensable=True)
    story.tell(wait, late)
    story.tell(c.EndWait(case_id=CASE, wait_id="w"), late + DAY)

    assert [type(event) for event in notice(story, "silence", 15 * DAY)] == [e.LegalDateNear]


def test_a_warning_that_would_come_with_the_request_is_none() -> None:
    assert warnings("silence", MONDAY, MONDAY + 5 * DAY) == (72,)
    assert warnings("receipt", MONDAY, MONDAY + hours(6)) == ()
    assert reached("silence", MONDAY, MONDAY + 5 * DAY, MONDAY) == 0
    assert next_warning("silence", MONDAY, MONDAY + 60 * DAY, 360) == MONDAY + 57 * DAY
    assert next_warning("silence", MONDAY, MONDAY + 60 * DAY, 72) is None
