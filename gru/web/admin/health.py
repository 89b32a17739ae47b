"""Is everything running? For the machine that watches, for the collector of figures, and for the operator."""

from datetime import datetime

import structlog
from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import text

from gru.storage.databases import reading
from gru.web import current
from gru.web.admin.health_page import HealthPage
from gru.web.agents.shell import shell
from gru.web.dates import elapsed
from gru.web.i18n import number, t
from gru.web.owners import owned, public
from gru.web.pages import Row

pages = Blueprint("health", __name__)
logger = structlog.get_logger(__name__)

LATE_SECONDS = 300


@pages.get("/sante")
@public("whether the service answers, for the machine that watches it; says nothing else")
def health() -> ResponseReturnValue:
    """200 when every database answers, else 503; which one does not stands in the operator's log only."""
    databases = current.office().databases
    try:
        for engine in (databases.views, databases.work, databases.archive, databases.keys):
            with reading(engine) as connection:
                connection.execute(text("SELECT 1"))
        current.office().log.head()
    except Exception:
        logger.exception("a database does not answer")
        return Response("ko\n", status=503, content_type="text/plain; charset=utf-8")
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@pages.get("/metrics")
@public("figures of the machinery without names or contents; to be closed to the outside by the reverse proxy")
def metrics() -> ResponseReturnValue:
    registry = CollectorRegistry()
    for name, (meaning, value) in gauges().items():
        Gauge(name, meaning, registry=registry).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def gauges() -> dict[str, tuple[str, float]]:
    office = current.office()
    backlog = office.work.backlog()
    return {
        "gru_log_position": ("Last position of the log.", float(office.log.head())),
        "gru_projection_lag_inline": (
            "Facts the agents' pages do not show yet.",
            float(office.projector.lag("inline")),
        ),
        "gru_projection_lag_later": ("Facts the reports do not count yet.", float(office.projector.lag("later"))),
        "gru_effects_pending": ("Things to be done: letters to send, reactions.", float(backlog.pending)),
        "gru_effects_failed": ("Things given up, waiting for the operator.", float(backlog.failed)),
        "gru_effects_oldest_seconds": ("Age of the oldest thing to be done.", _age(backlog.oldest)),
        "gru_messages_oldest_seconds": (
            "Age of the oldest message not taken in.",
            _age(office.archive.oldest_pending()),
        ),
        "gru_facts_parked": ("Facts a projection could not fold.", float(len(office.projector.parked()))),
    }


def _age(since: datetime | None) -> float:
    return max(0.0, (current.now() - since).total_seconds()) if since else 0.0


@pages.get("/administration/etat")
@owned("administer")
def show_state() -> ResponseReturnValue:
    figures = gauges()
    waiting = max(figures["gru_effects_oldest_seconds"][1], figures["gru_messages_oldest_seconds"][1])
    worries = figures["gru_effects_failed"][1] + figures["gru_facts_parked"][1]
    fine = waiting < LATE_SECONDS and not worries
    rows = tuple(
        Row(t(f"sante.{name.removeprefix('gru_')}"), _shown(name, value)) for name, (_, value) in figures.items()
    )
    page = HealthPage(t("sante.bien") if fine else t("sante.a_voir"), rows)
    return render_template("admin/health.html", page=page, shell=shell(space="health"))


def _shown(name: str, value: float) -> str:
    if not name.endswith("_seconds"):
        return number(int(value))
    return elapsed(value) if value else t("commun.aucun")
