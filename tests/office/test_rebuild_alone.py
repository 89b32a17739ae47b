"""Is there one rebuild at a time, whoever starts a second, and however the first one ends?"""

import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from gru.office import views
from gru.office.rebuild import Overtaken, rebuild, rebuild_from_nothing
from gru.office.views import Shelf
from gru.storage.alone import Busy
from gru.storage.databases import Databases, open_postgresql, open_sqlite, reading
from projections.base import Projection
from projections.queue import Queue
from tests.forked import end_with_the_tests, forked
from tests.office.projecting import busy
from tests.office.projecting import place_on_each as place_on_each
from tests.projections.places import Place


def when(step: str, act: Callable[[], object]) -> Callable[[str, int, int], None]:
    """Progress that does this once, when it is told of this step."""
    done: list[str] = []

    def progress(what: str, at: int, total: int) -> None:
        if what == step and not done:
            done.append(what)
            act()

    return progress


def refused(place: Place) -> Busy:
    """A second rebuild, from another process's point of view."""
    second = Place(opened(place.databases))
    try:
        with pytest.raises(Busy) as refusal:
            rebuild(second.projector)
        return refusal.value
    finally:
        second.close()


def opened(databases: Databases) -> Databases:
    if databases.kind == "postgresql":
        return open_postgresql(databases.log_url, databases.log_url)
    return open_sqlite(folder_of(databases))


def folder_of(databases: Databases) -> Path:
    return Path(databases.log_url).parent


def leftovers(place: Place) -> list[str]:
    schema = None if place.databases.kind == "sqlite" else "views"
    with reading(place.databases.views) as connection:
        return [name for name in inspect(connection).get_table_names(schema=schema) if "__g" in name]


# --- a second one ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["fold", pytest.param("swap later", marks=pytest.mark.full)])
def test_a_second_rebuild_is_told_since_when_the_first_runs_and_changes_nothing(place: Place, step: str) -> None:
    busy(place, 3)
    place.project()
    before = place.tables()
    said: list[Busy] = []
    begun = datetime.now(UTC)
    rebuild(place.projector, progress=when(step, lambda: said.append(refused(place))))
    [refusal] = said
    assert begun - timedelta(seconds=5) < refusal.since < datetime.now(UTC) + timedelta(seconds=5)
    assert f"since {refusal.since:%Y-%m-%d %H:%M} UTC" in str(refusal)
    assert place.tables() == before
    rebuild(place.another_projector())
    assert place.tables() == before
    assert leftovers(place) == []


def test_a_rebuild_in_child_processes_is_alone_too(place: Place) -> None:
    busy(place, 3)
    place.project()
    before = place.tables()
    said: list[Busy] = []
    rebuild(place.projector, processes=2, progress=when("fold", lambda: said.append(refused(place))))
    assert len(said) == 1
    assert place.tables() == before


def test_views_that_are_being_rebuilt_are_not_thrown_away(place: Place) -> None:
    busy(place, 3)
    place.project()
    before = place.tables()

    def from_nothing() -> None:
        with pytest.raises(Busy):
            rebuild_from_nothing(place.another_projector())

    rebuild(place.projector, ["queue"], progress=when("index", from_nothing))
    assert place.tables() == before
    rebuild_from_nothing(place.projector)
    assert place.tables() == before


def test_one_that_broke_off_is_in_nobodys_way(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(place, 3)
    monkeypatch.setattr(Shelf, "finishing", lambda self, keyed=False: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rebuild(place.projector)
    monkeypatch.undo()
    rebuild(place.another_projector(), ["queue"])
    assert len(place.rows(Queue())) == 3
    assert leftovers(place) == []


# --- one that was killed -----------------------------------------------------------------------------------------


def begin_and_stay(kind: str, url: str, begun: Event) -> None:
    """What another process does: it fills its tables, and comes no further."""
    end_with_the_tests()
    databases = open_sqlite(Path(url).parent) if kind == "sqlite" else open_postgresql(url, url)

    def stay() -> None:
        begun.set()
        signal.pause()

    rebuild(Place(databases).projector, progress=when("index", stay), processes=2)


def test_one_that_was_killed_is_in_nobodys_way_and_its_tables_go(place: Place) -> None:
    busy(place, 3)
    place.project()
    before = place.tables()
    begun = forked().Event()
    process = forked().Process(target=begin_and_stay, args=(place.databases.kind, place.databases.log_url, begun))
    process.start()
    try:
        assert begun.wait(60)
        refused(place)
    finally:
        process.kill()
        process.join()
    assert leftovers(place) != []
    rebuild(place.projector, ["queue"])
    assert place.tables() == before
    assert leftovers(place) == []


# --- tables that are not those it made ---------------------------------------------------------------------------


def test_tables_made_by_a_later_rebuild_are_never_taken_for_ones_own(place: Place) -> None:
    """The lock was lost with its connection, and another rebuild began."""
    busy(place, 3)
    place.project()
    before = place.tables()

    def begun_again() -> None:
        with views.making(place.databases.views) as connection:
            views.drop_leftovers(connection, place.projector.projections.values())
            again: list[Projection[Any]] = [*place.projector.projections.values()]
            for projection in again:
                Shelf(projection, place.databases.kind, 1000).make(connection, complete=False)

    with pytest.raises(Overtaken):
        rebuild(place.projector, progress=when("swap inline", begun_again))
    assert place.tables() == before
    rebuild(place.projector)
    assert place.tables() == before
    assert leftovers(place) == []
