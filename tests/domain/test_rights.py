"""Who may do what, and does a list's scope say the same as a page's question?"""

from itertools import product
from typing import get_args

import pytest

from gru.domain.rights import LEVELS, About, Act, Agent, Right, Scope, may, scope_of
from tests.domain.towns import sample_content

ROLES = sample_content().catalogue.roles


def agent(role: str, *departments: str, sites: tuple[str, ...] = ()) -> Agent:
    return Agent(id="a", person="p", role=role, departments=departments, sites=sites, rights=ROLES[role].rights)


PEOPLE = {
    "agent": agent("agent", "VOI"),
    "counter": agent("counter", "DRU", sites=("MQS",)),
    "manager": agent("manager", "VOI"),
    "committee": agent("committee"),
    "admin": agent("admin", "NUM"),
    "dpo": agent("dpo", "JUR"),
}
OWN = {"agent": "VOI", "counter": "DRU", "manager": "VOI", "committee": "VOI", "admin": "NUM", "dpo": "JUR"}


# what each role sees: of its own department, of another one, of another one at its own site
SEES = {
    "agent": ("normal restricted secret", "", ""),
    "counter": ("normal restricted secret", "normal", "normal restricted"),
    "manager": ("normal restricted secret", "", ""),
    "committee": ("", "", ""),
    "admin": ("normal restricted", "normal restricted", "normal restricted"),
    "dpo": ("normal restricted secret", "normal restricted", "normal restricted"),
}


@pytest.mark.parametrize("role", SEES)
def test_each_role_sees_what_the_matrix_says_and_nothing_else(role: str) -> None:
    who = PEOPLE[role]
    site = who.sites[0] if who.sites else "MQN"
    places = [(OWN[role], "HDV"), ("SOC", "HDV"), ("SOC", site)]
    seen = tuple(
        " ".join(level for level in LEVELS if may(who, "see", About(department, at, level)))
        for department, at in places
    )
    assert seen == SEES[role]


# whether a role may: in its own department, in another one, at all
MAY: dict[str, dict[Act, tuple[bool, bool, bool]]] = {
    "agent": {"handle": (True, False, True), "register": (True, False, True), "link": (True, False, True)},
    "counter": {"handle": (True, False, True), "register": (True, True, True), "link": (True, True, True)},
    "manager": {
        "handle": (True, False, True),
        "register": (True, False, True),
        "link": (True, False, True),
        "figures": (True, False, True),
    },
    "committee": {"figures": (True, True, True), "report": (True, True, True), "simulate": (True, True, True)},
    "admin": {
        "link": (True, True, True),
        "simulate": (True, True, True),
        "administer": (True, True, True),
        "engage": (True, True, True),
    },
    "dpo": {"handle": (True, False, True), "erase": (True, True, True)},
}


@pytest.mark.parametrize(("role", "act"), list(product(MAY, [act for act in get_args(Act) if act != "see"])))
def test_each_role_may_do_what_the_matrix_says_and_nothing_else(role: str, act: Act) -> None:
    who = PEOPLE[role]
    own, other = About(OWN[role]), About("SOC")
    allowed = (may(who, act, own), may(who, act, other), may(who, act))
    assert allowed == MAY[role].get(act, (False, False, False))


def test_nobody_handles_a_secret_case_of_another_department() -> None:
    for who in PEOPLE.values():
        assert not may(who, "handle", About("SOC", "MQS", "secret"))
        assert not may(who, "see", About("SOC", "MQS", "secret"))


def test_a_counter_agent_handles_no_case_of_another_department_though_he_sees_it() -> None:
    case = About("VOI", "MQS", "normal")
    assert may(PEOPLE["counter"], "see", case)
    assert not may(PEOPLE["counter"], "handle", case)


def test_the_data_protection_officer_erases_what_he_may_not_read() -> None:
    secret = About("SOC", "HDV", "secret")
    assert may(PEOPLE["dpo"], "erase", secret)
    assert not may(PEOPLE["dpo"], "see", secret)


def test_the_scope_of_a_list_holds_exactly_what_may_be_seen() -> None:
    for who, department, site, level in product(PEOPLE.values(), ("VOI", "DRU", "SOC", ""), ("MQS", "HDV"), LEVELS):
        case = About(department, site, level)
        assert scope_of(who).shows(case) == may(who, "see", case)


@pytest.mark.parametrize("right", get_args(Right))
def test_no_single_right_opens_a_secret_case_of_another_department(right: Right) -> None:
    who = Agent(id="a", person="p", role="r", departments=("VOI",), sites=("HDV",), rights=(right,))
    assert "secret" not in scope_of(who).everywhere
    assert not may(who, "see", About("SOC", "HDV", "secret"))


def test_who_may_see_his_department_without_its_secrets_sees_just_that() -> None:
    who = Agent(id="a", person="p", role="r", departments=("SOC",), rights=("see_own_open",))
    assert scope_of(who) == Scope(departments=("SOC",), within=("normal", "restricted"))


def test_an_agent_without_rights_sees_and_does_nothing() -> None:
    nobody = Agent(id="a", person="p", role="gone", departments=("VOI",), sites=("HDV",))
    assert scope_of(nobody) == Scope()
    assert not any(may(nobody, act, About("VOI", "HDV")) or may(nobody, act) for act in get_args(Act))


def test_no_case_at_all_is_not_seen() -> None:
    assert not may(PEOPLE["agent"], "see")
