"""What is somebody called who writes to the town's page in private? Asked once, when he is met, and kept with him.

His name lies in the archive under his own key and goes when he is forgotten. Meta tells it only of who wrote, and not
always: nobody waits for it, and a message without a name is as good as another.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from gru.channels.base import ChannelError, Incoming
from gru.channels.facebook.graph import Graph, Page
from gru.storage.archive import Archive

LONGEST = 100


class Profiles:
    def __init__(self, archive: Archive, graph: Graph, pages: Mapping[str, Page]) -> None:
        self._archive = archive
        self._graph = graph
        self._pages = pages

    def named(self, incoming: Incoming) -> Incoming:
        """With his name, when he is new and Meta tells it."""
        kind, _, rest = incoming.handle.partition(":")
        page, _, person = rest.partition(":")
        if kind != "messenger" or incoming.name or page not in self._pages or not person.isdecimal():
            return incoming
        if self._archive.find_person(messenger=incoming.handle):
            return incoming
        try:
            said = self._graph.get(self._pages[page], person, fields="name,first_name,last_name")
        except ChannelError:
            return incoming
        return replace(incoming, name=_name(said))


def _name(said: Mapping[str, object]) -> str:
    """Whole, or put together; on one line."""
    whole, first, last = (said.get(key) for key in ("name", "first_name", "last_name"))
    words = whole if isinstance(whole, str) else " ".join(part for part in (first, last) if isinstance(part, str))
    return " ".join(word for word in words.split() if word.isprintable())[:LONGEST]
