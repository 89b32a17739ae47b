"""Two cases are one and the same, and then they are not: is everything as it was, and whose time counts meanwhile?"""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.case import Case, CaseCommand, MergeCases, PairCommand, UndoMerge
from gru.domain.errors import BadInput, CannotMerge, CaseIsClosed, NoSuchCase, Refused
from gru.domain.town import Town
from tests.domain.histories import CASE, MONDAY, OTHER, PERSON, TEXT, Story, hours
from tests.domain.test_case_properties import commands as wishes
from tests.domain.towns import sample_town
from tests.examples import examples

THIRD = "01890000000070008000000000000009"
SOMEBODY = "01890000000070008000000000000005"
MERGE, UNDO = MergeCases(case_id=OTHER, main=CASE, text=TEXT), UndoMerge(case_id=OTHER, main=CASE)
DAY = timedelta(days=1)


class Pair:
    """Cases told one beside the other."""

    def __init__(self, town: Town | None = None) -> None:
        self.town = town or sample_town()
        self.stories: dict[str, Story] = {}

    def open(self, case_id: str, at: datetime, requester: str = PERSON, type: str = "VOI-CHAUSSEE") -> None:
        number = f"2026-00000{len(self.stories) + 1}"
        self.stories[case_id] = Story(
            at, self.town, id=case_id, number=number, requester=requester, message=f"m{case_id}", type=type
        )

    def tell(self, command: CaseCommand, at: datetime) -> list[e.Event]:
        return self.stories[command.case_id].tell(command, at)

    def both(self, command: PairCommand, at: datetime) -> tuple[list[e.Event], list[e.Event]]:
        """What follows in the duplicate, and in the main case."""
        main = self.stories.get(command.main)
        known = len(main.facts) if main else 0
        events = self.stories[command.case_id].tell(command, at, main=main)
        return events, [fact.event for fact in main.facts[known:]] if main else []

    @property
    def main(self) -> Case:
        return self.stories[CASE].now

    @property
    def other(self) -> Case:
        return self.stories[OTHER].now


def timeless(case: Case) -> Case:
    return replace(case, version=0, digest=b"")


def pair(earlier: timedelta = DAY) -> Pair:
    """The duplicate came in earlier than the main case."""
    told = Pair()
    told.open(OTHER, MONDAY - earlier, SOMEBODY)
    told.open(CASE, MONDAY)
    return told


def test_a_merged_case_is_closed_as_a_duplicate_and_names_its_main_one() -> None:
    told = pair()
    one, main = told.both(MERGE, MONDAY + hours(1))
    assert one == [e.CaseMerged(main=CASE, text=TEXT)]
    assert main[0] == e.CaseAbsorbed(other=OTHER, received_at=MONDAY - DAY, requester=SOMEBODY)
    assert (told.other.status, told.other.outcome, told.other.main) == ("closed", "duplicate", CASE)
    assert told.main.status == "qualified" and OTHER in told.main.absorbed
    assert told.both(MERGE, MONDAY + hours(2)) == ([], [])


def test_the_earliest_reception_hastens_what_is_promised_and_undoing_gives_the_time_back() -> None:
    told = pair()
    before = told.main.commitments
    told.both(MERGE, MONDAY + hours(1))
    promised = {p.kind: p.due for p in sample_town().promises("VOI-CHAUSSEE", "VOI", "email", MONDAY - DAY)}
    for kind, one in told.main.commitments.items():
        assert one.due == promised[kind] < before[kind].due
    told.both(UNDO, MONDAY + hours(2))
    assert told.main.commitments == before


def test_a_duplicate_that_came_in_later_changes_no_date() -> None:
    told = pair(-DAY)
    assert told.both(MERGE, MONDAY + 2 * DAY)[1] == [
        e.CaseAbsorbed(other=OTHER, received_at=MONDAY + DAY, requester=SOMEBODY)
    ]


