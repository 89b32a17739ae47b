"""Who is this agent, and what happens to his words when his session has ended?

A session is a row that can be revoked; its token is an opaque cookie. A password is tried as often as the counters of
the address and of the account allow.
"""

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Request, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin
from itsdangerous import BadData, URLSafeSerializer

from gru.domain.rights import Agent
from gru.storage.access import Limit
from gru.web import current
from gru.web.agents.case_page import LoginPage
from gru.web.forms import Field, FieldError
from gru.web.i18n import t
from gru.web.security import client_address, from_here

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
WINDOW = timedelta(minutes=15)
MOST_FOR_ACCOUNT = 10
MOST_ANYWHERE = 10 * MOST_FOR_ACCOUNT
MOST_FROM_ADDRESS = 100
START = "/agent/demandes"

_hashing = threading.BoundedSemaphore(4)
"""A password check costs half a second of a core: more of them at once would stop the pages."""


class LoggedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """What Flask-Login holds for the length of a request."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    def get_id(self) -> str:
        return self.agent.id


@dataclass(frozen=True)
class Kept:
    """A form sent after the session had ended: where it was going, and what was in it."""

    path: str
    values: tuple[tuple[str, str], ...]


def install(app: Flask, *, https: bool) -> None:
    app.config["AGENT_COOKIE"] = "__Host-agent" if https else "agent"
    app.config["AGENT_COOKIE_SECURE"] = https
    manager = LoginManager(app)
    manager.session_protection = None

    def load(sent: Request) -> LoggedIn | None:
        token = sent.cookies.get(app.config["AGENT_COOKIE"], "")
        session = current.office().access.session(token) if token else None
        if session is None:
            return None
        agent = current.office().town.at_work(session.agent)
        return LoggedIn(agent) if agent else None

    manager.request_loader(load)


def enter(response: Response, agent: str) -> None:
    """A new session, whatever cookie came with the request."""
    token = current.office().access.open_session(agent, idle=IDLE, longest=LONGEST)
    response.set_cookie(
        current.config("AGENT_COOKIE"),
        token,
        max_age=int(LONGEST.total_seconds()),
        secure=current.config("AGENT_COOKIE_SECURE"),
        httponly=True,
        samesite="Lax",
    )


def leave(response: Response) -> None:
    current.office().access.revoke(request.cookies.get(current.config("AGENT_COOKIE"), ""))
    response.delete_cookie(
        current.config("AGENT_COOKIE"), secure=current.config("AGENT_COOKIE_SECURE"), httponly=True, samesite="Lax"
    )


def check(login: str, password: str) -> tuple[str, int]:
    """The agent, or `""` and how many minutes to wait (0: the address or the password was wrong)."""
    access = current.office().access
    minutes = int(WINDOW.total_seconds() // 60)
    limits = (
        Limit("login_address", client_address(), MOST_FROM_ADDRESS),
        Limit("login", from_here(login), MOST_FOR_ACCOUNT),
        Limit("login_anywhere", login, MOST_ANYWHERE),
    )
    if not access.allow_all(limits, WINDOW):
        return "", minutes
    with _hashing:
        agent = access.check_password(login, password)
    if not agent or agent not in current.agents():
        return "", 0
    access.forgive("login", from_here(login))
    return agent, 0


def ask_to_log_in() -> ResponseReturnValue:
    """Reading is sent to the login page; a form that was filled is kept in it, sealed."""
    if request.method == "GET":
        return redirect(f"/connexion?suite={here()}", 303)
    page = login_page(kept=seal_form(), notice=f"{t('etat.session_titre')}. {t('etat.session_texte')}")
    return make_response(render_template("agents/login.html", page=page), 401)


def here() -> str:
    return quote(request.full_path.rstrip("?"), safe="")


def login_page(*, login: str = "", following: str = "", kept: str = "", error: str = "", notice: str = "") -> LoginPage:
    errors = (FieldError("identifiant", error),) if error else ()
    fields = (
        Field("suite", "", "hidden", following),
        Field("garde", "", "hidden", kept),
        Field("identifiant", t("connexion.identifiant"), "email", login, error=error, autocomplete="username"),
        Field("mot_de_passe", t("connexion.mot_de_passe"), "password", autocomplete="current-password"),
    )
    return LoginPage("/connexion", fields, errors, notice)


def own_path(following: str) -> str:
    """Where to go after login: only ever a page of ours."""
    if not following.startswith("/") or following.startswith("//") or any(c < "!" or c == "\\" for c in following):
        return START
    try:
        parts = urlsplit(following)
    except ValueError:
        return START
    return START if parts.scheme or parts.netloc or ":" in parts.path else following


def seal_form() -> str:
    values = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return _serializer().dumps({"path": request.path, "values": values})


def open_form(sealed: str) -> Kept | None:
    try:
        found: dict[str, Any] = _serializer().loads(sealed)
    except BadData:
        return None
    return Kept(own_path(found["path"]), tuple((str(n), str(v)) for n, v in found["values"]))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current.secret(), salt="kept form")
