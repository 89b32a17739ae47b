"""What is one invented case about, before anybody has worked on it, and which words does it need?"""

import random
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import accumulate

from msgspec.structs import replace

from gru.demo import words
from gru.domain import difficulty
from gru.domain import events as e
from gru.domain.references import new_id
from gru.domain.town import RequestType, Town
from gru.storage.archive import NewText
from gru.storage.log import Fact

BY_HAND: frozenset[e.Channel] = frozenset({"counter", "phone", "post"})
USUAL = {"VOI-CHAUSSEE": 9, "PRO-DEPOT": 8, "REL-INFO": 14, "EC-ACTE": 8, "VOI-ECLAIR": 5, "EDU-CANT": 6}
SELDOM = {"URB-PC": 0.6, "ASS-SUBV": 0.7, "HYG-LOGEMENT": 0.6, "SOC-DOM": 0.7, "JUR-RGPD": 0.3}
"""How often a type is asked for, beside the others."""


class Chances:
    """What a town is asked for, and where: worked out once for all its cases."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._types = list(town.types.values())
        shares = (USUAL.get(kind.code) or SELDOM.get(kind.code) or 2.0 for kind in self._types)
        self._shares = list(accumulate(shares))
        self._sites = [site.code for site in town.sites.values() if site.code != town.virtual_site]
        self._visits = list(accumulate([4.0] + [1.0] * (len(self._sites) - 1)))

    def type(self, chance: random.Random) -> RequestType:
        return chance.choices(self._types, cum_weights=self._shares)[0]

    def site(self, chance: random.Random, channel: e.Channel) -> str:
        if channel not in BY_HAND:
            return self.town.virtual_site
        return chance.choices(self._sites, cum_weights=self._visits)[0]


class Draft:
    """What a case is about; `texts` may be needed, and are written to the archive when they are."""

    def __init__(
        self,
        chance: random.Random,
        chances: Chances,
        at: datetime,
        person: str,
        email: bool,
        street: str,
        district: str,
    ) -> None:
        self.received_at = at
        self.id = new_id(at, chance.randbytes(10))
        self.person = person
        self.email = email
        kind = chances.type(chance)
        self.type = kind.code
        channels, shares = _doors(email, kind.channels, kind.open311)
        self.channel = chance.choices(channels, cum_weights=shares)[0]
        self.site = chances.site(chance, self.channel)
        self.street = street if kind.location != "none" else ""
        self.district = district if self.street else ""
        self.seed = chance.getrandbits(64)
        self.hardship = chance.choice(difficulty.REASONS)
        self.texts = _texts(chance, kind, street, bool(self.street))
        self.texts["hard"] = chance.choice(words.HARD[self.hardship])
        self.texts["hard_answer"] = words.HARD_ANSWERS[self.hardship]

    @property
    def reply_channel(self) -> e.Channel:
        """By mail to whom has an address, else on the tracking page; as he came when he came himself."""
        if self.channel in ("email", "web"):
            return "email" if self.email else "tracking"
        return self.channel

    def promised_texts(self) -> dict[str, e.TextRef]:
        """Stand-ins by name, until `settled` knows which texts were needed at all."""
        return {name: e.TextRef(name, "") for name, text in self.texts.items() if text}


def _texts(chance: random.Random, kind: RequestType, street: str, placed: bool) -> dict[str, str]:
    title, text = words.ask(chance, kind.code, kind.label, street)
    said = words.talk(kind.code, placed)
    return {
        "title": title,
        "text": text,
        "place": f"{chance.randint(1, 98)} {street}" if placed else "",
        "receipt": f"Objet : Nous avons reçu votre message\n\nNous avons bien reçu votre message : {title}.",
        "acknowledgement": f"Objet : Votre demande est enregistrée\n\nLe service chargé de : {kind.label}.",
        "delay": chance.choice(said.progress),
        "answer": chance.choice(said.answers),
        "refusal": chance.choice(words.REFUSALS),
        "complement": chance.choice(said.complements),
        "more": chance.choice(said.replies),
        "note": chance.choice(said.notes),
        "again": chance.choice(said.again),
        "survey": words.SURVEYS,
        "opinion": chance.choice(words.OPINIONS),
    }


@cache
def _doors(email: bool, allowed: tuple[e.Channel, ...], published: bool) -> tuple[list[e.Channel], list[float]]:
    """By which channels such a request comes, and how often."""
    usual: dict[e.Channel, float] = {"web": 18, "counter": 20, "phone": 17, "facebook": 6, "post": 3}
    if email:
        usual["email"] = 36
    if published:
        usual["open311"] = 4
    found = {channel: share for channel, share in usual.items() if not allowed or channel in allowed}
    found = found or {"counter": 1.0}
    return list(found), list(accumulate(found.values()))


# --- the texts that are needed ---------------------------------------------------------------------------------------


def needed(draft: Draft, facts: list[Fact]) -> list[NewText]:
    """The texts these facts speak of, each once."""
    return [NewText(draft.texts[name], draft.person, draft.id, at=draft.received_at) for name in _names(facts)]


def settled(facts: list[Fact], written: Iterator[e.TextRef]) -> list[Fact]:
    """The facts with the references of the texts that `needed` named, in its order."""
    true = {name: next(written) for name in _names(facts)}
    return [_with_texts(fact, true) for fact in facts]


def _names(facts: list[Fact]) -> dict[str, None]:
    return {name: None for fact in facts for name in _stand_ins(fact.event).values()}


def _with_texts(fact: Fact, true: dict[str, e.TextRef]) -> Fact:
    found = _stand_ins(fact.event)
    if not found:
        return fact
    return replace(fact, event=replace(fact.event, **{field: true[name] for field, name in found.items()}))


def _stand_ins(event: e.Event) -> dict[str, str]:
    """Which fields of a fact hold which stand-ins."""
    found = {}
    for field in _text_fields(type(event)):
        value = getattr(event, field)
        if value is not None:
            found[field] = value.id
    return found


@cache
def _text_fields(kind: type[e.Event]) -> tuple[str, ...]:
    return tuple(field for field in ("title", "text", "place") if field in kind.__struct_fields__)
