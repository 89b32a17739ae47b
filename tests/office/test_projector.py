"""Does the projector fold each fact once, whatever crashes, breaks or competes?"""

import threading
from collections.abc import Collection, Mapping
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError, TimeoutError

from gru.domain import events as e
from gru.domain.events import Recorded
from gru.office import projector as projector_module
from gru.office import views
from gru.office.rebuild import rebuild
from gru.storage.databases import writing
from gru.storage.log import read_out
from gru.storage.sealing import Tampered
from projections import ALL
from projections.queue import Queue
from projections.search import Search
from projections.threads import Threads
from tests.office.projecting import Trial, busy, note
from tests.office.projecting import place_on_each as place_on_each
from tests.office.projecting import place_on_postgresql as place_on_postgresql
from tests.projections.places import (
    Place,
    new,
)

# --- live --------------------------------------------------------------------------------------------------------


def test_one_fact_costs_two_statements_for_each_table_it_touches_and_two_more(place: Place) -> None:
    case = place.open()
    place.project()
    place.record(case, e.CaseAssigned(agent="a"))
    said: list[str] = []
    event.listen(place.databases.views, "before_cursor_execute", lambda *args: said.append(args[2]))
    assert place.projector.catch_up("inline", place.log.head())
    said = [statement for statement in said if not statement.startswith("BEGIN")]
    touched = [p for p in ALL if p.group == "inline" and e.CaseAssigned in p.events]
    assert len(said) <= 2 * len(touched) + 2, said


def test_positions_move_over_facts_that_nobody_wants(place: Place) -> None:
    place.record(new(), e.NumberGiven(number="2026-000001", case=new()))
    for group in place.projector.groups:
        assert place.projector.lag(group) == place.log.head()
        assert place.projector.catch_up(group, place.log.head())
        assert place.projector.lag(group) == 0


