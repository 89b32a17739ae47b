"""What did the committee decide, where is that recorded, and what did it change?"""

from datetime import date, timedelta

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.domain.rights import may
from gru.storage.databases import reading
from gru.web import current
from gru.web.agents.shell import shell
from gru.web.committee.document import Taken
from gru.web.committee.effects import shown_effect
from gru.web.committee.live import cut_now
from gru.web.committee.pages import DecisionPage, DecisionsPage, ListedDecision
from gru.web.counter.entry_view import new_key
from gru.web.dates import long_date
from gru.web.forms import ID, Field, FieldError, Form, FormView, LocalDay, at_most, choice, read, refilled, required
from gru.web.i18n import alphabetical, t
from gru.web.owners import owned
from gru.web.pages import Link
from projections import decisions
from projections.decisions import DecisionRow

pages = Blueprint("decisions", __name__)
BASE = "/rapports/decisions"
KINDS = {"decision": "decision.comite", "event": "decision.evenement"}
SHOWN_IN_REPORT = timedelta(days=366)
LONGEST_TITLE = 200


class DecisionForm(Form):
    cle = m.String(required=True, validate=ID)
    nature = choice(KINDS)
    titre = m.String(
        required=True,
        error_messages=required("decision.titre_requis"),
        validate=at_most(LONGEST_TITLE),
    )
    effet = LocalDay(required=True)
    service = m.String(load_default="")
    type = m.String(load_default="")


def standing(until: date) -> tuple[Taken, ...]:
    """The decisions that took effect within a year before a day, for the report; outside events are none."""
    office = current.office()
    with reading(office.databases.views) as connection:
        found = [
            one for one in decisions.standing(connection, until - SHOWN_IN_REPORT, until) if one.kind == "decision"
        ]
    titles = office.committee.titles([one.title for one in found])
    return tuple(Taken(one.effect, titles.get(one.title, ""), whom(one)) for one in found)


def whom(one: DecisionRow) -> str:
    """Which departments and types it is about."""
    town = current.town()
    departments = [town.departments[code].name if code in town.departments else code for code in one.departments]
    types = [town.types[code].label if code in town.types else code for code in one.types]
    return ", ".join((*departments, *types)) or t("decision.tous")


@pages.get(BASE)
@owned("figures")
def show() -> ResponseReturnValue:
    return _list()


def _list(errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    office = current.office()
    with reading(office.databases.views) as connection:
        found = decisions.standing(connection)
    titles = office.committee.titles([one.title for one in found])
    page = DecisionsPage(
        title=t("decision.toutes"),
        back=Link("/rapports", t("rapport.tous")),
        rows=tuple(
            ListedDecision(
                href=f"{BASE}/{one.decision}",
                day=long_date(one.effect),
                title=titles.get(one.title, ""),
                whom=whom(one),
                kind=t(KINDS[one.kind]),
            )
            for one in found
        ),
        empty=t("decision.vide"),
        form=_form(errors) if may(current.agent(), "report") else None,
        errors=errors,
    )
    shown = render_template("committee/decisions.html", page=page, shell=shell(space="committee"))
    return make_response(shown, 422 if errors else 200)


def _label(choice: tuple[str, str]) -> str:
    return alphabetical(choice[1])


def _form(errors: tuple[FieldError, ...]) -> FormView:
    town = current.town()
    departments = sorted(((one.code, one.name) for one in town.departments.values()), key=_label)
    types = sorted(((one.code, one.label) for one in town.types.values()), key=_label)
    fields = (
        Field("nature", t("decision.nature"), "select", choices=tuple((code, t(key)) for code, key in KINDS.items())),
        Field("titre", t("decision.titre"), hint=t("decision.titre_aide")),
        Field("effet", t("decision.effet"), "date", hint=t("decision.effet_aide"), short=True),
        Field("service", t("champ.service"), "select", choices=(("", t("decision.tous_services")), *departments)),
        Field("type", t("decision.type"), "select", choices=(("", t("decision.tous_types")), *types)),
    )
    return FormView(
        action=BASE,
        button=t("decision.enregistrer"),
        fields=refilled(fields, request.form, errors) if errors else fields,
        hidden=(("cle", request.form.get("cle", "") if errors else new_key()),),
        title=t("decision.nouvelle"),
    )


@pages.post(BASE)
@owned("report")
def take() -> ResponseReturnValue:
    values, errors = read(DecisionForm(), request.form)
    town = current.town()
    wrong = tuple(
        FieldError(name, t("erreur.choisir"))
        for name, known in (("service", town.departments), ("type", town.types))
        if not errors and values[name] and values[name] not in known
    )
    if errors or wrong:
        return _list(errors or wrong)
    decision = current.office().committee.take(
        values["titre"],
        values["effet"],
        [values["type"]] if values["type"] else [],
        [values["service"]] if values["service"] else [],
        by=f"agent:{current.agent().id}",
        key=values["cle"],
        kind=values["nature"],
    )
    flash(t("decision.enregistree"), "ok")
    return redirect(f"{BASE}/{decision}", 303)


@pages.get(f"{BASE}/<decision>")
@owned("figures")
def show_one(decision: str) -> ResponseReturnValue:
    """What was decided, and what changed since."""
    office = current.office()
    with reading(office.databases.views) as connection:
        everything = decisions.standing(connection)
    found = next((one for one in everything if one.decision == decision), None) or abort(404)
    titles = office.committee.titles([one.title for one in everything])
    with cut_now() as (connection, cut):
        sections = shown_effect(connection, cut, found, everything, titles)
    french = current.french()
    arrest = t("pilotage.donnees_au", date=french.long_day(cut.at), heure=french.hour(cut.at))
    strike = FormView(f"{BASE}/{decision}/retirer", t("decision.retirer"))
    page = DecisionPage(
        title=titles.get(found.title, ""),
        lead=" · ".join((t(KINDS[found.kind]), t("decision.depuis", date=long_date(found.effect)), whom(found))),
        cut=f"{arrest} · {t('pilotage.arret', position=cut.position, version=current.town().number)}",
        back=Link(BASE, t("decision.toutes")),
        sections=sections,
        strike=strike if may(current.agent(), "report") else None,
    )
    return render_template("committee/decision.html", page=page, shell=shell(space="committee"))


@pages.post(f"{BASE}/<decision>/retirer")
@owned("report")
def strike(decision: str) -> ResponseReturnValue:
    if current.office().committee.decision(decision) is None:
        abort(404)
    current.office().committee.strike(decision, by=f"agent:{current.agent().id}")
    flash(t("decision.retiree"), "ok")
    return redirect(BASE, 303)
