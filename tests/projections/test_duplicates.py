"""Which open cases are asked for by person, square and type, and how many rows does that cost at most?"""

from datetime import timedelta

from sqlalchemy import Column, ColumnElement, Connection, select, text

from gru.domain import events as e
from gru.domain.rights import Scope
from gru.storage.databases import reading
from projections import duplicates, search
from tests.projections.places import EVERYTHING, MONDAY, Place, new, qualified, scope
from tests.storage.archive_kit import statements

PERSON = "p" * 32
TOWN = Scope(everywhere=("normal",))


def cells(place: Place, wanted: str, within: Scope = EVERYTHING) -> list[str]:
    place.project()
    with reading(place.databases.views) as connection:
        return found(connection, duplicates.in_cells([wanted], MONDAY - timedelta(days=30), within))


def found(connection: Connection, sign: duplicates.Newest) -> list[str]:
    return [one.case.case_id for one in duplicates.beside(connection, [sign], search.said())]


def test_a_case_is_found_by_its_square_until_it_is_closed_or_merged(place: Place) -> None:
    text = place.archive.text("14 rue des Acacias")
    one = place.open("2026-000001", place=text, cell="1:1")
    two = place.open("2026-000002")
    place.record(two, e.PlaceSet(place=text, district="CEN", cell="1:1"))
    assert cells(place, "1:1") == [two, one]
    place.record(two, e.CaseMerged(main=one))
    assert cells(place, "1:1") == [one]
    place.record(two, e.CaseUnmerged(main=one, status="registered"))
    place.record(one, e.CaseClosed(outcome="resolved"))
    assert cells(place, "1:1") == [two]
    place.record(one, e.CaseReopened(reason="x"))
    assert cells(place, "1:1") == [two, one]
    assert cells(place, "2:1") == []


def test_an_agent_finds_only_what_he_may_see(place: Place) -> None:
    open_one, secret = place.open(cell="1:1"), place.open("2026-000002", cell="1:1")
    place.record(open_one, qualified("VOI"))
    place.record(secret, qualified("SOC", "secret"))
    assert cells(place, "1:1", scope("VOI")) == [open_one]
    assert cells(place, "1:1", TOWN) == [open_one]
    assert cells(place, "1:1", scope("PRO")) == []


def test_a_person_is_found_for_as_long_as_is_asked_and_never_once_erased(place: Place) -> None:
    old = place.open(at=MONDAY - timedelta(days=80), requester=PERSON, cell="1:1")
    new = place.open("2026-000002", requester=PERSON)

    def of_days(days: int) -> list[str]:
        place.project()
        with reading(place.databases.views) as connection:
            since = MONDAY - timedelta(days=days)
            return found(connection, duplicates.of_person(PERSON, since, EVERYTHING))

    assert (of_days(90), of_days(30)) == ([new, old], [new])
    for case in (old, new):
        place.record(case, e.PersonErased(person=PERSON))
    assert of_days(90) == []
    assert cells(place, "1:1") == []


def test_all_signs_are_asked_in_one_statement_that_brings_what_was_said(place: Place) -> None:
    title, said = place.archive.text("Un lampadaire éteint"), place.archive.text("Rue des Acacias, bonsoir")
    near = place.open(title=title, text=said, requester=PERSON, cell="1:1")
    place.record(near, e.NoteAdded(note_id=new(), text=place.archive.text("Une note d’agent")))
    place.project()
    since, engine = MONDAY - timedelta(days=30), place.databases.views
    signs = [
        duplicates.in_cells(["1:1", "1:2"], since, EVERYTHING),
        duplicates.of_person(PERSON, since, EVERYTHING),
        duplicates.of_type("", since, EVERYTHING),
    ]
    with statements(engine) as asked, reading(engine) as connection:
        rows = duplicates.beside(connection, signs, search.said())
    assert len(asked) == 1
    assert {(one.sign, one.case.case_id) for one in rows} == {("cell", near), ("person", near), ("type", near)}
    [one] = {(one.words, one.parts) for one in rows}
    assert search.stems_in(*one, (title.id,)) == search.stems("Un lampadaire éteint").split()
    assert len(search.stems_in(*one, (title.id, said.id))) > len(search.stems_in(*one, (said.id,))) > 0


def test_no_question_reads_more_than_its_limit(place: Place) -> None:
    for number in range(duplicates.OF_TYPE + 5):
        place.open(f"2026-{number:06d}", cell="1:1")
    place.project()
    with reading(place.databases.views) as connection:
        newest = found(connection, duplicates.of_type("", MONDAY - timedelta(days=1), EVERYTHING))
    assert len(newest) == duplicates.OF_TYPE
    assert len(cells(place, "1:1")) == duplicates.MOST


def test_each_question_is_answered_from_an_index_of_open_cases(place: Place) -> None:
    """Newest first and bounded: a town with a million closed cases reads no more rows than one with none."""
    columns = duplicates.duplicates.c
    with reading(place.databases.views) as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(text("SET enable_seqscan = off"))
        for column in (columns.requester, columns.cell, columns.type):
            query = select(columns.case_id).where(columns.is_open.is_(True), column == "x", *_given(column))
            newest = query.order_by(columns.received_at.desc(), columns.case_id.desc()).limit(5)
            said = str(newest.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
            said = said.replace("views.", "") if connection.dialect.name == "sqlite" else said
            how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
            plan = " ".join(str(row) for row in connection.execute(text(f"{how} {said}")))
            assert f"duplicates_{column.name}" in plan and "TEMP B-TREE" not in plan, plan


def _given(column: Column[str]) -> list[ColumnElement[bool]]:
    return [column != ""] if column.name != "type" else []
