"""How does an agent read one case: its page, a fact's proof, a file?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from math import ceil
from secrets import token_hex
from urllib.parse import quote

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain import events as e
from gru.domain.references import new_id
from gru.domain.rights import scope_of
from gru.storage.databases import reading
from gru.web import current, labels
from gru.web.agents import deeds, neighbours
from gru.web.agents.case_page import Composer, LinkedCase, Menu, ProofPage
from gru.web.agents.case_view import TABS, case_page
from gru.web.agents.changes import Telling
from gru.web.agents.deeds.words import REPLY_KINDS, reply_channel, templates, ways
from gru.web.agents.difficulties_page import Declaring
from gru.web.agents.facebook import said_of_window
from gru.web.agents.facts import actor, tell
from gru.web.agents.maskable import masks
from gru.web.agents.names import files_of, raw_json
from gru.web.agents.sheet import Sheet, moment, open_sheet
from gru.web.agents.shell import shell
from gru.web.agents.tasks import tasks
from gru.web.forms import FormView, whole_number
from gru.web.i18n import t
from gru.web.owners import owned
from gru.web.pages import Link, Row
from gru.web.security import DOWNLOAD_POLICY
from projections import case_file

pages = Blueprint("cases", __name__)

MENUS = (("assign", "dossier.attribuer"), ("status", "dossier.statut"), ("more", "commun.plus_actions"))


def new_key() -> str:
    """Under which a wish happens once, however often its button is pressed."""
    return new_id(current.now(), bytes.fromhex(token_hex(10)))


def hidden(sheet: Sheet, key: str = "") -> tuple[tuple[str, str], ...]:
    return (("version", str(sheet.latest.version)), ("cle", key or new_key()))


@pages.get("/agent/demandes/<ref>")
@owned("see")
def show_case(ref: str) -> ResponseReturnValue:
    at, fact = moment()
    sheet = open_sheet(ref, at=at, fact=fact)
    tab, numbers = request.args.get("fil", "tout"), _numbers(sheet)
    page = case_page(
        sheet,
        tab=tab if tab in TABS else "tout",
        before=whole_number(request.args.get("avant", "")),
        linked=_linked(sheet),
        numbers=numbers,
        beside=neighbours.beside(sheet),
    )
    page = replace(
        page,
        merged=neighbours.merged(sheet, numbers),
        likely=neighbours.likely(sheet),
        third_parties=neighbours.third_parties(sheet),
    )
    if not sheet.is_past:
        cancel = _may_come_back(sheet)
        page = replace(
            page,
            composer=_composer(sheet),
            menus=_menus(sheet),
            take=_take(sheet),
            difficulty=_difficulty(sheet),
            cancel=cancel,
            leaving=tuple(_leaving(sheet, cancel)),
            tasks=tuple(tasks(sheet, hidden)),
            masks=masks(sheet),
            third_party_links=_third_party_links(sheet),
        )
    return render_template("agents/case.html", page=page, shell=shell())


def _linked(sheet: Sheet) -> tuple[LinkedCase, ...]:
    """Linked and merged cases this agent may see; the others are not even counted."""
    case, office = sheet.case, current.office()
    scope = scope_of(sheet.agent)
    with reading(office.databases.views) as connection:
        files = [*case_file.duplicates_of(connection, case.id)]
        if case.links:
            files += case_file.by_ids(connection, sorted(case.links))
    seen = {file.case_id: file for file in files if scope.shows(file)}
    titles = office.archive.texts({file.title_id for file in seen.values() if file.title_id}) if seen else {}
    return tuple(_linked_case(file, titles.get(file.title_id), sheet) for file in seen.values())


def _others(event: e.Event) -> set[str]:
    """The ids of the other cases a fact names."""
    return {getattr(event, name, "") for name in ("other", "main", "via")} - {""}


def _numbers(sheet: Sheet) -> dict[str, str]:
    """The numbers of all cases this one's facts name and this agent may see."""
    named = {id for recorded in sheet.history for id in _others(recorded.event)}
    if not named:
        return {}
    with reading(current.office().databases.views) as connection:
        files = case_file.by_ids(connection, sorted(named))
    scope = scope_of(sheet.agent)
    return {file.case_id: file.number for file in files if scope.shows(file)}


def _without(raw: str, ids: set[str]) -> str:
    for id in ids:
        raw = raw.replace(id, "")
    return raw


