"""What gets in the agents' way, said in one click, followed by who said it, and answered by who is in charge?

Who does not sign leaves no trace here: no name is recorded, the ids tell no time, and pages give the week only.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.domain import difficulty as d
from gru.domain.errors import Refused
from gru.domain.events import TextRef
from gru.domain.references import derived_id
from gru.domain.rights import About, may
from gru.storage.databases import reading
from gru.web import current, labels
from gru.web.agents.cases import new_key
from gru.web.agents.deeds.base import PLEASE, pairs
from gru.web.agents.difficulties_page import AnsweringPage, AnswerPage, Declaring, DifficultiesPage, DifficultyRow
from gru.web.agents.names import Names, names_for
from gru.web.agents.queue_page import Empty, Pager
from gru.web.agents.shell import BASE, DIFFICULTIES, shell, shown
from gru.web.dates import day_and_month
from gru.web.errors import sentence
from gru.web.forms import (
    Acting,
    Field,
    FieldError,
    FormView,
    choice,
    optional_text,
    read,
    refilled,
    required,
    text_field,
    whole_number,
)
from gru.web.i18n import number, t
from gru.web.owners import owned
from gru.web.pages import Link
from projections import case_file, difficulties
from projections.case_file import CaseFile
from projections.difficulties import Declared

pages = Blueprint("difficulties", __name__)

TO_ANSWER = f"{DIFFICULTIES}/a-repondre"
PAGE_SIZE = 30
MOST_SHOWN = 20
TABS: dict[str, tuple[d.State, str]] = {
    "": ("open", "difficulte.onglet_ouvertes"),
    "repondues": ("answered", "difficulte.onglet_repondues"),
    "faites": ("done", "difficulte.onglet_faites"),
}
STATES: dict[d.State, str] = {
    "open": "difficulte.sans_reponse",
    "answered": "difficulte.repondue_le",
    "done": "difficulte.faite_le",
}
FRESH_SECONDS = 1.0
"""How long whoever declared or answered waits for the list to show it."""


class DeclareForm(Acting):
    motif = choice(labels.DIFFICULTIES)
    texte = optional_text()
    anonyme = m.String(load_default="")


class AnswerForm(Acting):
    texte = text_field("erreur.requis", champ="votre réponse")
    faite = m.String(load_default="")


class MaskForm(Acting):
    motif = choice(labels.REDACTIONS)
    compris = m.String(required=True, error_messages=required("masquer.erreur_compris"))


# --- declaring and following -------------------------------------------------------------------------------------


@pages.get(DIFFICULTIES)
@owned("see")
def show_difficulties() -> ResponseReturnValue:
    return _declaring()


def _declaring(errors: tuple[FieldError, ...] = (), status: int = 200) -> ResponseReturnValue:
    agent = current.agent()
    with reading(current.office().databases.views) as connection:
        mine = difficulties.of_agent(connection, agent.id, MOST_SHOWN)
        others = difficulties.unsigned(connection, MOST_SHOWN)
        waiting = difficulties.count(connection, _departments()).get("open", 0) if may(agent, "figures") else 0
    tell = _Telling((*mine, *others))
    page = DifficultiesPage(
        title=t("difficulte.titre"),
        lead=t("difficulte.intro"),
        form=declaring(DIFFICULTIES, errors),
        mine=tuple(tell.row(one, words=True) for one in mine),
        unsigned=tuple(tell.row(one, words=False) for one in others),
        to_answer=Link(TO_ANSWER, t("difficulte.a_repondre"), count=shown(waiting)) if may(agent, "figures") else None,
        errors=errors,
    )
    body = render_template("agents/difficulties.html", page=page, shell=shell(space="difficulties"))
    return make_response(body, status)


def declaring(action: str, errors: tuple[FieldError, ...] = ()) -> Declaring:
    fields = (
        Field("texte", t("difficulte.texte"), "textarea", hint=t("difficulte.texte_aide"), optional=True),
        Field("anonyme", t("dossier.difficulte_anonyme"), "checkbox", hint=t("difficulte.anonyme_aide")),
    )
    key = request.form.get("cle", "") if errors else ""
    return Declaring(action, pairs(labels.DIFFICULTIES), refilled(fields, request.form, errors),
                     (("cle", key or new_key()),))  # fmt: skip


@pages.post(DIFFICULTIES)
@owned("see")
def declare() -> ResponseReturnValue:
    values, errors = read(DeclareForm(), request.form)
    if errors:
        return _declaring(errors, 422)
    office, agent, signed = current.office(), current.agent(), not values["anonyme"]
    stream = derived_id(office.settings.secret, "difficulty", values["cle"])
    if not office.log.history(stream):
        text = _kept(values["texte"], stream, agent.person if signed else "")
        department = d.group_of(agent, current.agents().values(), signed=signed)
        wish = d.Raise(stream=stream, reason=values["motif"], department=department, text=text)
        _execute(wish, by=f"agent:{agent.id}" if signed else "agent:")
    flash(t("difficulte.declaree"), "ok")
    return redirect(DIFFICULTIES, 303)


def _kept(words: str, stream: str, person: str) -> TextRef | None:
    """Under the key of who signed, so that it goes with him; else under one of its own. Its id tells no time."""
    office = current.office()
    if not words:
        return None
    id = derived_id(office.settings.secret, "difficulty text", stream)
    return office.archive.write_text(words, person=person, case="" if person else stream, id=id)


def _execute(*wishes: d.Command, by: str) -> None:
    office = current.office()
    done = office.desk.execute(*wishes, by=by)
    if not office.projector.catch_up("later", to=done.position, seconds=FRESH_SECONDS):
        flash(t("etat.mise_a_jour"), "info")


# --- answering ---------------------------------------------------------------------------------------------------


def _departments() -> tuple[str, ...]:
    """Whose difficulties this agent answers; `""` are nobody’s, for who reads all figures."""
    agent = current.agent()
    own = tuple(code for code in current.town().departments if may(agent, "figures", About(code)))
    return (*own, "") if "figures_all" in agent.rights else own


@pages.get(TO_ANSWER)
@owned("figures")
def show_to_answer() -> ResponseReturnValue:
    asked = request.args.get("voir", "")
    tab = asked if asked in TABS else ""
    nth = max(1, whole_number(request.args.get("page", "1")) or 1)
    with reading(current.office().databases.views) as connection:
        found = difficulties.in_state(connection, TABS[tab][0], _departments(), PAGE_SIZE + 1, (nth - 1) * PAGE_SIZE)
        counts = difficulties.count(connection, _departments())
    tell = _Telling(found)
    page = AnsweringPage(
        title=t("difficulte.a_repondre"),
        note=t("difficulte.a_repondre_note"),
        back=Link(DIFFICULTIES, t("difficulte.titre")),
        tabs=tuple(
            Link(_address(code), t(label), count=shown(counts.get(state, 0)), current=code == tab)
            for code, (state, label) in TABS.items()
        ),
        rows=tuple(tell.row(one, words=True, answering=True) for one in found[:PAGE_SIZE]),
        pager=_pager(tab, nth, more=len(found) > PAGE_SIZE),
        empty=None if found else Empty(t("difficulte.vide_titre"), t("difficulte.vide_texte")),
    )
    return render_template("agents/difficulties_answering.html", page=page, shell=shell(space="difficulties"))


def _address(tab: str, nth: int = 1) -> str:
    said = [f"voir={tab}"] if tab else []
    said += [f"page={nth}"] if nth > 1 else []
    return TO_ANSWER + (f"?{'&'.join(said)}" if said else "")


def _pager(tab: str, nth: int, *, more: bool) -> Pager | None:
    if nth == 1 and not more:
        return None
    before = _address(tab, nth - 1) if nth > 1 else ""
    return Pager(t("file.page", n=number(nth)), before, _address(tab, nth + 1) if more else "")


@pages.get(f"{DIFFICULTIES}/<difficulty>/repondre")
@owned("figures")
def ask_answer(difficulty: str) -> ResponseReturnValue:
    return _answering(_mine_to_answer(difficulty))


@pages.post(f"{DIFFICULTIES}/<difficulty>/repondre")
@owned("figures")
def answer(difficulty: str) -> ResponseReturnValue:
    one = _mine_to_answer(difficulty)
    values, errors = read(AnswerForm(), request.form)
    if errors:
        return _answering(one, errors)
    text = current.office().archive.write_text(values["texte"], person="", case=one.stream)
    wishes: list[d.Command] = [d.Answer(stream=one.stream, answer_id=values["cle"], text=text)]
    if values["faite"]:
        wishes.append(d.Settle(stream=one.stream))
    _execute(*wishes, by=f"agent:{current.agent().id}")
    flash(t("difficulte.reponse_enregistree"), "ok")
    return redirect(TO_ANSWER, 303)


def _mine_to_answer(stream: str) -> Declared:
    """404 for what is unknown or not his to answer."""
    with reading(current.office().databases.views) as connection:
        found = difficulties.by_stream(connection, stream)
    if found is None or found.department not in _departments():
        abort(404)
    return found


def _answering(one: Declared, errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    fields = (
        Field("texte", t("difficulte.votre_reponse"), "textarea", hint=t("difficulte.votre_reponse_aide")),
        Field("faite", t("difficulte.deja_fait"), "checkbox"),
    )
    key = request.form.get("cle", "") if errors else ""
    page = AnswerPage(
        title=t("difficulte.repondre"),
        back=Link(TO_ANSWER, t("difficulte.a_repondre")),
        row=_Telling((one,)).row(one, words=True),
        form=FormView(
            f"{DIFFICULTIES}/{one.stream}/repondre",
            t("difficulte.envoyer_reponse"),
            refilled(fields, request.form, errors),
            (("cle", key or new_key()),),
        ),
        errors=errors,
    )
    body = render_template("agents/difficulty_answer.html", page=page, shell=shell(space="difficulties"))
    return make_response(body, 422 if errors else 200)


@pages.post(f"{DIFFICULTIES}/<difficulty>/faite")
@owned("figures")
def settle(difficulty: str) -> ResponseReturnValue:
    one = _mine_to_answer(difficulty)
    try:
        _execute(d.Settle(stream=one.stream), by=f"agent:{current.agent().id}")
    except Refused as refusal:
        return _answering(one, (FieldError("texte", sentence(refusal)),))
    flash(t("difficulte.faite"), "ok")
    return redirect(TO_ANSWER, 303)


# --- masking words -----------------------------------------------------------------------------------------------


@pages.get(f"{DIFFICULTIES}/<difficulty>/masquer/<file>")
@owned("erase")
def ask_mask(difficulty: str, file: str) -> ResponseReturnValue:
    return _masking(*_masked(difficulty, file))


@pages.post(f"{DIFFICULTIES}/<difficulty>/masquer/<file>")
@owned("erase")
def mask(difficulty: str, file: str) -> ResponseReturnValue:
    one, id = _masked(difficulty, file)
    values, errors = read(MaskForm(), request.form)
    if errors:
        return _masking(one, id, errors)
    wish = d.Redact(stream=one.stream, id=id, reason=values["motif"])
    _execute(wish, by=f"agent:{current.agent().id}")
    current.office().archive.redact(id)
    flash(t("masquer.fait"), "ok")
    return redirect(DIFFICULTIES, 303)


def _masked(stream: str, id: str) -> tuple[Declared, str]:
    with reading(current.office().databases.views) as connection:
        found = difficulties.by_stream(connection, stream)
    if found is None or not id or id not in (found.text_id, found.answer_id):
        abort(404)
    return found, id


def _masking(one: Declared, id: str, errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    fields = (
        Field("motif", t("champ.motif"), "select", choices=(PLEASE, *pairs(labels.REDACTIONS))),
        Field("compris", t("masquer.compris"), "checkbox"),
    )
    key = request.form.get("cle", "") if errors else ""
    page = AnswerPage(
        title=t("difficulte.masquer"),
        back=Link(DIFFICULTIES, t("difficulte.titre")),
        row=_Telling((one,)).row(one, words=True),
        form=FormView(
            f"{DIFFICULTIES}/{one.stream}/masquer/{id}",
            t("masquer.bouton"),
            refilled(fields, request.form, errors),
            (("cle", key or new_key()),),
        ),
        errors=errors,
    )
    body = render_template("agents/difficulty_answer.html", page=page, shell=shell(space="difficulties"))
    return make_response(body, 422 if errors else 200)


# --- how one is told ---------------------------------------------------------------------------------------------


class _Telling:
    """The words, names and cases of some difficulties, looked up together."""

    def __init__(self, told: Iterable[Declared]) -> None:
        office, agent = current.office(), current.agent()
        found = tuple(told)
        self._texts = office.archive.texts({id for one in found for id in (one.text_id, one.answer_id) if id})
        self._names: Names = names_for((), current.town(), current.everybody(), office.archive)
        with reading(office.databases.views) as connection:
            files = case_file.by_ids(connection, sorted({one.case_id for one in found if one.case_id}))
        self._files: dict[str, CaseFile] = {file.case_id: file for file in files if may(agent, "see", file)}

    def row(self, one: Declared, *, words: bool, answering: bool = False) -> DifficultyRow:
        """`words` are for who said them and for who answers; a list everybody reads leaves them out."""
        file = self._files.get(one.case_id) if words else None
        return DifficultyRow(
            reason=labels.said(labels.DIFFICULTIES, one.reason),
            about=self._about(one),
            state=one.state,
            standing=self._standing(one),
            words=self._text(one.text_id) if words else "",
            answer=self._text(one.answer_id),
            case=Link(f"{BASE}/{file.number}", t("suivi.demande", ref=file.number)) if file else None,
            links=tuple(self._links(one, answering=answering, words=words)),
            settle=_settling(one) if answering and one.state == "answered" else None,
        )

    def _text(self, id: str) -> str:
        return (self._texts.get(id) or t("suivi.masque")) if id else ""

    def _about(self, one: Declared) -> str:
        """Who and when; of who did not sign the week, and his group when it is large enough to hide him."""
        french = current.french()
        department = self._names.department(one.department) if one.department else ""
        if one.declarer:
            who, when = self._names.agent(one.declarer), french.short_day(one.declared_at)
        else:
            day = french.local(one.declared_at).date()
            monday = day_and_month(day - timedelta(days=day.weekday()))
            who, when = t("difficulte.sans_nom"), t("difficulte.semaine_du", date=monday)
        return " · ".join(part for part in (who, department, when) if part)

    def _standing(self, one: Declared) -> str:
        french = current.french()
        at = one.settled_at if one.state == "done" else one.answered_at
        if at is not None:
            return t(STATES[one.state], date=french.short_day(at))
        return t("difficulte.relancee", n=one.reminders) if one.reminders else t(STATES["open"])

    def _links(self, one: Declared, *, answering: bool, words: bool) -> Sequence[Link]:
        links = []
        if answering:
            key = "difficulte.repondre" if one.state == "open" else "difficulte.repondre_encore"
            links.append(Link(f"{DIFFICULTIES}/{one.stream}/repondre", t(key), "reply"))
        if may(current.agent(), "erase"):
            for id, key in ((one.text_id, "difficulte.masquer"), (one.answer_id, "difficulte.masquer_reponse")):
                if id and self._texts.get(id):
                    links.append(Link(f"{DIFFICULTIES}/{one.stream}/masquer/{id}", t(key), "lock"))
        return links


def _settling(one: Declared) -> FormView:
    return FormView(f"{DIFFICULTIES}/{one.stream}/faite", t("difficulte.marquer_faite"))