def test_a_crash_in_the_middle_of_a_batch_moves_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(place)
    monkeypatch.setattr(views, "move", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        place.projector.step("inline")
    assert place.projector.position("inline") == 0
    assert not any(place.tables().values())
    monkeypatch.undo()
    place.project()
    assert len(place.rows(Queue())) == 8


def test_it_says_so_when_the_time_is_not_enough(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(place)
    monkeypatch.setattr(projector_module, "LIVE_BATCH", 3)
    assert not place.projector.catch_up("inline", seconds=0)
    assert 0 < place.projector.position("inline") < place.log.head()
    assert place.projector.catch_up("inline", seconds=60)
    assert place.projector.catch_up("inline", seconds=0)


def test_a_position_held_by_another_is_waited_for_no_longer_than_asked(place_on_postgresql: Place) -> None:
    """On SQLite the file itself is held."""
    place = place_on_postgresql
    busy(place)
    with writing(place.databases.views) as connection:
        views.take(connection, "inline")
        begun = monotonic()
        assert not place.projector.catch_up("inline", seconds=0.1)
        assert monotonic() - begun < 2
    assert place.projector.catch_up("inline", seconds=60)


def test_several_projectors_at_once_fold_every_fact_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projector_module, "LIVE_BATCH", 7)
    busy(place, 20)
    failures: list[Exception] = []

    def drain() -> None:
        try:
            assert place.another_projector().catch_up("inline", seconds=60)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    place.project()
    live = place.tables()
    rebuild(place.projector)
    assert place.tables() == live


def test_it_follows_the_log_until_it_is_stopped(place: Place) -> None:
    stopped = threading.Event()
    follower = threading.Thread(target=place.projector.follow, args=(stopped,))
    follower.start()
    busy(place, 2)
    deadline = monotonic() + 30
    while place.projector.lag("later") + place.projector.lag("inline") and monotonic() < deadline:
        stopped.wait(0.02)
    stopped.set()
    follower.join()
    assert len(place.rows(Queue())) == 2


# --- what cannot be folded ---------------------------------------------------------------------------------------


def test_a_fact_that_breaks_a_fold_is_parked_and_the_others_go_on(place: Place) -> None:
    broken = place.another_projector((*ALL, Trial(poison="bad")))
    broken.prepare()
    case, other = place.open(), place.open()
    for key in ("first", "bad", "third"):
        note(place, case, key)
    note(place, other)
    assert broken.catch_up(seconds=60)
    assert {row["case_id"]: row["notes"] for row in place.rows(Trial())} == {case: 2, other: 1}
    [parked] = broken.parked()
    assert (parked.projection, parked.stream_id, parked.version) == ("trial", case, 4)
    assert parked.error.startswith("builtins.ValueError in fold")
    assert "resident wrote" not in parked.error
    assert broken.parked_since_start == 1
    assert len(place.rows(Threads())) == 6


def test_a_row_the_database_refuses_parks_the_one_fact_it_comes_from(place: Place) -> None:
    broken = place.another_projector((*ALL, Trial(unstorable="bad")))
    broken.prepare()
    case, other = place.open(), place.open()
    note(place, case, "bad")
    note(place, other)
    assert broken.catch_up(seconds=60)
    assert {row["case_id"]: row["notes"] for row in place.rows(Trial())} == {case: 0, other: 1}
    assert [(parked.projection, parked.stream_id) for parked in broken.parked()] == [("trial", case)]
    assert len(place.rows(Threads())) == 4


def test_a_rebuild_with_a_mended_fold_clears_what_was_parked(place: Place) -> None:
    broken = place.another_projector((*ALL, Trial(poison="bad")))
    broken.prepare()
    case = place.open()
    note(place, case, "bad")
    assert broken.catch_up(seconds=60)
    rebuild(broken, ["trial"])
    assert len(broken.parked()) == 1
    mended = place.another_projector((*ALL, Trial()))
    rebuild(mended, ["trial"])
    assert mended.parked() == ()
    assert [row["notes"] for row in place.rows(Trial())] == [1]


def test_a_fact_that_cannot_be_read_is_parked_for_all_who_want_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = place.open()
    place.record(case, e.ReplyWithdrawn(reply_id=new()))

    def failing(raw: Any) -> Recorded:
        if raw[3] == e.ReplyWithdrawn.NAME:
            raise ValueError("unreadable")
        return read_out(raw)

    monkeypatch.setattr(projector_module, "read_out", failing)
    place.project()
    wanting = {projection.name for projection in ALL if e.ReplyWithdrawn in projection.events}
    assert {parked.projection for parked in place.projector.parked()} == wanting
    assert len(place.rows(Queue())) == 1


class Moody:
    """An archive in which one text was tampered with, or that does not answer at all."""

    def __init__(self, inner: Any, bad: str = "", error: Exception | None = None) -> None:
        self.inner, self.bad, self.error = inner, bad, error or Tampered(bad)

    def texts(self, ids: Collection[str]) -> Mapping[str, str | None]:
        if not self.bad or self.bad in ids:
            raise self.error
        answer: Mapping[str, str | None] = self.inner.texts(ids)
        return answer

    def people(self, ids: Collection[str]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self.inner.people(ids)
        return answer


@pytest.mark.parametrize("error", [Tampered("text"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no letter")])
def test_a_text_that_cannot_be_opened_counts_as_erased(place: Place, error: Exception) -> None:
    good, bad = place.archive.text("fuite"), place.archive.text("gravats")
    place.open(title=good, text=bad)
    place.projector.archive = Moody(place.archive, bad.id, error)
    place.project()
    [row] = place.rows(Search())
    assert "fuit" in row["words"] and "grava" not in row["words"]


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT", {}, Exception("gone")),
        TimeoutError("all connections of the pool are in use"),
        ConnectionResetError("the network is away"),
        MemoryError("no more of it"),
    ],
)
def test_an_archive_that_does_not_answer_moves_nothing(place: Place, error: Exception) -> None:
    place.open(title=place.archive.text("fuite"))
    place.projector.archive = Moody(place.archive, error=error)
    with pytest.raises(type(error)):
        place.projector.catch_up()
    with pytest.raises((type(error), RuntimeError)):
        rebuild(place.projector, ["search"])
    assert place.projector.position("inline") == 0
    place.projector.archive = place.archive
    place.project()
    assert len(place.rows(Search())) == 1
