"""Which delays does the town promise, and which others does somebody think of?"""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from gru.domain.clocks import Amount
from gru.domain.errors import BadInput
from gru.domain.simulating import Changes, targets_of, urgent_of
from gru.domain.town import ALL_CHANNELS, PAUSE_RULES, Catalogue, Targets, Urgent
from gru.office.publishing import Drafted
from gru.web import current
from gru.web.admin import drafting, rule_words
from gru.web.admin.rule_words import KINDS, URGENT_KINDS, kind_name, pause_name, rule_name, said
from gru.web.admin.rules_page import RulesPage
from gru.web.admin.simulations import runs
from gru.web.agents.case_page import ActionPage
from gru.web.agents.shell import shell
from gru.web.forms import Choices, Field, FieldError, FormView, refilled, whole_number
from gru.web.i18n import alphabetical, t
from gru.web.owners import owned
from gru.web.reports.report_page import Cell, DataTable

pages = Blueprint("engagements", __name__)

PATH = drafting.ENGAGEMENTS
MOST = 999
NUMBER, UNIT = "_nombre", "_unite"
PAUSES = "pauses"


@pages.get(PATH)
@owned("simulate")
def show() -> ResponseReturnValue:
    drafted = drafting.mine()
    town = drafted.latest
    page = RulesPage(
        title=t("admin.engagements"),
        text=drafting.in_force(),
        nav=drafting.nav(PATH),
        tables=(_town(drafted, town), _pauses(drafted), _types(drafted, town), _departments(drafted, town)),
        simulate=drafting.simulate_form(),
        draft=drafting.view(drafted, PATH),
        runs=runs(),
    )
    return render_template("admin/engagements.html", page=page, shell=shell(space="rules"))


def _edit(rule: str) -> str:
    return f"{PATH}/modifier?pour={rule}"


def _town(drafted: Drafted, town: Catalogue) -> DataTable:
    rules = ("default", *(f"channel/{channel}" for channel in ALL_CHANNELS))
    rows = [_row(drafted, rule_name(town, rule), rule, town) for rule in rules]
    urgent = _urgent_row(drafted, "default/urgent", town)
    return DataTable(t("simulateur.regles_commune"), _heads("simulateur.regle"), (*rows, urgent))


def _pauses(drafted: Drafted) -> DataTable:
    was, now = (pause_name(one.pauses) for one in (drafted.latest, drafted.town))
    said_ = was if was == now else t("simulateur.devient", avant=was, apres=now)
    row = (Cell(t("simulateur.pauses")), Cell(said_), Cell(t("commun.modifier"), _edit(PAUSES)))
    heads = (t("simulateur.regle"), t("simulateur.pauses_attentes"), t("simulateur.action"))
    return DataTable(t("simulateur.pauses_titre"), heads, (row,))


def _types(drafted: Drafted, town: Catalogue) -> DataTable:
    rows: list[tuple[Cell, ...]] = []
    for kind in sorted(town.types.values(), key=lambda one: alphabetical(one.label)):
        rows.append(_row(drafted, kind.label, f"type/{kind.code}", town))
        if kind.urgent is not None:
            rows.append(_urgent_row(drafted, f"type/{kind.code}/urgent", town))
    return DataTable(t("simulateur.regles_types"), _heads("champ.type"), tuple(rows))


def _heads(first: str) -> tuple[str, ...]:
    return (t(first), *(kind_name(kind) for kind in (*KINDS, "make_safe")), t("simulateur.action"))


def _row(drafted: Drafted, name: str, rule: str, town: Catalogue) -> tuple[Cell, ...]:
    targets, draft = targets_of(town, rule), targets_of(drafted.town, rule)
    cells = (_cell(getattr(targets, kind), getattr(draft, kind)) for kind in KINDS)
    return (Cell(name), *cells, Cell(""), Cell(t("commun.modifier"), _edit(rule)))


