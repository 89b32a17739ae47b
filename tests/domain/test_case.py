"""Does a case answer as the town hall would?"""

from datetime import datetime, timedelta

import pytest

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.errors import BadInput, CaseIsClosed, NoSuchCase, NotNow
from tests.domain.histories import CASE, MONDAY, OTHER, PERSON, TEXT, Story, hours
from tests.domain.towns import sample_town

LATER = MONDAY + hours(2)


def test_a_mail_is_received_registered_and_promised_an_answer() -> None:
    story = Story()
    kinds = [type(fact.event) for fact in story.facts]
    assert kinds[:2] == [e.CaseOpened, e.CaseRegistered]
    assert {"acknowledge", "first_response", "resolve"} <= set(story.now.commitments)
    assert {"receipt", "acknowledgement"} <= set(story.now.legal)
    assert (story.now.status, story.now.department) == ("registered", sample_town().reception)


def test_opening_the_same_case_again_changes_nothing() -> None:
    story = Story()
    opened = story.facts[0].event
    assert isinstance(opened, e.CaseOpened)
    again = c.OpenCase(case_id=CASE, channel="email", site="EN-LIGNE", received_at=MONDAY, number="2026-000002")
    assert story.tell(again, LATER) == []


def test_a_late_entry_without_a_reason_is_refused() -> None:
    with pytest.raises(BadInput, match="late"):
        Story(at=MONDAY + hours(5), channel="phone", site="HDV", received_at=MONDAY)


def test_a_late_entry_keeps_the_true_time_of_reception_and_its_reason() -> None:
    story = Story(at=MONDAY + hours(5), channel="phone", site="HDV", received_at=MONDAY, late_reason="queue")
    opened = story.facts[0].event
    assert isinstance(opened, e.CaseOpened)
    assert (opened.received_at, opened.late_reason, story.facts[0].at) == (MONDAY, "queue", MONDAY + hours(5))


def test_what_is_entered_by_hand_was_received_within_the_year() -> None:
    """An earlier date is a year mistyped; a machine is believed."""
    within, before = MONDAY - timedelta(days=366), MONDAY - timedelta(days=366, seconds=1)
    assert Story(at=MONDAY, channel="post", site="HDV", received_at=within, late_reason="queue").now.number
    with pytest.raises(BadInput, match="year"):
        Story(at=MONDAY, channel="post", site="HDV", received_at=before, late_reason="queue")
    assert Story(at=MONDAY, received_at=before).now.number


def test_what_is_added_by_hand_was_received_after_its_case_and_within_the_year() -> None:
    story = Story(received_at=MONDAY - timedelta(days=400))
    for day in (366.1, 400.1):
        with pytest.raises(BadInput):
            story.tell(added(MONDAY - timedelta(days=day), "post"), MONDAY)
    fresh = Story()
    with pytest.raises(BadInput, match="before"):
        fresh.tell(added(MONDAY - hours(1), "counter"), LATER)
    assert fresh.tell(added(MONDAY - hours(1), "email"), LATER)


def added(received_at: datetime, channel: e.Channel) -> c.AddMessage:
    return c.AddMessage(case_id=CASE, message="m2", channel=channel, received_at=received_at, proof="agent")


def test_nothing_is_received_in_the_future() -> None:
    with pytest.raises(BadInput, match="future"):
        Story(received_at=MONDAY + hours(1))


def test_an_unknown_site_is_refused() -> None:
    with pytest.raises(BadInput, match="site"):
        Story(site="LUNE")


def test_qualifying_gives_the_types_department_confidentiality_and_promises() -> None:
    story = Story()
    facts = story.tell(c.QualifyCase(case_id=CASE, type="VOI-CHAUSSEE"), LATER)
    assert isinstance(facts[0], e.CaseQualified)
    assert (story.now.department, story.now.status, story.now.type) == ("VOI", "qualified", "VOI-CHAUSSEE")
    rules = {fact.kind: fact.rule for fact in facts if isinstance(fact, e.CommitmentPromised)}
    assert rules["resolve"].startswith("type/VOI-CHAUSSEE")


