"""Does every clock, told second by second, add up to the figure that is shown?"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gru.domain import case as c
from gru.domain.clocks import Pause, charge, working_seconds
from gru.domain.explaining import CLOCKS, PROMISES, Explained, History, Stretch, explain_clock
from gru.domain.town import Town
from tests.domain.histories import CASE, MONDAY, OTHER, TEXT, Story, hours
from tests.domain.test_case_properties import CHANNELS, steps
from tests.domain.test_correcting import Days, forgotten, put_right, told_to, town_with, troubled
from tests.domain.towns import sample_town
from tests.examples import examples

TYPE = "VOI-CHAUSSEE"
SUPPORTED = "ODP-DEMEN"


def telling(story: Story, clock: str, at: datetime, *towns: Town) -> Explained | None:
    versions = {town.number: town for town in (sample_town(), *towns)}

    def version(number: int, days_of: int) -> Town:
        return versions[number].with_days_of(versions[days_of]) if days_of else versions[number]

    return explain_clock(History(tuple(story.facts), at), version, clock)


def told(story: Story, clock: str, at: datetime, *towns: Town) -> Explained:
    explained = telling(story, clock, at, *towns)
    assert explained is not None
    return explained


def lines(stretches: Iterable[Stretch]) -> list[tuple[float, bool, str, str]]:
    return [(one.seconds / 3600, one.counted, one.cause, one.part) for one in stretches]


def seconds(start: datetime, end: datetime) -> int:
    return int(end.timestamp()) - int(start.timestamp())


def ask(story: Story, at: datetime, since: datetime | None = None, id: str = "w") -> None:
    story.tell(
        c.StartWait(case_id=CASE, wait_id=id, party="resident", reason="document", indispensable=True, since=since), at
    )


# --- the town's promise -------------------------------------------------------------------------------------


def test_a_promise_is_told_from_reception_to_its_date() -> None:
    """Monday 2 March, ten o'clock on the wall; the service shuts at noon and at half past five."""
    story = Story()
    answer = told(story, "first_response", MONDAY + hours(1))

    assert answer.rule.endswith("/first_response")
    assert lines(answer.stretches)[:4] == [
        (1, True, "open", "used"),
        (1, True, "open", "left"),
        (1.5, False, "closed", "left"),
        (4, True, "open", "left"),
    ]
    assert answer.counted("left") == working_seconds(answer.calendar, MONDAY + hours(1), answer.due or MONDAY)
    assert [move.reason for move in answer.moves] == ["promised"]


def test_a_late_promise_shows_what_it_is_late_by_and_no_pause_interrupts_being_late() -> None:
    story = Story()
    due = story.now.commitments["first_response"].due
    ask(story, due + hours(1))
    at = due + timedelta(days=3)
    late = told(story, "first_response", at)

    assert late.counted("over") == working_seconds(late.calendar, due, at) > 0
    assert late.paused == 0


def test_a_pause_that_runs_is_not_counted_and_shows_to_when_it_would_move_the_date() -> None:
    story = Story()
    ask(story, MONDAY + hours(1))
    at = MONDAY + hours(48)
    paused = told(story, "resolve", at)
    promised = working_seconds(paused.calendar, MONDAY, paused.due or MONDAY)

    assert paused.limit is not None and paused.due is not None and paused.limit > paused.due
    assert paused.counted("used") == 3600
    assert paused.counted("used", "left") == promised
    assert {one.cause for one in paused.stretches if one.party == "resident"} == {"pause:resident:document"}


def test_a_pause_told_afterwards_says_so_and_counts_as_if_told_in_time() -> None:
    afterwards, in_time = Story(), Story()
    ask(afterwards, MONDAY + hours(5), since=MONDAY + hours(1))
    ask(in_time, MONDAY + hours(1))
    for story in (afterwards, in_time):
        story.tell(c.EndWait(case_id=CASE, wait_id="w"), MONDAY + hours(6))
    at = MONDAY + hours(7)

    assert [wait.afterwards for wait in told(afterwards, "resolve", at).waits] == [True]
    assert [wait.afterwards for wait in told(in_time, "resolve", at).waits] == [False]
    assert told(afterwards, "resolve", at).stretches == told(in_time, "resolve", at).stretches


def test_a_reopening_a_prolongation_and_a_correction_are_each_named_with_their_dates() -> None:
    story = Story(type=TYPE)
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY + hours(1))
    story.tell(c.ReopenCase(case_id=CASE, reason="x"), MONDAY + hours(26))
    wednesday = (MONDAY + timedelta(days=2)).date()
    right = replace(town_with(([wednesday], [], False)), number=2)
    put_right(story, MONDAY + hours(27), right)
    named = MONDAY + timedelta(days=90)
    story.tell(c.ProlongCommitment(case_id=CASE, kind="resolve", due=named, explanation=TEXT), MONDAY + hours(28))
    at = MONDAY + hours(29)
    solution = told(story, "resolve", at, right)

    assert [move.reason for move in solution.moves] == ["promised", "reopening", "calendar", "prolongation"]
    assert all(b.before == a.due for a, b in pairwise(solution.moves))
    assert (solution.begins_with, solution.start, solution.prolonged) == ("reopening", MONDAY + hours(26), True)
    assert "closure" in {one.cause for one in solution.stretches}