def _urgent_row(drafted: Drafted, rule: str, town: Catalogue) -> tuple[Cell, ...]:
    urgent, draft = urgent_of(town, rule), urgent_of(drafted.town, rule)
    first, safe = (_cell(getattr(urgent, kind), getattr(draft, kind)) for kind in URGENT_KINDS)
    name = t("simulateur.en_danger", quoi=rule_name(town, rule.removesuffix("/urgent")))
    return (Cell(name), Cell(""), first, Cell(""), safe, Cell(t("commun.modifier"), _edit(rule)))


def _cell(was: Amount | None, drafted: Amount | None) -> Cell:
    return Cell(said(was) if was == drafted else t("simulateur.devient", avant=said(was), apres=said(drafted)))


def _departments(drafted: Drafted, town: Catalogue) -> DataTable:
    rows = tuple(
        (
            Cell(one.name),
            Cell(_calendars(town, one.calendar, drafted.town.departments[code].calendar)),
            Cell(t("commun.modifier"), _edit(f"service/{code}")),
        )
        for code, one in sorted(town.departments.items(), key=lambda pair: alphabetical(pair[1].name))
    )
    heads = (t("champ.service"), t("simulateur.horaires"), t("simulateur.action"))
    return DataTable(t("simulateur.horaires_services"), heads, rows)


def _calendars(town: Catalogue, was: str, now: str) -> str:
    before, after = rule_words.calendar_name(town, was), rule_words.calendar_name(town, now)
    return before if was == now else t("simulateur.devient", avant=before, apres=after)


# --- one rule ----------------------------------------------------------------------------------------------------


@pages.get(f"{PATH}/modifier")
@owned("simulate")
def ask() -> ResponseReturnValue:
    drafted, rule = drafting.mine(), _rule()
    return _form(drafted, rule, _fields(drafted, rule))


@pages.post(f"{PATH}/modifier")
@owned("simulate")
def change() -> ResponseReturnValue:
    drafted, rule = drafting.mine(), _rule()
    fields = _fields(drafted, rule)
    errors = tuple(_errors(rule, request.form, drafted.latest))
    if errors:
        return _form(drafted, rule, refilled(fields, request.form, errors), errors)
    current.office().publishing.keep(current.agent().id, _changed(drafted.changes, rule, request.form))
    flash(t("simulateur.garde"), "ok")
    return redirect(PATH, 303)


def _rule() -> str:
    """404 for what is no rule of the catalogue."""
    rule, town = request.args.get("pour", ""), current.office().town.latest()
    scope, _, code = rule.partition("/")
    if rule == PAUSES or (scope == "service" and code in town.departments):
        return rule
    if scope == "channel" and code not in ALL_CHANNELS:
        abort(404)
    try:
        (urgent_of if rule.endswith("/urgent") else targets_of)(town, rule)
    except BadInput:
        abort(404)
    return rule


def _form(
    drafted: Drafted, rule: str, fields: tuple[Field, ...], errors: tuple[FieldError, ...] = ()
) -> ResponseReturnValue:
    name, text = _said(drafted.latest, rule)
    form = FormView(_edit(rule), t("simulateur.garder"), fields)
    page = ActionPage(t("admin.engagements"), t("admin.brouillon"), name, PATH, (form,), text, errors)
    return make_response(render_template("admin/rule.html", page=page, shell=shell(space="rules")),
                         422 if errors else 200)  # fmt: skip


def _said(town: Catalogue, rule: str) -> tuple[str, str]:
    """What is changed, and what it does."""
    scope, _, code = rule.partition("/")
    if rule == PAUSES:
        return t("simulateur.pauses"), t("simulateur.aide_pauses")
    if scope == "service":
        return town.departments[code].name, t("simulateur.aide_service")
    return rule_name(town, rule), t("simulateur.aide_regle")


def _kinds(rule: str) -> tuple[str, ...]:
    return URGENT_KINDS if rule.endswith("/urgent") else KINDS