def test_qualifying_again_the_same_way_changes_nothing() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="VOI-CHAUSSEE"), LATER)
    assert story.tell(c.QualifyCase(case_id=CASE, type="VOI-CHAUSSEE"), LATER) == []


def test_a_danger_must_be_made_safe_sooner_than_it_must_be_solved() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="VOI-CHAUSSEE", danger=True), LATER)
    promises = story.now.commitments
    assert promises["make_safe"].due < promises["resolve"].due
    assert story.now.priority == "urgent"
    story.tell(c.MakeSafe(case_id=CASE, made_safe_at=LATER + hours(1)), LATER + hours(1))
    assert story.now.commitments["make_safe"].kept_at == LATER + hours(1)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(BadInput, match="NO-SUCH"):
        Story().tell(c.QualifyCase(case_id=CASE, type="NO-SUCH"), LATER)


def test_assigning_to_the_same_agent_changes_nothing() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="VOI-CHAUSSEE"), LATER)
    assert story.tell(c.AssignCase(case_id=CASE, agent="a1"), LATER) == [e.CaseAssigned(agent="a1")]
    assert story.now.status == "in_progress"
    assert story.tell(c.AssignCase(case_id=CASE, agent="a1"), LATER) == []


def test_a_transfer_states_its_reason_keeps_the_clocks_and_frees_the_agent() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="VOI-CHAUSSEE"), LATER)
    story.tell(c.AssignCase(case_id=CASE, agent="a1"), LATER)
    before = story.now.commitments
    with pytest.raises(BadInput, match="reason"):
        story.tell(c.TransferCase(case_id=CASE, department="ESV", reason=""), LATER)
    story.tell(c.TransferCase(case_id=CASE, department="ESV", reason="not_ours"), LATER)
    assert (story.now.department, story.now.agent, story.now.commitments) == ("ESV", "", before)


def test_a_sent_answer_keeps_the_first_response_a_written_one_does_not() -> None:
    story = Story()
    story.tell(c.WriteReply(case_id=CASE, reply_id="r1", kind="answer", channel="email", text=TEXT), LATER)
    assert (story.now.commitments["first_response"].kept_at, story.now.status) == (None, "registered")
    story.tell(c.RecordSent(case_id=CASE, reply_id="r1", sent_at=LATER), LATER)
    assert (story.now.commitments["first_response"].kept_at, story.now.status) == (LATER, "answered")


def test_an_acknowledgement_is_not_a_first_response() -> None:
    story = Story()
    receipt = c.AcknowledgeReceipt(
        case_id=CASE, reply_id="r0", channel="email", to=PERSON, text=TEXT, template="receipt"
    )
    story.tell(receipt, LATER)
    story.tell(c.RecordSent(case_id=CASE, reply_id="r0", sent_at=LATER), LATER)
    assert story.now.commitments["acknowledge"].kept_at == LATER
    assert story.now.commitments["first_response"].kept_at is None
    assert story.tell(receipt, LATER) == []


def test_a_failed_reply_never_answers_a_case() -> None:
    story = Story()
    story.tell(c.WriteReply(case_id=CASE, reply_id="r1", kind="answer", channel="email", text=TEXT), LATER)
    story.tell(c.RecordFailure(case_id=CASE, reply_id="r1", reason="smtp_550", permanent=True), LATER)
    assert story.now.status == "registered"
    assert story.now.commitments["first_response"].kept_at is None


def test_a_reply_can_be_taken_back_until_its_time_has_come() -> None:
    story = Story()
    for reply_id in ("r1", "r2"):
        reply = c.WriteReply(
            case_id=CASE, reply_id=reply_id, kind="answer", channel="email", text=TEXT, not_before=LATER + hours(1)
        )
        story.tell(reply, LATER)
    assert story.tell(c.WithdrawReply(case_id=CASE, reply_id="r1"), LATER) == [e.ReplyWithdrawn(reply_id="r1")]
    with pytest.raises(NotNow, match="leaving"):
        story.tell(c.WithdrawReply(case_id=CASE, reply_id="r2"), LATER + hours(1))


