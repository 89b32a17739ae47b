"""How are dates, hours and lengths of time said in a French letter?"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby

from babel.dates import format_date

from gru.domain.clocks import Amount, Calendar, Slot, Week, last_day

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_NUMBERS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze")
_UNITS = {
    "h": ("heure", "heures"),
    "jo": ("jour ouvré", "jours ouvrés"),
    "jc": ("jour", "jours"),
    "ouvrables": ("jour ouvrable", "jours ouvrables"),
    "francs": ("jour franc", "jours francs"),
    "month": ("mois", "mois"),
}
_KEPT = re.compile(r"P(\d+)([YM])")


def day_of(calendar: Calendar, instant: datetime) -> str:
    """« mercredi 23 décembre 2026 », « vendredi 1er janvier 2027 », in the town's civil time."""
    return _day(instant.astimezone(calendar.zone).date())


def last_day_of(calendar: Calendar, limit: datetime) -> str:
    """The day to print for a limit: one that ends at midnight ends with the day before."""
    return _day(last_day(calendar, limit))


@lru_cache(maxsize=1024)
def _day(day: date) -> str:
    return re.sub(r"\b1 (?=[a-zé-û]+ \d)", "1er ", format_date(day, "EEEE d MMMM y", locale="fr"))


def hour_of(calendar: Calendar, instant: datetime) -> str:
    """« 10 h 42 », « 9 h »."""
    local = instant.astimezone(calendar.zone)
    return _clock(local.hour * 60 + local.minute)


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{hour} h {minute:02d}" if minute else f"{hour} h"


def length_of(amount: Amount) -> str:
    """« deux mois », « dix jours ouvrés », « un mois »."""
    number = _NUMBERS[amount.value] if amount.value < len(_NUMBERS) else str(amount.value)
    if amount.unit == "h" and amount.value == 1:
        number = "une"
    return f"{number} {_UNITS[amount.unit][amount.value > 1]}"


def kept_for(retention: str) -> str:
    """« 2 ans », « 6 mois »."""
    found = _KEPT.fullmatch(retention)
    if found is None:
        raise ValueError(f"“{retention}” is no time to keep such as P2Y or P6M.")
    number = int(found[1])
    return f"{number} mois" if found[2] == "M" else f"{number} an{'s' if number > 1 else ''}"


def hours_of(week: Week) -> str:
    """« lundi au vendredi, 9 h - 12 h et 13 h 30 - 17 h ; samedi, 9 h - 12 h »."""
    said = []
    for slots, group in groupby(enumerate(week), key=lambda pair: pair[1]):
        days = [day for day, _ in group]
        if slots:
            name = _DAYS[days[0]] if len(days) == 1 else f"{_DAYS[days[0]]} au {_DAYS[days[-1]]}"
            said.append(f"{name}, {slots_of(slots)}")
    return " ; ".join(said)


def slots_of(slots: Iterable[Slot]) -> str:
    """« 9 h - 12 h et 13 h 30 - 17 h »."""
    return " et ".join(f"{_clock(start)} - {_clock(end)}" for start, end in slots)


def files_by_link(names: tuple[str, ...], link: str) -> str:
    """Said at the end of a mail whose files were too large to travel with it."""
    listed = "\n".join(f"- {name}" for name in names)
    if len(names) > 1:
        said = "Les pièces jointes de ce message sont trop volumineuses pour voyager par courriel. Vous les trouverez"
    else:
        said = "La pièce jointe de ce message est trop volumineuse pour voyager par courriel. Vous la trouverez"
    return f"{said} sur votre page de suivi :\n{link}\n\n{listed}"
