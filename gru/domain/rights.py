"""May this agent do this, and which cases may he see?

What an agent may do is what his role lists in the catalogue. How far he sees is one value, his scope: the question
asked about one case and the condition put into a list's query come from it, so that no list shows more than a page.
"""

from collections.abc import Iterable
from typing import Literal, Protocol

import msgspec

from gru.domain.events import Confidentiality

Right = Literal[
    "see_own",  # every case of his own departments, the secret ones too: they are named to him
    "see_own_open",  # the same without the secret ones
    "see_normal",  # normal cases of every department
    "see_restricted",  # restricted cases of every department
    "see_restricted_on_site",  # restricted cases received at his own sites
    "handle",  # qualify, answer, assign, close… the cases of his own departments
    "register",  # open a case at the counter or the telephone, add what a resident brings
    "link",  # say to which case a message belongs
    "figures_own",  # the figures of his own departments
    "figures_all",  # the figures of the whole town, and the report to the committee
    "administer",  # publish a version of the town: catalogue, calendars, letters
    "engage",  # engage and dismiss agents
    "erase",  # export or erase a person, redact a text
]
Act = Literal["see", "handle", "register", "link", "figures", "report", "simulate", "administer", "engage", "erase"]

LEVELS: tuple[Confidentiality, ...] = ("normal", "restricted", "secret")


class Role(msgspec.Struct, frozen=True):
    """A set of rights under a name; roles are data of the catalogue."""

    code: str
    label: str
    rights: tuple[Right, ...] = ()


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """Who works for the town now; his name and address lie in the archive under `person`."""

    id: str
    person: str
    role: str
    name: str = ""
    departments: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()


class Guarded(Protocol):
    """What has to be known of a case, or of a figure, to say who may see it."""

    @property
    def department(self) -> str: ...
    @property
    def site(self) -> str: ...
    @property
    def confidentiality(self) -> Confidentiality: ...


class About(msgspec.Struct, frozen=True):
    """The plainest guarded thing: a department's figures, or a case of which only this is at hand."""

    department: str
    site: str = ""
    confidentiality: Confidentiality = "normal"


class Scope(msgspec.Struct, frozen=True):
    """Which cases an agent sees: those of `departments` up to `within`, of `sites` up to `on_site`, and all others
    up to `everywhere`. Each is a set of confidentiality levels; `everywhere` never holds `secret`."""

    departments: tuple[str, ...] = ()
    within: tuple[Confidentiality, ...] = ()
    sites: tuple[str, ...] = ()
    on_site: tuple[Confidentiality, ...] = ()
    everywhere: tuple[Confidentiality, ...] = ()

    def shows(self, case: Guarded) -> bool:
        """Does this case lie within?"""
        level = case.confidentiality
        return (
            level in self.everywhere
            or (level in self.within and case.department in self.departments)
            or (level in self.on_site and case.site in self.sites)
        )

    def holds_all(self, departments: Iterable[str]) -> bool:
        """Does it show every case of these departments, so that a list holds as many as a figure counts?"""
        return set(LEVELS) <= set(self.within) and set(departments) <= set(self.departments)


def scope_of(agent: Agent) -> Scope:
    """How far this agent sees; for the condition of a list, a search, a count, an export."""
    held = agent.rights
    within = LEVELS if "see_own" in held else LEVELS[:2] if "see_own_open" in held else ()
    reach: dict[Right, Confidentiality] = {"see_normal": "normal", "see_restricted": "restricted"}
    return Scope(
        departments=agent.departments if within else (),
        within=within,
        sites=agent.sites if "see_restricted_on_site" in held else (),
        on_site=("restricted",) if "see_restricted_on_site" in held else (),
        everywhere=tuple(level for right, level in reach.items() if right in held),
    )


def may(agent: Agent, act: Act, case: Guarded | None = None) -> bool:
    """May this agent do this, to this case, figure or (`None`) at all?

    Erasing concerns a person in all his cases, so it is not bounded by what the agent sees.
    """
    match act:
        case "see":
            return case is not None and scope_of(agent).shows(case)
        case "handle":
            return "handle" in agent.rights and (case is None or _is_his(agent, case))
        case "register" | "link":
            return act in agent.rights and (case is None or scope_of(agent).shows(case))
        case "figures":
            return "figures_all" in agent.rights or _own_figures(agent, case)
        case "report":
            return "figures_all" in agent.rights
        case "simulate":
            return "figures_all" in agent.rights or "administer" in agent.rights
        case "administer" | "engage" | "erase":
            return act in agent.rights


def _is_his(agent: Agent, case: Guarded) -> bool:
    return case.department in agent.departments and scope_of(agent).shows(case)


def _own_figures(agent: Agent, case: Guarded | None) -> bool:
    if "figures_own" not in agent.rights:
        return False
    return case is None or case.department in agent.departments