def test_of_several_duplicates_the_earliest_counts_in_whatever_order_they_leave() -> None:
    told = pair(DAY)
    told.open(THIRD, MONDAY - 6 * DAY)
    before = told.main.commitments
    told.both(MERGE, MONDAY + hours(1))
    with_one = {kind: one.due for kind, one in told.main.commitments.items()}
    told.both(MergeCases(case_id=THIRD, main=CASE), MONDAY + hours(2))
    assert told.main.commitments["resolve"].due < with_one["resolve"]
    told.both(UndoMerge(case_id=THIRD, main=CASE), MONDAY + hours(3))
    assert {kind: one.due for kind, one in told.main.commitments.items()} == with_one
    told.both(UNDO, MONDAY + hours(4))
    assert told.main.commitments == before


def test_a_pause_while_merged_is_given_back_to_the_promise_as_it_was() -> None:
    told, plain = pair(), pair()
    told.both(MERGE, MONDAY + hours(1))
    for each in (told, plain):
        each.tell(
            c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="x", indispensable=True),
            MONDAY + hours(2),
        )
        each.tell(c.EndWait(case_id=CASE, wait_id="w"), MONDAY + 2 * DAY)
    told.both(UNDO, MONDAY + 3 * DAY)
    assert told.main.commitments == plain.main.commitments


def test_a_type_corrected_while_merged_is_promised_from_the_earliest_and_then_from_its_own() -> None:
    told, plain = pair(), pair()
    told.both(MERGE, MONDAY + hours(1))
    for each in (told, plain):
        each.tell(c.QualifyCase(case_id=CASE, type="VOI-ECLAIR"), MONDAY + hours(2))
    early = {p.kind: p.due for p in sample_town().promises("VOI-ECLAIR", "VOI", "email", MONDAY - DAY)}
    assert told.main.commitments["resolve"].due == early["resolve"]
    told.both(UNDO, MONDAY + hours(3))
    assert {k: one.due for k, one in told.main.commitments.items()} == {
        k: one.due for k, one in plain.main.commitments.items()
    }


def transferred(told: Pair, department: str) -> None:
    told.tell(c.TransferCase(case_id=CASE, department=department, reason="x"), MONDAY + hours(1))


def dues(told: Pair) -> dict[str, tuple[datetime, str]]:
    return {str(kind): (one.due, one.calendar) for kind, one in told.main.commitments.items()}


def test_a_duplicate_later_than_another_one_changes_no_date_though_the_department_did() -> None:
    """The police shuts at seven, the roads department at five: a transfer resets no clock."""
    told = Pair()
    told.open(OTHER, MONDAY - hours(1))
    told.open(THIRD, MONDAY + hours(1))
    told.open(CASE, MONDAY, type="ODP-DEMEN")
    told.both(MERGE, MONDAY + hours(1))
    before = dues(told)
    transferred(told, "VOI")
    told.both(MergeCases(case_id=THIRD, main=CASE), MONDAY + hours(2))
    assert dues(told) == before


def test_releasing_a_duplicate_that_moved_nothing_says_no_date_again() -> None:
    told = pair()
    told.open(THIRD, MONDAY)
    told.both(MERGE, MONDAY + hours(1))
    told.both(MergeCases(case_id=THIRD, main=CASE), MONDAY + hours(2))
    assert told.both(UndoMerge(case_id=THIRD, main=CASE), MONDAY + hours(3))[1] == [e.CaseReleased(other=THIRD)]


def test_another_type_is_counted_in_its_departments_hours_from_the_earliest_too() -> None:
    """The duty to acknowledge is the channel's under both types."""
    told = Pair()
    told.open(OTHER, MONDAY - DAY)
    told.open(CASE, MONDAY, type="ODP-DEMEN")
    transferred(told, "VOI")
    told.both(MERGE, MONDAY + hours(2))
    assert dues(told)["acknowledge"][1] == "technique"
    told.tell(c.QualifyCase(case_id=CASE, type="TRP-VOISIN"), MONDAY + hours(3))
    promised = sample_town().promises("TRP-VOISIN", "TRP", "email", MONDAY - DAY)
    assert dues(told) == {p.kind: (p.due, p.calendar) for p in promised}


