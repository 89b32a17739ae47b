"""Is every message that no case took to be found, until an agent has decided about it?"""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, text

from gru.domain import events as e
from gru.domain.rights import Scope
from gru.office.rebuild import rebuild
from gru.storage.databases import reading
from projections import case_file, inbox
from projections.inbox import Untaken
from tests.projections.places import AGENT, MONDAY, Place, new


def taken_in(place: Place, outcome: e.MessageOutcome, minutes: int = 0, **facts: Any) -> str:
    key = new()
    at = MONDAY + timedelta(minutes=minutes)
    taken = e.MessageTakenIn(source="mairie@ville.example", channel="email", outcome=outcome, received_at=at, **facts)
    place.record(key, taken)
    return key


def waiting(place: Place) -> list[str]:
    place.project()
    with reading(place.databases.views) as connection:
        found = [one.message for one in inbox.page(connection)]
        assert inbox.waiting(connection) == len(found)
    return found


def found(place: Place, key: str) -> Untaken | None:
    place.project()
    with reading(place.databases.views) as connection:
        return inbox.by_key(connection, key)


def test_what_a_case_took_is_not_there_and_the_rest_is_oldest_first(place: Place) -> None:
    case = place.open()
    for outcome in ("opened", "joined", "bounce"):
        taken_in(place, outcome, case=case)
    later = taken_in(place, "to_link", 9, reason="unproven_sender", suggested=case)
    sooner = taken_in(place, "set_aside", 1, reason="empty")
    automatic = taken_in(place, "automatic", 3, reason="automatic")
    bounce = taken_in(place, "bounce", 2, reason="delivery_report")
    assert waiting(place) == [sooner, later]
    with reading(place.databases.views) as connection:
        assert [one.message for one in inbox.page(connection, ("automatic", "bounce"))] == [bounce, automatic]
        assert [one.message for one in inbox.page(connection, limit=1, offset=1)] == [later]
        assert inbox.waiting(connection, cap=1) == 2
    row = found(place, later)
    assert row is not None
    assert (row.outcome, row.reason, row.suggested, row.decided) == ("to_link", "unproven_sender", case, "")


def test_a_linked_message_names_its_case_and_waits_no_more(place: Place) -> None:
    case, key = place.open(), taken_in(place, "to_link")
    place.record(key, e.MessageLinked(case=case), by=AGENT)
    assert waiting(place) == []
    row = found(place, key)
    assert row is not None and (row.decided, row.case_id) == ("linked", case)


def test_a_message_put_aside_is_kept_apart_and_can_still_be_linked(place: Place) -> None:
    key = taken_in(place, "set_aside", reason="loop")
    place.record(key, e.MessagePutAside(reason="advertising"), by=AGENT)
    assert waiting(place) == []
    with reading(place.databases.views) as connection:
        assert [one.message for one in inbox.page(connection, inbox.UNTAKEN, decided="aside")] == [key]
    place.record(key, e.MessageLinked(case=place.open()), by=AGENT)
    row = found(place, key)
    assert row is not None and row.decided == "linked"


def test_a_bounce_of_a_case_that_is_spoken_of_later_makes_no_row(place: Place) -> None:
    case = place.open()
    key = taken_in(place, "bounce", case=case)
    place.record(key, e.MessageLinked(case=case), by=AGENT)
    assert found(place, key) is None


def test_who_sees_only_some_cases_reads_no_message_about_another(place: Place) -> None:
    roads, social = place.open(), place.open("2026-000002")
    place.record(social, e.CaseQualified(type="X", department="SOC", confidentiality="secret"))
    about = [taken_in(place, "to_link", n, suggested=case) for n, case in enumerate((roads, social, ""), 1)]
    linked = taken_in(place, "to_link", 5)
    place.record(linked, e.MessageLinked(case=social), by=AGENT)
    place.project()
    with reading(place.databases.views) as connection:
        seen = case_file.visible(Scope(everywhere=("normal",)))
        assert [one.message for one in inbox.page(connection, visible=seen)] == [about[0], about[2]]
        assert inbox.waiting(connection, visible=seen) == 2
        assert inbox.page(connection, decided="linked", visible=seen) == ()
        assert len(inbox.page(connection)) == 3 and len(inbox.page(connection, decided="linked")) == 1


def test_a_case_a_message_names_is_looked_up_by_its_id(place: Place) -> None:
    """Not among all the cases somebody may see, which may be a million."""
    with reading(place.databases.views) as connection:
        counted = select(inbox.waiting_counted(visible=case_file.visible(Scope(everywhere=("normal",)))))
        said = str(counted.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
        if connection.dialect.name == "sqlite":
            plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {said.replace('views.', '')}"))]
            assert len([step for step in plan if step.startswith("SEARCH case_file USING")]) == 2, plan
        else:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            steps = " ".join(row[0] for row in connection.execute(text(f"EXPLAIN {said}")))
            assert steps.count("(case_id)::text = (inbox.") == 2, steps


def test_a_rebuild_finds_the_same(place: Place) -> None:
    linked, aside = taken_in(place, "to_link"), taken_in(place, "to_link", 1)
    taken_in(place, "automatic", 2, reason="automatic", case=place.open())
    place.record(linked, e.MessageLinked(case=place.open("2026-000002")), by=AGENT)
    place.record(aside, e.MessagePutAside(reason="advertising"), by=AGENT)
    place.project()
    live = place.tables()["inbox"]
    rebuild(place.projector, ["inbox"])
    assert len(live) == 3
    assert place.tables()["inbox"] == live
