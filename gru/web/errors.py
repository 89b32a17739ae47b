"""What is said when something goes wrong, in a page for people, with a code for the operator?"""

from dataclasses import replace
from secrets import token_hex

import structlog
from flask import Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from gru.domain.errors import Refused
from gru.web import at_kiosk, current, typed
from gru.web.agents.sheet import NotYet, OutOfScope
from gru.web.agents.shell import shell
from gru.web.i18n import known, t
from gru.web.pages import PlainPage

log = structlog.get_logger(__name__)


def sentence(refusal: Refused) -> str:
    """The French sentence of a refusal; its values fill it."""
    field = refusal.values.get("field", "")
    key = f"refus.{refusal.code}.{field}"
    return t(key if known(key) else f"refus.{refusal.code}", **{k: v for k, v in refusal.values.items() if k != "n"})


def install(app: Flask) -> None:
    app.register_error_handler(OutOfScope, _out_of_scope)
    app.register_error_handler(NotYet, _not_yet)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def _out_of_scope(error: OutOfScope) -> ResponseReturnValue:
    """403 that names who has the case, so that the agent knows whom to ask."""
    department = current.town().departments.get(error.department)
    service = department.name if department else error.department
    text = t("etat.interdit_service", service=service)
    page = PlainPage(t("etat.interdit_titre"), text, "/agent/demandes", t("dossier.retour"), typed.words())
    return _for_agent(page, 403)


def _not_yet(error: NotYet) -> ResponseReturnValue:
    text = t("temps.avant_creation", date=current.french().long_day(error.received_at))
    page = PlainPage(t("temps.voir_au"), text, f"/agent/demandes/{error.ref}", t("temps.revenir"))
    return _for_agent(page, 404)


def _refused(error: Refused) -> ResponseReturnValue:
    return plain(t("erreur.titre"), sentence(error), 422)


def _expired(error: CSRFError) -> ResponseReturnValue:
    """Of an agent whose session lives on, too: what is lost is what proves that the form came from our page."""
    return _to_send_again(t("etat.formulaire_titre"), t("etat.formulaire_expire"), 400, typed.words())


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if error.response is not None:
        return error.response
    if code == 404:
        return plain(t("etat.introuvable_titre"), t("etat.introuvable_texte"), 404)
    if code == 403:
        return plain(t("etat.interdit_titre"), t("etat.interdit_texte"), 403)
    if code == 413:
        said = f"{t('erreur.fichiers_trop_lourds')} {t('erreur.fichiers_limite', n=_limit())}"
        return _to_send_again(t("erreur.titre"), said, 413, typed.words_before_files())
    if code == 429:
        return plain(t("erreur.titre"), t("etat.trop_requetes", minutes="15"), 429)
    headers = {"Allow": ", ".join(sorted(error.valid_methods or ()))} if hasattr(error, "valid_methods") else {}
    return plain(t("etat.erreur_titre"), t("etat.demande_illisible"), code, headers)


def _broken(error: Exception) -> ResponseReturnValue:
    """The reader gets a code, the log the same code with what happened; neither gets contents."""
    code = token_hex(4)
    log.exception("a page broke", code=code, method=request.method, endpoint=request.endpoint)
    text = t("etat.erreur_texte", code=code)
    try:
        return plain(t("etat.erreur_titre"), text, 500)
    except Exception:
        # Not even the town's name can be read: say it without a page.
        return make_response(text, 500, {"Content-Type": "text/plain; charset=utf-8"})


def _limit() -> int:
    return int(current.config("MAX_CONTENT_LENGTH")) // 1_000_000


def _to_send_again(title: str, text: str, status: int, words: str) -> ResponseReturnValue:
    """What was typed, to be copied into the form as it is shown now."""
    page = _plain(title, text)
    if back := typed.way_back():
        page = replace(page, href=back, action=t("etat.formulaire_revenir"))
    return make_response(render_template("plain.html", page=replace(page, typed=words)), status)


def plain(title: str, text: str, status: int, headers: dict[str, str] | None = None) -> ResponseReturnValue:
    response = make_response(render_template("plain.html", page=_plain(title, text)), status)
    response.headers.update(headers or {})
    return response


def _plain(title: str, text: str) -> PlainPage:
    agents = request.path.startswith(("/agent", "/guichet", "/pilotage", "/rapports", "/administration"))
    kiosk = at_kiosk.here()
    return PlainPage(title, text, "/agent/demandes" if agents else kiosk.base if kiosk else "/suivi",
                     t("dossier.retour") if agents else t("borne.accueil") if kiosk else t("suivi.acces"))  # fmt: skip


def _for_agent(page: PlainPage, status: int) -> ResponseReturnValue:
    return make_response(render_template("agents/forbidden.html", page=page, shell=shell()), status)
