"""Does the figure of a case say the same as its explanation, to the second, whatever happened to it?"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hypothesis import given, settings

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.explaining import History, explain_clock
from projections.base import Row, Words
from projections.durations import Durations
from projections.stages import Stages
from tests.examples import examples
from tests.projections.lives import CASES, lived, recorded, told
from tests.projections.places import MONDAY, SampleCalendars, qualified, reply, version

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOLD = Words(calendar=SampleCalendars().calendar)


def folded(facts: list[e.Recorded], fold: Any = Durations) -> Mapping[int, Row]:
    rows: Mapping[int, Row] = {}
    for fact in facts:
        if isinstance(fact.event, fold.events):
            rows = fold().fold(rows, fact, TOLD)
    return rows


def agree(facts: list[e.Recorded]) -> Row:
    """The last round of the case, of which every figure was found again in the explanation of its clock."""
    row = folded(facts)[max(folded(facts))]
    history = History(tuple(facts), facts[-1].at)
    gross, net, response = (explain_clock(history, version, clock) for clock in ("gross", "net", "response"))
    assert gross and net and response
    assert gross.start == row["started_at"].replace(microsecond=0)
    if row["closed_at"] is not None:
        assert (gross.counted("used"), gross.worked) == (row["gross"], row["gross_worked"])
        assert (net.counted("used"), net.worked) == (row["net"], row["net_worked"])
        stays = [one for one in folded(facts, Stages).values() if one["number"] and one["round"] == row["round"]]
        assert sum(one["worked"] for one in stays) == gross.worked
    assert (row["human_at"] is None) == (response.met_at is None)
    if row["human_at"] is not None:
        assert (response.counted("used"), response.worked) == (row["human_elapsed"], row["human_worked"])
    return row


@settings(max_examples=examples(300), deadline=None)
@given(told)
def test_the_figures_are_those_of_the_explanation_on_any_history(told: list[Any]) -> None:
    """Transfers, waits, merges, reopenings, calendars put right: as it is left, and with whatever is open closed."""
    closings = [(c.CloseCase(case_id=one, outcome="resolved"), 60 * 30, "agent:a1") for one in CASES]
    for wishes in (told, [*told, *closings]):
        cases = defaultdict(list)
        for fact in recorded(lived(wishes)):
            if fact.stream_id in CASES:
                cases[fact.stream_id].append(fact)
        for facts in cases.values():
            agree(facts)


def told_as(*events: tuple[timedelta, e.Event]) -> list[e.Recorded]:
    """A case opened on Monday, and what happened to it after so long."""
    opened = e.CaseOpened(channel="email", site="HDV", received_at=MONDAY, town_version=1, department="ACC")
    facts = [(timedelta(), opened), *events]
    return [
        e.Recorded(CASES[0], number, MONDAY + after, "agent:a1", number, b"", event)
        for number, (after, event) in enumerate(facts, 1)
    ]


ANSWERED = ((4 * DAY, reply("r")), (4 * DAY, e.ReplySent(reply_id="r", sent_at=MONDAY + 4 * DAY)))
CLOSED = (7 * DAY, e.CaseClosed(outcome="resolved"))


def test_a_correction_counts_for_the_round_that_is_open() -> None:
    """Tuesday was a holiday nobody had thought of: the answer of Friday and the closing took a day less."""
    wrong = agree(told_as((HOUR, qualified("VOI")), *ANSWERED, CLOSED))
    right = agree(told_as((HOUR, qualified("VOI")), *ANSWERED, (5 * DAY, e.CalendarCorrected(town_version=2)), CLOSED))
    assert right["human_worked"] < wrong["human_worked"] and right["gross_worked"] < wrong["gross_worked"]
    assert (right["human_elapsed"], right["gross"]) == (wrong["human_elapsed"], wrong["gross"])


def test_a_round_that_was_over_is_left_as_it_was_reported() -> None:
    before = told_as((HOUR, qualified("VOI")), *ANSWERED, CLOSED)
    again = told_as(
        (HOUR, qualified("VOI")), *ANSWERED, CLOSED,
        (9 * DAY, e.CaseReopened(reason="x")), (9 * DAY, e.CalendarCorrected(town_version=2)),
        (20 * DAY, e.CaseClosed(outcome="resolved")),
    )  # fmt: skip
    agree(again)
    reported, now = folded(before)[1], folded(again)[1]
    assert {name: now[name] for name in ("gross_worked", "human_worked")} == {
        name: reported[name] for name in ("gross_worked", "human_worked")
    }
    assert now["back_after"] == 2 * 86_400 and folded(again)[2]["human_at"] is None


def test_a_merged_case_that_is_put_right_is_measured_anew() -> None:
    facts = ((HOUR, qualified("VOI")), (5 * DAY, e.CaseMerged(main=CASES[1])))
    wrong = agree(told_as(*facts))
    right = agree(told_as(*facts, (6 * DAY, e.CalendarCorrected(town_version=2))))
    assert right["gross_worked"] < wrong["gross_worked"] and right["closed_at"] == wrong["closed_at"]


def test_whoever_is_handed_an_answered_case_counts_it_by_his_own_hours() -> None:
    row = agree(
        told_as((HOUR, qualified("VOI")), *ANSWERED, (6 * DAY, e.CaseTransferred(department="ESV", reason="x")))
    )
    assert row["department"] == "ESV" and row["heard_worked"] == row["human_worked"]
