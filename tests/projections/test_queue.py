"""Does an agent find the next case, and only cases he may see?"""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from gru.domain import events as e
from gru.domain.rights import About, Scope
from gru.storage.databases import reading
from projections import inbox, queue
from projections.queue import Filter
from tests.examples import examples
from tests.projections.places import AGENT, EVERYTHING, MONDAY, Place, new, promise, qualified, reply, scope
from tests.storage.archive_kit import statements

NOW = MONDAY + timedelta(days=3)
DAY = timedelta(days=1)


def numbers(place: Place, **wanted: Any) -> list[str]:
    place.project()
    with reading(place.databases.views) as connection:
        rows = queue.page(connection, Filter(**({"scope": EVERYTHING} | wanted)), NOW)
    return [row.number for row in rows]


def one(place: Place, **wanted: Any) -> queue.QueueRow:
    place.project()
    with reading(place.databases.views) as connection:
        [row] = queue.page(connection, Filter(scope=EVERYTHING, **wanted), NOW)
    return row


def test_the_case_due_first_comes_first_and_one_without_a_date_last(place: Place) -> None:
    for number, days in (("n1", 5), ("n2", 2), ("n3", 9)):
        place.record(place.open(number), promise("resolve", MONDAY + days * DAY))
    place.open("n4")
    assert numbers(place) == ["n2", "n1", "n3", "n4"]
    assert numbers(place, newest_first=True) == ["n4", "n3", "n1", "n2"]


def test_the_strictest_open_duty_counts_and_a_kept_one_no_more(place: Place) -> None:
    case, answer = place.open(), new()
    place.record(case, promise("resolve", MONDAY + 9 * DAY), promise("first_response", MONDAY + 2 * DAY))
    assert one(place).due_kind == "first_response"
    place.record(case, reply(answer, "complement"), e.ReplySent(reply_id=answer, sent_at=MONDAY + DAY))
    assert (one(place).due_kind, one(place).due_at) == ("resolve", MONDAY + 9 * DAY)


def test_a_case_that_waits_for_an_indispensable_document_is_not_late(place: Place) -> None:
    case, wait = place.open("n1"), new()
    place.record(case, promise("resolve", MONDAY + DAY))
    assert numbers(place, due="late") == ["n1"]
    since = MONDAY + timedelta(hours=1)
    place.record(case, e.WaitStarted(wait_id=wait, party="resident", reason="x", since=since, indispensable=True))
    row = one(place)
    assert (row.status, row.paused_since, row.due_at) == ("waiting", since, MONDAY + DAY)
    assert numbers(place, due="late") == []
    assert numbers(place, due="paused") == ["n1"]
    place.record(case, e.WaitEnded(wait_id=wait, ended_at=MONDAY + DAY, reason="answered"))
    assert (one(place).paused_since, one(place).status) == (None, "in_progress")
    assert numbers(place, due="late") == ["n1"]


def test_a_danger_is_due_even_while_the_rest_is_paused(place: Place) -> None:
    case = place.open("n1")
    place.record(case, promise("resolve", MONDAY + DAY), promise("make_safe", MONDAY + 2 * DAY))
    place.record(case, e.WaitStarted(wait_id=new(), party="resident", reason="x", since=MONDAY, indispensable=True))
    assert one(place).due_kind == "make_safe"
    assert numbers(place, due="late") == ["n1"]


def test_a_case_waiting_for_several_is_charged_to_the_resident_first(place: Place) -> None:
    case = place.open()
    for party in ("service", "third_party", "resident"):
        since = MONDAY + timedelta(minutes=len(party))
        place.record(case, e.WaitStarted(wait_id=new(), party=party, reason="x", since=since))
    assert (one(place).waiting_on, one(place).waiting_since) == ("resident", MONDAY + timedelta(minutes=8))


def test_messages_count_as_unread_until_an_agent_does_something(place: Place) -> None:
    case = place.open()
    for _ in range(2):
        place.record(case, e.MessageReceived(message=new(), channel="email", received_at=MONDAY, proof="known_sender"))
    assert one(place, unread=True).unread == 2
    place.record(case, e.NoteAdded(note_id=new(), text=place.archive.text("x")), by=AGENT)
    assert one(place).unread == 0


def test_a_reply_that_failed_for_good_asks_for_attention_until_another_arrives(place: Place) -> None:
    case, first, second = place.open(), new(), new()
    place.record(case, reply(first), e.DeliveryFailed(reply_id=first, reason="x", permanent=False))
    assert numbers(place, attention=True) == []
    place.record(case, e.DeliveryFailed(reply_id=first, reason="x", permanent=True))
    assert one(place, attention=True).attention == "delivery_failed"
    place.record(case, reply(second), e.ReplySent(reply_id=second, sent_at=MONDAY))
    assert (one(place).attention, one(place).status) == ("", "answered")


