"""How are questions answered on the spot counted, so that counter work does not vanish from the figures?"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.domain.reception import CountAnswer, StrikeAnswer
from gru.domain.references import derived_id
from gru.storage.databases import reading
from gru.web import current
from gru.web.agents.shell import shell
from gru.web.counter.entry import CHANNELS, sites_of
from gru.web.counter.entry_view import new_key
from gru.web.forms import ID, Form, choice, read
from gru.web.i18n import alphabetical, number, t
from gru.web.owners import owned
from gru.web.reports.report_page import Cell, DataTable
from projections import tallies

pages = Blueprint("tally", __name__)

PAGE = "/guichet/sur-place"
LAST = "guichet_dernier"


@dataclass(frozen=True, slots=True)
class TallyPage:
    title: str
    text: str
    action: str
    topics: tuple[tuple[str, str], ...]
    sites: tuple[tuple[str, str], ...]
    site: str
    key: str
    table: DataTable | None
    strike: str = ""


class AnswerForm(Form):
    sujet = m.String(required=True)
    site = m.String(required=True)
    canal = choice(CHANNELS)
    cle = m.String(required=True, validate=ID)
    vers = m.String(load_default="")


@pages.get(PAGE)
@owned("register")
def show() -> ResponseReturnValue:
    town, agent = current.town(), current.agent()
    sites = sites_of(agent, town)
    start, end = _today()
    with reading(current.office().databases.views) as connection:
        found = tallies.between(connection, start, end, [site.code for site in sites])
    names = {code: one.name for code, one in town.departments.items()}
    rows = tuple(
        (Cell(names.get(one.department, one.department)), Cell(town.sites[one.site].name), Cell(number(one.answers)))
        for one in found
    )
    heads = (t("champ.service"), t("guichet.site"), t("guichet.reponses"))
    total = sum(one.answers for one in found)
    page = TallyPage(
        title=t("guichet.sur_place"),
        text=t("guichet.sur_place_total", n=total),
        action=PAGE,
        topics=tuple(sorted(names.items(), key=lambda pair: alphabetical(pair[1]))),
        sites=tuple((site.code, site.name) for site in sites),
        site=sites[0].code,
        key=new_key(),
        table=DataTable(t("guichet.sur_place_aujourdhui"), heads, rows) if rows else None,
        strike=session.get(LAST, ""),
    )
    return render_template("counter/tally.html", page=page, shell=shell(space="counter"))


def _today() -> tuple[datetime, datetime]:
    day, zone = current.office().reception.today(), current.french().zone
    return datetime.combine(day, time(0), zone), datetime.combine(day + timedelta(days=1), time(0), zone)


@pages.post(PAGE)
@owned("register")
def count() -> ResponseReturnValue:
    """One button, one answer counted; the form's key lets it count once."""
    values, errors = read(AnswerForm(), request.form)
    town, agent = current.town(), current.agent()
    if errors or values["sujet"] not in town.departments:
        abort(400)
    if values["site"] not in {site.code for site in sites_of(agent, town)}:
        abort(403)
    channel = CHANNELS[values["canal"]]
    stream = derived_id(current.office().settings.secret, "answer on the spot", agent.id, values["cle"])
    _execute(CountAnswer(stream=stream, site=values["site"], channel=channel, department=values["sujet"]))
    session[LAST] = stream
    flash(t("guichet.sur_place_dit", sujet=town.departments[values["sujet"]].name), "ok")
    return redirect("/guichet" if values["vers"] == "guichet" else PAGE, 303)


@pages.post(f"{PAGE}/annuler")
@owned("register")
def strike() -> ResponseReturnValue:
    """The last one this browser counted, when a finger slipped."""
    last = session.pop(LAST, "")
    if last:
        _execute(StrikeAnswer(stream=last))
        flash(t("guichet.sur_place_annulee"), "ok")
    return redirect(PAGE, 303)


def _execute(wish: CountAnswer | StrikeAnswer) -> None:
    office = current.office()
    done = office.desk.execute(wish, by=f"agent:{current.agent().id}")
    office.projector.catch_up("inline", to=done.position)
