"""What may the town adopt, and whom may it engage and dismiss?"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from gru.domain.errors import BadInput, NotNow
from gru.domain.events import (
    AgentEngaged,
    AgentLeft,
    CalendarsCorrected,
    CaseRegistered,
    Event,
    Recorded,
    VersionAdopted,
)
from gru.domain.town import Catalogue
from gru.domain.town_stream import (
    TOWN_STREAM,
    Adopted,
    AdoptVersion,
    CorrectCalendars,
    DismissAgent,
    EngageAgent,
    TownHistory,
    decide,
    evolve,
    replay,
)
from gru.office.town_hall import SAMPLE, read_folder

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
FIRST = VersionAdopted(number=1, valid_from=NEW_YEAR, digest="one")
SECOND = VersionAdopted(number=2, valid_from=LATER, digest="two")


@pytest.fixture(scope="module")
def town() -> Catalogue:
    return read_folder(SAMPLE).catalogue


def given(*events: Event) -> TownHistory:
    return replay(_recorded(events))


def _recorded(events: Sequence[Event]) -> list[Recorded]:
    return [
        Recorded(TOWN_STREAM, number, NOW, "agent:1", number, bytes([number]), event)
        for number, event in enumerate(events, 1)
    ]


def engaged(agent: str, role: str, *departments: str) -> AgentEngaged:
    return AgentEngaged(agent=agent, person=f"person {agent}", role=role, departments=departments)


# --- versions ----------------------------------------------------------------------------------------------------


def test_the_first_version_may_hold_from_the_past() -> None:
    wish = AdoptVersion(digest="one", valid_from=NEW_YEAR)
    assert decide(given(), wish, NOW) == [FIRST]


def test_the_next_version_bears_the_next_number() -> None:
    wish = AdoptVersion(digest="two", valid_from=LATER)
    assert decide(given(FIRST), wish, NOW) == [SECOND]


def test_adopting_what_was_adopted_last_changes_nothing() -> None:
    assert decide(given(FIRST), AdoptVersion(digest="one", valid_from=NEW_YEAR), NOW) == []


def test_going_back_to_an_older_content_is_a_new_version() -> None:
    wish = AdoptVersion(digest="one", valid_from=LATER)
    assert decide(given(FIRST, SECOND), wish, NOW) == [VersionAdopted(number=3, valid_from=LATER, digest="one")]


def test_no_version_may_hold_from_before_the_last_one() -> None:
    wish = AdoptVersion(digest="three", valid_from=LATER - timedelta(days=1))
    with pytest.raises(BadInput, match="before version 2, which holds from 2026-04-01"):
        decide(given(FIRST, SECOND), wish, NOW)


def test_no_later_version_may_hold_from_the_past() -> None:
    with pytest.raises(BadInput, match="an instant that is past"):
        decide(given(FIRST), AdoptVersion(digest="two", valid_from=NOW - timedelta(seconds=1)), NOW)


def test_the_last_version_that_has_begun_is_in_force() -> None:
    history = given(FIRST, SECOND)
    one, two = Adopted(1, NEW_YEAR, "one"), Adopted(2, LATER, "two")
    assert history.in_force(NOW) == one
    assert history.in_force(LATER) == two
    assert history.in_force(NEW_YEAR - timedelta(days=1)) == one
    assert given().in_force(NOW) is None


def test_of_two_versions_from_one_instant_the_later_adopted_holds() -> None:
    again = VersionAdopted(number=3, valid_from=LATER, digest="three")
    assert given(FIRST, SECOND, again).in_force(LATER) == Adopted(3, LATER, "three")


# --- agents ------------------------------------------------------------------------------------------------------


def test_a_later_version_corrects_the_days_of_those_before_it_once() -> None:
    corrected = CalendarsCorrected(number=2)
    assert decide(given(FIRST, SECOND), CorrectCalendars(number=2), NOW) == [corrected]
    after = given(FIRST, SECOND, corrected)
    assert decide(after, CorrectCalendars(number=2), NOW) == []
    assert (after.days_of(1), after.days_of(2)) == (2, 0)


@pytest.mark.parametrize(("number", "said"), [(7, "no version 7"), (1, "none before it")])
def test_a_version_that_cannot_correct_any_is_refused(number: int, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        decide(given(FIRST, SECOND), CorrectCalendars(number=number), NOW)


def test_a_correction_is_not_taken_back_by_an_older_version() -> None:
    third = VersionAdopted(number=3, valid_from=LATER, digest="three")
    with pytest.raises(BadInput, match="Version 3 has corrected"):
        decide(given(FIRST, SECOND, third, CalendarsCorrected(number=3)), CorrectCalendars(number=2), NOW)


def test_an_agent_is_engaged(town: Catalogue) -> None:
    wish = EngageAgent(agent="a", person="person a", role="agent", departments=("VOI",))
    assert decide(given(FIRST), wish, NOW, town) == [engaged("a", "agent", "VOI")]


def test_engaging_somebody_as_he_is_changes_nothing(town: Catalogue) -> None:
    wish = EngageAgent(agent="a", person="person a", role="agent", departments=("VOI",))
    assert decide(given(FIRST, engaged("a", "agent", "VOI")), wish, NOW, town) == []


def test_who_left_may_come_back(town: Catalogue) -> None:
    history = given(FIRST, engaged("a", "agent", "VOI"), AgentLeft(agent="a"))
    wish = EngageAgent(agent="a", person="person a", role="agent", departments=("VOI",))
    assert decide(history, wish, NOW, town) == [engaged("a", "agent", "VOI")]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (EngageAgent(agent="a", person="p", role="king"), "king is no role"),
        (EngageAgent(agent="a", person="p", role="agent", departments=("NIX",)), "NIX is no department"),
        (EngageAgent(agent="a", person="p", role="agent", sites=("NIX",)), "NIX is no site"),
    ],
)
def test_an_unknown_role_department_or_site_is_refused(town: Catalogue, wish: EngageAgent, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        decide(given(FIRST), wish, NOW, town)


def test_an_agent_leaves_once(town: Catalogue) -> None:
    history = given(FIRST, engaged("a", "agent", "VOI"))
    assert decide(history, DismissAgent(agent="a"), NOW, town) == [AgentLeft(agent="a")]
    gone = given(FIRST, engaged("a", "agent", "VOI"), AgentLeft(agent="a"))
    assert decide(gone, DismissAgent(agent="a"), NOW, town) == []
    with pytest.raises(BadInput, match="no such agent"):
        decide(history, DismissAgent(agent="b"), NOW, town)


def test_the_last_administrator_may_neither_leave_nor_become_something_else(town: Catalogue) -> None:
    history = given(FIRST, engaged("a", "admin"), engaged("b", "agent", "VOI"))
    with pytest.raises(NotNow, match="at least one administrator"):
        decide(history, DismissAgent(agent="a"), NOW, town)
    with pytest.raises(NotNow, match="at least one administrator"):
        decide(history, EngageAgent(agent="a", person="person a", role="agent"), NOW, town)
    two = given(FIRST, engaged("a", "admin"), engaged("b", "admin"))
    assert decide(two, DismissAgent(agent="a"), NOW, town) == [AgentLeft(agent="a")]


def test_nobody_is_engaged_before_a_catalogue_is_adopted() -> None:
    with pytest.raises(NotNow, match="no catalogue yet"):
        decide(given(), EngageAgent(agent="a", person="p", role="agent"), NOW)


def test_evolving_never_refuses() -> None:
    history = given(FIRST, AgentLeft(agent="nobody"), CaseRegistered(number="2026-000001"))
    assert history == TownHistory(version=3, digest=b"\x03", versions=(Adopted(1, NEW_YEAR, "one"),))


def test_reading_on_gives_what_reading_all_gives() -> None:
    facts = _recorded([FIRST, engaged("a", "agent", "VOI"), SECOND, AgentLeft(agent="a")])
    half = replay(facts[:2])
    assert replay(facts[2:], half) == replay(facts)
    assert evolve(half, facts[2]).version == 3
