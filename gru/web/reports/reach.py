"""Whose figures may this agent read: those of the whole town, or of his own departments?"""

from dataclasses import dataclass

from gru.domain.rights import LEVELS, About, Scope, may
from gru.domain.town import Town
from gru.web import current
from gru.web.forms import Choices
from gru.web.i18n import alphabetical


@dataclass(frozen=True, slots=True)
class Reach:
    """`departments` are those counted here; `choices` those he may choose among."""

    town: Town
    departments: tuple[str, ...]
    choices: Choices

    @property
    def scope(self) -> Scope:
        """Figures count secret cases too: a number names nobody."""
        return Scope(departments=self.departments, within=LEVELS)


def reach(service: str) -> Reach:
    town, agent = current.town(), current.agent()
    allowed = [one for one in town.departments.values() if may(agent, "figures", About(one.code))]
    chosen = [one.code for one in allowed if service in ("", one.code)]
    choices = tuple(sorted(((one.code, one.name) for one in allowed), key=lambda pair: alphabetical(pair[1])))
    return Reach(town, tuple(chosen), choices)
