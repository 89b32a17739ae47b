"""Is it told when something still holds a trace of who was erased, and how it is got rid of?"""

from collections.abc import Callable

import pytest
from sqlalchemy import event, select
from sqlalchemy import text as sql

from gru.bootstrap import Office
from gru.domain.case import AddNote
from gru.office import erasure, projector, views
from gru.office.erasure import Erasure
from gru.office.rebuild import _Rebuild, rebuild
from gru.storage.databases import reading, snapshot, writing
from gru.storage.schema import holders
from projections.queue import queue
from tests.journeys.conftest import journey as journey
from tests.journeys.towns import Journey
from tests.office.erasing import BY, TRACES, Killed, erased_everywhere, marie_writes
from tests.office.remains import contents, found_in_rows

# --- not clean ---------------------------------------------------------------------------------------------------


def hasty_erasure(journey: Journey) -> Erasure:
    """One that waits for no reader."""
    office = journey.office
    return Erasure(
        log=office.log,
        desk=office.desk,
        archive=office.archive,
        keys=office.keys,
        projector=office.projector,
        databases=office.databases,
        now=journey.watch,
        patience=0.2,
    )


@pytest.mark.parametrize("journey", ["sqlite"], indirect=True)
def test_a_reader_who_holds_an_old_page_is_told_of(journey: Journey) -> None:
    marie = marie_writes(journey)
    office, hasty = journey.office, hasty_erasure(journey)
    event.listen(office.databases.views, "checkout", lambda link, *_: link.execute("PRAGMA busy_timeout=50"))
    with reading(office.databases.views) as connection:
        connection.execute(queue.select()).all()
        assert not hasty.erase(marie, by=BY).clean
    assert hasty.erase(marie, by=BY).clean
    erased_everywhere(office)


@pytest.mark.parametrize("journey", ["postgresql"], indirect=True)
@pytest.mark.parametrize("place", ["views", "keys"])
def test_an_older_snapshot_is_told_of(journey: Journey, place: str) -> None:
    """As a backup or a long report holds one: what was deleted is kept in the files for it."""
    marie = marie_writes(journey)
    office, hasty = journey.office, hasty_erasure(journey)
    wrapped = wrapped_key(office, marie)
    with snapshot(getattr(office.databases, place)) as connection:
        connection.execute(sql("SELECT count(*) FROM pg_catalog.pg_tables"))
        assert not hasty.erase(marie, by=BY).clean
    assert hasty.erase(marie, by=BY).clean
    erased_everywhere(office)
    assert not any(wrapped in content for _, content in contents(office))


@pytest.mark.parametrize("journey", ["postgresql"], indirect=True)
def test_the_planner_forgets_the_destroyed_keys(journey: Journey) -> None:
    """Its statistics quote the values of a column."""
    marie = marie_writes(journey)
    office = journey.office
    wrapped = wrapped_key(office, marie)
    with writing(office.databases.keys) as connection:
        connection.execute(sql("ANALYZE"))
    assert office.erasure.erase(marie, by=BY).clean
    assert not any(wrapped in content for _, content in contents(office))


def wrapped_key(office: Office, person: str) -> bytes:
    with reading(office.databases.keys) as connection:
        return bytes(connection.scalar(select(holders.c.wrapped).where(holders.c.id == person)))


def test_a_rebuild_that_runs_meanwhile_is_told_of(journey: Journey) -> None:
    marie, office = marie_writes(journey), journey.office
    seen: list[bool] = []

    def meanwhile(what: str, done: int, total: int) -> None:
        if what == "swap inline" and not seen:
            seen.append(office.erasure.erase(marie, by=BY).clean)

    rebuild(office.projector, progress=meanwhile)
    assert seen == [False]
    assert office.erasure.erase(marie, by=BY).clean
    erased_everywhere(office)


@pytest.mark.parametrize("killed", [pytest.param("index search", marks=pytest.mark.full), "swap inline"])
def test_a_rebuild_that_was_killed_is_told_of_until_it_is_done_again(journey: Journey, killed: str) -> None:
    marie, office = marie_writes(journey), journey.office

    def dying(what: str, done: int, total: int) -> None:
        if what == killed:
            raise Killed

    with pytest.raises(Killed):
        rebuild(office.projector, progress=dying)
    assert not office.erasure.erase(marie, by=BY).clean
    rebuild(office.projector, ["search", "people"])
    assert office.erasure.erase(marie, by=BY).clean
    erased_everywhere(office)


def test_tables_a_rebuild_replaced_and_was_killed_before_dropping_are_dropped(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    marie, office = marie_writes(journey), journey.office
    with monkeypatch.context() as patch:
        patch.setattr(_Rebuild, "_take_place", after_which(_Rebuild._take_place))
        with pytest.raises(Killed):
            rebuild(office.projector, ["search", "people"])
    assert found_in_rows(office, TRACES)
    assert office.erasure.erase(marie, by=BY).clean
    erased_everywhere(office)


def after_which(call: Callable[..., object]) -> Callable[..., object]:
    """Dies when it is done."""

    def dying(*args: object, **kwargs: object) -> object:
        call(*args, **kwargs)
        raise Killed

    return dying


def test_outdated_tables_that_hold_words_are_told_of_until_they_are_rebuilt(journey: Journey) -> None:
    """Between an upgrade and its rebuild they are not written."""
    marie, office = marie_writes(journey), journey.office
    with writing(office.databases.views) as connection:
        built = views.stood(connection, "inline").built
        views.record_built(connection, "inline", built | {"search": views.Built(built["search"].generation, "older")})
    office.erasure.again(marie, by=BY)
    [sentence] = office.erasure.scrub()
    assert "`gru rebuild search`" in sentence
    rebuild(office.projector, ["search"])
    assert office.erasure.erase(marie, by=BY).clean
    erased_everywhere(office)


def test_an_erasure_a_table_could_not_fold_is_told_of(journey: Journey) -> None:
    marie, office = marie_writes(journey), journey.office
    certificate = office.erasure.erase(marie, by=BY)
    [fact] = office.log.read(certificate.position - 1, 1)
    row = {"projection": "people", "position": fact.position, "stream_id": fact.stream_id, "version": fact.version}
    with writing(office.databases.views) as connection:
        views.park(connection, [row | {"name": fact.event.NAME, "error": "x", "at": fact.at}])
    assert not office.erasure.erase(marie, by=BY).clean
    rebuild(office.projector, ["people"])
    assert office.erasure.erase(marie, by=BY).clean


def test_lists_that_do_not_follow_are_told_of(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    marie, office = marie_writes(journey), journey.office
    [case, _] = office.erasure.cases_of(marie)
    office.erasure.again(marie, by=BY)
    for number in range(3):
        text = office.archive.write_text("Rien de nouveau.", person="", case=case)
        office.desk.execute(AddNote(case_id=case, note_id=f"{number}" * 32, text=text), by=BY)
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "FOLLOWED_WITHIN", 0.0)
        patch.setattr(projector, "LIVE_BATCH", 1)
        assert office.erasure.scrub() == (erasure.BEHIND,)
    assert office.erasure.erase(marie, by=BY).clean
    erased_everywhere(office)
