"""Which address of the queue lists the cases behind a figure, and how is a figure of few cases shown?"""

from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from gru.office.figures.asked import TENTHS
from gru.office.figures.stages import FEW
from gru.web.agents.shell import BASE
from gru.web.i18n import THIN, decimal, t
from gru.web.pages import Link

TOO_FEW = 5
"""A group of fewer cases is not shown: it would speak of persons."""
NONE = "—"


def days_between(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last local day of a period whose end is not part of it."""
    return start.astimezone(zone).date(), (end - timedelta(microseconds=1)).astimezone(zone).date()


def behind(counted: str, days: tuple[date, date], **more: str) -> str:
    """The queue's address for a figure (gru/web/agents/behind.py); filters that say nothing are left out."""
    asked = {"compte": counted, "du": days[0].isoformat(), "au": days[1].isoformat()}
    asked |= {name.replace("_", "-"): value for name, value in more.items() if value}
    return f"{BASE}?{urlencode(asked)}"


def all_behind(number: int, counted: str, days: tuple[date, date], **more: str) -> Link | None:
    return Link(behind(counted, days, **more), t("pilotage.cas", n=number)) if number else None


def tenths(value: int | None) -> str:
    """« 6,2 j »."""
    return NONE if value is None else t("pilotage.jours", n=decimal(value / TENTHS))


def whole_days(value: float | None) -> str:
    """« 6 j »."""
    return NONE if value is None else t("pilotage.jours", n=decimal(value, 0))


def percent(share: float | None) -> str:
    return NONE if share is None else f"{decimal(100 * share, 0)}{THIN}%"


def flagged(said: str, number: int) -> str:
    """A sentence about few cases says how few."""
    return f"{said} {t('pilotage.petit_nombre', n=number)}" if number < FEW else said
