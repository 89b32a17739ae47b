"""How is a type, a channel, a site of reception or a district called, and which filter of the queue asks for it?"""

from gru.domain.town import Town
from gru.web import labels
from gru.web.agents.filters import CHANNELS
from gru.web.i18n import t
from projections.durations import Part

FILTERS: dict[Part, str] = {"type": "type", "district": "secteur", "channel": "canal", "site": "site"}
_SLUGS: dict[str, str] = {code: slug for slug, code in CHANNELS.items()}
_NONE: dict[Part, str] = {"type": "pilotage.sans_type", "district": "pilotage.equite_sans"}


def name_of(town: Town, part: Part, value: str) -> str:
    if not value:
        return t(_NONE.get(part, "pilotage.equite_sans"))
    if part == "channel":
        return labels.channel(CHANNELS[_SLUGS[value]]).text if value in _SLUGS else value
    if part == "type":
        kind = town.types.get(value)
        return kind.label if kind else value
    known = (town.districts if part == "district" else town.sites).get(value)
    return known.name if known else value


def filter_of(part: Part, value: str) -> dict[str, str]:
    return {FILTERS[part]: _SLUGS.get(value, value) if part == "channel" else value}