def test_after_a_pause_a_duplicate_makes_no_date_later_than_it_would_be_without_it() -> None:
    """On Thursday morning the social service is shut anyway; the roads department gets five hours back."""
    told, plain = Pair(), Pair()
    for each in (told, plain):
        each.open(OTHER, MONDAY - hours(1))
        each.open(CASE, MONDAY, type="SOC-DOM")
        transferred(each, "VOI")
    told.both(MERGE, MONDAY + hours(2))
    assert told.main.commitments["first_response"].due < plain.main.commitments["first_response"].due
    thursday = MONDAY + 3 * DAY
    for each in (told, plain):
        each.tell(
            c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="x", indispensable=True),
            thursday - hours(2),
        )
        each.tell(c.EndWait(case_id=CASE, wait_id="w"), thursday + hours(4))
    assert told.main.commitments["first_response"] == plain.main.commitments["first_response"]


def test_what_was_prolonged_in_words_or_kept_is_not_hastened() -> None:
    told = pair()
    due = MONDAY + 60 * DAY
    told.tell(c.ProlongCommitment(case_id=CASE, kind="resolve", due=due, explanation=TEXT), MONDAY + hours(1))
    told.both(MERGE, MONDAY + hours(2))
    assert told.main.commitments["resolve"].due == due


def test_chains_are_refused_with_the_reason() -> None:
    told = pair()
    told.open(THIRD, MONDAY)
    told.both(MERGE, MONDAY + hours(1))
    for command, field in (
        (MergeCases(case_id=THIRD, main=OTHER), "chain"),
        (MergeCases(case_id=CASE, main=THIRD), "main"),
        (MergeCases(case_id=OTHER, main=THIRD), "merged"),
    ):
        with pytest.raises(CannotMerge) as refused:
            told.both(command, MONDAY + hours(2))
        assert refused.value.values["field"] == field


def test_neither_a_closed_case_nor_an_unknown_one_nor_itself_can_be_merged() -> None:
    told = pair()
    with pytest.raises(BadInput, match="itself"):
        told.both(MergeCases(case_id=CASE, main=CASE), MONDAY)
    with pytest.raises(NoSuchCase):
        told.both(MergeCases(case_id=CASE, main=THIRD), MONDAY)
    told.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY + hours(1))
    with pytest.raises(CannotMerge, match="closed"):
        told.both(MERGE, MONDAY + hours(2))
    with pytest.raises(CaseIsClosed):
        told.both(MergeCases(case_id=CASE, main=OTHER), MONDAY + hours(2))


def test_a_merged_case_is_not_reopened_but_released() -> None:
    told = pair()
    told.both(MERGE, MONDAY + hours(1))
    with pytest.raises(CannotMerge, match="undo"):
        told.tell(c.ReopenCase(case_id=OTHER, reason="x"), MONDAY + hours(2))
    told.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY + hours(3))
    told.both(UNDO, MONDAY + hours(4))
    assert (told.other.status, told.main.status) == ("qualified", "closed")
    assert told.both(UNDO, MONDAY + hours(5)) == ([], [])


def test_who_wrote_to_the_duplicate_answers_no_question_put_to_the_requester() -> None:
    told = pair()
    told.both(MERGE, MONDAY + hours(1))
    told.tell(c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="x"), MONDAY + hours(2))

    def write(message: str, author: str, via: str = "") -> None:
        told.tell(
            c.AddMessage(
                case_id=CASE,
                message=message,
                channel="email",
                received_at=MONDAY + hours(3),
                proof="signed_address",
                author=author,
                text=TEXT,
                via=via,
            ),
            MONDAY + hours(3),
        )

    write("n1", SOMEBODY)
    write("n2", PERSON, via=OTHER)
    assert told.main.open_waits
    write("n3", PERSON)
    assert not told.main.open_waits


