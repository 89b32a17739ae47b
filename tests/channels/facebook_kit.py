"""How do the tests of the Facebook channel build one?"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from gru.channels.base import Heard, Outgoing
from gru.channels.facebook.channel import FacebookChannel
from gru.channels.facebook.graph import Graph, Hold, Page
from gru.demo.graph import APP, PAGE, TOKEN
from tests.channels.contract import MOMENT
from tests.channels.letters import LONG_ID, TAG

HEARD_AT = MOMENT - timedelta(hours=1)


class Standing:
    """Remembers in memory what all processes share in a town."""

    def __init__(self) -> None:
        self.holds: dict[str, Hold] = {}
        self.pauses: list[float] = []
        self.alarms: list[str] = []
        self.worked = 0

    def held(self, page: str) -> Hold | None:
        return self.holds.get(page)

    def limited(self, page: str, seconds: float) -> datetime:
        self.pauses.append(seconds)
        return MOMENT + timedelta(seconds=max(60.0, seconds))

    def stop(self, page: str, reason: str, seconds: float) -> datetime:
        self.holds[page] = Hold(MOMENT + timedelta(seconds=seconds), reason)
        return self.holds[page].until

    def works(self, page: str) -> None:
        self.worked += 1

    def alarm(self, page: str, sentence: str) -> None:
        self.alarms.append(sentence)


class Memory:
    def __init__(self) -> None:
        self.answered: dict[str, str] = {}
        self.known: dict[str, str] = {}
        self.people: dict[str, tuple[str, str]] = {}

    def sent(self, sent_id: str, target: str, return_tag: str) -> None:
        self.known[sent_id] = return_tag
        if target:
            self.answered[target] = return_tag

    def met(self, target: str, handles: Collection[str], page: str, person: str) -> None:
        self.people[target] = (page, person)

    def used(self, targets: Collection[str]) -> dict[str, str]:
        return {target: self.answered[target] for target in targets if target in self.answered}


def channel(
    url: str = "http://127.0.0.1:9",
    standing: Standing | None = None,
    memory: Memory | None = None,
    now: Callable[[], datetime] = lambda: MOMENT,
    token: str = TOKEN,
) -> FacebookChannel:
    graph = Graph(address=url, version="v26.0", standing=standing or Standing(), now=now)
    return FacebookChannel(pages=[Page(PAGE, token)], app=APP, graph=graph, remembered=memory or Memory(), now=now)


def spoken(person: str, at: datetime = HEARD_AT) -> Heard:
    return Heard("m_1", f"messenger:{PAGE}:{person}", PAGE, at, False)


def commented(id: str, person: str, at: datetime = HEARD_AT, *, post: bool = False) -> Heard:
    return Heard(id, f"comment:{PAGE}:{person}", PAGE, at, True, post)


def outgoing(*heard: Heard, **changes: Any) -> Outgoing:
    words: dict[str, Any] = {
        "external_id": LONG_ID,
        "return_tag": TAG,
        "address": "",
        "name": "Nadia Fictive",
        "sender": "Ville de Beaumarais",
        "reply_to": "",
        "subject": "",
        "text": "Bonjour, votre facture est corrigée.",
        "automatic": False,
        "number": "2026-000123",
        "handles": tuple(dict.fromkeys(one.handle for one in heard)),
        "heard": heard,
    }
    return Outgoing(**{**words, **changes})
