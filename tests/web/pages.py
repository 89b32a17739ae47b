"""How do a thousand tests get the pages of their town without putting them together a thousand times?

Working out the addresses costs a tenth of a second, and the first look at each page as much again for its template.
What a process in production does once, a test process does once too.
"""

from copy import copy

from flask import Flask

from gru.bootstrap import Office
from gru.web.app import create_app

_made: dict[tuple[bytes, str], Flask] = {}


def pages_of(office: Office) -> Flask:
    """The pages of this office; with those of another they share their addresses and compiled templates only."""
    settings = office.settings
    assert not settings.proxies, "what stands before the pages is not shared"
    like = (settings.secret, settings.public_url)
    made = _made[like] = _made.get(like) or create_app(office)
    app = copy(made)
    app.config = copy(made.config)
    app.extensions = {**made.extensions, "gru": office}
    app.testing = False
    return app