def test_what_left_all_the_same_is_recorded_as_sent() -> None:
    story = Story()
    reply = c.WriteReply(
        case_id=CASE, reply_id="r1", kind="answer", channel="email", text=TEXT, not_before=LATER + hours(1)
    )
    story.tell(reply, LATER)
    story.tell(c.WithdrawReply(case_id=CASE, reply_id="r1"), LATER)
    story.tell(c.RecordSent(case_id=CASE, reply_id="r1", sent_at=LATER), LATER)
    assert (story.now.replies["r1"].state, story.now.status) == ("sent", "answered")


def test_only_an_indispensable_complement_moves_the_promise() -> None:
    for indispensable in (True, False):
        story = Story()
        story.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), LATER)
        due = story.now.commitments["resolve"].due
        wait = c.StartWait(
            case_id=CASE, wait_id="w1", party="resident", reason="documents", indispensable=indispensable
        )
        story.tell(wait, LATER)
        assert story.now.status == "waiting"
        story.tell(c.EndWait(case_id=CASE, wait_id="w1"), LATER + timedelta(days=2))
        moved = story.now.commitments["resolve"].due
        assert (moved > due) is indispensable
        assert story.now.status == "in_progress"


def test_what_the_resident_sends_ends_every_wait_on_him() -> None:
    story = Story()
    for wait_id, party in (("w1", "resident"), ("w2", "service")):
        story.tell(c.StartWait(case_id=CASE, wait_id=wait_id, party=party, reason="x"), LATER)
    message = c.AddMessage(
        case_id=CASE, message="m2", channel="email", received_at=LATER + hours(1), proof="signed_address", text=TEXT
    )
    story.tell(message, LATER + hours(1))
    assert list(story.now.open_waits) == ["w2"]
    assert story.tell(message, LATER + hours(2)) == []


def test_two_overlapping_pauses_move_the_promise_once() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), LATER)
    for wait_id, at in (("w1", LATER), ("w2", LATER + hours(1))):
        start = c.StartWait(case_id=CASE, wait_id=wait_id, party="resident", reason="x", indispensable=True)
        story.tell(start, at)
    first = story.tell(c.EndWait(case_id=CASE, wait_id="w1"), LATER + hours(2))
    second = story.tell(c.EndWait(case_id=CASE, wait_id="w2"), LATER + hours(3))
    assert not [fact for fact in first if isinstance(fact, e.CommitmentMoved)]
    assert [fact.reason for fact in second if isinstance(fact, e.CommitmentMoved)]


def test_a_wait_may_be_set_retroactively_but_not_before_reception() -> None:
    story = Story()
    start = c.StartWait(case_id=CASE, wait_id="w", party="service", reason="x", since=MONDAY - hours(1))
    with pytest.raises(BadInput, match="reception"):
        story.tell(start, LATER)
    start = c.StartWait(case_id=CASE, wait_id="w", party="service", reason="x", since=MONDAY + hours(1))
    story.tell(start, LATER)
    assert story.now.waits["w"].since == MONDAY + hours(1)


def test_the_silence_clock_of_an_acceptance_starts_on_completion() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="EDU-INSC"), LATER)
    before = story.now.legal["silence"].due
    wait = c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="documents", indispensable=True)
    story.tell(wait, LATER)
    story.tell(c.EndWait(case_id=CASE, wait_id="w"), LATER + timedelta(days=10))
    assert story.now.legal["silence"].due - before >= timedelta(days=9)


def test_closing_needs_an_outcome_that_makes_sense() -> None:
    story = Story()
    with pytest.raises(BadInput, match="main"):
        story.tell(c.CloseCase(case_id=CASE, outcome="duplicate", main=CASE), LATER)
    with pytest.raises(BadInput, match="administration"):
        story.tell(c.CloseCase(case_id=CASE, outcome="redirected", body="NOBODY"), LATER)
    story.tell(c.CloseCase(case_id=CASE, outcome="duplicate", main=OTHER), LATER)
    assert (story.now.status, story.now.outcome) == ("closed", "duplicate")
    assert story.now.commitments["resolve"].kept_at is None


def test_closing_twice_the_same_way_changes_nothing_another_way_is_refused() -> None:
    story = Story()
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), LATER)
    assert story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), LATER) == []
    with pytest.raises(NotNow, match="already"):
        story.tell(c.CloseCase(case_id=CASE, outcome="refused"), LATER)


