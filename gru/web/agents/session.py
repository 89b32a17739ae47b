"""How does an agent come in, and go out again?"""

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.web import auth, current
from gru.web.forms import Field, Form, FormView, read, text_field
from gru.web.i18n import t
from gru.web.owners import owned, public

pages = Blueprint("session", __name__)


class LoginForm(Form):
    identifiant = text_field("erreur.email")
    mot_de_passe = m.String(required=True)
    suite = m.String(load_default="")
    garde = m.String(load_default="")


@pages.get("/")
@public("leads to where each one belongs; shows nothing")
def start() -> ResponseReturnValue:
    return redirect(auth.START if current.agent_or_none() else "/deposer", 303)


@pages.get("/connexion")
@public("the door itself")
def show_login() -> ResponseReturnValue:
    following = auth.own_path(request.args.get("suite", ""))
    if current.agent_or_none():
        return redirect(following, 303)
    return render_template("agents/login.html", page=auth.login_page(following=following))


@pages.post("/connexion")
@public("the door itself; tries are counted by account and by address")
def log_in() -> ResponseReturnValue:
    values, errors = read(LoginForm(), request.form)
    login = request.form.get("identifiant", "")
    following, kept = request.form.get("suite", ""), request.form.get("garde", "")
    agent, minutes = auth.check(values["identifiant"], values["mot_de_passe"]) if not errors else ("", 0)
    if not agent:
        said = t("connexion.trop", minutes=str(minutes)) if minutes else t("connexion.erreur")
        page = auth.login_page(login=login, following=following, kept=kept, error=said)
        return make_response(render_template("agents/login.html", page=page), 429 if minutes else 422)
    response = make_response(_resume(kept) or redirect(auth.own_path(following), 303))
    auth.enter(response, agent)
    return response


def _resume(sealed: str) -> str:
    """The form that was sent after the session had ended, to be sent again by one click."""
    kept = auth.open_form(sealed) if sealed else None
    if kept is None:
        return ""
    shown = {"texte": "textarea", "message": "textarea"}
    fields = tuple(
        Field(name, t("etat.votre_texte"), shown[name], value) for name, value in kept.values if name in shown
    )
    hidden = tuple((name, value) for name, value in kept.values if name not in shown)
    form = FormView(kept.path, t("commun.envoyer"), fields, hidden)
    return render_template("agents/resume.html", form=form)


@pages.post("/deconnexion")
@owned("see")
def log_out() -> ResponseReturnValue:
    response = make_response(redirect("/connexion", 303))
    auth.leave(response)
    return response
