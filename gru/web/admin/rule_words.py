"""How are the town's rules, and what somebody would change in them, said in French?"""

import re
from collections.abc import Iterable, Iterator

from gru.domain.clocks import Amount, Calendar, Slot, Week
from gru.domain.simulating import Differing, targets_of, urgent_of
from gru.domain.town import Catalogue, PauseRule, Targets, Urgent
from gru.office.letters.french import hours_of, slots_of
from gru.web import labels
from gru.web.agents.case_view import amount
from gru.web.dates import day_and_month
from gru.web.i18n import THIN, alphabetical, t
from gru.web.reports.report_page import Cell

UNITS = ("h", "jo", "jc", "ouvrables", "month")
KINDS = ("acknowledge", "first_response", "resolve")
URGENT_KINDS = ("first_response", "make_safe")


def said(length: Amount | None) -> str:
    return amount(length) if length is not None else t("simulateur.sans")


def kind_name(kind: str) -> str:
    return labels.said(labels.COMMITMENTS, kind)


def pause_name(rule: PauseRule) -> str:
    return t(f"simulateur.pauses.{rule}")


def rule_name(town: Catalogue, rule: str) -> str:
    """« Toutes les demandes », « Formulaire web », « Éclairage public en panne, en cas de danger »."""
    scope, _, code = rule.removesuffix("/urgent").partition("/")
    if scope == "default":
        name = t("simulateur.toutes")
    elif scope == "channel":
        name = labels.channel(code).text
    else:
        name = town.types[code].label if code in town.types else code
    return t("simulateur.en_danger", quoi=name) if rule.endswith("/urgent") else name


def lines(before: Catalogue, after: Catalogue, differing: tuple[Differing, ...]) -> Iterator[tuple[Cell, ...]]:
    """One line for each thing that differs: what, as it is, as it would be."""
    for one in differing:
        match one.what:
            case "targets":
                yield from _amounts(before, one.code, _targets(before, one.code), _targets(after, one.code))
            case "urgent":
                yield from _urgent(before, after, one.code)
            case "pauses":
                yield Cell(t("simulateur.pauses")), Cell(pause_name(before.pauses)), Cell(pause_name(after.pauses))
            case "calendar":
                yield from _calendar(before, after, one.code)
            case _:
                yield _department(before, after, one.code)


def _targets(town: Catalogue, rule: str) -> Targets:
    scope, _, code = rule.partition("/")
    return Targets() if scope == "type" and code not in town.types else targets_of(town, rule)


def _amounts(town: Catalogue, rule: str, was: Targets, now: Targets) -> Iterator[tuple[Cell, ...]]:
    for kind in KINDS:
        old, new = getattr(was, kind), getattr(now, kind)
        if old != new:
            yield Cell(t("simulateur.quoi", regle=rule_name(town, rule), delai=kind_name(kind))), _c(old), _c(new)


def _urgent(before: Catalogue, after: Catalogue, rule: str) -> Iterator[tuple[Cell, ...]]:
    was, now = _urgent_of(before, rule), _urgent_of(after, rule)
    for kind in URGENT_KINDS:
        old, new = (getattr(one, kind) if one else None for one in (was, now))
        if old != new:
            yield Cell(t("simulateur.quoi", regle=rule_name(before, rule), delai=kind_name(kind))), _c(old), _c(new)


def _urgent_of(town: Catalogue, rule: str) -> Urgent | None:
    kind = town.types.get(rule.removeprefix("type/").removesuffix("/urgent"))
    if rule != "default/urgent" and (kind is None or kind.urgent is None):
        return None
    return urgent_of(town, rule)


def _c(length: Amount | None) -> Cell:
    return Cell(said(length))


def _calendar(before: Catalogue, after: Catalogue, code: str) -> Iterator[tuple[Cell, ...]]:
    was, now = before.calendars.get(code), after.calendars.get(code)
    if was is None or now is None:
        return
    name = t("simulateur.calendrier", nom=calendar_name(before, code))
    if was.label != now.label:
        yield Cell(name), Cell(was.label), Cell(now.label)
    if was.week != now.week:
        yield Cell(name), Cell(week_said(was.week)), Cell(week_said(now.week))
    for day in sorted(set(was.closed) ^ set(now.closed)):
        shut = (t("simulateur.ouvert"), t("simulateur.ferme"))
        said_day = f"{day_and_month(day)} {day.year}"
        old, new = shut if day in now.closed else reversed(shut)
        yield Cell(t("simulateur.quoi", regle=name, delai=said_day)), Cell(old), Cell(new)


def _department(before: Catalogue, after: Catalogue, code: str) -> tuple[Cell, ...]:
    was, now = before.departments.get(code), after.departments.get(code)
    name = (was or now or before.departments[before.reception]).name
    return (
        Cell(t("simulateur.quoi", regle=name, delai=t("simulateur.horaires"))),
        Cell(calendar_name(before, was.calendar) if was else t("simulateur.sans")),
        Cell(calendar_name(after, now.calendar) if now else t("simulateur.sans")),
    )


def week_said(week: Week) -> str:
    """« lundi au jeudi, 8 h 30 - 12 h ; vendredi, 8 h - 16 h », no hour broken over two lines."""
    return _unbroken(hours_of(week))


def slots_said(slots: Iterable[Slot]) -> str:
    """« 8 h 30 - 12 h »; « fermé » without any."""
    return _unbroken(slots_of(slots)) or t("simulateur.ferme")


def _unbroken(hours: str) -> str:
    return re.sub(r" (?=h\b)|(?<=\bh) (?=\d)", THIN, hours)


def calendars_by_name(town: Catalogue) -> list[Calendar]:
    return sorted(town.calendars.values(), key=lambda one: alphabetical(one.label))


def calendar_name(town: Catalogue, code: str) -> str:
    """« Services administratifs » of `bureaux`."""
    return town.calendars[code].label if code in town.calendars else code