def test_closing_ends_every_wait() -> None:
    story = Story()
    story.tell(c.StartWait(case_id=CASE, wait_id="w", party="third_party", reason="x"), LATER)
    facts = story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), LATER + hours(1))
    assert isinstance(facts[0], e.WaitEnded)
    assert story.now.open_waits == {}


def test_a_closed_case_is_neither_assigned_nor_answered_but_still_hears() -> None:
    story = Story()
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), LATER)
    with pytest.raises(CaseIsClosed):
        story.tell(c.AssignCase(case_id=CASE, agent="a1"), LATER)
    with pytest.raises(CaseIsClosed):
        story.tell(c.WriteReply(case_id=CASE, reply_id="r", kind="answer", channel="email", text=TEXT), LATER)
    message = c.AddMessage(case_id=CASE, message="m2", channel="email", received_at=LATER, proof="known_sender")
    assert story.tell(message, LATER)
    assert story.now.status == "closed"


def test_a_resident_reopens_within_thirty_days_an_agent_always() -> None:
    story = Story()
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), LATER)
    after_a_year = LATER + timedelta(days=365)
    with pytest.raises(NotNow, match="30 days"):
        story.tell(c.ReopenCase(case_id=CASE, reason="not_solved", by_resident=True), after_a_year)
    story.tell(c.ReopenCase(case_id=CASE, reason="not_solved"), after_a_year)
    assert (story.now.status, story.now.outcome) == ("reopened", "")
    assert story.now.commitments["resolve"].due > after_a_year
    assert story.now.commitments["resolve"].kept_at is None


def test_a_breach_is_noticed_once_and_not_during_a_pause() -> None:
    story = Story()
    due = story.now.commitments["resolve"].due
    late = c.NoticeBreach(case_id=CASE, kind="resolve", due=due, late=True)
    assert story.tell(late, due + hours(1), by="clock") == [e.BreachNoticed(kind="resolve", due=due, late=True)]
    assert story.tell(late, due + hours(2), by="clock") == []
    paused = Story()
    wait = c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="x", indispensable=True)
    paused.tell(wait, LATER)
    assert paused.tell(late, due + hours(1), by="clock") == []


def test_a_legal_date_that_passes_closes_nothing() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), LATER)
    due = story.now.legal["silence"].due
    notice = c.NoticeLegalDate(case_id=CASE, clock="silence", due=due)
    assert story.tell(notice, due - hours(1), by="clock") == [e.LegalDateNear(clock="silence", due=due, hours=72)]
    assert story.tell(notice, due - hours(1), by="clock") == []
    assert story.tell(notice, due, by="clock") == [e.LegalDatePassed(clock="silence", due=due)]
    assert story.now.status != "closed"


def test_a_prolongation_states_its_reason_and_leaves_the_legal_date() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), LATER)
    legal, due = story.now.legal, story.now.commitments["resolve"].due
    with pytest.raises(BadInput, match="after"):
        story.tell(c.ProlongCommitment(case_id=CASE, kind="resolve", due=due, explanation=TEXT), LATER)
    later = due + timedelta(days=5)
    story.tell(c.ProlongCommitment(case_id=CASE, kind="resolve", due=later, explanation=TEXT), LATER)
    assert (story.now.commitments["resolve"].due, story.now.legal) == (later, legal)


def test_a_wish_about_no_case_is_refused() -> None:
    with pytest.raises(NoSuchCase):
        c.decide(None, c.AssignCase(case_id=CASE, agent="a"), c.Given(MONDAY, sample_town()))


def test_a_withheld_receipt_becomes_a_persons_duty_and_is_not_written_by_machine() -> None:
    story = Story()
    withhold = c.WithholdReply(case_id=CASE, kind="receipt", reason="sender_asks_none")
    assert story.tell(withhold, LATER) == [e.ReplyWithheld(kind="receipt", reason="sender_asks_none")]
    receipt = c.AcknowledgeReceipt(case_id=CASE, reply_id="r0", channel="email", to=PERSON, text=TEXT, template="x")
    assert story.tell(receipt, LATER) == []


