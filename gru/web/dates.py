"""How is this instant, or this length of time, said in French, in the town's civil time?"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from gru.domain.clocks import Calendar, working_seconds
from gru.web.i18n import THIN, t

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_SHORT_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_SHORT_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
_HOUR = 3600
_WORKING_DAY = 7 * _HOUR
_MIDNIGHT = time(0)


def day_and_month(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]}"


def month(number: int) -> str:
    """« mars » of 3."""
    return _MONTHS[number - 1]


def short_date(day: date) -> str:
    """For axes: « 14 sept. »."""
    return f"{day.day} {_SHORT_MONTHS[day.month - 1]}"


def clock(hour: int, minute: int) -> str:
    return f"{hour}{THIN}h{THIN}{minute:02d}" if minute else f"{hour}{THIN}h"


@dataclass(frozen=True, slots=True)
class French:
    """Says instants as of `now` in the town's `zone`; one is made for each request."""

    now: datetime
    zone: ZoneInfo

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def iso(self, at: datetime) -> str:
        return self.local(at).isoformat(timespec="seconds")

    def hour(self, at: datetime) -> str:
        """« 10 h 42 »."""
        local = self.local(at)
        return clock(local.hour, local.minute)

    def long_day(self, at: datetime) -> str:
        """« jeudi 12 mars 2026 »."""
        return long_date(self.local(at).date())

    def prose(self, at: datetime) -> str:
        """« jeudi 12 mars 2026 à 10 h 42 »."""
        return t("date.jour_heure", jour=self.long_day(at), heure=self.hour(at))

    def spoken(self, at: datetime) -> str:
        """For residents: « aujourd’hui à 9 h 12 », « mardi 17 mars à 16 h 05 »."""
        local = self.local(at)
        return t("date.jour_heure", jour=self._near(local, WEEKDAYS), heure=clock(local.hour, local.minute))

    def listed(self, at: datetime) -> str:
        """For lists: « aujourd’hui, 10 h 31 », « hier, 16 h 05 », « jeu. 12 mars, 11 h 20 »."""
        local = self.local(at)
        return f"{self._near(local, _SHORT_DAYS)}, {clock(local.hour, local.minute)}"

    def short_day(self, at: datetime) -> str:
        """« 12 mars », with its year when it is another."""
        local = self.local(at)
        return self._with_year(day_and_month(local), local)

    def deadline(self, at: datetime) -> str:
        """« jeu. 26 mars, 17 h 30 »; a limit at midnight is shown as the day that ends then."""
        local = self.local(at)
        if local.time() == _MIDNIGHT:
            last = local - timedelta(days=1)
            return self._with_year(f"{_SHORT_DAYS[last.weekday()]} {day_and_month(last)}", last)
        day = self._with_year(f"{_SHORT_DAYS[local.weekday()]} {day_and_month(local)}", local)
        return f"{day}, {clock(local.hour, local.minute)}"

    def last_day(self, at: datetime) -> str:
        """The day a promise names: « jeudi 26 mars 2026 »."""
        return long_date(self.local(at - timedelta(microseconds=1)).date())

    def is_today(self, at: datetime) -> bool:
        return self.local(at - timedelta(microseconds=1)).date() == self.local(self.now).date()

    def _near(self, local: datetime, names: tuple[str, ...]) -> str:
        ago = (self.local(self.now).date() - local.date()).days
        if ago == 0:
            return t("date.aujourdhui")
        if ago == 1:
            return t("date.hier")
        return self._with_year(f"{names[local.weekday()]} {day_and_month(local)}", local)

    def _with_year(self, said: str, local: datetime) -> str:
        return said if local.year == self.local(self.now).year else f"{said} {local.year}"


def long_date(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day_and_month(day)} {day.year}"


def elapsed(seconds: float) -> str:
    """Time as it went by, whatever the hours: « 1 min », « 2 h 09 », « 3 j »."""
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"{minutes}{THIN}min"
    if minutes < 24 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours}{THIN}h{THIN}{rest:02d}" if rest else f"{hours}{THIN}h"
    return f"{minutes // (24 * 60)}{THIN}j"


def working(cal: Calendar, start: datetime, end: datetime) -> str:
    """Working time between two instants: « 2 j » in days the service is open, « 6 h » under one of them."""
    seconds = working_seconds(cal, start, end)
    if seconds >= _WORKING_DAY:
        days = working_days(cal, start, end)
        if days:
            return f"{days}{THIN}j"
    if seconds >= _HOUR:
        return f"{seconds // _HOUR}{THIN}h"
    return f"{max(1, seconds // 60)}{THIN}min"


def working_days(cal: Calendar, start: datetime, end: datetime) -> int:
    """Days with opening hours after the local day of `start`, up to that of `end`."""
    zone = cal.zone
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    opened = _open_days(cal, first.year, last.year)
    return bisect_right(opened, last.toordinal()) - bisect_right(opened, first.toordinal())


@lru_cache(maxsize=256)
def _open_days(cal: Calendar, first_year: int, last_year: int) -> tuple[int, ...]:
    closed = frozenset(cal.closed)
    special = {one.day: bool(one.slots) for one in cal.exceptions}
    first, last = date(first_year, 1, 1).toordinal(), date(last_year, 12, 31).toordinal()
    days = (date.fromordinal(ordinal) for ordinal in range(first, last + 1))
    opens = (d for d in days if special.get(d, bool(cal.week[d.weekday()]) and d not in closed))
    return tuple(d.toordinal() for d in opens)
