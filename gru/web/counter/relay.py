"""How does a colleague take over a post of the counter in a moment, in his own name?

He picks his name and gives his password: a session of his own begins, and the one before it is revoked.
"""

from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.domain.rights import Agent, may
from gru.web import auth, current
from gru.web.agents.shell import shell
from gru.web.forms import Choices, Field, FieldError, Form, choice, read, refilled, required
from gru.web.i18n import alphabetical, t
from gru.web.owners import owned

pages = Blueprint("relay", __name__)


@dataclass(frozen=True, slots=True)
class RelayPage:
    title: str
    colleagues: Choices
    fields: tuple[Field, ...] = ()
    errors: tuple[FieldError, ...] = ()


class RelayForm(Form):
    agent = choice()
    mot_de_passe = m.String(required=True, error_messages=required("erreur.requis", champ="mot de passe"))


@pages.get("/guichet/relais")
@owned("register")
def ask() -> ResponseReturnValue:
    return _screen()


def _screen(errors: tuple[FieldError, ...] = (), status: int = 200) -> ResponseReturnValue:
    colleagues = tuple((one.id, one.name) for one in _colleagues())
    fields = (
        Field("agent", t("relais.qui"), "radios", choices=colleagues),
        Field("mot_de_passe", t("connexion.mot_de_passe"), "password", autocomplete="off", short=True),
    )
    sent = {"agent": request.form.get("agent", "")}
    page = RelayPage(t("relais.titre"), colleagues, refilled(fields, sent, errors), errors)
    return make_response(render_template("counter/relay.html", page=page, shell=shell(space="counter")), status)


def _colleagues() -> list[Agent]:
    """Who may work at this post: those of the same sites; everybody who takes requests down where there are none."""
    me = current.agent()
    others = [one for one in current.agents().values() if one.id != me.id and may(one, "register")]
    near = [one for one in others if set(one.sites) & set(me.sites)]
    return sorted(near or others, key=lambda one: alphabetical(one.name))


@pages.post("/guichet/relais")
@owned("register")
def take_over() -> ResponseReturnValue:
    """Tries are counted by account and address, as at the door."""
    values, errors = read(RelayForm(), request.form)
    picked = next((one for one in _colleagues() if one.id == request.form.get("agent", "")), None)
    if picked is None and not any(error.field == "agent" for error in errors):
        errors = (*errors, FieldError("agent", t("erreur.choisir")))
    if errors or picked is None:
        return _screen(errors, 422)
    person = current.office().archive.people([picked.person]).get(picked.person)
    agent, minutes = auth.check(person.email if person else "", values["mot_de_passe"])
    if agent != picked.id:
        said = t("connexion.trop", minutes=str(minutes)) if minutes else t("relais.erreur")
        return _screen((FieldError("mot_de_passe", said),), 429 if minutes else 422)
    response = make_response(redirect("/guichet", 303))
    auth.leave(response)
    auth.enter(response, agent)
    return response
