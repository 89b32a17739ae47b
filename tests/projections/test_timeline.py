"""Is every fact of a case a line of its history, numbered as in its stream?"""

from datetime import timedelta

from gru.domain import events as e
from gru.storage.databases import reading
from projections import timeline
from projections.base import CASE_EVENTS
from tests.projections.places import AGENT, MONDAY, Place, new, promise, qualified


def test_every_kind_of_fact_has_a_line_of_its_own() -> None:
    assert set(timeline._LINES) == set(CASE_EVENTS)
    for kind, line in timeline._LINES.items():
        assert set(line.fields) <= set(kind.__struct_fields__), kind


def test_lines_come_newest_first_a_page_at_a_time(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), promise("resolve", MONDAY), by=AGENT)
    place.project()
    with reading(place.databases.views) as connection:
        first = timeline.page(connection, case, limit=3)
        rest = timeline.page(connection, case, before=first[-1].version)
        assert [line.version for line in (*first, *rest)] == [4, 3, 2, 1]
        assert [line.name for line in timeline.page(connection, case, ["clock"])] == ["case.commitment_promised"]
        assert [line.version for line in timeline.page(connection, case, upto=2)] == [2, 1]
        assert timeline.tally(connection, case) == {"exchange": 1, "change": 2, "clock": 1}
    assert (first[1].by, first[1].quiet, first[0].quiet) == (AGENT, False, True)


def test_a_line_shows_codes_ids_and_dates_and_no_empty_field(place: Place) -> None:
    case, words = place.open(), place.archive.text("x")
    wait = e.WaitStarted(wait_id="w", party="resident", reason="missing", since=MONDAY, text=words)
    file = e.FileRef(new(), "d", "image/png", 4)
    place.record(case, wait, e.NoteAdded(note_id="n", text=words, files=(file,)))
    place.project()
    with reading(place.databases.views) as connection:
        note, waiting, *_ = timeline.page(connection, case)
    assert note.facts == {"note_id": "n", "text": words.id, "files": [file.id]}
    assert waiting.facts == {
        "wait_id": "w",
        "party": "resident",
        "reason": "missing",
        "since": "2026-03-02T09:00:00Z",
        "indispensable": False,
        "text": words.id,
    }


def test_the_version_at_an_instant_is_the_last_fact_recorded_by_then(place: Place) -> None:
    case = place.open()
    place.record(case, e.CaseAssigned(agent="a"), at=MONDAY + timedelta(hours=2))
    place.project()
    with reading(place.databases.views) as connection:
        assert timeline.version_at(connection, case, MONDAY - timedelta(hours=1)) == 0
        assert timeline.version_at(connection, case, MONDAY + timedelta(hours=1)) == 2
        assert timeline.version_at(connection, case, MONDAY + timedelta(hours=2)) == 3