def test_what_was_kept_is_told_until_then_whatever_happened_since() -> None:
    story = Story()
    story.tell(c.WriteReply(case_id=CASE, reply_id="r", kind="answer", channel="email", text=TEXT), MONDAY + hours(1))
    story.tell(c.RecordSent(case_id=CASE, reply_id="r", sent_at=MONDAY + hours(1)), MONDAY + hours(1))
    before = told(story, "first_response", MONDAY + hours(2))
    ask(story, MONDAY + hours(3))
    story.tell(c.EndWait(case_id=CASE, wait_id="w"), MONDAY + hours(30))

    after = told(story, "first_response", MONDAY + hours(31))
    assert after.stretches == before.stretches
    assert (after.counted("used"), after.running, after.stop) == (3600, False, MONDAY + hours(1))


# --- with a duplicate ---------------------------------------------------------------------------------------


def followed(story: Story, received: datetime, at: datetime, id: str = OTHER) -> Story:
    """A duplicate received then, which is followed in this case."""
    other = Story(received, id=id, type=story.now.type)
    other.tell(c.MergeCases(case_id=id, main=CASE), at, main=story)
    return other


def test_a_hastened_promise_is_told_from_the_duplicate_it_is_counted_from() -> None:
    """Another one came in earlier, but not so that it would be answered sooner by the hours of who has the case."""
    story = Story(type=SUPPORTED)
    story.tell(c.TransferCase(case_id=CASE, department="VOI", reason="x"), MONDAY)
    followed(story, MONDAY - hours(1), MONDAY)
    story.tell(c.TransferCase(case_id=CASE, department="TRP", reason="x"), MONDAY)
    followed(story, MONDAY - hours(2), MONDAY, "third")
    answer = told(story, "first_response", MONDAY + hours(1))
    assert (answer.start, answer.begins_with) == (MONDAY - hours(1), "duplicate")


def test_a_promise_of_a_merged_case_is_told_as_it_stands() -> None:
    """The resident was waited for when it was merged, and a day longer."""
    story, main = Story(type=TYPE), Story(id=OTHER)
    ask(story, MONDAY + hours(1))
    story.tell(c.MergeCases(case_id=CASE, main=OTHER), MONDAY + hours(2), main=main)
    story.tell(c.EndWait(case_id=CASE, wait_id="w"), MONDAY + hours(26))
    answer = told(story, "first_response", MONDAY + hours(27))
    assert answer.limit == answer.due == story.now.commitments["first_response"].due


def test_a_promise_of_a_closed_case_is_told_as_it_was_when_a_duplicate_is_released() -> None:
    story = Story(type=TYPE)
    before = story.now.commitments["resolve"].due
    other = followed(story, MONDAY - timedelta(days=7), MONDAY)
    story.tell(c.CloseCase(case_id=CASE, outcome="withdrawn"), MONDAY + hours(1))
    other.tell(c.UndoMerge(case_id=OTHER, main=CASE), MONDAY + hours(2), main=story)
    resolve = told(story, "resolve", MONDAY + hours(3))
    assert (resolve.limit, resolve.due, resolve.begins_with) == (before, before, "reception")


# --- the law ------------------------------------------------------------------------------------------------


def test_the_law_counts_whole_working_days_and_not_the_day_of_reception() -> None:
    story = Story(type=TYPE)
    days = told(story, "legal:acknowledgement", MONDAY)

    assert [(one.cause, one.days) for one in days.stretches] == [
        ("trigger", 0), ("day", 4), ("weekend", 0), ("day", 5), ("weekend", 0), ("day", 1),
    ]  # fmt: skip
    assert (days.days, days.stretches[-1].end) == (10, story.now.legal["acknowledgement"].due)


def test_silence_that_means_refusal_is_suspended_for_the_days_allowed() -> None:
    kind = next(
        one for one in sample_town().types.values() if one.legal.regime == "rejection" and one.electronic == "open"
    )
    story = Story(type=kind.code)
    whole = told(story, "legal:silence", MONDAY).days
    ask(story, MONDAY + timedelta(days=3))
    story.tell(c.EndWait(case_id=CASE, wait_id="w"), MONDAY + timedelta(days=8))
    silence = told(story, "legal:silence", MONDAY + timedelta(days=8))

    suspended = [one for one in silence.stretches if one.cause.startswith("pause:")]
    assert [one.seconds for one in suspended] == [5 * 86_400]
    assert silence.days == whole
    assert silence.stretches[-1].end == silence.due == story.now.legal["silence"].due


def test_silence_that_means_acceptance_begins_with_the_complete_file() -> None:
    kind = next(
        one for one in sample_town().types.values() if one.legal.regime == "acceptance" and one.electronic == "open"
    )
    story = Story(type=kind.code)
    ask(story, MONDAY + timedelta(days=3))
    complete = MONDAY + timedelta(days=8)
    story.tell(c.EndWait(case_id=CASE, wait_id="w"), complete)
    silence = told(story, "legal:silence", complete)

    first, second, *_ = silence.stretches
    assert (first.cause, first.end, second.cause) == ("incomplete", complete, "trigger")
    assert silence.begins_with == "completion"


