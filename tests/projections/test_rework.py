"""Is it seen what had to be done over again, or waited for somebody else?"""

from datetime import timedelta
from typing import Any

from gru.domain import events as e
from gru.domain.rights import Scope
from gru.storage.databases import reading
from projections import rework
from projections.rework import Redone, Rewritten
from tests.projections.places import EVERYTHING, MONDAY, Place, qualified, reply

DAY = timedelta(days=1)
END = MONDAY + 60 * DAY
SPAN = (MONDAY, END, END)


def asked(place: Place, query: Any, *args: Any, **more: Any) -> Any:
    place.project()
    with reading(place.databases.views) as connection:
        return query(connection, *args, **more)


def moved(department: str) -> e.CaseTransferred:
    return e.CaseTransferred(department=department, reason="not_ours")


def test_a_case_goes_to_and_fro_when_it_comes_back_to_who_had_it(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), moved("PRO"))
    assert asked(place, rework.counts, *SPAN) == ()
    place.record(case, moved("VOI"), moved("PRO"), qualified("PRO"))
    other = place.open("2026-000002")
    place.record(other, qualified("VOI"), moved("ACC"))
    assert asked(place, rework.counts, *SPAN) == (
        Redone("returned", "ACC", 1, 1),
        Redone("returned", "PRO", 1, 1),
        Redone("returned", "VOI", 1, 1),
    )
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
    assert asked(place, rework.waits, "waited_service", *SPAN) == (("VOI", 3 * 86_400), ("VOI", 5 * 86_400))
    assert asked(place, rework.waits, "waited_third_party", *SPAN) == (("VOI", 2 * 86_400),)
    assert [(one.kind, one.times) for one in asked(place, rework.counts, *SPAN)] == [
        ("waited_service", 2),
        ("waited_third_party", 1),
    ]


def test_more_is_asked_for_twice_but_a_reopened_case_begins_anew(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), reply("r1", "complement"), reply("r2", "answer"))
    assert asked(place, rework.counts, *SPAN) == ()
    place.record(case, reply("r3", "complement"), e.CaseReopened(reason="x"), reply("r4", "complement"))
    found = {one.kind: one.times for one in asked(place, rework.counts, *SPAN)}
    assert found == {"asked_again": 1, "reopened": 1}


def test_a_template_is_rewritten_when_less_than_half_of_it_is_left(place: Place) -> None:
    case = place.open()
    kept = (100, 49, 50, 10)
    place.record(case, *(reply(f"r{n}", template="reponse", words_kept=one) for n, one in enumerate(kept)))
    place.record(case, reply("r9", template="", words_kept=None), reply("m", human=False, template="x", words_kept=3))
    assert asked(place, rework.templates, *SPAN) == (Rewritten("reponse", 4, 2, 52),)


def test_what_comes_into_a_queue_is_counted_hour_by_hour(place: Place) -> None:
    hours = tuple(MONDAY + timedelta(hours=n) for n in range(3))
    case = place.open(at=MONDAY)
    place.record(case, qualified("VOI"), at=MONDAY + timedelta(minutes=70))
    found = asked(place, rework.arrivals, hours, END, ("ACC", "VOI"))
    assert sorted((one.department, one.part, one.cases) for one in found) == [("ACC", 0, 1), ("VOI", 1, 1)]
    assert [one.department for one in asked(place, rework.arrivals, hours, END, ("VOI",))] == ["VOI"]


def test_what_was_recorded_after_the_cut_is_not_counted(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), at=MONDAY + DAY)
    place.record(case, e.CaseReopened(reason="x"), at=MONDAY + 5 * DAY)
    assert asked(place, rework.counts, MONDAY, END, MONDAY + 4 * DAY) == ()
    assert len(asked(place, rework.counts, *SPAN)) == 1
