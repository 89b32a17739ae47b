"""Do facts become rows once, whatever happens on the way, and can every table be made anew while the town works?"""

import threading
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Column, Integer, String, Table, event, func, select, text
from sqlalchemy.exc import OperationalError

from gru.domain import events as e
from gru.domain.events import Recorded
from gru.office import projector as projector_module
from gru.office import views
from gru.office.rebuild import Overtaken, rebuild
from gru.office.views import Shelf
from gru.storage.databases import reading, writing
from gru.storage.log import read_out
from projections import ALL, search
from projections.base import NO_WORDS, VIEWS, OneRow, Row, Words
from projections.queue import Queue
from projections.queue import queue as queue_table
from projections.search import Search
from projections.threads import Threads
from tests.projections.conftest import recycled as recycled
from tests.projections.places import (
    AGENT,
    EVERYTHING,
    KINDS,
    MONDAY,
    Place,
    empty_place,
    new,
    promise,
    qualified,
    reply,
)

trial = Table("trial", VIEWS, Column("case_id", String(32), primary_key=True), Column("notes", Integer, nullable=False))
VIEWS.remove(trial)


class Trial(OneRow):
    """Counts the notes of a case, and breaks when it is told to."""

    name = "trial"
    question = "How many notes has a case?"
    table = trial
    events = (e.CaseOpened, e.NoteAdded)

    def __init__(self, poison: str = "", unstorable: str = "") -> None:
        self.poison = poison
        self.unstorable = unstorable

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        match recorded.event:
            case e.NoteAdded(note_id=self.poison):
                raise ValueError("what a resident wrote")
            case e.NoteAdded(note_id=self.unstorable):
                return {"case_id": recorded.stream_id, "notes": None}
            case e.NoteAdded():
                return {"case_id": recorded.stream_id, "notes": (state or {"notes": 0})["notes"] + 1}
        return {"case_id": recorded.stream_id, "notes": 0}


@pytest.fixture(name="place", params=KINDS)
def place_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    place = empty_place(request.param, request, tmp_path)
    yield place
    place.close()


@pytest.fixture
def place_on_postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    place = empty_place("postgresql", request, tmp_path)
    yield place
    place.close()


def note(place: Place, case: str, key: str = "") -> None:
    place.record(case, e.NoteAdded(note_id=key or new(), text=place.archive.text("x")))


def busy(place: Place, cases: int = 8) -> list[str]:
    """Some cases that have been worked on."""
    opened = [place.open(f"2026-{number:06}") for number in range(cases)]
    for case in opened:
        answer = new()
        place.record(case, promise("resolve", MONDAY), qualified("VOI"), e.CaseAssigned(agent="a"), by=AGENT)
        place.record(case, reply(answer, text=place.archive.text("Réponse")))
        place.record(case, e.ReplySent(reply_id=answer, sent_at=MONDAY), e.CaseClosed(outcome="resolved"))
    return opened


_TABLES = {projection.table.name for projection in ALL} | {"positions", "parked"}


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
    place.projector.rebuild()
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
    broken.rebuild(["trial"])
    assert len(broken.parked()) == 1
    mended = place.another_projector((*ALL, Trial()))
    mended.rebuild(["trial"])
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

    def __init__(self, inner: Any, bad: str = "", *, silent: bool = False) -> None:
        self.inner, self.bad, self.silent = inner, bad, silent

    def texts(self, ids: Collection[str]) -> Mapping[str, str | None]:
        if self.silent:
            raise OperationalError("SELECT", {}, Exception("gone"))
        if self.bad in ids:
            raise ValueError("tampered")
        answer: Mapping[str, str | None] = self.inner.texts(ids)
        return answer

    def people(self, ids: Collection[str]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self.inner.people(ids)
        return answer


def test_a_text_that_cannot_be_opened_counts_as_erased(place: Place) -> None:
    good, bad = place.archive.text("fuite"), place.archive.text("gravats")
    place.open(title=good, text=bad)
    place.projector.archive = Moody(place.archive, bad.id)
    place.project()
    [row] = place.rows(Search())
    assert "fuit" in row["words"] and "grava" not in row["words"]


def test_an_archive_that_does_not_answer_moves_nothing(place: Place) -> None:
    place.open(title=place.archive.text("fuite"))
    place.projector.archive = Moody(place.archive, silent=True)
    with pytest.raises(OperationalError):
        place.projector.catch_up()
    assert place.projector.position("inline") == 0
    place.projector.archive = place.archive
    place.project()
    assert len(place.rows(Search())) == 1


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
    later.rebuild(["trial"])
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
    changed.rebuild(["trial"])
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
        place.another_projector().rebuild(progress=lambda what, at, total: told.append(what))
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen == sorted(seen) and seen[0] >= 30
    assert {"fold", "fill", "index queue", "swap inline", "swap later"} <= set(told)
    place.project()
    live = place.tables()
    place.projector.rebuild()
    assert place.tables() == live
    assert _tables(place) == _TABLES


def test_a_rebuild_from_nothing_brings_all_to_the_head(place: Place) -> None:
    busy(place, 3)
    place.projector.rebuild()
    assert {place.projector.lag(group) for group in place.projector.groups} == {0}
    assert len(place.rows(Queue())) == 3


def test_one_table_can_be_rebuilt_by_itself_even_when_the_live_ones_lag(place: Place) -> None:
    busy(place, 3)
    place.projector.rebuild(["queue"])
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
        place.projector.rebuild()
    assert place.tables() == before
    monkeypatch.undo()
    place.projector.rebuild()
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
    place.projector.rebuild()
    place.projector.rebuild(["search"])
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
