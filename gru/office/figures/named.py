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

from gru.domain.town import Town
from gru.office.figures.committee import Group, Summary

Unit = Literal["percent", "count", "days", "signed"]
TOWN = "ville"
TOO_FEW = 5
FEW = 20

Found = tuple[float | None, int | None]
"""A figure, and of how many it is one (`None`: it counts them itself)."""


class Measure(msgspec.Struct, frozen=True):
    """`code` is the question and the measure: `respect.part`."""

    code: str
    unit: Unit
    find: Callable[[Group], Found]


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


def _counted(count: Callable[[Group], int]) -> Callable[[Group], Found]:
    return lambda group: (float(count(group)), None)


def _promised(field: str) -> Callable[[Group], Found]:
    return _counted(lambda group: getattr(group.kept["resolve"], field))


MEASURES = (
    Measure("respect.part", "percent", lambda group: group.share("resolve")),
    Measure("respect.reponse", "percent", lambda group: group.share("first_response")),
    Measure("respect.accuse", "percent", lambda group: group.share("acknowledge")),
    Measure("respect.echues", "count", _counted(lambda group: group.share("resolve")[1])),
    Measure("respect.tenues", "count", _promised("kept")),
    Measure("respect.retard", "count", _promised("late")),
    Measure("respect.depassees", "count", _promised("overdue")),
    Measure("respect.p80", "days", lambda group: group.within(80)),
    Measure("delais.mediane", "days", lambda group: group.within(50)),
    Measure("delais.p80", "days", lambda group: group.within(80)),
    Measure("delais.p90", "days", lambda group: group.within(90)),
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
)


def registry(summary: Summary, town: Town) -> Mapping[str, Named]:
    """Every figure a text may name, under its name; a rate of fewer than five is not said."""
    whose = {TOWN: ("", summary.town)}
    short = short_names({code: one.name for code, one in town.departments.items()})
    whose |= {short[code]: (code, group) for code, group in summary.departments.items()}
    figures = [_named(measure, slug, code, group) for slug, (code, group) in whose.items() for measure in MEASURES]
    return {figure.name: figure for figure in figures}


def _named(measure: Measure, slug: str, department: str, group: Group) -> Named:
    question, _, what = measure.code.partition(".")
    value, of = measure.find(group)
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