def test_a_withheld_receipt_asks_for_attention_until_one_is_sent(place: Place) -> None:
    case, receipt = place.open(), new()
    place.record(case, e.ReplyWithheld(kind="receipt", reason="no_reply_address"))
    assert one(place).attention == "receipt_withheld"
    place.record(case, reply(receipt, "receipt", human=False), e.ReplySent(reply_id=receipt, sent_at=MONDAY))
    assert one(place).attention == ""


def test_closed_cases_are_left_out_unless_asked_for(place: Place) -> None:
    case = place.open("n1")
    place.open("n2")
    place.record(case, e.CaseClosed(outcome="resolved"))
    assert numbers(place) == ["n2"]
    assert numbers(place, open_only=False, sort="received") == ["n1", "n2"]
    assert numbers(place, open_only=False, statuses=("closed",)) == ["n1"]
    place.record(case, e.CaseReopened(reason="x"))
    assert set(numbers(place)) == {"n1", "n2"}


def test_the_list_narrows_by_whatever_is_asked(place: Place) -> None:
    person = new()
    case = place.open("n1", channel="counter", site="ANNEXE", district="NORD", requester=person)
    place.open("n2")
    place.record(case, qualified("VOI", type="T1", danger=True), e.CaseAssigned(agent="ag"))
    for wanted in (
        {"agent": "ag"},
        {"departments": ("VOI",)},
        {"departments": ("VOI", "PRO")},
        {"types": ("T1",)},
        {"channels": ("counter",)},
        {"sites": ("ANNEXE",)},
        {"districts": ("NORD",)},
        {"statuses": ("in_progress",)},
        {"danger": True},
        {"requester": person},
        {"cases": (case,)},
    ):
        assert numbers(place, **wanted) == ["n1"], wanted
    assert numbers(place, agent="") == ["n2"]
    assert numbers(place, cases=()) == []


def test_due_today_ends_when_the_towns_day_ends(place: Place) -> None:
    place.record(place.open("n1"), promise("resolve", NOW + timedelta(hours=5)))
    place.record(place.open("n2"), promise("resolve", NOW + timedelta(hours=7)))
    place.record(place.open("n3"), promise("resolve", NOW - timedelta(hours=1)))
    assert numbers(place, due="today", day_end=NOW + timedelta(hours=6)) == ["n1"]
    assert numbers(place, due="7d") == ["n1", "n2"]


def test_pages_follow_each_other_whoever_asks(place: Place) -> None:
    for number in range(12):
        case = place.open(f"n{number:02}")
        place.record(case, qualified(("VOI", "PRO")[number % 2]), promise("resolve", MONDAY + (number + 1) * DAY))
    place.project()
    with reading(place.databases.views) as connection:
        for seen in (EVERYTHING, scope("VOI", "PRO")):
            wanted = Filter(scope=seen)
            pages = [queue.page(connection, wanted, NOW, 5, at) for at in (0, 5, 10)]
            assert [[row.number for row in page] for page in pages] == [
                [f"n{number:02}" for number in numbers] for numbers in (range(5), range(5, 10), range(10, 12))
            ]


def test_the_numbers_of_the_sidebar_come_in_one_statement(place: Place) -> None:
    place.record(place.open(), e.CaseAssigned(agent="me"), promise("resolve", NOW - DAY))
    place.record(place.open(), promise("resolve", NOW + timedelta(hours=1)))
    place.record(place.open(), e.WaitStarted(wait_id=new(), party="resident", reason="x", since=MONDAY))
    place.record(place.open(), e.CaseClosed(outcome="resolved"))
    place.project()
    said: list[str] = []
    engine = place.databases.views
    event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    with reading(engine) as connection:
        every, late = Filter(scope=EVERYTHING), Filter(scope=EVERYTHING, due="late")
        others = (Filter(scope=EVERYTHING, agent="me"), Filter(scope=EVERYTHING, agent=""),
                  Filter(scope=EVERYTHING, due="today"), Filter(scope=EVERYTHING, waiting_on="resident"))  # fmt: skip
        counts = queue.counts_of(connection, (every, late, *others, every), NOW)
    assert counts == (3, 1, 1, 2, 1, 1, 3)
    assert len([statement for statement in said if statement.startswith("SELECT")]) == 1


def test_a_page_and_all_counts_come_in_one_statement(place: Place) -> None:
    for number in range(7):
        case = place.open(f"n{number}")
        place.record(case, qualified(("VOI", "PRO")[number % 2]), promise("resolve", NOW + (number - 3) * DAY))
    place.project()
    engine = place.databases.views
    for seen in (EVERYTHING, scope("VOI", "PRO")):
        wanted = Filter(scope=seen, day_end=NOW, sort="received", newest_first=True)
        counted = (wanted, Filter(scope=seen, due="late"), Filter(scope=seen))
        with statements(engine) as said, reading(engine) as connection:
            rows, counts = queue.page_with_counts(
                connection, wanted, counted, NOW, 5, also=[inbox.waiting_counted()]
            )  # fmt: skip
        assert counts == (7, 3, 7, 0)
        assert len(said) == 1 and said[0].count("count(*)") == 3
        with reading(engine) as connection:
            assert rows == queue.page(connection, wanted, NOW, 5)
            beyond = queue.page_with_counts(connection, wanted, counted, NOW, 5, 50)
        assert beyond == ((), (7, 3, 7))


