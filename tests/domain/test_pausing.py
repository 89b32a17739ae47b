"""Does each town's rule say which waits stop its own clock, and does the law's stay as the law has it?"""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.case import CaseCommand
from gru.domain.clocks import working_seconds
from gru.domain.explaining import History, explain_clock
from gru.domain.town import PAUSE_RULES, PauseRule
from gru.domain.town.pausing import stops
from tests.domain.histories import CASE, MONDAY, TEXT, Story, hours
from tests.domain.test_case_properties import CHANNELS, lived, steps
from tests.domain.towns import pausing_town
from tests.examples import examples

DAY = timedelta(days=1)
STOPPING: dict[PauseRule, set[tuple[e.Party, bool]]] = {
    "indispensable": {("resident", True)},
    "resident": {("resident", True), ("resident", False)},
    "none": set(),
}
PARTIES: tuple[e.Party, ...] = ("resident", "third_party", "service")
WAITS = tuple((party, indispensable) for party in PARTIES for indispensable in (True, False))


def waiting(rule: PauseRule, indispensable: bool, type: str = "EDU-INSC", party: e.Party = "resident") -> Story:
    story = Story(type=type, town=pausing_town(rule))
    wait = c.StartWait(case_id=CASE, wait_id="w", party=party, reason="documents", indispensable=indispensable)
    story.tell(wait, MONDAY + hours(1))
    return story


def ended(story: Story, after: timedelta = 10 * DAY) -> Story:
    story.tell(c.EndWait(case_id=CASE, wait_id="w"), MONDAY + hours(1) + after)
    return story


@pytest.mark.parametrize("rule", PAUSE_RULES)
def test_a_rule_says_of_each_wait_whether_it_stops_the_towns_clock(rule: PauseRule) -> None:
    assert {wait for wait in WAITS if stops(rule, *wait)} == STOPPING[rule]


@pytest.mark.parametrize("rule", PAUSE_RULES)
@pytest.mark.parametrize(("party", "indispensable"), WAITS)
def test_the_rule_is_concluded_into_the_fact_and_moves_the_promise(
    rule: PauseRule, party: e.Party, indispensable: bool
) -> None:
    story = waiting(rule, indispensable, party=party)
    expected = (party, indispensable) in STOPPING[rule]
    [fact] = [one.event for one in story.facts if isinstance(one.event, e.WaitStarted)]
    assert (fact.stops, fact.stops_town) == (expected, expected)
    assert (story.now.paused_since is not None) is expected
    before = story.now.commitments["resolve"].due
    after = ended(story).now.commitments["resolve"].due
    assert (after > before) is expected


def test_a_wait_told_before_towns_had_a_choice_stops_the_clock_as_it_did_then() -> None:
    for party, indispensable in WAITS:
        fact = e.WaitStarted(wait_id="w", party=party, reason="x", since=MONDAY, indispensable=indispensable)
        assert fact.stops_town is fact.incomplete is (party == "resident" and indispensable)


def test_a_conclusion_that_was_told_stands_whatever_the_rule_of_today() -> None:
    told = e.WaitStarted(wait_id="w", party="resident", reason="x", since=MONDAY, indispensable=True, stops=False)
    assert told.incomplete and not told.stops_town


def answered_while_waiting(at: timedelta, since: timedelta = timedelta(0)) -> Story:
    """The resident is waited for since an instant before the date of the answer, or after it."""
    story = Story(type="EDU-INSC")
    due = story.now.commitments["first_response"].due
    wait = c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="x", indispensable=True)
    story.tell(wait, due - hours(1) + since)
    story.tell(c.WriteReply(case_id=CASE, reply_id="r", kind="answer", channel="email", text=TEXT), due + at)
    story.tell(c.RecordSent(case_id=CASE, reply_id="r", sent_at=due + at), due + at)
    return story


def test_an_answer_after_the_date_is_in_time_while_the_clock_stands_still() -> None:
    story = answered_while_waiting(3 * DAY)
    one = story.now.commitments["first_response"]
    assert one.kept_at is not None and one.kept_at < one.due
    told = explain_clock(History(tuple(story.facts), one.due), lambda *_: story.town, "first_response")
    assert told is not None and (told.due, told.limit, told.counted("left")) == (one.due, one.due, 3600)


def test_an_answer_before_the_date_moves_nothing_and_one_that_was_late_already_stays_late() -> None:
    early, late = answered_while_waiting(hours(-0.5)), answered_while_waiting(3 * DAY, since=hours(2))
    for story in (early, late):
        assert not any(isinstance(one.event, e.CommitmentMoved) for one in story.facts)
    one = late.now.commitments["first_response"]
    assert one.kept_at is not None and one.kept_at > one.due