def waited(story: Story, start: datetime, days: int, until: datetime | None = None) -> None:
    wait = c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="documents", indispensable=True, until=until)
    story.tell(wait, start)
    story.tell(c.EndWait(case_id=CASE, wait_id="w"), start + timedelta(days=days))


def test_a_type_corrected_after_a_pause_keeps_what_the_pause_gave_back() -> None:
    corrected, told_at_once = Story(), Story()
    corrected.tell(c.QualifyCase(case_id=CASE, type="EC-ACTE"), LATER)
    told_at_once.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), LATER)
    for story in (corrected, told_at_once):
        waited(story, LATER, days=14)
    corrected.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), LATER + timedelta(days=15))
    assert corrected.now.commitments["resolve"].due == told_at_once.now.commitments["resolve"].due
    assert corrected.now.legal["silence"].due == told_at_once.now.legal["silence"].due


def test_a_type_corrected_after_a_reopening_counts_from_the_reopening() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="EC-ACTE"), LATER)
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), LATER + hours(1))
    again = LATER + timedelta(days=60)
    story.tell(c.ReopenCase(case_id=CASE, reason="not_solved"), again)
    story.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), again + hours(1))
    assert story.now.commitments["resolve"].due > again


def test_a_type_corrected_keeps_the_date_that_was_prolonged() -> None:
    story = Story()
    later = story.now.commitments["resolve"].due + timedelta(days=30)
    story.tell(c.ProlongCommitment(case_id=CASE, kind="resolve", due=later, explanation=TEXT), LATER)
    story.tell(c.QualifyCase(case_id=CASE, type="EC-ACTE"), LATER)
    assert story.now.commitments["resolve"].due == later


def test_what_does_not_apply_to_another_type_is_lifted() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="EDU-INSC", danger=True), LATER)
    assert {"silence"} <= set(story.now.legal) and "make_safe" in story.now.commitments
    facts = story.tell(c.QualifyCase(case_id=CASE, type="VOI-CHAUSSEE"), LATER)
    assert e.LegalDateLifted(clock="silence") in facts
    assert e.CommitmentLifted(kind="make_safe", reason="requalified") in facts
    assert "silence" not in story.now.legal and "make_safe" not in story.now.commitments


def test_a_rejection_by_silence_is_suspended_for_the_time_allowed_only() -> None:
    allowed, exceeded = Story(), Story()
    for story, days in ((allowed, 15), (exceeded, 45)):
        story.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), LATER)
        waited(story, LATER, days=days, until=LATER + timedelta(days=15))
    assert allowed.now.legal["silence"].due == exceeded.now.legal["silence"].due


def test_a_legal_date_that_was_met_or_stands_still_does_not_pass() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="ODP-DEMEN"), LATER)
    legal = story.now.legal
    much_later = LATER + timedelta(days=200)
    wait = c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="documents", indispensable=True)
    story.tell(wait, LATER)
    silence = c.NoticeLegalDate(case_id=CASE, clock="silence", due=legal["silence"].due)
    assert story.tell(silence, much_later, by="clock") == []
    reply = c.WriteReply(case_id=CASE, reply_id="r", kind="answer", channel="email", text=TEXT)
    story.tell(reply, LATER)
    story.tell(c.RecordSent(case_id=CASE, reply_id="r", sent_at=LATER), LATER)
    for clock in ("receipt", "acknowledgement", "silence"):
        notice = c.NoticeLegalDate(case_id=CASE, clock=clock, due=story.now.legal[clock].due)
        assert story.tell(notice, much_later, by="clock") == []


def test_a_danger_is_never_paused() -> None:
    story = Story()
    story.tell(c.QualifyCase(case_id=CASE, type="VOI-CHAUSSEE", danger=True), LATER)
    wait = c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="x", indispensable=True)
    story.tell(wait, LATER)
    due = story.now.commitments["make_safe"].due
    late = c.NoticeBreach(case_id=CASE, kind="make_safe", due=due, late=True)
    assert story.tell(late, due, by="clock") == [e.BreachNoticed(kind="make_safe", due=due, late=True)]
