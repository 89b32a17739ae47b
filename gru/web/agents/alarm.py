"""Does mail no longer come in, or go out? What an agent who may mend it is told above every page.

All agents of a process ask together, twice a minute: one statement, and none for those who may not administer.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app

from gru.domain.rights import Agent, may
from gru.office.vitals import FULL, MAILBOX, OUTGOING, in_trouble
from gru.storage.work import Sign
from gru.web import current
from gru.web.dates import elapsed
from gru.web.i18n import t
from gru.web.pages import Alarm

SECONDS = 30.0
PLACE = "/administration/etat"
_KEPT = "gru_mail_alarm"


@dataclass(frozen=True, slots=True)
class _Kept:
    asked_at: float
    signs: tuple[Sign, ...]


def alarm_for(agent: Agent) -> Alarm | None:
    if not may(agent, "administer"):
        return None
    sentences = tuple(_sentence(sign) for sign in _signs() if in_trouble(sign, current.now()))
    return Alarm(sentences, PLACE) if sentences else None


def _signs() -> tuple[Sign, ...]:
    """Of the mailboxes that are set now, and of the ways out."""
    kept: _Kept | None = current_app.extensions.get(_KEPT)
    if kept is None or time.monotonic() - kept.asked_at > SECONDS:
        kept = current_app.extensions[_KEPT] = _Kept(time.monotonic(), tuple(_asked()))
    return kept.signs


def _asked() -> Iterator[Sign]:
    office = current.office()
    mailboxes = {MAILBOX + name for name in office.source_names()}
    for sign in office.work.signs():
        if sign.name in mailboxes or sign.name.startswith(OUTGOING):
            yield sign


def _sentence(sign: Sign) -> str:
    since = elapsed((current.now() - sign.worked_at).total_seconds()) if sign.worked_at else ""
    kind = "muette" if sign.name.startswith(MAILBOX) and not sign.is_failing else "refus"
    if sign.name.startswith(OUTGOING):
        return t(f"alarme.{sign.name.removeprefix(OUTGOING)}")
    name = sign.name.removeprefix(MAILBOX)
    if sign.is_failing and FULL in sign.failure:
        return t("alarme.pleine", nom=name)
    return t(f"alarme.{kind}", nom=name, duree=since) if since else t("alarme.jamais", nom=name)
