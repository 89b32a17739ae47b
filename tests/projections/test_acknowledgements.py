"""Is every duty to acknowledge on the right page, with its proof, until it is done?"""

from datetime import timedelta
from typing import Any

import pytest

from gru.domain import events as e
from gru.office.rebuild import rebuild
from gru.storage.databases import reading
from projections import acknowledgements
from projections.acknowledgements import Compliance, Obligation, State
from tests.projections.places import EVERYTHING, MONDAY, Place, new, promise, qualified, reply, scope

DUE = MONDAY + timedelta(days=1)
LATER = MONDAY + timedelta(days=14)
STATES: tuple[State, ...] = ("late", "withheld", "bounced", "soon", "done", "implicit")


def dated(clock: e.LegalClock, due: Any = DUE, regime: e.Regime = "none") -> e.LegalDateSet:
    return e.LegalDateSet(clock=clock, due=due, regime=regime, basis="CRPA")


def listed(place: Place, state: State, days: float = 0, **seen: Any) -> list[Obligation]:
    place.project()
    now, reach = MONDAY + timedelta(days=days), seen.get("scope", EVERYTHING)
    with reading(place.databases.views) as connection:
        found = acknowledgements.page(connection, state, reach, now, 50)
        assert acknowledgements.count(connection, state, reach, now) == len(found)
    return list(found)


def states(place: Place, days: float = 0) -> list[str]:
    return [state for state in STATES for _ in listed(place, state, days)]


def test_a_duty_is_due_then_late_then_done_with_its_proof(place: Place) -> None:
    case = place.open()
    place.record(case, dated("receipt"))
    assert (states(place), states(place, 2)) == (["soon"], ["late"])
    place.record(case, reply("r", "receipt", human=False, template="aee/3"))
    assert states(place, 2) == ["late"], "written is not sent"
    place.record(case, e.ReplySent(reply_id="r", sent_at=MONDAY))
    [done] = listed(place, "done", 2)
    assert (done.met_at, done.reply_id, done.template, done.due) == (MONDAY, "r", "aee/3", DUE)
    assert states(place, 2) == ["done"]


def test_an_acknowledgement_does_for_the_receipt_but_not_the_other_way_round(place: Place) -> None:
    case = place.open()
    place.record(case, dated("receipt"), dated("acknowledgement", LATER, "acceptance"))
    place.record(case, reply("r", "receipt", human=False), e.ReplySent(reply_id="r", sent_at=MONDAY))
    assert [one.duty for one in listed(place, "soon")] == ["acknowledgement"]
    place.record(case, reply("a", "answer"), e.ReplySent(reply_id="a", sent_at=LATER))
    assert [one.reply_id for one in listed(place, "done")] == ["a", "r"]


def test_a_withheld_one_is_a_task_until_a_person_writes_also_when_its_date_comes_later(place: Place) -> None:
    case = place.open()
    place.record(case, dated("receipt"), e.ReplyWithheld(kind="receipt", reason="no_address"))
    place.record(case, e.ReplyWithheld(kind="acknowledgement", reason="given_up"), dated("acknowledgement", LATER))
    found = listed(place, "withheld", 2)
    assert [(one.duty, one.withheld) for one in found] == [("receipt", "no_address"), ("acknowledgement", "given_up")]
    assert [one.duty for one in listed(place, "late", 2)] == ["receipt"] and listed(place, "soon", 2) == []
    place.record(case, reply("a", "answer"), e.ReplySent(reply_id="a", sent_at=MONDAY))
    assert states(place, 2) == ["done", "done"]


def test_one_that_bounced_has_acknowledged_nothing_until_another_arrives(place: Place) -> None:
    case = place.open()
    place.record(case, dated("receipt"), reply("r", "receipt", human=False), e.ReplySent(reply_id="r", sent_at=MONDAY))
    place.record(case, e.DeliveryFailed(reply_id="r", reason="bounce_4", permanent=False))
    assert states(place) == ["done"]
    place.record(case, e.DeliveryFailed(reply_id="r", reason="bounce_5", permanent=True))
    [bounced] = listed(place, "bounced")
    assert (bounced.failed, bounced.met_at, states(place, 2)) == ("bounce_5", None, ["late", "bounced"])
    place.record(case, reply("b", "answer"), e.ReplySent(reply_id="b", sent_at=DUE))
    assert [one.reply_id for one in listed(place, "done", 2)] == ["b"] and states(place, 2) == ["done"]


def test_a_later_reply_that_bounces_takes_nothing_from_the_proof(place: Place) -> None:
    case = place.open()
    place.record(case, dated("receipt"), reply("r", "receipt", human=False), e.ReplySent(reply_id="r", sent_at=MONDAY))
    place.record(case, reply("a", "answer"), e.DeliveryFailed(reply_id="a", reason="bounce_5", permanent=True))
    assert states(place) == ["done"]


@pytest.mark.parametrize(
    ("channel", "state"), [("counter", "done"), ("phone", "done"), ("post", "soon"), ("email", "")]
)
def test_what_came_by_hand_is_acknowledged_at_once_or_by_letter_under_the_towns_promise(
    place: Place, channel: e.Channel, state: str
) -> None:
    case = place.open(channel=channel)
    place.record(case, promise("acknowledge", DUE), promise("resolve", LATER))
    assert states(place) == ([state] if state else [])
    if channel == "post":
        place.record(case, reply("r", "receipt"), e.ReplySent(reply_id="r", sent_at=MONDAY))
        assert states(place) == ["done"]


