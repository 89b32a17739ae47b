"""How is the web put together around an office?"""

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from gru.web import at_kiosk, auth, current, errors, owners, security, templating
from gru.web.admin import calendars, engagements, health, publishing, simulations, weeks
from gru.web.admin import mail as mail_pages
from gru.web.agents import (
    actions,
    cases,
    composing,
    difficulties,
    duties,
    explaining,
    legal_dates,
    messages,
    queue,
    redacting,
    sendings,
    session,
)
from gru.web.committee import decisions as committee_decisions
from gru.web.committee import views as committee
from gru.web.counter import entries, handing, kiosk, mailing, receipts, relay, tally, waiting
from gru.web.facebook import views as facebook
from gru.web.pages import phone
from gru.web.reports import processus
from gru.web.reports import views as reports
from gru.web.residents import access, following, kiosk_following, opinion, second_code, third_party, tracking
from gru.web.residents.filing import catalogue, later, receipt, sending
from gru.web.residents.filing import views as filing

if TYPE_CHECKING:
    from gru.bootstrap import Office

MOST_BYTES = 80_000_000
"""Five files of 15 MB and the form around them."""

COUNTER = (entries.pages, receipts.pages, waiting.pages, kiosk.pages, mailing.pages, handing.pages, tally.pages,
           relay.pages)  # fmt: skip
BLUEPRINTS = (session.pages, queue.pages, cases.pages, actions.pages, composing.pages, redacting.pages,
              messages.pages, access.pages, tracking.pages, second_code.pages, third_party.pages, opinion.pages,
              processus.pages, reports.pages, committee_decisions.pages, committee.pages,
              health.pages, facebook.pages, mail_pages.pages, duties.pages, sendings.pages, difficulties.pages,
              explaining.pages, legal_dates.pages, following.pages,
              engagements.pages, calendars.pages, weeks.pages, publishing.pages, simulations.pages,
              catalogue.pages, filing.pages, sending.pages, later.pages, receipt.pages, *COUNTER)  # fmt: skip

AT_KIOSK = (catalogue.pages, filing.pages, sending.pages, kiosk_following.pages)


def create_app(office: "Office") -> Flask:
    """The WSGI application of one office."""
    https = office.settings.public_url.startswith("https://")
    app = templating.Pages("gru.web", static_folder=None)
    app.config.update(
        SECRET_KEY=hmac.digest(office.settings.secret, b"gru web cookies", sha256),
        SESSION_COOKIE_NAME="__Host-page" if https else "page",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        DRAFT_COOKIE="__Host-brouillon" if https else "brouillon",
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=1_000_000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions["gru"] = office
    if office.settings.proxies:
        behind = ProxyFix(app.wsgi_app, x_for=office.settings.proxies, x_proto=1)
        app.wsgi_app = behind  # type: ignore[method-assign]  # a method that Flask means to be replaced
    csrf = CSRFProtect(app)
    for signed in (facebook.receive, facebook.ask_deletion, following.stop, opinion.refuse):
        csrf.exempt(signed)
    templating.install(app)
    auth.install(app, https=https)
    security.install(app, https=https)
    owners.install(app)
    errors.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    at_kiosk.install(app, AT_KIOSK)
    app.jinja_env.globals["town_name"] = current.town_name
    app.context_processor(_around)
    return app


def _around() -> dict[str, object]:
    return {"help_phone": phone(current.town().phone), "kiosk": at_kiosk.here()}
