"""Are requests before and after a decision followed alike, and is what is concluded what a library concludes?"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from gru.domain import events as e
from gru.office.figures import Cut
from gru.office.figures.effects import FOLLOW, SHORTEST, WASH_OUT, Effect, effect_of, measurable_from
from gru.storage.databases import open_sqlite, reading
from tests.domain.towns import sample_town
from tests.projections.places import Place

DAY = date(2026, 6, 1)
LATER = datetime(2026, 12, 1, 9, tzinfo=UTC)


def received(place: Place, day: date, days: float | None, outcome: e.Outcome = "resolved") -> None:
    """One request received at noon of a day, and closed so many days later."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    case = place.open(at=at, department="VOI")
    if days is not None:
        place.record(case, e.CaseClosed(outcome=outcome), at=at + timedelta(days=days))


def judged(place: Place, at: datetime = LATER, departments: tuple[str, ...] = ()) -> Effect | None:
    place.project()
    with reading(place.databases.views) as connection:
        return effect_of(connection, sample_town(), DAY, (), departments, Cut(1, at))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(open_sqlite(tmp_path))


def test_it_is_too_early_until_the_shortest_cohort_was_followed(place: Place) -> None:
    first = measurable_from(DAY)
    assert first == DAY + timedelta(days=WASH_OUT + SHORTEST + FOLLOW)
    noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    assert judged(place, noon - timedelta(days=1)) is None
    assert judged(place, noon) is not None


def test_nobody_of_before_is_followed_into_the_time_after_and_both_cohorts_are_as_long(place: Place) -> None:
    found = judged(place)
    assert found is not None
    assert found.before.last + timedelta(days=FOLLOW) < DAY
    assert found.after.first == DAY + timedelta(days=WASH_OUT)
    assert found.before.last - found.before.first == found.after.last - found.after.first == timedelta(days=90)


def test_what_is_received_while_the_new_way_is_learnt_belongs_to_neither(place: Place) -> None:
    for offset in (-FOLLOW, -1, 0, WASH_OUT - 1):
        received(place, DAY + timedelta(days=offset), 3)
    found = judged(place)
    assert found is not None and (found.before.total, found.after.total) == (0, 0)
    assert found.verdict == "too_few"


def test_a_case_closed_after_the_follow_up_counts_as_not_resolved_whenever_it_is_looked_at(place: Place) -> None:
    received(place, DAY - timedelta(days=60), FOLLOW + 1)
    received(place, DAY - timedelta(days=60), FOLLOW - 1)
    received(place, DAY - timedelta(days=60), 2, "withdrawn")
    found = judged(place)
    assert found is not None and (found.before.total, found.before.resolved) == (3, 1)


def test_a_real_difference_is_found_and_none_where_there_is_none(place: Place) -> None:
    for n in range(40):
        received(place, DAY - timedelta(days=40 + n % 30), 10 + n % 9)
        received(place, DAY + timedelta(days=20 + n % 30), 3 + n % 5)
    found = judged(place)
    assert found is not None and found.test is not None and found.test.hazard is not None
    assert found.verdict == "faster" and found.test.p < 0.001 and found.test.hazard.ratio > 1
    assert (found.before.total, found.after.total) == (40, 40)
    assert (found.before.resolved, found.after.resolved) == (40, 40)
    assert sum(week.total for week in found.weeks) == 80
    other = judged(place, departments=("ESV",))
    assert other is not None and other.before.total == 0


def test_the_same_before_and_after_is_no_difference(place: Place) -> None:
    for n in range(40):
        received(place, DAY - timedelta(days=40 + n % 30), 3 + n % 9)
        received(place, DAY + timedelta(days=20 + n % 30), 3 + n % 9)
    found = judged(place)
    assert found is not None and found.verdict == "no_difference"
    assert found.test is not None and found.test.p > 0.9
