"""How does the deadline of a case look: late, soon, in good time, stopped, or none?"""

from dataclasses import dataclass
from datetime import datetime

from gru.domain.clocks import Calendar
from gru.web.dates import French, working
from gru.web.i18n import t


@dataclass(frozen=True, slots=True)
class Badge:
    """`state` is the class of the stylesheet, `icon` the name of a symbol; `detail` the exact date beside it."""

    state: str
    icon: str
    text: str
    detail: str = ""


NONE = ("none", "dots")


def deadline_badge(
    french: French, cal: Calendar, due: datetime | None, warn_at: datetime | None, paused: datetime | None
) -> Badge:
    """Late when past; soon when it is today or 80 % of the time is used; else in good time."""
    now = french.now
    if paused is not None:
        text = t("echeance.pause", duree=working(cal, paused, now))
        return Badge("pause", "pause", text, t("echeance.pause_detail"))
    if due is None:
        return Badge(*NONE, t("echeance.sans"))
    detail = french.deadline(due)
    if due <= now:
        return Badge("late", "alert", t("echeance.retard", duree=working(cal, due, now)), detail)
    if french.is_today(due):
        return Badge("soon", "clock", _today(french, due), detail)
    text = t("echeance.dans", duree=working(cal, now, due))
    if warn_at is not None and warn_at <= now:
        return Badge("soon", "clock", text, detail)
    return Badge("ok", "check", text, detail)


def _today(french: French, due: datetime) -> str:
    at = french.local(due)
    if at.hour == at.minute == 0:
        return t("file.aujourdhui")
    return t("echeance.aujourdhui", heure=french.hour(due))
