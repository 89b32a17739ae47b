"""At which hours of the week is a calendar open, and which others does somebody think of?"""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from marshmallow import fields as m
from msgspec.structs import replace

from gru.domain.clocks import BadHours, Calendar, Slot, Week, parse_slots
from gru.domain.simulating import CalendarChange, Changes
from gru.office.publishing import Drafted
from gru.web import current
from gru.web.admin import drafting
from gru.web.agents.case_page import ActionPage
from gru.web.agents.shell import shell
from gru.web.dates import WEEKDAYS
from gru.web.forms import Field, FieldError, Form, FormView, read, refilled
from gru.web.i18n import t
from gru.web.owners import owned

pages = Blueprint("weeks", __name__)

SHOWN = 40
"""Letters of what was typed that an error repeats."""

_BETWEEN = re.compile(r"[,;]|\bet\b")


class Openings(m.Field[tuple[Slot, ...]]):
    """The openings of one day as they are typed: « 8:30–12:00, 13:30–17:30 »; nothing when it is shut."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> tuple[Slot, ...]:
        typed = (part.strip() for part in _BETWEEN.split(str(value)))
        try:
            return parse_slots(part for part in typed if part)
        except BadHours as wrong:
            written = wrong.written if len(wrong.written) <= SHOWN else f"{wrong.written[:SHOWN]}…"
            raise ValidationError(t(f"simulateur.erreur_heures.{wrong.why}", ecrit=written)) from None


class WeekForm(Form):
    lundi = Openings(load_default=())
    mardi = Openings(load_default=())
    mercredi = Openings(load_default=())
    jeudi = Openings(load_default=())
    vendredi = Openings(load_default=())
    samedi = Openings(load_default=())
    dimanche = Openings(load_default=())


def address(code: str) -> str:
    return f"{drafting.CALENDARS}/{code}"


@pages.get(f"{drafting.CALENDARS}/<code>")
@owned("simulate")
def ask(code: str) -> ResponseReturnValue:
    calendar = _drafted(code).town.calendars[code]
    return _shown(calendar, _fields(calendar.week))


@pages.post(f"{drafting.CALENDARS}/<code>")
@owned("simulate")
def change(code: str) -> ResponseReturnValue:
    drafted = _drafted(code)
    values, errors = read(WeekForm(), request.form)
    week: Week = tuple(values.get(day, ()) for day in WEEKDAYS)
    if not errors and not any(week):
        errors = (FieldError(WEEKDAYS[0], t("simulateur.erreur_jamais_ouvert")),)
    if errors:
        return _shown(drafted.town.calendars[code], refilled(_fields(week), request.form, errors), errors)
    current.office().publishing.keep(current.agent().id, _changed(drafted, code, week))
    flash(t("simulateur.garde"), "ok")
    return redirect(drafting.CALENDARS, 303)


def _drafted(code: str) -> Drafted:
    """404 for what is no calendar of the catalogue."""
    drafted = drafting.mine()
    if code not in drafted.town.calendars:
        abort(404)
    return drafted


def _changed(drafted: Drafted, code: str, week: Week) -> Changes:
    """The draft with this week; with none, where it is the one that holds."""
    before = drafted.changes.calendars.get(code, CalendarChange())
    other = None if week == drafted.latest.calendars[code].week else week
    return replace(drafted.changes, calendars={**drafted.changes.calendars, code: replace(before, week=other)})


def _fields(week: Week) -> tuple[Field, ...]:
    return tuple(Field(day, day.capitalize(), value=_typed(slots)) for day, slots in zip(WEEKDAYS, week, strict=True))


def _typed(slots: tuple[Slot, ...]) -> str:
    """As somebody would type it: « 8:30–12:00, 13:30–17:30 »."""
    return ", ".join(f"{_hour(opening)}–{_hour(closing)}" for opening, closing in slots)


def _hour(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _shown(calendar: Calendar, fields: tuple[Field, ...], errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    name = t("simulateur.calendrier", nom=calendar.label)
    form = FormView(address(calendar.code), t("simulateur.garder"), fields)
    page = ActionPage(t("admin.calendriers"), t("admin.brouillon"), t("simulateur.semaine_de", calendrier=name),
                      drafting.CALENDARS, (form,), t("simulateur.aide_semaine"), errors)  # fmt: skip
    answer = render_template("admin/rule.html", page=page, shell=shell(space="rules"))
    return make_response(answer, 422 if errors else 200)
