"""Which letters wait to be printed, signed and posted, and which came back?

One PDF a print run; every step is a fact of its case, and the reply counts as sent on the day it is posted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m
from sqlalchemy import Connection

from gru.domain import events as e
from gru.domain.case import CaseCommand, PostLetter, PrintLetter, ReturnLetter, SignLetter
from gru.domain.errors import Refused
from gru.domain.references import is_id
from gru.domain.rights import scope_of
from gru.domain.town import Town
from gru.office.letters import split_subject
from gru.office.papers import LetterSheet, PaperJam
from gru.office.papers.press import MOST_LETTERS
from gru.storage.databases import reading
from gru.storage.people import Person
from gru.web import current, labels
from gru.web.agents.queue_page import Empty
from gru.web.agents.shell import shell
from gru.web.counter.entry_view import new_key
from gru.web.counter.receipts import pdf
from gru.web.forms import ID, Choices, Field, FieldError, Form, FormView, LocalDay, at_most, choice, read, refilled
from gru.web.i18n import t
from gru.web.owners import owned
from gru.web.pages import Link
from projections import case_file, letters
from projections.case_file import CaseFile
from projections.letters import Letter, State

pages = Blueprint("mailing", __name__)

PAGE = "/guichet/courriers"
LONGEST_REGISTERED = 40
TABS: dict[str, tuple[str, tuple[State, ...]]] = {
    "": ("lettres.a_imprimer", ("to_print",)),
    "a-signer": ("lettres.a_signer", ("printed",)),
    "a-poster": ("lettres.a_poster", ("signed",)),
    "postees": ("lettres.postees", ("posted",)),
    "revenues": ("lettres.revenues", ("returned",)),
}


@dataclass(frozen=True, slots=True)
class LetterRow:
    """`value` is what its box sends; `batch` leads to the print run it lies in."""

    value: str
    ref: str
    href: str
    kind: str
    reader: str
    detail: str
    batch: Link | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MailingPage:
    title: str
    summary: str
    tabs: tuple[Link, ...]
    rows: tuple[LetterRow, ...]
    tab: str
    key: str
    sites: Choices
    site: str
    forms: tuple[FormView, ...]
    batch: Link | None = None
    empty: Empty | None = None
    errors: tuple[FieldError, ...] = ()


class StepForm(Form):
    cle = m.String(required=True, validate=ID)
    voir = choice(TABS, optional=True)
    site = m.String(load_default="")
    jour = LocalDay(load_default=None)
    recommande = m.String(load_default="", validate=at_most(LONGEST_REGISTERED))
    retour = choice(labels.RETURNS, optional=True)


# --- the lists -------------------------------------------------------------------------------------------------------


@pages.get(PAGE)
@owned("register")
def show() -> ResponseReturnValue:
    return _screen(request.args.get("voir", ""), request.args.get("site", ""))


def _screen(tab: str, site: str, errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    page = _page(tab if tab in TABS else "", site if site in current.town().sites else "", errors)
    shown = render_template("counter/mailing.html", page=page, shell=shell(space="letters"))
    return make_response(shown, 422 if errors else 200)


def _page(tab: str, site: str, errors: tuple[FieldError, ...]) -> MailingPage:
    found = _seen(TABS[tab][1], site)
    asked = f"&site={site}" if site else ""
    run = request.args.get("lot", "")
    return MailingPage(
        title=t("lettres.titre"),
        summary=t("lettres.nombre", n=len(found)),
        tabs=tuple(
            Link(f"{PAGE}?voir={code}{asked}", t(name), current=code == tab) for code, (name, _) in TABS.items()
        ),
        rows=_rows(found),
        tab=tab,
        key=new_key(),
        sites=(("", t("lettres.tous_sites")), *((one.code, one.name) for one in current.town().sites.values())),
        site=site,
        forms=tuple(_forms(tab, errors)) if found else (),
        batch=Link(f"{PAGE}/lots/{run}", t("lettres.ouvrir_lot"), "print") if is_id(run) else None,
        empty=None if found else Empty(t("lettres.vide_titre"), t("lettres.vide_texte")),
        errors=errors,
    )


Seen = tuple[Letter, CaseFile]


def _seen(states: Sequence[State], site: str = "") -> list[Seen]:
    """The letters of the cases this agent may see, as many as one run takes."""
    newest = states[0] in ("posted", "returned")
    with reading(current.office().databases.views) as connection:
        found = letters.in_state(connection, states, 5 * MOST_LETTERS, newest=newest)
        files = _files(connection, found)
    due = [one for one in found if one.not_before is None or one.not_before <= current.now()]
    pairs = [(one, files[one.case_id]) for one in due if one.case_id in files]
    return [pair for pair in pairs if not site or pair[1].site == site][:MOST_LETTERS]


def _files(connection: Connection, found: Sequence[Letter]) -> dict[str, CaseFile]:
    scope = scope_of(current.agent())
    known = case_file.by_ids(connection, sorted({one.case_id for one in found})) if found else ()
    return {one.case_id: one for one in known if scope.shows(one)}


def _rows(found: Sequence[Seen]) -> tuple[LetterRow, ...]:
    people = current.office().archive.people({file.requester for _, file in found if file.requester})
    rows = []
    for one, file in found:
        person = people.get(file.requester)
        rows.append(
            LetterRow(
                value=f"{one.case_id}.{one.reply_id}",
                ref=file.number,
                href=f"/agent/demandes/{file.number}",
                kind=labels.said(labels.REPLY_KINDS, one.kind),
                reader=_reader(file, person),
                detail=_detail(one),
                batch=Link(f"{PAGE}/lots/{one.batch}", t("lettres.lot")) if one.batch else None,
                problem="" if person and person.address else t("lettres.sans_adresse"),
            )
        )
    return tuple(rows)


def _reader(file: CaseFile, person: Person | None) -> str:
    """His name stands on the paper; in a list that of a secret case is nobody's."""
    if file.confidentiality == "secret":
        return t("confidentialite.secret_liste")
    return person.name if person and person.name else t("guichet.sans_nom")