def _linked_case(file: case_file.CaseFile, title: str | None, sheet: Sheet) -> LinkedCase:
    said = t("confidentialite.secret_liste") if file.confidentiality == "secret" else title
    status = labels.status(file.status, file.waiting_on, file.outcome).text
    detail = t("dossier.liee_detail", date=sheet.french.short_day(file.received_at), statut=status)
    label = f"{file.number} — {said or sheet.names.type(file.type)}"
    mark = t("doublon.jointe") if file.case_id in sheet.case.absorbed else ""
    return LinkedCase(f"/agent/demandes/{file.number}", label, detail, file.case_id, file.number, mark)


# --- what can be done --------------------------------------------------------------------------------------------


def _menus(sheet: Sheet) -> tuple[Menu, ...]:
    offered = [deed for deed in deeds.ALL if deed.menu and deed.when(sheet.latest) and sheet.may(deed.act)]
    menus = []
    for code, key in MENUS:
        links = tuple(Link(f"{sheet.base}/{d.slug}", t(d.title), d.icon) for d in offered if d.menu == code)
        if links:
            menus.append(Menu(t(key), links, short=code == "more"))
    return tuple(menus)


def _difficulty(sheet: Sheet) -> Declaring | None:
    deed = deeds.BY_SLUG["difficulte"]
    if not sheet.may(deed.act):
        return None
    reasons = deeds.pairs(labels.DIFFICULTIES)
    return Declaring(f"{sheet.base}/{deed.slug}", reasons, hidden=hidden(sheet))


def _third_party_links(sheet: Sheet) -> tuple[Link, ...]:
    """What can be done about those who were asked."""
    offered = [deeds.BY_SLUG[slug] for slug in ("relancer-tiers", "reponse-tiers", "retirer-tiers")]
    fitting = [deed for deed in offered if deed.when(sheet.latest) and sheet.may(deed.act)]
    return tuple(Link(f"{sheet.base}/{deed.slug}", t(deed.title), deed.icon) for deed in fitting)


def _take(sheet: Sheet) -> FormView | None:
    case, me = sheet.latest, sheet.agent
    if not deeds.still_open(case) or case.agent == me.id or not sheet.may("handle"):
        return None
    given = (("agent", me.id), *hidden(sheet))
    return FormView(f"{sheet.base}/attribuer", t("dossier.a_moi"), hidden=given)


def _may_come_back(sheet: Sheet) -> dict[int, FormView]:
    """The replies somebody has clicked away and that have not left yet."""
    if not sheet.may("handle"):
        return {}
    now = current.now()
    return {
        recorded.version: FormView(
            f"{sheet.base}/annuler-envoi", t("fil.annuler_envoi"), hidden=(("reponse", event.reply_id), *hidden(sheet))
        )
        for recorded in sheet.history
        if isinstance(event := recorded.event, e.ReplyWritten)
        and event.not_before is not None
        and event.not_before > now
        and sheet.case.replies[event.reply_id].state == "written"
    }


def _leaving(sheet: Sheet, cancel: dict[int, FormView]) -> Iterator[tuple[str, FormView]]:
    for recorded in sheet.history:
        event = recorded.event
        if recorded.version in cancel and isinstance(event, e.ReplyWritten) and event.not_before is not None:
            seconds = max(1, ceil((event.not_before - current.now()).total_seconds()))
            yield t("dossier.envoi_dans", n=seconds), cancel[recorded.version]


def _composer(sheet: Sheet) -> Composer | None:
    if not sheet.may("handle"):
        return None
    asked = request.args.get("composer", "")
    open_case = deeds.still_open(sheet.latest)
    kind = "note" if asked == "note" or not open_case else "reply"
    href = f"{sheet.base}?composer="
    name = sheet.names.person(sheet.latest.requester) or t("dossier.anonyme")
    code = reply_channel(sheet)
    without = said_of_window(sheet) or _said_of_way(sheet, code, name)
    return Composer(
        kind=kind,
        action=f"{sheet.base}/{'note' if kind == 'note' else 'repondre'}",
        reply_href=f"{href}reponse#ecrire",
        note_href=f"{href}note#ecrire",
        label=t("dossier.votre_note") if kind == "note" else t("dossier.votre_reponse_a", nom=name),
        button=t("dossier.ajouter_note") if kind == "note" else _send_button(code, name),
        can_reply=open_case,
        asked=bool(asked),
        warning="" if kind == "note" else without,
        hidden=hidden(sheet),
        kinds=deeds.pairs(REPLY_KINDS),
        wait=t("dossier.envoyer_attente") if kind == "reply" else "",
        models=tuple((one.code, one.label) for one in templates(sheet)) if kind == "reply" else (),
        insert=f"{sheet.base}/repondre/modele",
        preview=f"{sheet.base}/repondre/apercu" if kind == "reply" else "",
        otherwise=f"{sheet.base}/repondre/modifier" if kind == "reply" else "",
    )


