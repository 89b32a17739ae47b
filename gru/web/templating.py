"""How are pages put together? One Jinja environment over the templates of every audience, compiled once."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask.sansio.app import App
from flask.templating import Environment
from jinja2 import FileSystemLoader, StrictUndefined

from gru.web import assets
from gru.web.charts import is_hatched
from gru.web.i18n import t

AUDIENCES = ("agents", "counter", "residents", "reports", "admin", "committee")


class _Strict(Environment):
    """A name a page does not have is a fault, not an empty string."""

    def __init__(self, app: App, **options: Any) -> None:
        options |= {"undefined": StrictUndefined, "auto_reload": False, "trim_blocks": True, "cache_size": -1}
        super().__init__(app, **options)


class Pages(Flask):
    jinja_environment = _Strict


def install(app: Flask) -> None:
    here = Path(__file__).parent
    folders = [here / "templates", *(here / audience / "templates" for audience in AUDIENCES)]
    app.jinja_loader = FileSystemLoader(folders)
    app.jinja_env.globals["t"] = t
    app.jinja_env.globals["help_phone"] = None
    app.jinja_env.globals["kiosk"] = None
    app.jinja_env.tests["hatched"] = is_hatched
    assets.install(app)
