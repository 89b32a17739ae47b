"""Do the rows of difficulties say what was declared, what was answered and what must be reminded of?"""

from datetime import timedelta
from typing import Any

from gru.domain import events as e
from gru.storage.databases import reading
from projections import difficulties
from projections.difficulties import Counted
from tests.projections.places import AGENT, MONDAY, Place, new

DAY = timedelta(days=1)
END = MONDAY + 30 * DAY


def asked(place: Place, query: Any, *args: Any, **more: Any) -> Any:
    place.project()
    with reading(place.databases.views) as connection:
        return query(connection, *args, **more)


def declared(place: Place, days: int = 0, by: str = AGENT, **facts: Any) -> str:
    stream = new()
    values: dict[str, Any] = {"reason": "tool", "department": "VOI"} | facts
    place.record(stream, e.DifficultyRaised(**values), by=by, at=MONDAY + days * DAY)
    return stream


def answered(place: Place, stream: str, days: int, answer: str = "r1") -> None:
    text = place.archive.text("Nous changeons la fiche.")
    place.record(stream, e.DifficultyReplied(answer_id=answer, text=text), by="agent:chef", at=MONDAY + days * DAY)


def test_who_signed_finds_his_own_and_everybody_those_nobody_signed(place: Place) -> None:
    mine, other, nobodys = declared(place), declared(place, by="agent:b"), declared(place, 1, by="agent:")
    assert [one.stream for one in asked(place, difficulties.of_agent, AGENT.removeprefix("agent:"))] == [mine]
    assert [one.stream for one in asked(place, difficulties.unsigned)] == [nobodys]
    assert asked(place, difficulties.by_stream, other).declarer == "b"
    assert asked(place, difficulties.by_stream, new()) is None


def test_it_is_open_then_answered_then_done_with_the_dates(place: Place) -> None:
    stream = declared(place)
    answered(place, stream, 3)
    answered(place, stream, 5, "r2")
    place.record(stream, e.DifficultySettled(), at=MONDAY + 9 * DAY)
    one = asked(place, difficulties.by_stream, stream)
    assert (one.state, one.answered_at, one.settled_at) == ("done", MONDAY + 3 * DAY, MONDAY + 9 * DAY)
    assert asked(place, difficulties.count, ("VOI",)) == {"done": 1}
    assert asked(place, difficulties.count, ("PRO",)) == {}
    assert [x.stream for x in asked(place, difficulties.in_state, "done", ("VOI", ""))] == [stream]


def test_the_oldest_open_one_comes_first(place: Place) -> None:
    late, early = declared(place, 4), declared(place, 1, department="")
    assert [x.stream for x in asked(place, difficulties.in_state, "open", ("VOI", ""))] == [early, late]
    assert [x.stream for x in asked(place, difficulties.in_state, "open", ("VOI",))] == [late]


def test_it_falls_due_every_ten_days_three_times_until_it_is_answered(place: Place) -> None:
    stream, other = declared(place), declared(place, 1)
    assert asked(place, difficulties.falling_due, MONDAY + 9 * DAY) == ()
    answered(place, other, 2)
    for number in (1, 2, 3):
        found = asked(place, difficulties.falling_due, MONDAY + number * 10 * DAY)
        assert [(one.stream, one.reminders) for one in found] == [(stream, number - 1)]
        place.record(stream, e.DifficultyReminded(number=number), by="clock", at=MONDAY + number * 10 * DAY)
    assert asked(place, difficulties.falling_due, MONDAY + 999 * DAY) == ()


def test_what_was_masked_is_no_longer_pointed_at(place: Place) -> None:
    text = place.archive.text("Le chef de X…")
    stream = declared(place, text=text)
    place.record(stream, e.DifficultyRedacted(id=text.id, reason="third_party"))
    assert asked(place, difficulties.by_stream, stream).text_id == ""


def test_they_are_counted_by_reason_and_department_as_known_at_the_cut(place: Place) -> None:
    first, second = declared(place), declared(place, 2)
    declared(place, 3, reason="overload", department="")
    answered(place, first, 4)
    answered(place, second, 20)
    place.record(first, e.DifficultySettled(), at=MONDAY + 6 * DAY)
    cut = MONDAY + 10 * DAY
    assert asked(place, difficulties.by_reason, MONDAY, END, cut) == (
        Counted("overload", "", 1, 0, 0),
        Counted("tool", "VOI", 2, 1, 1),
    )
    assert asked(place, difficulties.by_reason, MONDAY + DAY, END, MONDAY + 2 * DAY) == (
        Counted("tool", "VOI", 1, 0, 0),
    )
    assert asked(place, difficulties.by_week, (MONDAY, MONDAY + 2 * DAY, MONDAY + 9 * DAY), cut) == (1, 2)
    assert asked(place, difficulties.answer_times, MONDAY, END, cut) == (4 * 86_400.0,)
    assert asked(place, difficulties.answer_times, MONDAY, END, END) == (4 * 86_400.0, 18 * 86_400.0)
