"""Is a message taken in once, and a letter counted once, also when two are at it or one tries again?"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from gru.bootstrap.office import utc_now
from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id
from gru.domain import case as c
from gru.domain import events as e
from gru.domain.case import Case
from gru.domain.message import TakeIn
from gru.office import reactions
from gru.office.reactions import Reactions
from gru.office.restraint import MOST_A_DAY
from gru.storage.databases import writing
from gru.storage.work import Effect, Work
from tests.journeys.towns import ADDRESS, Journey, mail


def case_of(journey: Journey, key: str) -> Case:
    [taken] = [r.event for r in journey.office.log.history(key) if isinstance(r.event, e.MessageTakenIn)]
    case = journey.office.desk.case(taken.case)
    assert case is not None
    return case


def test_who_would_place_a_message_otherwise_a_moment_later_changes_nothing(journey: Journey) -> None:
    case = case_of(journey, journey.arrives(mail()))
    other = journey.arrives(mail(subject="Autre chose", message_id="<m2@courriel.example>"))
    late = TakeIn(
        message_id=other, source=ADDRESS, channel="email", outcome="joined", received_at=journey.watch(), case=case.id
    )
    adding = c.AddMessage(
        case_id=case.id, message=other, channel="email", received_at=journey.watch(), proof="known_sender"
    )
    done = journey.office.desk.execute(adding, late, by="system:intake")
    assert done.recorded == ()
    after = journey.office.desk.case(case.id)
    assert after is not None and other not in after.messages


def test_a_receipt_tried_again_and_again_counts_as_one_letter(journey: Journey) -> None:
    raw, office = bytes(mail()), journey.office
    office.intake.attempt(
        office.keep(RawMessage("email", ADDRESS, external_id(raw), journey.watch(), content_digest(raw), raw))
    )
    office.reactions.react()
    [effect] = office.work.due_effects(journey.watch())
    with without_texts(journey):
        for _ in range(MOST_A_DAY + 1):
            assert office.reactions.perform(effect.key)
            journey.watch.pass_(minutes=30)
    journey.settle()
    assert len(journey.sent()) == 1


def test_a_letter_that_takes_longer_to_leave_than_a_claim_holds_leaves_once(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real seconds: the claims of dead workers end by the clock on the wall."""
    monkeypatch.setattr(reactions, "LEASE_SECONDS", 0.6)
    office, left = journey.office, []
    work = Work(office.databases.work)
    work.add_effects([Effect(key="heavy", kind="deliver", payload={"case": "", "reply": ""}, next_at=utc_now())])

    def slowly(case: str, reply: str, cause: str) -> None:
        time.sleep(1.8)
        left.append(cause)

    def worker(name: str) -> Reactions:
        return Reactions(log=office.log, work=work, deeds={"deliver": slowly}, given_up={}, now=utc_now, holder=name)

    with ThreadPoolExecutor() as pool:
        sending = pool.submit(worker("one").perform, "heavy")
        time.sleep(1.2)
        assert not worker("two").perform("heavy")
        assert sending.result()
    assert left == ["heavy"]


@contextmanager
def without_texts(journey: Journey) -> Iterator[None]:
    """No words can be kept meanwhile."""
    databases = journey.office.databases
    schema = "" if databases.kind == "sqlite" else "archive."
    with writing(databases.archive) as connection:
        connection.exec_driver_sql(f"ALTER TABLE {schema}texts RENAME TO texts_away")
    yield
    with writing(databases.archive) as connection:
        connection.exec_driver_sql(f"ALTER TABLE {schema}texts_away RENAME TO texts")
