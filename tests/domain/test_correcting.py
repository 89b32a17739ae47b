"""Does a calendar put right count for every open promise, from the beginning and for good?"""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.case import Case, CaseCommand, Given
from gru.domain.case.promising import as_counted
from gru.domain.clocks import SpecialDay, last_day
from gru.domain.errors import Refused
from gru.domain.town import Town
from tests.domain.histories import CASE, MONDAY, OTHER, PERSON, TEXT, Story, hours
from tests.domain.test_case_properties import CHANNELS, steps
from tests.domain.towns import sample_town
from tests.examples import examples

TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=n) for n in (1, 2, 3))
REOPENED_TYPE = "VOI-CHAUSSEE"


def with_days(town: Town, *closed: date, opened: tuple[date, ...] = (), holidays: bool = False) -> Town:
    """The same town that shuts on these days; `opened` have hours of their own."""
    calendars = {
        code: replace(
            cal,
            closed=tuple(sorted({*cal.closed, *closed})),
            exceptions=tuple(SpecialDay(day, ((600, 660),)) for day in sorted(opened)),
            holidays=tuple(sorted({*cal.holidays, *closed})) if holidays else cal.holidays,
        )
        for code, cal in town.calendars.items()
    }
    return replace(town, calendars=calendars)


FORGOTTEN = with_days(sample_town(), WEDNESDAY.date(), holidays=True)
RIGHT = replace(FORGOTTEN, number=2)


def corrected(town: Town = RIGHT) -> Town:
    return sample_town().with_days_of(town)


def put_right(story: Story, at: datetime, town: Town = RIGHT) -> list[e.Event]:
    story.town = sample_town().with_days_of(town)
    return story.tell(c.CorrectCalendar(case_id=CASE), at)


def dues(case: Case) -> dict[str, datetime]:
    return {str(kind): one.due for kind, one in case.commitments.items()} | {
        f"legal:{clock}": day.due for clock, day in case.legal.items()
    }


def open_dates(case: Case) -> dict[str, object]:
    """What is still promised, and what the law counts; what is kept or prolonged stays as it was."""
    promised: dict[str, object] = {
        str(kind): (one.due, one.warn_at, one.rule, one.calendar)
        for kind, one in case.commitments.items()
        if one.kept_at is None and not one.prolonged
    }
    return promised | {f"legal:{clock}": (day.due, day.regime) for clock, day in case.legal.items()}


# --- a forgotten holiday ------------------------------------------------------------------------------------


def test_a_forgotten_holiday_moves_every_open_promise_and_legal_date_by_its_day() -> None:
    story = Story(type=REOPENED_TYPE)
    events = put_right(story, TUESDAY)

    assert events[0] == e.CalendarCorrected(town_version=2)
    moved = [event for event in events if isinstance(event, e.CommitmentMoved)]
    assert {event.reason for event in moved} == {"calendar"}
    assert dues(story.now) == dues(Story(type=REOPENED_TYPE, town=FORGOTTEN).now)
    assert {event.clock for event in events if isinstance(event, e.LegalDateSet)} == {"acknowledgement"}


def test_saying_it_again_changes_nothing() -> None:
    story = Story(type=REOPENED_TYPE)
    put_right(story, TUESDAY)

    assert story.tell(c.CorrectCalendar(case_id=CASE), TUESDAY) == []


def test_nothing_is_said_where_nothing_was_corrected() -> None:
    assert Story().tell(c.CorrectCalendar(case_id=CASE), TUESDAY) == []


def test_a_closure_extends_what_the_town_promised_and_no_legal_date() -> None:
    story = Story(type=REOPENED_TYPE)
    closure = replace(with_days(sample_town(), WEDNESDAY.date()), number=2)
    events = put_right(story, TUESDAY, closure)

    assert [event.kind for event in events if isinstance(event, e.CommitmentMoved)] != []
    assert [event for event in events if isinstance(event, e.LegalDateSet)] == []


