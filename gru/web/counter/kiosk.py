"""What do the kiosk and the screen in the waiting room show to everybody, and what do they never show?

Neither a name nor a reason; nothing is kept on the device. Their addresses bear a key of their site.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.domain.errors import Refused
from gru.domain.events import VisitKind
from gru.domain.reception import ticket_name
from gru.domain.references import device_token
from gru.domain.town import Site
from gru.office.letters import Ticket, UnfilledField
from gru.office.papers import PaperJam, TicketSheet
from gru.office.reception import Waiting
from gru.storage.databases import reading
from gru.web import current
from gru.web.counter.entry_view import new_key
from gru.web.counter.receipts import pdf
from gru.web.counter.waiting import KINDS, device_path
from gru.web.forms import ID, Choices, Form, choice, read
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.pages import Phone, phone
from projections import visits

pages = Blueprint("kiosk", __name__)

MOST_TICKETS = 40
"""A minute at one site: more than any door lets in."""

A_MINUTE = timedelta(minutes=1)
DEVICE = "a machine of the town, opened by the key of its site in the address; shows no name and no reason"
ON_SCREEN = 6


@dataclass(frozen=True, slots=True)
class KioskPage:
    title: str
    site: str
    action: str
    choices: Choices
    key: str
    phone: Phone | None
    home: str
    ticket: str = ""
    lines: tuple[str, ...] = ()
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    ticket: str
    post: str


@dataclass(frozen=True, slots=True)
class ScreenPage:
    title: str
    site: str
    called: tuple[Called, ...]
    waiting: str
    at: str


class KioskForm(Form):
    genre = choice(dict.fromkeys(get_args(VisitKind)))
    cle = m.String(required=True, validate=ID)


def _site(use: str, code: str, token: str) -> Site:
    true = device_token(current.office().settings.secret, use, code)
    site = current.town().sites.get(code)
    if not hmac.compare_digest(token.encode(), true.encode()) or site is None or site.kind == "virtual":
        abort(404)
    return site


@pages.get("/borne/<site>/<token>")
@public(DEVICE)
def show_kiosk(site: str, token: str) -> ResponseReturnValue:
    return render_template("counter/kiosk.html", page=_kiosk(_site("borne", site, token)))


def _kiosk(site: Site, given: Waiting | None = None) -> KioskPage:
    home = device_path("borne", site.code)
    ticket = ticket_name(given.visit.kind, given.visit.number) if given else ""
    return KioskPage(
        title=t("borne.votre_numero") if given else t("borne.titre"),
        site=site.name,
        action=home,
        choices=tuple((code, t(f"borne.{code}")) for code in KINDS),
        key=new_key(),
        phone=phone(site.phone),
        home=home,
        ticket=ticket,
        lines=_lines(given) if given else (),
        paper=f"{home}/{given.visit.visit}/pdf" if given else "",
    )


def _lines(given: Waiting) -> tuple[str, ...]:
    ahead = t("borne.avant_vous", n=given.ahead) if given.ahead else t("borne.prochain")
    wait = (t("borne.attente", minutes=str(given.minutes)),) if given.minutes else ()
    return (ahead, *wait, t("borne.gardez"))


@pages.post("/borne/<site>/<token>")
@public(DEVICE)
def take_ticket(site: str, token: str) -> ResponseReturnValue:
    where = _site("borne", site, token)
    values, errors = read(KioskForm(), request.form)
    if errors:
        abort(400)
    office = current.office()
    if not office.access.allow("kiosk", site, MOST_TICKETS, A_MINUTE):
        return _sorry(where, t("borne.attendez"))
    try:
        given = office.reception.take_ticket(site, values["genre"], values["cle"], "system:kiosk")
    except Refused:
        return _sorry(where, t("borne.plus_de_tickets"))
    return redirect(f"{device_path('borne', where.code)}/{given.visit.visit}", 303)


def _sorry(site: Site, said: str) -> ResponseReturnValue:
    flash(said, "late")
    return redirect(device_path("borne", site.code), 303)


@pages.get("/borne/<site>/<token>/<visit>")
@public(DEVICE)
def show_ticket(site: str, token: str, visit: str) -> ResponseReturnValue:
    where = _site("borne", site, token)
    return render_template("counter/kiosk.html", page=_kiosk(where, _given(where, visit)))


@pages.get("/borne/<site>/<token>/<visit>/pdf")
@public(DEVICE)
def print_ticket(site: str, token: str, visit: str) -> ResponseReturnValue:
    where = _site("borne", site, token)
    given, office, town = _given(where, visit), current.office(), current.town()
    name = ticket_name(given.visit.kind, given.visit.number)
    slip = Ticket(letter=name[0], number=name[1:], at=given.visit.arrived_at, ahead=given.ahead, minutes=given.minutes)
    try:
        words = office.letters.ticket(town, where.code, slip).text
        lines = tuple(line.strip() for line in words.strip().split("\n") if line.strip() not in ("", name))
        paper = office.press.ticket(TicketSheet(title=lines[0], town=town.name, number=name, lines=lines[1:]))
    except (PaperJam, UnfilledField):
        return redirect(f"{device_path('borne', where.code)}/{visit}", 303)
    return pdf(paper, f"ticket-{name}.pdf")


def _given(site: Site, visit: str) -> Waiting:
    """Of today, and of this site."""
    given = current.office().reception.waiting(visit) if len(visit) == 32 else None
    if given is None or given.visit.site != site.code or given.visit.day != current.office().reception.today():
        abort(404)
    return given


# --- the screen ------------------------------------------------------------------------------------------------------


@pages.get("/salle/<site>/<token>")
@public(DEVICE)
def show_screen(site: str, token: str) -> ResponseReturnValue:
    where, office = _site("salle", site, token), current.office()
    day, french = office.reception.today(), current.french()
    with reading(office.databases.views) as connection:
        called = visits.called(connection, where.code, day, limit=ON_SCREEN)
        line = visits.waiting(connection, where.code, day)
    page = ScreenPage(
        title=t("accueil.ecran_titre"),
        site=where.name,
        called=tuple(Called(ticket_name(one.kind, one.number), one.post) for one in called),
        waiting=t("accueil.attendent", n=len(line)),
        at=french.hour(french.now),
    )
    return make_response(render_template("counter/screen.html", page=page))
