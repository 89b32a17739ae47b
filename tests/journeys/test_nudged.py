"""Is every row that waits nudged for when its time has come, and by one process only?"""

from dataclasses import replace
from datetime import timedelta

from dramatiq import Message

from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id
from gru.domain import case as c
from gru.domain import events as e
from gru.processes import Sweep
from gru.tasks import broker_for, declare
from tests.journeys.towns import ADDRESS, Journey, mail


class Queue:
    """One process's queue, whose messages nobody takes, and the sweep that fills it."""

    def __init__(self, journey: Journey, holder: str = "one") -> None:
        self._broker = broker_for("")
        office = replace(journey.office, holder=holder)
        self.sweep = Sweep(office, declare(self._broker, office)).sweep

    def swept(self) -> tuple[int, int]:
        """After another sweep: how many nudges there are for messages, and how many for effects."""
        self.sweep()
        return self._broker.queues["intake"].qsize(), self._broker.queues["effects"].qsize()

    def bursts(self) -> list[int]:
        """How many messages each nudge speaks of."""
        queue = self._broker.queues["intake"]
        return [len(Message.decode(queue.get()).args[0]) for _ in range(queue.qsize())]


def kept(journey: Journey, message_id: str = "<m1@courriel.example>", words: str = "Un trou.") -> str:
    raw = bytes(mail(message_id=message_id, text=words))
    return journey.office.keep(
        RawMessage("email", ADDRESS, external_id(raw), journey.watch(), content_digest(raw), raw)
    )


def test_a_message_is_nudged_for_once_while_it_waits(journey: Journey) -> None:
    queue = Queue(journey)
    key = kept(journey)
    assert [queue.swept(), queue.swept()] == [(1, 0), (1, 0)]
    journey.office.intake.attempt(key)
    assert queue.swept() == (1, 0)


def test_of_many_at_once_the_light_are_taken_in_together_and_the_heavy_alone(journey: Journey) -> None:
    queue = Queue(journey)
    photo, film = "photo " * 500_000, "film " * 2_000_000
    for number, words in enumerate([*["un mot"] * 25, photo, photo, photo, film, "un mot", "un mot"]):
        kept(journey, f"<m{number}@courriel.example>", words)
    queue.swept()
    assert queue.bursts() == [20, 5 + 2, 1, 1, 2]


def test_a_reply_that_may_be_taken_back_is_nudged_for_again_when_its_time_is_up(journey: Journey) -> None:
    journey.arrives(mail())
    [case_id] = {r.stream_id for r in journey.office.log.read(0, 1000) if isinstance(r.event, e.CaseOpened)}
    case = journey.office.desk.case(case_id)
    assert case is not None
    text = journey.office.archive.write_text("C’est fait.", person=case.requester, case=case.id)
    soon = journey.watch() + timedelta(seconds=10)
    answer = c.WriteReply(
        case_id=case.id, reply_id="ab" * 16, kind="complement", channel="email", text=text, not_before=soon
    )
    journey.office.desk.execute(answer, by="agent:1")
    journey.office.reactions.react()
    queue = Queue(journey)
    assert queue.swept() == (0, 1)
    [effect] = journey.office.work.due_effects(journey.watch())
    journey.office.reactions.perform(effect.key)
    assert queue.swept() == (0, 1)
    journey.watch.pass_(seconds=11)
    assert queue.swept() == (0, 2)


def test_of_two_processes_one_sweeps_and_the_other_when_that_one_is_gone(journey: Journey) -> None:
    one, other = Queue(journey, "one"), Queue(journey, "other")
    kept(journey)
    assert (one.swept(), other.swept()) == ((1, 0), (0, 0))
    journey.watch.pass_(seconds=10)
    assert other.swept() == (1, 0)
