"""Are tables made, found outdated and filled anew while the town goes on?"""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from gru.domain import events as e
from gru.office import views
from gru.office.rebuild import Overtaken, rebuild
from gru.office.views import Shelf
from gru.storage.databases import reading, writing
from projections import ALL, search
from projections.queue import Queue
from projections.queue import queue as queue_table
from projections.search import Search
from tests.office.projecting import Trial, busy, note
from tests.office.projecting import place_on_each as place_on_each
from tests.projections.places import (
    EVERYTHING,
    MONDAY,
    Place,
)

_TABLES = {projection.table.name for projection in ALL} | {"positions", "parked", "subtotals", "changed"}


# --- tables ------------------------------------------------------------------------------------------------------


def test_preparing_twice_changes_nothing(place: Place) -> None:
    busy(place, 2)
    place.project()
    before = place.tables()
    assert place.another_projector().prepare() == ()
    assert place.tables() == before


def test_a_projection_added_later_is_named_until_it_is_rebuilt(place: Place) -> None:
    case = place.open()
    note(place, case)
    place.project()
    later = place.another_projector((*ALL, Trial()))
    assert later.prepare() == ("trial",)
    note(place, case)
    assert later.catch_up(seconds=60)
    rebuild(later, ["trial"])
    assert later.prepare() == ()
    note(place, case)
    assert later.catch_up(seconds=60)
    assert [row["notes"] for row in place.rows(Trial())] == [3]


def test_a_projection_whose_shape_has_changed_waits_for_its_rebuild(place: Place) -> None:
    place.another_projector((*ALL, Trial())).prepare()
    case = place.open()
    place.project()

    class Changed(Trial):
        edition = 2

    changed = place.another_projector((*ALL, Changed()))
    assert changed.prepare() == ("trial",)
    note(place, case)
    assert changed.catch_up(seconds=60)
    rebuild(changed, ["trial"])
    assert changed.prepare() == ()
    assert [row["notes"] for row in place.rows(Trial())] == [1]


# --- rebuilding --------------------------------------------------------------------------------------------------


def test_a_rebuild_goes_on_while_the_town_writes_projects_and_reads(place: Place) -> None:
    busy(place, 30)
    place.project()
    done = threading.Event()
    failures: list[Exception] = []
    seen: list[int] = []

    def work() -> None:
        try:
            while not done.is_set():
                busy(place, 1)
                assert place.projector.catch_up("inline", place.log.head(), seconds=60)
        except Exception as error:
            failures.append(error)

    def read() -> None:
        try:
            while not done.is_set():
                with reading(place.databases.views) as connection:
                    seen.append(connection.execute(select(func.count()).select_from(queue_table)).scalar() or 0)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work), threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    told: list[str] = []
    for _ in range(2):
        rebuild(place.another_projector(), progress=lambda what, at, total: told.append(what))
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen == sorted(seen) and seen[0] >= 30
    assert {"fold", "index queue", "swap inline", "swap later"} <= set(told)
    place.project()
    live = place.tables()
    rebuild(place.projector)
    assert place.tables() == live
    assert _tables(place) == _TABLES


def test_a_rebuild_from_nothing_brings_all_to_the_head(place: Place) -> None:
    busy(place, 3)
    rebuild(place.projector)
    assert {place.projector.lag(group) for group in place.projector.groups} == {0}
    assert len(place.rows(Queue())) == 3


def test_one_table_can_be_rebuilt_by_itself_even_when_the_live_ones_lag(place: Place) -> None:
    busy(place, 3)
    rebuild(place.projector, ["queue"])
    assert place.projector.lag("inline") == 0
    assert len(place.rows(Queue())) == len(place.rows(Search())) == 3


def test_a_rebuild_broken_off_leaves_the_table_in_use_and_can_be_begun_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(place, 3)
    place.project()
    before = place.tables()
    monkeypatch.setattr(Shelf, "finishing", lambda self, keyed=False: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rebuild(place.projector)
    assert place.tables() == before
    monkeypatch.undo()
    rebuild(place.projector)
    assert place.tables() == before
    assert _tables(place) == _TABLES


def test_of_two_rebuilds_at_once_the_slower_gives_up(place: Place) -> None:
    busy(place, 3)
    place.project()
    raced = False

    def meanwhile(what: str, done: int, total: int) -> None:
        nonlocal raced
        if what == "swap inline" and not raced:
            raced = True
            views_of_other = place.another_projector()
            with writing(place.databases.views) as connection:
                at = views.take(connection, "inline", patient=True)
                assert at is not None
                newer = views.Built(at.built["queue"].generation + 5, views_of_other.shapes["queue"])
                views.record_built(connection, "inline", at.built | {"queue": newer})

    with pytest.raises(Overtaken):
        rebuild(place.projector, ["queue"], meanwhile)
    assert len(place.rows(Queue())) == 3


def test_searching_and_erasing_work_after_a_rebuild(place: Place) -> None:
    person = place.archive.person("Claire Lefèvre")
    case = place.open(requester=person, title=place.archive.text("fuite"))
    place.project()
    rebuild(place.projector)
    rebuild(place.projector, ["search"])
    place.record(case, e.PersonErased(person=person))
    second = place.open(title=place.archive.text("fuite"), at=MONDAY + timedelta(days=1))
    place.project()
    with reading(place.databases.views) as connection:
        assert search.find(connection, "fuite", EVERYTHING).cases == (second,)
        assert search.find(connection, "lefevre", EVERYTHING).cases == ()


def _tables(place: Place) -> set[str]:
    with reading(place.databases.views) as connection:
        if place.databases.kind == "sqlite":
            known = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%_fts%'"
        else:
            known = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'views'"
        return set(connection.execute(text(known)).scalars())
