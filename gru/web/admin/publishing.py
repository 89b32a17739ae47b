"""From which day does a draft hold, and what will happen then?"""

from datetime import date

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain.errors import NewerVersion, Refused
from gru.domain.rights import LEVELS, Scope
from gru.office.publishing import Drafted
from gru.storage.databases import reading
from gru.web import current
from gru.web.admin import drafting
from gru.web.admin.publish_page import PublishPage
from gru.web.agents.shell import shell
from gru.web.dates import long_date
from gru.web.errors import sentence
from gru.web.forms import Field, FieldError, Form, FormView, LocalDay, read, refilled, whole_number
from gru.web.i18n import t
from gru.web.owners import owned
from projections import queue

pages = Blueprint("publishing", __name__)
DAY = "jour"
MOST = 9_999_999


class PublishForm(Form):
    jour = LocalDay(required=True)


@pages.get(drafting.PUBLISH)
@owned("administer")
def ask() -> ResponseReturnValue:
    drafted = drafting.mine()
    if not drafted.differing:
        return _nothing()
    return _shown(drafted, _day_form(drafted, ()))


@pages.post(drafting.PUBLISH)
@owned("administer")
def publish() -> ResponseReturnValue:
    """Asked with a day, it shows what will happen; asked again with `confirme`, it is done."""
    drafted, office = drafting.mine(), current.office()
    if not drafted.differing:
        return _nothing()
    values, errors = read(PublishForm(), request.form)
    if errors:
        return _wrong(drafted, errors)
    day: date = values[DAY]
    seen = whole_number(request.form.get("version", "")) or 0
    try:
        office.publishing.begins(day, current.now())
        if not request.form.get("confirme"):
            return _shown(drafted, _confirm_form(drafted, day), text=_effect(drafted, day))
        number = office.publishing.publish(current.agent().id, day, following=seen)
    except NewerVersion:
        return _shown(drafting.mine(), _confirm_form(drafting.mine(), day), text=_effect(drafted, day), status=409)
    except Refused as refused:
        return _wrong(drafted, (FieldError(DAY, sentence(refused)),))
    flash(t("simulateur.publie", n=number, date=long_date(day)), "ok")
    return redirect(drafting.ENGAGEMENTS, 303)


def _nothing() -> ResponseReturnValue:
    """Perhaps somebody else published the same meanwhile."""
    flash(t("simulateur.rien"), "info")
    return redirect(drafting.ENGAGEMENTS, 303)


def _effect(drafted: Drafted, day: date) -> str:
    """What is received from then on is bound by it; what is open keeps its promise."""
    everything = Scope(departments=tuple(drafted.latest.departments), within=LEVELS)
    with reading(current.office().databases.views) as connection:
        wanted = (queue.Filter(scope=everything),)
        open_ = queue.counts_of(connection, wanted, current.now(), cap=MOST)[0]
    return t("simulateur.effet", n=open_, numero=drafted.latest.number + 1, date=long_date(day))


def _day_form(drafted: Drafted, errors: tuple[FieldError, ...]) -> FormView:
    tomorrow = current.office().today().toordinal() + 1
    earliest = max(date.fromordinal(tomorrow), current.french().local(drafted.latest.valid_from).date())
    field = Field(DAY, t("admin.effet"), "date", earliest.isoformat(), t("simulateur.effet_aide"), short=True)
    return FormView(drafting.PUBLISH, t("simulateur.voir_effet"), refilled((field,), request.form, errors))


def _confirm_form(drafted: Drafted, day: date) -> FormView:
    hidden = ((DAY, day.isoformat()), ("version", str(drafted.latest.number)), ("confirme", "oui"))
    return FormView(drafting.PUBLISH, t("simulateur.publier_le", date=long_date(day)), hidden=hidden)


def _wrong(drafted: Drafted, errors: tuple[FieldError, ...]) -> ResponseReturnValue:
    return _shown(drafted, _day_form(drafted, errors), errors=errors, status=422)


def _shown(
    drafted: Drafted,
    form: FormView,
    *,
    text: str = "",
    errors: tuple[FieldError, ...] = (),
    status: int = 200,
) -> ResponseReturnValue:
    page = PublishPage(
        title=t("simulateur.publier_titre"),
        back=drafting.ENGAGEMENTS,
        table=drafting.differences(drafted, "simulateur.ce_qui_change"),
        form=form,
        text=text,
        errors=errors,
        warning=drafting.warning(drafted),
        meanwhile=drafting.meanwhile(drafted),
    )
    return make_response(render_template("admin/publish.html", page=page, shell=shell(space="rules")), status)
