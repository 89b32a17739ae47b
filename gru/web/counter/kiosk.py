"""What do the kiosk and the screen in the waiting room show to everybody, and what do they never show?

Neither a name nor a reason; nothing is kept on the device. Their addresses bear a key of their site. What a resident
files or follows on the kiosk are the residents' pages themselves, as `at_kiosk` mounts them; the first page of the
kiosk ends it.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.domain.errors import Refused
from gru.domain.reception import ticket_name
from gru.domain.town import Site
from gru.office.letters import Ticket, UnfilledField
from gru.office.papers import PaperJam, TicketSheet
from gru.office.reception import Waiting
from gru.storage.databases import reading
from gru.web import at_kiosk, current
from gru.web.at_kiosk import MOUNT, path_of, true_site
from gru.web.counter.entry_view import new_key
from gru.web.counter.receipts import pdf
from gru.web.counter.waiting import KINDS
from gru.web.forms import ID, Choices, Form, choice, read
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.pages import Link, Phone, phone
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
    others: tuple[Link, ...] = ()
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
    genre = choice(dict.fromkeys(KINDS))
    cle = m.String(required=True, validate=ID)


class HelpForm(Form):
    cle = m.String(required=True, validate=ID)
    vers = m.String(load_default="")


def _site() -> Site:
    kiosk = at_kiosk.here()
    if kiosk is None:
        raise LookupError("this address belongs to a kiosk")
    return kiosk.site


@pages.get(MOUNT)
@public(DEVICE)
def show_kiosk() -> ResponseReturnValue:
    """The beginning, and the end of whatever somebody did before."""
    return at_kiosk.forget(make_response(render_template("counter/kiosk.html", page=_kiosk(_site()))))


def _kiosk(site: Site, given: Waiting | None = None) -> KioskPage:
    home = path_of("borne", site.code)
    ticket = ticket_name(given.visit.kind, given.visit.number) if given else ""
    return KioskPage(
        title=t("borne.votre_numero") if given else t("borne.titre"),
        site=site.name,
        action=home,
        choices=tuple((code, t(f"borne.{code}")) for code in KINDS),
        key=new_key(),
        phone=phone(site.phone),
        home=home,
        others=()
        if given
        else (
            Link(f"{home}/deposer", t("borne.deposer"), "plus"),
            Link(f"{home}/suivre", t("borne.suivre"), "search"),
        ),
        ticket=ticket,
        lines=_lines(given) if given else (),
        paper=f"{home}/{given.visit.visit}/pdf" if given else "",
    )


def _lines(given: Waiting) -> tuple[str, ...]:
    ahead = t("borne.avant_vous", n=given.ahead) if given.ahead else t("borne.prochain")
    wait = (t("borne.attente", minutes=str(given.minutes)),) if given.minutes else ()
    return (ahead, *wait, t("borne.gardez"))


@pages.post(MOUNT)
@public(DEVICE)
def take_ticket() -> ResponseReturnValue:
    where = _site()
    values, errors = read(KioskForm(), request.form)
    if errors:
        abort(400)
    office = current.office()
    if not office.access.allow("kiosk", where.code, MOST_TICKETS, A_MINUTE):
        return _sorry(where, t("borne.attendez"))
    try:
        given = office.reception.take_ticket(where.code, values["genre"], values["cle"], "system:kiosk")
    except Refused:
        return _sorry(where, t("borne.plus_de_tickets"))
    return redirect(f"{path_of('borne', where.code)}/{given.visit.visit}", 303)


def _sorry(site: Site, said: str) -> ResponseReturnValue:
    flash(said, "late")
    return redirect(path_of("borne", site.code), 303)


@pages.post(f"{MOUNT}/aide")
@public(DEVICE)
def call_for_help() -> ResponseReturnValue:
    """An agent is told that somebody stands at the kiosk and does not get on; what he does there is not.

    As long as nobody has come one call is enough, however often it is pressed.
    """
    where, office = _site(), current.office()
    values, errors = read(HelpForm(), request.form)
    if errors:
        abort(400)
    home = path_of("borne", where.code)
    with reading(office.databases.views) as connection:
        called = visits.helpless(connection, where.code, office.reception.today())
    if not called:
        try:
            office.reception.take_ticket(where.code, "help", values["cle"], "system:kiosk")
        except Refused:
            return _sorry(where, t("borne.aide"))
    flash(t("borne.aide_vient"), "ok")
    back = values["vers"]
    return redirect(back if back.startswith(f"{home}/") and _is_plain(back) else home, 303)


def _is_plain(path: str) -> bool:
    return all(sign.isalnum() or sign in "/-._" for sign in path) and path.isascii()


@pages.get(f"{MOUNT}/<visit>")
@public(DEVICE)
def show_ticket(visit: str) -> ResponseReturnValue:
    where = _site()
    return render_template("counter/kiosk.html", page=_kiosk(where, _given(where, visit)))


@pages.get(f"{MOUNT}/<visit>/pdf")
@public(DEVICE)
def print_ticket(visit: str) -> ResponseReturnValue:
    """Where no script prints the page itself."""
    where = _site()
    given, office, town = _given(where, visit), current.office(), current.town()
    name = ticket_name(given.visit.kind, given.visit.number)
    slip = Ticket(letter=name[0], number=name[1:], at=given.visit.arrived_at, ahead=given.ahead, minutes=given.minutes)
    try:
        words = office.letters.ticket(town, where.code, slip).text
        lines = tuple(line.strip() for line in words.strip().split("\n") if line.strip() not in ("", name))
        paper = office.press.ticket(TicketSheet(title=lines[0], town=town.name, number=name, lines=lines[1:]))
    except (PaperJam, UnfilledField):
        return redirect(f"{path_of('borne', where.code)}/{visit}", 303)
    return pdf(paper, f"ticket-{name}.pdf")


def _given(site: Site, visit: str) -> Waiting:
    """Of today, and of this site."""
    given = current.office().reception.waiting(visit)
    if given is None or given.visit.site != site.code or given.visit.day != current.office().reception.today():
        abort(404)
    return given


# --- the screen ------------------------------------------------------------------------------------------------------


@pages.get("/salle/<site>/<token>")
@public(DEVICE)
def show_screen(site: str, token: str) -> ResponseReturnValue:
    where, office = true_site("salle", site, token), current.office()
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
