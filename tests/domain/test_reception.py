"""Is everybody who comes called once, under a number that is given once?"""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru.domain import events as e
from gru.domain import reception as r
from gru.domain.errors import BadInput, NotNow, Refused
from gru.domain.references import entry_id, ticket_stream

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
VISIT = "a" * 32
ARRIVE = r.Arrive(stream=VISIT, site="HDV", day=DAY, number=12, kind="walk_in")


def told(*commands: r.Command) -> tuple[r.State | None, list[e.Event]]:
    state: r.State | None = None
    facts: list[e.Event] = []
    for command in commands:
        for event in r.decide(state, command):
            facts.append(event)
            state = r.evolve(state, e.Recorded(command.stream, len(facts), NOW, "agent:1", len(facts), b"", event))
    return state, facts


def call(post: str = "2", **more: Any) -> r.Call:
    return r.Call(stream=VISIT, post=post, **more)


SERVE, ABSENT = r.Serve(stream=VISIT), r.Leave(stream=VISIT, reason="absent")


def test_somebody_comes_is_called_and_received() -> None:
    state, facts = told(ARRIVE, call(), SERVE)
    assert facts == [
        e.VisitArrived(site="HDV", day=DAY, number=12, kind="walk_in"),
        e.VisitCalled(post="2"),
        e.VisitServed(),
    ]
    assert isinstance(state, r.Visit) and state.state == "served"


def test_pressed_twice_nothing_happens_twice() -> None:
    assert len(told(ARRIVE, ARRIVE, call(), call(), SERVE, SERVE)[1]) == 3


def test_two_posts_do_not_call_one_person() -> None:
    state, _ = told(ARRIVE, call("2"))
    with pytest.raises(NotNow, match="Another post"):
        r.decide(state, call("3"))


def test_who_did_not_hear_is_called_again_by_the_same_post() -> None:
    assert told(ARRIVE, call(), call(again=True))[1][-1] == e.VisitCalled(post="2")


def test_who_is_gone_is_neither_called_nor_received() -> None:
    for ending in ((call(), SERVE), (call(), ABSENT), (r.Leave(stream=VISIT, reason="gave_up"),)):
        state, _ = told(ARRIVE, *ending)
        with pytest.raises(NotNow):
            r.decide(state, call(again=True))


def test_nobody_is_received_who_was_not_called() -> None:
    state, _ = told(ARRIVE)
    with pytest.raises(NotNow):
        r.decide(state, SERVE)


def test_a_post_has_a_name() -> None:
    state, _ = told(ARRIVE)
    with pytest.raises(BadInput):
        r.decide(state, call(""))


def test_a_number_is_given_once() -> None:
    mine = r.GiveTicket(stream="t", site="HDV", day=DAY, number=12, visit=VISIT)
    state, facts = told(mine, mine)
    assert len(facts) == 1
    with pytest.raises(r.TicketTaken):
        r.decide(state, r.GiveTicket(stream="t", site="HDV", day=DAY, number=12, visit="b" * 32))


def test_a_number_belongs_to_one_site_and_one_day() -> None:
    places = {ticket_stream(site, day, n) for site in ("HDV", "MQN") for day in (DAY, date(2026, 3, 3)) for n in (1, 2)}
    assert len(places) == 8


def test_after_the_last_ticket_of_the_day_there_is_none() -> None:
    with pytest.raises(BadInput):
        r.decide(None, r.Arrive(stream=VISIT, site="HDV", day=DAY, number=r.MOST_TICKETS + 1, kind="walk_in"))


def test_tickets_are_read_aloud_with_their_letter() -> None:
    assert [r.ticket_name(kind, 7) for kind in ("walk_in", "appointment", "priority")] == ["A007", "R007", "P007"]


def test_an_answer_is_counted_once_and_can_be_struck_once() -> None:
    count = r.CountAnswer(stream=VISIT, site="HDV", channel="counter", department="DRU")
    strike = r.StrikeAnswer(stream=VISIT)
    assert told(count, count, strike, strike)[1] == [
        e.QuestionAnswered(site="HDV", channel="counter", department="DRU"),
        e.QuestionStruck(),
    ]
    with pytest.raises(NotNow):
        r.decide(None, strike)


COMMANDS = (
    ARRIVE, call(), call("3"), call(again=True), SERVE, ABSENT, r.Leave(stream=VISIT, reason="gave_up"),
    r.GiveTicket(stream=VISIT, site="HDV", day=DAY, number=1, visit=VISIT), r.StrikeAnswer(stream=VISIT),
    r.CountAnswer(stream=VISIT, site="HDV", channel="phone", department="DRU"),
)  # fmt: skip


@given(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_whatever_is_wished_in_whatever_order_a_stream_replays_to_what_it_was(wishes: list[r.Command]) -> None:
    state: r.State | None = None
    history: list[e.Recorded] = []
    for wish in wishes:
        try:
            fresh = r.decide(state, wish)
        except Refused:
            continue
        for event in fresh:
            history.append(e.Recorded(VISIT, len(history) + 1, NOW, "agent:1", len(history) + 1, b"", event))
            state = r.evolve(state, history[-1])
        assert not fresh or not isinstance(wish, r.Serve | r.Leave) or r.decide(state, wish) == []
    assert r.replay(history) == state


def test_a_stream_begins_with_a_beginning() -> None:
    with pytest.raises(ValueError, match="begins with"):
        r.replay([e.Recorded(VISIT, 1, NOW, "agent:1", 1, b"", e.VisitServed())])


# --- the key of an entry ---------------------------------------------------------------------------------------------

KEY = "019cb0000000" + "7" + "a" * 19


def test_one_key_of_one_agent_opens_one_case_and_another_agents_another() -> None:
    secret = b"s" * 32
    assert entry_id(secret, "a1", KEY) == entry_id(secret, "a1", KEY)
    assert entry_id(secret, "a1", KEY) != entry_id(secret, "a2", KEY)
    assert str(entry_id(secret, "a1", KEY))[:12] == KEY[:12]


@pytest.mark.parametrize("key", ["", "x", "0" * 32, "../" * 10, "f" * 12 + "7" + "a" * 19, KEY + "0", KEY.upper()])
def test_a_key_no_page_hands_out_opens_nothing(key: str) -> None:
    assert entry_id(b"s" * 32, "a1", key) is None