def _fields(drafted: Drafted, rule: str) -> tuple[Field, ...]:
    scope, _, code = rule.partition("/")
    if rule == PAUSES:
        rules = tuple((one, pause_name(one)) for one in PAUSE_RULES)
        return (Field(PAUSES, t("simulateur.pauses_attentes"), "radios", drafted.town.pauses, choices=rules),)
    if scope == "service":
        choices = tuple((one.code, one.label) for one in rule_words.calendars_by_name(drafted.latest))
        chosen = drafted.town.departments[code].calendar
        return (Field("calendrier", t("simulateur.horaires"), "select", chosen, choices=choices),)
    stated = (urgent_of if rule.endswith("/urgent") else targets_of)(drafted.town, rule)
    return tuple(field for kind in _kinds(rule) for field in _pair(kind, getattr(stated, kind), rule))


def _pair(kind: str, length: Amount | None, rule: str) -> Iterator[Field]:
    hint = "" if rule.endswith("/urgent") else t("simulateur.vide_sans")
    name = kind_name(kind)
    value = str(length.value) if length else ""
    units: Choices = tuple((unit, t(f"simulateur.unite.{unit}")) for unit in rule_words.UNITS)
    yield Field(f"{kind}{NUMBER}", name, "number", value, hint)
    yield Field(f"{kind}{UNIT}", t("simulateur.en_quoi", delai=name), "select", length.unit if length else "jo",
                choices=units)  # fmt: skip


def _errors(rule: str, sent: Mapping[str, str], town: Catalogue) -> Iterator[FieldError]:
    if rule == PAUSES:
        if sent.get(PAUSES) not in PAUSE_RULES:
            yield FieldError(PAUSES, t("erreur.choisir"))
        return
    if rule.startswith("service/"):
        if sent.get("calendrier", "") not in town.calendars:
            yield FieldError("calendrier", t("erreur.choisir"))
        return
    for kind in _kinds(rule):
        written = sent.get(f"{kind}{NUMBER}", "").strip()
        value = whole_number(written)
        if not written and not rule.endswith("/urgent"):
            continue
        if value is None or not 1 <= value <= MOST:
            yield FieldError(f"{kind}{NUMBER}", t("simulateur.erreur_nombre", max=MOST))
        if sent.get(f"{kind}{UNIT}") not in rule_words.UNITS:
            yield FieldError(f"{kind}{UNIT}", t("erreur.choisir"))
    if rule == "default" and not sent.get(f"resolve{NUMBER}", "").strip():
        yield FieldError(f"resolve{NUMBER}", t("simulateur.erreur_defaut"))


def _changed(changes: Changes, rule: str, sent: Mapping[str, str]) -> Changes:
    """The draft with this rule as it was just written."""
    scope, _, code = rule.partition("/")
    if rule == PAUSES:
        chosen: Any = sent[PAUSES]
        return replace(changes, pauses=None if chosen == current.office().town.latest().pauses else chosen)
    if scope == "service":
        return replace(changes, departments={**changes.departments, code: sent["calendrier"]})
    amounts: dict[str, Any] = {kind: _amount(sent, kind) for kind in _kinds(rule)}
    if not rule.endswith("/urgent"):
        return replace(changes, targets={**changes.targets, rule: Targets(**amounts)})
    before = changes.urgent.get(rule) or urgent_of(current.office().town.latest(), rule)
    return replace(changes, urgent={**changes.urgent, rule: Urgent(field=before.field, value=before.value, **amounts)})


def _amount(sent: Mapping[str, str], kind: str) -> Amount | None:
    value = whole_number(sent.get(f"{kind}{NUMBER}", "").strip())
    unit: Any = sent.get(f"{kind}{UNIT}")
    return Amount(value, unit) if value else None


# --- the draft ---------------------------------------------------------------------------------------------------


@pages.post(f"{PATH}/abandonner")
@owned("simulate")
def discard() -> ResponseReturnValue:
    current.office().publishing.discard(current.agent().id)
    flash(t("simulateur.abandonne"), "ok")
    return redirect(request.args.get("vers", "") if request.args.get("vers") in drafting.PAGES else PATH, 303)
