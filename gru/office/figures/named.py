"""Which figures may a text name, and what are they now?

A name says the question, whose figure it is, and the measure: `respect.voirie.part`. Only what stands here can be
inserted.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from gru.domain.statistics import Forecast
from gru.domain.town import Town
from gru.office.figures.beside import Beside
from gru.office.figures.committee import Group, Summary
from gru.office.figures.outlook import Outlook
from projections.ratings import Opinion

Unit = Literal["percent", "count", "days", "signed"]
TOWN = "ville"
TOO_FEW = 5
FEW = 20

Found = tuple[float | None, int | None]
"""A figure, and of how many it is one (`None`: it counts them itself)."""


class Whose(msgspec.Struct, frozen=True):
    """The town, or a department: its group, and of what else something is known."""

    group: Group
    opinion: Opinion | None = None
    outlook: Outlook | None = None


class Measure(msgspec.Struct, frozen=True):
    """`code` is the question and the measure: `respect.part`. `find` gives `None` where it is not measured at all."""

    code: str
    unit: Unit
    find: Callable[[Whose], Found | None]


class Named(msgspec.Struct, frozen=True):
    """A figure under its name; `of` is how many it is computed of, where that matters."""

    name: str
    code: str
    whose: str
    unit: Unit
    value: float | None
    of: int | None = None

    @property
    def few(self) -> bool:
        """To be read with care."""
        return self.value is not None and self.of is not None and self.of < FEW

    @property
    def stated(self) -> str:
        """As it stood when a text was written: at the precision at which it is shown, `""` when there is none."""
        if self.value is None:
            return ""
        return f"{self.value:.1f}" if self.unit == "days" else f"{self.value:.0f}"


def _group(find: Callable[[Group], Found]) -> Callable[[Whose], Found]:
    return lambda whose: find(whose.group)


def _counted(count: Callable[[Group], int]) -> Callable[[Whose], Found]:
    return lambda whose: (float(count(whose.group)), None)


def _promised(field: str) -> Callable[[Whose], Found]:
    return _counted(lambda group: getattr(group.kept["resolve"], field))


def _thought(find: Callable[[Opinion], float]) -> Callable[[Whose], Found | None]:
    """Of residents who answered: of fewer than five nothing is said, not even how many they were."""
    return lambda whose: _of_answers(find, whose.opinion) if whose.opinion else None


def _of_answers(find: Callable[[Opinion], float], one: Opinion) -> Found:
    return (find(one) if one.answered else None), one.answered


def _answers(whose: Whose) -> Found | None:
    one = whose.opinion
    return (float(one.answered) if one.answered >= TOO_FEW else None, None) if one else None


def _ahead(find: Callable[[Outlook], float | None]) -> Callable[[Whose], Found | None]:
    return lambda whose: (find(whose.outlook), None) if whose.outlook else None


def _next_week(bound: str, coming: Forecast | None) -> float | None:
    return float(getattr(coming.weeks[0], bound)) if coming else None


def _past_error(coming: Forecast | None) -> float | None:
    return 100 * coming.past.share if coming and coming.past else None


MEASURES = (
    Measure("respect.part", "percent", _group(lambda group: group.share("resolve"))),
    Measure("respect.reponse", "percent", _group(lambda group: group.share("first_response"))),
    Measure("respect.accuse", "percent", _group(lambda group: group.share("acknowledge"))),
    Measure("respect.echues", "count", _counted(lambda group: group.share("resolve")[1])),
    Measure("respect.tenues", "count", _promised("kept")),
    Measure("respect.retard", "count", _promised("late")),
    Measure("respect.depassees", "count", _promised("overdue")),
    Measure("respect.p80", "days", _group(lambda group: group.within(80))),
    Measure("delais.mediane", "days", _group(lambda group: group.within(50))),
    Measure("delais.p80", "days", _group(lambda group: group.within(80))),
    Measure("delais.p90", "days", _group(lambda group: group.within(90))),
    Measure("delais.resolues", "count", _counted(lambda group: group.within(50)[1])),
    Measure("stock.ouvertes", "count", _counted(lambda group: group.open)),
    Measure("stock.retard", "count", _counted(lambda group: group.late)),
    Measure("stock.plus_30_jours", "count", _counted(lambda group: group.older_than(30))),
    Measure("stock.plus_90_jours", "count", _counted(lambda group: group.older_than(90))),
    Measure("stock.debut", "count", _counted(lambda group: group.balance.start)),
    Measure("stock.fin", "count", _counted(lambda group: group.balance.end)),
    Measure("flux.recues", "count", _counted(lambda group: group.balance.opened)),
    Measure("flux.closes", "count", _counted(lambda group: group.balance.closed)),
    Measure("flux.rouvertes", "count", _counted(lambda group: group.balance.reopened)),
    Measure("flux.solde", "signed", _counted(lambda group: group.balance.end - group.balance.start)),
    Measure("satisfaction.part", "percent", _thought(lambda one: 100 * one.high / one.answered)),
    Measure("satisfaction.taux", "percent", _thought(lambda one: 100 * one.answered / one.asked)),
    Measure("satisfaction.reponses", "count", _answers),
    Measure("prevision.bas", "count", _ahead(lambda found: _next_week("low", found.coming))),
    Measure("prevision.attendu", "count", _ahead(lambda found: _next_week("expected", found.coming))),
    Measure("prevision.haut", "count", _ahead(lambda found: _next_week("high", found.coming))),
    Measure("prevision.erreur", "percent", _ahead(lambda found: _past_error(found.coming))),
    Measure("prevision.depassees_bas", "count", _ahead(lambda found: _next_week("low", found.breaking))),
    Measure("prevision.depassees_haut", "count", _ahead(lambda found: _next_week("high", found.breaking))),
)


def registry(summary: Summary, beside: Beside, town: Town) -> Mapping[str, Named]:
    """Every figure a text may name, under its name; a rate of fewer than five is not said."""
    whose = {TOWN: ("", Whose(summary.town, beside.opinion, beside.outlook))}
    short = short_names({code: one.name for code, one in town.departments.items()})
    whose |= {
        short[code]: (code, Whose(group, beside.opinions.get(code))) for code, group in summary.departments.items()
    }
    every = ((measure, slug, code, known) for slug, (code, known) in whose.items() for measure in MEASURES)
    figures = [figure for one in every if (figure := _named(*one))]
    return {figure.name: figure for figure in figures}


def _named(measure: Measure, slug: str, department: str, whose: Whose) -> Named | None:
    question, _, what = measure.code.partition(".")
    found = measure.find(whose)
    if found is None:
        return None
    value, of = found
    shown = None if of is not None and of < TOO_FEW else value
    return Named(f"{question}.{slug}.{what}", measure.code, department, measure.unit, shown, of)


def short_names(departments: Mapping[str, str]) -> dict[str, str]:
    """What each department is called in a name: by its first word where no other begins so, else in full."""
    slugs = {code: slug_of(name) for code, name in departments.items()}
    firsts = Counter(slug.split("-")[0] for slug in slugs.values())
    names = {code: _short(slug, firsts) for code, slug in slugs.items()}
    often = Counter(names.values())
    return {code: name if name and often[name] == 1 else code.casefold() for code, name in names.items()}


def _short(slug: str, firsts: Mapping[str, int]) -> str:
    first = slug.split("-")[0]
    return first if firsts[first] == 1 and first != TOWN else slug


def slug_of(name: str) -> str:
    """« Espaces verts » is named `espaces-verts`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
