"""What becomes of a deed that no machine can do, however often it tries? A person is told."""

from typing import Any

import pytest

from gru.domain import case as c
from gru.domain import events as e
from gru.office.letters import Letters
from gru.office.reactions import GIVE_UP_AFTER
from tests.journeys.towns import Journey, mail


def breaks(*given: Any, **more: Any) -> None:
    raise RuntimeError("no letter can be written")


def tries_until_it_is_given_up(journey: Journey) -> list[str]:
    """The kinds of what failed for good."""
    work = journey.office.work
    for _ in range(GIVE_UP_AFTER):
        journey.watch.pass_(hours=5)
        for effect in work.due_effects(journey.watch(), 100):
            journey.office.reactions.perform(effect.key)
    return [effect.kind for effect in work.failed_effects()]


def the_case(journey: Journey) -> c.Case:
    opened = journey.office.log.read(0, 1000, {e.CaseOpened.NAME})
    case = journey.office.desk.case(opened[-1].stream_id)
    assert case is not None
    return case


def withheld(journey: Journey, case: c.Case) -> list[e.Event]:
    return [one.event for one in journey.office.log.history(case.id) if isinstance(one.event, e.ReplyWithheld)]


def test_a_receipt_no_machine_can_write_is_left_to_a_person(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Letters, "receipt", breaks)
    journey.arrives(mail())
    assert tries_until_it_is_given_up(journey) == ["acknowledge"]
    case = the_case(journey)
    assert withheld(journey, case) == [e.ReplyWithheld(kind="receipt", reason="given_up")]
    assert not journey.sent()


def test_an_acknowledgement_no_machine_can_write_is_left_to_a_person(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Letters, "acknowledgement", breaks)
    journey.arrives(mail())
    case = the_case(journey)
    qualify = c.QualifyCase(case_id=case.id, type="VOI-CHAUSSEE")
    journey.office.desk.execute(qualify, by="agent:" + "a" * 32, seen=case.version)
    journey.settle()
    assert tries_until_it_is_given_up(journey) == ["acknowledge_in_full"]
    assert withheld(journey, case) == [e.ReplyWithheld(kind="acknowledgement", reason="given_up")]


def test_what_cannot_even_be_given_up_is_tried_on(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Letters, "receipt", breaks)
    monkeypatch.setattr(type(journey.office.desk), "case", breaks)
    journey.arrives(mail())
    assert tries_until_it_is_given_up(journey) == []
    assert journey.office.work.backlog().pending == 1
    monkeypatch.undo()
    journey.watch.pass_(hours=5)
    journey.settle()
    assert len(journey.sent()) == 1