def test_opening_hours_of_the_corrected_version_do_not_come_with_its_days() -> None:
    late = {code: replace(cal, week=(((0, 60),),) * 7) for code, cal in FORGOTTEN.calendars.items()}
    story = Story(type=REOPENED_TYPE)
    put_right(story, TUESDAY, replace(RIGHT, calendars=late))

    assert dues(story.now) == dues(Story(type=REOPENED_TYPE, town=FORGOTTEN).now)


def test_a_calendar_the_later_version_has_no_more_keeps_its_own_days() -> None:
    assert sample_town().with_days_of(replace(RIGHT, calendars={})).calendars == sample_town().calendars


def test_a_date_an_agent_named_stays_and_so_does_what_is_kept() -> None:
    story = Story(type=REOPENED_TYPE)
    story.tell(c.WriteReply(case_id=CASE, reply_id="r", kind="answer", channel="email", text=TEXT), MONDAY + hours(1))
    story.tell(c.RecordSent(case_id=CASE, reply_id="r", sent_at=MONDAY + hours(1)), MONDAY + hours(1))
    named = MONDAY + timedelta(days=60)
    story.tell(c.ProlongCommitment(case_id=CASE, kind="resolve", due=named, explanation=TEXT), MONDAY + hours(2))
    before = story.now.commitments["first_response"]
    put_right(story, TUESDAY)

    assert story.now.commitments["first_response"] == before
    assert story.now.commitments["resolve"].due == named


def test_a_legal_date_that_passed_on_a_wrong_day_passes_once_more_on_the_right_one() -> None:
    story = Story(type=REOPENED_TYPE)
    wrong = story.now.legal["acknowledgement"].due
    story.tell(c.NoticeLegalDate(case_id=CASE, clock="acknowledgement", due=wrong), wrong, by="clock")
    put_right(story, wrong + hours(1))

    day = story.now.legal["acknowledgement"]
    assert (day.due, day.passed) == (wrong + timedelta(days=1), False)
    assert last_day(RIGHT.legal_calendar, day.due) == date(2026, 3, 17)


def test_a_legal_date_that_passed_on_a_right_day_does_not_pass_again_though_the_regime_is_another() -> None:
    story = Story(type=REOPENED_TYPE)
    receipt = story.now.legal["receipt"].due
    story.tell(c.NoticeLegalDate(case_id=CASE, clock="receipt", due=receipt), receipt, by="clock")
    story.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), receipt + hours(1))
    put_right(story, receipt + hours(2))

    assert (story.now.legal["receipt"].due, story.now.legal["receipt"].passed) == (receipt, True)


def test_the_right_days_hold_for_a_later_pause() -> None:
    story = Story(type=REOPENED_TYPE)
    put_right(story, MONDAY + hours(1))
    story.tell(
        c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="x", indispensable=True), MONDAY + hours(2)
    )
    before = story.now.commitments["resolve"].due
    events = story.tell(c.EndWait(case_id=CASE, wait_id="w"), THURSDAY)

    [moved] = [event for event in events if isinstance(event, e.CommitmentMoved) and event.kind == "resolve"]
    assert moved.due != before
    right = Story(type=REOPENED_TYPE, town=FORGOTTEN)
    right.tell(
        c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="x", indispensable=True), MONDAY + hours(2)
    )
    right.tell(c.EndWait(case_id=CASE, wait_id="w"), THURSDAY)
    assert open_dates(story.now) == open_dates(right.now)


def test_a_case_opened_late_for_a_day_that_was_corrected_counts_it_at_once() -> None:
    story = Story(town=corrected(), type=REOPENED_TYPE)

    assert e.CalendarCorrected(town_version=2) in [fact.event for fact in story.facts]
    assert story.now.days_of == 2
    assert dues(story.now) == dues(Story(type=REOPENED_TYPE, town=FORGOTTEN).now)


