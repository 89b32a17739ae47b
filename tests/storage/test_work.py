"""Is everything that must be done done by one, once claimed, and found again after every fall?"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from gru.storage.databases import Databases, open_postgresql, open_sqlite
from gru.storage.work import Backlog, Effect, NotStarted, Work
from tests.forked import forked

START = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def work(databases: Databases, clock: Clock) -> Work:
    return Work(databases.work, clock=clock)


def effect(key: str = "1:0:deliver", next_at: datetime = START) -> Effect:
    return Effect(key=key, kind="deliver", payload={"case": "c", "tries": [1, None]}, next_at=next_at)


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    gate = Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(number: int, call: Callable[[], object]) -> None:
        gate.wait()
        results[number] = call()

    threads = [Thread(target=run, args=(number, call)) for number, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# --- numbers ---


def test_numbers_count_up_in_each_year(work: Work) -> None:
    assert [work.next_number(2026), work.next_number(2026), work.next_number(2027)] == [
        "2026-000001",
        "2026-000002",
        "2027-000001",
    ]


def test_several_numbers_are_given_at_once(work: Work) -> None:
    assert work.next_number(2026) == "2026-000001"
    assert work.next_numbers(2026, 3) == ["2026-000002", "2026-000003", "2026-000004"]
    assert work.next_number(2026) == "2026-000005"


def take_numbers(kind: str, place: str, keys: str) -> list[str]:
    """What each of four processes does."""
    databases = open_sqlite(Path(place)) if kind == "sqlite" else open_postgresql(place, keys)
    with closing(databases):
        work = Work(databases.work)
        return [work.next_number(2026) for _ in range(50)]


def test_four_processes_never_get_one_number_twice(work: Work, databases: Databases) -> None:
    place = str(Path(databases.log_url).parent) if databases.kind == "sqlite" else databases.log_url
    keys = databases.keys.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with ProcessPoolExecutor(4, mp_context=forked()) as pool:
        taken = list(pool.map(take_numbers, [databases.kind] * 4, [place] * 4, [keys] * 4))
    numbers = [number for some in taken for number in some]
    assert sorted(numbers) == [f"2026-{n:06d}" for n in range(1, 201)]


def test_after_an_older_counter_came_back_given_numbers_are_skipped(work: Work) -> None:
    work.skip_numbers(2026, 41)
    assert work.next_number(2026) == "2026-000042"
    work.skip_numbers(2026, 7)
    assert work.next_number(2026) == "2026-000043"


# --- leases ---


def test_a_lease_is_held_by_one_until_it_is_released(work: Work) -> None:
    assert work.lease("mail:accueil", "one", 60)
    assert not work.lease("mail:accueil", "two", 60)
    assert work.lease("mail:autre", "two", 60)
    assert work.holder("mail:accueil") == "one"
    work.release("mail:accueil", "two")
    assert not work.lease("mail:accueil", "two", 60)
    work.release("mail:accueil", "one")
    assert work.lease("mail:accueil", "two", 60)


def test_a_lease_is_prolonged_by_its_holder_and_falls_to_another_when_it_ends(work: Work, clock: Clock) -> None:
    work.lease("clock", "one", 60)
    clock.now += timedelta(seconds=50)
    assert work.lease("clock", "one", 60)
    clock.now += timedelta(seconds=59)
    assert not work.lease("clock", "two", 60)
    clock.now += timedelta(seconds=1)
    assert work.holder("clock") == ""
    assert work.lease("clock", "two", 60)
    assert not work.lease("clock", "one", 60)


def test_of_eight_who_want_a_lease_at_once_one_gets_it(work: Work) -> None:
    taken = at_once([lambda holder=str(n): work.lease("clock", holder, 60) for n in range(8)])
    assert taken.count(True) == 1


# --- positions ---


def test_who_was_never_started_has_no_position_and_cannot_react(work: Work) -> None:
    assert work.position("reactions") is None
    with pytest.raises(NotStarted):
        work.react("reactions", 0, 10, [effect()])
    assert work.due_effects(START) == []


def test_starting_twice_keeps_the_position(work: Work) -> None:
    assert work.start("reactions", 5)
    assert not work.start("reactions", 0)
    assert work.position("reactions") == 5
    assert work.positions() == {"reactions": 5}
    work.reset("reactions", 3)
    assert work.position("reactions") == 3


def test_a_position_and_what_follows_from_it_move_together(work: Work) -> None:
    work.start("reactions", 0)
    assert work.react("reactions", 0, 10, [effect("1"), effect("2")])
    assert not work.react("reactions", 0, 11, [effect("3")])
    assert work.position("reactions") == 10
    assert [one.key for one in work.due_effects(START)] == ["1", "2"]


def test_when_writing_an_effect_fails_the_position_stays(work: Work) -> None:
    work.start("reactions", 0)
    impossible = Effect(key="1", kind="deliver", payload={"case": object()}, next_at=START)
    with pytest.raises(TypeError):
        work.react("reactions", 0, 10, [impossible])
    assert work.position("reactions") == 0


def test_of_six_who_react_to_the_same_event_one_does(work: Work) -> None:
    work.start("reactions", 0)
    moved = at_once([lambda key=str(n): work.react("reactions", 0, 10, [effect(key)]) for n in range(6)])
    assert moved.count(True) == 1
    assert len(work.due_effects(START)) == 1


# --- effects ---


def test_an_effect_is_claimed_with_all_it_was_written_with(work: Work) -> None:
    work.add_effects([effect()])
    claimed = work.claim("1:0:deliver", "worker", 60)
    assert claimed == Effect(
        key="1:0:deliver", kind="deliver", payload={"case": "c", "tries": [1, None]}, next_at=START, attempts=1
    )


def test_an_effect_written_again_stays_as_it_is_even_when_done(work: Work) -> None:
    work.add_effects([effect(), effect()])
    assert len(work.due_effects(START)) == 1
    work.done("1:0:deliver")
    work.add_effects([effect()])
    assert work.due_effects(START) == []
    assert work.claim("1:0:deliver", "worker", 60) is None


def test_effects_come_when_they_are_due_and_the_longest_due_first(work: Work, clock: Clock) -> None:
    work.add_effects([effect("later", START + MINUTE), effect("second"), effect("first", START - MINUTE)])
    assert [one.key for one in work.due_effects(START)] == ["first", "second"]
    assert [one.key for one in work.due_effects(START, limit=1)] == ["first"]
    assert work.claim("later", "worker", 60) is None
    clock.now += MINUTE
    assert work.claim("later", "worker", 60) is not None


def test_of_eight_who_claim_an_effect_at_once_one_gets_it(work: Work) -> None:
    keys = [f"{n}:0:deliver" for n in range(5)]
    work.add_effects([effect(key) for key in keys])
    for key in keys:
        claims = at_once([lambda holder=str(n), key=key: work.claim(key, holder, 60) for n in range(8)])
        assert sum(claim is not None for claim in claims) == 1


def test_who_prolongs_keeps_his_effect_and_nobody_prolongs_anothers(work: Work, clock: Clock) -> None:
    key = "1:0:deliver"
    work.add_effects([effect()])
    work.claim(key, "worker", 60)
    clock.now += timedelta(seconds=50)
    work.prolong(key, "worker", 60)
    work.prolong(key, "another", 600)
    clock.now += timedelta(seconds=50)
    assert work.claim(key, "another", 60) is None
    clock.now += timedelta(seconds=10)
    assert work.claim(key, "another", 60) is not None


def test_a_claimed_effect_is_anothers_once_the_lease_has_ended(work: Work, clock: Clock) -> None:
    work.add_effects([effect()])
    work.claim("1:0:deliver", "dead worker", 60)
    clock.now += timedelta(seconds=59)
    assert work.due_effects(clock.now) == []
    assert work.claim("1:0:deliver", "worker", 60) is None
    clock.now += timedelta(seconds=1)
    assert [one.key for one in work.due_effects(clock.now)] == ["1:0:deliver"]
    again = work.claim("1:0:deliver", "worker", 60)
    assert again is not None and again.attempts == 2


def test_what_did_not_work_is_tried_later(work: Work, clock: Clock) -> None:
    work.add_effects([effect()])
    work.claim("1:0:deliver", "worker", 60)
    work.later("1:0:deliver", START + MINUTE, "smtp_451")
    assert work.due_effects(START) == []
    [due] = work.due_effects(START + MINUTE)
    assert (due.attempts, due.error) == (1, "smtp_451")
    work.done("1:0:deliver")
    work.later("1:0:deliver", START)
    assert work.due_effects(START + MINUTE) == []


def test_what_was_given_up_waits_for_somebody_to_ask(work: Work) -> None:
    work.add_effects([effect()])
    work.give_up("1:0:deliver", "no_such_mailbox")
    assert work.due_effects(START) == []
    [failed] = work.failed_effects()
    assert (failed.key, failed.error) == ("1:0:deliver", "no_such_mailbox")
    assert work.try_again("1:0:deliver", START)
    assert not work.try_again("1:0:deliver", START)
    assert work.claim("1:0:deliver", "worker", 60) is not None


def test_the_backlog_tells_how_much_waits_and_since_when(work: Work) -> None:
    assert (work.backlog(), work.oldest_pending()) == (Backlog(0, 0, None), None)
    work.add_effects([effect("old", START - MINUTE), effect("new"), effect("bad"), effect("done", START - 2 * MINUTE)])
    work.give_up("bad", "x")
    work.done("done")
    assert work.backlog() == Backlog(2, 1, START - MINUTE)
    assert work.oldest_pending() == START - MINUTE


def test_pruning_drops_only_what_was_done_long_ago(work: Work, clock: Clock) -> None:
    work.add_effects([effect("old"), effect("new"), effect("waits"), effect("bad")])
    work.done("old")
    work.give_up("bad", "x")
    clock.now += MINUTE
    work.done("new")
    assert work.prune_effects(clock.now) == 1
    assert work.backlog() == Backlog(1, 1, START)


# --- mailboxes ---


def test_a_cursor_moves_forward_and_starts_anew_with_a_new_uidvalidity(work: Work) -> None:
    assert work.cursor("INBOX") is None
    for uidvalidity, uid, there in ((7, 5, (7, 5)), (7, 3, (7, 5)), (7, 9, (7, 9)), (8, 1, (8, 1))):
        work.move_cursor("INBOX", uidvalidity, uid)
        assert work.cursor("INBOX") == there
    assert work.cursor("Archives") is None
