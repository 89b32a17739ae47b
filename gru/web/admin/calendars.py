"""On which days is each calendar shut, and which others does somebody think of?"""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m
from msgspec.structs import replace

from gru.domain.clocks import Calendar, Slot
from gru.domain.simulating import CalendarChange, Changes
from gru.office.publishing import Drafted
from gru.web import current
from gru.web.admin import drafting, weeks
from gru.web.admin.rule_words import calendars_by_name, slots_said, week_said
from gru.web.admin.rules_page import CalendarsPage, YearView
from gru.web.agents.shell import shell
from gru.web.dates import day_and_month, month
from gru.web.forms import Field, FieldError, Form, FormView, LocalDay, read, refilled, required, whole_number
from gru.web.i18n import t
from gru.web.owners import owned

pages = Blueprint("calendars", __name__)

PATH = drafting.CALENDARS
FIRST, LAST = 2020, 2035
"""The years whose public holidays are concluded into an adopted catalogue."""

SHUT, OPEN = "fermer", "ouvrir"


class DayForm(Form):
    calendrier = m.String(required=True, error_messages=required("erreur.choisir"))
    jour = LocalDay(required=True)
    acte = m.String(required=True, error_messages=required("erreur.choisir"))


@pages.get(PATH)
@owned("simulate")
def show() -> ResponseReturnValue:
    return _shown(drafting.mine())


@pages.post(PATH)
@owned("simulate")
def change() -> ResponseReturnValue:
    drafted = drafting.mine()
    values, errors = read(DayForm(), request.form)
    errors = errors or tuple(_errors(drafted, values["calendrier"], values["jour"], values["acte"]))
    if errors:
        return _shown(drafted, errors)
    day: date = values["jour"]
    changes = _changed(drafted.changes, values["calendrier"], day, shut=values["acte"] == SHUT)
    current.office().publishing.keep(current.agent().id, changes)
    flash(t("simulateur.garde"), "ok")
    return redirect(f"{PATH}?annee={day.year}", 303)


def _errors(drafted: Drafted, code: str, day: date, act: str) -> Iterator[FieldError]:
    calendar = drafted.town.calendars.get(code)
    if calendar is None:
        yield FieldError("calendrier", t("erreur.choisir"))
    elif act not in (SHUT, OPEN):
        yield FieldError("acte", t("erreur.choisir"))
    elif not FIRST <= day.year <= LAST:
        yield FieldError("jour", t("simulateur.erreur_annee", debut=str(FIRST), fin=str(LAST)))
    elif day in calendar.holidays:
        yield FieldError("jour", t("simulateur.erreur_ferie"))
    elif slots := [slots_said(one.slots) for one in calendar.exceptions if one.day == day]:
        yield FieldError("jour", t("simulateur.erreur_jour_particulier", horaires=slots[0]))
    elif (day in calendar.closed) == (act == SHUT):
        yield FieldError("jour", t(f"simulateur.erreur_deja_{act}"))


def _changed(changes: Changes, code: str, day: date, *, shut: bool) -> Changes:
    before = changes.calendars.get(code, CalendarChange())
    closed, reopened = set(before.shut) - {day}, set(before.reopened) - {day}
    (closed if shut else reopened).add(day)
    after = replace(before, shut=tuple(sorted(closed)), reopened=tuple(sorted(reopened)))
    return replace(changes, calendars={**changes.calendars, code: after})


def _shown(drafted: Drafted, errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    year = whole_number(request.args.get("annee", "")) or current.office().today().year
    year = min(max(year, FIRST), LAST)
    page = CalendarsPage(
        title=t("admin.calendriers"),
        text=t("simulateur.aide_calendriers"),
        nav=drafting.nav(PATH),
        years=tuple(_year(one, year) for one in calendars_by_name(drafted.town)),
        action=PATH,
        filters=(_years(year),),
        form=_form(drafted, errors),
        draft=drafting.view(drafted, PATH),
        errors=errors,
    )
    answer = render_template("admin/calendars.html", page=page, shell=shell(space="rules"))
    return make_response(answer, 422 if errors else 200)


def _years(year: int) -> Field:
    choices = tuple((str(one), str(one)) for one in range(FIRST, LAST + 1))
    return Field("annee", t("simulateur.annee"), "select", str(year), choices=choices)


def _form(drafted: Drafted, errors: tuple[FieldError, ...]) -> FormView:
    codes = tuple((one.code, one.label) for one in calendars_by_name(drafted.latest))
    acts = ((SHUT, t("simulateur.acte_fermer")), (OPEN, t("simulateur.acte_ouvrir")))
    fields = (
        Field("calendrier", t("simulateur.horaires"), "select", codes[0][0], choices=codes),
        Field("jour", t("simulateur.jour"), "date", short=True),
        Field("acte", t("simulateur.acte"), "radios", SHUT, choices=acts),
    )
    return FormView(PATH, t("simulateur.garder"), refilled(fields, request.form, errors))


def _year(calendar: Calendar, year: int) -> YearView:
    special = {one.day: one.slots for one in calendar.exceptions}
    days = sorted(day for day in {*calendar.closed, *special} if day.year == year)
    months = tuple(
        (month(number), ", ".join(_day(calendar, day, special.get(day)) for day in found))
        for number, found in groupby(days, key=lambda day: day.month)
    )
    name = t("simulateur.calendrier", nom=calendar.label)
    return YearView(name, week_said(calendar.week), months, weeks.address(calendar.code))


def _day(calendar: Calendar, day: date, slots: tuple[Slot, ...] | None) -> str:
    """`slots`: those of this day alone, which go before a closure."""
    said = day_and_month(day)
    if slots is not None:
        return t("simulateur.jour_particulier", jour=said, horaires=slots_said(slots))
    return t("simulateur.jour_ferie", jour=said) if day in calendar.holidays else said
