"""Is everything running? For the machine that watches, for the collector of figures, and for the operator."""

from collections.abc import Iterator

import structlog
from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import text

from gru.office.vitals import MAILBOX, OUTGOING, PARTS, Reading
from gru.storage.databases import reading
from gru.storage.work import Sign
from gru.web import current, labels
from gru.web.admin.health_page import HealthPage, ParkedRow
from gru.web.admin.mail import nav
from gru.web.agents.shell import shell
from gru.web.dates import elapsed
from gru.web.i18n import number, t
from gru.web.owners import owned, public
from gru.web.pages import Row

pages = Blueprint("health", __name__)
logger = structlog.get_logger(__name__)

LATE_SECONDS = 300
SILENT_SECONDS = 300
"""A part that has not been heard of for so long does not run; mailboxes may be asked more seldom."""

MAILBOX_SILENT_SECONDS = 900
PARKED_SHOWN = 50


@pages.get("/sante")
@public("whether the service answers, for the machine that watches it; says nothing else")
def health() -> ResponseReturnValue:
    """200 when every database answers, else 503; which one does not stands in the operator's log only."""
    office = current.office()
    try:
        office.vitals.read()
        with reading(office.databases.keys) as connection:
            connection.execute(text("SELECT 1"))
    except Exception:
        logger.exception("a database does not answer")
        return Response("ko\n", status=503, content_type="text/plain; charset=utf-8")
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@pages.get("/metrics")
@public("figures of the machinery without names or contents; to be closed to the outside by the reverse proxy")
def metrics() -> ResponseReturnValue:
    return Response(current.office().vitals.metrics(), content_type=CONTENT_TYPE_LATEST)


@pages.get("/administration/etat")
@owned("administer")
def show_state() -> ResponseReturnValue:
    seen = current.office().vitals.read()
    parts = tuple(_parts(seen))
    waiting = max(seen.age(seen.oldest_effect), seen.age(seen.oldest_message), seen.age(seen.oldest_timer))
    worries = seen.failed_effects + seen.parked + sum(not well for _, well in parts) + (seen.reactions is None)
    fine = waiting < LATE_SECONDS and not worries
    scanner = current.office().files.scanner.state()
    rows = (*_figures(seen), *(row for row, _ in parts), Row(t("sante.scanner"), t(f"sante.scanner_{scanner}")))
    warning = "" if scanner == "answers" else t(f"sante.scanner_{scanner}_texte")
    finding = t("sante.bien") if fine else t("sante.a_voir")
    page = HealthPage(finding, rows, warning, tuple(_parked()), nav("/administration/etat"))
    return render_template("admin/health.html", page=page, shell=shell(space="health"))


def _figures(seen: Reading) -> Iterator[Row]:
    yield Row(t("sante.log_position"), number(seen.position))
    yield Row(t("sante.sealed_position"), number(seen.sealed))
    yield Row(t("sante.projection_lag_inline"), number(seen.lag["inline"]))
    yield Row(t("sante.projection_lag_later"), number(seen.lag["later"]))
    yield Row(t("sante.facts_parked"), number(seen.parked))
    yield Row(t("sante.effects_pending"), number(seen.effects))
    yield Row(t("sante.effects_failed"), number(seen.failed_effects))
    yield Row(t("sante.effects_oldest_seconds"), _length(seen.age(seen.oldest_effect)))
    yield Row(t("sante.messages_oldest_seconds"), _length(seen.age(seen.oldest_message)))
    yield Row(t("sante.timers_late"), number(seen.timers))


def _parked() -> Iterator[ParkedRow]:
    """The newest; how many there are stands among the figures."""
    french = current.french()
    for one in current.office().projector.parked(PARKED_SHOWN):
        yield ParkedRow(one.projection, number(one.position), one.name, french.listed(one.at), one.error)


def _parts(seen: Reading) -> Iterator[tuple[Row, bool]]:
    """Every process and mailbox with what was last heard of it, and whether that is well."""
    signs = {sign.name: sign for sign in seen.signs}
    for name, key in PARTS.items():
        yield _part(seen, t(f"sante.{key}"), signs.get(name), SILENT_SECONDS)
    for name, sign in signs.items():
        if name.startswith(MAILBOX):
            label = t("sante.boite", nom=name.removeprefix(MAILBOX))
            yield _part(seen, label, sign, MAILBOX_SILENT_SECONDS)
        elif name.startswith(OUTGOING):
            yield _part(seen, t(f"sante.sortie_{name.removeprefix(OUTGOING)}"), sign, None)


def _part(seen: Reading, label: str, sign: Sign | None, silent: int | None) -> tuple[Row, bool]:
    if sign is None:
        return Row(label, t("sante.jamais_vu")), False
    if sign.is_failing:
        since = t("sante.en_echec", duree=elapsed(seen.age(sign.failed_at)))
        return Row(label, f"{since}. {labels.trouble(sign.failure)}"), False
    age = seen.age(sign.worked_at)
    return Row(label, t("sante.a_travaille", duree=elapsed(age))), silent is None or age < silent


def _length(seconds: float) -> str:
    return elapsed(seconds) if seconds else t("commun.aucun")