def test_a_closed_case_takes_the_right_days_over_when_it_is_reopened() -> None:
    story = Story(type=REOPENED_TYPE)
    story.tell(c.CloseCase(case_id=CASE, outcome="withdrawn"), MONDAY + hours(1))
    assert put_right(story, MONDAY + hours(2)) == []
    events = story.tell(c.ReopenCase(case_id=CASE, reason="x"), MONDAY + hours(3))

    assert e.CalendarCorrected(town_version=2) in events
    right = Story(type=REOPENED_TYPE, town=FORGOTTEN)
    right.tell(c.CloseCase(case_id=CASE, outcome="withdrawn"), MONDAY + hours(1))
    right.tell(c.ReopenCase(case_id=CASE, reason="x"), MONDAY + hours(3))
    assert open_dates(story.now) == open_dates(right.now)


def test_two_overlapping_pauses_are_given_back_once_though_the_type_changed_between_their_ends() -> None:
    """And a wait told to have ended earlier than another one that is over already gives back no less."""

    def wait(story: Story, id: str, since: float) -> None:
        command = c.StartWait(case_id=CASE, wait_id=id, party="resident", reason="x", indispensable=True,
                              since=MONDAY + hours(since))  # fmt: skip
        story.tell(command, MONDAY + hours(since))

    story, plain = Story(type=REOPENED_TYPE), Story(type=REOPENED_TYPE)
    wait(story, "w1", 1)
    wait(story, "w2", 2)
    story.tell(c.EndWait(case_id=CASE, wait_id="w1", ended_at=MONDAY + hours(27)), MONDAY + hours(27))
    story.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), MONDAY + hours(28))
    story.tell(c.QualifyCase(case_id=CASE, type=REOPENED_TYPE), MONDAY + hours(28))
    story.tell(c.EndWait(case_id=CASE, wait_id="w2", ended_at=MONDAY + hours(3)), MONDAY + hours(29))
    wait(plain, "w", 1)
    plain.tell(c.EndWait(case_id=CASE, wait_id="w", ended_at=MONDAY + hours(27)), MONDAY + hours(29))

    assert open_dates(story.now) == open_dates(plain.now)


# --- with a duplicate ---------------------------------------------------------------------------------------


def merged(story: Story, earlier: datetime) -> Story:
    """A duplicate received earlier, which is followed in this case."""
    other = Story(at=earlier, id=OTHER, type=REOPENED_TYPE)
    other.tell(c.MergeCases(case_id=OTHER, main=CASE), MONDAY + hours(1), main=story)
    return other


def test_what_a_duplicate_hastened_is_corrected_and_as_it_was_when_it_is_released() -> None:
    story, right = Story(type=REOPENED_TYPE), Story(type=REOPENED_TYPE, town=FORGOTTEN)
    earlier = MONDAY - timedelta(days=3)
    other = merged(story, earlier)
    merged(right, earlier)
    put_right(story, TUESDAY)
    assert open_dates(story.now) == open_dates(right.now)

    other.tell(c.UndoMerge(case_id=OTHER, main=CASE), TUESDAY, main=story)
    assert open_dates(story.now) == open_dates(Story(type=REOPENED_TYPE, town=FORGOTTEN).now)


def test_the_days_put_right_while_a_case_was_merged_count_when_it_is_released() -> None:
    story, main = Story(type=REOPENED_TYPE), Story(id=OTHER)
    story.tell(c.MergeCases(case_id=CASE, main=OTHER), MONDAY + hours(1), main=main)
    put_right(story, MONDAY + hours(2))
    story.tell(c.UndoMerge(case_id=CASE, main=OTHER), MONDAY + hours(3), main=main)
    assert open_dates(story.now) == open_dates(Story(type=REOPENED_TYPE, town=FORGOTTEN).now)


# --- random lives -------------------------------------------------------------------------------------------

