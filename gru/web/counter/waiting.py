"""Who waits, who is called to which post, and what do the screen in the waiting room and the kiosk show?"""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from marshmallow import fields as m
from marshmallow import validate

from gru.domain import reception
from gru.domain.errors import Refused
from gru.domain.events import VisitKind
from gru.domain.reception import ticket_name
from gru.storage.databases import reading
from gru.web import current
from gru.web.agents.shell import shell
from gru.web.at_kiosk import path_of
from gru.web.counter.entry import sites_of
from gru.web.counter.entry_view import new_key
from gru.web.dates import elapsed
from gru.web.errors import sentence
from gru.web.forms import ID, Choices, FieldError, Form, choice, read
from gru.web.i18n import t
from gru.web.owners import owned
from gru.web.pages import Link
from projections import visits
from projections.visits import Visited

pages = Blueprint("waiting", __name__)

KINDS: dict[VisitKind, str] = {
    "walk_in": "accueil.sans_rendez_vous",
    "appointment": "accueil.rendez_vous",
    "priority": "accueil.prioritaire",
}
_NAMES: dict[VisitKind, str] = {**KINDS, "help": "accueil.aide"}
POST = "guichet_poste"
LONGEST_POST = 20
PAGE = "/guichet/file"


@dataclass(frozen=True, slots=True)
class VisitRow:
    visit: str
    ticket: str
    kind: str
    detail: str
    mine: bool = False


@dataclass(frozen=True, slots=True)
class WaitingPage:
    title: str
    site: str
    sites: tuple[Link, ...]
    post: str
    waiting: tuple[VisitRow, ...]
    helpless: tuple[VisitRow, ...]
    called: tuple[VisitRow, ...]
    summary: tuple[str, ...]
    kinds: Choices
    key: str
    devices: tuple[Link, ...]
    errors: tuple[FieldError, ...] = ()


class VisitForm(Form):
    """What every button of the page sends."""

    site = m.String(required=True)
    visite = m.String(load_default="", validate=ID)
    poste = m.String(
        load_default="",
        validate=validate.Length(max=LONGEST_POST, error=t("accueil.erreur_poste_long", max=LONGEST_POST)),
    )
    vers = m.String(load_default="")


class TicketForm(Form):
    site = m.String(required=True)
    genre = choice(dict.fromkeys(KINDS))
    cle = m.String(required=True, validate=ID)


@pages.get(PAGE)
@owned("register")
def show() -> ResponseReturnValue:
    return _screen(_site(request.args.get("site", "")))


def _site(code: str) -> str:
    """The site asked for when it is one of this agent's, else his first."""
    own = [site.code for site in sites_of(current.agent(), current.town())]
    return code if code in own else own[0]


