"""Do the parts of a case's time add up to the whole, and is each charged to whom it belongs?"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hypothesis import given, settings

from gru.domain import clocks
from gru.domain import events as e
from projections.base import STAGES, Row, Words
from projections.durations import Durations
from projections.stages import Stages
from tests.examples import examples
from tests.projections.lives import lived, recorded, told
from tests.projections.places import MONDAY, Place, SampleCalendars, qualified, reply

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TOLD = Words(calendar=SampleCalendars().calendar)


def rounds(place: Place) -> list[dict[str, Any]]:
    place.project()
    return place.rows(Durations())


def stays(place: Place) -> list[tuple[str, str, int]]:
    place.project()
    return [(row["stage"], row["department"], row["elapsed"]) for row in place.rows(Stages()) if row["number"]]


def test_each_hand_and_each_wait_has_its_part(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), at=MONDAY + HOUR)
    place.record(case, e.CaseAssigned(agent="a1"), at=MONDAY + 3 * HOUR)
    wait = e.WaitStarted(wait_id="w", party="resident", reason="x", since=MONDAY + DAY, indispensable=True)
    place.record(case, wait, at=MONDAY + DAY)
    place.record(case, e.WaitEnded(wait_id="w", ended_at=MONDAY + 2 * DAY, reason="x"), at=MONDAY + 2 * DAY)
    place.record(case, reply("r"), at=MONDAY + 2 * DAY + HOUR)
    place.record(case, e.ReplySent(reply_id="r", sent_at=MONDAY + 2 * DAY + HOUR), at=MONDAY + 2 * DAY + HOUR)
    place.record(case, e.CaseClosed(outcome="resolved"), at=MONDAY + 3 * DAY)
    row = rounds(place)[0]
    hour, day = 3600, 86_400
    assert {stage: row[stage] for stage in STAGES if row[stage]} == {
        "to_qualify": hour,
        "to_assign": 2 * hour,
        "in_progress": day - 3 * hour + hour,
        "waiting_resident": day,
        "answered": day - hour,
    }
    assert (row["gross"], row["net"]) == (3 * day, 2 * day)
    assert row["net_worked"] == row["gross_worked"] - row["waiting_resident_worked"]
    assert (row["variant"], row["human_elapsed"], row["complements"]) == ("QAPRPN", 2 * day + hour, 1)
    assert stays(place)[0] == ("to_qualify", "ACC", hour) and len(stays(place)) == 6


def test_time_is_counted_while_the_closing_department_is_open(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), e.CaseClosed(outcome="resolved"), at=MONDAY + 7 * DAY)
    calendar = SampleCalendars().calendar(1, "VOI")
    assert rounds(place)[0]["gross_worked"] == clocks.working_seconds(calendar, MONDAY, MONDAY + 7 * DAY)


def test_what_comes_back_to_a_department_is_counted(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), at=MONDAY + HOUR)
    for number, department in enumerate(("PRO", "VOI"), 2):
        place.record(case, e.CaseTransferred(department=department, reason="x"), at=MONDAY + number * HOUR)
    place.record(case, e.CaseClosed(outcome="resolved"), at=MONDAY + 5 * HOUR)
    row = rounds(place)[0]
    assert (row["transfers"], row["returns"], row["department"]) == (2, 1, "VOI")
    calendar = SampleCalendars().calendar(1, "VOI")
    assert row["before_last"] == clocks.working_seconds(calendar, MONDAY, MONDAY + 3 * HOUR)


def test_a_reopening_begins_another_round_and_the_first_stays(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), e.CaseClosed(outcome="resolved"), at=MONDAY + DAY)
    place.record(case, e.CaseReopened(reason="x"), at=MONDAY + 10 * DAY)
    place.record(case, e.CaseTransferred(department="PRO", reason="x"), at=MONDAY + 11 * DAY)
    place.record(case, e.CaseClosed(outcome="refused"), at=MONDAY + 12 * DAY)
    first, second = rounds(place)
    assert (first["department"], first["gross"], first["outcome"]) == ("VOI", 86_400, "resolved")
    assert (second["department"], second["gross"], second["outcome"]) == ("PRO", 2 * 86_400, "refused")
    assert second["started_at"] == MONDAY + 10 * DAY


def test_an_undone_merge_opens_the_same_round_again(place: Place) -> None:
    case = place.open()
    place.record(case, e.CaseMerged(main="0" * 32), at=MONDAY + HOUR)
    assert rounds(place)[0]["outcome"] == "duplicate" and len(stays(place)) == 1
    place.record(case, e.CaseUnmerged(main="0" * 32, status="registered"), at=MONDAY + 2 * HOUR)
    assert (rounds(place)[0]["closed_at"], stays(place)) == (None, [])
    place.record(case, e.CaseClosed(outcome="resolved"), at=MONDAY + 3 * HOUR)
    assert rounds(place)[0]["gross"] == 3 * 3600


def test_a_date_that_moved_while_a_case_was_merged_stands_when_it_is_released(place: Place) -> None:
    """What was closed late stays so in the figures, whatever the date becomes."""
    case, later = place.open(), MONDAY + 9 * DAY
    promise = e.CommitmentPromised(kind="resolve", due=MONDAY, warn_at=MONDAY, rule="x", calendar="x", town_version=1)
    place.record(case, promise, e.CaseMerged(main="0" * 32), at=MONDAY + HOUR)
    place.record(case, e.CommitmentMoved(kind="resolve", due=later, warn_at=later, reason="pause"), at=MONDAY + DAY)
    assert rounds(place)[0]["late"] == 1
    place.record(case, e.CaseUnmerged(main="0" * 32, status="registered"), at=MONDAY + 2 * DAY)
    assert (rounds(place)[0]["due_at"], rounds(place)[0]["late"]) == (later, 0)


@settings(max_examples=examples(300), deadline=None)
@given(told)
def test_the_parts_add_up_to_the_whole_on_any_history(told: list[Any]) -> None:
    rows: dict[str, Mapping[int, Row]] = {}
    kept: dict[str, Mapping[int, Row]] = {}
    for fact in recorded(lived(told)):
        if isinstance(fact.event, Durations.events):
            rows[fact.stream_id] = Durations().fold(rows.get(fact.stream_id, {}), fact, TOLD)
        if isinstance(fact.event, Stages.events):
            kept[fact.stream_id] = Stages().fold(kept.get(fact.stream_id, {}), fact, TOLD)
    for case, of_case in rows.items():
        for number, row in of_case.items():
            visits = [one for one in kept[case].values() if one["number"] and one["round"] == number]
            if row["closed_at"] is None:
                assert not visits and row["gross"] is None
                continue
            for suffix in ("", "_worked"):
                assert sum(row[f"{stage}{suffix}"] for stage in STAGES) == row[f"gross{suffix}"]
                assert 0 <= row[f"net{suffix}"] <= row[f"gross{suffix}"]
            assert row["gross"] == clocks.to_second(row["closed_at"]) - clocks.to_second(row["started_at"])
            assert sum(one["elapsed"] for one in visits) == row["gross"]
            assert sum(one["worked"] for one in visits) == row["gross_worked"]


@settings(max_examples=examples(300), deadline=None)
@given(told)
def test_the_parties_are_charged_as_the_clock_charges_them(told: list[Any]) -> None:
    """`charge` knows no stages: over the first round it must come to the same seconds for each party."""
    facts = recorded(lived(told))
    rows: dict[str, Mapping[int, Row]] = {}
    for fact in facts:
        if isinstance(fact.event, Durations.events):
            rows[fact.stream_id] = Durations().fold(rows.get(fact.stream_id, {}), fact, TOLD)
    for case, of_case in rows.items():
        row = of_case[1]
        if row["closed_at"] is None:
            continue
        pauses: dict[str, clocks.Pause] = {}
        for fact in facts:
            if fact.stream_id != case or fact.at > row["closed_at"]:
                continue
            if isinstance(fact.event, e.WaitStarted):
                pauses[fact.event.wait_id] = clocks.Pause(fact.event.since, None, fact.event.party, "x", False)
            if isinstance(fact.event, e.WaitEnded):
                old = pauses[fact.event.wait_id]
                pauses[fact.event.wait_id] = clocks.Pause(old.start, fact.event.ended_at, old.party, "x", False)
        charged = clocks.charge(row["started_at"], row["closed_at"], pauses.values())
        for party in ("resident", "third_party", "service"):
            assert row[f"waiting_{party}"] == charged[party]