def _said_of_way(sheet: Sheet, way: e.Channel, name: str) -> str:
    """What he should know who writes on a way that does not leave by itself."""
    if way in ("post", "phone", "counter"):
        return t(f"envois.ecrire_{way}", nom=name)
    if way == "tracking":
        return t("dossier.sans_contact") if len(ways(sheet)) == len(ALWAYS_OPEN) else t("envois.ecrire_tracking")
    return ""


ALWAYS_OPEN = ("counter", "tracking")


def _send_button(way: e.Channel, name: str) -> str:
    if way == "tracking":
        return t("dossier.publier_suivi")
    if way in ("phone", "counter"):
        return t(f"envois.bouton_{way}", nom=name)
    channel = t("facebook.prive") if way == "facebook" else labels.channel(way).text.lower()
    return t("dossier.envoyer", canal=channel, nom=name)


# --- proof and files ---------------------------------------------------------------------------------------------


@pages.get("/agent/demandes/<ref>/faits/<number>")
@owned("see")
def show_fact(ref: str, number: str) -> ResponseReturnValue:
    sheet = open_sheet(ref, fact=whole_number(number) or 0)
    recorded = sheet.history[-1]
    if recorded.version != whole_number(number):
        abort(404)
    return render_template("agents/proof.html", page=proof_page(sheet, recorded), shell=shell())


def proof_page(sheet: Sheet, recorded: e.Recorded) -> ProofPage:
    names, french, number = sheet.names, sheet.french, recorded.version
    others = _numbers(sheet)
    told = tell(sheet.history, Telling(names, french, sheet.base, others))[-1].view
    who, place = actor(recorded, sheet.case, names)
    event = recorded.event
    rows = [
        Row(t("fil.preuve_qui"), ", ".join(part for part in (who or place, place if who else "") if part)),
        Row(t("fil.preuve_quand"), french.prose(_happened(event, recorded))),
        Row(t("fil.preuve_enregistre"), f"{french.prose(recorded.at)} ({recorded.at.isoformat()})"),
    ]
    channel = getattr(event, "channel", "")
    if channel:
        rows.append(Row(t("fil.preuve_canal"), labels.channel(channel).text))
    rows += [Row(change.field, f"{change.before} → {change.after}" if change.before else change.after)
             for change in told.changes]  # fmt: skip
    if recorded.cause:
        rows.append(Row(t("fil.preuve_cause"), recorded.cause))
    before = sheet.history[-2].digest.hex() if len(sheet.history) > 1 else t("commun.aucun")
    rows += [
        Row(t("fil.preuve_nom"), f"{event.NAME} v{event.VERSION}"),
        Row(t("fil.preuve_empreinte"), recorded.digest.hex()),
        Row(t("fil.preuve_precedente"), before),
    ]
    return ProofPage(
        ref=sheet.ref,
        back=f"{sheet.base}#fait-{number}",
        title=t("fil.preuve_titre", n=str(number), ref=sheet.ref),
        what=told.title,
        rows=tuple(rows),
        raw=_without(raw_json(event), _others(event) - set(others)),
        before=f"{sheet.base}/faits/{number - 1}" if number > 1 else "",
        after=f"{sheet.base}/faits/{number + 1}" if number < sheet.total else "",
    )


def _happened(event: e.Event, recorded: e.Recorded) -> datetime:
    match event:
        case e.CaseOpened(received_at=at) | e.MessageReceived(received_at=at) | e.ReplySent(sent_at=at):
            return at
    return recorded.at


@pages.get("/agent/demandes/<ref>/pieces/<file>")
@owned("see")
def show_file(ref: str, file: str) -> ResponseReturnValue:
    sheet = open_sheet(ref)
    known = {one.id for recorded in sheet.history for one in files_of(recorded.event)}
    return download(file, known)


def download(file: str, known: set[str]) -> Response:
    """A file of the case, only ever as something to save: its content is a stranger's."""
    stored = current.office().archive.file(file) if file in known else None
    if stored is None:
        abort(404)
    response = make_response(stored.content)
    response.headers["Content-Type"] = stored.media_type
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stored.name, safe='')}"
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    return response
