"""Which messages did no case take, and what does an agent make of each: a case's, a case of its own, nothing?"""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.channels.base import Incoming, RawMessage
from gru.domain.case import Case
from gru.domain.errors import BadInput, Refused
from gru.domain.events import MessageOutcome
from gru.domain.message import PutAside, decide, replay
from gru.domain.rights import may, scope_of
from gru.office.desk import Done
from gru.office.files import ScannerSilent
from gru.office.read_message import title_of
from gru.storage.databases import reading
from gru.storage.people import Person, tidy_phone
from gru.web import current, labels
from gru.web.agents.handed_on import HandedOnForm, handed_on_form
from gru.web.agents.messages_page import MessagePage, MessageRow, MessagesPage
from gru.web.agents.queue_page import Empty, Pager
from gru.web.agents.shell import MESSAGES, shell, shown
from gru.web.errors import sentence
from gru.web.forms import Field, FieldError, Form, FormView, choice, read, refilled, text_field
from gru.web.i18n import number, t
from gru.web.owners import owned
from gru.web.pages import Link, Row, file_size
from projections import case_file, inbox
from projections.inbox import Decided, Untaken

pages = Blueprint("messages", __name__)

PAGE_SIZE = 20
"""Each line is read again from the message as it came, so a page is short."""

OLDEST, NEWEST = "anciens", "recents"
MACHINES: tuple[MessageOutcome, ...] = ("automatic", "bounce")
TABS: dict[str, tuple[str, Decided, tuple[MessageOutcome, ...]]] = {
    "": ("messages.onglet_a_decider", "", inbox.FOR_AGENTS),
    "automatiques": ("messages.onglet_automatiques", "", MACHINES),
    "ecartes": ("messages.onglet_ecartes", "aside", inbox.UNTAKEN),
}
WHY = {
    "unproven_sender": "messages.motif_expediteur",
    "spam": "messages.motif_spam",
    "handed_on": "messages.motif_transfere",
    "read_anew": "messages.motif_relu",
    "perhaps_automatic": "messages.motif_peut_etre_automatique",
    "own": "messages.motif_notre_envoi",
    "loop": "messages.motif_boucle",
    "list": "messages.motif_liste",
    "empty": "messages.motif_vide",
    "automatic": "messages.motif_automatique",
    "delivery_report": "messages.motif_non_remise",
    "cannot_be_taken_in": "messages.motif_illisible",
    "comment": "messages.motif_commentaire",
    "unsupported": "messages.motif_facebook_autre",
    "unreadable": "messages.motif_facebook_illisible",
    "data_deletion": "messages.motif_effacement",
}
ASIDE = {
    "advertising": "messages.ecarter_publicite",
    "no_request": "messages.ecarter_sans_demande",
    "handled_already": "messages.ecarter_deja_traite",
    "not_for_us": "messages.ecarter_pas_pour_nous",
    "machine": "messages.ecarter_automatique",
}


class LinkForm(Form):
    reference = text_field("messages.erreur_numero")


class AsideForm(Form):
    motif = choice(ASIDE)


# --- the list ----------------------------------------------------------------------------------------------------


@pages.get(MESSAGES)
@owned("link")
def show_messages() -> ResponseReturnValue:
    asked, at = request.args.get("voir", ""), request.args.get("page", "1")
    tab = asked if asked in TABS else ""
    nth = max(1, int(at[:6])) if at.isdecimal() else 1
    _, decided, outcomes = TABS[tab]
    newest = request.args.get("tri", _usual(tab)) == NEWEST
    with reading(current.office().databases.views) as connection:
        mine = case_file.visible(scope_of(current.agent()))
        found = inbox.page(
            connection, outcomes, PAGE_SIZE + 1, (nth - 1) * PAGE_SIZE, decided=decided, visible=mine, newest=newest
        )
        waiting = inbox.waiting(connection, visible=mine)
    page = MessagesPage(
        title=t("messages.titre"),
        summary=t("messages.resume", n=waiting) if waiting <= inbox.CAP else t("messages.resume_beaucoup", n=inbox.CAP),
        tabs=tuple(_tab(code, shown(waiting) if code == "" else "", current=code == tab) for code in TABS),
        rows=_rows(found[:PAGE_SIZE]),
        pager=_pager(tab, nth, newest, more=len(found) > PAGE_SIZE),
        order=_other_order(tab, newest) if len(found) > 1 else None,
        empty=None if found else Empty(t("messages.vide_titre"), t("messages.vide_texte") if not tab else ""),
    )
    return render_template("agents/messages.html", page=page, shell=shell(space="messages"))


