"""Is every difficulty answered once declared, and can nobody be found who did not sign?"""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from gru.domain import difficulty as d
from gru.domain import events as e
from gru.domain.errors import BadInput, NotNow
from gru.domain.rights import Agent

STREAM = "a" * 32
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXT = e.TextRef("t", "d")
RAISE = d.Raise(stream=STREAM, reason="tool", department="VOI", text=TEXT)
ANSWER = d.Answer(stream=STREAM, answer_id="r1", text=TEXT)
SETTLE = d.Settle(stream=STREAM)


def told(*commands: d.Command) -> tuple[d.Difficulty | None, list[e.Event]]:
    state: d.Difficulty | None = None
    facts: list[e.Event] = []
    for command in commands:
        for event in d.decide(state, command):
            facts.append(event)
            state = d.evolve(state, e.Recorded(STREAM, len(facts), NOW, "agent:1", len(facts), b"", event))
    return state, facts


def remind(number: int) -> d.Remind:
    return d.Remind(stream=STREAM, number=number)


def staff(**members: int) -> list[Agent]:
    """So many agents in each department."""
    return [
        Agent(id=f"{code}{n}", person="p", role="agent", departments=(code,))
        for code, many in members.items()
        for n in range(many)
    ]


def test_a_difficulty_is_declared_answered_and_settled_each_once() -> None:
    state, facts = told(RAISE, RAISE, ANSWER, ANSWER, SETTLE, SETTLE)
    assert [type(fact) for fact in facts] == [e.DifficultyRaised, e.DifficultyReplied, e.DifficultySettled]
    assert state is not None and state.state == "done"


def test_another_answer_is_heard_and_does_not_undo_what_is_done() -> None:
    again = d.Answer(stream=STREAM, answer_id="r2", text=TEXT)
    state, facts = told(RAISE, ANSWER, SETTLE, again)
    assert len(facts) == 4
    assert state is not None and state.state == "done"


def test_nothing_is_settled_that_was_not_answered() -> None:
    state, _ = told(RAISE)
    with pytest.raises(NotNow):
        d.decide(state, SETTLE)


def test_it_is_reminded_of_in_turn_three_times_and_only_until_it_is_answered() -> None:
    assert len(told(RAISE, remind(2))[1]) == 1
    assert len(told(RAISE, remind(1), remind(1), remind(2), remind(3), remind(4))[1]) == 4
    assert len(told(RAISE, ANSWER, remind(1))[1]) == 2


def test_a_text_is_masked_once() -> None:
    mask = d.Redact(stream=STREAM, id="t", reason="third_party")
    assert told(RAISE, mask, mask)[1][1:] == [e.DifficultyRedacted(id="t", reason="third_party")]


def test_what_nobody_declared_can_be_neither_answered_nor_masked() -> None:
    for command in (ANSWER, SETTLE, remind(1), d.Redact(stream=STREAM, id="t", reason="x")):
        with pytest.raises(NotNow):
            d.decide(None, command)


def test_a_reason_is_one_of_the_ten() -> None:
    assert len(d.REASONS) == 10
    with pytest.raises(BadInput):
        d.decide(None, d.Raise(stream=STREAM, reason="my boss"))  # no known reason, as a forged form may send


def test_a_history_of_its_own_begins_with_the_declaration() -> None:
    with pytest.raises(ValueError, match="settled"):
        d.evolve(None, e.Recorded(STREAM, 1, NOW, "x", 1, b"", e.DifficultySettled()))


def test_who_signs_is_placed_in_his_department_and_who_does_not_only_among_five() -> None:
    everybody = staff(VOI=4, DRU=5)
    small, large = everybody[0], everybody[-1]
    assert d.group_of(small, everybody, signed=True) == "VOI"
    assert d.group_of(small, everybody, signed=False) == ""
    assert d.group_of(large, everybody, signed=False) == "DRU"
    assert d.group_of(Agent(id="x", person="p", role="committee"), everybody, signed=True) == ""


@pytest.mark.parametrize(
    ("members", "shown"),
    [
        ({"VOI": 5, "DRU": 9}, {"VOI", "DRU"}),
        ({"VOI": 5, "DRU": 9, "CAB": 2, "JUR": 3}, {"VOI", "DRU"}),
        ({"VOI": 5, "DRU": 9, "CAB": 1}, {"DRU"}),
        ({"VOI": 5, "CAB": 1}, set()),
        ({"VOI": 4, "CAB": 1}, set()),
        ({}, set()),
    ],
)
def test_no_group_under_five_stands_alone_not_even_what_is_left_over(members: dict[str, int], shown: set[str]) -> None:
    people = staff(**members)
    by_code: dict[str, Sequence[str]] = {
        code: [one.id for one in people if code in one.departments] for code in members
    }
    assert d.published(by_code) == shown