def test_who_sees_nothing_is_shown_an_empty_page_and_counts_of_none(place: Place) -> None:
    place.open()
    place.project()
    with reading(place.databases.views) as connection:
        wanted = Filter(scope=Scope())
        assert queue.page_with_counts(connection, wanted, (wanted,), NOW) == ((), (0,))


def test_a_page_of_several_departments_follows_every_order(place: Place) -> None:
    for number in range(8):
        case = place.open(f"n{number}", at=MONDAY + timedelta(minutes=number))
        place.record(case, qualified(("VOI", "PRO")[number % 2]))
    seen = scope("VOI", "PRO")
    for sort in ("received", "due", "updated"):
        upwards = numbers(place, scope=seen, sort=sort)
        assert numbers(place, scope=seen, sort=sort, newest_first=True) == upwards[::-1]
        with reading(place.databases.views) as connection:
            wanted = Filter(scope=seen, sort=sort)
            paged = [row.number for at in (0, 3, 6) for row in queue.page(connection, wanted, NOW, 3, at)]
        assert paged == upwards and len(upwards) == 8
    assert numbers(place, scope=seen, sort="received") == [f"n{number}" for number in range(8)]


def test_departments_are_counted_together_up_to_the_cap(place: Place) -> None:
    for number in range(6):
        place.record(place.open(f"n{number}"), qualified(("VOI", "PRO")[number % 2]))
    place.project()
    with reading(place.databases.views) as connection:
        seen = Filter(scope=scope("VOI", "PRO"))
        assert [queue.count(connection, seen, NOW, cap=cap) for cap in (2, 3, 4, 5, 6, 7)] == [3, 4, 5, 6, 6, 6]


def test_a_count_stops_at_its_cap(place: Place) -> None:
    for _ in range(5):
        place.open()
    place.project()
    with reading(place.databases.views) as connection:
        assert queue.count(connection, Filter(scope=EVERYTHING), NOW, cap=3) == 4
        assert queue.count(connection, Filter(scope=scope("ACC")), NOW, cap=3) == 4
        assert queue.count(connection, Filter(scope=EVERYTHING), NOW) == 5


def test_open_cases_are_counted_by_age_and_department(place: Place) -> None:
    place.record(place.open(at=NOW - 40 * DAY), qualified("VOI"), promise("resolve", NOW - DAY))
    place.open(at=NOW - 2 * DAY)
    place.open(at=NOW - DAY)
    place.project()
    with reading(place.databases.views) as connection:
        assert queue.ages(connection, EVERYTHING, NOW) == (
            queue.AgeBand("ACC", 0, 2, 0),
            queue.AgeBand("VOI", 30, 1, 1),
        )
        assert queue.ages(connection, scope("ACC"), NOW) == (queue.AgeBand("ACC", 0, 2, 0),)


levels = st.lists(st.sampled_from(("normal", "restricted", "secret")), unique=True).map(tuple)
departments = st.lists(st.sampled_from(("ACC", "VOI", "PRO")), unique=True).map(tuple)
sites = st.lists(st.sampled_from(("HDV", "ANNEXE")), unique=True).map(tuple)
scopes = st.builds(
    Scope,
    departments=departments,
    within=levels,
    sites=sites,
    on_site=levels,
    everywhere=levels.map(lambda held: tuple(level for level in held if level != "secret")),
)


@pytest.fixture
def mixed(place: Place) -> Place:
    """A case of every department, site and confidentiality."""
    for department in ("ACC", "VOI", "PRO"):
        for site in ("HDV", "ANNEXE"):
            for level in ("normal", "restricted", "secret"):
                case = place.open(f"{department} {site} {level}", site=site, title=place.archive.text("une fuite"))
                place.record(case, qualified(department, level))
    place.project()
    return place


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(scopes, departments)
def test_no_list_and_no_count_shows_a_case_outside_the_scope(
    mixed: Place, seen: Scope, chosen: tuple[str, ...]
) -> None:
    allowed = {
        f"{department} {site} {level}"
        for department in ("ACC", "VOI", "PRO")
        for site in ("HDV", "ANNEXE")
        for level in ("normal", "restricted", "secret")
        if seen.shows(About(department, site, level)) and (not chosen or department in chosen)
    }
    with reading(mixed.databases.views) as connection:
        for agent in (None, ""):
            wanted = Filter(scope=seen, departments=chosen, agent=agent)
            assert sorted(row.number for row in queue.page(connection, wanted, NOW)) == sorted(allowed)
            assert queue.count(connection, wanted, NOW) == len(allowed)
        if not chosen:
            assert sum(band.open for band in queue.ages(connection, seen, NOW)) == len(allowed)
