"""Do what came in and what went out add up to what changed in the stock?"""

from datetime import timedelta
from typing import Any

from gru.domain import events as e
from gru.storage.databases import reading
from projections import volumes
from projections.volumes import Flow
from tests.projections.places import MONDAY, Place, qualified

DAY = timedelta(days=1)
DAYS = [MONDAY + n * DAY for n in range(-1, 5)]


def flows(place: Place, by: Any = "", **how: Any) -> tuple[Flow, ...]:
    place.project()
    with reading(place.databases.views) as connection:
        return volumes.flows(connection, DAYS, by, **how)


def test_arrivals_closings_and_returns_are_counted_day_by_day(place: Place) -> None:
    first = place.open(received_at=MONDAY - timedelta(hours=3))
    second = place.open()
    place.record(first, e.CaseClosed(outcome="resolved"), at=MONDAY + DAY)
    place.record(second, e.CaseClosed(outcome="refused"), at=MONDAY + DAY)
    place.record(first, e.CaseReopened(reason="x"), at=MONDAY + 3 * DAY)
    assert flows(place) == (
        Flow(DAYS[0], "", 1, 0, 0),
        Flow(DAYS[1], "", 1, 0, 0),
        Flow(DAYS[2], "", 0, 2, 0),
        Flow(DAYS[4], "", 0, 0, 1),
    )


def test_what_moved_follows_the_department_that_has_the_case_now(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), e.CaseClosed(outcome="resolved"), at=MONDAY + DAY)
    place.record(case, e.CaseReopened(reason="x"), e.CaseTransferred(department="PRO", reason="x"), at=MONDAY + DAY)
    assert flows(place, "department") == (Flow(DAYS[1], "PRO", 1, 0, 0), Flow(DAYS[2], "PRO", 0, 1, 1))
    assert flows(place, "type", departments=("VOI",)) == ()


def test_closings_are_told_apart_by_outcome(place: Place) -> None:
    place.record(place.open(), e.CaseClosed(outcome="resolved"), at=MONDAY + DAY)
    place.record(place.open(), e.CaseClosed(outcome="withdrawn"), at=MONDAY + DAY)
    assert {(flow.key, flow.closed) for flow in flows(place, "outcome") if flow.closed} == {
        ("resolved", 1),
        ("withdrawn", 1),
    }