def _tab(code: str, count: str, *, current: bool) -> Link:
    return Link(_address(code), t(TABS[code][0]), count=count, current=current)


def _usual(tab: str) -> str:
    """What waits begins with the oldest, what is decided with the newest."""
    return NEWEST if TABS[tab][1] else OLDEST


def _other_order(tab: str, newest: bool) -> Link:
    label = t("messages.tri_anciens" if newest else "messages.tri_recents")
    return Link(_address(tab, newest=not newest), label)


def _address(tab: str, nth: int = 1, *, newest: bool | None = None) -> str:
    """`newest`: which come first; `None` for the order that is usual there."""
    order = _usual(tab) if newest is None else NEWEST if newest else OLDEST
    said = [f"voir={tab}"] if tab else []
    said += [f"tri={order}"] if order != _usual(tab) else []
    said += [f"page={nth}"] if nth > 1 else []
    return MESSAGES + (f"?{'&'.join(said)}" if said else "")


def _pager(tab: str, nth: int, newest: bool, *, more: bool) -> Pager | None:
    if nth == 1 and not more:
        return None
    before = _address(tab, nth - 1, newest=newest) if nth > 1 else ""
    return Pager(t("file.page", n=number(nth)), before, _address(tab, nth + 1, newest=newest) if more else "")


def _rows(found: Sequence[Untaken]) -> tuple[MessageRow, ...]:
    numbers = _numbers({one.suggested for one in found})
    return tuple(_row(one, numbers.get(one.suggested, "")) for one in found)


def _row(one: Untaken, suggested: str) -> MessageRow:
    incoming = _reread(one.message)
    return MessageRow(
        key=one.message,
        href=f"{MESSAGES}/{one.message}",
        subject=_subject(incoming),
        sender=_sender(incoming),
        why=_why(one),
        channel=labels.channel(one.channel),
        received=current.french().listed(one.received_at),
        suggested=t("messages.suggere", ref=suggested) if suggested else "",
        gone=incoming is None,
    )


def _numbers(case_ids: set[str]) -> dict[str, str]:
    """The numbers of those cases this agent may see; of the others nothing is said."""
    wanted = sorted(case_ids - {""})
    if not wanted:
        return {}
    scope = scope_of(current.agent())
    with reading(current.office().databases.views) as connection:
        return {file.case_id: file.number for file in case_file.by_ids(connection, wanted) if scope.shows(file)}


def _reread(key: str) -> Incoming | None:
    """The message as its channel reads it; `None` once it was erased."""
    office = current.office()
    kept = office.archive.kept(key)
    if kept is None or kept.raw is None:
        return None
    channel = office.channels[kept.channel]
    return channel.parse(RawMessage(channel.code, kept.source, kept.external_id, kept.received_at, b"", kept.raw))


def _subject(incoming: Incoming | None) -> str:
    if incoming is None:
        return t("messages.efface")
    return incoming.subject.strip() or title_of(incoming) or t("messages.sans_objet")


def _sender(incoming: Incoming | None) -> str:
    if incoming is None:
        return ""
    where = incoming.address or incoming.phone or (t("messages.compte_facebook") if incoming.handle else "")
    if incoming.name and where and not incoming.handle:
        return f"{incoming.name} <{where}>"
    return incoming.name or where or t("messages.expediteur_inconnu")


def _named(name: str, where: str) -> str:
    return f"{name} <{where}>" if name and where else name or where or t("messages.expediteur_inconnu")


def _why(one: Untaken) -> str:
    return labels.said(WHY, one.reason)


# --- one message -------------------------------------------------------------------------------------------------


@pages.get(f"{MESSAGES}/<ref>")
@owned("link")
def show_message(ref: str) -> ResponseReturnValue:
    one = _found(ref)
    if one.case_id and not _numbers({one.case_id}):
        abort(404)
    return render_template("agents/messages_one.html", page=_page(one), shell=shell(space="messages"))


def _found(key: str) -> Untaken:
    """404 as well for what speaks of a case this agent may not see: its words are about that case."""
    with reading(current.office().databases.views) as connection:
        one = inbox.by_key(connection, key)
    if one is None or (one.suggested and not _numbers({one.suggested})):
        abort(404)
    return one


