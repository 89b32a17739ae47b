"""Is this page shown on the kiosk of a town hall, and where do its links lead then?

The residents' pages stand a second time under the address of each kiosk. There they are larger, lead nowhere else,
keep nothing in the browser, and what was begun ends with whoever began it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from hmac import compare_digest
from secrets import token_bytes
from typing import Any

from flask import Flask, Response, abort, g, request
from flask.sansio.blueprints import Blueprint

from gru.domain.references import device_token, new_id
from gru.domain.town import Site
from gru.web import current
from gru.web.forms import Field

MOUNT = "/borne/<kiosk_site>/<kiosk_key>"
KEPT = timedelta(minutes=10)
"""So long after the last answer the server knows what was typed, should the machine have lost its own clock."""

IDLE, WARNED = 60, 40
"""Seconds without a touch: until all is forgotten, and until that is announced (20 s to say no: WCAG 2.2.1)."""


@dataclass(frozen=True, slots=True)
class Kiosk:
    site: Site
    base: str
    help_key: str
    """Of the call for help: pressed ten times on one page it is one."""

    idle: int = IDLE
    warned: int = WARNED


def install(app: Flask, pages: Iterable[Blueprint]) -> None:
    """These blueprints once more, under the address of every kiosk."""
    for blueprint in pages:
        app.register_blueprint(blueprint, name=f"kiosk_{blueprint.name}", url_prefix=MOUNT)
    app.config["KIOSK_COOKIE"] = "__Host-borne" if app.config["SESSION_COOKIE_SECURE"] else "borne"

    @app.url_value_preprocessor
    def enter(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values and "kiosk_site" in values:
            site = true_site("borne", values.pop("kiosk_site"), values.pop("kiosk_key"))
            g.gru_kiosk = Kiosk(site, path_of("borne", site.code), new_id(current.now(), token_bytes(10)))


def true_site(use: str, code: str, token: str) -> Site:
    """The site of this device; 404 for a wrong key, whether or not there is such a site."""
    true = device_token(current.office().settings.secret, use, code)
    site = current.town().sites.get(code)
    if not compare_digest(token.encode(), true.encode()) or site is None or site.kind == "virtual":
        abort(404)
    return site


def path_of(use: str, site: str) -> str:
    """The address a kiosk or a screen is left open on; it opens nothing of the agents'."""
    return f"/{use}/{site}/{device_token(current.office().settings.secret, use, site)}"


def here() -> Kiosk | None:
    found: Kiosk | None = g.get("gru_kiosk")
    return found


def path(address: str) -> str:
    """An address of the residents' pages, as it is reached from this page."""
    kiosk = here()
    return f"{kiosk.base}{address}" if kiosk else address


def plain(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """At a kiosk the browser offers nobody what somebody else typed."""
    return tuple(replace(field, autocomplete="off") for field in fields) if here() else fields


# --- what one person leaves, until he goes ---------------------------------------------------------------------------


def cookie() -> str:
    """The drawer of whoever stands here: a sealed draft or the case he follows, never both."""
    return request.cookies.get(current.config("KIOSK_COOKIE"), "")


def hand_over(response: Response, token: str) -> Response:
    """Until the browser closes at most; `forget` comes sooner."""
    response.set_cookie(current.config("KIOSK_COOKIE"), token, secure=current.config("SESSION_COOKIE_SECURE"),
                        httponly=True, samesite="Strict")  # fmt: skip
    return response


def forget(response: Response) -> Response:
    """Nothing of the one before is left, on the machine or with us."""
    if token := cookie():
        current.office().drafts.forget(token)
        response.delete_cookie(current.config("KIOSK_COOKIE"), secure=current.config("SESSION_COOKIE_SECURE"),
                               httponly=True, samesite="Strict")  # fmt: skip
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