def test_silence_is_shown_with_its_day_and_stays_when_it_has_decided(place: Place) -> None:
    case = place.open()
    place.record(case, dated("silence", LATER, "acceptance"))
    [coming] = listed(place, "implicit")
    assert (coming.due, coming.regime, coming.passed_at) == (LATER, "acceptance", None)
    place.record(case, e.LegalDatePassed(clock="silence", due=LATER), at=LATER)
    place.record(case, e.CaseClosed(outcome="resolved"), at=LATER)
    [passed] = listed(place, "implicit", 20)
    assert passed.passed_at == LATER
    place.record(case, reply("a", "answer"), e.ReplySent(reply_id="a", sent_at=LATER), at=LATER)
    assert listed(place, "implicit", 20) == []


def test_an_express_answer_or_another_type_ends_the_count_and_a_closed_case_has_no_duty_left(place: Place) -> None:
    answered, other, closed = place.open(), place.open("2026-000002"), place.open("2026-000003")
    place.record(answered, dated("silence", LATER), reply("a", "refusal"), e.ReplySent(reply_id="a", sent_at=MONDAY))
    place.record(other, dated("silence", LATER), e.LegalDateLifted(clock="silence"))
    place.record(closed, dated("receipt"), dated("silence", LATER), e.CaseClosed(outcome="withdrawn"))
    assert states(place, 2) == []
    place.record(closed, e.CaseReopened(reason="resident"))
    assert states(place, 2) == ["late", "implicit"]


def test_nobody_reads_a_duty_of_a_case_he_may_not_see(place: Place) -> None:
    case = place.open()
    place.record(case, dated("receipt"), qualified("SOC", "secret"))
    assert listed(place, "soon", scope=scope("SOC")) == listed(place, "soon", scope=scope("VOI")) == []
    place.record(case, qualified("SOC", "restricted"))
    assert len(listed(place, "soon", scope=scope("SOC"))) == 1 and listed(place, "soon", scope=scope("VOI")) == []


def test_a_rebuild_finds_the_same(place: Place) -> None:
    case = place.open(channel="post")
    place.record(case, promise("acknowledge", DUE), dated("silence", LATER, "rejection"))
    place.record(case, reply("r", "receipt"), e.ReplySent(reply_id="r", sent_at=MONDAY))
    place.project()
    live = place.tables()["acknowledgements"]
    rebuild(place.projector, ["acknowledgements"])
    assert len(live) == 3 and place.tables()["acknowledgements"] == live


# --- what the law will ask about ---------------------------------------------------------------------------------


def judged(place: Place, start: int = -1, end: int = 30, now: int = 30, **seen: Any) -> Compliance:
    place.project()
    with reading(place.databases.views) as connection:
        return acknowledgements.compliance(
            connection, "receipt", seen.get("scope", EVERYTHING), MONDAY + timedelta(days=start),
            MONDAY + timedelta(days=end), MONDAY + timedelta(days=now),
        )  # fmt: skip


def test_the_rate_counts_what_was_due_in_the_period_in_time_late_never_and_not_yet(place: Place) -> None:
    kept, late, never, closed, coming = (place.open(f"2026-00000{n}") for n in range(1, 6))
    for case in (kept, late, never, closed):
        place.record(case, dated("receipt"))
    place.record(coming, dated("receipt", MONDAY + timedelta(days=20)))
    for case, days in ((kept, 0), (late, 5)):
        receipt = new()
        sent = e.ReplySent(reply_id=receipt, sent_at=MONDAY + timedelta(days=days))
        place.record(case, reply(receipt, "receipt", human=False), sent)
    place.record(closed, e.CaseClosed(outcome="resolved"))

    assert judged(place, now=10) == Compliance(total=5, kept=1, late=1, missed=2, running=1)
    assert judged(place, start=2) == Compliance(total=1, kept=0, late=0, missed=1, running=0)
    assert judged(place, scope=scope("VOI")) == Compliance(0, 0, 0, 0, 0)
    with reading(place.databases.views) as connection:
        now = MONDAY + timedelta(days=10)
        failed = acknowledgements.failed(connection, "receipt", EVERYTHING, MONDAY, now, 50)
        assert {one.case_id for one in failed} == {late, never, closed}


def test_silence_is_listed_by_the_day_it_decides_on_unless_somebody_answered_or_the_case_was_closed(
    place: Place,
) -> None:
    first, second, answered, closed = (place.open(f"2026-00000{n}") for n in range(1, 5))
    for case, days in ((second, 9), (first, 5), (answered, 6), (closed, 7)):
        place.record(case, dated("silence", MONDAY + timedelta(days=days), "acceptance"))
    answer = new()
    place.record(answered, reply(answer, "answer"), e.ReplySent(reply_id=answer, sent_at=MONDAY))
    place.record(closed, e.CaseClosed(outcome="resolved"))
    place.project()
    with reading(place.databases.views) as connection:
        found = acknowledgements.silent(connection, EVERYTHING, MONDAY, MONDAY + timedelta(days=30), 50)
        assert [one.case_id for one in found] == [first, second]
        assert acknowledgements.count_silent(connection, EVERYTHING, MONDAY, MONDAY + timedelta(days=6)) == 1