def _page(one: Untaken, errors: tuple[FieldError, ...] = ()) -> MessagePage:
    incoming = _reread(one.message)
    inside = incoming.forwarded if incoming else None
    numbers = _numbers({one.suggested, one.case_id})
    later = current.office().sequels.said_about(one.message) if incoming else ()
    removed = any(kind == "removed" for kind, _, _ in later)
    suggested, case = numbers.get(one.suggested, ""), numbers.get(one.case_id, "")
    return MessagePage(
        title=_subject(incoming),
        back=MESSAGES,
        rows=(*_facts(one, incoming, suggested), *_later(later)),
        text=incoming.text.strip() if incoming and not removed else "",
        quoted=incoming.folded.strip() if incoming else "",
        handed_on=inside.text if inside else "",
        whose=t("messages.transfere_de", nom=_named(inside.name, inside.address)) if inside else "",
        files=_files(one.message, incoming) if incoming and not removed else (),
        gone="" if incoming else t("messages.efface_texte"),
        decided=_decided(one, case),
        case=Link(f"/agent/demandes/{case}", t("messages.voir_dossier", ref=case), "link") if case else None,
        forms=tuple(_forms(one, suggested, incoming, errors=errors)),
        errors=errors,
    )


def _facts(one: Untaken, incoming: Incoming | None, suggested: str) -> list[Row]:
    rows = [
        Row(t("messages.de"), _sender(incoming) or t("messages.efface")),
        Row(t("champ.recue"), current.french().prose(one.received_at)),
        Row(t("champ.canal"), labels.channel(one.channel).text),
        Row(t("messages.boite"), one.source),
        Row(t("messages.pourquoi"), _why(one)),
        Row(t("messages.lecture"), labels.defects(incoming.defects) if incoming else ""),
    ]
    if suggested:
        rows.append(Row(t("messages.dossier_suggere"), suggested, f"/agent/demandes/{suggested}"))
    return [row for row in rows if row.value]


def _files(key: str, incoming: Incoming) -> tuple[Row, ...]:
    attached = [Row(file.name, file_size(len(file.content))) for file in incoming.attachments]
    copied = [Row(file.name, file_size(file.size)) for file in current.office().media.names(key, incoming)]
    return (*attached, *copied)


def _later(said: Sequence[tuple[str, datetime, str]]) -> list[Row]:
    """What its author did with it since; words he took back are not shown."""
    french = current.french()
    removed = any(kind == "removed" for kind, _, _ in said)
    rows = []
    for kind, at, text in said:
        if kind == "removed":
            rows.append(Row(t("messages.retire"), french.prose(at)))
        elif kind == "edited" and not removed:
            rows.append(Row(t("messages.modifie", date=french.prose(at)), text))
        elif kind == "answer":
            rows.append(Row(t("messages.repondu", date=french.prose(at)), text))
    return rows


def _decided(one: Untaken, case: str) -> str:
    if one.decided == "linked":
        return t("messages.deja_rattache", ref=case) if case else t("messages.deja_rattache_ailleurs")
    return t("messages.deja_ecarte") if one.decided == "aside" else ""


def _forms(
    one: Untaken, suggested: str, incoming: Incoming | None, *, errors: tuple[FieldError, ...]
) -> list[FormView]:
    """What the message's own rules still allow; words that are gone can join nothing."""
    if one.decided == "linked":
        return []
    base = f"{MESSAGES}/{one.message}"
    forms = [_link_form(base, suggested, errors), _open_form(base)] if incoming else []
    if incoming and incoming.forwarded:
        handed_on = handed_on_form(base, incoming.forwarded, suggested, errors)
        forms = [handed_on, *forms] if one.reason == "handed_on" else [*forms, handed_on]
    return [*forms, _aside_form(base, errors)] if _may_be_put_aside(one.message) else forms


def _link_form(base: str, suggested: str, errors: tuple[FieldError, ...]) -> FormView:
    field = Field("reference", t("messages.numero"), value=suggested, hint=t("messages.numero_aide"), short=True)
    return FormView(
        f"{base}/rattacher", t("messages.rattacher"), refilled((field,), request.form, errors),
        title=t("messages.rattacher_titre"),
    )  # fmt: skip


def _open_form(base: str) -> FormView:
    return FormView(f"{base}/ouvrir", t("messages.ouvrir"), title=t("messages.ouvrir_titre"))


def _aside_form(base: str, errors: tuple[FieldError, ...]) -> FormView:
    choices = (("", t("commun.choisir")), *((code, t(key)) for code, key in ASIDE.items()))
    field = Field("motif", t("champ.motif"), "select", choices=choices)
    return FormView(
        f"{base}/ecarter", t("messages.ecarter"), refilled((field,), request.form, errors),
        title=t("messages.ecarter_titre"),
    )  # fmt: skip


