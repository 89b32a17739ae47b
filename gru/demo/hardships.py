"""What gets in the invented agents' way, and who answers it?

Most difficulties are met on a case (`life`); some are said freely, here. Whoever is in charge answers most of them.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from gru.demo import words
from gru.domain import difficulty
from gru.domain import events as e
from gru.domain.rights import Agent
from gru.storage.archive import Archive, NewText
from gru.storage.log import Fact

FREELY = 60
"""How many are said in a year without a case, in a town of some forty agents."""

ANSWER = e.TextRef("hard_answer", "")
"""Stands for the answer until its text is written (`draft`)."""

_Told = list[tuple[datetime, str, difficulty.Command]]


def met(
    raised: difficulty.Raise, at: datetime, by: str, staff: Sequence[Agent], until: datetime, chance: random.Random
) -> list[Fact]:
    """One difficulty from its declaration on: most are answered within weeks, and half of those settled."""
    stream, answers = raised.stream, chance.random() < 0.8
    answered = at + timedelta(hours=chance.randint(20, 24 * 40)) if answers else until
    told: _Told = [(at, by, raised)]
    for number in range(1, difficulty.MOST_REMINDERS + 1):
        reminded = at + difficulty.REMINDED_EVERY * number
        if reminded < answered:
            told.append((reminded, "clock", difficulty.Remind(stream=stream, number=number)))
    if answers:
        in_charge = f"agent:{_in_charge(raised.department, staff, chance).id}"
        key = chance.randbytes(16).hex()
        told.append((answered, in_charge, difficulty.Answer(stream=stream, answer_id=key, text=ANSWER)))
        if chance.random() < 0.5:
            settled = answered + timedelta(hours=chance.randint(24, 24 * 40))
            told.append((settled, in_charge, difficulty.Settle(stream=stream)))
    return list(_facts(told, until))


def said_freely(
    archive: Archive, staff: Sequence[Agent], since: datetime, until: datetime, chance: random.Random
) -> list[Fact]:
    """Those said without a case, over the whole time; their words lie under who signed, or under a key of their own."""
    facts: list[Fact] = []
    for _ in range(FREELY):
        who, signed, reason = chance.choice(staff), chance.random() < 0.5, chance.choice(difficulty.REASONS)
        at = since + (until - since) * chance.random()
        stream = chance.randbytes(16).hex()
        text, answer = archive.write_texts(
            [
                NewText(
                    chance.choice(words.HARD[reason]), who.person if signed else "", "" if signed else stream, at=since
                ),
                NewText(words.HARD_ANSWERS[reason], "", stream, at=since),
            ]
        )
        raised = difficulty.Raise(
            stream=stream,
            reason=reason,
            department=difficulty.group_of(who, staff, signed=signed),
            text=text,
        )
        by = f"agent:{who.id}" if signed else "agent:"
        facts += [_answered(fact, answer) for fact in met(raised, at.replace(microsecond=0), by, staff, until, chance)]
    return facts


def _answered(fact: Fact, answer: e.TextRef) -> Fact:
    if not isinstance(fact.event, e.DifficultyReplied):
        return fact
    return Fact(fact.stream_id, fact.at, fact.by, e.DifficultyReplied(answer_id=fact.event.answer_id, text=answer))


def _in_charge(department: str, staff: Sequence[Agent], chance: random.Random) -> Agent:
    """Somebody who reads the figures of this department, else of any."""
    heads = [agent for agent in staff if "figures_own" in agent.rights]
    return chance.choice([agent for agent in heads if department in agent.departments] or heads or list(staff))


def _facts(told: _Told, until: datetime) -> Iterator[Fact]:
    """What is decided of it up to today, as everywhere."""
    state: difficulty.Difficulty | None = None
    for at, by, command in told:
        if at > until:
            return
        for event in difficulty.decide(state, command):
            state = difficulty.evolve(state, e.Recorded(command.stream, 1, at, by, 0, b"", event))
            yield Fact(command.stream, at, by, event)
