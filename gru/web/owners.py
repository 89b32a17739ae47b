"""Who may ask for this address? Every route says it; one that says nothing is not served."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue

from gru.domain.rights import Act, may
from gru.web import auth, current

View = TypeVar("View", bound=Callable[..., Any])


class Owner:
    """Either an act an agent must be allowed (`see`: any agent; each case is asked again), or a reason to be public."""

    def __init__(self, act: Act | None, reason: str = "") -> None:
        self.act = act
        self.reason = reason


_OWNERS: dict[Callable[..., Any], Owner] = {}


def owned(act: Act) -> Callable[[View], View]:
    """Only an agent who may do this at all; what concerns one case is asked of that case by its view."""
    return _with(Owner(act))


def public(reason: str) -> Callable[[View], View]:
    """Anybody, for this reason."""
    return _with(Owner(None, reason))


def _with(owner: Owner) -> Callable[[View], View]:
    def register(view: View) -> View:
        _OWNERS[view] = owner
        return view

    return register


def owner_of(view: Callable[..., Any]) -> Owner | None:
    return _OWNERS.get(view)


def install(app: Flask) -> None:
    @app.before_request
    def guard() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        owner = owner_of(app.view_functions[request.endpoint])
        if owner is None:
            abort(404)
        if owner.act is None:
            return None
        agent = current.agent_or_none()
        if agent is None:
            return auth.ask_to_log_in()
        if owner.act != "see" and not may(agent, owner.act):
            abort(403)
        return None