def _may_be_put_aside(key: str) -> bool:
    """Would it change anything? The message's rules say so."""
    try:
        return bool(decide(replay(current.office().log.history(key)), PutAside(message_id=key, reason="no_request")))
    except Refused:
        return False


# --- what is decided ---------------------------------------------------------------------------------------------


@pages.post(f"{MESSAGES}/<ref>/rattacher")
@owned("link")
def link(ref: str) -> ResponseReturnValue:
    one = _found(ref)
    values, errors = read(LinkForm(), request.form)
    case = _target(values["reference"]) if values else None
    if case is None:
        return _wrong(one, errors or (FieldError("reference", t("messages.erreur_numero")),))
    done = f"/agent/demandes/{case.number}", t("messages.dit_rattache", ref=case.number)
    return _decide(one, "reference", lambda by: (current.office().intake.link(ref, case.id, by), *done))


def _target(written: str) -> Case | None:
    """The case of this number, if this agent may link to it."""
    desk = current.office().desk
    case_id = desk.case_numbered(written.strip().removeprefix("#"))
    case = desk.case(case_id) if case_id else None
    return case if case is not None and may(current.agent(), "link", case) else None


@pages.post(f"{MESSAGES}/<ref>/ouvrir")
@owned("link")
def open_case(ref: str) -> ResponseReturnValue:
    return _decide(_found(ref), "contenu", lambda by: _opened(ref, by))


def _opened(key: str, by: str, author: Person | None = None) -> tuple[Done, str, str]:
    """The new case may lie outside what its opener sees: then he is told its number, and led back to the list."""
    office = current.office()
    case_id, done = office.intake.open(key, by, author)
    case = office.desk.case(case_id)
    assert case is not None
    seen = may(current.agent(), "see", case)
    return done, f"/agent/demandes/{case.number}" if seen else MESSAGES, t("messages.dit_ouvert", ref=case.number)


@pages.post(f"{MESSAGES}/<ref>/transfere")
@owned("link")
def hand_on(ref: str) -> ResponseReturnValue:
    """The words that were handed on are a resident's: he asks, not the agent who forwarded them."""
    one = _found(ref)
    values, errors = read(HandedOnForm(), request.form)
    case = _target(values["dossier"]) if values and values["dossier"] else None
    if values and values["dossier"] and case is None:
        errors = (*errors, FieldError("dossier", t("messages.erreur_numero")))
    if errors:
        return _wrong(one, errors)
    author = Person(name=values["nom"], email=values["courriel"], phone=tidy_phone(values["telephone"]))
    if case is None:
        return _decide(one, "nom", lambda by: _opened(ref, by, author))
    done = f"/agent/demandes/{case.number}", t("messages.dit_rattache", ref=case.number)
    return _decide(one, "nom", lambda by: (current.office().intake.link(ref, case.id, by, author), *done))


@pages.post(f"{MESSAGES}/<ref>/ecarter")
@owned("link")
def put_aside(ref: str) -> ResponseReturnValue:
    one = _found(ref)
    values, errors = read(AsideForm(), request.form)
    if errors:
        return _wrong(one, errors)
    wish = PutAside(message_id=ref, reason=values["motif"])
    done = MESSAGES, t("messages.dit_ecarte")
    return _decide(one, "motif", lambda by: (current.office().desk.execute(wish, by=by), *done), words=False)


def _decide(
    one: Untaken, field: str, carry_out: Callable[[str], tuple[Done, str, str]], *, words: bool = True
) -> ResponseReturnValue:
    """Carry it out, say it and lead on; what is refused is said in the message's page, and nothing is lost."""
    office = current.office()
    try:
        if words and _reread(one.message) is None:
            raise BadInput("Its words were erased.", field="message")
        done, href, said = carry_out(f"agent:{current.agent().id}")
    except Refused as refusal:
        return _wrong(one, (FieldError(field, _refused(refusal)),))
    except ScannerSilent:
        return _wrong(one, (FieldError(field, t("messages.antivirus")),))
    if not office.projector.catch_up("inline", to=done.position):
        flash(t("etat.mise_a_jour"), "info")
    flash(said, "ok")
    return redirect(href, 303)


def _refused(refusal: Refused) -> str:
    if refusal.code == "not_now":
        return t("messages.deja_traite")
    return t("messages.efface_texte") if refusal.values.get("field") == "message" else sentence(refusal)


def _wrong(one: Untaken, errors: tuple[FieldError, ...]) -> ResponseReturnValue:
    page = _page(_found(one.message), errors)
    return make_response(render_template("agents/messages_one.html", page=page, shell=shell(space="messages")), 422)
