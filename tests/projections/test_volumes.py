"""Do what came in and what went out add up to what changed in the stock?"""

from datetime import timedelta
from typing import Any

from gru.domain import events as e
from gru.office.subtotals import Posed, read
from gru.storage.databases import reading
from projections.volumes import MOVED, MOVED_BY
from tests.projections.places import MONDAY, Place, qualified

DAY = timedelta(days=1)
DAYS = [MONDAY + n * DAY for n in range(-1, 5)]


def moved(place: Place, posed: Posed = (MOVED, ()), departments: tuple[str, ...] = ("ACC", "VOI", "PRO")) -> Any:
    """By the number of the day and the department."""
    place.project()
    with reading(place.databases.views) as connection:
        found = read(connection, posed, DAYS, DAYS[-1], departments)
    return {(one.part, one.department): one.counts for one in found}


def test_arrivals_closings_and_returns_are_counted_day_by_day(place: Place) -> None:
    first = place.open(received_at=MONDAY - timedelta(hours=3))
    second = place.open()
    place.record(first, e.CaseClosed(outcome="resolved"), at=MONDAY + DAY)
    place.record(second, e.CaseClosed(outcome="refused"), at=MONDAY + DAY)
    place.record(first, e.CaseReopened(reason="x"), at=MONDAY + 3 * DAY)
    assert moved(place) == {
        (0, "ACC"): {"opened": 1},
        (1, "ACC"): {"opened": 1},
        (2, "ACC"): {"closed": 2},
        (4, "ACC"): {"reopened": 1},
    }


def test_what_moved_follows_the_department_that_has_the_case_now(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), e.CaseClosed(outcome="resolved"), at=MONDAY + DAY)
    place.record(case, e.CaseReopened(reason="x"), e.CaseTransferred(department="PRO", reason="x"), at=MONDAY + DAY)
    assert moved(place) == {(1, "PRO"): {"opened": 1}, (2, "PRO"): {"closed": 1, "reopened": 1}}
    assert moved(place, (MOVED_BY, ("type",)))[1, "PRO"] == {qualified("VOI").type: {"opened": 1}}
    assert moved(place, departments=("VOI",)) == {}
