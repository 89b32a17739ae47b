"""How much time is promised or allowed, and in which unit?"""

import re
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

Unit = Literal["h", "jo", "jc", "ouvrables", "francs", "month"]

_ISO_MONTHS = re.compile(r"P(\d+)M")
_SPOKEN = re.compile(r"(\d+) (\w+)")


class Amount(msgspec.Struct, frozen=True):
    """A length of time as a rule states it, not yet laid on a calendar.

    h: opening hours of the service. jo: jours ouvrés. jc: jours calendaires. ouvrables: Monday to Saturday.
    francs: whole days, neither the first nor the last one counted. month: date to date.
    """

    value: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.value < (0 if self.unit == "h" else 1):
            raise ValueError(f"A time limit of {self.value} {self.unit} ends before it begins.")


def parse_amount(written: str | Mapping[str, object]) -> Amount:
    """Read « P2M », « 5 jc » or a catalogue entry with `value` and `unit`; its other keys are not read."""
    if not isinstance(written, str):
        return msgspec.convert({"value": written.get("value"), "unit": written.get("unit")}, Amount)
    if months := _ISO_MONTHS.fullmatch(written):
        return Amount(int(months[1]), "month")
    spoken = _SPOKEN.fullmatch(written)
    if spoken is None or spoken[2] not in get_args(Unit):
        raise ValueError(f"“{written}” is not a time limit such as “P2M” or “5 jc”.")
    return msgspec.convert({"value": int(spoken[1]), "unit": spoken[2]}, Amount)