def test_prolonging_the_promise_moves_no_legal_date() -> None:
    story = Story(type=TYPE)
    before = told(story, "legal:acknowledgement", MONDAY)
    later = MONDAY + timedelta(days=90)
    story.tell(c.ProlongCommitment(case_id=CASE, kind="resolve", due=later, explanation=TEXT), MONDAY)

    assert told(story, "legal:acknowledgement", MONDAY).stretches == before.stretches


# --- how long it took ---------------------------------------------------------------------------------------


def test_net_is_gross_without_the_time_the_resident_took_for_an_indispensable_document() -> None:
    story = Story()
    ask(story, MONDAY + hours(1))
    story.tell(c.EndWait(case_id=CASE, wait_id="w"), MONDAY + hours(25))
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY + hours(26))
    gross, net = (told(story, clock, MONDAY + hours(99)) for clock in ("gross", "net"))

    assert gross.counted("used") == 26 * 3600
    assert (net.counted("used"), net.paused) == (2 * 3600, 24 * 3600)


def test_the_answer_is_the_first_a_person_wrote_not_the_receipt() -> None:
    story = Story()
    story.tell(
        c.AcknowledgeReceipt(case_id=CASE, reply_id="aee", channel="email", to="p", text=TEXT, template="t"), MONDAY
    )
    story.tell(c.RecordSent(case_id=CASE, reply_id="aee", sent_at=MONDAY), MONDAY)
    assert told(story, "response", MONDAY + hours(2)).running
    story.tell(c.WriteReply(case_id=CASE, reply_id="r", kind="answer", channel="email", text=TEXT), MONDAY + hours(3))
    story.tell(c.RecordSent(case_id=CASE, reply_id="r", sent_at=MONDAY + hours(3)), MONDAY + hours(3))
    assert told(story, "response", MONDAY + hours(5)).counted("used") == 3 * 3600


def test_a_case_without_a_clock_has_none_to_explain() -> None:
    assert telling(Story(), "make_safe", MONDAY) is None
    assert telling(Story(), "legal:silence", MONDAY) is None


# --- random lives -------------------------------------------------------------------------------------------


def adds_up(one: Explained, story: Story) -> None:
    edges = [(stretch.start, stretch.end) for stretch in one.stretches]
    assert all(before[1] == after[0] for before, after in pairwise(edges))
    ends = one.limit if one.in_days else max(one.stop, one.limit or one.stop)
    if edges:
        assert edges[0][0] == one.start
        assert edges[-1][1] == ends
    if one.clock in PROMISES:
        _promise_adds_up(one)
    elif not one.in_days:
        waits = [Pause(w.since, w.ended_at, w.party, w.reason, w.stopping) for w in story.now.waits.values()]
        by_party = charge(one.start, one.stop, waits)
        assert one.counted("used") + one.paused == seconds(one.start, one.stop) == sum(by_party.values())
        assert by_party == {
            party: sum(stretch.seconds for stretch in one.stretches if stretch.party == party) for party in by_party
        }


def _promise_adds_up(one: Explained) -> None:
    assert one.due is not None and one.limit is not None and one.amount is not None
    if one.in_days:
        assert one.days == one.amount.value
        return
    if not one.prolonged:
        rule = sample_town().amount(one.rule)
        from gru.domain.clocks import due

        assert one.counted("used", "left") == working_seconds(
            one.calendar, one.start, due(one.calendar, one.start, rule)
        )
    assert one.counted("over") == working_seconds(one.calendar, max(one.start, one.limit), one.stop)
    if one.paused_since is None and one.running and not one.prolonged:
        assert one.counted("left") == working_seconds(one.calendar, one.stop, one.due)


@settings(max_examples=examples(700), deadline=None)
@given(steps | troubled, troubled, st.sampled_from(CHANNELS), forgotten, st.integers(0, 60 * 24 * 20))
def test_every_clock_of_every_life_adds_up_to_the_second(
    before: list[tuple[c.CaseCommand, int]],
    after: list[tuple[c.CaseCommand, int]],
    channel: str,
    said: Days,
    minutes: int,
) -> None:
    site = "EN-LIGNE" if channel in ("email", "web") else "HDV"
    right = replace(town_with(said), number=2)
    story = Story(type=TYPE, channel=channel, site=site)
    at = told_to(story, before, MONDAY)
    put_right(story, at, right)
    at = told_to(story, after, at) + timedelta(minutes=minutes)
    for clock in CLOCKS:
        explained = telling(story, clock, at, right)
        if explained is not None:
            adds_up(explained, story)
            if explained.due is not None and explained.running:
                kind = clock.removeprefix("legal:")
                dates = story.now.legal if clock.startswith("legal:") else story.now.commitments
                assert explained.due == dates[kind].due