def test_a_date_named_in_a_pause_gets_back_what_goes_by_of_it_from_then_on() -> None:
    """The agent knew of the days before when he named it."""
    story = waiting("indispensable", True)
    named, since = MONDAY + 60 * DAY, MONDAY + hours(1) + 9 * DAY
    story.tell(c.ProlongCommitment(case_id=CASE, kind="resolve", due=named, explanation=TEXT), since)
    at_once = ended(story, 9 * DAY + hours(0)).now.commitments["resolve"].due
    assert at_once == named

    story = waiting("indispensable", True)
    story.tell(c.ProlongCommitment(case_id=CASE, kind="resolve", due=named, explanation=TEXT), since)
    one = ended(story, 11 * DAY).now.commitments["resolve"]
    calendar = story.town.calendars[one.calendar]
    given_back = working_seconds(calendar, since, since + 2 * DAY)
    assert working_seconds(calendar, named, one.due) == given_back > 0


# --- the law's clock ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indispensable", [True, False])
@pytest.mark.parametrize("type", ["EDU-INSC", "ODP-DEMEN", "VOI-CHAUSSEE"])
def test_the_dates_of_the_law_are_the_same_under_every_rule(indispensable: bool, type: str) -> None:
    stories = [ended(waiting(rule, indispensable, type)) for rule in PAUSE_RULES]
    dates = [story.now.legal for story in stories]
    assert dates[0] == dates[1] == dates[2]
    told = [[one.event for one in story.facts if isinstance(one.event, e.LegalDateSet)] for story in stories]
    assert told[0] == told[1] == told[2]
    assert (len(told[0]) > len(dates[0])) is (indispensable and type != "VOI-CHAUSSEE")


@settings(max_examples=examples(200), deadline=None)
@given(steps, st.sampled_from(CHANNELS))
def test_so_they_are_in_any_life(told: list[tuple[CaseCommand, int]], channel: str) -> None:
    """Wherever the same was accepted: a rule also says what may not be told afterwards."""
    lives = [lived(told, channel, pausing_town(rule)) for rule in PAUSE_RULES]
    done = [[type(one.event) for one in life.facts if not isinstance(one.event, e.CommitmentMoved)] for life in lives]
    for life, acts in zip(lives, done, strict=True):
        if acts == done[0]:
            assert life.now.legal == lives[0].now.legal


@pytest.mark.parametrize("rule", PAUSE_RULES)
def test_silence_is_announced_as_the_law_counts_and_the_breach_as_the_town_does(rule: PauseRule) -> None:
    for indispensable in (True, False):
        story = waiting(rule, indispensable)
        silence, promise = story.now.legal["silence"], story.now.commitments["resolve"]
        late = max(silence.due, promise.due) + DAY
        law = c.NoticeLegalDate(case_id=CASE, clock="silence", due=silence.due)
        town = c.NoticeBreach(case_id=CASE, kind="resolve", due=promise.due, late=True)
        assert (story.tell(law, late) == []) is indispensable
        assert (story.tell(town, late) == []) is (("resident", indispensable) in STOPPING[rule])


def test_when_the_file_is_complete_the_law_goes_on_though_the_town_still_waits() -> None:
    story = waiting("resident", True)
    story.tell(c.StartWait(case_id=CASE, wait_id="useful", party="resident", reason="x"), MONDAY + hours(2))
    promise = story.now.commitments["resolve"].due
    before = story.now.legal["silence"].due
    ended(story)
    assert story.now.incomplete_since is None and story.now.paused_since is not None
    assert story.now.legal["silence"].due > before
    assert story.now.commitments["resolve"].due == promise
    story.tell(c.EndWait(case_id=CASE, wait_id="useful"), MONDAY + 12 * DAY)
    assert story.now.commitments["resolve"].due > promise


def test_when_the_town_goes_on_the_law_may_still_wait_for_the_file() -> None:
    story = waiting("none", True)
    assert story.now.paused_since is None and story.now.incomplete_since is not None
    history = History(tuple(story.facts), MONDAY + 5 * DAY)
    silence, promise, net = (
        explain_clock(history, lambda *_: pausing_town("none"), clock) for clock in ("legal:silence", "resolve", "net")
    )
    assert silence and promise and net
    assert silence.paused_since is not None and [one.stops for one in silence.waits] == [True]
    assert promise.paused_since is None and [one.stops for one in promise.waits] == [False]
    assert net.paused == 0


@pytest.mark.parametrize("rule", PAUSE_RULES)
def test_a_wait_may_not_reach_back_into_a_pause_of_either_clock(rule: PauseRule) -> None:
    story = ended(waiting(rule, True))
    assert story.now.resumed_at == MONDAY + hours(1) + 10 * DAY
