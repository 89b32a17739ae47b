"""Is what is needed to promise anew there, and does it promise what was promised?"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from gru.domain import events as e
from gru.domain.case import CaseCommand
from gru.domain.simulating import official, past_of
from gru.storage.databases import reading
from projections import promises
from projections.promises import PastCase
from projections.promises import Place as Behind
from tests.examples import examples
from tests.projections.lives import lived, told
from tests.projections.places import MONDAY, Place, qualified

DAY = timedelta(days=1)
Told = list[tuple[CaseCommand, int, str]]


def read(place: Place, start: Behind | None = None, **more: int) -> tuple[PastCase, ...]:
    place.project()
    with reading(place.databases.views) as connection:
        position = more.pop("position", place.log.head())
        return promises.received(connection, start or Behind(MONDAY - 30 * DAY), MONDAY + 30 * DAY, position, **more)


def test_a_row_holds_the_past_of_its_case_as_the_history_tells_it(place: Place) -> None:
    case = place.open(received_at=MONDAY)
    place.record(
        case,
        qualified("VOI"),
        e.CommitmentPromised(kind="resolve", due=MONDAY + 3 * DAY, warn_at=MONDAY, rule="default/resolve",
                             calendar="bureaux", town_version=1),
        e.WaitStarted(wait_id="w", party="resident", reason="x", since=MONDAY + DAY, indispensable=True),
        e.MessageReceived(message="m", channel="email", received_at=MONDAY + DAY, proof="known_sender"),
        e.WaitEnded(wait_id="w", ended_at=MONDAY + 2 * DAY, reason="answered"),
        e.CommitmentMoved(kind="resolve", due=MONDAY + 4 * DAY, warn_at=MONDAY, reason="pause"),
        e.CaseTransferred(department="ESV", reason="x"),
        at=MONDAY + 2 * DAY,
    )  # fmt: skip
    place.record(case, e.CaseClosed(outcome="resolved"), at=MONDAY + 3 * DAY)
    [found] = read(place)
    assert found.past == past_of(place.log.history(case))
    assert (found.department, found.confidentiality) == ("ESV", "normal")
    verdict = official(found.past)["resolve"]
    assert (verdict.due, verdict.kept_at) == (MONDAY + 4 * DAY, MONDAY + 3 * DAY)


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(told)
def test_so_it_does_of_any_history(fresh: Callable[[], Place], wishes: Told) -> None:
    place = fresh()
    place.log.append_many(lived(wishes))
    place.project()
    with reading(place.databases.views) as connection:
        stored = connection.execute(select(promises.promises.c.case_id, promises.promises.c.steps)).all()
    for case, steps in stored:
        assert steps == past_of(place.log.history(case)).steps


def test_cases_are_read_in_order_of_reception_behind_the_last_one_and_as_the_log_was(place: Place) -> None:
    cases = [place.open(received_at=MONDAY + day * DAY) for day in (2, 0, 1)]
    ordered = [cases[1], cases[2], cases[0]]
    first = read(place, limit=2)
    assert [one.past.case_id for one in first] == ordered[:2]
    last = first[-1].past
    rest = read(place, Behind(last.received_at, last.case_id), limit=2)
    assert [one.past.case_id for one in rest] == ordered[2:]
    position = place.log.history(cases[0])[0].position
    assert [one.past.case_id for one in read(place, position=position)] == [cases[0]]
    with reading(place.databases.views) as connection:
        assert promises.count(connection, MONDAY, MONDAY + 2 * DAY, place.log.head()) == 2


@pytest.mark.parametrize("reason", ["prolongation", "calendar"])
def test_a_date_somebody_gave_is_told_apart_from_one_that_follows(place: Place, reason: str) -> None:
    case = place.open(received_at=MONDAY)
    place.record(case, e.CommitmentMoved(kind="resolve", due=MONDAY + DAY, warn_at=MONDAY, reason=reason))
    [found] = read(place)
    assert [type(step).__name__ for step in found.past.steps] == ["SaidAnew", "Official"]