def _detail(one: Letter) -> str:
    french = current.french()
    if one.state == "returned" and one.returned_at:
        why = labels.said(labels.RETURNS, one.reason)
        return t("lettres.revenue_le", date=french.short_day(one.returned_at), motif=why)
    if one.state == "posted" and one.posted_at:
        said = t("lettres.postee_le", date=french.short_day(one.posted_at))
        return f"{said}, {t('lettres.recommande_no', no=one.registered)}" if one.registered else said
    if one.printed_at:
        return t("lettres.imprimee_le", date=french.listed(one.printed_at))
    return t("lettres.ecrite_le", date=french.listed(one.written_at))


def _forms(tab: str, errors: tuple[FieldError, ...]) -> list[FormView]:
    """The steps that may follow, each a button below the list."""
    today = current.french().local(current.now()).date().isoformat()
    day = Field("jour", t("lettres.jour"), "date", today, short=True)
    number = Field("recommande", t("lettres.recommande"), optional=True, short=True, autocomplete="off")
    reasons = (("", t("commun.choisir")), *((code, t(key)) for code, key in labels.RETURNS.items()))
    why = Field("retour", t("champ.motif"), "select", choices=reasons)
    posted = FormView("poster", t("lettres.bouton_poster"), refilled((day, number), request.form, errors))
    match tab:
        case "":
            return [FormView("imprimer", t("lettres.bouton_imprimer"))]
        case "a-signer":
            again = FormView("imprimer", t("lettres.bouton_reimprimer"))
            return [FormView("signer", t("lettres.bouton_signer")), posted, again]
        case "a-poster":
            return [posted]
        case "postees":
            return [FormView("retour", t("lettres.bouton_retour"), refilled((why,), request.form, errors))]
    return []


# --- the steps -------------------------------------------------------------------------------------------------------


@pages.post(f"{PAGE}/<any('imprimer', 'signer', 'poster', 'retour'):slug>")
@owned("register")
def step(slug: str) -> ResponseReturnValue:
    values, errors = read(StepForm(), request.form)
    if any(error.field == "voir" for error in errors):
        abort(400)
    tab, site = request.form.get("voir", ""), request.form.get("site", "")
    chosen = _chosen(request.form.getlist("lettre"))
    if not errors and not chosen:
        errors = (FieldError("lettres", t("lettres.erreur_aucune")),)
    if not errors:
        errors = _wrong(slug, values)
    if errors:
        return _screen(tab, site, errors)
    if slug == "imprimer":
        return _print(chosen, str(values["cle"]), tab, site)
    done, left = _carry_out(chosen, _wish(slug, values))
    _say(slug, done, left)
    return redirect(f"{PAGE}?voir={tab}&site={site}", 303)


def _chosen(sent: Sequence[str]) -> list[Seen]:
    """The letters ticked that this agent may see; of others nothing is said."""
    wanted = {tuple(value.split(".", 1)) for value in sent[:MOST_LETTERS] if value.count(".") == 1}
    states: tuple[State, ...] = ("to_print", "printed", "signed", "posted")
    return [pair for state in states for pair in _seen((state,)) if (pair[0].case_id, pair[0].reply_id) in wanted]


def _wrong(slug: str, values: dict[str, object]) -> tuple[FieldError, ...]:
    if slug == "poster":
        day = values["jour"]
        if not isinstance(day, date):
            return (FieldError("jour", t("erreur.date")),)
        if day > current.french().local(current.now()).date():
            return (FieldError("jour", t("lettres.erreur_futur")),)
    if slug == "retour" and not values["retour"]:
        return (FieldError("retour", t("erreur.choisir")),)
    return ()


Wish = Callable[[Letter], CaseCommand]


def _wish(slug: str, values: dict[str, object]) -> Wish:
    match slug:
        case "signer":
            return lambda one: SignLetter(case_id=one.case_id, reply_id=one.reply_id)
        case "poster":
            posted, number = _posted_at(values["jour"]), str(values["recommande"])
            return lambda one: PostLetter(
                case_id=one.case_id, reply_id=one.reply_id, posted_at=max(posted, one.written_at), registered=number
            )
        case _:
            why = str(values["retour"])
            return lambda one: ReturnLetter(case_id=one.case_id, reply_id=one.reply_id, reason=why)