def _screen(site: str, errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    shown = render_template("counter/waiting.html", page=_page(site, errors), shell=shell(space="waiting"))
    return make_response(shown, 422 if errors else 200)


def _page(site: str, errors: tuple[FieldError, ...]) -> WaitingPage:
    office, day = current.office(), current.office().reception.today()
    with reading(office.databases.views) as connection:
        waiting = visits.waiting(connection, site, day)
        helpless = visits.helpless(connection, site, day)
        called = visits.called(connection, site, day, limit=50)
        counted = visits.of_day(connection, site, day)
    return WaitingPage(
        title=t("accueil.titre"),
        site=site,
        sites=tuple(
            Link(f"{PAGE}?site={one.code}", one.name, current=one.code == site)
            for one in sites_of(current.agent(), current.town())
        ),
        post=session.get(POST, ""),
        waiting=tuple(_row(one) for one in waiting),
        helpless=tuple(_row(one) for one in helpless),
        called=tuple(_row(one) for one in called),
        summary=tuple(_summary(counted)),
        kinds=tuple((code, t(key)) for code, key in KINDS.items()),
        key=new_key(),
        devices=(
            Link(path_of("borne", site), t("accueil.borne"), "desk"),
            Link(path_of("salle", site), t("accueil.ecran"), "eye"),
        ),
        errors=errors,
    )


def _row(one: Visited) -> VisitRow:
    now = current.now()
    if one.state == "called" and one.called_at is not None:
        detail = t("accueil.appele", poste=one.post, depuis=elapsed((now - one.called_at).total_seconds()))
    else:
        detail = t("accueil.attend", depuis=elapsed((now - one.arrived_at).total_seconds()))
    mine = one.caller == f"agent:{current.agent().id}"
    return VisitRow(one.visit, ticket_name(one.kind, one.number), t(_NAMES[one.kind]), detail, mine)


def _summary(counted: visits.DayCount) -> list[str]:
    said = [t("accueil.venues", n=counted.came), t("accueil.recues", n=counted.served)]
    if counted.left:
        said.append(t("accueil.parties", n=counted.left))
    if counted.waits:
        said.append(t("accueil.attente_mediane", duree=elapsed(counted.waits[len(counted.waits) // 2])))
    return said


# --- what an agent does ----------------------------------------------------------------------------------------------


@pages.post(f"{PAGE}/<any('appeler', 'rappeler', 'servi', 'absent', 'parti', 'aider'):slug>")
@owned("register")
def act(slug: str) -> ResponseReturnValue:
    values, errors = read(VisitForm(), request.form)
    if any(error.field in ("site", "visite") for error in errors):
        abort(400)
    site = _site(request.form.get("site", ""))
    if errors:
        return _screen(site, errors)
    if values["poste"]:
        session[POST] = values["poste"]
    post = session.get(POST, "")
    if slug in ("appeler", "rappeler") and not post:
        return _screen(site, (FieldError("poste", t("accueil.erreur_poste")),))
    try:
        said = _call_next(site, post) if slug == "appeler" else _tell(slug, values["visite"], site, post)
    except Refused as refusal:
        return _screen(site, (FieldError("contenu", _refused(refusal)),))
    flash(said, "ok")
    return redirect("/guichet" if values["vers"] == "guichet" else f"{PAGE}?site={site}", 303)


def _refused(refusal: Refused) -> str:
    return t("accueil.deja_fait") if refusal.code == "not_now" else sentence(refusal)


def _call_next(site: str, post: str) -> str:
    """Who is first in the line; when another post was faster, the one behind him. Who stood here before is gone."""
    office, by = current.office(), f"agent:{current.agent().id}"
    day = office.reception.today()
    with reading(office.databases.views) as connection:
        line = visits.waiting(connection, site, day)
        before = [one for one in visits.called(connection, site, day, limit=50) if one.caller == by]
    if not line:
        return t("accueil.personne")
    ended = [reception.Serve(stream=one.visit) for one in before]
    for one in line:
        try:
            _execute(reception.Call(stream=one.visit, post=post), *ended)
        except Refused:
            continue
        return t("accueil.dit_appele", ticket=ticket_name(one.kind, one.number), poste=post)
    return t("accueil.personne")


def _tell(slug: str, visit: str, site: str, post: str) -> str:
    with reading(current.office().databases.views) as connection:
        one = visits.by_id(connection, visit)
    if one is None or one.site != site:
        abort(404)
    ticket = ticket_name(one.kind, one.number)
    match slug:
        case "rappeler":
            _execute(reception.Call(stream=visit, post=post, again=True))
            return t("accueil.dit_appele", ticket=ticket, poste=post)
        case "servi":
            _execute(reception.Serve(stream=visit))
            return t("accueil.dit_servi", ticket=ticket)
        case "aider":
            _execute(reception.Call(stream=visit, post=post or t("accueil.a_la_borne")))
            _execute(reception.Serve(stream=visit))
            return t("accueil.dit_aide")
        case "absent":
            _execute(reception.Leave(stream=visit, reason="absent"))
        case _:
            _execute(reception.Leave(stream=visit, reason="gave_up"))
    return t("accueil.dit_parti", ticket=ticket)


def _execute(*wishes: reception.Command) -> None:
    office = current.office()
    done = office.desk.execute(*wishes, by=f"agent:{current.agent().id}")
    office.projector.catch_up("inline", to=done.position)


@pages.post(f"{PAGE}/ticket")
@owned("register")
def give_ticket() -> ResponseReturnValue:
    """Where there is no kiosk, or who cannot use it."""
    values, errors = read(TicketForm(), request.form)
    if errors:
        abort(400)
    site = _site(values["site"])
    try:
        given = current.office().reception.take_ticket(
            site, values["genre"], values["cle"], f"agent:{current.agent().id}"
        )
    except Refused as refusal:
        return _screen(site, (FieldError("genre", sentence(refusal)),))
    flash(t("accueil.dit_ticket", ticket=ticket_name(given.visit.kind, given.visit.number), n=given.ahead), "ok")
    return redirect(f"{PAGE}?site={site}", 303)
