"""Is it seen what had to be done over again, or waited for somebody else?"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gru.domain import events as e
from gru.domain.rights import Scope
from gru.office.subtotals import read
from gru.storage.databases import reading
from projections import rework
from projections.rework import Rewritten
from tests.projections.places import EVERYTHING, MONDAY, Place, qualified, reply

DAY = timedelta(days=1)
END = MONDAY + 60 * DAY
SPAN = (MONDAY, END, END)


def asked(place: Place, query: Any, *args: Any, **more: Any) -> Any:
    place.project()
    with reading(place.databases.views) as connection:
        return query(connection, *args, **more)


def redone(place: Place, at: datetime = END, end: datetime = END) -> dict[str, Any]:
    """By department: how often each thing happened, of waits by begun hours."""
    place.project()
    with reading(place.databases.views) as connection:
        found = read(connection, (rework.REDONE, ()), (MONDAY, end), at, ("ACC", "VOI", "PRO"))
    return {one.department: one.counts for one in found}


def moved(department: str) -> e.CaseTransferred:
    return e.CaseTransferred(department=department, reason="not_ours")


def test_a_case_goes_to_and_fro_when_it_comes_back_to_who_had_it(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), moved("PRO"))
    assert redone(place) == {}
    place.record(case, moved("VOI"), moved("PRO"), qualified("PRO"))
    other = place.open("2026-000002")
    place.record(other, qualified("VOI"), moved("ACC"))
    assert redone(place) == {department: {"returned": {0: 1}} for department in ("ACC", "PRO", "VOI")}
    found = asked(place, rework.cases, "returned", *SPAN, EVERYTHING)
    assert [(one.ref, one.times) for one in found] == [("2026-000001", 2), ("2026-000002", 1)]
    nobody = Scope(departments=("PRO",), within=("secret",))
    assert asked(place, rework.cases, "returned", *SPAN, nobody) == ()


def test_waits_on_others_last_as_long_as_they_lasted(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"))
    for number, (party, days) in enumerate((("service", 3), ("service", 5), ("third_party", 2), ("resident", 9))):
        wait = f"w{number}"
        since = MONDAY + DAY
        place.record(case, e.WaitStarted(wait_id=wait, party=party, reason="x", since=since), at=since)
        place.record(case, e.WaitEnded(wait_id=wait, ended_at=since + days * DAY, reason="x"), at=since + days * DAY)
    assert redone(place) == {"VOI": {"waited_service": {72: 1, 120: 1}, "waited_third_party": {48: 1}}}


def test_more_is_asked_for_twice_but_a_reopened_case_begins_anew(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), reply("r1", "complement"), reply("r2", "answer"))
    assert redone(place) == {}
    place.record(case, reply("r3", "complement"), e.CaseReopened(reason="x"), reply("r4", "complement"))
    assert redone(place) == {"VOI": {"asked_again": {0: 1}, "reopened": {0: 1}}}


def test_a_template_is_rewritten_when_less_than_half_of_it_is_left(place: Place) -> None:
    case = place.open()
    kept = (100, 49, 50, 10)
    place.record(case, *(reply(f"r{n}", template="reponse", words_kept=one) for n, one in enumerate(kept)))
    place.record(case, reply("r9", template="", words_kept=None), reply("m", human=False, template="x", words_kept=3))
    assert asked(place, rework.templates, *SPAN) == (Rewritten("reponse", 4, 2, 52),)


def test_what_comes_into_a_queue_is_counted_hour_by_hour(place: Place) -> None:
    zone = ZoneInfo("Europe/Paris")
    edges = [datetime.combine(day, time(0), zone) for day in (date(2026, 3, 23), date(2026, 3, 30), date(2026, 4, 6))]
    case = place.open(at=datetime(2026, 3, 28, 23, 30, tzinfo=UTC))
    place.record(case, qualified("VOI"), at=datetime(2026, 3, 29, 1, 10, tzinfo=UTC))
    place.record(case, moved("PRO"), at=datetime(2026, 3, 29, 22, 0, tzinfo=UTC))
    place.project()
    with reading(place.databases.views) as connection:
        found = read(connection, (rework.ENTERED_BY_HOUR, ()), edges, END, ("ACC", "VOI", "PRO"))
    assert {(one.part, one.department): one.counts for one in found} == {
        (0, "ACC"): {0: 1},
        (0, "VOI"): {3: 1},
        (1, "PRO"): {0: 1},
    }, "the hour from two to three is missing that night"


def test_what_was_recorded_after_the_cut_is_not_counted(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), at=MONDAY + DAY)
    place.record(case, e.CaseReopened(reason="x"), at=MONDAY + 5 * DAY)
    assert redone(place, end=MONDAY + 4 * DAY) == {}
    assert redone(place) == {"VOI": {"reopened": {0: 1}}}