NAMED = (c.ProlongCommitment, c.CorrectCalendar)
"""What an agent names by hand depends on the dates he sees."""
lives = steps.map(lambda told: [step for step in told if not isinstance(step[0], NAMED)])
moments = st.integers(-60 * 24 * 2, 60 * 24 * 12).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
waits = st.sampled_from(("w1", "w2", "w3", "w4"))
pauses: st.SearchStrategy[CaseCommand] = st.one_of(
    st.builds(
        c.StartWait, case_id=st.just(CASE), wait_id=waits, party=st.just("resident"), reason=st.just("x"),
        since=st.none() | moments, indispensable=st.just(True), until=st.none() | moments,
    ),
    st.builds(c.EndWait, case_id=st.just(CASE), wait_id=waits, ended_at=st.none() | moments),
    st.builds(
        c.QualifyCase, case_id=st.just(CASE), danger=st.booleans(),
        type=st.sampled_from(("VOI-CHAUSSEE", "ODP-DEMEN", "EDU-INSC", "EC-ELEC")),
    ),
    st.builds(c.TransferCase, case_id=st.just(CASE), department=st.sampled_from(("VOI", "ESV")), reason=st.just("x")),
    st.builds(c.CloseCase, case_id=st.just(CASE), outcome=st.just("withdrawn")),
    st.builds(c.ReopenCase, case_id=st.just(CASE), reason=st.just("x")),
)  # fmt: skip
"""A life full of overlapping and retroactive pauses, other types, closings and reopenings."""
troubled = st.lists(st.tuples(pauses, st.integers(0, 60 * 24 * 2)), max_size=25)
days = st.integers(0, 60).map(lambda n: (MONDAY + timedelta(days=n)).date())


Days = tuple[list[date], list[date], bool]
forgotten: st.SearchStrategy[Days] = st.tuples(
    st.lists(days, max_size=6, unique=True), st.lists(days, max_size=2, unique=True), st.booleans()
)
"""Days nobody had thought of: those that are shut, those with hours of their own, whether they are holidays."""


def town_with(said: Days) -> Town:
    shut, opened, holidays = said
    return with_days(sample_town(), *shut, opened=tuple(opened), holidays=holidays)


def told_to(story: Story, told: list[tuple[CaseCommand, int]], at: datetime) -> datetime:
    for command, minutes in told:
        at += timedelta(minutes=minutes)
        try:
            story.tell(command, at)
        except Refused:
            continue
    return at


@settings(max_examples=examples(600), deadline=None)
@given(steps | troubled, st.sampled_from(CHANNELS), forgotten)
def test_an_open_promise_is_always_what_its_rule_says_of_the_whole_life(
    told: list[tuple[CaseCommand, int]], channel: str, said: Days
) -> None:
    site = "EN-LIGNE" if channel in ("email", "web") else "HDV"
    story = Story(town=town_with(said), type=REOPENED_TYPE, channel=channel, site=site)
    at = told_to(story, told, MONDAY)
    for kind, one in story.now.commitments.items():
        if one.kept_at is None and not one.prolonged and story.now.status != "closed":
            again = as_counted(story.now, kind, one, Given(at, story.town))
            assert (one.due, one.warn_at) == (again.due, again.warn_at), kind


@settings(max_examples=examples(500), deadline=None)
@given(lives | troubled, lives | troubled, st.sampled_from(CHANNELS), forgotten)
def test_a_corrected_life_goes_on_as_if_the_calendar_had_never_been_wrong(
    before: list[tuple[CaseCommand, int]], after: list[tuple[CaseCommand, int]], channel: str, said: Days
) -> None:
    site = "EN-LIGNE" if channel in ("email", "web") else "HDV"
    opening = {"type": REOPENED_TYPE, "channel": channel, "site": site, "requester": PERSON}
    town = town_with(said)
    wrong = Story(**opening)
    right = Story(town=town, **opening)
    for story in (wrong, right):
        at = told_to(story, before, MONDAY)
        if story is wrong:
            put_right(story, at, replace(town, number=2))
        told_to(story, after, at)
    if wrong.now.status != "closed":
        assert open_dates(wrong.now) == open_dates(right.now)
