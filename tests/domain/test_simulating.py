"""What would other rules have promised in a past case, and do the same rules promise what its history says?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.case import CaseCommand
from gru.domain.clocks import Amount
from gru.domain.errors import BadInput, Refused
from gru.domain.simulating import (
    CalendarChange,
    Changes,
    Differing,
    Judge,
    Judged,
    Tally,
    Unjudged,
    between,
    changed,
    compare,
    differences,
    official,
    past_of,
    targets_of,
    urgent_of,
)
from gru.domain.town import PAUSE_RULES, PauseRule, Targets, Town, Urgent
from tests.domain.histories import CASE, MONDAY, OTHER, TEXT, Story, hours
from tests.domain.test_case_properties import CHANNELS, about, ids, instants, just, lived, steps
from tests.domain.test_merging import MERGE, UNDO, Pair
from tests.domain.towns import pausing_town, sample_town
from tests.examples import examples

DAY = timedelta(days=1)
rules = st.sampled_from(PAUSE_RULES)


def agree(facts: list[e.Recorded], state: c.Case, town: Town | None = None) -> None:
    """Judged by the version it is bound to, a case is promised exactly what its history says, as of each fact."""
    past, judge = past_of(facts), Judge(town or sample_town())
    verdict = judge.verdict(past)
    assert {kind: (one.due, one.kept_at) for kind, one in verdict.items()} == {
        kind: (one.due, one.kept_at) for kind, one in state.commitments.items()
    }
    assert verdict == official(past)
    for fact in facts:
        if fact.at != facts[0].at:
            assert judge.verdict(past, fact.position) == official(past, fact.position)


@settings(max_examples=examples(400), deadline=None)
@given(steps, st.sampled_from(CHANNELS), rules)
def test_the_same_rules_promise_what_the_history_says(
    told: list[tuple[CaseCommand, int]], channel: str, rule: PauseRule
) -> None:
    """Whatever the town lets stop its clock."""
    story = lived(told, channel, pausing_town(rule))
    agree(story.facts, story.now, pausing_town(rule))


moving: st.SearchStrategy[CaseCommand] = st.one_of(
    about(c.QualifyCase, type=st.sampled_from(("VOI-CHAUSSEE", "ODP-DEMEN", "REL-INFO")), danger=st.booleans()),
    about(c.TransferCase, department=st.sampled_from(("VOI", "ESV", "ETC")), reason=just("x")),
    about(
        c.StartWait,
        wait_id=ids,
        party=just("resident"),
        reason=just("x"),
        since=st.none() | instants,
        indispensable=st.booleans(),
    ),
    about(c.EndWait, wait_id=ids, ended_at=st.none() | instants),
    about(c.AddMessage, message=ids, channel=just("email"), received_at=instants, proof=just("known_sender"),
          author=just("")),
    about(c.MakeSafe, made_safe_at=instants),
    about(c.WriteReply, reply_id=ids, kind=st.sampled_from(("answer", "receipt")), channel=just("email"),
          text=just(TEXT), human=st.booleans()),
    about(c.RecordSent, reply_id=ids, sent_at=instants),
    about(c.ProlongCommitment, kind=st.sampled_from(("first_response", "resolve")), due=instants,
          explanation=just(TEXT)),
    about(c.CloseCase, outcome=st.sampled_from(("resolved", "withdrawn"))),
    about(c.ReopenCase, reason=just("x")),
)  # fmt: skip
paired = st.lists(
    st.tuples(st.sampled_from(("main", "other", "merge", "undo")), moving, st.integers(0, 60 * 24 * 4)), max_size=25
)


@settings(max_examples=examples(250), deadline=None)
@given(paired, st.integers(-3, 5), rules)
def test_so_they_do_when_cases_are_merged_and_released(
    told: list[tuple[str, CaseCommand, int]], earlier: int, rule: PauseRule
) -> None:
    pair, at = Pair(pausing_town(rule)), MONDAY
    pair.open(OTHER, MONDAY - earlier * DAY)
    pair.open(CASE, MONDAY)
    for who, command, minutes in told:
        at += timedelta(minutes=minutes)
        try:
            if who in ("merge", "undo"):
                pair.both(MERGE if who == "merge" else UNDO, at)
            else:
                pair.tell(replace(command, case_id=CASE if who == "main" else OTHER), at)
        except Refused:
            continue
    for story in pair.stories.values():
        agree(story.facts, story.now, pausing_town(rule))


def wait(id: str, since: datetime) -> c.StartWait:
    return c.StartWait(case_id=CASE, wait_id=id, party="resident", reason="x", since=since, indispensable=True)


def test_so_they_do_when_a_case_that_rested_is_reopened_and_gets_another_type() -> None:
    story = Story(type="VOI-CHAUSSEE")
    story.tell(wait("w1", MONDAY), MONDAY + hours(1))
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY + 3 * DAY)
    story.tell(c.ReopenCase(case_id=CASE, reason="x"), MONDAY + 4 * DAY)
    story.tell(c.QualifyCase(case_id=CASE, type="EDU-INSC"), MONDAY + 5 * DAY)
    agree(story.facts, story.now)


def test_so_they_do_when_a_case_rests_while_a_duplicate_hastens_it() -> None:
    pair = Pair()
    pair.open(OTHER, MONDAY - 5 * DAY)
    pair.open(CASE, MONDAY)
    pair.both(MERGE, MONDAY + hours(1))
    pair.tell(wait("w1", MONDAY + hours(1)), MONDAY + hours(2))
    pair.tell(c.EndWait(case_id=CASE, wait_id="w1"), MONDAY + 2 * DAY)
    pair.both(UNDO, MONDAY + 3 * DAY)
    agree(pair.stories[CASE].facts, pair.main)


def test_so_they_do_when_a_pause_gives_back_more_in_the_hours_by_which_a_duplicate_hastened_it() -> None:
    """The roads department gets a Thursday morning back, on which the social service is shut."""
    pair, thursday = Pair(), MONDAY + 3 * DAY
    pair.open(OTHER, MONDAY - hours(1))
    pair.open(CASE, MONDAY, type="SOC-DOM")
    pair.tell(c.TransferCase(case_id=CASE, department="VOI", reason="x"), MONDAY + hours(1))
    pair.both(MERGE, MONDAY + hours(2))
    pair.tell(wait("w1", thursday - hours(2)), thursday - hours(2))
    pair.tell(c.EndWait(case_id=CASE, wait_id="w1"), thursday + hours(4))
    agree(pair.stories[CASE].facts, pair.main)


def test_so_they_do_when_another_is_waited_for_no_more_right_after_a_message_that_ended_a_wait() -> None:
    story = Story(type="VOI-CHAUSSEE")
    story.tell(c.StartWait(case_id=CASE, wait_id="w1", party="resident", reason="x"), MONDAY + hours(1))
    story.tell(c.StartWait(case_id=CASE, wait_id="w2", party="third_party", reason="x"), MONDAY + hours(2))
    message = c.AddMessage(
        case_id=CASE, message="m2", channel="email", received_at=MONDAY + hours(3), proof="known_sender"
    )
    story.tell(message, MONDAY + hours(3))
    story.tell(c.EndWait(case_id=CASE, wait_id="w2"), MONDAY + hours(4))
    agree(story.facts, story.now)


def test_so_they_do_when_one_message_ends_waits_that_began_after_it() -> None:
    story = Story(type="VOI-CHAUSSEE")
    story.tell(wait("w1", MONDAY + DAY), MONDAY + 2 * DAY)
    story.tell(wait("w2", MONDAY), MONDAY + 2 * DAY)
    message = c.AddMessage(
        case_id=CASE, message="m2", channel="email", received_at=MONDAY + hours(2), proof="known_sender"
    )
    story.tell(message, MONDAY + 3 * DAY)
    agree(story.facts, story.now)


def test_a_log_cut_in_the_middle_of_an_act_is_judged_as_if_the_act_were_whole() -> None:
    """A wait has ended and the promise is not moved yet: nothing may flip by that."""
    story = Story(type="VOI-CHAUSSEE")
    story.tell(wait("w1", MONDAY), MONDAY + hours(1))
    story.tell(c.EndWait(case_id=CASE, wait_id="w1"), MONDAY + 30 * DAY)
    [ended] = [fact for fact in story.facts if isinstance(fact.event, e.WaitEnded)]
    [*_, moved] = [fact for fact in story.facts if isinstance(fact.event, e.CommitmentMoved)]
    assert ended.position < moved.position and ended.at == moved.at
    past = past_of(story.facts)
    assert official(past, ended.position) == official(past) != official(past, ended.position - 1)
    assert shorter(resolve=Amount(9, "jo")).verdict(past, ended.position)["resolve"].due < official(past)["resolve"].due


# --- other rules -------------------------------------------------------------------------------------------------


def answered(story: Story, at: datetime) -> None:
    story.tell(c.WriteReply(case_id=CASE, reply_id="r1", kind="answer", channel="email", text=TEXT), at)
    story.tell(c.RecordSent(case_id=CASE, reply_id="r1", sent_at=at), at)


def shorter(**resolve: Amount | None) -> Judge:
    """A town that promises the same but for a hole in the road."""
    targets = replace(sample_town().types["VOI-CHAUSSEE"].targets, **resolve)
    return Judge(changed(sample_town(), Changes(targets={"type/VOI-CHAUSSEE": targets})))


def test_a_shorter_promise_makes_a_case_late_that_was_in_time_and_says_so() -> None:
    story = Story(type="VOI-CHAUSSEE")
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY + 5 * DAY)
    past = past_of(story.facts)
    was, would_be = official(past), shorter(resolve=Amount(2, "jo")).verdict(past)
    assert was["resolve"].kept_at == would_be["resolve"].kept_at == MONDAY + 5 * DAY
    assert would_be["resolve"].due == datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
    [flip] = [flip for flip in compare(was, would_be, MONDAY + 30 * DAY).flips if flip.kind == "resolve"]
    assert (flip.way, flip.official_due, flip.simulated_due) == (
        "worse",
        was["resolve"].due,
        would_be["resolve"].due,
    )
    [back] = [flip for flip in compare(would_be, was, MONDAY + 30 * DAY).flips if flip.kind == "resolve"]
    assert back.way == "better"


@settings(max_examples=examples(200), deadline=None)
@given(steps, st.sampled_from(CHANNELS), rules, st.integers(1, 9), st.integers(0, 60))
def test_a_shorter_promise_alone_never_makes_a_case_be_in_time_that_was_late(
    told: list[tuple[CaseCommand, int]], channel: str, rule: PauseRule, days: int, later: int
) -> None:
    """Where one does in a simulation, its case was bound to another version, or hours or pauses differ too."""
    town = pausing_town(rule)
    codes = ("VOI-CHAUSSEE", "ODP-DEMEN", "EDU-INSC", "REL-INFO")
    targets = {f"type/{code}": replace(town.types[code].targets, resolve=Amount(10, "jo")) for code in codes}
    ten = changed(town, Changes(targets=targets))
    fewer = {name: replace(one, resolve=Amount(days, "jo")) for name, one in targets.items()}
    story = lived(told, channel, ten)
    past, now = past_of(story.facts), story.facts[-1].at + later * DAY
    flips = compare(official(past), Judge(changed(town, Changes(targets=fewer))).verdict(past), now).flips
    assert [flip for flip in flips if flip.way == "better"] == []


def test_of_a_case_bound_to_a_stricter_version_the_simulated_date_is_the_later_one() -> None:
    """From fifteen days to ten in the version of today; this case came when five were promised."""
    strict = changed(sample_town(), Changes(targets={"type/VOI-CHAUSSEE": Targets(resolve=Amount(5, "jo"))}))
    story = Story(type="VOI-CHAUSSEE", town=strict)
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY + 10 * DAY)
    past = past_of(story.facts)
    [flip] = compare(official(past), shorter(resolve=Amount(10, "jo")).verdict(past), MONDAY + 30 * DAY).flips
    assert (flip.way, flip.official_due < flip.simulated_due) == ("better", True)


def test_an_open_promise_that_would_be_past_flips_and_a_censored_one_does_not() -> None:
    story = Story(type="VOI-CHAUSSEE")
    past, judge = past_of(story.facts), shorter(resolve=Amount(1, "jo"))
    now = MONDAY + 3 * DAY
    assert {flip.kind for flip in compare(official(past), judge.verdict(past), now).flips} == {"resolve"}
    story.tell(c.CloseCase(case_id=CASE, outcome="withdrawn"), now)
    past = past_of(story.facts)
    assert judge.verdict(past)["resolve"].censored
    assert compare(official(past), judge.verdict(past), now).flips == ()


def test_other_hours_and_closures_move_what_is_counted_in_working_days() -> None:
    past = past_of(Story(type="VOI-CHAUSSEE").facts)
    shut = CalendarChange(shut=(datetime(2026, 3, 3).date(),))
    later = Judge(changed(sample_town(), Changes(calendars={"technique": shut}))).verdict(past)
    assert later["first_response"].due == official(past)["first_response"].due + DAY
    police = Judge(changed(sample_town(), Changes(departments={"VOI": "tranquillite"}))).verdict(past)
    assert police["resolve"].due.astimezone(sample_town().legal_calendar.zone).hour == 19


@pytest.mark.parametrize("indispensable", [True, False])
def test_a_rule_for_pauses_says_which_waits_give_time_back(indispensable: bool) -> None:
    story = Story(type="VOI-CHAUSSEE")
    wait = c.StartWait(case_id=CASE, wait_id="w1", party="resident", reason="document", indispensable=indispensable)
    story.tell(wait, MONDAY + hours(2))
    story.tell(c.EndWait(case_id=CASE, wait_id="w1"), MONDAY + 2 * DAY)
    past, town = past_of(story.facts), sample_town()
    never = Judge(town, "none").verdict(past)["resolve"].due
    always = Judge(town, "resident").verdict(past)["resolve"].due
    assert never < always
    assert official(past)["resolve"].due == (always if indispensable else never)
    assert Judge(town, "none").verdict(past)["acknowledge"] == official(past)["acknowledge"]


@pytest.mark.parametrize("bound", PAUSE_RULES)
@pytest.mark.parametrize("tried", PAUSE_RULES)
def test_under_another_rule_for_pauses_a_case_is_promised_what_that_rule_would_have_given(
    bound: PauseRule, tried: PauseRule
) -> None:
    """The official side stays what its own version said."""
    told = []
    for rule in (bound, tried):
        story = Story(type="VOI-CHAUSSEE", town=pausing_town(rule))
        wait = c.StartWait(case_id=CASE, wait_id="w1", party="resident", reason="document")
        story.tell(wait, MONDAY + hours(2))
        story.tell(c.EndWait(case_id=CASE, wait_id="w1"), MONDAY + 2 * DAY)
        told.append(past_of(story.facts))
    was, would_be = official(told[0]), official(told[1])
    assert Judge(pausing_town(tried)).verdict(told[0]) == would_be == Judge(sample_town(), tried).verdict(told[0])
    assert Judge(pausing_town(bound)).verdict(told[0]) == was
    assert (was["resolve"].due == would_be["resolve"].due) is ((bound == "resident") is (tried == "resident"))


def test_no_time_is_given_back_twice_under_a_rule_by_which_the_waits_would_not_have_been_told_like_this() -> None:
    """Two waits for what was merely useful: the second was told afterwards, and reaches back into the first."""
    story = Story(type="VOI-CHAUSSEE")
    for id, since, until in (("w1", MONDAY, MONDAY + 4 * DAY), ("w2", MONDAY + DAY, MONDAY + 7 * DAY)):
        wait = c.StartWait(case_id=CASE, wait_id=id, party="resident", reason="x", since=since)
        story.tell(wait, max(until - DAY, MONDAY + 4 * DAY + hours(1)) if id == "w2" else MONDAY)
        story.tell(c.EndWait(case_id=CASE, wait_id=id), until)
    once = Story(type="VOI-CHAUSSEE")
    once.tell(c.StartWait(case_id=CASE, wait_id="w", party="resident", reason="x", since=MONDAY), MONDAY)
    once.tell(c.EndWait(case_id=CASE, wait_id="w"), MONDAY + 7 * DAY)
    judge = Judge(pausing_town("resident"))
    assert judge.verdict(past_of(story.facts))["resolve"] == judge.verdict(past_of(once.facts))["resolve"]


def test_a_date_that_was_told_to_the_resident_stands_under_every_rule() -> None:
    story = Story(type="VOI-CHAUSSEE")
    until = MONDAY + 60 * DAY
    story.tell(c.ProlongCommitment(case_id=CASE, kind="resolve", due=until, explanation=TEXT), MONDAY + DAY)
    assert shorter(resolve=Amount(1, "jo")).verdict(past_of(story.facts))["resolve"].due == until


def test_a_promise_that_only_other_rules_make_is_kept_by_what_happened() -> None:
    story = Story(type="VOI-CHAUSSEE")
    answered(story, MONDAY + hours(1))
    web = changed(sample_town(), Changes(targets={"type/VOI-CHAUSSEE": Targets(acknowledge=Amount(1, "h"))}))
    verdict = Judge(web).verdict(past_of(story.facts))
    assert verdict["acknowledge"] == Judged(MONDAY + hours(1), MONDAY + hours(1), False)


def test_a_case_whose_type_was_given_up_is_not_judged() -> None:
    past, town = past_of(Story(type="VOI-CHAUSSEE").facts), sample_town()
    types = {code: kind for code, kind in town.types.items() if code != "VOI-CHAUSSEE"}
    with pytest.raises(Unjudged):
        Judge(replace(town, types=types)).verdict(past)


# --- changes -----------------------------------------------------------------------------------------------------


def test_what_differs_is_named_rule_by_rule_and_leads_from_one_version_to_the_other() -> None:
    town = sample_town()
    wish = Changes(
        targets={
            "default": Targets(resolve=Amount(9, "jo")),
            "channel/web": Targets(acknowledge=Amount(4, "h")),
            "type/VOI-CHAUSSEE": Targets(),
        },
        urgent={"default/urgent": Urgent(first_response=Amount(1, "h"), make_safe=Amount(2, "h"))},
        calendars={"bureaux": CalendarChange(shut=(datetime(2026, 12, 24).date(),))},
        departments={"VOI": "bureaux"},
        pauses="none",
    )
    after = changed(town, wish)
    assert differences(town, after) == (
        Differing("targets", "default"),
        Differing("urgent", "default/urgent"),
        Differing("targets", "channel/web"),
        Differing("targets", "type/VOI-CHAUSSEE"),
        Differing("calendar", "bureaux"),
        Differing("department", "VOI"),
        Differing("pauses", ""),
    )
    assert between(town, after) == wish
    assert differences(town, changed(town, Changes())) == ()


def test_a_rule_that_cannot_be_is_refused() -> None:
    for rule in ("type/NO-SUCH-TYPE", "nothing", "", "service/VOI"):
        with pytest.raises(BadInput):
            targets_of(sample_town(), rule)
    for rule in ("type/REL-INFO/urgent", "type/NO-SUCH-TYPE/urgent", "urgent"):
        with pytest.raises(BadInput):
            urgent_of(sample_town(), rule)


def test_a_tally_counts_each_case_once_in_each_kind_of_group() -> None:
    story = Story(type="VOI-CHAUSSEE")
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY + 5 * DAY)
    past, tally = past_of(story.facts), Tally()
    comparison = compare(official(past), shorter(resolve=Amount(2, "jo")).verdict(past), MONDAY + 30 * DAY)
    for week in ("2026-03-02", "2026-03-09", "2026-03-09"):
        tally.add(comparison, {"department": "VOI", "type": "VOI-CHAUSSEE", "week": week})
    counts = tally.total("resolve")
    assert (tally.cases, counts.kept, counts.simulated_failed, counts.worse, counts.better) == (3, 3, 3, 3, 0)
    assert tally.of("department", "VOI", "resolve") == counts == tally.of("type", "VOI-CHAUSSEE", "resolve")
    assert tally.codes("week") == ("2026-03-02", "2026-03-09")