def test_a_follower_is_told_once_and_the_requester_is_not_his_own_follower() -> None:
    told = pair()
    follow = c.FollowCase(case_id=CASE, person=SOMEBODY, channel="web")
    assert told.tell(follow, MONDAY) == [e.CaseFollowed(person=SOMEBODY, channel="web")]
    assert told.tell(follow, MONDAY) == []
    assert told.tell(c.FollowCase(case_id=CASE, person=PERSON, channel="web"), MONDAY) == []
    assert told.main.told == {SOMEBODY}
    tell = c.TellFollower(case_id=CASE, reply_id="r", to=SOMEBODY, text=TEXT, template="x")
    (written,) = told.tell(tell, MONDAY)
    assert isinstance(written, e.ReplyWritten) and (written.kind, written.human, written.to) == (
        "news",
        False,
        SOMEBODY,
    )
    assert told.tell(tell, MONDAY) == []
    told.tell(c.UnfollowCase(case_id=CASE, person=SOMEBODY), MONDAY)
    assert told.tell(replace(tell, reply_id="r2"), MONDAY) == []


def test_the_news_of_a_follower_keep_no_promise_to_the_requester() -> None:
    told = pair()
    told.tell(c.FollowCase(case_id=CASE, person=SOMEBODY, channel="web"), MONDAY)
    told.tell(c.TellFollower(case_id=CASE, reply_id="r", to=SOMEBODY, text=TEXT, template="x"), MONDAY)
    before = told.main.commitments
    told.tell(c.RecordSent(case_id=CASE, reply_id="r", sent_at=MONDAY), MONDAY)
    assert told.main.commitments == before


steps = st.lists(st.tuples(wishes, st.booleans(), st.integers(0, 60 * 24 * 4)), max_size=20)


def lived(told: list[tuple[CaseCommand, bool, int]], apart: int) -> tuple[Pair, datetime]:
    both, at = pair(timedelta(hours=apart)), MONDAY + 3 * DAY
    for command, on_main, minutes in told:
        at += timedelta(minutes=minutes)
        try:
            both.tell(replace(command, case_id=CASE if on_main else OTHER), at)
        except Refused:
            continue
    return both, at


@settings(max_examples=examples(300), deadline=None)
@given(steps, st.integers(-48, 24 * 20))
def test_undoing_restores_both_cases_exactly_whatever_happened_to_them_before(
    told: list[tuple[CaseCommand, bool, int]], apart: int
) -> None:
    both, at = lived(told, apart)
    main, other = both.main, both.other
    try:
        both.both(MERGE, at)
    except Refused:
        return
    assert both.other.main == CASE
    for kind, one in both.main.commitments.items():
        assert one.due <= main.commitments[kind].due
    both.both(UNDO, at + hours(1))
    assert timeless(both.main) == timeless(main)
    assert timeless(both.other) == timeless(other)


@settings(max_examples=examples(150), deadline=None)
@given(steps, st.integers(-48, 24 * 20), steps)
def test_no_merged_case_is_ever_open_and_each_side_knows_the_other(
    told: list[tuple[CaseCommand, bool, int]], apart: int, then: list[tuple[CaseCommand, bool, int]]
) -> None:
    both, at = lived(told, apart)
    try:
        both.both(MERGE, at)
    except Refused:
        return
    for command, on_main, _ in then:
        try:
            both.tell(replace(command, case_id=CASE if on_main else OTHER), at + hours(1))
        except Refused:
            continue
        assert both.other.status == "closed" and both.other.main == CASE and OTHER in both.main.absorbed
    both.both(UNDO, at + hours(2))
    assert both.other.status != "closed" and not both.main.absorbed
    assert all(one.own is None for one in both.main.commitments.values() if one.kept_at is None)