def _posted_at(day: object) -> datetime:
    """Now for today; noon for a day before."""
    french, now = current.french(), current.now()
    if not isinstance(day, date) or day == french.local(now).date():
        return now
    return datetime.combine(day, time(12), french.zone)


def _carry_out(chosen: Sequence[Seen], wish: Wish) -> tuple[int, int]:
    """How many letters took the step, and how many could not: each is a save of its own."""
    office, by, last, done = current.office(), f"agent:{current.agent().id}", 0, 0
    for one, _ in chosen:
        try:
            last = max(last, office.desk.execute(wish(one), by=by).position)
        except Refused:
            continue
        done += 1
    office.projector.catch_up("inline", to=last)
    return done, len(chosen) - done


SAID = {"imprimer": "lettres.dit_imprimees", "signer": "lettres.dit_signees", "poster": "lettres.dit_postees",
        "retour": "lettres.dit_revenues"}  # fmt: skip


def _say(slug: str, done: int, left: int) -> None:
    if done:
        flash(t(SAID[slug], n=done), "ok")
    if left:
        flash(t("lettres.dit_refusees", n=left), "late")


def _print(chosen: Sequence[Seen], batch: str, tab: str, site: str) -> ResponseReturnValue:
    """Set first, recorded then: nothing is called printed that no printer could have."""
    ready = [pair for pair in chosen if pair[0].state in ("to_print", "printed") and _sheet(*pair) is not None]
    if not ready:
        return _screen(tab, site, (FieldError("lettres", t("lettres.sans_adresse")),))
    try:
        _run(ready)
    except PaperJam:
        return _screen(tab, site, (FieldError("lettres", t("lettres.papier_impossible")),))

    def wish(one: Letter) -> PrintLetter:
        return PrintLetter(case_id=one.case_id, reply_id=one.reply_id, batch=batch)

    done, left = _carry_out(ready, wish)
    _say("imprimer", done, left + len(chosen) - len(ready))
    return redirect(f"{PAGE}?voir=a-signer&site={site}&lot={batch}", 303)


# --- the paper -------------------------------------------------------------------------------------------------------


@pages.get(f"{PAGE}/lots/<file>")
@owned("register")
def print_batch(file: str) -> ResponseReturnValue:
    """The run as it was set; what was erased since is left out."""
    with reading(current.office().databases.views) as connection:
        found = letters.of_batch(connection, file)
        files = _files(connection, found)
    pairs = [(one, files[one.case_id]) for one in found if one.case_id in files]
    pairs = [pair for pair in pairs if _sheet(*pair) is not None]
    if not pairs:
        abort(404)
    try:
        return pdf(_run(pairs), f"courriers-{file[:12]}.pdf")
    except PaperJam:
        flash(t("lettres.papier_impossible"), "late")
        return redirect(PAGE, 303)


def _run(pairs: Sequence[Seen]) -> bytes:
    sheets = tuple(sheet for pair in pairs if (sheet := _sheet(*pair)) is not None)
    return current.office().press.letters(t("lettres.titre_lot", n=len(sheets)), sheets)


def _sheet(one: Letter, file: CaseFile) -> LetterSheet | None:
    """`None` when its words or its reader's address can no longer be read."""
    office = current.office()
    person = office.archive.people([file.requester]).get(file.requester)
    text = _words(one)
    if person is None or not person.address or text is None:
        return None
    town, reader = office.town.version(file.town_version), (person.name, *_address_lines(person.address))
    return letter_sheet(file.number, town, file.department, reader, text, one.written_at)


def letter_sheet(
    number: str, town: Town, department_code: str, reader: tuple[str, ...], text: str, at: datetime
) -> LetterSheet:
    subject, body = split_subject(text)
    department = town.departments.get(department_code)
    sender = (town.name, *((department.name, department.address, department.phone) if department else (town.address,)))
    return LetterSheet(
        number=number,
        town=town.name,
        sender=tuple(line for line in sender if line),
        reader=reader,
        place_and_day=t("lettres.lieu_et_jour", ville=town.name, date=current.french().long_day(at)),
        reference=t("lettres.reference", ref=number),
        subject=subject or t("lettres.objet", ref=number),
        paragraphs=tuple(part.strip("\n") for part in body.split("\n\n") if part.strip()),
    )


def _words(one: Letter) -> str | None:
    office = current.office()
    for recorded in office.log.history(one.case_id):
        event = recorded.event
        if isinstance(event, e.ReplyWritten) and event.reply_id == one.reply_id and event.text:
            return office.archive.texts([event.text.id])[event.text.id]
    return None


def _address_lines(address: str) -> tuple[str, ...]:
    """As it stands on an envelope: a line where the writer put a line, else at the commas."""
    parts = address.split("\n") if "\n" in address else address.split(",")
    return tuple(part.strip() for part in parts if part.strip())
