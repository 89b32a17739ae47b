"""Which office is this request for, who asks, and what time is it? The only place that knows the running app."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from flask import current_app, g
from flask_login import current_user

from gru.domain.rights import Agent
from gru.domain.town import Town
from gru.web.dates import French

if TYPE_CHECKING:
    from gru.bootstrap import Office

T = TypeVar("T")


def office() -> "Office":
    built: Office = current_app.extensions["gru"]
    return built


def agent_or_none() -> Agent | None:
    """Who is logged in; the session is looked up once in a request."""
    return current_user.agent if current_user.is_authenticated else None


def agent() -> Agent:
    found = agent_or_none()
    if found is None:
        raise LookupError("this view needs an agent: its owner should have asked for one")
    return found


def now() -> datetime:
    return _once("now", lambda: office().now())


def town() -> Town:
    """The version in force now: names, departments, calendars. A case is judged by its own."""
    return _once("town", lambda: office().town.in_force(now()))


def agents() -> dict[str, Agent]:
    """Who works for the town now."""
    return _once("agents", lambda: office().town.agents())


def everybody() -> dict[str, Agent]:
    """The same with those who have left: what they did keeps their name."""
    return _once("everybody", lambda: office().town.everybody())


def french() -> French:
    return _once("french", lambda: French(now(), town().legal_calendar.zone))


def town_name() -> str:
    return town().name


def config(name: str) -> Any:
    return current_app.config[name]


def secret() -> bytes:
    """What signs cookies and kept forms; derived, so that it opens nothing else."""
    key: bytes = config("SECRET_KEY")
    return key


def _once(name: str, find: Callable[[], T]) -> T:
    key = f"gru_{name}"
    if key not in g:
        setattr(g, key, find())
    found: T = getattr(g, key)
    return found
